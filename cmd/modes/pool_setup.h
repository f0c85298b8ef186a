/* pool_setup.h: open a batch's pool with the options of the command line, and close it. */
#ifndef MODES_POOL_SETUP_H
#define MODES_POOL_SETUP_H
#include "modes/batch_state.h"

/* Opens b->pool. Returns 0, or a negative errno after reporting the error and setting the exit
 * status. Call pool_setup_close in both cases. */
int pool_setup_open(struct batch *b);
/* Closes the pool if it is open and frees the options it was opened with. */
void pool_setup_close(struct batch *b);
#endif
