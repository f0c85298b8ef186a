/* session.h: sessions by name: where they are, how one is found or started, listed, ended. */
#ifndef SESSION_H
#define SESSION_H
#include "run/run.h"

enum { SESSION_PATH_MAX = 4096 };
#define SESSION_TAKEN_OVER "the one before was killed: its socket is taken over"

/* Before a run: what @session, --sessions and so on ask for. -1: go on, connected to the session,
 * or being it (s->serves); else the status to end with. */
int session_enter(struct settings *s);

/* places.c: 0, or what is wrong has been said: 125. */
int paths_resolve(struct settings *s, bool make);
/* The directory of those with names; false: it is not there. *status: as above. */
bool paths_session_dir(char *dir, bool make, int *status);
bool paths_is_session_name(const char *name);

/* listing.c: --sessions. */
int list_sessions(const struct settings *s);
/* How its child has ended, in words. */
const char *list_describe_end(const struct dualpipe_session_info *its, char *out, size_t size);

/* starting.c: the process that is to be the session. */
/* Returns in both: 0 in the session itself, which serves; else, in the caller: -1 once it is
 * ready, or the status to end with. */
int daemonize_session(struct settings *s);
/* 1: it is our turn; 0: somebody has started it meanwhile, *connection to it; -1: what is wrong has
 * been said, *status. */
int daemonize_lock_start(const struct settings *s, int *turn, dualpipe **connection, int *status);
/* The turn is the next one's. failed: no lock of a session is left. */
void daemonize_unlock_start(const struct settings *s, int turn, bool failed);

/* serve.c: being the session. */
void serve_run(struct run *r);
/* The session is there: who waits for it is told. */
void daemonize_report_ready(void);
/* A descriptor that tells when who waits for that has gone; -1: nobody does. */
int daemonize_starter_fd(void);
/* It could not be started, and why has been said. */
void daemonize_report_failure(int status);

/* follow.c */
void follow_run(struct run *r);
#endif
