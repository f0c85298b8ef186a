/* worker_interrupt.h: a request that is given up is interrupted, so that its child can go on. */
#ifndef POOL_WORKER_INTERRUPT_H
#define POOL_WORKER_INTERRUPT_H
#include "pool/worker_state.h"

/* The limit of r has passed, or it is cancelled: sends the child the interrupt if r may have one,
 * and awaits the rest of its reply for the grace. false: it may have none, and is to be given up in
 * another way. */
bool worker_interrupt(struct worker *w, struct request *r);
/* How long the rest of an interrupted reply is awaited, in milliseconds. */
int worker_interrupt_grace(const struct worker *w);
/* The reply to an interrupted request by this rule has ended: sends the fence alone, which must be
 * answered before anything else is sent. */
void worker_interrupt_probe(struct worker *w, const dualpipe_rule *rule);
/* The deadline of the probe has passed: sends it once more, or, if that was done, returns false. */
bool worker_interrupt_probe_again(struct worker *w, struct request *probe);
/* The probe was answered: the child is in step. */
void worker_interrupt_end(struct worker *w);
/* Whether all that is left to come is the answer to a probe. */
bool worker_interrupt_is_probing(const struct worker *w);
#endif
