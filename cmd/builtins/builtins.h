/* builtins.h: built-in functions that run as the child instead of a command. */
#ifndef BUILTINS_H
#define BUILTINS_H
#include "dualpipe.h"

/* Returns a built-in function, or the one that loads FILE.so:FUNCTION; NULL if the name is
 * neither. */
dualpipe_function *builtins_find(const char *name);
/* Returns the description of a built-in function, or NULL. */
const char *builtins_help(const char *name);
/* Returns a name that is similar to the given one, or NULL. */
const char *builtins_suggest(const char *name);
/* Prints all names and descriptions to stdout. */
void builtins_print(void);
#endif
