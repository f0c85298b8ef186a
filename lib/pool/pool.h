/* pool.h: what callers inside of the library need of a pool: those that provide the child
 * themselves (ask.c), and a session's server. All other calls of pool.c are public:
 * dualpipe_pool_*(), in dualpipe.h. */
#ifndef POOL_POOL_H
#define POOL_POOL_H
#include "pool/pool_state.h"

/* Fills in the defaults of pool->options and makes the workers, none of them started. */
int pool_init(struct dualpipe_pool *pool, struct dualpipe_error *why);
/* Reads what idle children have written by now, and reports it as unexpected. */
void pool_look_for_output(struct dualpipe_pool *pool);
#endif
