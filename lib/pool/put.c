/* put.c: how requests are put into a pool: to a child at once, or to wait for one. */
#include "child/handle.h"
#include "pool/worker.h"
#include "pool/pool.h"
#include "codec/rule.h"
#include "os/pty.h"
#include <errno.h>

/* What is known of each request by itself, or done for it. */
enum {
    EACH = DUALPIPE_POOL_ONE_SHOT | DUALPIPE_POOL_KEEP_REQUESTS | DUALPIPE_POOL_KEEP_STDERR |
           DUALPIPE_POOL_MEASURE_TIME | DUALPIPE_POOL_TRACE_SENT
};
enum {
    LONG = 4096, /* a line that is put alone */
    MOST_WAITING = 2048,
};

static int submit_room(struct worker *w) {
    int room;
    if (!worker_is_adaptive(w))
        return w->options->window - w->inflight_count;
    room = worker_room(w);
    return room == 0 && w->inflight_count == 0 ? 1 : room;
}

int dualpipe_pool_room(const dualpipe_pool *pool) {
    int room = -pool->waiting_count;
    if (pool->backend)
        return pool_backend_room(pool->backend);
    if (pool->error)
        return pool->error;
    if (pool->is_ending)
        return -EPIPE;
    for (int i = 0; i < pool->options.workers; i++) {
        if (pool->workers[i].returned_first)
            return 0; /* what has failed is given first */
        if (!(pool->options.flags & DUALPIPE_POOL_WAIT_FOR_LATE) ||
            pool->workers[i].blocking_count == 0)
            room += submit_room(&pool->workers[i]);
    }
    if (pool->workers[0].child_is_borrowed && pool->workers[0].desync_reason)
        return -ESTALE;
    if (pool_sched_is_over(pool, false))
        return -EPIPE;
    if (worker_borrows_text(&pool->workers[0]))
        return 0;
    if (pool->held_size > POOL_HELD_MAX)
        return 0;
    if (pool->options.window == DUALPIPE_WINDOW_AUTO && dualpipe_pool_can_batch(pool, NULL))
        return pool_sched_room_at_once(pool);
    return room > 0 ? room : 0;
}

static const dualpipe_rule *request_rule(const struct dualpipe_pool *pool,
                                         const struct dualpipe_request *q) {
    return q->rule ? q->rule : pool->options.rule;
}

static struct request_chunk *make_request(struct dualpipe_pool *pool,
                                          const struct dualpipe_request *q) {
    struct request_chunk *r = request_new(&pool->requests);
    bool starved = false;
    if (!r)
        return NULL;
    r->rule = request_rule(pool, q);
    r->text_size = r->wire_size = q->size;
    r->units_timeout_ms = q->timeout;
    r->tag = q->tag;
    r->expects_reply = rule_expects_reply(r->rule, q->data, q->size, &starved);
    r->number = pool->last_number + 1;
    r->count = q->count > 0 ? q->count : 1;
    r->is_batch = r->count > 1 || (q->count == 1 && q->size < LONG);
    if (!starved)
        return r;
    request_recycle(r, &pool->requests);
    return NULL;
}

/* Whether there is something to get: a quick answer of the one child has come while its request
 * was being written. */
static bool has_early_reply(const struct dualpipe_pool *pool, struct worker *w) {
    bool alone = pool->options.workers == 1 && pool->options.window == 1;
    return worker_has_more(w) || (alone && w->child && worker_recv_read(w) >= 0);
}

int dualpipe_pool_can_batch(const dualpipe_pool *pool, const dualpipe_rule *rule) {
    const struct dualpipe_pool_options *o = &pool->options;
    return !pool->backend && !(o->flags & EACH) &&
           (o->workers == 1 || o->window == DUALPIPE_WINDOW_AUTO) &&
           !pty_is_controlling(worker_child_options(&pool->workers[0])) &&
           rule_is_count_only(rule ? rule : o->rule);
}

static int check_submit(const struct dualpipe_pool *pool, const struct dualpipe_request *q) {
    const dualpipe_rule *rule = request_rule(pool, q);
    int room = dualpipe_pool_room(pool);
    if (room < 0)
        return room;
    if (q->count > 0 && !dualpipe_pool_can_batch(pool, rule))
        return -EINVAL;
    if (pool->options.window ==
        DUALPIPE_WINDOW_AUTO) /* room that was there may have gone with time */
        return room == 0 && pool->waiting_count >= MOST_WAITING ? -EAGAIN : 0;
    if (room == 0 || q->count > room)
        return -EAGAIN;
    return pool->options.window > 1 && !rule_allows_pipelining(rule) ? -EINVAL : 0;
}

/* Whether they may go on where the last that was put ends. */
static bool may_extend_batch(const struct dualpipe_pool *pool, const struct dualpipe_request *q) {
    return q->count > 0 && pool->options.workers == 1 && !pool->waiting_first;
}

static void count_submitted(struct dualpipe_pool *pool, int count) {
    pool->last_number += count;
    pool->stats.submitted += count;
}

int dualpipe_pool_put(dualpipe_pool *pool, const struct dualpipe_request *q) {
    struct worker *w = NULL;
    struct request_chunk *r;
    int error;
    if (pool->backend)
        return pool_backend_put(pool->backend, q);
    pool_release_reply(pool);
    if ((error = check_submit(pool, q)) < 0)
        return error;
    if (may_extend_batch(pool, q) &&
        worker_extend_batch(&pool->workers[0], request_rule(pool, q), q)) {
        count_submitted(pool, q->count);
        return worker_has_more(&pool->workers[0]);
    }
    if (!(r = make_request(pool, q)))
        return -ENOMEM;
    if (pool->options.flags & DUALPIPE_POOL_INTERACTIVE &&
        !(pool->options.flags & DUALPIPE_POOL_WAIT_FOR_LATE))
        worker_limit_abandoned(&pool->workers[0], true, 0);
    if (!pool->waiting_first)
        w = pool_sched_find_worker(pool, r);
    if (w)
        error = worker_submit(w, r, q->data);
    else if (pool->error || pool_sched_is_over(pool, r->expects_reply))
        error = pool->error ? pool->error : -EPIPE;
    else if ((error = request_copy(r, q->data)) == 0)
        pool_sched_enqueue(pool, r);
    if (error < 0) {
        request_recycle(r, &pool->requests);
        return error;
    }
    count_submitted(pool, r->count);
    pool->requests.open_count++;
    if (pool_is_ordered(pool))
        pool_sched_append(pool, r);
    return w && has_early_reply(pool, w);
}
