/* reply_order.h: in which order a pool gives its replies back: the order list, and replies that are
 * held until their turn comes.
 *
 * Typical use: reply_order_append() for each request; reply_order_hold() for a reply that comes too
 * early; reply_order_pass() when one is given, and then reply_order_has_next(). */
#ifndef POOL_REPLY_ORDER_H
#define POOL_REPLY_ORDER_H
#include "pool/pool_state.h"

/* Appends r to the order in which replies are given back. */
void reply_order_append(struct dualpipe_pool *pool, struct request *r);
/* Whether a reply was held until its turn, which has come. */
bool reply_order_has_next(const struct dualpipe_pool *pool);
/* r, whose turn it is, is being given: the next one's turn comes once r is done. */
void reply_order_pass(struct dualpipe_pool *pool, const struct request *r);
/* Holds a reply that came before its turn: it is copied, so that its child can go on. */
void reply_order_hold(struct dualpipe_pool *pool, struct request *r);
#endif
