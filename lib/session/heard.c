/* heard.c: what a session says to one who asks it: replies, in pieces or whole, and news. */
#include "child/handle.h"
#include "base/clock.h"
#include "session/pool_backend.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct dualpipe_reply pool_backend_reply_for(const struct session_backend *m,
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

void pool_backend_note_state(struct session_backend *m, const struct proto_msg *w) {
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
int pool_backend_recv(struct session_backend *m, struct dualpipe_reply *r) {
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
