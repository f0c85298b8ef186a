/* pool_sched.c: the scheduler: which worker gets a request, and when a child is started or retired.
 *
 * A request goes to the least loaded worker that can take it now. If all are busy one more child
 * is started, unless those that are being set up will have room for all requests that wait; the
 * request goes to a busy worker that has room, or waits until a child is ready. Waiting requests
 * stand in one queue, sorted by number, so that a retry goes before requests that were submitted
 * after it. pool_sched_dispatch() serves the queue from pump_pool().
 *
 * Choosing a worker is also where a useless one is noticed (retire_worker): out of step, or sent
 * max_requests requests. Its child is stopped or shut down; the slot starts a new one later, unless
 * the pool has a single child that isn't replaced. Then the pool is over: pool_sched_is_over().
 *
 * With max_start_failures, workers may be out of reach (a host that is down). A request sent to a
 * child that ended before it wrote a byte is requeued, which counts as no attempt, and from then on
 * waits for a proven child: one that has written something (wants_proven). It stays out of
 * waiting_count, so that it doesn't take room from new requests.
 *
 * The trap: finding a worker has effects. It may start a child, stop one, set pool->error, and,
 * through events, call the host. */
#include "pool/pool_sched.h"
#include "base/clock.h"
#include "child/handle.h"
#include "codec/rule.h"
#include "pool/reply_order.h"
#include "pool/worker.h"
#include "pool/worker_idle.h"
#include <errno.h>

/* --- The waiting queue --- */

/* Whether r came back unsent from a child that ended, in a pool whose workers may be out of
 * reach. */
static bool was_requeued(const struct dualpipe_pool *pool, const struct request *r) {
    return pool->options.max_start_failures > 0 && r->requeues > 0;
}

void pool_sched_enqueue(struct dualpipe_pool *pool, struct request *r) {
    struct request **at = &pool->waiting_first;
    while (*at && (*at)->number < r->number)
        at = &(*at)->queue_next;
    r->queue_next = *at;
    *at = r;
    pool->waiting_count += was_requeued(pool, r) ? 0 : r->count;
}

/* Takes the request that *at points to out of the waiting queue. */
static struct request *dequeue_waiting(struct dualpipe_pool *pool, struct request **at) {
    struct request *r = *at;
    *at = r->queue_next;
    pool->waiting_count -= was_requeued(pool, r) ? 0 : r->count;
    return r;
}

/* The outcome of r is final, and no worker has it: it can be given in its turn. */
static void mark_done(struct dualpipe_pool *pool, struct request *r) {
    r->is_done = r->is_ready = true;
    if (!pool_is_ordered(pool))
        reply_order_append(pool, r);
}

static void fail_waiting(struct dualpipe_pool *pool, struct request **at,
                         enum dualpipe_outcome outcome) {
    struct request *r = dequeue_waiting(pool, at);
    r->outcome = outcome;
    mark_done(pool, r);
}

void pool_sched_fail_first_waiting(struct dualpipe_pool *pool, enum dualpipe_outcome outcome) {
    fail_waiting(pool, &pool->waiting_first, outcome);
}

bool pool_sched_cancel_waiting(struct dualpipe_pool *pool, int64_t number) {
    struct request **at = &pool->waiting_first;
    while (*at && (*at)->number != number)
        at = &(*at)->queue_next;
    if (!*at)
        return false;
    fail_waiting(pool, at, DUALPIPE_OUTCOME_CANCELLED);
    return true;
}

void pool_sched_fail_all_waiting(struct dualpipe_pool *pool) {
    while (pool->waiting_first)
        pool_sched_fail_first_waiting(pool, pool->waiting_first->attempt > 0
                                                ? DUALPIPE_OUTCOME_CHILD_ENDED
                                                : DUALPIPE_OUTCOME_NOT_STARTED);
}

/* --- Whether children can be had --- */

/* Whether a child that has ended is replaced by another one in any case. */
static bool replaces_children(const struct dualpipe_pool *pool) {
    return pool->options.workers > 1 || pool->options.max_start_failures > 0 ||
           pool->options.flags & (DUALPIPE_POOL_REPLACE | DUALPIPE_POOL_ONE_SHOT);
}

/* is_retry: for a request that has failed, which may always have a new child. */
static bool may_start_child(const struct dualpipe_pool *pool, const struct worker *w,
                            bool is_retry) {
    if (w->state != WORKER_DOWN || w->child_is_borrowed || w->is_disabled || pool->is_ending ||
        pool->error)
        return false;
    return w->children_started == 0 || replaces_children(pool) || w->was_retired || is_retry;
}

bool pool_sched_is_over(const struct dualpipe_pool *pool, bool expects_reply) {
    const struct worker *w = &pool->workers[0];
    if (w->state == WORKER_READY && !w->desync_reason && !w->child->out.ended)
        return false;
    if (replaces_children(pool) || w->children_started == 0 || w->was_retired)
        return false;
    if (pool->waiting_first && pool->waiting_first->attempt > 0)
        return false; /* a new child will be started for that retry */
    return w->state == WORKER_DOWN || w->desync_reason ||
           (w->state == WORKER_READY && !w->inflight_first && w->child->out.ended &&
            (expects_reply || w->wanted_after_eof));
}

/* --- Choosing a worker --- */

/* w can't take r. If it never will, its child is stopped or shut down, once nothing is in flight:
 * it is out of step, has closed its stdout, or has had max_requests. A child that has just closed
 * its stdout is given a while to exit first (wanted_after_eof arms the timer). */
static void retire_worker(struct dualpipe_pool *pool, struct worker *w, const struct request *r) {
    if (w->state != WORKER_READY || w->inflight_count > 0)
        return;
    if (!w->desync_reason && w->child->out.ended && r->expects_reply)
        w->wanted_after_eof = true;
    if (w->child_is_borrowed && w->desync_reason) {
        pool->error = -ESTALE;
    } else if (w->desync_reason && (replaces_children(pool) || r->attempt > 0)) {
        worker_replace(w);
    } else if (pool->options.max_requests > 0 && w->sent_count >= pool->options.max_requests) {
        w->was_retired = true;
        worker_shutdown(w);
    }
}

/* Whether the present child of w has come up: it has written something. */
static bool is_proven(const struct worker *w) {
    return w->state == WORKER_READY && !w->desync_reason && w->child->received > 0;
}

/* Whether r must wait for a proven child. If there is none, requests that were requeued less often
 * go first: r itself may be the cause that children end. */
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

/* How much of its window a worker uses: 0 to 1. */
static double load_of(const struct worker *w) {
    return (double)w->inflight_count /
           (worker_is_adaptive(w) ? window_size(&w->window) : w->options->window);
}

/* Whether the child has closed its stdout. One that did so before it was ready fails its first
 * request, whose failure then tells of it. */
static bool has_no_use(const struct worker *w, const struct request *r) {
    bool is_first = w->has_looked && w->last_number == 0;
    return w->child->out.ended && r->expects_reply && !is_first;
}

/* The least loaded worker that can take r now, the first of these; NULL: none. */
static struct worker *choose_worker(struct dualpipe_pool *pool, const struct request *r) {
    struct worker *best = NULL;
    bool needs_proven = wants_proven(pool, r);
    for (int i = 0; i < pool->options.workers; i++) {
        struct worker *w = &pool->workers[i];
        if (r->text_size == 0)
            worker_end_looks(w);
        if (!w->child || (needs_proven && !is_proven(w)))
            continue;
        if (!worker_can_take(w, r) || has_no_use(w, r))
            retire_worker(pool, w, r);
        else if (!best || load_of(w) < load_of(best))
            best = w;
        if (best && best->inflight_count == 0)
            break;
    }
    return best;
}

/* The worker that may start a child now, whose pause after a failure is over; if there are several,
 * the one with the fewest failures. */
static struct worker *find_startable(const struct dualpipe_pool *pool, bool is_retry) {
    struct worker *best = NULL;
    int64_t now = 0;
    for (int i = 0; i < pool->options.workers; i++) {
        struct worker *w = &pool->workers[i];
        if (!may_start_child(pool, w, is_retry) || (best && best->failures <= w->failures))
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

bool pool_sched_has_children(const struct dualpipe_pool *pool) {
    for (int i = 0; i < pool->options.workers; i++)
        if (pool->workers[i].child)
            return true;
    return false;
}

/* Starts one more child, if a worker may. It may have to be set up before it takes requests. */
static struct worker *start_child(struct dualpipe_pool *pool, const struct request *r) {
    struct worker *w = find_startable(pool, r->attempt > 0);
    if (!w && !pool->error && all_disabled(pool))
        pool->error = -ECHILD;
    if (w && worker_start(w, pool_sched_has_children(pool), NULL) < 0)
        pool->error = w->error;
    return w;
}

/* Whether the children that are being set up will have too little room for the waiting requests.
 * The size of an automatic window is not known yet, so one request is counted for it. */
static bool needs_another_child(const struct dualpipe_pool *pool) {
    int room_to_come = 0;
    for (int i = 0; i < pool->options.workers; i++)
        if (pool->workers[i].state == WORKER_SETUP)
            room_to_come += worker_is_adaptive(&pool->workers[i]) ? 1 : pool->options.window;
    return room_to_come < (pool->waiting_count > 0 ? pool->waiting_count : 1);
}

/* Whether a child has been started that will be free as soon as it waits for input: rather that one
 * than a busy one. */
static bool is_any_looking(const struct dualpipe_pool *pool) {
    if (!(pool->options.flags & DUALPIPE_POOL_AWAIT_INPUT))
        return false;
    for (int i = 0; i < pool->options.workers; i++)
        if (pool->workers[i].state == WORKER_SETUP && worker_idle_is_looking(&pool->workers[i]))
            return true;
    return false;
}

struct worker *pool_sched_find_worker(struct dualpipe_pool *pool, const struct request *r) {
    struct worker *w = choose_worker(pool, r), *started;
    if (w && (w->inflight_count == 0 || pool->options.workers == 1))
        return w;
    started = needs_another_child(pool) && !wants_proven(pool, r) ? start_child(pool, r) : NULL;
    if (started && worker_can_take(started, r))
        return started;
    return w && is_any_looking(pool) ? NULL : w;
}

/* The room of the worker that choose_worker() would choose. If none has room, 1 while fewer
 * requests wait than there are workers that will be free; and 1 if a new child would be better
 * than a busy one, as its window is 1 at first. */
int pool_sched_room_at_once(const struct dualpipe_pool *pool) {
    struct worker *best = NULL;
    int room = 0, room_to_come = -pool->waiting_count;
    for (int i = 0; i < pool->options.workers; i++) {
        struct worker *w = &pool->workers[i];
        int worker_has = w->child && w->child->out.ended ? 0 : worker_room(w);
        room_to_come += worker_has == 0 && w->inflight_count == 0;
        if (worker_has > 0 && (!best || load_of(w) < load_of(best))) {
            best = w;
            room = worker_has;
        }
        if (best && best->inflight_count == 0)
            break;
    }
    if (pool->waiting_first || !best)
        return room_to_come > 0;
    return best->inflight_count > 0 && needs_another_child(pool) && find_startable(pool, false)
               ? 1
               : room;
}

/* Requests go in the order of the queue; only one that waits for a proven child lets others
 * pass. */
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

/* --- All workers at once --- */

bool pool_sched_may_rest(const struct dualpipe_pool *pool) {
    bool any_busy = false;
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
        any_busy = true;
    }
    return any_busy;
}

/* Requests of the pool's own belong to no client. */
static void orphan_requests(struct request *r, const void *tag) {
    for (; r; r = r->queue_next)
        r->is_orphaned |= r->tag == tag && !r->discards_reply;
}

void pool_sched_orphan(struct dualpipe_pool *pool, const void *tag) {
    orphan_requests(pool->waiting_first, tag);
    for (int i = 0; i < pool->options.workers; i++)
        orphan_requests(pool->workers[i].inflight_first, tag);
}

/* Whether r has the id of n bytes at p. One that waits to be sent has it in its text only. */
static bool has_id(const struct request *r, const char *p, size_t n) {
    struct span id;
    if (r->has_id)
        return rule_ids_equal(r->rule, r->id, r->id_size, p, n);
    return r->attempt == 0 && buffer_len(&r->copy) > 0 &&
           rule_request_id(r->rule, buffer_data(&r->copy), r->text_size, &id) &&
           rule_ids_equal(r->rule, buffer_data(&r->copy) + id.start, id.end - id.start, p, n);
}

bool pool_sched_awaits_id(struct dualpipe_pool *pool, const char *text, size_t size) {
    const dualpipe_rule *rule = pool->options.rule;
    const struct request *r;
    struct span id;
    if (!rule_matches_by_id(rule) || !rule_request_id(rule, text, size, &id))
        return false;
    for (r = pool->waiting_first; r; r = r->queue_next)
        if (has_id(r, text + id.start, id.end - id.start))
            return true;
    for (int i = 0; i < pool->options.workers; i++) {
        bool may_get_it = worker_room(&pool->workers[i]) > 0;
        for (r = may_get_it ? pool->workers[i].inflight_first : NULL; r; r = r->queue_next)
            if (has_id(r, text + id.start, id.end - id.start))
                return true;
    }
    return false;
}

void pool_sched_limit_abandoned(struct dualpipe_pool *pool, bool others, int least) {
    others |= pool->waiting_first != NULL; /* with an automatic window the pool holds some itself */
    for (int i = 0; i < pool->options.workers; i++)
        worker_limit_abandoned(&pool->workers[i], others, least);
}
