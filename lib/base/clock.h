/* clock.h: monotonic time in nanoseconds, and deadlines.
 * A deadline is an absolute time of this clock. Make one with clock_deadline() from the
 * milliseconds of the public interface, and pass clock_remaining_ms() to poll(2). */
#ifndef CLOCK_H
#define CLOCK_H
#include <stdint.h>

/* The deadline that never passes. */
#define CLOCK_NEVER INT64_MAX

/* The current time in nanoseconds. */
int64_t clock_now_ns(void);
/* The time of day, in microseconds since 1970: to be told, not to be waited for. */
int64_t clock_wall_us(void);
/* The time timeout_ms milliseconds from now; CLOCK_NEVER if timeout_ms is negative. */
int64_t clock_deadline(int timeout_ms);
/* Milliseconds left until the deadline, rounded up, as poll(2) takes them: -1 for CLOCK_NEVER, 0 if
 * it has passed. */
int clock_remaining_ms(int64_t deadline);
#endif
