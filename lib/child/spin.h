/* spin.h: how a wait for a reply is spent, before it is slept. */
#ifndef PACE_H
#define PACE_H
#include <stdbool.h>
#include <stdint.h>

/* Yielding the processor and looking again finds a quick answer sooner than sleeping does, and
 * with less processor time; a slow one is slept for. Where there is one processor a yield or two
 * give the answer, or none will: sessions may be scheduled in groups, and who yields is chosen
 * again. */
struct pace {
    int average; /* of recent waits for its output, microseconds */
    bool alone;  /* all of us share one processor */
};

void pace_init(struct pace *p);

/* One wait. Where there is one processor the clock need not be read for it. */
struct wait {
    int64_t since;
    int yields;
};
void wait_begin(struct wait *w, const struct pace *p);
/* Yields, as long as that pays; false: sleep. */
bool wait_yield(struct wait *w, const struct pace *p);
void wait_end(const struct wait *w, struct pace *p);
#endif
