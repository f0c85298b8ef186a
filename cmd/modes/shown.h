/* shown.h: what a child in a sandbox writes to our terminal where no prompt stands: no byte of it
 * drives the terminal. */
#ifndef SHOWN_H
#define SHOWN_H
#include "run/run.h"

/* Whether it has to be looked after: then run_write does so until shown_close. */
bool shown_open(struct run *r);
void shown_close(struct run *r);
/* Stream mode: all that goes both ways, until the child has ended and its output is through. 0; -1:
 * the run must stop; -EMSGSIZE: a line of the input is too long for its terminal. */
int shown_relay(struct run *r);
#endif
