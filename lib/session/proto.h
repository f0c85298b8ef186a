/* proto.h: the session protocol's messages: a head, one line of words, and the bytes it counts. */
#ifndef PROTO_H
#define PROTO_H
#include "dualpipe.h"
#include <stdbool.h>

#define PROTO_GREETING "DUALPIPE/1\n"
enum { PROTO_HEAD_MAX = 1024, PROTO_PIECE_MAX = 65536 };

/* A message as it lies in some bytes: valid as long as they. */
struct proto_msg {
    const char *head; /* without its line end */
    size_t head_size;
    const char *data;
    size_t size;       /* of data */
    size_t total_size; /* of all of it; of its head, as long as data isn't all there */
};

/* The first message of the n bytes at p: 1; 0: it is not all there, and m->size is not 0 if its
 * head is; -EBADMSG: it can't be one. */
int proto_parse(const char *p, size_t n, struct proto_msg *msg);
/* Whether its first word is this. */
bool proto_is(const struct proto_msg *msg, const char *verb);
/* What stands behind KEY=; missing: or what is no number: otherwise. */
int64_t proto_number(const struct proto_msg *msg, const char *key, int64_t fallback);
/* The word itself, in out; "" if there is none. */
const char *proto_word(const struct proto_msg *msg, const char *key, char *out, size_t size);

/* Outcomes by their words. */
const char *proto_outcome_word(enum dualpipe_outcome o);
enum dualpipe_outcome proto_outcome(const char *word);
/* ` code=3` and so on: how a child ended; empty if that isn't known. */
void proto_format_status(char *out, size_t size, const struct dualpipe_status *s);
struct dualpipe_status proto_status(const struct proto_msg *msg);
#endif
