/* builtins.h: functions that run behind the pipes as a command would. */
#ifndef BUILTINS_H
#define BUILTINS_H
#include "dualpipe.h"

/* A builtin's function, or the one that loads FILE.so:FUNCTION; NULL: no such. */
dualpipe_function *builtins_find(const char *name);
const char *builtins_help(const char *name);
/* The one whose name is nearest; NULL: none is near. */
const char *builtins_suggest(const char *name);
void builtins_print(void);
#endif
