/* Tests lib/base/clock.c: time never goes back; deadlines are rounded up, don't overflow, and
 * don't pass if there is none. */
#include "base/clock.h"
#include "../harness.h"
#include <limits.h>
#include <poll.h>

static void goes_forward(void) {
    int64_t last = clock_now_ns();
    int good = 1;
    for (int i = 0; i < 10000; i++) {
        int64_t now = clock_now_ns();
        good = good && now >= last;
        last = now;
    }
    ok(good, "time never goes back");
}

/* The time that poll is told to wait is never less than the time that is left. */
static void rounds_up(void) {
    int64_t deadline = clock_deadline(20);
    int left, waits = 0, enough = 1;
    while ((left = clock_remaining_ms(deadline)) > 0) {
        poll(NULL, 0, left);
        waits++;
    }
    ok(clock_now_ns() >= deadline, "waiting for what is left reaches the deadline");
    ok(waits >= 1 && waits <= 3, "and does not spin before it");
    deadline = clock_now_ns() + 3600 * (int64_t)1000000000;
    for (int i = 0; i < 1000; i++) {
        int64_t before = deadline - clock_now_ns();
        int64_t ns = (int64_t)clock_remaining_ms(deadline) * 1000000;
        enough = enough && ns >= deadline - clock_now_ns() && ns < before + 1000000;
    }
    ok(enough, "what is left is rounded up to a millisecond");
}

int main(void) {
    int left;
    begin();
    goes_forward();
    rounds_up();
    is(clock_remaining_ms(CLOCK_NEVER), -1, "never is left as poll(2) has it");
    ok(clock_deadline(-1) == CLOCK_NEVER, "no limit is never");
    ok(clock_deadline(INT_MIN) == CLOCK_NEVER, "nor is any negative one");
    is(clock_remaining_ms(clock_deadline(0)), 0, "a limit of 0 has passed");
    is(clock_remaining_ms(0), 0, "a past deadline leaves nothing");
    is(clock_remaining_ms(INT64_MIN / 2), 0, "one far in the past too");
    left = clock_remaining_ms(clock_deadline(INT_MAX));
    ok(left > INT_MAX - 60000, "the longest limit does not overflow");
    is(clock_remaining_ms(CLOCK_NEVER - 1), INT_MAX, "a deadline beyond what poll can wait is cut");
    return done();
}
