/* tilde_commands.h: commands to dualpipe itself, typed at the prompt after a `~`. */
#ifndef REPL_TILDE_COMMANDS_H
#define REPL_TILDE_COMMANDS_H
#include "repl/repl_state.h"

/* Runs the command in a line that begins with the escape character; blanks at the line's end are
 * cut off then. Returns whether it was one. */
bool tilde_commands_run(struct repl *repl, char *line);
#endif
