/* worker_send.h: the write side of a worker: a request gets its fence token and ID, enters the
 * queue, and is written as far as the child's stdin takes it without waiting.
 *
 * Typical use: worker_send() for each request, then worker_send_more() whenever the pipe may have
 * room, until w->sending is NULL. */
#ifndef POOL_WORKER_SEND_H
#define POOL_WORKER_SEND_H
#include "pool/worker_state.h"

/* Appends r to the queue and writes what can be written now. Its text lies at p, or, if p is NULL,
 * in r->copy. -ENOMEM: nothing has been sent, r is not in the queue. */
int worker_send(struct worker *w, struct request *r, const void *p);
/* Writes as much of r as possible, and copies or borrows the rest. from: where the bytes to write
 * lie: the copy, with its fence, if there is one, else p, the host's bytes. */
void worker_send_or_copy(struct worker *w, struct request *r, const char *from, const char *p);
/* Writes on, request after request, until the pipe is full. */
void worker_send_more(struct worker *w);
/* The child has closed its stdin: nothing more is sent, and what it has not read is unread. */
void worker_send_hung_up(struct worker *w);
/* Sends the fence alone after an interrupt, for the first or the second time. Without memory the
 * child is out of step. */
void worker_send_probe(struct worker *w, const dualpipe_rule *rule, int attempt);
#endif
