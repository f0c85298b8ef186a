/* serve.h: the run of a session server, in the process that session_enter() has made one. */
#ifndef SERVE_H
#define SERVE_H
#include "run/run.h"

/* Serves clients until the session ends; sets the run's exit status. */
void serve_run(struct run *r);
#endif
