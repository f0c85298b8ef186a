/* proto.h: the session protocol's messages: a head, one line of words, and the bytes it counts. */
#ifndef WIRE_H
#define WIRE_H
#include "dualpipe.h"
#include <stdbool.h>

#define WIRE_GREETING "DUALPIPE/1\n"
enum { WIRE_HEAD = 1024, WIRE_PIECE = 65536 };

/* A message as it lies in some bytes: valid as long as they. */
struct wire {
    const char *head; /* without its line end */
    size_t nhead;
    const char *data;
    size_t size;      /* of data */
    size_t whole;     /* of all of it; of its head, as long as data isn't all there */
};

/* The first message of the n bytes at p: 1; 0: it is not all there, and m->size is not 0 if its
 * head is; -EBADMSG: it can't be one. */
int wire_take(const char *p, size_t n, struct wire *m);
/* Whether its first word is this. */
bool wire_is(const struct wire *m, const char *verb);
/* What stands behind KEY=; missing: or what is no number: otherwise. */
int64_t wire_number(const struct wire *m, const char *key, int64_t otherwise);
/* The word itself, in out; "" if there is none. */
const char *wire_word(const struct wire *m, const char *key, char *out, size_t size);

/* Outcomes by their words. */
const char *wire_outcome(enum dualpipe_outcome o);
enum dualpipe_outcome wire_outcome_of(const char *word);
/* ` code=3` and so on: how a child ended; empty if that isn't known. */
void wire_put_status(char *out, size_t size, const struct dualpipe_status *s);
struct dualpipe_status wire_status(const struct wire *m);
#endif
