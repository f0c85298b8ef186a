/* pool_backend.c: a session asked as if it were a pool: requests and replies as messages on a socket. */
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

enum { GREET_MS = 10000, LOOK_MS = 500, BYE_MS = 1000, DEFAULT_MAX = 64 << 20,
       UNSENT_MAX = 1 << 20 };

enum { PENDING_REASON_MAX = 79 }; /* the longest reason that is kept */

/* A request under way; they are answered in the order of their sending. */
struct pending {
    struct pending *next;
    struct buffer request_copy, body, err;
    void *tag;
    int64_t number, sent_at;
    size_t request_size;
    bool too_long; /* its reply passes max */
    char reason[PENDING_REASON_MAX + 1];
};

struct session_backend {
    struct dualpipe_pool_options options;
    dualpipe *dp;
    struct pending *first, *last, *delivered;
    struct buffer unsent;
    size_t
        lent_bytes; /* bytes of a message that was given: they are the host's until its next call */
    int npending;
    int64_t last_number;
    struct dualpipe_stats stats;
    char reason[PENDING_REASON_MAX + 1]; /* why it lets us go; "": it has gone */
    int64_t bye_deadline;    /* when it is left though it has not let us go */
    bool child_ended;              /* its child has ended */
    bool closing, bye_sent;      /* nothing more will be asked; it knows */
    bool disconnected, loss_reported;        /* told: the host knows that it has gone */
    struct dualpipe_status end_status; /* over: how */
};

/* --- requests under way --------------------------------------------------------------- */

static void free_pending(struct pending *a) {
    if (!a)
        return;
    buffer_free(&a->request_copy);
    buffer_free(&a->body);
    buffer_free(&a->err);
    free(a);
}

static struct pending *new_pending(struct session_backend *m, const struct dualpipe_request *q) {
    struct pending *a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    a->request_copy.max = q->size;
    a->body.max = m->options.max_reply;
    a->err.max = m->options.max_reply;
    if (m->options.flags & DUALPIPE_POOL_KEEP_REQUESTS &&
        buffer_append(&a->request_copy, q->data, q->size) < 0) {
        free_pending(a);
        return NULL;
    }
    a->tag = q->tag;
    a->request_size = q->size;
    a->number = ++m->last_number;
    a->sent_at = clock_now_ns();
    return a;
}

/* It is no longer under way. */
static void complete_pending(struct session_backend *m, struct pending *a,
                             const struct dualpipe_reply *r) {
    m->first = a->next;
    m->last = m->first ? m->last : NULL;
    m->delivered = a;
    m->npending--;
    if (r->outcome == DUALPIPE_OUTCOME_ANSWERED)
        m->stats.answered++;
    else if (r->outcome == DUALPIPE_OUTCOME_NOT_STARTED)
        m->stats.submitted--;
    else
        m->stats.failed++;
}

static struct dualpipe_reply pool_backend_reply_for(const struct session_backend *m,
                                             const struct pending *a) {
    return (struct dualpipe_reply){
        .data = "",
        .err = buffer_data(&a->err),
        .err_size = buffer_len(&a->err),
        .request = buffer_data(&a->request_copy),
        .request_size = buffer_len(&a->request_copy),
        .matched = -1,
        .attempt = 1,
        .number = a->number,
        .count = 1,
        .tag = a->tag,
        .status = {.code = -1, .signal = -1},
        .child = m->dp,
    };
}

/* --- opening -------------------------------------------------------------------------- */

int pool_backend_open(struct session_backend **made, const struct dualpipe_pool_options *o,
                      struct dualpipe_error *why) {
    struct dualpipe_session_info s = {0};
    struct dualpipe_pool_event started = {.type = DUALPIPE_POOL_EVENT_STARTED, .child = o->session};
    struct session_backend *m;
    int r;
    *made = NULL;
    if (!o->session->is_session)
        return error_set(why, "opening a pool", NULL, "no handle of a session", -EINVAL);
    if (!o->session->session_greeted && (r = dualpipe_session_hello(o->session, &s, GREET_MS)) < 0)
        return error_set(why, "greeting the session", NULL, NULL, r);
    if (!(m = calloc(1, sizeof *m)))
        return error_set(why, "opening a pool", NULL, NULL, -ENOMEM);
    m->options = *o;
    m->options.max_reply = o->max_reply ? o->max_reply : DEFAULT_MAX;
    m->dp = o->session;
    m->unsent.max = m->options.max_reply + PROTO_HEAD_MAX + UNSENT_MAX;
    if (o->callback && !s.ended)
        o->callback(o->callback_data, &started);
    *made = m;
    return 0;
}

void pool_backend_close(struct session_backend *m) {
    if (!m)
        return;
    while (m->first) {
        struct pending *a = m->first;
        m->first = a->next;
        free_pending(a);
    }
    free_pending(m->delivered);
    buffer_free(&m->unsent);
    free(m);
}

/* --- sending -------------------------------------------------------------------------- */

static void pool_backend_notify(struct session_backend *m, struct dualpipe_pool_event n) {
    n.child = m->dp;
    if (m->options.callback)
        m->options.callback(m->options.callback_data, &n);
}

/* What was given is no longer needed. */
static void pool_backend_release(struct session_backend *m) {
    dualpipe_consume(m->dp, m->lent_bytes);
    m->lent_bytes = 0;
    free_pending(m->delivered);
    m->delivered = NULL;
}

static void pool_backend_flush(struct session_backend *m) {
    while (buffer_len(&m->unsent) > 0) {
        ssize_t r = handle_send(m->dp, buffer_data(&m->unsent), buffer_len(&m->unsent));
        if (r == -EAGAIN)
            return;
        if (r < 0) { /* replies may lie there all the same */
            buffer_consume(&m->unsent, buffer_len(&m->unsent));
            return;
        }
        buffer_consume(&m->unsent, (size_t)r);
    }
}

int pool_backend_room(const struct session_backend *m) {
    int most = m->dp->session_room > 0 ? m->dp->session_room : 1;
    if (m->child_ended || m->closing || m->disconnected)
        return -EPIPE;
    return buffer_len(&m->unsent) > UNSENT_MAX || m->npending >= most ? 0
                                                                         : most - m->npending;
}

int pool_backend_put(struct session_backend *m, const struct dualpipe_request *q) {
    bool quiet = q->size > 0 && q->rule && !dualpipe_rule_expects_reply(q->rule, q->data, q->size);
    int room = pool_backend_room(m), n;
    char head[128];
    struct pending *a;
    pool_backend_release(m);
    if (room <= 0)
        return room < 0 ? room : -EAGAIN;
    n = snprintf(head, sizeof head, "ask n=%lld limit=%d quiet=%d size=%zu\n",
                 (long long)m->last_number + 1, q->timeout > 0 ? q->timeout : 0, quiet, q->size);
    if (!buffer_extend(&m->unsent, (size_t)n + q->size) || !(a = new_pending(m, q)))
        return -ENOMEM;
    buffer_append(&m->unsent, head, (size_t)n);
    buffer_append(&m->unsent, q->data, q->size);
    if (m->options.flags & DUALPIPE_POOL_TRACE_SENT && q->size > 0)
        pool_backend_notify(m, (struct dualpipe_pool_event){.type = DUALPIPE_POOL_EVENT_SENDING,
                                                            .data = q->data,
                                                            .size = q->size,
                                                            .number = a->number});
    if (m->last)
        m->last->next = a;
    else
        m->first = a;
    m->last = a;
    m->npending++;
    m->stats.submitted++;
    pool_backend_flush(m);
    return 0;
}

void pool_backend_signal(struct session_backend *m, int signo) {
    char line[40];
    int n = snprintf(line, sizeof line, "signal number=%d\n", signo);
    buffer_append(&m->unsent, line, (size_t)n);
    pool_backend_flush(m);
}

/* --- receiving ------------------------------------------------------------------------ */

static bool streams_replies(const struct session_backend *m) {
    return m->options.flags & DUALPIPE_POOL_STREAM_REPLIES;
}

/* What doesn't fit isn't kept; what does is what had come. */
static void append_body(struct pending *a, const struct proto_msg *w) {
    if (!a->too_long && buffer_append(&a->body, w->data, w->size) < 0)
        a->too_long = true;
}

static int deliver_piece(struct session_backend *m, const struct proto_msg *w,
                         struct dualpipe_reply *r) {
    struct pending *a = m->first;
    if (!a)
        return 0;
    if (!streams_replies(m)) {
        append_body(a, w);
        return 0;
    }
    *r = pool_backend_reply_for(m, a);
    r->partial = 1;
    r->data = w->data;
    r->size = w->size;
    return 1;
}

/* The words behind the reply's bytes. */
static void split_off_reason(struct pending *a, struct proto_msg *w, struct dualpipe_reply *r) {
    size_t n = (size_t)proto_number(w, "reason", 0);
    if (n == 0 || n > w->size)
        return;
    w->size -= n;
    snprintf(a->reason, sizeof a->reason, "%.*s",
             (int)(n < PENDING_REASON_MAX ? n : PENDING_REASON_MAX), w->data + w->size);
    r->reason = a->reason;
}

static int deliver_reply(struct session_backend *m, struct proto_msg *w, struct dualpipe_reply *r) {
    struct pending *a = m->first;
    char word[24];
    if (!a)
        return 0;
    *r = pool_backend_reply_for(m, a);
    split_off_reason(a, w, r);
    if (!streams_replies(m))
        append_body(a, w);
    r->data = streams_replies(m) ? w->data : buffer_data(&a->body);
    r->size = streams_replies(m) ? w->size : buffer_len(&a->body);
    r->outcome = proto_outcome(proto_word(w, "outcome", word, sizeof word));
    if (a->too_long && r->outcome == DUALPIPE_OUTCOME_ANSWERED)
        r->outcome = DUALPIPE_OUTCOME_TOO_LONG;
    r->complete = proto_number(w, "whole", 0) > 0;
    r->sent = (size_t)proto_number(w, "sent", 0);
    r->unsent = (size_t)proto_number(w, "unsent", 0);
    r->matched = (int)proto_number(w, "which", -1);
    r->worker = (int)proto_number(w, "worker", 0);
    r->attempt = (int)proto_number(w, "attempt", 1);
    r->offset = (uint64_t)proto_number(w, "offset", 0);
    r->duration_us = (clock_now_ns() - a->sent_at) / 1000;
    r->status = proto_status(w);
    complete_pending(m, a, r);
    return 1;
}

static void pool_backend_note_state(struct session_backend *m, const struct proto_msg *w) {
    char state[4];
    m->dp->session_diagnosis = (struct dualpipe_diagnosis){
        .pid = (pid_t)proto_number(w, "pid", 0),
        .unread = (size_t)proto_number(w, "unread", 0),
        .buffered = (size_t)proto_number(w, "held", 0),
        .received = (uint64_t)proto_number(w, "received", 0),
        .pipe_holder = -1,
        .state = *proto_word(w, "state", state, sizeof state),
    };
}

static void save_reason(struct session_backend *m, const struct proto_msg *w) {
    int n = (int)(w->size < PENDING_REASON_MAX ? w->size : PENDING_REASON_MAX);
    snprintf(m->reason, sizeof m->reason, "%.*s", n, w->data);
}

/* Its child has ended; it may have had to stop it. */
static void note_child_end(struct session_backend *m, const struct proto_msg *w,
                           struct dualpipe_pool_event *n) {
    m->child_ended = true;
    m->end_status = n->status;
    if (buffer_append(&m->unsent, "collect\n", 8) == 0)
        pool_backend_flush(m);
    if (w->size == 0)
        return;
    save_reason(m, w);
    n->reason = m->reason;
}

static void handle_event(struct session_backend *m, const struct proto_msg *w) {
    static const struct {
        const char *verb;
        enum dualpipe_pool_event_type news;
    } all[] = {{"stray", DUALPIPE_POOL_EVENT_UNEXPECTED_BYTES},
               {"async", DUALPIPE_POOL_EVENT_NOTIFICATION},
               {"stderr", DUALPIPE_POOL_EVENT_STDERR},
               {"dropped", DUALPIPE_POOL_EVENT_LATE_DISCARDED},
               {"died", DUALPIPE_POOL_EVENT_CHILD_ENDED}};
    struct dualpipe_pool_event n = {.number = proto_number(w, "n", 0), .data = w->data,
                                .size = w->size, .status = proto_status(w)};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (proto_is(w, all[i].verb)) {
            n.type = all[i].news;
            if (n.type == DUALPIPE_POOL_EVENT_STDERR &&
                m->options.flags & DUALPIPE_POOL_KEEP_STDERR && m->first) {
                buffer_append(&m->first->err, w->data, w->size);
                return;
            }
            if (n.type == DUALPIPE_POOL_EVENT_CHILD_ENDED)
                note_child_end(m, w, &n);
            pool_backend_notify(m, n);
        }
    if (proto_is(w, "state"))
        pool_backend_note_state(m, w);
    if (!proto_is(w, "wrong"))
        return;
    save_reason(m, w);
    m->disconnected = true;
}

/* What was under way has failed; what the session's end has crossed was not begun. */
static int fail_pending(struct session_backend *m, struct dualpipe_reply *r) {
    const struct dualpipe_error why = {.operation = "asking", .object = "session",
                                         .hint = *m->reason ? m->reason : "it has gone"};
    struct pending *a = m->first;
    if (!a)
        return 0; /* who has been answered need not care */
    if (m->disconnected && !m->loss_reported && !m->closing && !m->child_ended) {
        m->loss_reported = true;
        pool_backend_notify(
            m, (struct dualpipe_pool_event){
                   .type = DUALPIPE_POOL_EVENT_CANNOT_START, .error = -ECONNRESET, .cause = &why});
    }
    *r = pool_backend_reply_for(m, a);
    r->outcome = m->child_ended ? DUALPIPE_OUTCOME_NOT_STARTED : DUALPIPE_OUTCOME_CHILD_ENDED;
    r->sent = m->child_ended ? 0 : a->request_size;
    r->unsent = a->request_size - r->sent;
    if (m->child_ended)
        r->status = m->end_status;
    r->data = buffer_data(&a->body);
    r->size = buffer_len(&a->body);
    r->child = NULL;
    complete_pending(m, a, r);
    return 1;
}

/* The next message there is, if it is something to give. */
static int pool_backend_recv(struct session_backend *m, struct dualpipe_reply *r) {
    for (;;) {
        const char *p;
        int ended, got = 0, whole;
        size_t n = dualpipe_peek(m->dp, &p, &ended);
        struct proto_msg w;
        if (m->disconnected)
            return fail_pending(m, r);
        if ((whole = proto_parse(p, n, &w)) <= 0) {
            m->disconnected = whole < 0 || ended;
            if (!m->disconnected)
                return 0;
            continue;
        }
        if (proto_is(&w, "piece"))
            got = deliver_piece(m, &w, r);
        else if (proto_is(&w, "reply"))
            got = deliver_reply(m, &w, r);
        else
            handle_event(m, &w);
        m->lent_bytes = w.total_size;
        if (got)
            return 1;
        pool_backend_release(m);
    }
}

/* --- getting -------------------------------------------------------------------------- */

/* It is told that we go: when it lets us go, we have heard all that it knows. */
static void send_bye(struct session_backend *m) {
    if (m->bye_sent || m->first || m->child_ended || buffer_append(&m->unsent, "leave\n", 6) < 0)
        return;
    pool_backend_flush(m);
    m->bye_sent = true;
    m->bye_deadline = clock_deadline(BYE_MS);
}

int pool_backend_events(struct session_backend *m, struct dualpipe_pollitem *events, int n,
                        int *limit) {
    const char *p;
    struct proto_msg w;
    int left = m->bye_sent ? clock_remaining_ms(m->bye_deadline) : -1;
    size_t held = dualpipe_peek(m->dp, &p, NULL);
    if (n > 0)
        events[0] = (struct dualpipe_pollitem){
            .dp = m->dp,
            .events =
                DUALPIPE_POLL_STDOUT | (buffer_len(&m->unsent) > 0 ? DUALPIPE_POLL_STDIN : 0)};
    if (m->disconnected ||
        (held > m->lent_bytes && proto_parse(p + m->lent_bytes, held - m->lent_bytes, &w) != 0))
        *limit = 0;
    else if (left >= 0 && (*limit < 0 || left < *limit))
        *limit = left;
    return 1;
}

int pool_backend_get(struct session_backend *m, struct dualpipe_reply *r, int limit) {
    int64_t until = clock_deadline(limit);
    bool looked = false;
    pool_backend_release(m);
    for (;;) {
        struct dualpipe_pollitem e;
        int left, got;
        pool_backend_flush(m);
        if (pool_backend_recv(m, r))
            return 1;
        if (m->closing)
            send_bye(m);
        if (m->bye_sent && clock_remaining_ms(m->bye_deadline) == 0)
            return 0;
        if (!m->first && (m->disconnected || m->child_ended || (!m->closing && looked)))
            return 0;
        left = m->first || m->closing ? clock_remaining_ms(until) : 0;
        looked = true;
        pool_backend_events(m, &e, 1, &left);
        if ((got = dualpipe_poll(&e, 1, left)) < 0)
            return got;
        if (got > 0)
            continue;
        if ((m->first || m->closing) && clock_remaining_ms(until) == 0)
            return -ETIMEDOUT;
    }
}

/* --- the rest ------------------------------------------------------------------------- */

/* The state of the child, of which the answer lies somewhere among the messages that have come. */
static bool find_child_state(struct session_backend *m) {
    const char *p;
    size_t n = dualpipe_peek(m->dp, &p, NULL), at = m->lent_bytes;
    struct proto_msg w;
    while (at < n && proto_parse(p + at, n - at, &w) == 1) {
        if (proto_is(&w, "state")) {
            pool_backend_note_state(m, &w);
            return true;
        }
        at += w.total_size;
    }
    return false;
}

int pool_backend_oldest(struct session_backend *m, struct dualpipe_reply *r) {
    struct dualpipe_pollitem e = {.dp = m->dp, .events = DUALPIPE_POLL_STDOUT};
    int64_t until = clock_deadline(LOOK_MS);
    if (m->first) {
        *r = pool_backend_reply_for(m, m->first);
        r->sent = m->first->request_size;
        r->duration_us = (clock_now_ns() - m->first->sent_at) / 1000;
    }
    if (m->disconnected || buffer_append(&m->unsent, "look\n", 5) < 0)
        return m->first != NULL;
    do {
        pool_backend_flush(m);
        if (find_child_state(m))
            break;
    } while (dualpipe_poll(&e, 1, clock_remaining_ms(until)) > 0 && clock_remaining_ms(until) != 0);
    return m->first != NULL;
}

void pool_backend_end(struct session_backend *m) {
    m->closing = true;
}

void pool_backend_stop(struct session_backend *m, int signo) {
    m->closing = true;
    m->disconnected |= m->first || signo == SIGKILL;
}

void pool_backend_stats(const struct session_backend *m, struct dualpipe_stats *b) {
    *b = m->stats;
}
