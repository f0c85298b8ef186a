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

enum { GREET_MS = 10000, LOOK_MS = 500, LEAVE_MS = 1000, DEFAULT_MAX = 64 << 20,
       UNSENT_MOST = 1 << 20 };

int remote_open(struct remote **made, const struct dualpipe_pool_options *o,
                struct dualpipe_failure *why) {
    struct dualpipe_session s = {0};
    struct dualpipe_notice started = {.news = DUALPIPE_STARTED, .child = o->session};
    struct remote *m;
    int r;
    *made = NULL;
    if (!o->session->connected)
        return failed(why, "opening a pool", NULL, "no handle of a session", -EINVAL);
    if (!o->session->greeted && (r = dualpipe_greet(o->session, &s, GREET_MS)) < 0)
        return failed(why, "greeting the session", NULL, NULL, r);
    if (!(m = calloc(1, sizeof *m)))
        return failed(why, "opening a pool", NULL, NULL, -ENOMEM);
    m->o = *o;
    m->o.max = o->max ? o->max : DEFAULT_MAX;
    m->dp = o->session;
    m->unsent.max = m->o.max + WIRE_HEAD + UNSENT_MOST;
    if (o->listener && !s.over)
        o->listener(o->data, &started);
    *made = m;
    return 0;
}

static void free_asked(struct asked *a) {
    if (!a)
        return;
    buffer_free(&a->own);
    buffer_free(&a->body);
    buffer_free(&a->err);
    free(a);
}

void remote_close(struct remote *m) {
    if (!m)
        return;
    while (m->first) {
        struct asked *a = m->first;
        m->first = a->next;
        free_asked(a);
    }
    free_asked(m->given);
    buffer_free(&m->unsent);
    free(m);
}

void remote_tell(struct remote *m, struct dualpipe_notice n) {
    n.child = m->dp;
    if (m->o.listener)
        m->o.listener(m->o.data, &n);
}

/* What was given is no longer needed. */
void remote_release(struct remote *m) {
    dualpipe_consume(m->dp, m->spent);
    m->spent = 0;
    free_asked(m->given);
    m->given = NULL;
}

/* --- putting ----------------------------------------------------------------------------- */

void remote_send_more(struct remote *m) {
    while (buffer_held(&m->unsent) > 0) {
        ssize_t r = channel_send(m->dp, buffer_data(&m->unsent), buffer_held(&m->unsent));
        if (r == -EAGAIN)
            return;
        if (r < 0) { /* replies may lie there all the same */
            buffer_consume(&m->unsent, buffer_held(&m->unsent));
            return;
        }
        buffer_consume(&m->unsent, (size_t)r);
    }
}

int remote_room(const struct remote *m) {
    int most = m->dp->room > 0 ? m->dp->room : 1;
    if (m->over || m->ending || m->gone)
        return -EPIPE;
    return buffer_held(&m->unsent) > UNSENT_MOST || m->under_way >= most ? 0
                                                                         : most - m->under_way;
}

static struct asked *make_asked(struct remote *m, const struct dualpipe_request *q) {
    struct asked *a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    a->own.max = q->size;
    a->body.max = m->o.max;
    a->err.max = m->o.max;
    if (m->o.flags & DUALPIPE_KEEP_REQUESTS && buffer_put(&a->own, q->data, q->size) < 0) {
        free_asked(a);
        return NULL;
    }
    a->tag = q->tag;
    a->size = q->size;
    a->number = ++m->numbers;
    a->begun = clock_ns();
    return a;
}

int remote_put(struct remote *m, const struct dualpipe_request *q) {
    bool quiet = q->size > 0 && q->rule && !dualpipe_rule_awaits(q->rule, q->data, q->size);
    int room = remote_room(m), n;
    char head[128];
    struct asked *a;
    remote_release(m);
    if (room <= 0)
        return room < 0 ? room : -EAGAIN;
    n = snprintf(head, sizeof head, "ask n=%lld limit=%d quiet=%d size=%zu\n",
                 (long long)m->numbers + 1, q->limit > 0 ? q->limit : 0, quiet, q->size);
    if (!buffer_extend(&m->unsent, (size_t)n + q->size) || !(a = make_asked(m, q)))
        return -ENOMEM;
    buffer_put(&m->unsent, head, (size_t)n);
    buffer_put(&m->unsent, q->data, q->size);
    if (m->o.flags & DUALPIPE_TELL_SENT && q->size > 0)
        remote_tell(m, (struct dualpipe_notice){.news = DUALPIPE_SENDING, .data = q->data,
                                         .size = q->size, .number = a->number});
    if (m->last)
        m->last->next = a;
    else
        m->first = a;
    m->last = a;
    m->under_way++;
    m->books.in++;
    remote_send_more(m);
    return 0;
}

/* --- getting ----------------------------------------------------------------------------- */

/* It is told that we go: when it lets us go, we have heard all that it knows. */
static void leave(struct remote *m) {
    if (m->left || m->first || m->over || buffer_put(&m->unsent, "leave\n", 6) < 0)
        return;
    remote_send_more(m);
    m->left = true;
    m->leave_until = clock_after(LEAVE_MS);
}

int remote_events(struct remote *m, struct dualpipe_event *events, int n, int *limit) {
    const char *p;
    struct wire w;
    int left = m->left ? clock_left(m->leave_until) : -1;
    size_t held = dualpipe_peek(m->dp, &p, NULL);
    if (n > 0)
        events[0] = (struct dualpipe_event){
            .dp = m->dp,
            .wants = DUALPIPE_IN | (buffer_held(&m->unsent) > 0 ? DUALPIPE_OUT : 0)};
    if (m->gone || (held > m->spent && wire_take(p + m->spent, held - m->spent, &w) != 0))
        *limit = 0;
    else if (left >= 0 && (*limit < 0 || left < *limit))
        *limit = left;
    return 1;
}

int remote_get(struct remote *m, struct dualpipe_reply *r, int limit) {
    int64_t until = clock_after(limit);
    bool looked = false;
    remote_release(m);
    for (;;) {
        struct dualpipe_event e;
        int left, got;
        remote_send_more(m);
        if (remote_pump(m, r))
            return 1;
        if (m->ending)
            leave(m);
        if (m->left && clock_left(m->leave_until) == 0)
            return 0;
        if (!m->first && (m->gone || m->over || (!m->ending && looked)))
            return 0;
        left = m->first || m->ending ? clock_left(until) : 0;
        looked = true;
        remote_events(m, &e, 1, &left);
        if ((got = dualpipe_poll(&e, 1, left)) < 0)
            return got;
        if (got > 0)
            continue;
        if ((m->first || m->ending) && clock_left(until) == 0)
            return -ETIMEDOUT;
    }
}

/* --- the rest ---------------------------------------------------------------------------- */

/* The state of the child, of which the answer lies somewhere among the messages that have come. */
static bool find_state(struct remote *m) {
    const char *p;
    size_t n = dualpipe_peek(m->dp, &p, NULL), at = m->spent;
    struct wire w;
    while (at < n && wire_take(p + at, n - at, &w) == 1) {
        if (wire_is(&w, "state")) {
            remote_hear_state(m, &w);
            return true;
        }
        at += w.whole;
    }
    return false;
}

int remote_oldest(struct remote *m, struct dualpipe_reply *r) {
    struct dualpipe_event e = {.dp = m->dp, .wants = DUALPIPE_IN};
    int64_t until = clock_after(LOOK_MS);
    if (m->first) {
        *r = remote_reply_of(m, m->first);
        r->sent = m->first->size;
        r->microseconds = (clock_ns() - m->first->begun) / 1000;
    }
    if (m->gone || buffer_put(&m->unsent, "look\n", 5) < 0)
        return m->first != NULL;
    do {
        remote_send_more(m);
        if (find_state(m))
            break;
    } while (dualpipe_poll(&e, 1, clock_left(until)) > 0 && clock_left(until) != 0);
    return m->first != NULL;
}

void remote_signal(struct remote *m, int signo) {
    char line[40];
    int n = snprintf(line, sizeof line, "signal number=%d\n", signo);
    buffer_put(&m->unsent, line, (size_t)n);
    remote_send_more(m);
}

void remote_end(struct remote *m) {
    m->ending = true;
}

void remote_stop(struct remote *m, int signo) {
    m->ending = true;
    m->gone |= m->first || signo == SIGKILL;
}

void remote_books(const struct remote *m, struct dualpipe_books *b) {
    *b = m->books;
}
