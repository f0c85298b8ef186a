/* pool.c: requests to any number of children, given back in order, each once. How they are put in
 * is in put.c, who is asked in dispatch.c. */
#include "child/handle.h"
#include "base/clock.h"
#include "pool/worker.h"
#include "base/error.h"
#include "pool/pool.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST_WORKERS = 65536, MOST_WINDOW = 1 << 20 };

/* --- opening and closing ----------------------------------------------------------------- */

static int refuse(struct dualpipe_failure *why, const char *advice) {
    return failed(why, "opening a pool", NULL, advice, -EINVAL);
}

static bool relays(const struct dualpipe_pool_options *o) {
    for (int i = 0; o->each && i < o->workers; i++)
        if (o->each[i].err != DUALPIPE_RELAY)
            return false;
    return (o->each ? o->each : o->child)->err == DUALPIPE_RELAY;
}

static int check_options(const struct dualpipe_pool_options *o, struct dualpipe_failure *why) {
    if (o->workers < 0 || o->workers > MOST_WORKERS || o->window < DUALPIPE_ADAPT ||
        o->window > MOST_WINDOW)
        return refuse(why, "too many workers, or too large a window");
    if (o->flags & DUALPIPE_PIECES &&
        (o->workers > 1 || o->flags & (DUALPIPE_UNORDERED | DUALPIPE_RETRY_PARTIAL)))
        return refuse(why, "pieces are given of one worker, in order, each once");
    if (o->window > 1 && o->flags & DUALPIPE_FRESH)
        return refuse(why, "a child of its own is asked one request");
    if (o->session)
        return 0;
    if (o->window > 1 && o->rule && !dualpipe_rule_pipelines(o->rule))
        return refuse(why, "where these replies end nothing may follow: no window");
    if (o->flags & DUALPIPE_KEEP_ERR && !relays(o))
        return refuse(why, "stderr can be kept if it is relayed");
    return 0;
}

static uint64_t make_salt(void) {
    uint64_t salt = 0;
    if (getentropy(&salt, sizeof salt) < 0)
        salt = (uint64_t)clock_ns() * 0x9E3779B97F4A7C15U;
    return salt;
}

int pool_prepare(struct dualpipe_pool *pool, struct dualpipe_failure *why) {
    struct dualpipe_pool_options *o = &pool->o;
    uint64_t salt = make_salt();
    int r;
    o->workers = o->workers ? o->workers : 1;
    o->window = o->window ? o->window : 1;
    pool->exchanges.last = &pool->last;
    if (o->flags & DUALPIPE_FRESH)
        o->max_requests = 1;
    if (o->window == DUALPIPE_ADAPT && (o->flags & DUALPIPE_FRESH ||
                                        (o->rule && !dualpipe_rule_pipelines(o->rule))))
        o->window = 1;
    if (!o->rule) {
        struct dualpipe_rule_options one = {.count = 1};
        if ((r = dualpipe_rule_new(&pool->line, &one, why)) < 0)
            return r;
        o->rule = pool->line;
    }
    pool->all = calloc((size_t)o->workers, sizeof *pool->all);
    if (!pool->all)
        return failed(why, "opening a pool", NULL, NULL, -ENOMEM);
    for (int i = 0; i < o->workers; i++)
        pool->all[i] = (struct dialogue){.o = o, .exchanges = &pool->exchanges, .worker = i,
                                         .books = &pool->books, .salt = salt + (uint64_t)i};
    return 0;
}

int dualpipe_pool_open(dualpipe_pool **made, const struct dualpipe_pool_options *o,
                       struct dualpipe_failure *why) {
    struct dualpipe_pool *pool;
    int r = check_options(o, why);
    *made = NULL;
    if (r < 0)
        return r;
    if (!(pool = calloc(1, sizeof *pool)))
        return failed(why, "opening a pool", NULL, NULL, -ENOMEM);
    pool->o = *o;
    r = o->session ? remote_open(&pool->remote, o, why) : pool_prepare(pool, why);
    if (r == 0 && !o->session && !(o->flags & DUALPIPE_FRESH))
        r = pool->error = dialogue_start(&pool->all[0], why);
    if (r < 0)
        dualpipe_pool_close(pool);
    else
        *made = pool;
    return r;
}

/* --- getting ----------------------------------------------------------------------------- */

void pool_release(struct dualpipe_pool *pool) {
    if (pool->lender)
        dialogue_release(pool->lender);
    if (pool->given)
        exchange_spare(pool->given, &pool->exchanges);
    if (pool->emptied)
        pool->emptied->body.start = pool->emptied->body.end = 0;
    pool->lender = NULL;
    pool->given = pool->emptied = NULL;
}

static void fill(const struct dualpipe_pool *pool, const struct exchange *x,
                 struct dualpipe_reply *r) {
    const struct dialogue *d = &pool->all[x->worker];
    bool there = x->generation == d->children && x->generation > 0;
    *r = (struct dualpipe_reply){
        .outcome = x->outcome,
        .more = !x->done && x->ripe == 0,
        .whole = x->whole,
        .data = x->ndata > 0 ? x->data : "",
        .size = x->ndata,
        .err = buffer_data(&x->err),
        .err_size = buffer_held(&x->err),
        .request = buffer_data(&x->own),
        .request_size = buffer_held(&x->own) >= x->request ? x->request : 0,
        .sent = x->sent,
        .unsent = x->size - x->sent,
        .which = x->scan.which,
        .worker = x->worker,
        .attempt = x->attempt,
        .number = x->number,
        .count = x->ripe + (x->done || x->ripe == 0 ? x->count : 0),
        .microseconds = x->ended ? (x->ended - x->begun) / 1000 : 0,
        .tag = x->tag,
        .reason = x->reason,
        .offset = x->offset,
        .status = x->status,
        .child = there ? d->child : NULL,
    };
}

/* Out to the host; the bytes may lie with a child until its next call. */
static int give(struct dualpipe_pool *pool, struct exchange *x, struct dualpipe_reply *r) {
    fill(pool, x, r);
    pool->lender = &pool->all[x->worker];
    pool->held -= x->held;
    x->held = 0;
    if (r->more)
        return 1;
    if (x->outcome == DUALPIPE_ANSWERED)
        pool->books.answered += r->count;
    else if (x->outcome == DUALPIPE_NOT_STARTED)
        pool->books.in -= r->count; /* nothing has become of it */
    else
        pool->books.failed += r->count;
    if (x->done) {
        pool->given = x;
        pool->exchanges.open--;
        return 1;
    }
    pool->emptied = x;
    x->number += x->ripe;
    x->ripe = 0;
    x->ndata = 0;
    return 1;
}

/* Whether there is something whose turn has come. */
static bool has_first(const struct dualpipe_pool *pool) {
    return pool->first && (pool->first->ready || pool->first->ripe > 0);
}

static int give_first(struct dualpipe_pool *pool, struct dualpipe_reply *r) {
    struct exchange *x = pool->first;
    if (x->done)
        pool->first = x->next;
    return give(pool, x, r);
}

/* It stays until its turn comes, away from the child. */
static void hold(struct dualpipe_pool *pool, struct exchange *x) {
    exchange_keep_data(x);
    x->ready = x->done;
    pool->held -= x->held;
    x->held = sizeof *x + x->own.size + x->body.size + x->err.size;
    pool->held += x->held;
    dialogue_release(&pool->all[x->worker]);
}

/* It comes back from a child: asked again elsewhere, or given in its turn. Whether it can be
 * given at once. */
static bool take_back(struct dualpipe_pool *pool, struct exchange *x) {
    if (x->again && !pool->ending && !(x->attempt == 0 && pool_is_over(pool, x->awaits))) {
        pool->books.retried += x->attempt > 0;
        x->alone = x->attempt > 0;
        exchange_rewind(x);
        pool_let_wait(pool, x);
        return false;
    }
    if (x->again && x->attempt == 0)
        x->outcome = DUALPIPE_NOT_STARTED;
    x->done |= x->again;
    if (!pool_is_ordered(pool) || x == pool->first)
        return true;
    hold(pool, x);
    return false;
}

/* Hears the children in turn, until one has something to give at once. */
static int hear_all(struct dualpipe_pool *pool, struct dualpipe_reply *r) {
    struct exchange *x;
    for (int i = 0; i < pool->o.workers; i++) {
        struct dialogue *d = &pool->all[pool->turn];
        while ((x = dialogue_next(d))) {
            if (!take_back(pool, x))
                continue;
            if (pool_is_ordered(pool) && x->done)
                pool->first = x->next;
            return give(pool, x, r);
        }
        if (d->error)
            pool->error = d->error;
        pool->turn = pool->turn + 1 < pool->o.workers ? pool->turn + 1 : 0;
    }
    return 0;
}

static void expire(struct dualpipe_pool *pool) {
    int64_t now = clock_ns();
    pool->overdue = false;
    for (int i = 0; i < pool->o.workers; i++)
        if (pool->all[i].child)
            dialogue_expire(&pool->all[i], now);
        else if (now >= pool->all[i].until)
            pool->all[i].until = 0; /* it may be started, if one is wanted */
}

static bool has_children(const struct dualpipe_pool *pool) {
    for (int i = 0; i < pool->o.workers; i++)
        if (pool->all[i].child)
            return true;
    return false;
}

/* Goes on as far as that can be without waiting: 1 if there is something to give. */
static int pump(struct dualpipe_pool *pool, struct dualpipe_reply *r) {
    if (has_first(pool))
        return give_first(pool, r);
    if (hear_all(pool, r))
        return 1;
    if (pool->overdue) { /* what came in time has been heard */
        expire(pool);
        if (hear_all(pool, r))
            return 1;
    }
    if (pool->waiting)
        pool_dispatch(pool);
    if (has_first(pool))
        return give_first(pool, r);
    if (pool->ending)
        for (int i = 0; i < pool->o.workers; i++)
            if (pool->all[i].under_way == 0)
                dialogue_leave(&pool->all[i]);
    return 0;
}

static int wait_for_more(struct dualpipe_pool *pool, int limit) {
    struct dualpipe_event some[16], *events = some;
    int n = pool->o.workers, r;
    if (n > 16 && !(events = malloc((size_t)n * sizeof *events)))
        return -ENOMEM;
    n = dualpipe_pool_events(pool, events, n, &limit);
    r = dualpipe_poll(events, n, limit);
    if (events != some)
        free(events);
    return r;
}

int dualpipe_pool_get(dualpipe_pool *pool, struct dualpipe_reply *reply, int limit) {
    int64_t until = 0;
    int r;
    if (pool->remote)
        return remote_get(pool->remote, reply, limit);
    pool_release(pool);
    for (;;) {
        if (pump(pool, reply))
            return 1;
        if (pool->error && pool->exchanges.open == 0 && !pool->ending)
            return pool->error;
        if (pool->exchanges.open == 0 && !(pool->ending && has_children(pool)))
            return 0;
        if (limit == 0 && pool->polled) {
            pool->polled = false;
            return -ETIMEDOUT;
        }
        until = until ? until : clock_after(limit);
        if ((r = wait_for_more(pool, clock_left(until))) < 0)
            return r;
        if (r == 0 && clock_left(until) == 0)
            limit = 0;
    }
}

/* What they write is gathered: nobody is woken for each reply. How long that may take. */
static int rest(struct dualpipe_event *events, int n, int left) {
    for (int i = 0; i < n; i++)
        events[i].wants &= ~DUALPIPE_IN;
    return left < 0 || left > WEIGH_REST_MS ? WEIGH_REST_MS : left;
}

int dualpipe_pool_events(dualpipe_pool *pool, struct dualpipe_event *events, int n, int *limit) {
    bool all = pool->held <= POOL_HELD_MOST || !pool->first || pool->first == pool->waiting;
    int64_t due = CLOCK_NEVER;
    bool more = has_first(pool), rests;
    int used = 0, left;
    if (pool->remote)
        return remote_events(pool->remote, events, n, limit);
    pool->rested = rests = !more && !pool->rested && *limit != 0 && pool_may_rest(pool);
    for (int i = 0; i < pool->o.workers; i++) {
        struct dialogue *d = &pool->all[i];
        bool reads = all || !d->first || pool->first->worker == i;
        int64_t next = d->child || pool->waiting ? dialogue_due(d, reads) : CLOCK_NEVER;
        due = next < due ? next : due;
        more |= reads && dialogue_has_more(d);
        more |= pool->ending && d->child && d->state <= DIALOGUE_OPEN && d->under_way == 0;
        if (d->child && used++ < n)
            events[used - 1] = dialogue_event(d, reads);
    }
    if ((left = clock_left(due)) == 0)
        pool->overdue = true;
    if (more)
        left = 0;
    if (rests && left != 0)
        left = rest(events, used < n ? used : n, left);
    pool->polled = true;
    if (left >= 0 && (*limit < 0 || left < *limit))
        *limit = left;
    return used;
}

int dualpipe_pool_oldest(dualpipe_pool *pool, struct dualpipe_reply *r) {
    const struct exchange *oldest = NULL;
    if (pool->remote)
        return remote_oldest(pool->remote, r);
    for (int i = 0; i < pool->o.workers; i++)
        for (const struct exchange *x = pool->all[i].first; x; x = x->under)
            if (!x->owed && (!oldest || x->number < oldest->number))
                oldest = x;
    if (!oldest)
        return 0;
    fill(pool, oldest, r);
    r->number += oldest->ripe;
    r->microseconds = oldest->begun ? (clock_ns() - oldest->begun) / 1000 : 0;
    return 1;
}

dualpipe_pool *dualpipe_pool_close(dualpipe_pool *pool) {
    if (!pool)
        return NULL;
    remote_close(pool->remote);
    pool_release(pool);
    for (int i = 0; pool->all && i < pool->o.workers; i++)
        if (pool->all[i].child && !pool->all[i].borrowed)
            dualpipe_end(pool->all[i].child);
    for (int i = 0; pool->all && i < pool->o.workers; i++)
        if (!pool->all[i].borrowed)
            dualpipe_close(pool->all[i].child, NULL);
    exchange_free_all(&pool->exchanges);
    dualpipe_rule_free(pool->line);
    free(pool->all);
    free(pool);
    return NULL;
}
