/* pool_sched.h: the scheduler of a pool: which worker gets a request, when a child is started or
 * retired, and the queue of requests that wait for a worker.
 *
 * Typical use: dualpipe_pool_put() calls pool_sched_find_worker(), or pool_sched_enqueue() if there
 * is none; later dualpipe_pool_get() calls pool_sched_dispatch(). */
#ifndef POOL_POOL_SCHED_H
#define POOL_POOL_SCHED_H
#include "pool/pool_state.h"

/* Queues r for a worker, after requests with smaller numbers. */
void pool_sched_enqueue(struct dualpipe_pool *pool, struct request *r);
/* Sends waiting requests to workers with room; fails them if there will be none. */
void pool_sched_dispatch(struct dualpipe_pool *pool);
/* The waiting request that was submitted first fails with that outcome. */
void pool_sched_fail_first_waiting(struct dualpipe_pool *pool, enum dualpipe_outcome outcome);
/* The request `number` is cancelled if it waits for a worker: true. */
bool pool_sched_cancel_waiting(struct dualpipe_pool *pool, int64_t number);
void pool_sched_fail_all_waiting(struct dualpipe_pool *pool);

/* The worker that r can be sent to now; NULL: none yet. May start a child, or retire one. */
struct worker *pool_sched_find_worker(struct dualpipe_pool *pool, const struct request *r);
/* Whether the pool's one child can get no more requests: it has ended or is out of step and isn't
 * replaced; or its stdout has ended and the request expects a reply. */
bool pool_sched_is_over(const struct dualpipe_pool *pool, bool expects_reply);
bool pool_sched_has_children(const struct dualpipe_pool *pool);
/* How many requests one worker takes now, as one batch. */
int pool_sched_room_at_once(const struct dualpipe_pool *pool);
/* Whether every busy child has enough to do that its output may stay unread for WINDOW_REST_MS. */
bool pool_sched_may_rest(const struct dualpipe_pool *pool);

/* Marks the requests submitted with this tag as orphaned: their client has gone. The host still
 * gets their replies. */
void pool_sched_orphan(struct dualpipe_pool *pool, const void *tag);
/* Whether a reply with the id of this request may be awaited, be it late, from the child that the
 * request would be sent to. */
bool pool_sched_awaits_id(struct dualpipe_pool *pool, const char *text, size_t size);
/* Limits the wait for abandoned replies on every worker: as worker_limit_abandoned(). Requests that
 * wait in the pool count as others. */
void pool_sched_limit_abandoned(struct dualpipe_pool *pool, bool others, int least);
#endif
