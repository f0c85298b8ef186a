/* pool_backend.h: a session server as the backend of a pool, in place of workers.
 *
 * A pool that is opened with options.session owns one struct session_backend, and passes its public
 * calls on to the functions here that have the same names (dualpipe_pool_pollitems() to
 * pool_backend_events()); what only concerns workers does nothing. Requests become `ask` messages
 * on the connection, replies and events are read from it. */
#ifndef POOL_BACKEND_H
#define POOL_BACKEND_H
#include "dualpipe.h"

struct session_backend;

/* Greets the session unless that was done, and tells o->callback that its child runs. The handle
 * o->session stays the caller's. */
int pool_backend_open(struct session_backend **backend, const struct dualpipe_pool_options *o,
                      struct dualpipe_error *why);
/* Sends a request; its bytes are copied. -EAGAIN: no room; -EPIPE: no more are taken; -ENOMEM. */
int pool_backend_put(struct session_backend *b, const struct dualpipe_request *q);
/* How many requests may be put now; -EPIPE: none ever again. */
int pool_backend_room(const struct session_backend *b);
/* Waits for the next reply, or part of one, up to timeout ms. 1; 0: none will come, or none is
 * pending; -ETIMEDOUT; or an errno of dualpipe_poll(). The reply's bytes are valid until the next
 * put or get. */
int pool_backend_get(struct session_backend *b, struct dualpipe_reply *r, int timeout);
/* Fills in the one item to poll for, if n > 0. Lowers *timeout (ms; -1: forever). Returns 1. */
int pool_backend_events(struct session_backend *b, struct dualpipe_pollitem *items, int n,
                        int *timeout);
/* The oldest pending request as a reply without data; its child can be diagnosed, since this asks
 * the server for the child's state and waits for it, 500 ms at most. 0: none is pending. */
int pool_backend_oldest(struct session_backend *b, struct dualpipe_reply *r);
/* Has the server send the signal to its child. */
void pool_backend_signal(struct session_backend *b, int signo);
/* Cancels a request, or all if number is 0. Returns how many of these await replies. */
int pool_backend_interrupt(struct session_backend *b, int64_t number);
/* No more requests are put: once all replies are there, the server is told that we leave. */
void pool_backend_end(struct session_backend *b);
/* The same at once: requests that are pending fail. SIGKILL: without a word to the server. */
void pool_backend_stop(struct session_backend *b, int signo);
void pool_backend_stats(const struct session_backend *b, struct dualpipe_stats *stats);
/* Frees it. NULL does nothing. */
void pool_backend_close(struct session_backend *b);
#endif
