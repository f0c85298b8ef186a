/* find_command.h: finds a command as execvp(3) does, before the fork. */
#ifndef FIND_COMMAND_H
#define FIND_COMMAND_H
#include "process/exec.h"
#include <stdbool.h>

/* Finds the command of plan->options in PATH. Sets plan->path (which may point to found) and
 * plan->shell_argv, which the caller frees. Returns 0 or a negative errno. */
int find_command(struct exec_plan *plan, char *found, size_t size);
/* Whether a name can be looked up before the fork: a relative one is looked up in the child's
 * directory, if it has another, so only exec can resolve it. */
bool find_command_is_here(const struct dualpipe_options *o, const char *name);
#endif
