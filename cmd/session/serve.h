/* serve.h: being the session. */
#ifndef SERVE_H
#define SERVE_H
#include "run/run.h"

/* serve.c: being the session. */
void serve_run(struct run *r);
#endif
