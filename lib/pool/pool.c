/* pool.c: requests to any number of children, given back in order, each once. */
#include "pool/pool.h"
#include "base/clock.h"
#include "base/error.h"
#include "os/pty.h"
#include "codec/rule.h"
#include "child/handle.h"
#include "pool/pool_sched.h"
#include "pool/worker.h"
#include "pool/worker_recv.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST_WORKERS = 65536, MOST_WINDOW = 1 << 20 };
/* What is known of each request by itself, or done for it. */
enum {
    EACH = DUALPIPE_POOL_ONE_SHOT | DUALPIPE_POOL_KEEP_REQUESTS | DUALPIPE_POOL_KEEP_STDERR |
           DUALPIPE_POOL_MEASURE_TIME | DUALPIPE_POOL_TRACE_SENT
};
enum {
    LONG = 4096, /* a line that is put alone */
    MOST_WAITING = 2048,
};

static int options_error(struct dualpipe_error *why, const char *advice) {
    return error_set(why, "opening a pool", NULL, advice, -EINVAL);
}

static bool relays_stderr(const struct dualpipe_pool_options *o) {
    for (int i = 0; o->worker_options && i < o->workers; i++)
        if (o->worker_options[i].err != DUALPIPE_STDERR_RELAY)
            return false;
    return (o->worker_options ? o->worker_options : o->child)->err == DUALPIPE_STDERR_RELAY;
}

static int check_options(const struct dualpipe_pool_options *o, struct dualpipe_error *why) {
    if (o->workers < 0 || o->workers > MOST_WORKERS || o->window < DUALPIPE_WINDOW_AUTO ||
        o->window > MOST_WINDOW)
        return options_error(why, "too many workers, or too large a window");
    if (o->flags & DUALPIPE_POOL_STREAM_REPLIES &&
        (o->workers > 1 || o->flags & (DUALPIPE_POOL_UNORDERED | DUALPIPE_POOL_RETRY_PARTIAL)))
        return options_error(why, "pieces are given of one worker, in order, each once");
    if (o->window > 1 && o->flags & DUALPIPE_POOL_ONE_SHOT)
        return options_error(why, "a child of its own is asked one request");
    if (o->session)
        return 0;
    if (o->window > 1 && o->rule && !dualpipe_rule_allows_pipelining(o->rule))
        return options_error(why, "where these replies end nothing may follow: no window");
    if (o->flags & DUALPIPE_POOL_KEEP_STDERR && !relays_stderr(o))
        return options_error(why, "stderr can be kept if it is relayed");
    return 0;
}

static uint64_t make_salt(void) {
    uint64_t salt = 0;
    if (getentropy(&salt, sizeof salt) < 0)
        salt = (uint64_t)clock_now_ns() * 0x9E3779B97F4A7C15U;
    return salt;
}

int pool_init(struct dualpipe_pool *pool, struct dualpipe_error *why) {
    struct dualpipe_pool_options *o = &pool->options;
    uint64_t salt = make_salt();
    int r;
    o->workers = o->workers ? o->workers : 1;
    o->window = o->window ? o->window : 1;
    pool->requests.order_last = &pool->order_last;
    if (o->flags & DUALPIPE_POOL_ONE_SHOT)
        o->max_requests = 1;
    if (o->window == DUALPIPE_WINDOW_AUTO &&
        (o->flags & DUALPIPE_POOL_ONE_SHOT ||
         (o->rule && !dualpipe_rule_allows_pipelining(o->rule))))
        o->window = 1;
    if (!o->rule) {
        struct dualpipe_rule_options one = {.count = 1};
        if ((r = dualpipe_rule_new(&pool->default_rule, &one, why)) < 0)
            return r;
        o->rule = pool->default_rule;
    }
    pool->workers = calloc((size_t)o->workers, sizeof *pool->workers);
    if (!pool->workers)
        return error_set(why, "opening a pool", NULL, NULL, -ENOMEM);
    for (int i = 0; i < o->workers; i++)
        pool->workers[i] = (struct worker){.options = o, .requests = &pool->requests, .index = i,
                                         .stats = &pool->stats, .token_salt = salt + (uint64_t)i};
    return 0;
}

static void release_reply(struct dualpipe_pool *pool) {
    if (pool->lender)
        worker_recv_release(pool->lender);
    if (pool->given)
        request_recycle(pool->given, &pool->requests);
    if (pool->given_batch)
        pool->given_batch->body.start = pool->given_batch->body.end = 0;
    pool->lender = NULL;
    pool->given = pool->given_batch = NULL;
}

int dualpipe_pool_open(dualpipe_pool **made, const struct dualpipe_pool_options *o,
                       struct dualpipe_error *why) {
    struct dualpipe_pool *pool;
    int r = check_options(o, why);
    *made = NULL;
    if (r < 0)
        return r;
    if (!(pool = calloc(1, sizeof *pool)))
        return error_set(why, "opening a pool", NULL, NULL, -ENOMEM);
    pool->options = *o;
    r = o->session ? pool_backend_open(&pool->backend, o, why) : pool_init(pool, why);
    if (r == 0 && !o->session && !(o->flags & DUALPIPE_POOL_ONE_SHOT))
        r = pool->error = worker_start(&pool->workers[0], why);
    if (r < 0)
        dualpipe_pool_close(pool);
    else
        *made = pool;
    return r;
}

dualpipe_pool *dualpipe_pool_close(dualpipe_pool *pool) {
    if (!pool)
        return NULL;
    pool_backend_close(pool->backend);
    release_reply(pool);
    for (int i = 0; pool->workers && i < pool->options.workers; i++)
        if (pool->workers[i].child && !pool->workers[i].child_is_borrowed)
            dualpipe_close_stdin(pool->workers[i].child);
    for (int i = 0; pool->workers && i < pool->options.workers; i++)
        if (!pool->workers[i].child_is_borrowed)
            dualpipe_close(pool->workers[i].child, NULL);
    request_pool_free(&pool->requests);
    dualpipe_rule_free(pool->default_rule);
    free(pool->workers);
    free(pool);
    return NULL;
}

int dualpipe_pool_can_batch(const dualpipe_pool *pool, const dualpipe_rule *rule) {
    const struct dualpipe_pool_options *o = &pool->options;
    return !pool->backend && !(o->flags & EACH) &&
           (o->workers == 1 || o->window == DUALPIPE_WINDOW_AUTO) &&
           !pty_is_controlling(worker_child_options(&pool->workers[0])) &&
           rule_is_count_only(rule ? rule : o->rule);
}

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

static struct request *make_request(struct dualpipe_pool *pool,
                                          const struct dualpipe_request *q) {
    struct request *r = request_new(&pool->requests);
    bool starved = false;
    if (!r)
        return NULL;
    r->rule = request_rule(pool, q);
    r->text_size = r->wire_size = q->size;
    r->timeout_ms = q->timeout;
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
    struct request *r;
    int error;
    if (pool->backend)
        return pool_backend_put(pool->backend, q);
    release_reply(pool);
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

static void fill_reply(const struct dualpipe_pool *pool, const struct request *r,
                       struct dualpipe_reply *reply) {
    const struct worker *w = &pool->workers[r->worker_index];
    bool there = r->generation == w->children_started && r->generation > 0;
    *reply = (struct dualpipe_reply){
        .outcome = r->outcome,
        .partial = !r->is_done && r->answered_count == 0,
        .complete = r->reply_complete,
        .data = r->reply_size > 0 ? r->reply : "",
        .size = r->reply_size,
        .err = buffer_data(&r->err),
        .err_size = buffer_len(&r->err),
        .request = buffer_data(&r->copy),
        .request_size = buffer_len(&r->copy) >= r->text_size ? r->text_size : 0,
        .sent = r->sent,
        .unsent = r->wire_size - r->sent,
        .matched = r->scan.matched,
        .worker = r->worker_index,
        .attempt = r->attempt,
        .number = r->number,
        .count = r->answered_count + (r->is_done || r->answered_count == 0 ? r->count : 0),
        .duration_us = r->ended_at ? (r->ended_at - r->sent_at) / 1000 : 0,
        .tag = r->tag,
        .reason = r->reason,
        .offset = r->error_offset,
        .status = r->status,
        .child = there ? w->child : NULL,
    };
}

/* Out to the host; the bytes may lie with a child until its next call. */
static int give_reply(struct dualpipe_pool *pool, struct request *r,
                      struct dualpipe_reply *reply) {
    fill_reply(pool, r, reply);
    pool->lender = &pool->workers[r->worker_index];
    pool->held_size -= r->held_size;
    r->held_size = 0;
    if (reply->partial)
        return 1;
    if (r->outcome == DUALPIPE_OUTCOME_ANSWERED)
        pool->stats.answered += reply->count;
    else if (r->outcome == DUALPIPE_OUTCOME_NOT_STARTED)
        pool->stats.submitted -= reply->count; /* nothing has become of it */
    else
        pool->stats.failed += reply->count;
    if (r->is_done) {
        pool->given = r;
        pool->requests.open_count--;
        return 1;
    }
    pool->given_batch = r;
    r->number += r->answered_count;
    r->answered_count = 0;
    r->reply_size = 0;
    return 1;
}

/* Whether there is something whose turn has come. */
static bool has_first_in_order(const struct dualpipe_pool *pool) {
    return pool->order_first &&
           (pool->order_first->is_ready || pool->order_first->answered_count > 0);
}

static int give_first_in_order(struct dualpipe_pool *pool, struct dualpipe_reply *reply) {
    struct request *r = pool->order_first;
    if (r->is_done)
        pool->order_first = r->order_next;
    return give_reply(pool, r, reply);
}

/* It stays until its turn comes, away from the child. */
static void hold_reply(struct dualpipe_pool *pool, struct request *r) {
    request_copy_reply(r);
    r->is_ready = r->is_done;
    pool->held_size -= r->held_size;
    r->held_size = sizeof *r + r->copy.capacity + r->body.capacity + r->err.capacity;
    pool->held_size += r->held_size;
    worker_recv_release(&pool->workers[r->worker_index]);
}

/* It comes back from a child: asked again elsewhere, or given in its turn. Whether it can be
 * given at once. */
static bool take_returned(struct dualpipe_pool *pool, struct request *r) {
    if (r->must_requeue && !pool->is_ending &&
        !(r->attempt == 0 && pool_sched_is_over(pool, r->expects_reply))) {
        pool->stats.retried += r->attempt > 0;
        r->is_exclusive = r->attempt > 0;
        request_rewind(r);
        pool_sched_enqueue(pool, r);
        return false;
    }
    if (r->must_requeue && r->attempt == 0)
        r->outcome = DUALPIPE_OUTCOME_NOT_STARTED;
    r->is_done |= r->must_requeue;
    if (!pool_is_ordered(pool) || r == pool->order_first)
        return true;
    hold_reply(pool, r);
    return false;
}

/* Hears the children in turn, until one has something to give at once. */
static int step_workers(struct dualpipe_pool *pool, struct dualpipe_reply *reply) {
    struct request *r;
    for (int i = 0; i < pool->options.workers; i++) {
        struct worker *w = &pool->workers[pool->next_worker];
        while ((r = worker_step(w))) {
            if (!take_returned(pool, r))
                continue;
            if (pool_is_ordered(pool) && r->is_done)
                pool->order_first = r->order_next;
            return give_reply(pool, r, reply);
        }
        if (w->error)
            pool->error = w->error;
        pool->next_worker =
            pool->next_worker + 1 < pool->options.workers ? pool->next_worker + 1 : 0;
    }
    return 0;
}

static void expire_deadlines(struct dualpipe_pool *pool) {
    int64_t now = clock_now_ns();
    pool->is_overdue = false;
    for (int i = 0; i < pool->options.workers; i++)
        if (pool->workers[i].child)
            worker_expire(&pool->workers[i], now);
        else if (now >= pool->workers[i].state_deadline)
            pool->workers[i].state_deadline = 0; /* it may be started, if one is wanted */
}

static bool has_children(const struct dualpipe_pool *pool) {
    for (int i = 0; i < pool->options.workers; i++)
        if (pool->workers[i].child)
            return true;
    return false;
}

/* Goes on as far as that can be without waiting: 1 if there is something to give. */
static int pump_pool(struct dualpipe_pool *pool, struct dualpipe_reply *reply) {
    if (has_first_in_order(pool))
        return give_first_in_order(pool, reply);
    if (step_workers(pool, reply))
        return 1;
    if (pool->is_overdue) { /* what came in time has been heard */
        expire_deadlines(pool);
        if (step_workers(pool, reply))
            return 1;
    }
    if (pool->waiting_first)
        pool_sched_dispatch(pool);
    if (has_first_in_order(pool))
        return give_first_in_order(pool, reply);
    if (pool->is_ending)
        for (int i = 0; i < pool->options.workers; i++)
            if (pool->workers[i].inflight_count == 0)
                worker_shutdown(&pool->workers[i]);
    return 0;
}

static int wait_for_more(struct dualpipe_pool *pool, int limit) {
    struct dualpipe_pollitem some[16], *events = some;
    int n = pool->options.workers, r;
    if (n > 16 && !(events = malloc((size_t)n * sizeof *events)))
        return -ENOMEM;
    n = dualpipe_pool_pollitems(pool, events, n, &limit);
    r = dualpipe_poll(events, n, limit);
    if (events != some)
        free(events);
    return r;
}

int dualpipe_pool_get(dualpipe_pool *pool, struct dualpipe_reply *reply, int limit) {
    int64_t until = 0;
    int r;
    if (pool->backend)
        return pool_backend_get(pool->backend, reply, limit);
    release_reply(pool);
    for (;;) {
        if (pump_pool(pool, reply))
            return 1;
        if (pool->error && pool->requests.open_count == 0 && !pool->is_ending)
            return pool->error;
        if (pool->requests.open_count == 0 && !(pool->is_ending && has_children(pool)))
            return 0;
        if (limit == 0 && pool->was_polled) {
            pool->was_polled = false;
            return -ETIMEDOUT;
        }
        until = until ? until : clock_deadline(limit);
        if ((r = wait_for_more(pool, clock_remaining_ms(until))) < 0)
            return r;
        if (r == 0 && clock_remaining_ms(until) == 0)
            limit = 0;
    }
}

/* What they write is gathered: nobody is woken for each reply. How long that may take. */
static int drop_stdout_events(struct dualpipe_pollitem *events, int n, int left) {
    for (int i = 0; i < n; i++)
        events[i].events &= ~DUALPIPE_POLL_STDOUT;
    return left < 0 || left > WINDOW_REST_MS ? WINDOW_REST_MS : left;
}

int dualpipe_pool_pollitems(dualpipe_pool *pool, struct dualpipe_pollitem *events, int n,
                            int *limit) {
    bool all = pool->held_size <= POOL_HELD_MAX || !pool->order_first ||
               pool->order_first == pool->waiting_first;
    int64_t due = CLOCK_NEVER;
    bool more = has_first_in_order(pool), rests;
    int used = 0, left;
    if (pool->backend)
        return pool_backend_events(pool->backend, events, n, limit);
    pool->last_wait_rested = rests =
        !more && !pool->last_wait_rested && *limit != 0 && pool_sched_may_rest(pool);
    for (int i = 0; i < pool->options.workers; i++) {
        struct worker *w = &pool->workers[i];
        bool reads = all || !w->inflight_first || pool->order_first->worker_index == i;
        int64_t next =
            w->child || pool->waiting_first ? worker_next_deadline(w, reads) : CLOCK_NEVER;
        due = next < due ? next : due;
        more |= reads && worker_has_more(w);
        more |= pool->is_ending && w->child && w->state <= WORKER_READY && w->inflight_count == 0;
        if (w->child && used++ < n)
            events[used - 1] = worker_pollitem(w, reads);
    }
    if ((left = clock_remaining_ms(due)) == 0)
        pool->is_overdue = true;
    if (more)
        left = 0;
    if (rests && left != 0)
        left = drop_stdout_events(events, used < n ? used : n, left);
    pool->was_polled = true;
    if (left >= 0 && (*limit < 0 || left < *limit))
        *limit = left;
    return used;
}

int dualpipe_pool_oldest(dualpipe_pool *pool, struct dualpipe_reply *reply) {
    const struct request *oldest = NULL;
    if (pool->backend)
        return pool_backend_oldest(pool->backend, reply);
    for (int i = 0; i < pool->options.workers; i++)
        for (const struct request *r = pool->workers[i].inflight_first; r; r = r->queue_next)
            if (!r->is_late && (!oldest || r->number < oldest->number))
                oldest = r;
    if (!oldest)
        return 0;
    fill_reply(pool, oldest, reply);
    reply->number += oldest->answered_count;
    reply->duration_us = oldest->sent_at ? (clock_now_ns() - oldest->sent_at) / 1000 : 0;
    return 1;
}

void dualpipe_pool_signal(dualpipe_pool *pool, int signo) {
    if (pool->backend) {
        pool_backend_signal(pool->backend, signo);
        return;
    }
    for (int i = 0; i < pool->options.workers; i++)
        if (pool->workers[i].child)
            dualpipe_signal(pool->workers[i].child, signo);
}

static void extend_deadline(int64_t *point, int64_t by) {
    if (*point > 0 && *point < CLOCK_NEVER)
        *point += by;
}

void dualpipe_pool_extend_deadlines(dualpipe_pool *pool, int milliseconds) {
    int64_t by = (int64_t)milliseconds * 1000000;
    if (pool->backend)
        return; /* a session's clocks are its own */
    for (int i = 0; i < pool->options.workers; i++) {
        extend_deadline(&pool->workers[i].state_deadline, by);
        for (struct request *r = pool->workers[i].inflight_first; r; r = r->queue_next) {
            extend_deadline(&r->deadline, by);
            extend_deadline(&r->last_heard, by);
        }
    }
}

void dualpipe_pool_timeout_oldest(dualpipe_pool *pool) {
    bool asked = false;
    for (int i = 0; i < pool->options.workers; i++)
        asked |= pool->workers[i].child && worker_time_out_oldest(&pool->workers[i]);
    if (!asked && pool->waiting_first)
        pool_sched_fail_first_waiting(pool, DUALPIPE_OUTCOME_TIMED_OUT);
}

void dualpipe_pool_end(dualpipe_pool *pool) {
    pool->is_ending = true;
    if (pool->backend)
        pool_backend_end(pool->backend);
}

void dualpipe_pool_stop(dualpipe_pool *pool, int signo) {
    pool->is_ending = true;
    if (pool->backend) {
        pool_backend_stop(pool->backend, signo);
        return;
    }
    for (int i = 0; i < pool->options.workers; i++)
        worker_stop(&pool->workers[i], signo);
    pool_sched_fail_all_waiting(pool);
}

void dualpipe_pool_stats(const dualpipe_pool *pool, struct dualpipe_stats *b) {
    *b = pool->stats;
    if (pool->backend)
        pool_backend_stats(pool->backend, b);
}
