/* worker_recv.h: the read side of a worker: the child's output is held against the rule of the
 * oldest request, and each reply is paired with its request.
 *
 * A reply lies in place in the child's output buffer if it can; it is lent to the host until
 * worker_recv_release(), so that most replies are never copied.
 *
 * Typical use, by worker_step(): worker_recv() for the oldest request while it says that there is
 * more; worker_recv_complete() for a request whose reply was there before it was all sent;
 * worker_recv_keep_partial() and worker_recv_discard() when it fails. */
#ifndef POOL_WORKER_RECV_H
#define POOL_WORKER_RECV_H
#include "pool/worker_state.h"

/* Reads once from the child's stdout, without waiting: as handle_recv(). */
ssize_t worker_recv_read(struct worker *w);
/* Scans the output for the reply to r, the oldest request. Returns a request with something to
 * give: a piece of its reply (STREAM_REPLIES), the answered part of a batch, or all (is_done).
 * NULL: nothing yet. *more is set if another call may find something without new output. */
struct request *worker_recv(struct worker *w, struct request *r, bool *more);
/* The reply to r is complete, or r expects none. Returns r, done; or NULL if r must wait until it
 * is all sent or, with ONE_SHOT, until the child has exited. */
struct request *worker_recv_complete(struct worker *w, struct request *r);
/* Copies the part of the reply to r that has come, if r is the oldest request, before r fails.
 * rest_follows: a placeholder will look for the rest, so only what its scan has passed is taken. */
void worker_recv_keep_partial(struct worker *w, struct request *r, bool rest_follows);
/* Puts a placeholder first in the queue that discards the fence token of r, still to come. */
void worker_recv_expect_fence(struct worker *w, const struct request *r);

/* Ends the loan of the bytes that were given to the host. */
void worker_recv_release(struct worker *w);
/* Discards all output that has been read; returns how many bytes. */
size_t worker_recv_discard(struct worker *w);

/* Hands on the stderr output that has been read: to the oldest request (KEEP_STDERR) or as an
 * event. */
void worker_recv_pass_stderr(struct worker *w);
/* Reads and hands on waiting stderr output, so that it goes with the request it belongs to. */
void worker_recv_drain_stderr(struct worker *w);
#endif
