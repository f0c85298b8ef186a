/* cputime.h: the processor time of a child and all that it has started, and when to look at it. */
#ifndef CPUTIME_H
#define CPUTIME_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Begun with 0 it has no limit. */
struct cputime {
    int64_t limit_ns;   /* nanoseconds */
    int64_t used_ns;    /* when last looked at */
    int64_t check_at; /* a point of the clock: not before then it can have been reached */
    int64_t interval_ns;   /* before that; longer and longer while nothing is used */
    long cpus;
    bool had_io;    /* something went to the child or came from it since */
};

void cputime_start(struct cputime *m, int units_timeout_ms);
/* When the next look is due; CLOCK_NEVER. */
int64_t cputime_next_check(struct cputime *m);
/* Looks, if that is due: whether the limit has passed. keeper: who gets those whose parents have
 * ended, and is not counted itself; 0. */
bool cputime_check(struct cputime *m, pid_t pid, pid_t keeper);
#endif
