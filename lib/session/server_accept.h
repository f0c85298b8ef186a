/* server_accept.h: who is let in. */
#ifndef SERVER_ACCEPT_H
#define SERVER_ACCEPT_H
#include "session/server_state.h"

/* Whether newcomers are looked for. */
void server_accept_enable(dualpipe_server *s, bool on);
struct conn *server_accept_next(dualpipe_server *s, int *tries);
#endif
