/* proto.h: the messages that a session server and its clients exchange on the socket.
 *
 * A client that speaks the protocol sends PROTO_GREETING first. Each message after that, in both
 * directions, is one head line of words, then `size=` bytes of data if the head has that word:
 *
 *     VERB KEY=VALUE KEY=VALUE... size=N\n
 *     N bytes
 *
 *     client -> server                        server -> client
 *     ask n limit quiet usage (data: request) hello ... (data: description, last output, reason)
 *     signal number                           piece n (data: a part of the reply)
 *     cancel n|running                        reply n outcome ... (data: rest of the reply, reason)
 *     look     send the child's state         cancelling count (the answer to cancel running=1)
 *     follow   subscribe to notifications     stderr, stray n, async (data: the bytes)
 *     collect  the child's exit is known      dropped n (a late reply was discarded)
 *     leave    no more requests follow        state pid state unread held received
 *     stop     end the session                died code|signal ... (data: reason)
 *                                             wrong (data: why), before the server hangs up
 *
 * To read: call proto_parse() on the bytes so far, compare the verb with proto_is(), take the
 * values with proto_number() and proto_word(), then consume total_size bytes. Unknown keys are
 * ignored, so that a newer peer may send more of them. Heads are written with snprintf() where
 * they are sent; only a child's status has a common encoder, proto_format_status(). */
#ifndef PROTO_H
#define PROTO_H
#include "dualpipe.h"
#include <stdbool.h>

#define PROTO_GREETING "DUALPIPE/1\n"
enum {
    PROTO_HEAD_MAX = 1024,   /* longest head in bytes, with its newline */
    PROTO_PIECE_MAX = 65536, /* most bytes of a reply that the server puts into one message */
};

/* A parsed message. The pointers lead into the bytes that were parsed and live as long as they. */
struct proto_msg {
    const char *head; /* without its newline */
    size_t head_size;
    const char *data;
    size_t size;       /* of data, in bytes */
    size_t total_size; /* of head, newline and data; without the data while that is incomplete */
};

/* Parses the first message of the n bytes at p. Returns 1; 0 if it is not complete yet (msg->size
 * is already set if the head is there); -EBADMSG if no message can begin like this. */
int proto_parse(const char *p, size_t n, struct proto_msg *msg);
/* Whether the first word of the head is verb. */
bool proto_is(const struct proto_msg *msg, const char *verb);
/* The decimal number after KEY=; fallback if the key is missing, -1 if its value is no number. */
int64_t proto_number(const struct proto_msg *msg, const char *key, int64_t fallback);
/* Copies the word after KEY= to out, cut to fit; "" if the key is missing. Returns out. */
const char *proto_word(const struct proto_msg *msg, const char *key, char *out, size_t size);

/* The word of an outcome in `reply outcome=`, and the outcome of a word. An unknown word, of a
 * newer server, counts as DUALPIPE_OUTCOME_CHILD_ENDED. */
const char *proto_outcome_word(enum dualpipe_outcome o);
enum dualpipe_outcome proto_outcome(const char *word);
/* Writes how a child ended as words with a blank before each, such as " code=3 stopped=0"; an
 * empty string if that is not known. */
void proto_format_status(char *out, size_t size, const struct dualpipe_status *s);
/* The status that such words in a head stand for; code and signal are -1 where it has none. */
struct dualpipe_status proto_status(const struct proto_msg *msg);
#endif
