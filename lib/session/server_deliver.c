/* server_deliver.c: what the pool of a session gives and tells, passed on to whom it belongs. */
#include "child/handle.h"
#include "base/clock.h"
#include "session/server_state.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEAD = 512,
    AHEAD = 64, /* requests of a client where the window adapts */
    EXIT_NOTICE_MS =
        5000, /* in which who is told that the child has ended will say that it knows */
};

/* --- messages to a client, in the order in which it asked -------------------------------- */

/* Bytes for the job's client: now, or when those before it are answered. */
static void request_write(struct client_request *j, const void *p, size_t n) {
    if (!j->conn)
        return;
    if (j->conn->first == j)
        conn_write(j->conn, p, n);
    else if (buffer_append(&j->held_back, p, n) < 0)
        conn_close(j->conn, DUALPIPE_CLIENT_EVICTED, "its replies wait for one before them");
}

static void request_send(struct client_request *j, const char *head, const void *p, size_t n) {
    char line[HEAD + 40];
    int size = snprintf(line, sizeof line, "%s size=%zu\n", head, n);
    request_write(j, line, (size_t)size);
    request_write(j, p, n);
}

static void conn_free_request(struct client_request *j) {
    buffer_free(&j->held_back);
    free(j);
}

/* The jobs at the front that are answered, and what is held of the next. */
static void advance_replies(struct conn *c) {
    while (c->first && c->first->is_done) {
        struct client_request *j = c->first;
        bool failed = j->has_failed;
        c->first = j->next;
        c->last = c->first ? c->last : NULL;
        conn_free_request(j);
        if (failed)
            conn_abandon_requests(c);
        if (c->first && buffer_len(&c->first->held_back) > 0) {
            conn_write(c, buffer_data(&c->first->held_back), buffer_len(&c->first->held_back));
            buffer_free(&c->first->held_back);
        }
    }
}

static void finish_request(dualpipe_server *s, struct client_request *j) {
    struct conn *c = j->conn;
    s->nrequests--;
    if (s->current == j)
        s->current = NULL;
    if (!c) {
        conn_free_request(j);
        return;
    }
    j->is_done = true;
    c->nlost += c->hung_up;
    advance_replies(c);
}

/* --- replies ----------------------------------------------------------------------------- */

static void send_pieces(struct client_request *j, const char **p, size_t *n, bool all) {
    char head[64];
    snprintf(head, sizeof head, "piece n=%lld", (long long)j->id);
    while (*n > (all ? 0 : PROTO_PIECE_MAX)) {
        size_t some = *n < PROTO_PIECE_MAX ? *n : PROTO_PIECE_MAX;
        request_send(j, head, *p, some);
        *p += some;
        *n -= some;
    }
}

static void send_reply(struct client_request *j, const struct dualpipe_reply *r) {
    const char *p = r->data;
    size_t n = r->size, nreason = r->reason ? strlen(r->reason) : 0;
    char head[HEAD], status[120], line[HEAD + 64];
    int size;
    if (r->err_size > 0) {
        size = snprintf(line, sizeof line, "stderr size=%zu\n", r->err_size);
        request_write(j, line, (size_t)size);
        request_write(j, r->err, r->err_size);
    }
    send_pieces(j, &p, &n, r->partial);
    if (r->partial)
        return;
    proto_format_status(status, sizeof status, &r->status);
    j->conn->knows_exit |= r->outcome == DUALPIPE_OUTCOME_CHILD_ENDED && *status;
    snprintf(head, sizeof head,
             "reply n=%lld outcome=%s sent=%zu unsent=%zu which=%d worker=%d attempt=%d "
             "offset=%llu whole=%d reason=%zu%s",
             (long long)j->id, proto_outcome_word(r->outcome), r->sent, r->unsent, r->matched,
             r->worker, r->attempt, (unsigned long long)r->offset, r->complete, nreason, status);
    size = snprintf(line, sizeof line, "%s size=%zu\n", head, n + nreason);
    request_write(j, line, (size_t)size);
    request_write(j, p, n);
    request_write(j, r->reason, nreason);
}

/* A plain client has no other sign of a failure than its end. */
static void fail_plain_client(struct client_request *j) {
    if (!j->conn)
        return;
    j->has_failed = true;
    j->conn->close_reason = "its request has failed";
    conn_drain(j->conn);
    runqueue_remove(j->conn);
    j->conn->request = (struct proto_msg){0};
}

static void send_plain_reply(dualpipe_server *s, struct client_request *j,
                             const struct dualpipe_reply *r) {
    char *made;
    size_t n;
    if (!r->partial && r->outcome != DUALPIPE_OUTCOME_ANSWERED && !r->complete) {
        fail_plain_client(j);
    } else if (!s->options.to_client) {
        request_write(j, r->data, r->size);
    } else if (r->size > 0 || !r->partial) {
        if (s->options.to_client(s->options.callback_data, r->data, r->size, &made, &n) < 0) {
            fail_plain_client(j);
            return;
        }
        request_write(j, made, n);
        free(made);
    }
}

static void remember_late_reply(dualpipe_server *s, const struct client_request *j,
                                int64_t number) {
    if (j->conn && !j->is_plain) {
        s->late[s->nlate % LATE].number = number;
        s->late[s->nlate % LATE].n = j->id;
        s->late[s->nlate++ % LATE].client = j->conn;
    }
}

void server_deliver_reply(dualpipe_server *s, const struct dualpipe_reply *r) {
    struct client_request *j = r->tag;
    struct conn *c = j->conn;
    if (r->outcome == DUALPIPE_OUTCOME_TIMED_OUT && !r->partial) {
        if (c && !j->is_plain && r->child)
            server_deliver_child_state(c);
        remember_late_reply(s, j, r->number);
    }
    if (c && j->is_plain)
        send_plain_reply(s, j, r);
    else if (c)
        send_reply(j, r);
    if (!r->partial)
        finish_request(s, j);
    if (!c)
        return;
    conn_flush(c);
    conn_update(c);
}

void server_deliver_refusal(struct client_request *j, size_t size, enum dualpipe_outcome outcome,
                            const char *why) {
    struct dualpipe_reply r = {.outcome = outcome, .data = "", .unsent = size, .matched = -1,
                               .tag = j, .status = {.code = -1, .signal = -1}, .reason = why};
    server_deliver_reply(j->conn->server, &r);
}

/* --- news -------------------------------------------------------------------------------- */

/* Who is asking the child that it comes from, as far as that can be told. */
static struct conn *current_conn(dualpipe_server *s) {
    struct client_request *j = s->submitting ? s->submitting : s->current;
    return j && j->conn && !j->is_plain ? j->conn : NULL;
}

static void keep_last_output(dualpipe_server *s, const char *p, size_t n) {
    size_t room;
    if (n > LAST_OUTPUT_MAX) {
        p += n - LAST_OUTPUT_MAX;
        n = LAST_OUTPUT_MAX;
    }
    room = LAST_OUTPUT_MAX - n;
    if (buffer_len(&s->last_output) > room)
        buffer_consume(&s->last_output, buffer_len(&s->last_output) - room);
    buffer_append(&s->last_output, p, n);
}

void server_deliver_last_output(struct conn *c, const struct client_request *j) {
    dualpipe_server *s = c->server;
    char head[64];
    if (buffer_len(&s->last_output) == 0 || j->is_plain)
        return;
    snprintf(head, sizeof head, "stray n=%lld", (long long)j->id);
    conn_send(c, head, buffer_data(&s->last_output), buffer_len(&s->last_output));
    buffer_consume(&s->last_output, buffer_len(&s->last_output));
}

static void on_unexpected_bytes(dualpipe_server *s, const struct dualpipe_pool_event *n) {
    struct conn *c = current_conn(s);
    char head[64];
    if (!n->data)
        return;
    if (n->number == 0 || !c || !s->submitting) {
        keep_last_output(s, n->data, n->size);
        return;
    }
    snprintf(head, sizeof head, "stray n=%lld", (long long)s->submitting->id);
    conn_send(c, head, n->data, n->size < LAST_OUTPUT_MAX ? n->size : LAST_OUTPUT_MAX);
}

static void on_notification(dualpipe_server *s, const struct dualpipe_pool_event *n) {
    struct conn *asker = current_conn(s);
    for (struct conn *c = s->conns; c; c = c->next) {
        if (!c->is_subscribed && c != asker)
            continue;
        conn_send(c, "async", n->data, n->size);
        conn_flush(c);
        conn_update(c);
    }
}

static void on_late_discarded(dualpipe_server *s, int64_t number) {
    char head[64];
    for (int i = 0; i < LATE && i < s->nlate; i++) {
        struct conn *c = s->late[i].client;
        if (s->late[i].number != number || !c)
            continue;
        snprintf(head, sizeof head, "dropped n=%lld", (long long)s->late[i].n);
        conn_send(c, head, NULL, 0);
        conn_flush(c);
        conn_update(c);
    }
}

static void on_child_exit(dualpipe_server *s, const struct dualpipe_pool_event *n) {
    if (n->worker == 0)
        s->child = NULL;
    if (s->state < SERVER_DRAINING) {
        s->child_died = true;
        s->exit_status = n->status;
    }
}

void server_deliver_event(void *data, const struct dualpipe_pool_event *n) {
    dualpipe_server *s = data;
    struct conn *c = current_conn(s);
    switch (n->type) {
    case DUALPIPE_POOL_EVENT_STARTED:
        s->child_started = true;
        if (n->worker == 0)
            s->child = n->child;
        break;
    case DUALPIPE_POOL_EVENT_UNEXPECTED_BYTES: on_unexpected_bytes(s, n); break;
    case DUALPIPE_POOL_EVENT_NOTIFICATION: on_notification(s, n); break;
    case DUALPIPE_POOL_EVENT_STDERR:
        if (c) {
            conn_send(c, "stderr", n->data, n->size);
            return; /* it is no news to the host */
        }
        keep_last_output(s, n->data, n->size);
        break;
    case DUALPIPE_POOL_EVENT_LATE_DISCARDED: on_late_discarded(s, n->number); break;
    case DUALPIPE_POOL_EVENT_REPLACED:
        if (s->has_single_child)
            s->stop_reason = n->reason;
        break;
    case DUALPIPE_POOL_EVENT_CHILD_ENDED: on_child_exit(s, n); break;
    default: break;
    }
    if (s->host_callback)
        s->host_callback(s->host_data, n);
}

void begin_exit_notice(struct conn *c) {
    c->server->exit_notice_conn = c;
    c->server->exit_notice_deadline = clock_deadline(EXIT_NOTICE_MS);
}

static bool exit_notice_pending(dualpipe_server *s) {
    if (s->state != SERVER_CHILD_ENDED || !s->exit_notice_conn ||
        clock_now_ns() >= s->exit_notice_deadline)
        return false;
    server_note_deadline(s, s->exit_notice_deadline);
    return true;
}

static void server_deliver_hello(struct conn *c) {
    dualpipe_server *s = c->server;
    bool over = s->state == SERVER_CHILD_ENDED;
    int window = s->pool_options.window, room = s->pool_options.workers;
    struct dualpipe_stats b;
    char head[HEAD], status[120] = "", line[HEAD + 40];
    size_t nlast = over ? buffer_len(&s->last_output) : 0,
           nwhy = over && s->stop_reason ? strlen(s->stop_reason) : 0;
    int64_t now = clock_now_ns();
    int size;
    room *= window == DUALPIPE_WINDOW_AUTO ? AHEAD : window;
    dualpipe_pool_stats(s->pool, &b);
    if (over)
        proto_format_status(status, sizeof status, &s->exit_status);
    snprintf(head, sizeof head,
             "hello pid=%ld child=%ld workers=%d room=%d clients=%d in=%lld answered=%lld "
             "failed=%lld dropped=%lld idle=%lld age=%lld over=%d%s about=%zu why=%zu",
             s->pid, s->child ? (long)s->child->process.pid : 0, s->pool_options.workers, room,
             s->nconns, (long long)b.submitted, (long long)b.answered, (long long)b.failed,
             (long long)b.late_discarded, (long long)((now - s->unused_since) / 1000000),
             (long long)((now - s->started_at) / 1000000), over, status,
             s->options.description_size, nwhy);
    size = snprintf(line, sizeof line, "%s size=%zu\n", head,
                    s->options.description_size + nlast + nwhy);
    conn_write(c, line, (size_t)size);
    conn_write(c, s->options.description, s->options.description_size);
    conn_write(c, buffer_data(&s->last_output), nlast);
    conn_write(c, s->stop_reason, nwhy);
    c->hello_sent = true;
    conn_flush(c);
}

bool send_hello(struct conn *c) {
    if (exit_notice_pending(c->server))
        return false;
    if (c->server->state == SERVER_CHILD_ENDED)
        begin_exit_notice(c);
    server_deliver_hello(c);
    return true;
}
