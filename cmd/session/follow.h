/* follow.h: the run of --follow. */
#ifndef FOLLOW_H
#define FOLLOW_H
#include "run/run.h"

/* Writes the notifications of the session that we are connected to (s->connection) to stdout,
 * until the session ends or the reader of our stdout has gone. */
void follow_run(struct run *r);
#endif
