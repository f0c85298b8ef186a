/* spin.c: decides whether a wait for a reply begins by yielding the processor.
 *
 * Stands alone because poll.c and relay.c both use it, each with its own way of looking for
 * output. */
#include "dualpipe.h"
#include "child/spin.h"
#include "base/clock.h"
#include <sched.h>

enum {
    MAX_SPIN_NS = 20000,       /* longest time of yielding in one wait */
    MAX_YIELDS_SINGLE_CPU = 2, /* yields in one wait if there is one processor only */
    SPIN_BELOW_US = 50,        /* if replies take longer on average, sleep at once */
    MAX_SAMPLE_US = 1000,      /* a longer wait counts as this long */
};

void spin_init(struct spin *spin) {
    *spin = (struct spin){0};
#ifdef __linux__
    cpu_set_t ours;
    spin->single_cpu = sched_getaffinity(0, sizeof ours, &ours) == 0 && CPU_COUNT(&ours) == 1;
#endif
}

void spin_begin(struct spin_wait *wait, const struct spin *spin) {
    *wait = (struct spin_wait){.start_ns = spin->single_cpu ? 0 : clock_now_ns()};
}

bool spin_once(struct spin_wait *wait, const struct spin *spin) {
    if (spin->single_cpu ? wait->yields == MAX_YIELDS_SINGLE_CPU
                         : spin->average_us >= SPIN_BELOW_US)
        return false;
    if (!spin->single_cpu && wait->yields > 0 && clock_now_ns() - wait->start_ns >= MAX_SPIN_NS)
        return false;
    wait->yields++;
    sched_yield();
    return true;
}

void spin_end(const struct spin_wait *wait, struct spin *spin) {
    int64_t us;
    if (spin->single_cpu)
        return;
    us = (clock_now_ns() - wait->start_ns) / 1000;
    spin->average_us += ((us < MAX_SAMPLE_US ? (int)us : MAX_SAMPLE_US) - spin->average_us) / 8;
}
