/* pool.h: the set-up of a pool for callers inside of the library that provide the child themselves
 * (ask.c). All other calls of pool.c are public: dualpipe_pool_*(), in dualpipe.h. */
#ifndef POOL_POOL_H
#define POOL_POOL_H
#include "pool/pool_state.h"

/* Fills in the defaults of pool->options and makes the workers, none of them started. */
int pool_init(struct dualpipe_pool *pool, struct dualpipe_error *why);
#endif
