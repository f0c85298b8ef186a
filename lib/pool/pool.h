/* pool.h: requests to any number of children: who waits, who is asked, what is to be given. */
#ifndef POOL_H
#define POOL_H
#include "pool/worker.h"
#include "session/pool_backend.h"

#define POOL_HELD_MAX ((size_t)64 << 20) /* bytes of replies whose turn has not come */

struct dualpipe_pool {
    struct dualpipe_pool_options options;
    dualpipe_rule *default_rule; /* the rule where none is given */
    struct worker *workers;
    struct session_backend *backend; /* a session, asked instead of children; NULL: none */
    struct request_chunk *order_first,
        *order_last; /* in order: of put, or, unordered, of their ends */
    struct request_chunk *waiting_first, *waiting_last;
    struct request_pool requests;
    struct request_chunk *given;            /* to the host, until its next call */
    struct request_chunk *given_batch;          /* the same: what was ripe of it */
    struct worker *lender;           /* who holds the bytes that were given */
    struct dualpipe_stats stats;
    size_t held_size;
    int waiting_count;   /* requests of these with no child, but those that came back from one */
    int next_worker;           /* who is heard first */
    int error;          /* no child can be had: a negative errno */
    int64_t last_number;
    bool is_overdue, is_ending;
    bool was_polled; /* the host has waited for what there may be to get */
    bool last_wait_rested; /* without looking at the children */
};

/* Its options made whole, and a dialogue for each worker. */
int pool_init(struct dualpipe_pool *pool, struct dualpipe_error *why);
/* What was given to the host is no longer needed. */
void pool_release_reply(struct dualpipe_pool *pool);
/* At the end of the order. */
void pool_sched_append(struct dualpipe_pool *pool, struct request_chunk *r);
static inline bool pool_is_ordered(const struct dualpipe_pool *pool) {
    return !(pool->options.flags & DUALPIPE_POOL_UNORDERED);
}
/* For a child, behind those that were put sooner. */
void pool_sched_enqueue(struct dualpipe_pool *pool, struct request_chunk *r);
/* Its one child can't be asked any more, or, having closed its output, not for a reply. */
bool pool_sched_is_over(const struct dualpipe_pool *pool, bool awaits);
/* Who can be asked now; NULL: nobody yet. A child may be started. */
struct worker *pool_sched_find_worker(struct dualpipe_pool *pool, const struct request_chunk *r);
/* How many requests one child takes now, handed over at once. */
int pool_sched_room_at_once(const struct dualpipe_pool *pool);
/* Whether all children have enough to do: their answers are gathered for a while. */
bool pool_sched_may_rest(const struct dualpipe_pool *pool);
/* Requests that wait go to children, or are given up if there will be none. */
void pool_sched_dispatch(struct dualpipe_pool *pool);
/* Who has put it with this tag has gone: nobody waits for its reply. It is given all the same. */
void pool_sched_orphan(struct dualpipe_pool *pool, const void *tag);
/* Somebody waits, others or who has put something behind it: what nobody waits for is awaited for
 * its limit from now on and at least so many milliseconds, no longer. */
void pool_sched_limit_abandoned(struct dualpipe_pool *pool, bool others, int least);
#endif
