/* server_accept.c: the clients of a session as they come and go: who is let in, and what becomes of them. */
#include "base/clock.h"
#include "os/fd.h"
#include "session/server_state.h"
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BATCH = 64,         /* newcomers, before anything else is looked at */
    ACCEPT_AGAIN = 100, /* milliseconds, when no descriptor is free */
};

void service_listen(dualpipe_server *s, bool on) {
    int before = s->listening ? WATCH_IN : 0, now = on ? WATCH_IN : 0;
    if (s->listening == on || s->listener.fd < 0)
        return;
    if (watch_set(&s->watch, s->listener.fd, before, now, NULL) == 0)
        s->listening = on;
}

static void tell_door(dualpipe_server *s, const struct client *c, enum dualpipe_visit visit) {
    struct dualpipe_visitor v = {.visit = visit, .uid = c->uid, .pid = c->pid, .reason = c->why,
                                 .asked = c->asked, .lost = c->lost};
    for (const struct job *j = c->first; j; j = j->next)
        v.lost++;
    if (s->o.doorkeeper)
        s->o.doorkeeper(s->o.data, &v);
}

static void turn_away(int fd) {
    static const char words[] = "wrong size=29\nthe session is another user's";
    ssize_t n = send(fd, words, sizeof words - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    (void)n; /* its end tells as much */
    close(fd);
}

static void let_in(dualpipe_server *s, int fd) {
    struct client refused = {.fd = fd}, *c;
    if (socket_peer(fd, &refused.uid, &refused.pid) < 0 || refused.uid != geteuid()) {
        refused.why = "another user's";
        tell_door(s, &refused, DUALPIPE_REFUSED);
        turn_away(fd);
        return;
    }
    if (!(c = client_new(s, fd, refused.uid, refused.pid))) {
        close(fd);
        return;
    }
    c->next = s->clients;
    if (c->next)
        c->next->before = c;
    s->clients = c;
    s->nclients++;
    tell_door(s, c, DUALPIPE_CAME);
    client_read(c); /* it may have said something already */
    client_settle(c);
}

/* With no descriptor left each look would find the same. */
void service_let_in(dualpipe_server *s) {
    for (int i = 0; i < BATCH && s->nclients < s->most_clients; i++) {
        int fd = accept4(s->listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0 && fd_move_up(&fd) == 0) {
            let_in(s, fd);
        } else if (fd >= 0) {
            close(fd);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            s->accept_at = clock_after(ACCEPT_AGAIN);
            service_note_due(s, s->accept_at);
            service_listen(s, false);
            return;
        } else if (errno == EAGAIN) {
            return;
        }
    }
    if (s->nclients >= s->most_clients)
        service_listen(s, false);
}

static void forget_late(dualpipe_server *s, const struct client *c) {
    for (int i = 0; i < LATE; i++)
        if (s->late[i].client == c)
            s->late[i].client = NULL;
}

static void bury(dualpipe_server *s, struct client *c) {
    tell_door(s, c, c->how);
    s->told |= c->knows;
    forget_late(s, c);
    service_leave_line(c);
    if (c->before)
        c->before->next = c->next;
    else
        s->clients = c->next;
    if (c->next)
        c->next->before = c->before;
    s->held -= c->counted;
    if (s->hearing == c) {
        s->hearing = NULL;
        service_note_due(s, 0);
    }
    client_free(c);
    if (--s->nclients == 0) {
        s->used = clock_ns();
        if (s->o.persist > 0)
            service_note_due(s, s->used + (int64_t)s->o.persist * 1000000);
    }
    s->accept_at = 0;
    service_listen(s, s->state < SERVICE_DRAINING);
}

void service_bury(dualpipe_server *s) {
    while (s->any_gone) {
        s->any_gone = false;
        for (struct client *c = s->clients, *next; c; c = next) {
            next = c->next;
            if (c->gone)
                bury(s, c);
        }
    }
}

void service_count(struct client *c) {
    dualpipe_server *s = c->server;
    size_t now = buffer_held(&c->in) + buffer_held(&c->out);
    struct client *most = c;
    s->held = s->held - c->counted + now;
    c->counted = now;
    if (s->held <= 4 * s->o.held)
        return;
    for (struct client *other = s->clients; other; other = other->next)
        if (!other->gone && other->counted > most->counted)
            most = other;
    client_expel(most, DUALPIPE_EXPELLED, "too much is held for it");
}
