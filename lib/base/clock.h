/* clock.h: monotonic time, and deadlines that are points of it. */
#ifndef CLOCK_H
#define CLOCK_H
#include <stdint.h>

#define CLOCK_NEVER INT64_MAX

int64_t clock_now_ns(void);
/* The point limit milliseconds from now; limit < 0: never. */
int64_t clock_deadline(int timeout_ms);
/* Milliseconds until then, rounded up, as poll(2) takes them: -1 never, 0 past. */
int clock_remaining_ms(int64_t deadline);
#endif
