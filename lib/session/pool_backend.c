/* pool_backend.c: a session asked as if it were a pool: requests and replies as messages on a socket. */
#include "session/pool_backend.h"
#include "child/handle.h"
#include "base/clock.h"
#include "base/error.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GREET_MS = 10000, LOOK_MS = 500, BYE_MS = 1000, DEFAULT_MAX = 64 << 20,
       UNSENT_MAX = 1 << 20 };

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

static void free_pending(struct pending *a) {
    if (!a)
        return;
    buffer_free(&a->request_copy);
    buffer_free(&a->body);
    buffer_free(&a->err);
    free(a);
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

void pool_backend_notify(struct session_backend *m, struct dualpipe_pool_event n) {
    n.child = m->dp;
    if (m->options.callback)
        m->options.callback(m->options.callback_data, &n);
}

/* What was given is no longer needed. */
void pool_backend_release(struct session_backend *m) {
    dualpipe_consume(m->dp, m->lent_bytes);
    m->lent_bytes = 0;
    free_pending(m->delivered);
    m->delivered = NULL;
}

/* --- putting ----------------------------------------------------------------------------- */

void pool_backend_flush(struct session_backend *m) {
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

/* --- getting ----------------------------------------------------------------------------- */

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

/* --- the rest ---------------------------------------------------------------------------- */

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

void pool_backend_signal(struct session_backend *m, int signo) {
    char line[40];
    int n = snprintf(line, sizeof line, "signal number=%d\n", signo);
    buffer_append(&m->unsent, line, (size_t)n);
    pool_backend_flush(m);
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
