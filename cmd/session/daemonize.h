/* daemonize.h: the process that is to be the session. */
#ifndef DAEMONIZE_H
#define DAEMONIZE_H
#include "options/settings.h"

#define SESSION_TAKEN_OVER "the one before was killed: its socket is taken over"

/* Returns in both: 0 in the session itself, which serves; else, in the caller: -1 once it is
 * ready, or the status to end with. */
int daemonize_session(struct settings *s);
/* 1: it is our turn; 0: somebody has started it meanwhile, *connection to it; -1: what is wrong has
 * been said, *status. */
int daemonize_lock_start(const struct settings *s, int *lock_fd, dualpipe **connection,
                         int *status);
/* The turn is the next one's. failed: no lock of a session is left. */
void daemonize_unlock_start(const struct settings *s, int lock_fd, bool failed);
/* The session is there: who waits for it is told. */
void daemonize_report_ready(void);
/* A descriptor that tells when who waits for that has gone; -1: nobody does. */
int daemonize_starter_fd(void);
/* It could not be started, and why has been said. */
void daemonize_report_failure(int status);
#endif
