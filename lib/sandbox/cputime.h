/* cputime.h: the processor time of a child and all that it has started, and when to look at it. */
#ifndef METER_H
#define METER_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Begun with 0 it has no limit. */
struct meter {
    int64_t limit;   /* nanoseconds */
    int64_t used;    /* when last looked at */
    int64_t look_at; /* a point of the clock: not before then it can have been reached */
    int64_t pause;   /* before that; longer and longer while nothing is used */
    long processors;
    bool stirred;    /* something went to the child or came from it since */
};

void meter_begin(struct meter *m, int limit_ms);
/* When the next look is due; CLOCK_NEVER. */
int64_t meter_due(struct meter *m);
/* Looks, if that is due: whether the limit has passed. keeper: who gets those whose parents have
 * ended, and is not counted itself; 0. */
bool meter_look(struct meter *m, pid_t pid, pid_t keeper);
#endif
