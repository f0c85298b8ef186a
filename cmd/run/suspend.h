/* suspend.h: stops a run for SIGTSTP, and goes on with it. */
#ifndef SUSPEND_H
#define SUSPEND_H
#include "run/run_state.h"

/* Stops the children, which may be in sessions of their own, and then ourselves; returns when we
 * are continued. A pool's deadlines move by the time that passed; those of the run move because
 * run_now stands still. */
void suspend_run(struct run *r);
#endif
