/* repl_request.h: the prompt with a reply rule: a line is a request, its reply is awaited. */
#ifndef REPL_REPL_REQUEST_H
#define REPL_REPL_REQUEST_H
#include "repl/repl_state.h"

/* Submits requests and shows replies as far as that goes without waiting. Returns 0, or -1: this
 * child is done with, or the run must stop. */
int repl_request_pump(struct repl *repl);
#endif
