/* remote.h: a session asked as if it were a pool: requests and replies as messages on a socket. */
#ifndef REMOTE_H
#define REMOTE_H
#include "dualpipe.h"

struct remote;

/* Each as the call of the same name on a pool. */
int remote_open(struct remote **made, const struct dualpipe_pool_options *o,
                struct dualpipe_failure *why);
int remote_put(struct remote *m, const struct dualpipe_request *q);
int remote_room(const struct remote *m);
int remote_get(struct remote *m, struct dualpipe_reply *r, int limit);
int remote_events(struct remote *m, struct dualpipe_event *events, int n, int *limit);
int remote_oldest(struct remote *m, struct dualpipe_reply *r);
void remote_signal(struct remote *m, int signo);
void remote_end(struct remote *m);
void remote_stop(struct remote *m, int signo);
void remote_books(const struct remote *m, struct dualpipe_books *b);
void remote_close(struct remote *m);
#endif
