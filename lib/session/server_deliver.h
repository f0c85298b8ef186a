/* server_deliver.h: passes on to clients what the pool of the session server gives and reports.
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
/* Sends what the child wrote without a request before this one, if no client was told of it yet. */
void server_deliver_last_output(struct conn *c, const struct client_request *req);
/* Sends what the child is doing (its diagnosis), if there is one. Does not flush. */
void server_deliver_child_state(struct conn *c);
/* Answers a greeting: what the session is, its statistics, and how its child ended if it has. */
void server_deliver_hello(struct conn *c);
/* The pool's callback. data is the server. Events that no client was told go on to the host. */
void server_deliver_event(void *data, const struct dualpipe_pool_event *event);
#endif
