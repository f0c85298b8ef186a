/* pool_backend.c: the client side of a session: a pool whose requests go to a session server.
 *
 * Requests are appended to `unsent` as `ask` messages and kept in a list of struct pending. The
 * server answers a client in the order of its requests, so a `piece` or `reply` message always
 * belongs to the first of the list; the numbers in them are not compared. pool_backend_get() is
 * the only place that consumes messages: it passes events on to the host as it meets them, and
 * returns at the first message that makes a reply.
 *
 * Bytes are lent, not copied, where possible: with DUALPIPE_POOL_STREAM_REPLIES a reply points
 * into the handle's input buffer; the message (lent_bytes) and its record (delivered) are released
 * by the host's next put or get. Without it, pieces are gathered in pending.body.
 *
 * How it ends:
 *
 *     host: end      is_closing; when nothing is pending, say `leave` (bye_sent) and read until the
 *                    server closes, so that late events are not missed, BYE_TIMEOUT_MS at most
 *     host: stop     the same, but requests still pending fail at once (disconnected)
 *     server: died   child_ended; say `collect`; requests still pending never reached the child
 *     server: wrong  disconnected; requests still pending fail, as their child may have begun them
 *     end of file    the same
 *
 * Callers: lib/pool, through the functions of pool_backend.h. The trap: a reply may be complete
 * in the buffer without the socket being readable, so pool_backend_events() must then tell the
 * host not to wait. */
#include "session/pool_backend.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"
#include "child/handle.h"
#include "session/proto.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HELLO_TIMEOUT_MS = 10000,
    STATE_TIMEOUT_MS = 500, /* for the answer to `look` */
    BYE_TIMEOUT_MS = 1000,  /* for the server to close after `leave` */
    DEFAULT_MAX_REPLY = 64 << 20,
    UNSENT_MAX = 1 << 20, /* with more unsent bytes than this, no request is taken */
    REASON_MAX = 159,     /* bytes of a reason that are kept */
};

/* A request that waits for its reply. */
struct pending {
    struct pending *next;
    struct buffer request_copy; /* with DUALPIPE_POOL_KEEP_REQUESTS */
    struct buffer body;         /* the reply so far, unless replies are streamed */
    struct buffer stderr_bytes; /* with DUALPIPE_POOL_KEEP_STDERR */
    void *tag;
    int64_t number; /* counted by us, from 1 */
    int64_t sent_at;
    int64_t started_us; /* with DUALPIPE_POOL_MEASURE_USAGE: the same as time of day */
    size_t request_size;
    bool too_long; /* the reply is longer than max_reply; body has its beginning */
    char reason[REASON_MAX + 1];
};

struct session_backend {
    struct dualpipe_pool_options options;
    dualpipe *session;                            /* the connection; the host's */
    struct pending *first_pending, *last_pending; /* in the order of their messages */
    struct pending *delivered;                    /* the host reads its bytes until its next call */
    size_t lent_bytes; /* of the session's input: a handled message that may still be read */
    struct buffer unsent;
    int npending;
    int64_t last_number;
    struct dualpipe_stats stats;
    char reason[REASON_MAX + 1];       /* why the server refused us or stopped its child; or "" */
    bool child_ended;                  /* the server said so */
    struct dualpipe_status end_status; /* how it ended */
    bool is_closing;                   /* no more requests will be put */
    bool bye_sent;                     /* the server knows that */
    int64_t bye_deadline;              /* in ns: then we go without waiting for its close */
    bool disconnected;                 /* the server has gone, or we act as if it had */
    bool loss_reported;                /* the host was told that it has gone */
};

/* --- pending requests -------------------------------------------------------------- */

static void free_pending(struct pending *req) {
    if (!req)
        return;
    buffer_free(&req->request_copy);
    buffer_free(&req->body);
    buffer_free(&req->stderr_bytes);
    free(req);
}

static struct pending *new_pending(struct session_backend *b, const struct dualpipe_request *q) {
    struct pending *req = calloc(1, sizeof *req);
    if (!req)
        return NULL;
    req->request_copy.max = q->size;
    req->body.max = b->options.max_reply;
    req->stderr_bytes.max = b->options.max_reply;
    if (b->options.flags & DUALPIPE_POOL_KEEP_REQUESTS &&
        buffer_append(&req->request_copy, q->data, q->size) < 0) {
        free_pending(req);
        return NULL;
    }
    req->tag = q->tag;
    req->request_size = q->size;
    req->number = ++b->last_number;
    req->sent_at = clock_now_ns();
    req->started_us = b->options.flags & DUALPIPE_POOL_MEASURE_USAGE ? clock_wall_us() : 0;
    return req;
}

/* Moves the first pending request to `delivered` and counts it. A request that was never begun
 * counts as not submitted. */
static void complete_pending(struct session_backend *b, struct pending *req,
                             const struct dualpipe_reply *r) {
    b->first_pending = req->next;
    b->last_pending = b->first_pending ? b->last_pending : NULL;
    b->delivered = req;
    b->npending--;
    if (r->outcome == DUALPIPE_OUTCOME_ANSWERED)
        b->stats.answered++;
    else if (r->outcome == DUALPIPE_OUTCOME_NOT_STARTED)
        b->stats.submitted--;
    else
        b->stats.failed++;
}

/* A reply with all that the request alone tells; the caller fills in the rest. */
static struct dualpipe_reply empty_reply(const struct session_backend *b,
                                         const struct pending *req) {
    return (struct dualpipe_reply){
        .data = "",
        .err = buffer_data(&req->stderr_bytes),
        .err_size = buffer_len(&req->stderr_bytes),
        .request = buffer_data(&req->request_copy),
        .request_size = buffer_len(&req->request_copy),
        .matched = -1,
        .request_status = -1,
        .attempt = 1,
        .number = req->number,
        .count = 1,
        .tag = req->tag,
        .status = {.code = -1, .signal = -1},
        .child = b->session,
        .started_us = req->started_us,
    };
}

/* --- open and close ---------------------------------------------------------------- */

int pool_backend_open(struct session_backend **backend, const struct dualpipe_pool_options *o,
                      struct dualpipe_error *why) {
    struct dualpipe_session_info info = {0};
    struct dualpipe_pool_event started = {.type = DUALPIPE_POOL_EVENT_STARTED, .child = o->session};
    struct session_backend *b;
    int r;
    *backend = NULL;
    if (!o->session->is_session)
        return error_set(why, "opening a pool", NULL, "no handle of a session", -EINVAL);
    if (!o->session->session_greeted &&
        (r = dualpipe_session_hello(o->session, &info, HELLO_TIMEOUT_MS)) < 0)
        return error_set(why, "greeting the session", NULL, NULL, r);
    if (!(b = calloc(1, sizeof *b)))
        return error_set(why, "opening a pool", NULL, NULL, -ENOMEM);
    b->options = *o;
    b->options.max_reply = o->max_reply ? o->max_reply : DEFAULT_MAX_REPLY;
    b->session = o->session;
    b->unsent.max = b->options.max_reply + PROTO_HEAD_MAX + UNSENT_MAX;
    if (o->callback && !info.ended)
        o->callback(o->callback_data, &started);
    *backend = b;
    return 0;
}

void pool_backend_close(struct session_backend *b) {
    if (!b)
        return;
    while (b->first_pending) {
        struct pending *req = b->first_pending;
        b->first_pending = req->next;
        free_pending(req);
    }
    free_pending(b->delivered);
    buffer_free(&b->unsent);
    free(b);
}

/* --- sending ----------------------------------------------------------------------- */

static void notify_host(struct session_backend *b, struct dualpipe_pool_event event) {
    event.child = b->session;
    if (b->options.callback)
        b->options.callback(b->options.callback_data, &event);
}

/* The host is back, so the bytes of the reply that it got before are no longer read. */
static void release_delivered(struct session_backend *b) {
    dualpipe_consume(b->session, b->lent_bytes);
    b->lent_bytes = 0;
    free_pending(b->delivered);
    b->delivered = NULL;
}

static void flush_unsent(struct session_backend *b) {
    while (buffer_len(&b->unsent) > 0) {
        ssize_t r = handle_send(b->session, buffer_data(&b->unsent), buffer_len(&b->unsent));
        if (r == -EAGAIN)
            return;
        if (r < 0) { /* the server is gone, but replies may still be there to be read */
            buffer_consume(&b->unsent, buffer_len(&b->unsent));
            return;
        }
        buffer_consume(&b->unsent, (size_t)r);
    }
}

int pool_backend_room(const struct session_backend *b) {
    int max = b->session->session_room > 0 ? b->session->session_room : 1;
    if (b->child_ended || b->is_closing || b->disconnected)
        return -EPIPE;
    return buffer_len(&b->unsent) > UNSENT_MAX || b->npending >= max ? 0 : max - b->npending;
}

int pool_backend_put(struct session_backend *b, const struct dualpipe_request *q) {
    bool quiet = q->size > 0 && q->rule && !dualpipe_rule_expects_reply(q->rule, q->data, q->size);
    int room = pool_backend_room(b), n;
    char head[128];
    struct pending *req;
    release_delivered(b);
    if (q->count > 0)
        return -EINVAL; /* no batches: dualpipe_pool_can_batch() */
    if (room <= 0)
        return room < 0 ? room : -EAGAIN;
    n = snprintf(head, sizeof head, "ask n=%lld limit=%d quiet=%d%s size=%zu\n",
                 (long long)b->last_number + 1, q->timeout > 0 ? q->timeout : 0, quiet,
                 b->options.flags & DUALPIPE_POOL_MEASURE_USAGE ? " usage=1" : "", q->size);
    if (!buffer_extend(&b->unsent, (size_t)n + q->size) || !(req = new_pending(b, q)))
        return -ENOMEM;
    buffer_append(&b->unsent, head, (size_t)n);
    buffer_append(&b->unsent, q->data, q->size);
    if (b->options.flags & DUALPIPE_POOL_TRACE_SENT && q->size > 0)
        notify_host(b, (struct dualpipe_pool_event){.type = DUALPIPE_POOL_EVENT_SENDING,
                                                    .data = q->data,
                                                    .size = q->size,
                                                    .number = req->number});
    if (b->last_pending)
        b->last_pending->next = req;
    else
        b->first_pending = req;
    b->last_pending = req;
    b->npending++;
    b->stats.submitted++;
    flush_unsent(b);
    return 0;
}

void pool_backend_signal(struct session_backend *b, int signo) {
    char line[40];
    int size = snprintf(line, sizeof line, "signal number=%d\n", signo);
    buffer_append(&b->unsent, line, (size_t)size);
    flush_unsent(b);
}

int pool_backend_interrupt(struct session_backend *b, int64_t number) {
    char line[48];
    int size = number > 0 ? snprintf(line, sizeof line, "cancel n=%lld\n", (long long)number)
                          : snprintf(line, sizeof line, "cancel\n"), count = 0;
    for (const struct pending *req = b->first_pending; req; req = req->next)
        count += number == 0 || req->number == number;
    if (count > 0 && buffer_append(&b->unsent, line, (size_t)size) == 0)
        flush_unsent(b);
    return count;
}

/* --- received messages ------------------------------------------------------------- */

static bool streams_replies(const struct session_backend *b) {
    return b->options.flags & DUALPIPE_POOL_STREAM_REPLIES;
}

/* Bytes that no longer fit are dropped; the beginning of the reply is kept. */
static void append_body(struct pending *req, const struct proto_msg *msg) {
    if (!req->too_long && buffer_append(&req->body, msg->data, msg->size) < 0)
        req->too_long = true;
}

/* 1: *r is a part of a reply to give to the host; 0: it was kept for later. */
static int deliver_piece(struct session_backend *b, const struct proto_msg *msg,
                         struct dualpipe_reply *r) {
    struct pending *req = b->first_pending;
    if (!req)
        return 0;
    if (!streams_replies(b)) {
        append_body(req, msg);
        return 0;
    }
    *r = empty_reply(b, req);
    r->partial = 1;
    r->data = msg->data;
    r->size = msg->size;
    return 1;
}

/* The last `reason=` bytes of the data are not the reply's, but why it failed. */
static void split_off_reason(struct pending *req, struct proto_msg *msg, struct dualpipe_reply *r) {
    size_t n = (size_t)proto_number(msg, "reason", 0);
    if (n == 0 || n > msg->size)
        return;
    msg->size -= n;
    snprintf(req->reason, sizeof req->reason, "%.*s", (int)(n < REASON_MAX ? n : REASON_MAX),
             msg->data + msg->size);
    r->reason = req->reason;
}

/* 1: *r is the reply, or its last part. */
static int deliver_reply(struct session_backend *b, struct proto_msg *msg,
                         struct dualpipe_reply *r) {
    struct pending *req = b->first_pending;
    char word[24];
    if (!req)
        return 0;
    *r = empty_reply(b, req);
    split_off_reason(req, msg, r);
    if (!streams_replies(b))
        append_body(req, msg);
    r->data = streams_replies(b) ? msg->data : buffer_data(&req->body);
    r->size = streams_replies(b) ? msg->size : buffer_len(&req->body);
    r->outcome = proto_outcome(proto_word(msg, "outcome", word, sizeof word));
    r->complete = proto_number(msg, "whole", 0) > 0;
    r->interrupted = proto_number(msg, "interrupted", 0) > 0;
    if (req->too_long &&
        (r->outcome == DUALPIPE_OUTCOME_ANSWERED || r->outcome == DUALPIPE_OUTCOME_ERROR)) {
        r->outcome = DUALPIPE_OUTCOME_TOO_LONG;
        r->complete = 0;
    }
    r->sent = (size_t)proto_number(msg, "sent", 0);
    r->unsent = (size_t)proto_number(msg, "unsent", 0);
    r->matched = (int)proto_number(msg, "which", -1);
    r->request_status = (int)proto_number(msg, "status", -1);
    r->worker = (int)proto_number(msg, "worker", 0);
    r->attempt = (int)proto_number(msg, "attempt", 1);
    r->offset = (uint64_t)proto_number(msg, "offset", 0);
    r->duration_us = (clock_now_ns() - req->sent_at) / 1000;
    r->status = proto_status(msg);
    complete_pending(b, req, r);
    return 1;
}

/* dualpipe_diagnose() on the session's handle gives this. */
static void note_child_state(struct session_backend *b, const struct proto_msg *msg) {
    char state[4];
    b->session->session_diagnosis = (struct dualpipe_diagnosis){
        .pid = (pid_t)proto_number(msg, "pid", 0),
        .unread = (size_t)proto_number(msg, "unread", 0),
        .buffered = (size_t)proto_number(msg, "held", 0),
        .received = (uint64_t)proto_number(msg, "received", 0),
        .pipe_holder = -1,
        .state = *proto_word(msg, "state", state, sizeof state),
    };
}

static void save_reason(struct session_backend *b, const struct proto_msg *msg) {
    int n = (int)(msg->size < REASON_MAX ? msg->size : REASON_MAX);
    snprintf(b->reason, sizeof b->reason, "%.*s", n, msg->data);
}

/* Message data: why the server had to stop its child, if it did. `collect` lets the server go. */
static void note_child_end(struct session_backend *b, const struct proto_msg *msg,
                           struct dualpipe_pool_event *event) {
    b->child_ended = true;
    b->end_status = event->status;
    if (buffer_append(&b->unsent, "collect\n", 8) == 0)
        flush_unsent(b);
    if (msg->size == 0)
        return;
    save_reason(b, msg);
    event->reason = b->reason;
}

/* All messages but pieces and replies. Verbs that we don't know are ignored. */
static void handle_event(struct session_backend *b, const struct proto_msg *msg) {
    static const struct {
        const char *verb;
        enum dualpipe_pool_event_type type;
    } kinds[] = {{"stray", DUALPIPE_POOL_EVENT_UNEXPECTED_BYTES},
                 {"async", DUALPIPE_POOL_EVENT_NOTIFICATION},
                 {"stderr", DUALPIPE_POOL_EVENT_STDERR},
                 {"dropped", DUALPIPE_POOL_EVENT_LATE_DISCARDED},
                 {"died", DUALPIPE_POOL_EVENT_CHILD_ENDED}};
    struct dualpipe_pool_event event = {.number = proto_number(msg, "n", 0),
                                        .data = msg->data,
                                        .size = msg->size,
                                        .status = proto_status(msg)};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (proto_is(msg, kinds[i].verb)) {
            event.type = kinds[i].type;
            if (event.type == DUALPIPE_POOL_EVENT_UNEXPECTED_BYTES &&
                !proto_number(msg, "behind", 0)) {
                event.number--; /* it came before this one, and may be of others' requests */
                event.proven = true;
            }
            if (event.type == DUALPIPE_POOL_EVENT_STDERR &&
                b->options.flags & DUALPIPE_POOL_KEEP_STDERR && b->first_pending) {
                buffer_append(&b->first_pending->stderr_bytes, msg->data, msg->size);
                return;
            }
            if (event.type == DUALPIPE_POOL_EVENT_CHILD_ENDED)
                note_child_end(b, msg, &event);
            notify_host(b, event);
        }
    if (proto_is(msg, "state"))
        note_child_state(b, msg);
    if (!proto_is(msg, "wrong"))
        return;
    save_reason(b, msg);
    b->disconnected = true;
}

/* Gives the first pending request a reply that says it failed: 1; 0: none is pending. Requests
 * that crossed the message of the child's end were not begun; others may have been. */
static int fail_pending(struct session_backend *b, struct dualpipe_reply *r) {
    const struct dualpipe_error cause = {
        .operation = "asking", .object = "session", .hint = *b->reason ? b->reason : "it has gone"};
    struct pending *req = b->first_pending;
    if (!req)
        return 0; /* with all requests answered, the loss does no harm */
    if (b->disconnected && !b->loss_reported && !b->is_closing && !b->child_ended) {
        b->loss_reported = true;
        notify_host(b, (struct dualpipe_pool_event){.type = DUALPIPE_POOL_EVENT_CANNOT_START,
                                                    .error = -ECONNRESET,
                                                    .cause = &cause});
    }
    *r = empty_reply(b, req);
    r->outcome = b->child_ended ? DUALPIPE_OUTCOME_NOT_STARTED : DUALPIPE_OUTCOME_CHILD_ENDED;
    r->sent = b->child_ended ? 0 : req->request_size;
    r->unsent = req->request_size - r->sent;
    if (b->child_ended)
        r->status = b->end_status;
    r->data = buffer_data(&req->body);
    r->size = buffer_len(&req->body);
    r->child = NULL;
    complete_pending(b, req, r);
    return 1;
}

/* Handles the messages that are there, up to the first that makes a reply: 1; 0: there is none. */
static int recv_reply(struct session_backend *b, struct dualpipe_reply *r) {
    for (;;) {
        const char *p;
        int ended, got = 0, parsed;
        size_t n = dualpipe_peek(b->session, &p, &ended);
        struct proto_msg msg;
        if (b->disconnected)
            return fail_pending(b, r);
        if ((parsed = proto_parse(p, n, &msg)) <= 0) {
            b->disconnected = parsed < 0 || ended;
            if (!b->disconnected)
                return 0;
            continue;
        }
        if (proto_is(&msg, "piece"))
            got = deliver_piece(b, &msg, r);
        else if (proto_is(&msg, "reply"))
            got = deliver_reply(b, &msg, r);
        else
            handle_event(b, &msg);
        b->lent_bytes = msg.total_size;
        if (got)
            return 1;
        release_delivered(b);
    }
}

/* --- waiting ----------------------------------------------------------------------- */

/* Tells the server that we leave, once nothing is pending. It closes the connection when it has
 * sent all that it has for us, so reading to the end misses no event. */
static void send_bye(struct session_backend *b) {
    if (b->bye_sent || b->first_pending || b->child_ended ||
        buffer_append(&b->unsent, "leave\n", 6) < 0)
        return;
    flush_unsent(b);
    b->bye_sent = true;
    b->bye_deadline = clock_deadline(BYE_TIMEOUT_MS);
}

int pool_backend_events(struct session_backend *b, struct dualpipe_pollitem *items, int n,
                        int *timeout) {
    const char *p;
    struct proto_msg msg;
    int left = b->bye_sent ? clock_remaining_ms(b->bye_deadline) : -1;
    size_t available = dualpipe_peek(b->session, &p, NULL);
    if (n > 0)
        items[0] = (struct dualpipe_pollitem){
            .dp = b->session,
            .events =
                DUALPIPE_POLL_STDOUT | (buffer_len(&b->unsent) > 0 ? DUALPIPE_POLL_STDIN : 0)};
    if (b->disconnected || (available > b->lent_bytes &&
                            proto_parse(p + b->lent_bytes, available - b->lent_bytes, &msg) != 0))
        *timeout = 0;
    else if (left >= 0 && (*timeout < 0 || left < *timeout))
        *timeout = left;
    return 1;
}

int pool_backend_get(struct session_backend *b, struct dualpipe_reply *r, int timeout) {
    int64_t deadline = clock_deadline(timeout);
    bool polled = false;
    release_delivered(b);
    for (;;) {
        struct dualpipe_pollitem item;
        int left, got;
        flush_unsent(b);
        if (recv_reply(b, r))
            return 1;
        if (b->is_closing)
            send_bye(b);
        if (b->bye_sent && clock_remaining_ms(b->bye_deadline) == 0)
            return 0;
        if (!b->first_pending && (b->disconnected || b->child_ended || (!b->is_closing && polled)))
            return 0;
        left = b->first_pending || b->is_closing ? clock_remaining_ms(deadline) : 0;
        polled = true;
        pool_backend_events(b, &item, 1, &left);
        if ((got = dualpipe_poll(&item, 1, left)) < 0)
            return got;
        if (got > 0)
            continue;
        if ((b->first_pending || b->is_closing) && clock_remaining_ms(deadline) == 0)
            return -ETIMEDOUT;
    }
}

/* --- diagnosis, end, statistics ---------------------------------------------------- */

/* Looks for the answer to `look` among the messages that have come, and leaves them all in place:
 * the ones before it are for pool_backend_get(). */
static bool take_child_state(struct session_backend *b) {
    const char *p;
    size_t n = dualpipe_peek(b->session, &p, NULL), at = b->lent_bytes;
    struct proto_msg msg;
    while (at < n && proto_parse(p + at, n - at, &msg) == 1) {
        if (proto_is(&msg, "state")) {
            note_child_state(b, &msg);
            return true;
        }
        at += msg.total_size;
    }
    return false;
}

int pool_backend_oldest(struct session_backend *b, struct dualpipe_reply *r) {
    struct dualpipe_pollitem item = {.dp = b->session, .events = DUALPIPE_POLL_STDOUT};
    int64_t deadline = clock_deadline(STATE_TIMEOUT_MS);
    if (b->first_pending) {
        *r = empty_reply(b, b->first_pending);
        r->sent = b->first_pending->request_size;
        r->duration_us = (clock_now_ns() - b->first_pending->sent_at) / 1000;
    }
    if (b->disconnected || buffer_append(&b->unsent, "look\n", 5) < 0)
        return b->first_pending != NULL;
    do {
        flush_unsent(b);
        if (take_child_state(b))
            break;
    } while (dualpipe_poll(&item, 1, clock_remaining_ms(deadline)) > 0 &&
             clock_remaining_ms(deadline) != 0);
    return b->first_pending != NULL;
}

void pool_backend_end(struct session_backend *b) {
    b->is_closing = true;
}

void pool_backend_stop(struct session_backend *b, int signo) {
    b->is_closing = true;
    b->disconnected |= b->first_pending || signo == SIGKILL;
}

void pool_backend_stats(const struct session_backend *b, struct dualpipe_stats *stats) {
    *stats = b->stats;
}
