/* conn.h: one client of a session: its bytes. */
#ifndef CONN_H
#define CONN_H
#include "session/server_state.h"

/* client.c: one client's bytes. Each may set gone: client_bury is called later. */
struct conn *conn_new(dualpipe_server *s, int fd, uid_t uid, pid_t pid);
void conn_notify(dualpipe_server *s, const struct conn *c, enum dualpipe_client_event event);
struct client_request *conn_new_request(struct conn *c);
void conn_add_request(struct conn *c, struct client_request *req);
void conn_free_request(struct client_request *req);
/* It is told no more of what it has asked, though that is finished. */
void conn_abandon_requests(struct conn *c);
void conn_free(struct conn *c);
void conn_close(struct conn *c, enum dualpipe_client_event event, const char *reason);
/* Its bytes may have become more: too many in all expel the client that holds the most. */
void conn_account_memory(struct conn *c);
void conn_flush(struct conn *c);
/* Bytes for it; flushed as far as that goes. */
void conn_write(struct conn *c, const void *p, size_t n);
/* A message of the session protocol: the head, without its size, and data. */
void conn_send(struct conn *c, const char *head, const void *p, size_t n);
void conn_read(struct conn *c);
/* What it has asked is answered, then it is closed. */
void conn_drain(struct conn *c);
/* What it is watched for now; it may have nothing more to do here. */
void conn_update(struct conn *c);
#endif
