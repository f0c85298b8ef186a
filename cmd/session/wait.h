/* wait.h: how long a call waits for its session: to be let in, for the start lock, for its end.
 *
 * The limit of a reply (-t) and --deadline hold for these waits too. wait_begin() starts the clock;
 * each wait then takes the rest from wait_left_ms(), and ends with wait_timed_out() if that
 * was not enough. */
#ifndef WAIT_H
#define WAIT_H
#include "options/settings.h"

enum { WAIT_DEFAULT_MS = 10000 }; /* for an answer, if neither limit is given */

/* Starts the clock of -t anew. That of --deadline runs from the first call. */
void wait_begin(struct settings *s);
/* The rest of both limits, in ms, as the library takes it; if neither is given, of default_ms,
 * which may be DUALPIPE_FOREVER. */
int wait_left_ms(const struct settings *s, int default_ms);
/* The rest of --deadline alone, in ms: starting a session may take longer than one reply. */
int wait_left_for_start_ms(const struct settings *s);
/* Waits for a flock(2) of the file as long as the limits allow. 0, -ETIMEDOUT, or another errno. */
int wait_lock(const struct settings *s, int fd, int how);
/* The same for the lock that callers hold while they start a session. The path of its file is the
 * socket's with this suffix. */
int wait_start_lock(const struct settings *s, int fd);
extern const char wait_start_lock_suffix[];
/* Reports what did not come in time, such as "not ready". Returns the status to exit with. */
int wait_timed_out(const struct settings *s, const char *what);
#endif
