/* exit_status.h: decides how a run ends: its outcome for --status-fd and its exit status. The
 * code that finds a cause calls one of the functions; run_close returns what they decided. */
#ifndef EXIT_STATUS_H
#define EXIT_STATUS_H
#include "run/run_state.h"

/* The exit statuses of dualpipe itself. Others are the child's own, or 128 plus the signal that
 * ended it. */
enum {
    STATUS_NO_SESSION = 1,        /* --stop: there is no such session, or request */
    STATUS_OUTPUT_FAILED = 120,   /* our own output could not be written */
    STATUS_LIMIT = 121,           /* a limit of --limit ended a child */
    STATUS_BAD_FRAME = 122,       /* a message was malformed or too long */
    STATUS_REQUEST_FAILED = 123,  /* a request was not answered */
    STATUS_TIMED_OUT = 124,       /* a limit of time passed */
    STATUS_DUALPIPE_FAILED = 125, /* dualpipe itself failed */
    STATUS_CANNOT_RUN = 126,      /* as in a shell: the command can't be executed */
    STATUS_NOT_FOUND = 127,       /* as in a shell: there is no such command */
};

/* Notes an outcome (a string literal) and its status. The first call decides; only
 * STATUS_OUTPUT_FAILED and STATUS_DUALPIPE_FAILED replace an earlier outcome. */
void exit_status_set(struct run *r, const char *outcome, int status);
/* A child exceeded one of its limits: outcome "limit". */
void exit_status_set_by_limit(struct run *r, enum dualpipe_limit limit);
/* A child ended by itself: if it failed, its status becomes ours. */
void exit_status_set_by_child(struct run *r, const struct dualpipe_status *s);
/* The last request ended with this status of its own: it becomes ours, if nothing else has gone
 * wrong. */
void exit_status_set_by_request(struct run *r, int status);
/* Writing our output failed with this errno: the run stops, by SIGPIPE if the reader has gone. */
void exit_status_output_failed(struct run *r, int error);
#endif
