/* loop.h: how a wait for a reply is spent, before it is slept. */
#ifndef LOOP_H
#define LOOP_H
#include <stdbool.h>
#include <stdint.h>

/* Yielding and looking again finds a quick answer sooner, and with less processor time, than
 * sleeping; a slow one is slept for. pace: the average of recent waits, microseconds. */
enum { YIELD_NS = 20000, YIELD_BELOW_PACE = 50, PACE_MOST = 1000 };

/* Yields, as long as that pays; false: it has not, sleep. The clock is read from the second time
 * on: *since is 0 at first. */
bool loop_yield(int64_t *since);
void loop_pace(int *pace, int64_t waited_ns);
#endif
