/* modes.h: the ways a run can go; how it went stands in the run. */
#ifndef MODES_H
#define MODES_H
#include "run/run.h"

void stream_run(struct run *r);
void batch_run(struct run *r);
void repl_run(struct run *r);
#endif
