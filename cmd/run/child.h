/* child.h: a child of a run: how it is started and stopped. Stream mode and interactive mode use
 * child_start and child_stop; a pool starts its workers itself, with child_options. */
#ifndef CHILD_H
#define CHILD_H
#include "run/run_state.h"

/* The library's options for a child, as the settings ask. They point into the settings. */
struct dualpipe_options child_options(const struct run *r);
/* Reports why a child could not be started, and ends the run for it: outcome "not-started". */
void child_explain_start_failure(struct run *r, int error, const struct dualpipe_error *why);
/* Notes that a child runs; the first one is warned about if it needs a whole terminal. */
void child_note_started(struct run *r);
/* Starts r->child and returns it; NULL if it can't be started, which has been reported. */
dualpipe *child_start(struct run *r);
/* Ends a child: closes its stdin and gives it 10 s to exit; after that, or at once if hard is set,
 * it is sent r->stop_signal (SIGTERM if that is 0), and SIGKILL after --grace. Its output is
 * dropped; *dropped, if not NULL, is raised by the bytes of stdout that came while it exited by
 * itself. Its status is in r->last_status afterwards. Returns NULL. */
dualpipe *child_stop(struct run *r, dualpipe *child, bool hard, size_t *dropped);
#endif
