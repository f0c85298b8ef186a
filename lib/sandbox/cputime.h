/* cputime.h: the CPU time of a child and all its descendants, against a limit.
 *
 * cputime_start() once; then whenever a wait is computed or ends: cputime_next_check() for its
 * timeout, cputime_check() afterwards. Times are nanoseconds of clock_now_ns(). */
#ifndef CPUTIME_H
#define CPUTIME_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* With the limit 0 (or before cputime_start() with check_at set to CLOCK_NEVER) nothing is
 * measured. */
struct cputime {
    int64_t limit_ns;
    int64_t used_ns;     /* at the last measurement */
    int64_t check_at;    /* when to measure next: the limit can't be reached before */
    int64_t interval_ns; /* from the last measurement to check_at; grows while the child is idle */
    long cpus;
    bool had_io; /* bytes went to or came from the child since the last measurement */
};

/* The time that a process has used so far, in nanoseconds, with its children that it has waited for
 * (Linux). */
int64_t cputime_of_process(pid_t pid);
/* Starts to measure a child that has just been started. limit_ms is in milliseconds; 0: no
 * limit. */
void cputime_start(struct cputime *c, int limit_ms);
/* When the next measurement is due; CLOCK_NEVER if the child has no limit, or has passed it. */
int64_t cputime_next_check(struct cputime *c);
/* Measures if that is due. Returns true once, when the limit has been passed. init_pid is the PID-1
 * process of the child's namespaces (0: none): it inherits orphans, so the time of its children
 * counts, but its own doesn't. */
bool cputime_check(struct cputime *c, pid_t pid, pid_t init_pid);
#endif
