/* server_deliver.h: what the pool gives and tells, to whom it belongs. */
#ifndef SERVER_DELIVER_H
#define SERVER_DELIVER_H
#include "session/server_state.h"

/* answer.c: what the pool gives and tells, to whom it belongs. */
void server_deliver_reply(dualpipe_server *s, const struct dualpipe_reply *r);
/* A request of so many bytes that was not given to the pool. */
void server_deliver_refusal(struct client_request *req, size_t size, enum dualpipe_outcome outcome,
                            const char *why);
/* What came unasked before it, and nobody was told. */
void server_deliver_last_output(struct conn *c, const struct client_request *req);
/* The state that its child is in. */
void server_deliver_child_state(struct conn *c);
void server_deliver_hello(struct conn *c);
void server_deliver_event(void *data, const struct dualpipe_pool_event *event);
#endif
