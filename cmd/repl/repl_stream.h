/* repl_stream.h: the prompt without a reply rule: lines and output pass as they come. */
#ifndef REPL_REPL_STREAM_H
#define REPL_REPL_STREAM_H
#include "repl/repl_state.h"

/* Sends as many queued lines as the child takes now, then the end of its input if that is due. */
void repl_stream_send(struct repl *repl);
/* Shows some of what the child has written; child_ended: all of it. Returns 0, or -1: this child is
 * done with, or the run must stop. */
int repl_stream_show(struct repl *repl, bool child_ended);
#endif
