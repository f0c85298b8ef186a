/* reply_order.c: the order in which a pool gives its replies back.
 *
 * In an ordered pool every request enters the order list when it is submitted, and a reply that
 * comes before its turn is copied and held. In an unordered pool a reply is given as soon as a
 * worker returns it; the list then holds only requests that failed while they waited for a worker.
 * pool.c gives the replies; pool_sched.c appends those that failed. */
#include "pool/reply_order.h"
#include "pool/worker_recv.h"

void reply_order_append(struct dualpipe_pool *pool, struct request *r) {
    r->order_next = NULL;
    if (pool->order_first)
        pool->order_last->order_next = r;
    else
        pool->order_first = r;
    pool->order_last = r;
}

bool reply_order_has_next(const struct dualpipe_pool *pool) {
    return pool->order_first &&
           (pool->order_first->is_ready || pool->order_first->answered_count > 0);
}

void reply_order_pass(struct dualpipe_pool *pool, const struct request *r) {
    if (r->is_done)
        pool->order_first = r->order_next;
}

void reply_order_hold(struct dualpipe_pool *pool, struct request *r) {
    request_copy_reply(r);
    r->is_ready = r->is_done;
    pool->held_size -= r->held_size;
    r->held_size = sizeof *r + r->copy.capacity + r->body.capacity + r->err.capacity;
    pool->held_size += r->held_size;
    worker_recv_release(&pool->workers[r->worker_index]);
}
