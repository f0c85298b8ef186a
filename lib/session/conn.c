/* conn.c: one client of a session: its bytes as requests, and the bytes it is told. */
#include "session/conn.h"
#include "base/clock.h"
#include "os/fd.h"
#include "session/runqueue.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    READ_SIZE = 16384,
    AHEAD = 65536,      /* bytes that are read while a request waits */
    UNSENT_PAUSE = 65536, /* bytes it has not taken: then it is not read from */
    HUNG_UP_READ_MAX = 1 << 20, /* bytes that are read of one that has gone */
};

/* --- requests under way --------------------------------------------------------------- */

struct client_request *conn_new_request(struct conn *c) {
    struct client_request *j = calloc(1, sizeof *j);
    if (!j)
        return NULL;
    j->conn = c;
    j->id = c->request_id;
    j->is_plain = c->protocol == CONN_PLAIN;
    j->held_back.max = c->out.max;
    return j;
}

void conn_add_request(struct conn *c, struct client_request *j) {
    if (c->last)
        c->last->next = j;
    else
        c->first = j;
    c->last = j;
    c->server->nrequests++;
    c->nrequests++;
}

void conn_free_request(struct client_request *j) {
    buffer_free(&j->held_back);
    free(j);
}

/* What it has asked is nobody's. */
static void orphan_requests(struct conn *c) {
    for (struct client_request *j = c->first; j; j = j->next)
        if (!j->is_done)
            pool_sched_orphan(c->server->pool, j);
}

void conn_abandon_requests(struct conn *c) {
    orphan_requests(c);
    for (struct client_request *j = c->first, *next; j; j = next) {
        next = j->next;
        buffer_free(&j->held_back);
        c->nlost++;
        if (j->is_done)
            free(j);
        else
            j->conn = NULL;
    }
    c->first = c->last = NULL;
}

/* --- its life ------------------------------------------------------------------------- */

struct conn *conn_new(dualpipe_server *s, int fd, uid_t uid, pid_t pid) {
    struct conn *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->server = s;
    c->fd = fd;
    c->uid = uid;
    c->pid = pid;
    c->in.max = s->pool_options.max_reply + PROTO_HEAD_MAX;
    c->out.max = s->options.client_buffer_max;
    return c;
}

void conn_free(struct conn *c) {
    conn_abandon_requests(c);
    if (c->poll_events)
        poller_set(&c->server->poller, c->fd, c->poll_events, 0, c);
    close(c->fd);
    buffer_free(&c->in);
    buffer_free(&c->out);
    free(c->request_copy);
    free(c);
}

void conn_close(struct conn *c, enum dualpipe_client_event how, const char *why) {
    if (c->is_closing)
        return;
    c->is_closing = c->server->any_closing = true;
    c->close_event = how;
    c->close_reason = why;
    runqueue_remove(c);
}

void conn_notify(dualpipe_server *s, const struct conn *c,
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

/* --- out ------------------------------------------------------------------------------ */

void conn_flush(struct conn *c) {
    while (!c->is_closing && buffer_len(&c->out) > 0) {
        ssize_t n =
            send(c->fd, buffer_data(&c->out), buffer_len(&c->out), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN) {
            c->hung_up = true;
            buffer_free(&c->out);
            break;
        }
        if (n < 0)
            break;
        buffer_consume(&c->out, (size_t)n);
        c->stalled_since = 0;
    }
    conn_account_memory(c);
}

void conn_write(struct conn *c, const void *p, size_t n) {
    if (c->is_closing || c->hung_up)
        return;
    if (buffer_append(&c->out, p, n) < 0)
        conn_close(c, DUALPIPE_CLIENT_EVICTED, "it does not take its replies");
}

void conn_send(struct conn *c, const char *head, const void *p, size_t n) {
    char line[PROTO_HEAD_MAX];
    int size = n > 0 ? snprintf(line, sizeof line, "%s size=%zu\n", head, n)
                     : snprintf(line, sizeof line, "%s\n", head);
    conn_write(c, line, (size_t)size);
    conn_write(c, p, n);
}

/* --- in ------------------------------------------------------------------------------- */

static bool may_read(const struct conn *c) {
    if (c->input_ended || c->hung_up || c->is_draining || c->server->state >= SERVER_DRAINING)
        return false;
    if (buffer_len(&c->out) > UNSENT_PAUSE)
        return false;
    return c->request.total_size == 0 || buffer_len(&c->in) < c->request.total_size + AHEAD;
}

static bool read_bytes(struct conn *c) {
    char *room;
    ptrdiff_t size = buffer_reserve(&c->in, READ_SIZE, &room);
    ssize_t n;
    if (size == -ENOMEM) {
        conn_close(c, DUALPIPE_CLIENT_EVICTED, "no memory is left for its request");
        return false;
    }
    if (size == 0)
        return false;
    /* Descriptors that are passed with the bytes are not taken. */
    n = fd_read(c->fd, FD_SOCKET, room, (size_t)size);
    if (n > 0)
        buffer_commit(&c->in, (size_t)n);
    if (n == 0 || (n < 0 && n != -EAGAIN))
        c->input_ended = true;
    c->hung_up |= n < 0 && n != -EAGAIN;
    c->stalled_since = 0;
    return n > 0;
}

void conn_read(struct conn *c) {
    size_t before = buffer_len(&c->in);
    if (may_read(c))
        read_bytes(c);
    while (c->hung_up && !c->is_closing && buffer_len(&c->in) - before < HUNG_UP_READ_MAX &&
           read_bytes(c))
        ;
    c->input_ended |= c->hung_up;
    conn_account_memory(c);
}

void conn_drain(struct conn *c) {
    c->is_draining = true;
}

/* --- watching ------------------------------------------------------------------------- */

static void set_poll_events(struct conn *c, int interest) {
    if (interest == c->poll_events)
        return;
    if (poller_set(&c->server->poller, c->fd, c->poll_events, interest, c) == 0)
        c->poll_events = interest;
    else
        conn_close(c, DUALPIPE_CLIENT_EVICTED, "no memory is left to watch it");
}

/* Whether all that it has asked is answered, and it will ask no more. */
static bool has_finished(const struct conn *c) {
    if (c->first || c->request.total_size > 0)
        return false;
    return c->hung_up || ((c->input_ended || c->is_draining) && buffer_len(&c->out) == 0);
}

static bool is_stalled(const struct conn *c) {
    return c->has_exit_notice || buffer_len(&c->out) > 0 ||
           (buffer_len(&c->in) > 0 && c->request.total_size == 0 && may_read(c));
}

/* Whether it has all that there is for it, the child's end last, and need but close its end. */
static bool is_half_closed(const struct conn *c) {
    return c->has_exit_notice && !c->hung_up && !c->first &&
           c->server->state == SERVER_CHILD_ENDED && buffer_len(&c->out) == 0;
}

/* That it was sent so is no proof that it was told: it may be killed, or but list the session. */
static void half_close(struct conn *c) {
    static const char known[] = "collect\n";
    char some[4096];
    ssize_t n;
    shutdown(c->fd, SHUT_WR);
    while ((n = fd_read(c->fd, FD_SOCKET, some, sizeof some)) > 0)
        c->server->exit_was_reported |= memmem(some, (size_t)n, known, sizeof known - 1) != NULL;
    if (n == -EAGAIN)
        return;
    conn_close(c, DUALPIPE_CLIENT_DISCONNECTED, NULL);
}

static int wanted_events(const struct conn *c) {
    int interest = POLLER_HUP;
    if (c->hung_up)
        return 0; /* it would be ready for ever */
    if (may_read(c) || is_half_closed(c))
        interest |= POLLER_IN;
    if (buffer_len(&c->out) > 0)
        interest |= POLLER_OUT;
    return interest;
}

void conn_update(struct conn *c) {
    if (c->is_closing)
        return;
    if (c->hung_up)
        orphan_requests(c);
    if (is_half_closed(c)) {
        half_close(c);
    } else if (has_finished(c)) {
        conn_close(c, c->close_reason ? DUALPIPE_CLIENT_EVICTED : DUALPIPE_CLIENT_DISCONNECTED,
                   c->close_reason);
    }
    if (!c->is_closing)
        set_poll_events(c, wanted_events(c));
    if (c->is_closing || c->hung_up)
        return;
    if (!is_stalled(c)) {
        c->stalled_since = 0;
    } else if (c->stalled_since == 0) {
        c->stalled_since = clock_now_ns();
        server_state_note_deadline(c->server,
                             c->stalled_since +
                                 (int64_t)c->server->options.client_stall_timeout * 1000000);
    }
}
