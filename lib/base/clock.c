/* clock.c: reads the clocks. It is the only place that reads the monotonic one, so that all
 * deadlines agree. */
#include "dualpipe.h"
#include "base/clock.h"
#include <limits.h>
#include <time.h>

int64_t clock_now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t clock_wall_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_deadline(int timeout_ms) {
    return timeout_ms < 0 ? CLOCK_NEVER : clock_now_ns() + (int64_t)timeout_ms * 1000000;
}

int clock_remaining_ms(int64_t deadline) {
    int64_t ns;
    if (deadline == CLOCK_NEVER)
        return -1;
    ns = deadline - clock_now_ns();
    if (ns <= 0)
        return 0;
    return ns / 1000000 >= INT_MAX ? INT_MAX : (int)((ns + 999999) / 1000000);
}
