/* server_deliver.h: passes the pool's replies and events on to clients.
 *
 * server.c fetches replies from the pool and hands each to server_deliver_reply();
 * server_deliver_event() is the callback that it gives to the pool. Both find the client, encode
 * the message, flush it and update the connection. */
#ifndef SERVER_DELIVER_H
#define SERVER_DELIVER_H
#include "session/server_state.h"

/* Sends a reply, or a part of one, to the client whose request (the reply's tag) it answers. After
 * the last part the request is freed as soon as all earlier ones of its client are answered. */
void server_deliver_reply(dualpipe_server *s, const struct dualpipe_reply *r);
/* The same for a request of `size` bytes that the pool was not given: it fails with an outcome. */
void server_deliver_refusal(struct client_request *req, size_t size, enum dualpipe_outcome outcome,
                            const char *why);
/* Sends the unexpected output that came before this request and that no client was told of yet. */
void server_deliver_last_output(struct conn *c, const struct client_request *req);
/* Sends the diagnosis of the first child, if it runs. Does not flush. */
void server_deliver_child_state(struct conn *c);
/* Answers a greeting: the description of the session, its statistics, and how its child ended. */
void server_deliver_hello(struct conn *c);
/* The pool's callback; data is the server. Every event goes on to the host's own callback, except
 * stderr that a client was sent. */
void server_deliver_event(void *data, const struct dualpipe_pool_event *event);
#endif
