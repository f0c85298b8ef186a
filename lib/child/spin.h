/* spin.h: how a wait for a reply is spent, before it is slept. */
#ifndef SPIN_H
#define SPIN_H
#include <stdbool.h>
#include <stdint.h>

/* Yielding the processor and looking again finds a quick answer sooner than sleeping does, and
 * with less processor time; a slow one is slept for. Where there is one processor a yield or two
 * give the answer, or none will: sessions may be scheduled in groups, and who yields is chosen
 * again. */
struct spin {
    int average_us;  /* of recent waits for its output, microseconds */
    bool single_cpu; /* all of us share one processor */
};

void spin_init(struct spin *spin);

/* One wait. Where there is one processor the clock need not be read for it. */
struct spin_wait {
    int64_t start_ns;
    int yields;
};
void spin_begin(struct spin_wait *wait, const struct spin *spin);
/* Yields, as long as that pays; false: sleep. */
bool spin_once(struct spin_wait *wait, const struct spin *spin);
void spin_end(const struct spin_wait *wait, struct spin *spin);
#endif
