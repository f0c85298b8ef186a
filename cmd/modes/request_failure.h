/* request_failure.h: say why a request failed or why no reply comes, and what that makes of the
 * run. */
#ifndef MODES_REQUEST_FAILURE_H
#define MODES_REQUEST_FAILURE_H
#include "modes/batch_state.h"

/* Handles a failed reply of request mode: writes what came of it, reports the failure, and sets the
 * exit status. Returns 0 to go on (--keep-going), or -1: the run must stop. */
int request_failure_handle(struct batch *b, const struct dualpipe_reply *reply);
/* Does the same without setting the exit status. Returns 0, or -1: the run must stop. */
int request_failure_report(struct batch *b, const struct dualpipe_reply *reply);
/* Reports a whole reply by which the program says that the request failed. Returns 0, or -1: the
 * run must stop. */
int request_failure_report_error(struct batch *b, const struct dualpipe_reply *reply);
/* Notes on stderr why the oldest request gets no reply. Call it once a run: it sets
 * b->run->stalled. */
void request_failure_note_stall(struct batch *b);

enum { REQUEST_FAILURE_EXCERPT = 129 }; /* room for 32 escaped bytes and a NUL */
/* Escapes the first line of some bytes, at most 32 of them, into out; returns out. */
char *request_failure_excerpt(const char *p, size_t n, char out[REQUEST_FAILURE_EXCERPT]);
/* Writes "WHAT N", and the worker's host if --hosts gave it one, into out; returns out. */
char *request_failure_label(const struct run *r, const char *what, int64_t n, int worker,
                            char *out, size_t size);
/* Reports why the first request was sent to no child: that had ended before. */
void request_failure_note_not_started(struct batch *b, const struct dualpipe_reply *reply);
#endif
