/* runqueue.c: a singly linked queue of connections, which is how clients share the pool fairly.
 * It is a file of its own because conn.c and server_deliver.c remove connections from it,
 * and server.c schedules. */
#include "session/runqueue.h"

void runqueue_push(struct conn *c) {
    dualpipe_server *s = c->server;
    c->next_queued = NULL;
    c->is_queued = true;
    if (s->runqueue_last)
        s->runqueue_last->next_queued = c;
    else
        s->runqueue_first = c;
    s->runqueue_last = c;
}

void runqueue_remove(struct conn *c) {
    dualpipe_server *s = c->server;
    struct conn **at = &s->runqueue_first, *before = NULL;
    if (!c->is_queued)
        return;
    while (*at != c) {
        before = *at;
        at = &before->next_queued;
    }
    *at = c->next_queued;
    if (s->runqueue_last == c)
        s->runqueue_last = before;
    c->is_queued = false;
}
