/* pool_state.h: struct dualpipe_pool, which pool.c, pool_sched.c, reply_order.c and ask.c share.
 *
 * A request of the host is in the order list from its submission until it is given back; in an
 * unordered pool it enters that list only if it fails without a worker. Independently of the order
 * it is in one queue: in flight or returned at a worker, or waiting for one. */
#ifndef POOL_POOL_STATE_H
#define POOL_POOL_STATE_H
#include "pool/worker_state.h"
#include "session/pool_backend.h"

#define POOL_HELD_MAX ((size_t)64 << 20) /* bytes of replies held until their turn comes */

struct dualpipe_pool {
    struct dualpipe_pool_options options;
    dualpipe_rule *default_rule;       /* one line; NULL: the options name a rule */
    struct worker *workers;            /* options.workers of them */
    struct session_backend *backend;   /* a session in place of workers; NULL: none */

    struct request_pool requests;
    struct request *order_first, *order_last; /* replies, in the order they are given back */
    struct request *waiting_first;     /* requests no worker had room for, by number */
    int waiting_count;                 /* of them, less those that max_start_failures requeued */
    int64_t last_number;               /* of the last request */
    struct dualpipe_stats stats;
    int error;                         /* no child can be started: a negative errno */
    bool is_ending;

    /* The loan to the host, until its next call, and replies held until their turn. */
    struct request *given;             /* the request whose reply it was */
    struct request *given_batch;       /* or the batch that goes on, of which some were answered */
    struct worker *lender;             /* the worker in whose child's buffer the reply lies */
    size_t held_size;                  /* bytes of replies whose turn has not come */

    /* The loop. */
    int next_worker;                   /* which to step first, for fairness */
    bool is_overdue;                   /* a deadline has passed: worker_expire() after reading */
    bool was_polled;                   /* polled since dualpipe_pool_get() last timed out */
    bool last_wait_rested;             /* stdout was left out of the last wait */
};

static inline bool pool_is_ordered(const struct dualpipe_pool *pool) {
    return !(pool->options.flags & DUALPIPE_POOL_UNORDERED);
}
#endif
