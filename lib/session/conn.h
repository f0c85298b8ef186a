/* conn.h: one connection of a client to the session server: its bytes, both ways.
 *
 * server_accept.c makes a connection with conn_new(). When the poller reports it, server.c calls
 * conn_flush() or conn_read(), parses what came, and ends with conn_update(), which chooses the
 * poll events and closes a finished connection. Messages go out with conn_send() or
 * conn_write(), then conn_flush(), then conn_update().
 *
 * Any of these may call conn_close(), which only marks the connection: it stays in the server's
 * list and may be touched until reap_conns() in server.c frees it. So a loop over connections stays
 * valid, and a caller that goes on with a connection checks is_closing first. */
#ifndef CONN_H
#define CONN_H
#include "session/server_state.h"

/* A connection on fd, which it owns from now on; NULL: no memory. It is in no list yet. */
struct conn *conn_new(dualpipe_server *s, int fd, uid_t uid, pid_t pid);
/* Closes the descriptor and frees the connection. Requests still in the pool lose their conn. */
void conn_free(struct conn *c);
/* Marks the connection to be freed, and takes it out of the run queue. The host will be told
 * event and reason; reason must outlive the connection. Only the first call counts. */
void conn_close(struct conn *c, enum dualpipe_client_event event, const char *reason);
/* Calls the host's client_callback with an event of a client. */
void conn_notify(dualpipe_server *s, const struct conn *c, enum dualpipe_client_event event);
/* Counts the connection's buffers anew. If all connections together hold more than four times
 * client_buffer_max, the one that holds the most is closed. */
void conn_account_memory(struct conn *c);

/* The record of the connection's queued request, for the pool to carry as its tag; NULL: no
 * memory. conn_add_request() appends it to the connection's list, where replies keep their order.
 */
struct client_request *conn_new_request(struct conn *c);
void conn_add_request(struct conn *c, struct client_request *req);
void conn_free_request(struct client_request *req);
/* Drops all requests of the connection: their replies will not be sent, though the child still
 * gives them. */
void conn_abandon_requests(struct conn *c);

/* Appends bytes to the connection's output. A client that lets more than client_buffer_max
 * pile up is closed. */
void conn_write(struct conn *c, const void *p, size_t n);
/* Appends a protocol message: its head without the size, and n bytes of data. */
void conn_send(struct conn *c, const char *head, const void *p, size_t n);
/* Sends as much as the socket takes now. */
void conn_flush(struct conn *c);
/* Reads once, or, if the client has hung up, all that it has sent (at most 1 MiB). */
void conn_read(struct conn *c);
/* No more requests are read. The connection closes when its last reply is sent. */
void conn_drain(struct conn *c);
/* After any change: chooses the events to poll for, starts or stops the stall timer, and closes
 * the connection if it is finished. */
void conn_update(struct conn *c);
#endif
