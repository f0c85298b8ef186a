/* runqueue.h: the queue of connections that have a request ready, in the order of their turns.
 * server.c pushes a connection when it has parsed its next request, takes the first one when the
 * pool has room, and removes it. A connection is in the queue at most once, so each client gets
 * one request per round however many it has sent. */
#ifndef RUNQUEUE_H
#define RUNQUEUE_H
#include "session/server_state.h"

/* Appends a connection that is not queued. */
void runqueue_push(struct conn *c);
/* Takes it out, wherever it stands; does nothing if it is not queued. */
void runqueue_remove(struct conn *c);
#endif
