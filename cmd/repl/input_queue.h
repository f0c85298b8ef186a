/* input_queue.h: lines typed at the prompt, until they are sent. */
#ifndef REPL_INPUT_QUEUE_H
#define REPL_INPUT_QUEUE_H
#include "repl/repl_state.h"

/* The on_line callback of repl/readline.h: data is the struct repl. Queues what was typed, which
 * may be a paste of several lines, or runs a `~` command; text NULL is Ctrl-D. Returns whether the
 * text is for the child and hence belongs in the history. */
bool input_queue_take_line(void *data, char *text);
/* Forgets what has not been sent. */
void input_queue_clear(struct repl *repl);
#endif
