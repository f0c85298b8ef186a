/* follow.h: --follow. */
#ifndef FOLLOW_H
#define FOLLOW_H
#include "run/run.h"

void follow_run(struct run *r);
#endif
