/* workers.h: --hosts and --via: how each worker of a run is launched. */
#ifndef WORKERS_H
#define WORKERS_H
#include "options/parser_state.h"

/* How the workers are launched, where --hosts or --via is given; the command is known. */
int workers_plan(struct parser *p);
void workers_free(char ***argvs);
#endif
