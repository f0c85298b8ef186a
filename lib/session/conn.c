/* conn.c: one client of a session: its bytes as requests, and the bytes it is told. */
#include "base/clock.h"
#include "os/fd.h"
#include "session/server_state.h"
#include <errno.h>
#include <stdio.h>
#include <signal.h>
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

/* --- out --------------------------------------------------------------------------------- */

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

/* --- watching ---------------------------------------------------------------------------- */

static bool may_read(const struct conn *c) {
    if (c->input_ended || c->hung_up || c->is_draining || c->server->state >= SERVER_DRAINING)
        return false;
    if (buffer_len(&c->out) > UNSENT_PAUSE)
        return false;
    return c->request.total_size == 0 || buffer_len(&c->in) < c->request.total_size + AHEAD;
}

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
        server_note_deadline(c->server,
                             c->stalled_since +
                                 (int64_t)c->server->options.client_stall_timeout * 1000000);
    }
}

/* --- in: plain --------------------------------------------------------------------------- */

/* A request that lies elsewhere, and takes so many bytes of in. */
static void use_request_copy(struct conn *c, char *made, size_t size, size_t whole) {
    c->request_copy = made;
    c->request.data = made;
    c->request.size = size;
    c->request.total_size = whole;
}

/* The last line had no end. */
static void complete_last_line(struct conn *c, const char *p, size_t n) {
    char *made = malloc(n + 1);
    if (!made) {
        conn_close(c, DUALPIPE_CLIENT_EVICTED, "no memory is left for its request");
        return;
    }
    memcpy(made, p, n);
    made[n] = '\n';
    use_request_copy(c, made, n + 1, n);
}

static bool translate_request(struct conn *c, const char *p, size_t n, size_t whole) {
    const struct dualpipe_server_options *o = &c->server->options;
    char *made;
    size_t size;
    if (o->to_child(o->callback_data, p, n, &made, &size) < 0) {
        conn_close(c, DUALPIPE_CLIENT_EVICTED, "its request can't be said to the child");
        return false;
    }
    use_request_copy(c, made, size, whole);
    return true;
}

static void parse_plain_request(struct conn *c) {
    const struct dualpipe_server_options *o = &c->server->options;
    const char *p = buffer_data(&c->in);
    size_t n = buffer_len(&c->in);
    ssize_t used = n > 0 ? dualpipe_frame_decode(o->client_kind, p, n,
                                                 c->server->pool_options.max_reply, &c->body)
                         : 0;
    bool at_end = used == 0 && n > 0 && c->input_ended;
    if (used < 0) {
        conn_close(c, DUALPIPE_CLIENT_EVICTED,
                   used == -EMSGSIZE ? "its request is too long" : "its request is malformed");
    } else if (at_end && o->client_kind == DUALPIPE_FRAME_LINE && !o->to_child) {
        complete_last_line(c, p, n);
    } else if (at_end &&
               (o->client_kind == DUALPIPE_FRAME_RAW || o->client_kind == DUALPIPE_FRAME_LINE)) {
        if (o->to_child)
            translate_request(c, p, n, n);
        else
            c->request = (struct proto_msg){.data = p, .size = n, .total_size = n};
    } else if (at_end) {
        conn_close(c, DUALPIPE_CLIENT_EVICTED, "its request is cut short");
    } else if (used > 0 && o->to_child) {
        translate_request(c, c->body.data, c->body.size, (size_t)used);
    } else if (used > 0) {
        c->request =
            (struct proto_msg){.data = p, .size = (size_t)used, .total_size = (size_t)used};
    }
    c->reply_limit = o->reply_timeout;
    c->request_id++;
}

/* --- in: the session protocol ------------------------------------------------------------ */

static void reject_message(struct conn *c, const char *why) {
    conn_send(c, "wrong", why, strlen(why));
    conn_flush(c);
    conn_close(c, DUALPIPE_CLIENT_EVICTED, why);
}

static void parse_ask(struct conn *c, const struct proto_msg *m) {
    int64_t limit = proto_number(m, "limit", 0), n = proto_number(m, "n", 0);
    if (limit < 0 || n < 0) {
        reject_message(c, "a number of its request is none");
        return;
    }
    c->request_id = n;
    c->reply_limit = limit < INT32_MAX ? (int)limit : 0;
    c->expects_no_reply = proto_number(m, "quiet", 0) > 0;
    c->request = *m;
}

void server_deliver_child_state(struct conn *c) {
    dualpipe_server *s = c->server;
    struct dualpipe_diagnosis state;
    char head[160];
    if (!s->child)
        return;
    dualpipe_diagnose(s->child, &state, 0);
    snprintf(head, sizeof head, "state pid=%ld state=%c unread=%zu held=%zu received=%llu",
             (long)state.pid, state.state ? state.state : '?', state.unread, state.buffered,
             (unsigned long long)state.received);
    conn_send(c, head, NULL, 0);
}

static void signal_child(struct conn *c, const struct proto_msg *m) {
    int64_t number = proto_number(m, "number", 0);
    if (number > 0 && number <= SIGRTMAX)
        dualpipe_pool_signal(c->server->pool, (int)number);
    else
        reject_message(c, "there is no such signal");
}

static void handle_message(struct conn *c, const struct proto_msg *m) {
    dualpipe_server *s = c->server;
    if (proto_is(m, "signal")) {
        signal_child(c, m);
    } else if (proto_is(m, "look")) {
        server_deliver_child_state(c);
    } else if (proto_is(m, "follow")) {
        c->is_subscribed = true;
    } else if (proto_is(m, "collect")) {
        s->exit_was_reported |= s->state == SERVER_CHILD_ENDED;
    } else if (proto_is(m, "leave")) {
        conn_drain(c);
    } else if (proto_is(m, "stop")) {
        dualpipe_server_end(s, s->options.client_stall_timeout);
    } else {
        reject_message(c, "what it sends is no message of a session");
    }
}

/* The first ask there is; what comes before is obeyed at once. */
static void parse_messages(struct conn *c) {
    while (!c->is_closing && !c->is_draining && c->request.total_size == 0) {
        struct proto_msg m;
        int r = proto_parse(buffer_data(&c->in), buffer_len(&c->in), &m);
        if (r < 0 || m.size > c->server->pool_options.max_reply) {
            reject_message(c, r < 0 ? "what it sends is no message of a session"
                                    : "its request is too long");
            return;
        }
        if (r == 0)
            return;
        if (proto_is(&m, "ask")) {
            parse_ask(c, &m);
        } else {
            handle_message(c, &m);
            buffer_consume(&c->in, m.total_size);
        }
    }
}

/* --- in ---------------------------------------------------------------------------------- */

/* Whom the first bytes tell; false: not yet. */
static bool detect_protocol(struct conn *c) {
    size_t n = buffer_len(&c->in), all = sizeof PROTO_GREETING - 1;
    if (c->protocol != CONN_UNKNOWN)
        return true;
    if (n == 0)
        return false;
    if (memcmp(buffer_data(&c->in), PROTO_GREETING, n < all ? n : all) != 0 ||
        (n < all && c->input_ended)) {
        c->protocol = CONN_PLAIN;
        if (c->server->state == SERVER_CHILD_ENDED)
            conn_close(c, DUALPIPE_CLIENT_EVICTED, "the child has ended");
        return !c->is_closing;
    }
    if (n < all)
        return false;
    if (!send_hello(c))
        return false;
    buffer_consume(&c->in, all);
    c->protocol = CONN_SESSION;
    return true;
}

void queue_next_request(struct conn *c) {
    if (c->is_closing || c->is_draining || c->request.total_size > 0 || !detect_protocol(c))
        return;
    if (c->protocol == CONN_PLAIN)
        parse_plain_request(c);
    else
        parse_messages(c);
    if (c->is_closing || c->request.total_size == 0)
        return;
    c->queue_deadline = c->reply_limit > 0 ? clock_deadline(c->reply_limit) : CLOCK_NEVER;
    server_note_deadline(c->server, c->queue_deadline);
    runqueue_push(c);
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

void read_conn(struct conn *c) {
    size_t before = buffer_len(&c->in);
    if (may_read(c))
        read_bytes(c);
    while (c->hung_up && !c->is_closing && buffer_len(&c->in) - before < HUNG_UP_READ_MAX &&
           read_bytes(c))
        ;
    c->input_ended |= c->hung_up;
    conn_account_memory(c);
    queue_next_request(c);
    if (c->input_ended && !c->is_closing && c->request.total_size == 0)
        buffer_free(&c->in); /* half a message */
}

void conn_drain(struct conn *c) {
    c->is_draining = true;
}

void advance_conn(struct conn *c) {
    buffer_consume(&c->in, c->request.total_size);
    c->request = (struct proto_msg){0};
    c->body = (struct dualpipe_frame_view){0};
    free(c->request_copy);
    c->request_copy = NULL;
    queue_next_request(c);
    if (c->input_ended && !c->is_closing && c->request.total_size == 0)
        buffer_free(&c->in);
    conn_update(c);
}
