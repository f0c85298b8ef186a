/* pool_backend.h: a session asked as if it were a pool: requests and replies as messages on a
 * socket. */
#ifndef POOL_BACKEND_H
#define POOL_BACKEND_H
#include "dualpipe.h"

struct session_backend;

/* Each as the call of the same name on a pool. */
int pool_backend_open(struct session_backend **backend, const struct dualpipe_pool_options *o,
                      struct dualpipe_error *why);
int pool_backend_put(struct session_backend *b, const struct dualpipe_request *q);
int pool_backend_room(const struct session_backend *b);
int pool_backend_get(struct session_backend *b, struct dualpipe_reply *r, int timeout);
int pool_backend_events(struct session_backend *b, struct dualpipe_pollitem *items, int n,
                        int *timeout);
int pool_backend_oldest(struct session_backend *b, struct dualpipe_reply *r);
void pool_backend_signal(struct session_backend *b, int signo);
void pool_backend_end(struct session_backend *b);
void pool_backend_stop(struct session_backend *b, int signo);
void pool_backend_stats(const struct session_backend *b, struct dualpipe_stats *stats);
void pool_backend_close(struct session_backend *b);
#endif
