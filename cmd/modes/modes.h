/* modes.h: the ways a run can go; how it went stands in the run. */
#ifndef MODES_H
#define MODES_H
#include "run/run.h"

void run_stream(struct run *r);
void run_requests(struct run *r);
void run_interactive(struct run *r);
#endif
