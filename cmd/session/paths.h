/* paths.h: where a session's socket is, and the files that lie beside it.
 *
 * A session @NAME has its socket in a private directory of the user, @/PATH at that path. Beside
 * the socket lie its lock, its log and perhaps a start lock: the same path with a suffix. Call
 * paths_resolve() once; it fills s->session_path, from which paths_sibling() makes the others. */
#ifndef PATHS_H
#define PATHS_H
#include "options/settings.h"
#include <stdbool.h>

enum { SESSION_PATH_MAX = 4096 }; /* size of a buffer for any of these paths */

#define PATHS_LOCK_SUFFIX ".dualpipe-lock" /* held by the server as long as it lives */
#define PATHS_LOG_SUFFIX ".dualpipe-log"
#define PATHS_TURN_SUFFIX ".dualpipe-turn" /* see wait_start_lock() */

/* Checks s->session_name and sets s->session_path; make: creates the directory of the names if it
 * is missing. 0, or the exit status, after a message. */
int paths_resolve(struct settings *s, bool make);
/* Gives the directory of the named sessions. false: it does not exist, *status is 0; or it cannot
 * be trusted or made, *status is the exit status, after a message. */
bool paths_session_dir(char *dir, bool make, int *status);
/* Whether a session of that name, without the @, seems to be there: its socket is. */
bool paths_is_session(const char *name);
/* Whether a file of that name in the directory can be a session's socket. */
bool paths_is_session_name(const char *name);
/* The path of a file beside the socket, in path, of SESSION_PATH_MAX bytes. */
void paths_sibling(const struct settings *s, const char *suffix, char *path);
#endif
