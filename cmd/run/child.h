/* child.h: a child of a run: how it is started, and stopped. */
#ifndef COPROCESS_H
#define COPROCESS_H
#include "run/run_state.h"

/* How a child is started. */
struct dualpipe_options child_options(const struct run *r);
/* It could not be: says why, and decides. */
void child_explain_start_failure(struct run *r, int error, const struct dualpipe_error *why);
/* It runs. */
void child_note_started(struct run *r);
/* Starts a child; NULL: it can't be, said and decided. */
dualpipe *child_start(struct run *r);
/* After a normal end: end of file, up to 10 s to end by itself; hard, or after that: a signal,
 * grace, SIGKILL. What it still writes is dropped, but counted in *late if not NULL. Gives its
 * status in r->last. Returns NULL. */
dualpipe *child_stop(struct run *r, dualpipe *child, bool hard, size_t *dropped);
#endif
