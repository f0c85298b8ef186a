/* spin.c: how a wait for a reply is spent, before it is slept. */
#include "dualpipe.h"
#include "child/spin.h"
#include "base/clock.h"
#include <sched.h>

enum {
    YIELD_NS = 20000,    /* the longest */
    YIELDS_ALONE = 2,    /* on one processor */
    YIELD_BELOW_US = 50, /* slower answers are slept for */
    WAIT_MOST_US = 1000, /* a longer wait counts as this one */
};

void spin_init(struct spin *spin) {
    *spin = (struct spin){0};
#ifdef __linux__
    cpu_set_t ours;
    spin->single_cpu = sched_getaffinity(0, sizeof ours, &ours) == 0 && CPU_COUNT(&ours) == 1;
#endif
}

void spin_begin(struct spin_wait *w, const struct spin *spin) {
    *w = (struct spin_wait){.start_ns = spin->single_cpu ? 0 : clock_now_ns()};
}

bool spin_once(struct spin_wait *w, const struct spin *spin) {
    if (spin->single_cpu ? w->yields == YIELDS_ALONE : spin->average_us >= YIELD_BELOW_US)
        return false;
    if (!spin->single_cpu && w->yields > 0 && clock_now_ns() - w->start_ns >= YIELD_NS)
        return false;
    w->yields++;
    sched_yield();
    return true;
}

void spin_end(const struct spin_wait *w, struct spin *spin) {
    int64_t us;
    if (spin->single_cpu)
        return;
    us = (clock_now_ns() - w->start_ns) / 1000;
    spin->average_us += ((us < WAIT_MOST_US ? (int)us : WAIT_MOST_US) - spin->average_us) / 8;
}
