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

void pace_init(struct pace *p) {
    *p = (struct pace){0};
#ifdef __linux__
    cpu_set_t ours;
    p->alone = sched_getaffinity(0, sizeof ours, &ours) == 0 && CPU_COUNT(&ours) == 1;
#endif
}

void wait_begin(struct wait *w, const struct pace *p) {
    *w = (struct wait){.since = p->alone ? 0 : clock_ns()};
}

bool wait_yield(struct wait *w, const struct pace *p) {
    if (p->alone ? w->yields == YIELDS_ALONE : p->average >= YIELD_BELOW_US)
        return false;
    if (!p->alone && w->yields > 0 && clock_ns() - w->since >= YIELD_NS)
        return false;
    w->yields++;
    sched_yield();
    return true;
}

void wait_end(const struct wait *w, struct pace *p) {
    int64_t us;
    if (p->alone)
        return;
    us = (clock_ns() - w->since) / 1000;
    p->average += ((us < WAIT_MOST_US ? (int)us : WAIT_MOST_US) - p->average) / 8;
}
