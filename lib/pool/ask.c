/* ask.c: dualpipe_ask(): one request at a time on a child that the host has started.
 *
 * The handle gets a hidden pool (dp->ask_pool) whose only worker borrows the child: it is READY
 * from the beginning, and the child is neither stopped, closed nor replaced by the pool.
 * Everything else is the pool's: rules, timeouts, late replies. Once the child is out of step it
 * stays so: -ESTALE. The host may use other calls on the handle in between, so a reply never stays
 * in its buffer. */
#include "pool/pool.h"
#include "base/clock.h"
#include "child/handle.h"
#include "pool/worker_recv.h"
#include <errno.h>
#include <stdlib.h>

static struct dualpipe_pool *wrap_borrowed_child(dualpipe *dp) {
    static const struct dualpipe_options none;
    struct dualpipe_pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return NULL;
    pool->options.child = &none;
    pool->options.flags = dp->err.fd >= 0 ? DUALPIPE_POOL_KEEP_STDERR : 0;
    if (pool_init(pool, NULL) < 0)
        return dualpipe_pool_close(pool);
    pool->workers[0].child = dp;
    pool->workers[0].child_is_borrowed = true;
    pool->workers[0].children_started = 1;
    pool->workers[0].state = WORKER_READY;
    pool->workers[0].state_deadline = CLOCK_NEVER;
    return pool;
}

/* Copies the reply out of the handle's buffer and ends the loan. */
static void detach_reply(struct dualpipe_pool *pool, struct dualpipe_reply *reply) {
    struct request *r = pool->given;
    request_copy_reply(r);
    reply->outcome = r->outcome;
    reply->data = r->reply_size > 0 ? r->reply : "";
    reply->size = r->reply_size;
    worker_recv_release(pool->lender);
}

int dualpipe_ask(dualpipe *dp, const struct dualpipe_request *q, struct dualpipe_reply *reply) {
    int error;
    if (!dp->ask_pool) {
        if (!(dp->ask_pool = wrap_borrowed_child(dp)))
            return -ENOMEM;
        dp->ask_pool_close = dualpipe_pool_close;
    }
    if ((error = dualpipe_pool_put(dp->ask_pool, q)) < 0 ||
        (error = dualpipe_pool_get(dp->ask_pool, reply, DUALPIPE_FOREVER)) < 0)
        return error;
    detach_reply(dp->ask_pool, reply);
    return reply->outcome == DUALPIPE_OUTCOME_NOT_STARTED ? dualpipe_pool_room(dp->ask_pool) : 0;
}
