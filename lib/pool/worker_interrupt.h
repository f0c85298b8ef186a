/* worker_interrupt.h: a request that is given up is interrupted, so that its child can go on. */
#ifndef POOL_WORKER_INTERRUPT_H
#define POOL_WORKER_INTERRUPT_H
#include "pool/worker_state.h"

/* The limit of r has passed, or it is cancelled: sends the child the interrupt if r may have one,
 * and awaits the rest of its reply for the grace. false: it may have none, and is to be given up in
 * another way. */
bool worker_interrupt(struct worker *w, struct request *r);
/* Cancels the request `number`: it is given up as soon as it is the oldest in flight; 0: the oldest
 * that the host waits for. false: there is none, or it is in a batch. The caller lets deadlines
 * expire then. */
bool worker_interrupt_cancel(struct worker *w, int64_t number);
/* Starts the worker's child, with the default action of its interrupt signal, though the host may
 * ignore that, as what a script starts in the background does. As dualpipe_start. */
int worker_interrupt_start(struct worker *w, struct dualpipe_error *why);
/* How long the rest of an interrupted reply is awaited, in milliseconds. */
int worker_interrupt_grace(const struct worker *w);
/* A request that is the fence alone, for worker_send_probe(); NULL: no memory. */
struct request *worker_interrupt_make_probe(const struct worker *w, const dualpipe_rule *rule,
                                            int attempt);
/* The probe was answered: the child is in step. */
void worker_interrupt_end(struct worker *w);
/* Whether the child was sent a signal, and has not shown yet that it goes on in step: nothing but a
 * probe is sent. */
bool worker_interrupt_is_pending(const struct worker *w);
/* Whether all that is left to come is the answer to a probe. */
bool worker_interrupt_is_probing(const struct worker *w);
#endif
