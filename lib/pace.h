/* pace.h: how a wait for a reply is spent, before it is slept. */
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
bool pace_yields(const struct pace *p);
void pace_note(struct pace *p, int64_t waited_ns);

/* One wait's yields so far; zeroed at its beginning. */
struct yields {
    int64_t since;
    int count;
};
/* Yields, as long as that pays; false: sleep. The clock is read from the second time on. */
bool pace_yield(const struct pace *p, struct yields *y);
/* The wait's beginning, which it is now if there was no yield. */
int64_t yields_since(struct yields *y);
#endif
