/* stream.h: stream mode: relay bytes both ways between our stdin and stdout and a child. */
#ifndef MODES_STREAM_H
#define MODES_STREAM_H
#include "run/run.h"

/* Runs stream mode from the settings; the outcome is left in r. */
void stream_run(struct run *r);
#endif
