/* pace.c: how a wait for a reply is spent, before it is slept. */
#include "dualpipe.h"
#include "pace.h"
#include "clock.h"
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

bool pace_yields(const struct pace *p) {
    return p->average < YIELD_BELOW_US;
}

void pace_note(struct pace *p, int64_t waited_ns) {
    int64_t us = waited_ns / 1000;
    p->average += ((us < WAIT_MOST_US ? (int)us : WAIT_MOST_US) - p->average) / 8;
}

int64_t yields_since(struct yields *y) {
    if (y->since == 0)
        y->since = clock_ns();
    return y->since;
}

bool pace_yield(const struct pace *p, struct yields *y) {
    if (y->count++ == 0)
        yields_since(y);
    else if (p->alone ? y->count > YIELDS_ALONE : clock_ns() - y->since >= YIELD_NS)
        return false;
    sched_yield();
    return true;
}
