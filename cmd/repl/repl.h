/* repl.h: interactive mode: a prompt at a terminal in front of a child. */
#ifndef REPL_REPL_H
#define REPL_REPL_H
#include "run/run.h"

/* Runs interactive mode from the settings; the outcome is left in r. */
void repl_run(struct run *r);
#endif
