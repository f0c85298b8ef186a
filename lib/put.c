/* put.c: how requests are put into a pool: to a child at once, or to wait for one. */
#include "channel.h"
#include "dialogue.h"
#include "pool.h"
#include "reply.h"
#include "terminal.h"
#include <errno.h>

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
            room += pool->o.window - pool->all[i].under_way;
    }
    if (pool->all[0].borrowed && pool->all[0].spoiled)
        return -ESTALE;
    if (pool_is_over(pool, false))
        return -EPIPE;
    if (dialogue_borrows(&pool->all[0]))
        return 0;
    return room > 0 && pool->held <= POOL_HELD_MOST ? room : 0;
}

static struct exchange *accept_request(struct dualpipe_pool *pool,
                                       const struct dualpipe_request *q) {
    struct exchange *x = exchange_new(&pool->exchanges);
    bool starved = false;
    if (!x)
        return NULL;
    x->rule = q->rule ? q->rule : pool->o.rule;
    x->request = x->size = q->size;
    x->limit = q->limit;
    x->tag = q->tag;
    x->awaits = rule_awaits(x->rule, q->data, q->size, &starved);
    x->number = pool->numbers + 1;
    x->several = q->count > 0;
    x->count = x->several ? q->count : 1;
    x->scan.times = x->count;
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
    return !pool->remote && o->flags & DUALPIPE_PIECES && o->retries == 0 && o->max_requests == 0 &&
           !terminal_controls(dialogue_child(&pool->all[0])) &&
           rule_by_count_alone(rule ? rule : pool->o.rule);
}

static int check_put(const struct dualpipe_pool *pool, const struct dualpipe_request *q) {
    const dualpipe_rule *rule = q->rule ? q->rule : pool->o.rule;
    int room = dualpipe_pool_room(pool);
    if (room < 0)
        return room;
    if (q->count > 0 && !dualpipe_pool_takes_several(pool, rule))
        return -EINVAL;
    if (room == 0 || q->count > room)
        return -EAGAIN;
    return pool->o.window > 1 && !rule_pipelines(rule) ? -EINVAL : 0;
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
    if (q->count > 0 && dialogue_extend(&pool->all[0], q->rule ? q->rule : pool->o.rule, q)) {
        book(pool, q->count);
        return dialogue_has_more(&pool->all[0]);
    }
    if (!(x = accept_request(pool, q)))
        return -ENOMEM;
    if (pool->o.flags & DUALPIPE_ATTENDED && !(pool->o.flags & DUALPIPE_PATIENT))
        dialogue_press(&pool->all[0]);
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
    pool->open++;
    if (pool_is_ordered(pool))
        pool_append(pool, x);
    return d && is_answered(pool, d);
}
