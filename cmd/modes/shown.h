/* shown.h: what a child in a sandbox writes to our terminal where no prompt stands: no byte of it
 * drives the terminal. */
#ifndef SHOWN_H
#define SHOWN_H
#include "run/run.h"

/* Whether it has to be looked after: then run_write does so until output_sanitize_end. */
bool output_sanitize_begin(struct run *r);
void output_sanitize_end(struct run *r);
/* Stream mode: all that goes both ways, until the child has ended and its output is through. 0; -1:
 * the run must stop; -EMSGSIZE: a line of the input is too long for its terminal. */
int relay_sanitized(struct run *r);
#endif
