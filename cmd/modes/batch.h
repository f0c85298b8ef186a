/* batch.h: request mode: submit requests, write their replies, wait, and end the children.
 *
 * main calls batch_run. The prompt of repl/ has its own loop and uses the rest:
 * batch_open, (pool_setup_open, batch_shutdown, pool_setup_close) for each child, batch_close. */
#ifndef MODES_BATCH_H
#define MODES_BATCH_H
#include "modes/batch_state.h"

/* Runs request mode from the settings; the outcome is left in r. */
void batch_run(struct run *r);

/* Initializes *b without opening a pool. Returns 0, or -1 after reporting the error and setting
 * the exit status; there is nothing to close then. */
int batch_open(struct batch *b, struct run *r);
/* Frees what batch_open took and gives unread requests back to a seekable stdin. */
void batch_close(struct batch *b);
/* Ends the pool's children and waits until they are gone, writing replies that still come. If the
 * run has been stopped the children get its signal at once, and SIGKILL after a second one. */
void batch_shutdown(struct batch *b);
#endif
