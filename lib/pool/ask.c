/* ask.c: the simple case: one child of the host's, asked one request at a time. */
#include "child/handle.h"
#include "base/clock.h"
#include "pool/worker.h"
#include "pool/pool.h"
#include <errno.h>
#include <stdlib.h>

/* Around a child that the host has started, and closes itself. */
static struct dualpipe_pool *adopt(dualpipe *dp) {
    static const struct dualpipe_options none;
    struct dualpipe_pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return NULL;
    pool->o.child = &none;
    pool->o.flags = dp->err.fd >= 0 ? DUALPIPE_KEEP_ERR : 0;
    if (pool_prepare(pool, NULL) < 0)
        return dualpipe_pool_close(pool);
    pool->all[0].child = dp;
    pool->all[0].borrowed = true;
    pool->all[0].children = 1;
    pool->all[0].state = DIALOGUE_OPEN;
    pool->all[0].until = CLOCK_NEVER;
    return pool;
}

/* Other calls on the child may follow: nothing is left with it. */
static void keep_given(struct dualpipe_pool *pool, struct dualpipe_reply *r) {
    struct exchange *x = pool->given;
    exchange_keep_data(x);
    r->outcome = x->outcome;
    r->data = x->ndata > 0 ? x->data : "";
    r->size = x->ndata;
    dialogue_release(pool->lender);
}

int dualpipe_ask(dualpipe *dp, const struct dualpipe_request *q, struct dualpipe_reply *reply) {
    int r;
    if (!dp->asker) {
        if (!(dp->asker = adopt(dp)))
            return -ENOMEM;
        dp->forget_asker = dualpipe_pool_close;
    }
    if ((r = dualpipe_pool_put(dp->asker, q)) < 0 ||
        (r = dualpipe_pool_get(dp->asker, reply, DUALPIPE_FOREVER)) < 0)
        return r;
    keep_given(dp->asker, reply);
    return reply->outcome == DUALPIPE_NOT_STARTED ? dualpipe_pool_room(dp->asker) : 0;
}
