/* put.c: how requests are put into a pool: to a child at once, or to wait for one. */
#include "child/handle.h"
#include "pool/worker.h"
#include "pool/pool.h"
#include "codec/rule.h"
#include "os/pty.h"
#include <errno.h>

/* What is known of each request by itself, or done for it. */
enum { EACH = DUALPIPE_FRESH | DUALPIPE_KEEP_REQUESTS | DUALPIPE_KEEP_ERR | DUALPIPE_TIMED |
              DUALPIPE_TELL_SENT };
enum {
    LONG = 4096, /* a line that is put alone */
    MOST_WAITING = 2048,
};

static int room_of(struct dialogue *d) {
    int room;
    if (!dialogue_adapts(d))
        return d->o->window - d->under_way;
    room = dialogue_room(d);
    return room == 0 && d->under_way == 0 ? 1 : room;
}

int dualpipe_pool_room(const dualpipe_pool *pool) {
    int room = -pool->nwaiting;
    if (pool->remote)
        return remote_room(pool->remote);
    if (pool->error)
        return pool->error;
    if (pool->ending)
        return -EPIPE;
    for (int i = 0; i < pool->o.workers; i++) {
        if (pool->all[i].back)
            return 0; /* what has failed is given first */
        if (!(pool->o.flags & DUALPIPE_PATIENT) || pool->all[i].blocking == 0)
            room += room_of(&pool->all[i]);
    }
    if (pool->all[0].borrowed && pool->all[0].spoiled)
        return -ESTALE;
    if (pool_is_over(pool, false))
        return -EPIPE;
    if (dialogue_borrows(&pool->all[0]))
        return 0;
    if (pool->held > POOL_HELD_MOST)
        return 0;
    if (pool->o.window == DUALPIPE_ADAPT && dualpipe_pool_takes_several(pool, NULL))
        return pool_room_at_once(pool);
    return room > 0 ? room : 0;
}

static const dualpipe_rule *rule_of(const struct dualpipe_pool *pool,
                                    const struct dualpipe_request *q) {
    return q->rule ? q->rule : pool->o.rule;
}

static struct exchange *accept_request(struct dualpipe_pool *pool,
                                       const struct dualpipe_request *q) {
    struct exchange *x = exchange_new(&pool->exchanges);
    bool starved = false;
    if (!x)
        return NULL;
    x->rule = rule_of(pool, q);
    x->request = x->size = q->size;
    x->limit = q->limit;
    x->tag = q->tag;
    x->awaits = rule_awaits(x->rule, q->data, q->size, &starved);
    x->number = pool->numbers + 1;
    x->count = q->count > 0 ? q->count : 1;
    x->several = x->count > 1 || (q->count == 1 && q->size < LONG);
    if (!starved)
        return x;
    exchange_spare(x, &pool->exchanges);
    return NULL;
}

/* Whether there is something to get: a quick answer of the one child has come while its request
 * was being written. */
static bool is_answered(const struct dualpipe_pool *pool, struct dialogue *d) {
    bool alone = pool->o.workers == 1 && pool->o.window == 1;
    return dialogue_has_more(d) || (alone && d->child && dialogue_take(d) >= 0);
}

int dualpipe_pool_takes_several(const dualpipe_pool *pool, const dualpipe_rule *rule) {
    const struct dualpipe_pool_options *o = &pool->o;
    return !pool->remote && !(o->flags & EACH) &&
           (o->workers == 1 || o->window == DUALPIPE_ADAPT) &&
           !terminal_controls(dialogue_child(&pool->all[0])) &&
           rule_by_count_alone(rule ? rule : o->rule);
}

static int check_put(const struct dualpipe_pool *pool, const struct dualpipe_request *q) {
    const dualpipe_rule *rule = rule_of(pool, q);
    int room = dualpipe_pool_room(pool);
    if (room < 0)
        return room;
    if (q->count > 0 && !dualpipe_pool_takes_several(pool, rule))
        return -EINVAL;
    if (pool->o.window == DUALPIPE_ADAPT) /* room that was there may have gone with time */
        return room == 0 && pool->nwaiting >= MOST_WAITING ? -EAGAIN : 0;
    if (room == 0 || q->count > room)
        return -EAGAIN;
    return pool->o.window > 1 && !rule_pipelines(rule) ? -EINVAL : 0;
}

/* Whether they may go on where the last that was put ends. */
static bool may_extend(const struct dualpipe_pool *pool, const struct dualpipe_request *q) {
    return q->count > 0 && pool->o.workers == 1 && !pool->waiting;
}

static void book(struct dualpipe_pool *pool, int count) {
    pool->numbers += count;
    pool->books.in += count;
}

int dualpipe_pool_put(dualpipe_pool *pool, const struct dualpipe_request *q) {
    struct dialogue *d = NULL;
    struct exchange *x;
    int r;
    if (pool->remote)
        return remote_put(pool->remote, q);
    pool_release(pool);
    if ((r = check_put(pool, q)) < 0)
        return r;
    if (may_extend(pool, q) && dialogue_extend(&pool->all[0], rule_of(pool, q), q)) {
        book(pool, q->count);
        return dialogue_has_more(&pool->all[0]);
    }
    if (!(x = accept_request(pool, q)))
        return -ENOMEM;
    if (pool->o.flags & DUALPIPE_ATTENDED && !(pool->o.flags & DUALPIPE_PATIENT))
        dialogue_press(&pool->all[0], true, 0);
    if (!pool->waiting)
        d = pool_find_child(pool, x);
    if (d)
        r = dialogue_send(d, x, q->data);
    else if (pool->error || pool_is_over(pool, x->awaits))
        r = pool->error ? pool->error : -EPIPE;
    else if ((r = exchange_keep_request(x, q->data)) == 0)
        pool_let_wait(pool, x);
    if (r < 0) {
        exchange_spare(x, &pool->exchanges);
        return r;
    }
    book(pool, x->count);
    pool->exchanges.open++;
    if (pool_is_ordered(pool))
        pool_append(pool, x);
    return d && is_answered(pool, d);
}
