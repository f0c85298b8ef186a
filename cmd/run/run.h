/* run.h: one run of the command: its waits, what it writes, how it ends. */
#ifndef RUN_H
#define RUN_H
#include "run/run_state.h"

/* 0, or the status to end with. */
int run_open(struct run *r, const struct settings *s);
/* Returns the status, or dies by the signal that it ends with. */
int run_close(struct run *r);

/* Microseconds of a clock that stands still while we are stopped. */
int64_t run_now(const struct run *r);

/* As dualpipe_poll for limit microseconds, with signals and the deadline: -1 when the run must
 * stop for one, having decided so. A child's relayed stderr is passed on. events has room for
 * one more than n. */
int run_wait(struct run *r, struct dualpipe_pollitem *events, int n, int64_t limit);
/* Takes in what a child has written, without waiting, and passes its stderr on: as
 * dualpipe_poll. */
int run_poll(struct run *r, struct dualpipe_pollitem *e);
/* Passes on the stderr that a poll has found. 0, or -1: the run must stop. */
int run_relay_stderr(struct run *r, struct dualpipe_pollitem *events, int n);
/* Writes all to our stdout (err: stderr), however long the reader takes. 0, or -1: the run must
 * stop. */
int run_write(struct run *r, bool err, const void *p, size_t n);
/* The same, though a front is there. */
int run_write_raw(struct run *r, bool err, const void *p, size_t n);

/* Says that the deadline has passed, and decides so. */
void run_fail_deadline(struct run *r);
/* Looks at signals that came; -1: stop. */
int run_handle_signals(struct run *r);
#endif
