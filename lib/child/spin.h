/* spin.h: yields the processor before a wait sleeps, as long as that pays.
 * spin_begin(), then look for output after each spin_once() that returns true; when it returns
 * false, sleep; spin_end() after the wait. */
#ifndef SPIN_H
#define SPIN_H
#include <stdbool.h>
#include <stdint.h>

/* Yielding and looking again finds a quick reply sooner than sleeping does, and takes less
 * processor time; for slow replies it is a waste, so the average of recent waits decides. On a
 * single processor a yield or two let the child run; if it has not answered then, more yields will
 * not help: the kernel may schedule sessions as groups and pick the one that yields again. */
struct spin {
    int average_us;  /* average of recent waits for output, in microseconds */
    bool single_cpu; /* we may run on one processor only */
};

void spin_init(struct spin *spin);

/* One wait. On a single processor the clock is not read. */
struct spin_wait {
    int64_t start_ns;
    int yields;
};
void spin_begin(struct spin_wait *wait, const struct spin *spin);
/* Yields the processor once, if that still pays. Returns false if the caller should sleep
 * instead. */
bool spin_once(struct spin_wait *wait, const struct spin *spin);
void spin_end(const struct spin_wait *wait, struct spin *spin);
#endif
