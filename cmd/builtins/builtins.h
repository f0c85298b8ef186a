/* builtins.h: functions that run behind the pipes as a command would. */
#ifndef BUILTINS_H
#define BUILTINS_H
#include "dualpipe.h"

/* A builtin's function, or the one that loads FILE.so:FUNCTION; NULL: no such. */
dualpipe_function *builtin_find(const char *name);
const char *builtin_help(const char *name);
/* The one whose name is nearest; NULL: none is near. */
const char *builtin_near(const char *name);
void builtins_list(void);
#endif
