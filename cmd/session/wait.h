/* wait.h: how long a call waits for its session: to be let in, for its turn to start it, for
 * its end. */
#ifndef WAIT_H
#define WAIT_H
#include "options/settings.h"

enum { WAIT_DEFAULT_MS = 10000 }; /* for an answer, if neither limit is given */

/* The clock of -t begins anew; --deadline's goes on. */
void wait_begin(struct settings *s);
/* Milliseconds that are left of both, for a call of the library; if neither is given, of otherwise,
 * or DUALPIPE_FOREVER. */
int wait_left_ms(const struct settings *s, int default_ms);
/* Of --deadline alone. */
int wait_left_for_start_ms(const struct settings *s);
/* Locks the file whole, as flock does; turn: as those that start do. 0, -ETIMEDOUT, another
 * errno. */
int wait_lock(const struct settings *s, int fd, int how);
/* What its name ends in, behind the socket's. */
extern const char wait_start_lock_suffix[];
int wait_start_lock(const struct settings *s, int fd);
/* Says what has not come in time. The status to end with. */
int wait_timed_out(const struct settings *s, const char *what);
#endif
