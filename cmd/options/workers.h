/* workers.h: --hosts and --via: the command line that starts each worker. */
#ifndef WORKERS_H
#define WORKERS_H
#include "options/parser_state.h"

/* Sets settings.worker_argvs, one argument vector per worker, if --hosts or --via was given. The
 * command, settings.argv, must be known. */
int workers_plan(struct parser *p);
/* Frees the vectors and their list; NULL does nothing. */
void workers_free(char ***argvs);
#endif
