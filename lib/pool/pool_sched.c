/* pool_sched.c: which child a request goes to, when one more is started, when one is of no more
 * use; and what goes to all of them. */
#include "child/handle.h"
#include "base/clock.h"
#include "pool/pool.h"
#include <errno.h>

/* --- the order --------------------------------------------------------------------------- */

void pool_append(struct dualpipe_pool *pool, struct exchange *x) {
    x->next = NULL;
    if (pool->first)
        pool->last->next = x;
    else
        pool->first = x;
    pool->last = x;
}

static bool has_bounced(const struct dualpipe_pool *pool, const struct exchange *x) {
    return pool->o.tries > 0 && x->bounces > 0;
}

void pool_let_wait(struct dualpipe_pool *pool, struct exchange *x) {
    struct exchange **at = &pool->waiting; /* who was put sooner goes first */
    while (*at && (*at)->number < x->number)
        at = &(*at)->under;
    x->under = *at;
    *at = x;
    pool->nwaiting += has_bounced(pool, x) ? 0 : x->count;
}

static struct exchange *take_waiting(struct dualpipe_pool *pool, struct exchange **at) {
    struct exchange *x = *at;
    *at = x->under;
    pool->nwaiting -= has_bounced(pool, x) ? 0 : x->count;
    return x;
}

/* Its outcome stands. */
static void settle(struct dualpipe_pool *pool, struct exchange *x) {
    x->done = x->ready = true;
    if (!pool_is_ordered(pool))
        pool_append(pool, x);
}

static void give_up_first(struct dualpipe_pool *pool, enum dualpipe_outcome outcome) {
    struct exchange *x = take_waiting(pool, &pool->waiting);
    x->outcome = outcome;
    settle(pool, x);
}

/* What no child will be asked any more. */
static void give_up_waiting(struct dualpipe_pool *pool) {
    while (pool->waiting)
        give_up_first(pool, pool->waiting->attempt > 0 ? DUALPIPE_CHILD_ENDED
                                                       : DUALPIPE_NOT_STARTED);
}

/* --- who is asked ------------------------------------------------------------------------ */

static bool replaces(const struct dualpipe_pool *pool) {
    return pool->o.workers > 1 || pool->o.tries > 0 ||
           pool->o.flags & (DUALPIPE_REPLACE | DUALPIPE_FRESH);
}

static bool may_start(const struct dualpipe_pool *pool, const struct dialogue *d, bool again) {
    if (d->state != DIALOGUE_NONE || d->borrowed || d->given_up || pool->ending || pool->error)
        return false;
    return d->children == 0 || replaces(pool) || d->relieved || again;
}

bool pool_is_over(const struct dualpipe_pool *pool, bool awaits) {
    const struct dialogue *d = &pool->all[0];
    if (d->state == DIALOGUE_OPEN && !d->spoiled && !d->child->out.ended)
        return false;
    if (replaces(pool) || d->children == 0 || d->relieved)
        return false;
    if (pool->waiting && pool->waiting->attempt > 0)
        return false; /* there will be a fresh one for that */
    return d->state == DIALOGUE_NONE || d->spoiled ||
           (d->state == DIALOGUE_OPEN && !d->first && d->child->out.ended &&
            (awaits || d->wanted)); /* wanted: it has been found to be over */
}

/* It is of no more use: out of step, silent for ever, or asked often enough. */
static void retire(struct dualpipe_pool *pool, struct dialogue *d, const struct exchange *x) {
    if (d->state != DIALOGUE_OPEN || d->under_way > 0)
        return;
    if (!d->spoiled && d->child->out.ended && x->awaits)
        d->wanted = true; /* it may be about to end */
    if (d->borrowed && d->spoiled) {
        pool->error = -ESTALE;
    } else if (d->spoiled && (replaces(pool) || x->attempt > 0)) {
        dialogue_replace(d);
    } else if (pool->o.max_requests > 0 && d->asked >= pool->o.max_requests) {
        d->relieved = true;
        dialogue_leave(d);
    }
}

static bool is_heard(const struct dialogue *d) {
    return d->state == DIALOGUE_OPEN && !d->spoiled && d->child->received > 0;
}

/* What came back from children that never came up waits for one that did, if there is any. If
 * there is none, others go first: it may be what makes them end. */
static bool wants_heard(const struct dualpipe_pool *pool, const struct exchange *x) {
    if (!has_bounced(pool, x))
        return false;
    for (const struct exchange *y = pool->waiting; y; y = y->under)
        if (y->bounces < x->bounces)
            return true;
    for (int i = 0; i < pool->o.workers; i++)
        if (is_heard(&pool->all[i]))
            return true;
    return false;
}

/* What a child has still to do, as a part of what it may have. */
static double load(const struct dialogue *d) {
    return (double)d->under_way /
           (dialogue_adapts(d) ? weigh_window(&d->weight) : d->o->window);
}

static struct dialogue *choose(struct dualpipe_pool *pool, const struct exchange *x) {
    struct dialogue *best = NULL;
    bool heard = wants_heard(pool, x);
    for (int i = 0; i < pool->o.workers; i++) {
        struct dialogue *d = &pool->all[i];
        if (!d->child || (heard && !is_heard(d)))
            continue;
        if (!dialogue_takes(d, x) || (d->child->out.ended && x->awaits))
            retire(pool, d, x);
        else if (!best || load(d) < load(best))
            best = d;
        if (best && best->under_way == 0)
            break;
    }
    return best;
}

/* Who can be started now: of those the one that has failed least. again: for a request that has
 * failed. */
static struct dialogue *find_to_start(const struct dualpipe_pool *pool, bool again) {
    struct dialogue *best = NULL;
    int64_t now = 0;
    for (int i = 0; i < pool->o.workers; i++) {
        struct dialogue *d = &pool->all[i];
        if (!may_start(pool, d, again) || (best && best->failures <= d->failures))
            continue;
        if (d->until <= 0 || d->until <= (now = now ? now : clock_ns()))
            best = d;
    }
    return best;
}

static bool all_are_given_up(const struct dualpipe_pool *pool) {
    for (int i = 0; i < pool->o.workers; i++)
        if (!pool->all[i].given_up)
            return false;
    return true;
}

/* One more child, if that helps; it may have to be set up first. */
static struct dialogue *start_one(struct dualpipe_pool *pool, const struct exchange *x) {
    struct dialogue *d = find_to_start(pool, x->attempt > 0);
    if (!d && !pool->error && all_are_given_up(pool))
        pool->error = -ECHILD;
    if (d && dialogue_start(d, NULL) < 0)
        pool->error = d->error;
    return d;
}

/* Whether those that are being set up are too few for those that wait. */
static bool needs_more(const struct dualpipe_pool *pool) {
    int to_come = 0;
    for (int i = 0; i < pool->o.workers; i++)
        if (pool->all[i].state == DIALOGUE_SETTING_UP)
            to_come += dialogue_adapts(&pool->all[i]) ? 1 : pool->o.window;
    return to_come < (pool->nwaiting > 0 ? pool->nwaiting : 1);
}

struct dialogue *pool_find_child(struct dualpipe_pool *pool, const struct exchange *x) {
    struct dialogue *d = choose(pool, x), *more;
    if (d && (d->under_way == 0 || pool->o.workers == 1))
        return d;
    more = needs_more(pool) && !wants_heard(pool, x) ? start_one(pool, x) : NULL;
    return more && dialogue_takes(more, x) ? more : d;
}

int pool_room_at_once(const struct dualpipe_pool *pool) {
    struct dialogue *best = NULL;
    int room = 0, most, to_come = -pool->nwaiting;
    for (int i = 0; i < pool->o.workers; i++) {
        struct dialogue *d = &pool->all[i];
        most = d->child && d->child->out.ended ? 0 : dialogue_room(d);
        to_come += most == 0 && d->under_way == 0;
        if (most > 0 && (!best || load(d) < load(best))) {
            best = d;
            room = most;
        }
        if (best && best->under_way == 0)
            break;
    }
    if (pool->waiting || !best)
        return to_come > 0;
    return best->under_way > 0 && needs_more(pool) && find_to_start(pool, false) ? 1 : room;
}

/* Requests that wait for a child go to one, the first first; those that wait for one that has been
 * heard hold nobody up. */
void pool_dispatch(struct dualpipe_pool *pool) {
    struct exchange **at = &pool->waiting;
    while (*at && !pool->error && !pool->ending) {
        struct exchange *x = *at;
        struct dialogue *d = pool_find_child(pool, x);
        if (!d && x->attempt == 0 && pool_is_over(pool, x->awaits)) {
            give_up_waiting(pool);
            return;
        }
        if (!d && wants_heard(pool, x)) {
            at = &x->under;
            continue;
        }
        if (!d)
            break;
        take_waiting(pool, at);
        if (dialogue_send(d, x, NULL) < 0) {
            x->outcome = DUALPIPE_NOT_STARTED;
            settle(pool, x);
        }
    }
    if (pool->error || pool->ending)
        give_up_waiting(pool);
}

/* --- when they are looked at ------------------------------------------------------------- */

bool pool_may_rest(const struct dualpipe_pool *pool) {
    bool busy = false;
    if (pool->o.window != DUALPIPE_ADAPT || pool->waiting || pool->ending || pool->error)
        return false;
    for (int i = 0; i < pool->o.workers; i++) {
        const struct dialogue *d = &pool->all[i];
        if (!d->child || d->under_way == 0)
            continue;
        if (d->state != DIALOGUE_OPEN || d->sending || d->spoiled ||
            !weigh_may_rest(&d->weight, d->under_way))
            return false;
        busy = true;
    }
    return busy;
}

/* --- all of them ------------------------------------------------------------------------- */

void dualpipe_pool_signal(dualpipe_pool *pool, int signo) {
    if (pool->remote) {
        remote_signal(pool->remote, signo);
        return;
    }
    for (int i = 0; i < pool->o.workers; i++)
        if (pool->all[i].child)
            dualpipe_signal(pool->all[i].child, signo);
}

static void postpone(int64_t *point, int64_t by) {
    if (*point > 0 && *point < CLOCK_NEVER)
        *point += by;
}

void dualpipe_pool_postpone(dualpipe_pool *pool, int milliseconds) {
    int64_t by = (int64_t)milliseconds * 1000000;
    if (pool->remote)
        return; /* a session's clocks are its own */
    for (int i = 0; i < pool->o.workers; i++) {
        postpone(&pool->all[i].until, by);
        for (struct exchange *x = pool->all[i].first; x; x = x->under) {
            postpone(&x->until, by);
            postpone(&x->heard, by);
        }
    }
}

void dualpipe_pool_give_up(dualpipe_pool *pool) {
    bool asked = false;
    for (int i = 0; i < pool->o.workers; i++)
        asked |= pool->all[i].child && dialogue_give_up(&pool->all[i]);
    if (!asked && pool->waiting)
        give_up_first(pool, DUALPIPE_TIMED_OUT);
}

static void disown(struct exchange *x, const void *tag) {
    for (; x; x = x->under)
        x->disowned |= x->tag == tag && !x->dropped;
}

void pool_disown(struct dualpipe_pool *pool, const void *tag) {
    disown(pool->waiting, tag);
    for (int i = 0; i < pool->o.workers; i++)
        disown(pool->all[i].first, tag);
}

void pool_press(struct dualpipe_pool *pool, bool others, int least) {
    for (int i = 0; i < pool->o.workers; i++)
        dialogue_press(&pool->all[i], others, least);
}

void dualpipe_pool_end(dualpipe_pool *pool) {
    pool->ending = true;
    if (pool->remote)
        remote_end(pool->remote);
}

void dualpipe_pool_stop(dualpipe_pool *pool, int signo) {
    pool->ending = true;
    if (pool->remote) {
        remote_stop(pool->remote, signo);
        return;
    }
    for (int i = 0; i < pool->o.workers; i++)
        dialogue_stop(&pool->all[i], signo);
    give_up_waiting(pool);
}

void dualpipe_pool_books(const dualpipe_pool *pool, struct dualpipe_books *b) {
    *b = pool->books;
    if (pool->remote)
        remote_books(pool->remote, b);
}
