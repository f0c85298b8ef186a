/* prompt.h: the prompt at which lines are typed: its text, and when it is shown. */
#ifndef PROMPT_H
#define PROMPT_H
#include "repl/repl_state.h"

/* Makes the text of the prompt for repl->name: NAME and `> `. */
void prompt_set_text(struct repl *repl);
/* Shows the prompt and the typed line; conceals the line if the child asks for a password. */
void prompt_show(struct repl *repl, int64_t now);
/* Shows the prompt unless it should wait. Returns 0 if it is shown, else for how many microseconds
 * it should wait; 1: only until it is known that no more output is ready. */
int64_t prompt_show_or_delay(struct repl *repl, int64_t now);
#endif
