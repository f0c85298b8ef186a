/* session.h: sessions by name: where they are, how one is found or started, listed, ended. */
#ifndef SESSION_H
#define SESSION_H
#include "run/run.h"

enum { SESSION_PATH = 4096 };
#define SESSION_TAKEN_OVER "the one before was killed: its socket is taken over"

/* Before a run: what @session, --sessions and so on ask for. -1: go on, connected to the session,
 * or being it (s->serves); else the status to end with. */
int session_enter(struct settings *s);

/* places.c: 0, or what is wrong has been said: 125. */
int session_path(struct settings *s, bool make);
/* The directory of those with names; false: it is not there. *status: as above. */
bool session_directory(char *dir, bool make, int *status);
bool session_is_name(const char *name);

/* listing.c: --sessions. */
int session_list(const struct settings *s);
/* How its child has ended, in words. */
const char *session_end_words(const struct dualpipe_session *its, char *out, size_t size);

/* starting.c: the process that is to be the session. */
/* Returns in both: 0 in the session itself, which serves; else, in the caller: -1 once it is
 * ready, or the status to end with. */
int session_start(struct settings *s);
/* 1: it is our turn; 0: somebody has started it meanwhile, *connection to it; -1: what is wrong has
 * been said, *status. */
int session_take_turn(const struct settings *s, int *turn, dualpipe **connection, int *status);
/* The turn is the next one's. failed: no lock of a session is left. */
void session_end_turn(const struct settings *s, int turn, bool failed);

/* serve.c: being the session. */
void run_serve(struct run *r);
/* The session is there: who waits for it is told. */
void session_ready(void);
/* A descriptor that tells when who waits for that has gone; -1: nobody does. */
int session_starter(void);
/* It could not be started, and why has been said. */
void session_failed(int status);

/* follow.c */
void run_follow(struct run *r);
#endif
