/* pool_sched.c: which child a request goes to, when one more is started, when one is of no more
 * use. */
#include "pool/pool_sched.h"
#include "base/clock.h"
#include "child/handle.h"
#include "pool/worker.h"
#include <errno.h>

void pool_sched_append(struct dualpipe_pool *pool, struct request *r) {
    r->order_next = NULL;
    if (pool->order_first)
        pool->order_last->order_next = r;
    else
        pool->order_first = r;
    pool->order_last = r;
}

static bool was_requeued(const struct dualpipe_pool *pool, const struct request *r) {
    return pool->options.max_start_failures > 0 && r->requeues > 0;
}

void pool_sched_enqueue(struct dualpipe_pool *pool, struct request *r) {
    struct request **at = &pool->waiting_first; /* who was put sooner goes first */
    while (*at && (*at)->number < r->number)
        at = &(*at)->queue_next;
    r->queue_next = *at;
    *at = r;
    pool->waiting_count += was_requeued(pool, r) ? 0 : r->count;
}

static struct request *dequeue_waiting(struct dualpipe_pool *pool,
                                             struct request **at) {
    struct request *r = *at;
    *at = r->queue_next;
    pool->waiting_count -= was_requeued(pool, r) ? 0 : r->count;
    return r;
}

/* Its outcome stands. */
static void mark_done(struct dualpipe_pool *pool, struct request *r) {
    r->is_done = r->is_ready = true;
    if (!pool_is_ordered(pool))
        pool_sched_append(pool, r);
}

void pool_sched_fail_first_waiting(struct dualpipe_pool *pool, enum dualpipe_outcome outcome) {
    struct request *r = dequeue_waiting(pool, &pool->waiting_first);
    r->outcome = outcome;
    mark_done(pool, r);
}

/* What no child will be asked any more. */
void pool_sched_fail_all_waiting(struct dualpipe_pool *pool) {
    while (pool->waiting_first)
        pool_sched_fail_first_waiting(pool, pool->waiting_first->attempt > 0 ? DUALPIPE_OUTCOME_CHILD_ENDED
                                                                  : DUALPIPE_OUTCOME_NOT_STARTED);
}

static bool replaces_workers(const struct dualpipe_pool *pool) {
    return pool->options.workers > 1 || pool->options.max_start_failures > 0 ||
           pool->options.flags & (DUALPIPE_POOL_REPLACE | DUALPIPE_POOL_ONE_SHOT);
}

static bool may_start_child(const struct dualpipe_pool *pool, const struct worker *w, bool again) {
    if (w->state != WORKER_DOWN || w->child_is_borrowed || w->is_disabled || pool->is_ending ||
        pool->error)
        return false;
    return w->children_started == 0 || replaces_workers(pool) || w->was_retired || again;
}

bool pool_sched_is_over(const struct dualpipe_pool *pool, bool awaits) {
    const struct worker *w = &pool->workers[0];
    if (w->state == WORKER_READY && !w->desync_reason && !w->child->out.ended)
        return false;
    if (replaces_workers(pool) || w->children_started == 0 || w->was_retired)
        return false;
    if (pool->waiting_first && pool->waiting_first->attempt > 0)
        return false; /* there will be a fresh one for that */
    return w->state == WORKER_DOWN || w->desync_reason ||
           (w->state == WORKER_READY && !w->inflight_first && w->child->out.ended &&
            (awaits || w->wanted_after_eof)); /* wanted: it has been found to be over */
}

/* It is of no more use: out of step, silent for ever, or asked often enough. */
static void retire_worker(struct dualpipe_pool *pool, struct worker *w,
                          const struct request *r) {
    if (w->state != WORKER_READY || w->inflight_count > 0)
        return;
    if (!w->desync_reason && w->child->out.ended && r->expects_reply)
        w->wanted_after_eof = true; /* it may be about to end */
    if (w->child_is_borrowed && w->desync_reason) {
        pool->error = -ESTALE;
    } else if (w->desync_reason && (replaces_workers(pool) || r->attempt > 0)) {
        worker_replace(w);
    } else if (pool->options.max_requests > 0 && w->sent_count >= pool->options.max_requests) {
        w->was_retired = true;
        worker_shutdown(w);
    }
}

static bool is_proven(const struct worker *w) {
    return w->state == WORKER_READY && !w->desync_reason && w->child->received > 0;
}

/* What came back from children that never came up waits for one that did, if there is any. If
 * there is none, others go first: it may be what makes them end. */
static bool wants_proven(const struct dualpipe_pool *pool, const struct request *r) {
    if (!was_requeued(pool, r))
        return false;
    for (const struct request *other = pool->waiting_first; other; other = other->queue_next)
        if (other->requeues < r->requeues)
            return true;
    for (int i = 0; i < pool->options.workers; i++)
        if (is_proven(&pool->workers[i]))
            return true;
    return false;
}

/* What a child has still to do, as a part of what it may have. */
static double load_of(const struct worker *w) {
    return (double)w->inflight_count /
           (worker_is_adaptive(w) ? window_size(&w->window) : w->options->window);
}

static struct worker *choose_worker(struct dualpipe_pool *pool, const struct request *r) {
    struct worker *best = NULL;
    bool heard = wants_proven(pool, r);
    for (int i = 0; i < pool->options.workers; i++) {
        struct worker *w = &pool->workers[i];
        if (!w->child || (heard && !is_proven(w)))
            continue;
        if (!worker_can_take(w, r) || (w->child->out.ended && r->expects_reply))
            retire_worker(pool, w, r);
        else if (!best || load_of(w) < load_of(best))
            best = w;
        if (best && best->inflight_count == 0)
            break;
    }
    return best;
}

/* Who can be started now: of those the one that has failed least. again: for a request that has
 * failed. */
static struct worker *find_startable(const struct dualpipe_pool *pool, bool again) {
    struct worker *best = NULL;
    int64_t now = 0;
    for (int i = 0; i < pool->options.workers; i++) {
        struct worker *w = &pool->workers[i];
        if (!may_start_child(pool, w, again) || (best && best->failures <= w->failures))
            continue;
        if (w->state_deadline <= 0 || w->state_deadline <= (now = now ? now : clock_now_ns()))
            best = w;
    }
    return best;
}

static bool all_disabled(const struct dualpipe_pool *pool) {
    for (int i = 0; i < pool->options.workers; i++)
        if (!pool->workers[i].is_disabled)
            return false;
    return true;
}

/* One more child, if that helps; it may have to be set up first. */
static struct worker *start_child(struct dualpipe_pool *pool, const struct request *r) {
    struct worker *w = find_startable(pool, r->attempt > 0);
    if (!w && !pool->error && all_disabled(pool))
        pool->error = -ECHILD;
    if (w && worker_start(w, NULL) < 0)
        pool->error = w->error;
    return w;
}

/* Whether those that are being set up are too few for those that wait. */
static bool needs_another_child(const struct dualpipe_pool *pool) {
    int to_come = 0;
    for (int i = 0; i < pool->options.workers; i++)
        if (pool->workers[i].state == WORKER_SETUP)
            to_come += worker_is_adaptive(&pool->workers[i]) ? 1 : pool->options.window;
    return to_come < (pool->waiting_count > 0 ? pool->waiting_count : 1);
}

struct worker *pool_sched_find_worker(struct dualpipe_pool *pool, const struct request *r) {
    struct worker *w = choose_worker(pool, r), *more;
    if (w && (w->inflight_count == 0 || pool->options.workers == 1))
        return w;
    more = needs_another_child(pool) && !wants_proven(pool, r) ? start_child(pool, r) : NULL;
    return more && worker_can_take(more, r) ? more : w;
}

int pool_sched_room_at_once(const struct dualpipe_pool *pool) {
    struct worker *best = NULL;
    int room = 0, most, to_come = -pool->waiting_count;
    for (int i = 0; i < pool->options.workers; i++) {
        struct worker *w = &pool->workers[i];
        most = w->child && w->child->out.ended ? 0 : worker_room(w);
        to_come += most == 0 && w->inflight_count == 0;
        if (most > 0 && (!best || load_of(w) < load_of(best))) {
            best = w;
            room = most;
        }
        if (best && best->inflight_count == 0)
            break;
    }
    if (pool->waiting_first || !best)
        return to_come > 0;
    return best->inflight_count > 0 && needs_another_child(pool) && find_startable(pool, false)
               ? 1
               : room;
}

/* Requests that wait for a child go to one, the first first; those that wait for one that has been
 * heard hold nobody up. */
void pool_sched_dispatch(struct dualpipe_pool *pool) {
    struct request **at = &pool->waiting_first;
    while (*at && !pool->error && !pool->is_ending) {
        struct request *r = *at;
        struct worker *w = pool_sched_find_worker(pool, r);
        if (!w && r->attempt == 0 && pool_sched_is_over(pool, r->expects_reply)) {
            pool_sched_fail_all_waiting(pool);
            return;
        }
        if (!w && wants_proven(pool, r)) {
            at = &r->queue_next;
            continue;
        }
        if (!w)
            break;
        dequeue_waiting(pool, at);
        if (worker_submit(w, r, NULL) < 0) {
            r->outcome = DUALPIPE_OUTCOME_NOT_STARTED;
            mark_done(pool, r);
        }
    }
    if (pool->error || pool->is_ending)
        pool_sched_fail_all_waiting(pool);
}

bool pool_sched_may_rest(const struct dualpipe_pool *pool) {
    bool busy = false;
    if (pool->options.window != DUALPIPE_WINDOW_AUTO || pool->waiting_first || pool->is_ending ||
        pool->error)
        return false;
    for (int i = 0; i < pool->options.workers; i++) {
        const struct worker *w = &pool->workers[i];
        if (!w->child || w->inflight_count == 0)
            continue;
        if (w->state != WORKER_READY || w->sending || w->desync_reason ||
            !window_may_rest(&w->window, w->inflight_count))
            return false;
        busy = true;
    }
    return busy;
}

static void orphan_requests(struct request *r, const void *tag) {
    for (; r; r = r->queue_next)
        r->is_orphaned |= r->tag == tag && !r->discards_reply;
}

void pool_sched_orphan(struct dualpipe_pool *pool, const void *tag) {
    orphan_requests(pool->waiting_first, tag);
    for (int i = 0; i < pool->options.workers; i++)
        orphan_requests(pool->workers[i].inflight_first, tag);
}

void pool_sched_limit_abandoned(struct dualpipe_pool *pool, bool others, int least) {
    for (int i = 0; i < pool->options.workers; i++)
        worker_limit_abandoned(&pool->workers[i], others, least);
}
