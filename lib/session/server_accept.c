/* server_accept.c: lets clients in. A connection is accepted only from our own user, as the kernel
 * tells it; the socket's mode already keeps others out, but a socket that the host passed in may
 * have any. Accepting is turned off, by taking the listener out of the poller, at the limit of
 * clients and while the process has no free descriptor: a ready listener that cannot be accepted
 * from would make every poll return at once. server.c turns it on again when a client is freed or
 * after ACCEPT_RETRY_MS. */
#include "session/server_accept.h"
#include "base/clock.h"
#include "os/fd.h"
#include "session/conn.h"
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ACCEPT_RETRY_MS = 100 };

void server_accept_enable(dualpipe_server *s, bool on) {
    int old_events = s->is_accepting ? POLLER_IN : 0, new_events = on ? POLLER_IN : 0;
    if (s->is_accepting == on || s->listener.fd < 0)
        return;
    if (poller_set(&s->poller, s->listener.fd, old_events, new_events, NULL) == 0)
        s->is_accepting = on;
}

/* Says why in a message that a client of ours understands, and closes. */
static void reject_peer(int fd) {
    static const char message[] = "wrong size=29\nthe session is another user's";
    ssize_t n = send(fd, message, sizeof message - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    (void)n; /* if this is lost, the closed socket says as much */
    close(fd);
}

/* Makes a connection of an accepted socket, or rejects it: NULL. Takes over fd either way. */
static struct conn *accept_client(dualpipe_server *s, int fd) {
    struct conn peer = {.fd = fd}, *c;
    if (unix_socket_peer(fd, &peer.uid, &peer.pid) < 0 || peer.uid != geteuid()) {
        peer.close_reason = "another user's";
        conn_notify(s, &peer, DUALPIPE_CLIENT_REJECTED);
        reject_peer(fd);
        return NULL;
    }
    if (!(c = conn_new(s, fd, peer.uid, peer.pid))) {
        close(fd);
        return NULL;
    }
    c->next = s->conns;
    if (c->next)
        c->next->prev = c;
    s->conns = c;
    s->nconns++;
    conn_notify(s, c, DUALPIPE_CLIENT_CONNECTED);
    return c;
}

struct conn *server_accept_next(dualpipe_server *s, int *tries) {
    while (*tries > 0 && s->nconns < s->max_conns) {
        int fd = accept4(s->listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        struct conn *c;
        --*tries;
        if (fd >= 0 && fd_move_above_stdio(&fd) == 0) {
            if ((c = accept_client(s, fd)))
                return c;
        } else if (fd >= 0) {
            close(fd);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            s->accept_retry_at = clock_deadline(ACCEPT_RETRY_MS);
            server_state_note_deadline(s, s->accept_retry_at);
            server_accept_enable(s, false);
            return NULL;
        } else if (errno == EAGAIN) {
            return NULL;
        }
    }
    if (s->nconns >= s->max_conns)
        server_accept_enable(s, false);
    return NULL;
}
