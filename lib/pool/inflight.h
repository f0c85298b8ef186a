/* inflight.h: the requests sent to a worker's child, oldest first, and how they leave that queue.
 *
 * Typical use: inflight_append() when sending begins; then exactly one of inflight_finish()
 * (answered), inflight_fail() (failed, or to be requeued) and, for requests of the pool's own,
 * inflight_remove(). inflight_fail() puts requests of the host into the returned queue; after
 * inflight_finish() the caller hands the request on. */
#ifndef POOL_INFLIGHT_H
#define POOL_INFLIGHT_H
#include "pool/worker_state.h"

void inflight_append(struct worker *w, struct request *r);
/* Makes r the oldest: for a fence token that comes before all other replies. */
void inflight_push_front(struct worker *w, struct request *r);
/* Takes r out of the queue; `instead`, unless NULL, takes its place. */
void inflight_remove(struct worker *w, struct request *r, struct request *instead);

/* Whether all of r is written. A ONE_SHOT child that has closed its stdin needs no more of it. */
bool inflight_all_sent(const struct worker *w, const struct request *r);
/* Whether the reply to r is given to the host in pieces. */
bool inflight_streams_reply(const struct worker *w, const struct request *r);
/* How far into all that it was sent the child must have read to answer r: to its end, but for a
 * line end. 0 if the reply itself shows that r was read, by a fence or an ID. */
uint64_t inflight_needed_end(const struct request *r);
/* The same for having begun to read r. */
uint64_t inflight_begun_end(const struct request *r);
/* The child reads no more: finds out which requests it has not read. A batch is split there.
 * Returns the number of a request of a batch that was answered and yet is one of these; 0: none.
 * To be called while stdin is still open on our side. */
int64_t inflight_find_unread(struct worker *w);
/* Whether the child has closed its stdin and can't have read r: what it prints is no reply. */
bool inflight_is_unread(const struct worker *w, const struct request *r);
/* The first from r on that isn't all sent; NULL: none. */
struct request *inflight_next_unsent(struct request *r);

/* The returned queue, which worker_step() gives to the pool before anything else. */
void inflight_push_returned(struct worker *w, struct request *r);
struct request *inflight_pop_returned(struct worker *w);

/* The present time in nanoseconds if the host wants requests timed, else 0. */
int64_t inflight_timestamp(const struct worker *w);
/* The time of day in microseconds if the host wants usage measured, else 0. */
int64_t inflight_time_of_day(const struct worker *w);
/* Whether a failed request may be sent once more: attempts are left, and none of its reply came
 * (unless RETRY_PARTIAL). */
bool inflight_may_retry(const struct worker *w, const struct request *r);
/* Whether the child ended before its stdout had brought a byte, so that r counts as not sent. Only
 * where workers may fail to start (max_start_failures). */
bool inflight_never_reached_child(const struct worker *w, const struct request *r);

/* Takes r out as answered. */
void inflight_finish(struct worker *w, struct request *r);
/* Takes r out as failed with that outcome, and returns it: to be requeued if it may, else done. A
 * text of the pool's own is recycled, and fails the set-up if that is under way. */
void inflight_fail(struct worker *w, struct request *r, enum dualpipe_outcome outcome,
                   struct request *instead);

/* Splits the batch r: its answered requests are returned as done, the first unanswered request
 * becomes an ordinary one, which is the result, and the others follow it as a batch. If the result
 * is still a batch, no memory was left. */
struct request *inflight_split_first(struct worker *w, struct request *r);
#endif
