/* server_accept.h: the listening socket of the session server.
 *
 * server.c turns accepting on when the server opens and off when it drains. When the listener is
 * ready it calls server_accept_next() until that returns NULL. */
#ifndef SERVER_ACCEPT_H
#define SERVER_ACCEPT_H
#include "session/server_state.h"

/* Registers the listener with the poller, or takes it out. Does nothing once the listener is gone.
 */
void server_accept_enable(dualpipe_server *s, bool on);
/* Accepts the next client of our user, adds it to the server's connections and tells the host.
 * Each attempt counts *tries down, rejected clients included. Returns NULL when no client waits,
 * the tries are used up, or there is no room or no free descriptor; in the last two cases accepting
 * is turned off. */
struct conn *server_accept_next(dualpipe_server *s, int *tries);
#endif
