/* server_accept.c: the clients of a session as they come and go: who is let in, and what becomes of them. */
#include "base/clock.h"
#include "os/fd.h"
#include "session/server_state.h"
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BATCH = 64,         /* newcomers, before anything else is looked at */
    ACCEPT_RETRY_MS = 100, /* milliseconds, when no descriptor is free */
};

void server_accept_enable(dualpipe_server *s, bool on) {
    int before = s->is_accepting ? POLLER_IN : 0, now = on ? POLLER_IN : 0;
    if (s->is_accepting == on || s->listener.fd < 0)
        return;
    if (poller_set(&s->poller, s->listener.fd, before, now, NULL) == 0)
        s->is_accepting = on;
}

static void conn_notify(dualpipe_server *s, const struct conn *c,
                        enum dualpipe_client_event visit) {
    struct dualpipe_client_info v = {.event = visit,
                                     .uid = c->uid,
                                     .pid = c->pid,
                                     .reason = c->close_reason,
                                     .requests = c->nrequests,
                                     .replies_lost = c->nlost};
    for (const struct client_request *j = c->first; j; j = j->next)
        v.replies_lost++;
    if (s->options.client_callback)
        s->options.client_callback(s->options.callback_data, &v);
}

static void reject_peer(int fd) {
    static const char words[] = "wrong size=29\nthe session is another user's";
    ssize_t n = send(fd, words, sizeof words - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    (void)n; /* its end tells as much */
    close(fd);
}

static void accept_client(dualpipe_server *s, int fd) {
    struct conn refused = {.fd = fd}, *c;
    if (unix_socket_peer(fd, &refused.uid, &refused.pid) < 0 || refused.uid != geteuid()) {
        refused.close_reason = "another user's";
        conn_notify(s, &refused, DUALPIPE_CLIENT_REJECTED);
        reject_peer(fd);
        return;
    }
    if (!(c = conn_new(s, fd, refused.uid, refused.pid))) {
        close(fd);
        return;
    }
    c->next = s->conns;
    if (c->next)
        c->next->prev = c;
    s->conns = c;
    s->nconns++;
    conn_notify(s, c, DUALPIPE_CLIENT_CONNECTED);
    read_conn(c); /* it may have said something already */
    conn_update(c);
}

/* With no descriptor left each look would find the same. */
void server_accept_clients(dualpipe_server *s) {
    for (int i = 0; i < BATCH && s->nconns < s->max_conns; i++) {
        int fd = accept4(s->listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0 && fd_move_above_stdio(&fd) == 0) {
            accept_client(s, fd);
        } else if (fd >= 0) {
            close(fd);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            s->accept_retry_at = clock_deadline(ACCEPT_RETRY_MS);
            server_note_deadline(s, s->accept_retry_at);
            server_accept_enable(s, false);
            return;
        } else if (errno == EAGAIN) {
            return;
        }
    }
    if (s->nconns >= s->max_conns)
        server_accept_enable(s, false);
}

static void forget_late_replies(dualpipe_server *s, const struct conn *c) {
    for (int i = 0; i < LATE; i++)
        if (s->late[i].client == c)
            s->late[i].client = NULL;
}

static void reap_conn(dualpipe_server *s, struct conn *c) {
    conn_notify(s, c, c->close_event);
    s->exit_was_reported |= c->knows_exit;
    forget_late_replies(s, c);
    runqueue_remove(c);
    if (c->prev)
        c->prev->next = c->next;
    else
        s->conns = c->next;
    if (c->next)
        c->next->prev = c->prev;
    s->held_bytes -= c->accounted;
    if (s->exit_notice_conn == c) {
        s->exit_notice_conn = NULL;
        server_note_deadline(s, 0);
    }
    conn_free(c);
    if (--s->nconns == 0) {
        s->unused_since = clock_now_ns();
        if (s->options.idle_exit_timeout > 0)
            server_note_deadline(s,
                                 s->unused_since + (int64_t)s->options.idle_exit_timeout * 1000000);
    }
    s->accept_retry_at = 0;
    server_accept_enable(s, s->state < SERVER_DRAINING);
}

void reap_conns(dualpipe_server *s) {
    while (s->any_closing) {
        s->any_closing = false;
        for (struct conn *c = s->conns, *next; c; c = next) {
            next = c->next;
            if (c->is_closing)
                reap_conn(s, c);
        }
    }
}

void conn_account_memory(struct conn *c) {
    dualpipe_server *s = c->server;
    size_t now = buffer_len(&c->in) + buffer_len(&c->out);
    struct conn *most = c;
    s->held_bytes = s->held_bytes - c->accounted + now;
    c->accounted = now;
    if (s->held_bytes <= 4 * s->options.client_buffer_max)
        return;
    for (struct conn *other = s->conns; other; other = other->next)
        if (!other->is_closing && other->accounted > most->accounted)
            most = other;
    conn_close(most, DUALPIPE_CLIENT_EVICTED, "too much is held for it");
}
