/* pool_events.h: the callback by which a pool tells what happens besides replies. */
#ifndef MODES_POOL_EVENTS_H
#define MODES_POOL_EVENTS_H
#include "modes/batch_state.h"

/* A dualpipe_pool_callback whose data is the struct batch: reports the event to the user and
 * updates the batch and its run. */
void pool_events_handle(void *data, const struct dualpipe_pool_event *event);
#endif
