/* paths.h: where sessions are. */
#ifndef PATHS_H
#define PATHS_H
#include "options/settings.h"
#include <stdbool.h>

enum { SESSION_PATH_MAX = 4096 };
#define PATHS_LOCK_SUFFIX ".dualpipe-lock"
#define PATHS_LOG_SUFFIX ".dualpipe-log"
#define PATHS_TURN_SUFFIX ".dualpipe-turn"

/* places.c: 0, or what is wrong has been said: 125. */
int paths_resolve(struct settings *s, bool make);
/* The directory of those with names; false: it is not there. *status: as above. */
bool paths_session_dir(char *dir, bool make, int *status);
bool paths_is_session_name(const char *name);
void paths_sibling(const struct settings *s, const char *suffix, char *path);
#endif
