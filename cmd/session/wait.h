/* wait.h: how long a call waits for its session: to be let in, for its turn to start it, for
 * its end. */
#ifndef PATIENCE_H
#define PATIENCE_H
#include "options/settings.h"

enum { PATIENCE = 10000 }; /* for an answer, if neither limit is given */

/* The clock of -t begins anew; --deadline's goes on. */
void patience_begin(struct settings *s);
/* Milliseconds that are left of both, for a call of the library; if neither is given, of otherwise,
 * or DUALPIPE_FOREVER. */
int patience_left(const struct settings *s, int otherwise);
/* Of --deadline alone. */
int patience_for_start(const struct settings *s);
/* Locks the file whole, as flock does; turn: as those that start do. 0, -ETIMEDOUT, another
 * errno. */
int patience_lock(const struct settings *s, int fd, int how);
/* What its name ends in, behind the socket's. */
extern const char patience_turn_file[];
int patience_turn(const struct settings *s, int fd);
/* Says what has not come in time. The status to end with. */
int patience_ended(const struct settings *s, const char *what);
#endif
