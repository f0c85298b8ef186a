/*
 * pool.h: what pool.c offers inside of the library besides the public dualpipe_pool_*() calls:
 * the set-up of a pool around workers that the caller provides children for (ask.c).
 */
#ifndef POOL_POOL_H
#define POOL_POOL_H
#include "pool/pool_state.h"

/* Fills in the defaults of pool->options and makes the workers, none of them started. */
int pool_init(struct dualpipe_pool *pool, struct dualpipe_error *why);
#endif
