/* run.h: what every mode does with its run: waiting with signals and the deadline in mind, and
 * writing output.
 *
 *     if (run_open(&r, &s) == 0) {
 *         ...a mode: run_wait, run_write, exit_status_set...
 *         status = run_close(&r);
 *     }
 *
 * A function that returns -1 has noted why the run must stop; the caller stops its children with
 * r->stop_signal, if that is set, and returns. */
#ifndef RUN_H
#define RUN_H
#include "run/run_state.h"

/* Begins a run: installs the signal handlers and takes stdin, stdout and stderr. Returns 0, or the
 * status to end with, reported. */
int run_open(struct run *r, const struct settings *s);
/* Ends it. Returns the exit status, or dies by the signal that the run ends with. */
int run_close(struct run *r);

/* The time in microseconds, by a clock that stands still while we are stopped. */
int64_t run_now(const struct run *r);

/* Waits as dualpipe_poll does, for at most limit microseconds, and handles signals, the deadline,
 * and the stderr of r->child. items has room for one more than n. Returns how many of the n items
 * are ready, 0 if the limit passed, or -1 if the run must stop. */
int run_wait(struct run *r, struct dualpipe_pollitem *items, int n, int64_t limit);
/* Takes in what a child has written, without waiting, and writes its stderr to ours. Returns as
 * run_wait. */
int run_poll(struct run *r, struct dualpipe_pollitem *item);
/* Writes to our stderr what a poll has found on that of r->child. Returns 0, or -1 if the run must
 * stop. */
int run_relay_stderr(struct run *r, struct dualpipe_pollitem *items, int n);

/* Writes n bytes of a child's output to our stdout (err: stderr), by way of the terminal or the
 * sanitizer if there is one, however slow the reader is. Returns 0, or -1 if the run must stop. */
int run_write(struct run *r, bool err, const void *p, size_t n);
/* The same, past terminal and sanitizer: the bytes are written as they are. */
int run_write_raw(struct run *r, bool err, const void *p, size_t n);

/* Writes to our stdout what it takes now of n bytes. Returns how many, 0 if it is full, or -1 if
 * the run must stop. Terminal and sanitizer take all, as by run_write. */
ssize_t run_write_some(struct run *r, const char *p, size_t n);

/* Reports that the deadline has passed, and ends the run for it. */
void run_fail_deadline(struct run *r);
/* Handles the signals that have come; suspends the run if one was SIGTSTP. Returns 0, or -1 if the
 * run must stop. */
int run_handle_signals(struct run *r);
#endif
