/* worker.h: the life of a worker: start and set-up, requests in, replies out, timeouts, shutdown.
 * The pool and its scheduler use this header; the states are drawn in worker_state.h.
 *
 * Typical use: worker_start(); worker_can_take() and worker_submit() for each request;
 * worker_pollitem() and worker_next_deadline() to wait; worker_step() until it returns NULL;
 * worker_expire() when a deadline has passed; worker_shutdown() or worker_stop() in the end. A
 * child that has ended is reaped inside of worker_step() or worker_expire(). */
#ifndef POOL_WORKER_H
#define POOL_WORKER_H
#include "pool/worker_state.h"

/* Starts a child and its set-up. An error is returned and reported as an event. It is kept in
 * w->error, but where the pool has other children (has_others) a lack of descriptors, processes or
 * memory only disables this worker. why may be NULL. */
int worker_start(struct worker *w, bool has_others, struct dualpipe_error *why);
/* The set-up has failed, if it is under way: reports it, once. The caller stops the child. */
void worker_setup_failed(struct worker *w, enum dualpipe_outcome outcome);

/* Looks no longer whether the child waits for input: the first request sends it nothing. */
void worker_end_looks(struct worker *w);
/* How many more requests it takes now. */
int worker_room(struct worker *w);
/* Whether r can be sent to it now. */
bool worker_can_take(struct worker *w, const struct request *r);
/* Sends r, after reporting output that no request asked for. Its text lies at p, or, if p is NULL,
 * in r->copy. -ENOMEM: nothing has been sent. */
int worker_submit(struct worker *w, struct request *r, const void *p);
/* Adds the requests of q to the batch that was sent last; false: they don't continue it. */
bool worker_extend_batch(struct worker *w, const dualpipe_rule *rule,
                         const struct dualpipe_request *q);

/* Goes on without waiting. Returns the next request with something for the pool: a piece, the
 * answered part of a batch, one that is done (is_done) or is to be sent elsewhere (must_requeue).
 * NULL: nothing now. */
struct request *worker_step(struct worker *w);
/* Whether worker_step() may find something without new output. */
bool worker_has_more(const struct worker *w);
/* What to poll. reads: output is wanted. */
struct dualpipe_pollitem worker_pollitem(const struct worker *w, bool reads);

/* The next point in time at which worker_expire() has something to do. Starts the timer of the
 * oldest request. reads: its output is being read; else that timer is reset, to start anew. */
int64_t worker_next_deadline(struct worker *w, bool reads);
void worker_expire(struct worker *w, int64_t now);
/* Times out the oldest request that the host waits for; false: there is none. */
bool worker_time_out_oldest(struct worker *w);
/* Limits the wait for replies that no client wants any more (late, or orphaned) if a later request
 * waits for them, on this worker or elsewhere (others): they get max(their timeout, least)
 * milliseconds from now on, unless their timer runs already. */
void worker_limit_abandoned(struct worker *w, bool others, int least);

/* Stops the child because it is out of step or has closed its output; reports the reason. */
void worker_replace(struct worker *w);
/* Begins or goes on to shut it down: shutdown texts, end of file, then waiting for its exit. */
void worker_shutdown(struct worker *w);
/* Stops the child by signals, first signo (0: SIGTERM); all requests in flight fail. */
void worker_stop(struct worker *w, int signo);

/* Reports an event to the host, with this worker's index and child filled in. */
void worker_notify(struct worker *w, enum dualpipe_pool_event_type type,
                   struct dualpipe_pool_event event);
/* How many of the bytes that were sent to the child it has read. */
uint64_t worker_read_end(const struct worker *w);
/* Reports it, once, if a request was answered that the child can't have read whole. */
void worker_report_mispaired(struct worker *w);
/* The child reads no more: finds the requests that it has not read, and reports it if some of them
 * were answered. */
void worker_find_unread(struct worker *w);
/* Reports a frame that answers no request. */
void worker_report_notification(struct worker *w, const char *p, size_t n);
/* Answers a request of the child's, JSON-RPC with that id, by "Method not found". */
void worker_refuse_method(struct worker *w, const char *id, size_t n);
/* The reply of a request with discards_reply has come: drops it, and goes on with the set-up if it
 * was a set-up text. */
void worker_drop_reply(struct worker *w, struct request *r);
#endif
