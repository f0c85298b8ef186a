/* worker_open.h: whether the oldest request is left open. */
#ifndef POOL_WORKER_OPEN_H
#define POOL_WORKER_OPEN_H
#include "pool/worker_state.h"

/* When to look next; CLOCK_NEVER: not at all. The host is about to wait. */
int64_t worker_open_next_look(const struct worker *w);
/* Looks, if it is time to: true: the oldest request is left open, and its reply will not come. All
 * output that was read has been scanned. */
bool worker_open_is_seen(struct worker *w, int64_t now);
#endif
