/* daemonize.h: starting a session server in the background, by one caller at a time.
 *
 * In the caller: daemonize_lock_start(), then daemonize_session(), which forks; once that says
 * that the server is ready, connect to it, then daemonize_unlock_start(). In the server, that is,
 * where daemonize_session() has set s->is_server: daemonize_report_ready() or _failure(). */
#ifndef DAEMONIZE_H
#define DAEMONIZE_H
#include "options/settings.h"

/* Why a new server found a socket in its place; said by the process that starts it. */
#define SESSION_TAKEN_OVER "the one before was killed: its socket is taken over"

/* Forks the server. Returns 0 in the server, with s->is_server set; in the caller -1 once the
 * server is ready, or the exit status, after a message. */
int daemonize_session(struct settings *s);
/* Waits until no other call is starting the session, and an old server has gone. 1: start it now,
 * *lock_fd is the lock; 0: it runs meanwhile, *connection leads to it; -1: *status is the exit
 * status, after a message. */
int daemonize_lock_start(const struct settings *s, int *lock_fd, dualpipe **connection,
                         int *status);
/* Lets the next call in. failed: there is no server, so its lock file is removed as well. */
void daemonize_unlock_start(const struct settings *s, int lock_fd, bool failed);

/* In the server: its stderr becomes the log, and the caller goes on. Both do nothing if no caller
 * waits, as in a server that runs in the foreground. */
void daemonize_report_ready(void);
/* In the server: it could not start, and has said why. The caller exits with the status. */
void daemonize_report_failure(int status);
/* In the server: a descriptor that hangs up when the waiting caller has gone; -1: none waits. */
int daemonize_starter_fd(void);
#endif
