/* json_reply.h: a reply as a JSON object on a line of its own (--json). */
#ifndef MODES_JSON_REPLY_H
#define MODES_JSON_REPLY_H
#include "modes/batch_state.h"

/* Writes the object of a finished reply to b->output. Returns 0, or -1 if the run must stop, with
 * the error reported and the exit status set. */
int json_reply_write(struct batch *b, const struct dualpipe_reply *r);
/* The same for output that no request asked for: {"unexpected":"...","after":N}. */
int json_reply_write_unexpected(struct batch *b, const struct dualpipe_pool_event *event);
#endif
