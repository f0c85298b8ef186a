/* server_deliver.c: from the pool to the clients: replies, events, and the answer to a greeting.
 *
 * The tag of every request in the pool is a struct client_request, which leads to its connection.
 * A client's replies leave in the order of its requests, although the pool may finish them in
 * another: the first request of the list writes straight to the connection, each later one fills
 * its held_back buffer until all before it are done (request_write, advance_replies). A connection
 * that is gone leaves requests with conn NULL: their replies are dropped, and the request is freed
 * with the last part.
 *
 * Events carry no tag. If there is one child with one request at a time on it, unexpected output
 * belongs to the client whose request was given last (current_conn). With a larger window or
 * several children that is a guess. So unexpected bytes are sent on only while a request is being
 * submitted: the pool then reports the output that came before that request. Other unexpected
 * output is kept, the newest 4 KiB of it, for the next request and for greetings after the child
 * has ended. Notifications also go to every subscribed client.
 *
 * Callers: server.c only. Nothing here calls back into it: deciding what follows from a child's
 * end is left to server.c, which looks at child_died and exit_status after the pool returns.
 *
 * The trap: writing may close the connection, which then has to be left alone, and
 * server_deliver_reply() may free its request. */
#include "session/server_deliver.h"
#include "base/clock.h"
#include "child/handle.h"
#include "session/conn.h"
#include "session/runqueue.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEAD_SIZE = 512,       /* of a head that we write, in bytes, without its `size=` */
    AUTO_WINDOW_ROOM = 64, /* requests that a client may send ahead per adaptive window */
};

/* --- replies in the order of the requests ------------------------------------------ */

/* Writes to the client of a request, or holds the bytes back until earlier requests are done. */
static void request_write(struct client_request *req, const void *p, size_t n) {
    if (!req->conn)
        return;
    if (req->conn->first_request == req)
        conn_write(req->conn, p, n);
    else if (buffer_append(&req->held_back, p, n) < 0)
        conn_close(req->conn, DUALPIPE_CLIENT_EVICTED, "its replies wait for one before them");
}

static void request_send(struct client_request *req, const char *head, const void *p, size_t n) {
    char line[HEAD_SIZE + 40];
    int size = snprintf(line, sizeof line, "%s size=%zu\n", head, n);
    request_write(req, line, (size_t)size);
    request_write(req, p, n);
}

/* Frees the finished requests at the front of the list, and sends what was held back for the one
 * that is first then. After a failed plain request nothing more may be sent. */
static void advance_replies(struct conn *c) {
    while (c->first_request && c->first_request->is_done) {
        struct client_request *req = c->first_request;
        bool failed = req->has_failed;
        c->first_request = req->next;
        c->last_request = c->first_request ? c->last_request : NULL;
        conn_free_request(req);
        if (failed)
            conn_abandon_requests(c);
        if (c->first_request && buffer_len(&c->first_request->held_back) > 0) {
            conn_write(c, buffer_data(&c->first_request->held_back),
                       buffer_len(&c->first_request->held_back));
            buffer_free(&c->first_request->held_back);
        }
    }
}

/* The pool is through with a request. */
static void finish_request(dualpipe_server *s, struct client_request *req) {
    struct conn *c = req->conn;
    s->requests_in_pool--;
    if (s->current == req)
        s->current = NULL;
    if (!c) {
        conn_free_request(req);
        return;
    }
    req->is_done = true;
    c->nlost += c->hung_up;
    advance_replies(c);
}

/* --- replies ----------------------------------------------------------------------- */

/* Sends `piece` messages of at most PROTO_PIECE_MAX bytes from *p: all bytes, or as many as leave
 * no more than one message's worth for the `reply` that follows. */
static void send_pieces(struct client_request *req, const char **p, size_t *n, bool all) {
    char head[64];
    snprintf(head, sizeof head, "piece n=%lld", (long long)req->id);
    while (*n > (all ? 0 : PROTO_PIECE_MAX)) {
        size_t size = *n < PROTO_PIECE_MAX ? *n : PROTO_PIECE_MAX;
        request_send(req, head, *p, size);
        *p += size;
        *n -= size;
    }
}

/* Keeps the end of what was sent of a reply, for who asks what its child is at. */
static void note_last(struct client_request *req, const char *p, size_t n) {
    size_t kept = req->last_size;
    if (n >= LAST_SHOWN_MAX)
        kept = 0, p += n - LAST_SHOWN_MAX, n = LAST_SHOWN_MAX;
    if (kept + n > LAST_SHOWN_MAX) {
        size_t dropped = kept + n - LAST_SHOWN_MAX;
        memmove(req->last, req->last + dropped, kept -= dropped);
    }
    memcpy(req->last + kept, p, n);
    req->last_size = kept + n;
}

/* What a child that goes on has used so far; of one that has ended its status tells that. */
static void format_usage(char *out, size_t size, const struct dualpipe_reply *r) {
    struct dualpipe_status used = {.code = -1};
    if (r->status.code >= 0 || r->status.signal > 0 || !r->child)
        return;
    process_measure(&r->child->process, &used);
    if (used.maxrss_kb > 0)
        snprintf(out, size, " rss=%ld cpu=%ld", used.maxrss_kb, used.cpu_ms);
}

/* The reply data are cut into pieces so that the client's memory for one message stays small. */
static void send_reply(struct client_request *req, const struct dualpipe_reply *r) {
    const char *p = r->data;
    size_t n = req->reply_use == REPLY_DROPPED ? 0 : r->size;
    size_t reason_size = r->reason ? strlen(r->reason) : 0;
    char head[HEAD_SIZE], status[120], usage[64] = "", line[HEAD_SIZE + 64];
    int size;
    if (r->err_size > 0) {
        size = snprintf(line, sizeof line, "stderr size=%zu\n", r->err_size);
        request_write(req, line, (size_t)size);
        request_write(req, r->err, r->err_size);
    }
    if (r->partial)
        note_last(req, r->data, r->size);
    send_pieces(req, &p, &n, r->partial);
    if (r->partial)
        return;
    proto_format_status(status, sizeof status, &r->status);
    req->conn->knows_exit |= r->outcome == DUALPIPE_OUTCOME_CHILD_ENDED && *status;
    if (req->reply_use == REPLY_MEASURED)
        format_usage(usage, sizeof usage, r);
    snprintf(head, sizeof head,
             "reply n=%lld outcome=%s sent=%zu unsent=%zu which=%d status=%d worker=%d attempt=%d "
             "offset=%llu whole=%d reason=%zu%s%s%s",
             (long long)req->id, proto_outcome_word(r->outcome), r->sent, r->unsent, r->matched,
             r->request_status, r->worker, r->attempt, (unsigned long long)r->offset, r->complete,
             reason_size, r->interrupted ? " interrupted=1" : "", status, usage);
    size = snprintf(line, sizeof line, "%s size=%zu\n", head, n + reason_size);
    request_write(req, line, (size_t)size);
    request_write(req, p, n);
    request_write(req, r->reason, reason_size);
}

/* Plain replies have no word for a failure: closing the connection is the only sign of it. The
 * request that is queued next is dropped, replies before this one are still sent. */
static void fail_plain_client(struct client_request *req) {
    if (!req->conn)
        return;
    req->has_failed = true;
    req->conn->close_reason = "its request has failed";
    conn_drain(req->conn);
    runqueue_remove(req->conn);
    req->conn->request = (struct proto_msg){0};
}

/* Sends reply bytes as they are, or as the host translates them. A complete reply of a one-shot
 * child is sent even if that child exited with an error. */
static void send_plain_reply(dualpipe_server *s, struct client_request *req,
                             const struct dualpipe_reply *r) {
    char *made;
    size_t n;
    if (!r->partial && r->outcome != DUALPIPE_OUTCOME_ANSWERED && !r->complete) {
        fail_plain_client(req);
    } else if (!s->options.to_client) {
        request_write(req, r->data, r->size);
    } else if (r->size > 0 || !r->partial) {
        if (s->options.to_client(s->options.callback_data, r->data, r->size, &made, &n) < 0) {
            fail_plain_client(req);
            return;
        }
        request_write(req, made, n);
        free(made);
    }
}

/* Notes a request that timed out, for on_late_discarded(). Plain clients could not be told. */
static void remember_late_reply(dualpipe_server *s, const struct client_request *req,
                                int64_t number) {
    if (req->conn && !req->is_plain) {
        s->late_replies[s->late_count % LATE_SLOTS].number = number;
        s->late_replies[s->late_count % LATE_SLOTS].request_id = req->id;
        s->late_replies[s->late_count++ % LATE_SLOTS].conn = req->conn;
    }
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

void server_deliver_reply(dualpipe_server *s, const struct dualpipe_reply *r) {
    struct client_request *req = r->tag;
    struct conn *c = req->conn;
    if (r->outcome == DUALPIPE_OUTCOME_TIMED_OUT && !r->partial) {
        if (c && !req->is_plain && r->child)
            server_deliver_child_state(c);
        if (!r->interrupted)
            remember_late_reply(s, req, r->number);
    }
    if (c && req->is_plain)
        send_plain_reply(s, req, r);
    else if (c)
        send_reply(req, r);
    if (!r->partial) {
        if (r->number > 0) /* else it is our own refusal */
            s->answered[r->worker] =
                (struct answered){req->is_plain ? NULL : c, req->id, r->number};
        finish_request(s, req);
    }
    if (!c)
        return;
    conn_flush(c);
    conn_update(c);
}

void server_deliver_refusal(struct client_request *req, size_t size, enum dualpipe_outcome outcome,
                            const char *why) {
    struct dualpipe_reply r = {.outcome = outcome,
                               .data = "",
                               .unsent = size,
                               .matched = -1,
                               .request_status = -1,
                               .tag = req,
                               .status = {.code = -1, .signal = -1},
                               .reason = why};
    server_deliver_reply(req->conn->server, &r);
}

/* --- events ------------------------------------------------------------------------ */

/* The client on whose behalf the child is probably working: of the request that is being submitted,
 * else of the last one. NULL for plain clients, who have no messages for events. */
static struct conn *current_conn(dualpipe_server *s) {
    struct client_request *req = s->submitting ? s->submitting : s->current;
    return req && req->conn && !req->is_plain ? req->conn : NULL;
}

/* Appends to last_output, which drops its oldest bytes beyond LAST_OUTPUT_MAX. */
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

static void send_unexpected(struct conn *c, int64_t request_id, const char *p, size_t n) {
    char head[64];
    snprintf(head, sizeof head, "stray n=%lld", (long long)request_id);
    conn_send(c, head, p, n);
}

/* For messages that no reply will flush soon. */
static void send_now(struct conn *c, const char *head, const void *p, size_t n) {
    conn_send(c, head, p, n);
    conn_flush(c);
    conn_update(c);
}

void server_deliver_last_output(struct conn *c, const struct client_request *req) {
    dualpipe_server *s = c->server;
    if (buffer_len(&s->last_output) == 0 || req->is_plain)
        return;
    send_unexpected(c, req->id, buffer_data(&s->last_output), buffer_len(&s->last_output));
    buffer_consume(&s->last_output, buffer_len(&s->last_output));
}

/* As long as the client of the last reply is there, bytes behind it put that reply in doubt, unless
 * its rule has proved its end. Else they came between asks: the client of the next ask is told, as
 * are those that follow. event->data is NULL if the pool only knows how many bytes there were. */
static void on_unexpected_bytes(dualpipe_server *s, const struct dualpipe_pool_event *event) {
    const struct answered *last = &s->answered[event->worker];
    struct conn *c = current_conn(s);
    size_t size = event->size < LAST_OUTPUT_MAX ? event->size : LAST_OUTPUT_MAX;
    char head[64];
    if (!event->data)
        return;
    for (struct conn *follower = s->conns; follower; follower = follower->next)
        if (follower->is_subscribed)
            send_now(follower, "async", event->data, size);
    if (last->conn && !event->proven && event->number == last->number) {
        snprintf(head, sizeof head, "stray n=%lld behind=1", (long long)last->id);
        send_now(last->conn, head, event->data, size);
    } else if (c && s->submitting) {
        send_unexpected(c, s->submitting->id, event->data, size);
    } else {
        keep_last_output(s, event->data, event->size);
    }
}

static void on_notification(dualpipe_server *s, const struct dualpipe_pool_event *event) {
    struct conn *current = current_conn(s);
    for (struct conn *c = s->conns; c; c = c->next) {
        if (!c->is_subscribed && c != current)
            continue;
        send_now(c, "async", event->data, event->size);
    }
}

/* number is the one that the timed-out reply had. */
static void on_late_discarded(dualpipe_server *s, int64_t number) {
    char head[64];
    for (int i = 0; i < LATE_SLOTS && i < s->late_count; i++) {
        struct conn *c = s->late_replies[i].conn;
        if (s->late_replies[i].number != number || !c)
            continue;
        snprintf(head, sizeof head, "dropped n=%lld", (long long)s->late_replies[i].request_id);
        send_now(c, head, NULL, 0);
    }
}

/* Once we are draining, a child ends because we end it: that is no exit to report. */
static void on_child_exit(dualpipe_server *s, const struct dualpipe_pool_event *event) {
    if (event->worker == 0)
        s->child = NULL;
    if (s->state < SERVER_DRAINING) {
        s->child_died = true;
        s->exit_status = event->status;
    }
}

void server_deliver_event(void *data, const struct dualpipe_pool_event *event) {
    dualpipe_server *s = data;
    struct conn *c = current_conn(s);
    switch (event->type) {
    case DUALPIPE_POOL_EVENT_STARTED:
        s->child_started = true;
        if (event->worker == 0)
            s->child = event->child;
        break;
    case DUALPIPE_POOL_EVENT_UNEXPECTED_BYTES: on_unexpected_bytes(s, event); break;
    case DUALPIPE_POOL_EVENT_NOTIFICATION: on_notification(s, event); break;
    case DUALPIPE_POOL_EVENT_STDERR:
        if (c) {
            conn_send(c, "stderr", event->data, event->size);
            return; /* a client gets it, so the host need not */
        }
        keep_last_output(s, event->data, event->size);
        break;
    case DUALPIPE_POOL_EVENT_LATE_DISCARDED: on_late_discarded(s, event->number); break;
    case DUALPIPE_POOL_EVENT_REPLACED:
        if (s->has_single_child)
            s->stop_reason = event->reason;
        break;
    case DUALPIPE_POOL_EVENT_CHILD_ENDED: on_child_exit(s, event); break;
    default: break;
    }
    if (s->host_callback)
        s->host_callback(s->host_data, event);
}

/* --- hello ------------------------------------------------------------------------- */

/* Writes who has asked for what takes longest now, and for how long, as words with a blank before
 * each; an empty string if nothing is asked. *last: the n last bytes of its reply so far. */
static void format_running(dualpipe_server *s, char *out, size_t size, const char **last,
                           size_t *n) {
    struct dualpipe_reply oldest;
    const struct client_request *req;
    *out = 0;
    *n = 0;
    if (!dualpipe_pool_oldest(s->pool, &oldest) || !(req = oldest.tag))
        return;
    snprintf(out, size, " running=%ld for=%lld", (long)req->pid,
             (long long)((clock_now_ns() - req->given_at) / NS_PER_MS));
    *last = req->last;
    *n = req->last_size;
    if (oldest.child && (size = handle_output(oldest.child, last)) > 0) {
        *n = size < LAST_SHOWN_MAX ? size : LAST_SHOWN_MAX;
        *last += size - *n;
    } else {
        *last = req->last;
    }
}

void server_deliver_hello(struct conn *c) {
    dualpipe_server *s = c->server;
    bool ended = s->state == SERVER_CHILD_ENDED;
    int window = s->pool_options.window, room = s->pool_options.workers;
    struct dualpipe_stats stats;
    char head[HEAD_SIZE], status[120] = "", running[80], line[HEAD_SIZE + 40];
    const char *part = NULL;
    size_t part_size, last_size = ended ? buffer_len(&s->last_output) : 0,
           reason_size = ended && s->stop_reason ? strlen(s->stop_reason) : 0;
    int64_t now = clock_now_ns();
    int size;
    room *= window == DUALPIPE_WINDOW_AUTO ? AUTO_WINDOW_ROOM : window;
    dualpipe_pool_stats(s->pool, &stats);
    format_running(s, running, sizeof running, &part, &part_size);
    if (ended)
        proto_format_status(status, sizeof status, &s->exit_status);
    snprintf(head, sizeof head,
             "hello pid=%ld child=%ld workers=%d room=%d clients=%d in=%lld answered=%lld "
             "failed=%lld dropped=%lld idle=%lld age=%lld over=%d%s%s about=%zu why=%zu part=%zu",
             s->pid, s->child ? (long)s->child->process.pid : 0, s->pool_options.workers, room,
             s->nconns, (long long)stats.submitted, (long long)stats.answered,
             (long long)stats.failed, (long long)stats.late_discarded,
             s->nconns > 1 ? 0 : (long long)((now - s->unused_since) / NS_PER_MS),
             (long long)((now - s->started_at) / NS_PER_MS), ended, status, running,
             s->options.description_size, reason_size, part_size);
    size = snprintf(line, sizeof line, "%s size=%zu\n", head,
                    s->options.description_size + last_size + reason_size + part_size);
    conn_write(c, line, (size_t)size);
    conn_write(c, s->options.description, s->options.description_size);
    conn_write(c, buffer_data(&s->last_output), last_size);
    conn_write(c, s->stop_reason, reason_size);
    conn_write(c, part, part_size);
    c->hello_sent = true;
    conn_flush(c);
}
