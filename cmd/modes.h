/* modes.h: the ways a run can go: each returns the status, or dies by a signal. */
#ifndef MODES_H
#define MODES_H
#include "run.h"

int run_stream(struct run *r);
int run_requests(struct run *r);
#endif
