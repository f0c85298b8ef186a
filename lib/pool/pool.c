/* pool.c: the public calls on a pool: open, submit, wait, get replies, end, close.
 *
 * A pool hands each request to one of its workers and gives every request back exactly once,
 * answered or failed. pool_sched.c chooses the worker; worker.c does the rest. If the options name
 * a session there are no workers: the calls go to session/pool_backend.c.
 *
 * A request can be in two lists at once: in the order list (order_first), which says whose reply is
 * given next, and in one queue, at a worker or waiting for one. In an ordered pool every request
 * enters the order list when it is submitted, and a reply that comes before its turn is copied and
 * held (reply_order.c). In an unordered pool a reply is given as soon as a worker returns it; the
 * order list then holds only requests that failed while they waited.
 *
 * Bytes of a reply are lent to the host: they lie in a child's buffer (lender) or in the request
 * (given, given_batch) until the next call, which begins with release_reply().
 *
 * All waiting is in dualpipe_poll(). dualpipe_pool_get() goes round pump_pool() and
 * wait_for_more(); a host with a loop of its own does the same by dualpipe_pool_pollitems() and
 * dualpipe_pool_get() with limit 0.
 *
 * Memory is bounded: beyond POOL_HELD_MAX bytes of held replies there is no room for requests, and
 * only the child whose reply is next in order is read. The trap: that child must always be read, or
 * the pool stands still. */
#include "pool/pool.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/options.h"
#include "codec/rule.h"
#include "child/handle.h"
#include "pool/pool_sched.h"
#include "pool/reply_order.h"
#include "pool/worker.h"
#include "pool/worker_idle.h"
#include "pool/worker_interrupt.h"
#include "pool/worker_recv.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    MAX_WORKERS = 65536,
    MAX_WINDOW = 1 << 20,
    MAX_WAITING = 2048,    /* requests beyond the room of an automatic window */
    MIN_LONG_LINE = 4096,  /* bytes of a request that is submitted alone though batches may be */
};

/* Options that concern each request by itself, so that requests can't be a batch. */
enum {
    PER_REQUEST_FLAGS = DUALPIPE_POOL_ONE_SHOT | DUALPIPE_POOL_KEEP_REQUESTS |
                        DUALPIPE_POOL_KEEP_STDERR | DUALPIPE_POOL_MEASURE_TIME |
                        DUALPIPE_POOL_MEASURE_USAGE | DUALPIPE_POOL_TRACE_SENT
};

/* --- Opening and closing --- */

static int options_error(struct dualpipe_error *why, const char *advice) {
    return error_set(why, "opening a pool", NULL, advice, -EINVAL);
}

static bool has_command(const struct dualpipe_options *child) {
    return child && (child->function || (child->argv && child->argv[0]));
}

static bool all_have_commands(const struct dualpipe_pool_options *o) {
    for (int i = 0; o->worker_options && i < o->workers; i++)
        if (!has_command(worker_child_options(o, i)))
            return false;
    return has_command(worker_child_options(o, 0));
}

/* On a terminal a line may be refused, which a batch could not survive. */
static bool uses_pipes(const struct dualpipe_options *child) {
    return child->transport == DUALPIPE_TRANSPORT_PIPE ||
           child->transport == DUALPIPE_TRANSPORT_UNBUFFER;
}

static bool relays_stderr(const struct dualpipe_pool_options *o) {
    for (int i = 0; o->worker_options && i < o->workers; i++)
        if (worker_child_options(o, i)->err != DUALPIPE_STDERR_RELAY)
            return false;
    return worker_child_options(o, 0)->err == DUALPIPE_STDERR_RELAY;
}

static int check_options(const struct dualpipe_pool_options *o, struct dualpipe_error *why) {
    if (o->workers < 0 || o->workers > MAX_WORKERS || o->window < DUALPIPE_WINDOW_AUTO ||
        o->window > MAX_WINDOW)
        return options_error(why, "too many workers, or too large a window");
    if (o->flags & DUALPIPE_POOL_STREAM_REPLIES &&
        (o->workers > 1 || o->flags & (DUALPIPE_POOL_UNORDERED | DUALPIPE_POOL_RETRY_PARTIAL)))
        return options_error(why, "pieces are given of one worker, in order, each once");
    if (o->window > 1 && o->flags & DUALPIPE_POOL_ONE_SHOT)
        return options_error(why, "a child of its own is asked one request");
    if (o->setup_count < 0 || o->shutdown_count < 0 || (o->setup_count > 0 && !o->setup_texts) ||
        (o->shutdown_count > 0 && !o->shutdown_texts))
        return options_error(why, "texts are counted that are not given");
    if (o->session)
        return 0; /* the other checks concern children */
    if (!all_have_commands(o))
        return options_error(why, "no command is given");
    if (o->window > 1 && o->rule && !dualpipe_rule_allows_pipelining(o->rule))
        return options_error(why, "where these replies end nothing may follow: no window");
    if (o->flags & DUALPIPE_POOL_KEEP_STDERR && !relays_stderr(o))
        return options_error(why, "stderr can be kept if it is relayed");
    return 0;
}

/* The part of fence tokens that a child can't guess, so that its output can't forge one. */
static uint64_t make_salt(void) {
    uint64_t salt = 0;
    if (getentropy(&salt, sizeof salt) < 0)
        salt = (uint64_t)clock_now_ns() * 0x9E3779B97F4A7C15U;
    return salt;
}

int pool_init(struct dualpipe_pool *pool, struct dualpipe_error *why) {
    struct dualpipe_pool_options *o = &pool->options;
    uint64_t salt = make_salt();
    int error;
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
        struct dualpipe_rule_options one_line = {.count = 1};
        if ((error = dualpipe_rule_new(&pool->default_rule, &one_line, why)) < 0)
            return error;
        o->rule = pool->default_rule;
    }
    pool->workers = calloc((size_t)o->workers, sizeof *pool->workers);
    if (!pool->workers)
        return error_set(why, "opening a pool", NULL, NULL, -ENOMEM);
    for (int i = 0; i < o->workers; i++)
        pool->workers[i] = (struct worker){.options = o,
                                           .requests = &pool->requests,
                                           .index = i,
                                           .next_look = CLOCK_NEVER,
                                           .stats = &pool->stats,
                                           .token_salt = salt + (uint64_t)i};
    return 0;
}

/* The bytes that the last call gave to the host are no longer needed. */
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

int dualpipe_pool_open(dualpipe_pool **made, const struct dualpipe_pool_options *given,
                       struct dualpipe_error *why) {
    struct dualpipe_pool_options own, *o = &own;
    struct dualpipe_pool *pool;
    int error = options_copy(o, sizeof *o, given);
    *made = NULL;
    if (error < 0)
        return error_set(why, "reading the options", NULL, NULL, error);
    if ((error = check_options(o, why)) < 0)
        return error;
    if (!(pool = calloc(1, sizeof *pool)))
        return error_set(why, "opening a pool", NULL, NULL, -ENOMEM);
    pool->options = *o;
    error = o->session ? pool_backend_open(&pool->backend, o, why) : pool_init(pool, why);
    if (error == 0 && !o->session && !(o->flags & DUALPIPE_POOL_ONE_SHOT))
        error = pool->error = worker_start(&pool->workers[0], false, why);
    if (error < 0)
        dualpipe_pool_close(pool);
    else
        *made = pool;
    return error;
}

/* All children see their end of file before the first is waited for, so that they end at once. */
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

/* --- Submitting requests --- */

int dualpipe_pool_can_batch(const dualpipe_pool *pool, const dualpipe_rule *rule) {
    const struct dualpipe_pool_options *o = &pool->options;
    return !pool->backend && !(o->flags & PER_REQUEST_FLAGS) &&
           (o->workers == 1 || o->window == DUALPIPE_WINDOW_AUTO) &&
           uses_pipes(worker_child_options(&pool->options, 0)) &&
           rule_is_count_only(rule ? rule : o->rule);
}

/* How many requests may be submitted on account of this worker. With an automatic window one may
 * always wait for a worker that has none. */
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
            return 0; /* failed requests are given back, or requeued, first */
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

static struct request *make_request(struct dualpipe_pool *pool, const struct dualpipe_request *q) {
    struct request *r = request_new(&pool->requests);
    if (!r)
        return NULL;
    r->rule = request_rule(pool, q);
    r->text_size = r->wire_size = q->size;
    r->timeout_ms = q->timeout;
    r->tag = q->tag;
    r->expects_reply = rule_expects_reply(r->rule, q->data, q->size);
    r->number = pool->last_number + 1;
    r->count = q->count > 0 ? q->count : 1;
    r->is_batch = r->count > 1 || (q->count == 1 && q->size < MIN_LONG_LINE);
    return r;
}

/* Whether there is something to get already. The only child of a pool that does one request at a
 * time is read here: a quick reply has come while its request was being written. */
static bool has_early_reply(const struct dualpipe_pool *pool, struct worker *w) {
    bool is_alone = pool->options.workers == 1 && pool->options.window == 1;
    return worker_has_more(w) || (is_alone && w->child && worker_recv_read(w) >= 0);
}

/* An automatic window can shrink between a call of dualpipe_pool_room() and this one, only because
 * time has passed; so a number of requests is taken beyond the room. */
static int check_submit(const struct dualpipe_pool *pool, const struct dualpipe_request *q) {
    const dualpipe_rule *rule = request_rule(pool, q);
    int room = dualpipe_pool_room(pool);
    if (room < 0)
        return room;
    if (q->count > 0 && !dualpipe_pool_can_batch(pool, rule))
        return -EINVAL;
    if (pool->options.window == DUALPIPE_WINDOW_AUTO)
        return room == 0 && pool->waiting_count >= MAX_WAITING ? -EAGAIN : 0;
    if (room == 0 || q->count > room)
        return -EAGAIN;
    if (rule_refuses_request(rule, q->data, q->size))
        return -EINVAL;
    return pool->options.window > 1 && !rule_allows_pipelining(rule) ? -EINVAL : 0;
}

/* Whether the requests of q may be added to the batch submitted last. */
static bool may_extend_batch(const struct dualpipe_pool *pool, const struct dualpipe_request *q) {
    return q->count > 0 && pool->options.workers == 1 && !pool->waiting_first;
}

static void count_submitted(struct dualpipe_pool *pool, int count) {
    pool->last_number += count;
    pool->stats.submitted += count;
}

/* With INTERACTIVE a late reply may take any time, until the user submits the next request: from
 * then on it has a limit. A session sets its own limits (pool_sched_limit_abandoned). */
int dualpipe_pool_put(dualpipe_pool *pool, const struct dualpipe_request *q) {
    struct worker *w = NULL;
    struct request *r;
    int error;
    if (!q)
        return -EINVAL;
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
        reply_order_append(pool, r);
    return w && has_early_reply(pool, w);
}

/* --- Giving replies --- */

static void fill_reply(const struct dualpipe_pool *pool, const struct request *r,
                       struct dualpipe_reply *reply) {
    const struct worker *w = &pool->workers[r->worker_index];
    bool child_is_present = r->generation == w->children_started && r->generation > 0;
    *reply = (struct dualpipe_reply){
        .outcome = r->outcome,
        .partial = !r->is_done && r->answered_count == 0,
        .complete = r->reply_complete || r->outcome == DUALPIPE_OUTCOME_ERROR,
        .data = r->reply_size > 0 ? r->reply : "",
        .size = r->reply_size,
        .err = buffer_data(&r->err),
        .err_size = buffer_len(&r->err),
        .request = buffer_data(&r->copy),
        .request_size = buffer_len(&r->copy) >= r->text_size ? r->text_size : 0,
        .sent = r->sent,
        .unsent = r->wire_size - r->sent,
        .matched = r->scan.matched,
        .request_status = r->scan.status,
        .worker = r->worker_index,
        .attempt = r->attempt,
        .number = r->number,
        .count = r->answered_count + (r->is_done || r->answered_count == 0 ? r->count : 0),
        .duration_us = r->ended_at ? (r->ended_at - r->sent_at) / 1000 : 0,
        .tag = r->tag,
        .reason = r->reason,
        .offset = r->error_offset,
        .status = r->status,
        .child = child_is_present ? w->child : NULL,
        .started_us = r->started_us,
        .interrupted = r->interrupt == INTERRUPT_SENT && r->is_done,
    };
}

/* Gives r to the host: a piece of its reply, the answered part of a batch, or all. A request that
 * was NOT_STARTED counts as never submitted. Always returns 1, as dualpipe_pool_get() does then. */
static int give_reply(struct dualpipe_pool *pool, struct request *r, struct dualpipe_reply *reply) {
    fill_reply(pool, r, reply);
    pool->lender = &pool->workers[r->worker_index];
    pool->held_size -= r->held_size;
    r->held_size = 0;
    if (reply->partial)
        return 1;
    if (r->outcome == DUALPIPE_OUTCOME_ANSWERED)
        pool->stats.answered += reply->count;
    else if (r->outcome == DUALPIPE_OUTCOME_NOT_STARTED)
        pool->stats.submitted -= reply->count;
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

static int give_first_in_order(struct dualpipe_pool *pool, struct dualpipe_reply *reply) {
    struct request *r = pool->order_first;
    reply_order_pass(pool, r);
    return give_reply(pool, r, reply);
}

/* Takes a request that a worker returned: one to be requeued, or one with a reply, which is held
 * unless its turn has come. Returns whether it can be given at once. If an attempt was made, the
 * requeue is a retry; if none was, the request never reached a child, and fails as NOT_STARTED. */
static bool take_returned(struct dualpipe_pool *pool, struct request *r) {
    if (r->must_requeue && !pool->is_ending &&
        !(r->attempt == 0 && pool_sched_is_over(pool, r->expects_reply))) {
        pool->stats.retried += r->attempt > 0;
        r->is_exclusive = r->attempt > 0;
        request_rewind(r);
        pool_sched_enqueue(pool, r);
        return false;
    }
    if (r->must_requeue && r->attempt == 0 && pool->is_ending && r->sent > 0)
        r->attempt = 1; /* it is stopped before a child has proved that it was there */
    if (r->must_requeue && r->attempt == 0)
        r->outcome = DUALPIPE_OUTCOME_NOT_STARTED;
    r->is_done |= r->must_requeue;
    if (!pool_is_ordered(pool) || r == pool->order_first)
        return true;
    reply_order_hold(pool, r);
    return false;
}

/* --- Going on and waiting --- */

/* Steps the workers in turn until one has something to give at once: 1; 0: none has. */
static int step_workers(struct dualpipe_pool *pool, struct dualpipe_reply *reply) {
    struct request *r;
    for (int i = 0; i < pool->options.workers; i++) {
        struct worker *w = &pool->workers[pool->next_worker];
        while ((r = worker_step(w))) {
            if (!take_returned(pool, r))
                continue;
            if (pool_is_ordered(pool))
                reply_order_pass(pool, r);
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
            pool->workers[i].state_deadline = 0; /* its pause is over: it may start a child */
}

/* Goes on as far as possible without waiting: 1 if a reply was given. Deadlines expire only after
 * the workers were stepped, because a reply may have come in time. */
static int pump_pool(struct dualpipe_pool *pool, struct dualpipe_reply *reply) {
    if (reply_order_has_next(pool))
        return give_first_in_order(pool, reply);
    if (step_workers(pool, reply))
        return 1;
    if (pool->is_overdue) {
        expire_deadlines(pool);
        if (step_workers(pool, reply))
            return 1;
    }
    if (pool->waiting_first)
        pool_sched_dispatch(pool);
    if (reply_order_has_next(pool))
        return give_first_in_order(pool, reply);
    if (pool->is_ending)
        for (int i = 0; i < pool->options.workers; i++)
            if (pool->workers[i].inflight_count == 0)
                worker_shutdown(&pool->workers[i]);
    return 0;
}

static int wait_for_more(struct dualpipe_pool *pool, int limit) {
    struct dualpipe_pollitem some[16], *items = some;
    int n = pool->options.workers, error;
    if (n > 16 && !(items = malloc((size_t)n * sizeof *items)))
        return -ENOMEM;
    n = dualpipe_pool_pollitems(pool, items, n, &limit);
    error = dualpipe_poll(items, n, limit);
    if (items != some)
        free(items);
    return error;
}

/* With limit 0 the children are polled here once, unless the host has polled them itself
 * (was_polled). */
int dualpipe_pool_get(dualpipe_pool *pool, struct dualpipe_reply *reply, int limit) {
    int64_t deadline = 0;
    int found;
    if (pool->backend)
        return pool_backend_get(pool->backend, reply, limit);
    release_reply(pool);
    for (;;) {
        if (pump_pool(pool, reply))
            return 1;
        if (pool->error && pool->requests.open_count == 0 && !pool->is_ending)
            return pool->error;
        if (pool->requests.open_count == 0 && !(pool->is_ending && pool_sched_has_children(pool)))
            return 0;
        if (limit == 0 && pool->was_polled) {
            pool->was_polled = false;
            return -ETIMEDOUT;
        }
        deadline = deadline ? deadline : clock_deadline(limit);
        if ((found = wait_for_more(pool, clock_remaining_ms(deadline))) < 0)
            return found;
        if (found == 0 && clock_remaining_ms(deadline) == 0)
            limit = 0;
    }
}

/* Leaves stdout out of the wait, so that replies gather and the host isn't woken for each of them.
 * Returns how long that wait may take, in milliseconds. */
static int drop_stdout_events(struct dualpipe_pollitem *items, int n, int remaining_ms) {
    for (int i = 0; i < n; i++)
        items[i].events &= ~DUALPIPE_POLL_STDOUT;
    return remaining_ms < 0 || remaining_ms > WINDOW_REST_MS ? WINDOW_REST_MS : remaining_ms;
}

/* While too much is held, only the child that has the first request in order is read; if that
 * request still waits for a worker, all are, as one of them must become free. A rest is never
 * followed by another one. */
int dualpipe_pool_pollitems(dualpipe_pool *pool, struct dualpipe_pollitem *items, int n,
                            int *limit) {
    bool reads_all = pool->held_size <= POOL_HELD_MAX || !pool->order_first ||
                     pool->order_first == pool->waiting_first;
    int64_t due = CLOCK_NEVER;
    bool has_more = reply_order_has_next(pool), rests;
    int used = 0, remaining_ms;
    if (pool->backend)
        return pool_backend_events(pool->backend, items, n, limit);
    pool->last_wait_rested = rests =
        !has_more && !pool->last_wait_rested && *limit != 0 && pool_sched_may_rest(pool);
    for (int i = 0; i < pool->options.workers; i++) {
        struct worker *w = &pool->workers[i];
        bool reads = reads_all || !w->inflight_first || pool->order_first->worker_index == i;
        int64_t next =
            w->child || pool->waiting_first ? worker_next_deadline(w, reads) : CLOCK_NEVER;
        due = next < due ? next : due;
        has_more |= reads && worker_has_more(w);
        has_more |=
            pool->is_ending && w->child && w->state <= WORKER_READY && w->inflight_count == 0 &&
            !worker_interrupt_is_probing(w);
        if (w->child && used++ < n)
            items[used - 1] = worker_pollitem(w, reads);
    }
    if ((remaining_ms = clock_remaining_ms(due)) == 0)
        pool->is_overdue = true;
    if (has_more)
        remaining_ms = 0;
    if (rests && remaining_ms != 0)
        remaining_ms = drop_stdout_events(items, used < n ? used : n, remaining_ms);
    pool->was_polled = true;
    if (remaining_ms >= 0 && (*limit < 0 || remaining_ms < *limit))
        *limit = remaining_ms;
    return used;
}

int dualpipe_pool_oldest(dualpipe_pool *pool, struct dualpipe_reply *reply) {
    const struct request *oldest = NULL;
    if (pool->backend)
        return pool_backend_oldest(pool->backend, reply);
    for (int i = 0; i < pool->options.workers; i++)
        for (const struct request *r = pool->workers[i].inflight_first; r; r = r->queue_next)
            if (!r->is_late && r->interrupt != INTERRUPT_PROBE &&
                (!oldest || r->number < oldest->number))
                oldest = r;
    if (!oldest)
        return 0;
    fill_reply(pool, oldest, reply);
    reply->number += oldest->answered_count;
    reply->duration_us = oldest->sent_at ? (clock_now_ns() - oldest->sent_at) / 1000 : 0;
    return 1;
}

/* --- All workers at once --- */

void dualpipe_pool_signal(dualpipe_pool *pool, int signo) {
    if (pool->backend) {
        pool_backend_signal(pool->backend, signo);
        return;
    }
    for (int i = 0; i < pool->options.workers; i++)
        if (pool->workers[i].child)
            dualpipe_signal(pool->workers[i].child, signo);
}

/* What is cancelled has its deadline behind it, so the next call gives it up. */
int dualpipe_pool_interrupt(dualpipe_pool *pool, int64_t number) {
    int count = 0;
    if (pool->backend)
        return pool_backend_interrupt(pool->backend, number);
    if (number > 0 && pool_sched_cancel_waiting(pool, number))
        return 1;
    for (int i = 0; i < pool->options.workers; i++)
        count += pool->workers[i].child && worker_interrupt_cancel(&pool->workers[i], number);
    pool->is_overdue |= count > 0;
    return count;
}

static void extend_deadline(int64_t *deadline, int64_t ns) {
    if (*deadline > 0 && *deadline < CLOCK_NEVER)
        *deadline += ns;
}

/* The timers of a session are its own, and go on. */
void dualpipe_pool_extend_deadlines(dualpipe_pool *pool, int milliseconds) {
    int64_t ns = (int64_t)milliseconds * 1000000;
    if (pool->backend)
        return;
    for (int i = 0; i < pool->options.workers; i++) {
        extend_deadline(&pool->workers[i].state_deadline, ns);
        for (struct request *r = pool->workers[i].inflight_first; r; r = r->queue_next) {
            extend_deadline(&r->deadline, ns);
            extend_deadline(&r->last_output_at, ns);
        }
    }
}

void pool_look_for_output(struct dualpipe_pool *pool) {
    for (int i = 0; i < pool->options.workers; i++)
        worker_idle_look_for_output(&pool->workers[i]);
}

void dualpipe_pool_timeout_oldest(dualpipe_pool *pool) {
    bool any_timed_out = false;
    for (int i = 0; pool->workers && i < pool->options.workers; i++)
        any_timed_out |= pool->workers[i].child && worker_time_out_oldest(&pool->workers[i]);
    if (!any_timed_out && pool->waiting_first)
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

void dualpipe_pool_stats(const dualpipe_pool *pool, struct dualpipe_stats *stats) {
    *stats = pool->stats;
    if (pool->backend)
        pool_backend_stats(pool->backend, stats);
}
