/* exit_status.h: how a run ends: the first cause decides. */
#ifndef EXIT_STATUS_H
#define EXIT_STATUS_H
#include "run/run_state.h"

enum {
    STATUS_NO_SESSION = 1, /* session to stop */
    STATUS_OUTPUT_FAILED = 120,
    STATUS_LIMIT = 121,
    STATUS_BAD_FRAME = 122,
    STATUS_REQUEST_FAILED = 123,
    STATUS_TIMED_OUT = 124,
    STATUS_DUALPIPE_FAILED = 125,
};

/* The first cause wins, but 120 and 125. */
void exit_status_set(struct run *r, const char *outcome, int status);
/* A child of ours has passed one of its limits. */
void exit_status_set_by_limit(struct run *r, enum dualpipe_limit limit);
/* What the end of a child by itself makes of the run. */
void exit_status_set_by_child(struct run *r, const struct dualpipe_status *s);
void exit_status_output_failed(struct run *r, int error);
#endif
