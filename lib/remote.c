/* remote.c: a session asked as if it were a pool: requests and replies as messages on a socket. */
#include "remote.h"
#include "buffer.h"
#include "channel.h"
#include "clock.h"
#include "error.h"
#include "wire.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GREET_MS = 10000, LOOK_MS = 500, LEAVE_MS = 1000, DEFAULT_MAX = 64 << 20, UNSENT_MOST = 1 << 20,
       REASON = 79 };

/* A request under way; they are answered in the order of their sending. */
struct asked {
    struct asked *next;
    struct buffer own, body, err;
    void *tag;
    int64_t number, begun;
    size_t size;
    bool too_long; /* its reply passes max */
    char reason[REASON + 1];
};

struct remote {
    struct dualpipe_pool_options o;
    dualpipe *dp;
    struct asked *first, *last, *given;
    struct buffer unsent;
    size_t spent; /* bytes of a message that was given: they are the host's until its next call */
    int under_way;
    int64_t numbers;
    struct dualpipe_books books;
    char wrong[REASON + 1]; /* why it lets us go; "": it has gone */
    int64_t leave_until;    /* when it is left though it has not let us go */
    bool over;              /* its child has ended */
    bool ending, left;      /* nothing more will be asked; it knows */
    bool gone, told;        /* told: the host knows that it has gone */
};

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

static void tell(struct remote *m, struct dualpipe_notice n) {
    n.child = m->dp;
    if (m->o.listener)
        m->o.listener(m->o.data, &n);
}

/* What was given is no longer needed. */
static void release(struct remote *m) {
    dualpipe_consume(m->dp, m->spent);
    m->spent = 0;
    free_asked(m->given);
    m->given = NULL;
}

/* --- putting ----------------------------------------------------------------------------- */

static void send_more(struct remote *m) {
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
    release(m);
    if (room <= 0)
        return room < 0 ? room : -EAGAIN;
    n = snprintf(head, sizeof head, "ask n=%lld limit=%d quiet=%d size=%zu\n",
                 (long long)m->numbers + 1, q->limit > 0 ? q->limit : 0, quiet, q->size);
    if (!buffer_extend(&m->unsent, (size_t)n + q->size) || !(a = make_asked(m, q)))
        return -ENOMEM;
    buffer_put(&m->unsent, head, (size_t)n);
    buffer_put(&m->unsent, q->data, q->size);
    if (m->o.flags & DUALPIPE_TELL_SENT && q->size > 0)
        tell(m, (struct dualpipe_notice){.news = DUALPIPE_SENDING, .data = q->data,
                                         .size = q->size, .number = a->number});
    if (m->last)
        m->last->next = a;
    else
        m->first = a;
    m->last = a;
    m->under_way++;
    m->books.in++;
    send_more(m);
    return 0;
}

/* --- getting ----------------------------------------------------------------------------- */

static struct dualpipe_reply reply_of(const struct remote *m, const struct asked *a) {
    return (struct dualpipe_reply){
        .data = "",
        .err = buffer_data(&a->err),
        .err_size = buffer_held(&a->err),
        .request = buffer_data(&a->own),
        .request_size = buffer_held(&a->own),
        .which = -1,
        .attempt = 1,
        .number = a->number,
        .count = 1,
        .tag = a->tag,
        .status = {.code = -1, .signal = -1},
        .child = m->dp,
    };
}

/* It is no longer under way. */
static void give_last(struct remote *m, struct asked *a, const struct dualpipe_reply *r) {
    m->first = a->next;
    m->last = m->first ? m->last : NULL;
    m->given = a;
    m->under_way--;
    if (r->outcome == DUALPIPE_ANSWERED)
        m->books.answered++;
    else if (r->outcome == DUALPIPE_NOT_STARTED)
        m->books.in--;
    else
        m->books.failed++;
}

static bool in_pieces(const struct remote *m) {
    return m->o.flags & DUALPIPE_PIECES;
}

/* What doesn't fit isn't kept; what does is what had come. */
static void keep(struct asked *a, const struct wire *w) {
    if (!a->too_long && buffer_put(&a->body, w->data, w->size) < 0)
        a->too_long = true;
}

static int give_piece(struct remote *m, const struct wire *w, struct dualpipe_reply *r) {
    struct asked *a = m->first;
    if (!a)
        return 0;
    if (!in_pieces(m)) {
        keep(a, w);
        return 0;
    }
    *r = reply_of(m, a);
    r->more = 1;
    r->data = w->data;
    r->size = w->size;
    return 1;
}

/* The words behind the reply's bytes. */
static void take_reason(struct asked *a, struct wire *w, struct dualpipe_reply *r) {
    size_t n = (size_t)wire_number(w, "reason", 0);
    if (n == 0 || n > w->size)
        return;
    w->size -= n;
    snprintf(a->reason, sizeof a->reason, "%.*s", (int)(n < REASON ? n : REASON),
             w->data + w->size);
    r->reason = a->reason;
}

static int give_reply(struct remote *m, struct wire *w, struct dualpipe_reply *r) {
    struct asked *a = m->first;
    char word[24];
    if (!a)
        return 0;
    *r = reply_of(m, a);
    take_reason(a, w, r);
    if (!in_pieces(m))
        keep(a, w);
    r->data = in_pieces(m) ? w->data : buffer_data(&a->body);
    r->size = in_pieces(m) ? w->size : buffer_held(&a->body);
    r->outcome = wire_outcome_of(wire_word(w, "outcome", word, sizeof word));
    if (a->too_long && r->outcome == DUALPIPE_ANSWERED)
        r->outcome = DUALPIPE_TOO_LONG;
    r->whole = wire_number(w, "whole", 0) > 0;
    r->sent = (size_t)wire_number(w, "sent", 0);
    r->unsent = (size_t)wire_number(w, "unsent", 0);
    r->which = (int)wire_number(w, "which", -1);
    r->worker = (int)wire_number(w, "worker", 0);
    r->attempt = (int)wire_number(w, "attempt", 1);
    r->offset = (uint64_t)wire_number(w, "offset", 0);
    r->microseconds = (clock_ns() - a->begun) / 1000;
    r->status = wire_status(w);
    give_last(m, a, r);
    return 1;
}

static void hear_state(struct remote *m, const struct wire *w) {
    char state[4];
    m->dp->told = (struct dualpipe_state){
        .pid = (pid_t)wire_number(w, "pid", 0),
        .unread = (size_t)wire_number(w, "unread", 0),
        .held = (size_t)wire_number(w, "held", 0),
        .received = (uint64_t)wire_number(w, "received", 0),
        .holder = -1,
        .state = *wire_word(w, "state", state, sizeof state),
    };
}

static void keep_words(struct remote *m, const struct wire *w) {
    snprintf(m->wrong, sizeof m->wrong, "%.*s", (int)(w->size < REASON ? w->size : REASON),
             w->data);
}

/* Its child has ended; it may have had to stop it. */
static void note_over(struct remote *m, const struct wire *w, struct dualpipe_notice *n) {
    m->over = true;
    if (buffer_put(&m->unsent, "collect\n", 8) == 0)
        send_more(m);
    if (w->size == 0)
        return;
    keep_words(m, w);
    n->reason = m->wrong;
}

static void hear_news(struct remote *m, const struct wire *w) {
    static const struct {
        const char *verb;
        enum dualpipe_news news;
    } all[] = {{"stray", DUALPIPE_STRAY}, {"async", DUALPIPE_UNASKED},
               {"stderr", DUALPIPE_ON_STDERR}, {"dropped", DUALPIPE_DROPPED},
               {"died", DUALPIPE_DIED}};
    struct dualpipe_notice n = {.number = wire_number(w, "n", 0), .data = w->data,
                                .size = w->size, .status = wire_status(w)};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (wire_is(w, all[i].verb)) {
            n.news = all[i].news;
            if (n.news == DUALPIPE_ON_STDERR && m->o.flags & DUALPIPE_KEEP_ERR && m->first) {
                buffer_put(&m->first->err, w->data, w->size);
                return;
            }
            if (n.news == DUALPIPE_DIED)
                note_over(m, w, &n);
            tell(m, n);
        }
    if (wire_is(w, "state"))
        hear_state(m, w);
    if (!wire_is(w, "wrong"))
        return;
    keep_words(m, w);
    m->gone = true;
}

/* What was under way has failed. */
static int give_up(struct remote *m, struct dualpipe_reply *r) {
    const struct dualpipe_failure why = {.step = "asking", .subject = "session",
                                         .advice = *m->wrong ? m->wrong : "it has gone"};
    struct asked *a = m->first;
    if (!a)
        return 0; /* who has been answered need not care */
    if (m->gone && !m->told && !m->ending && !m->over) {
        m->told = true;
        tell(m, (struct dualpipe_notice){.news = DUALPIPE_CANNOT_START, .error = -ECONNRESET,
                                         .why = &why});
    }
    *r = reply_of(m, a);
    r->outcome = DUALPIPE_CHILD_ENDED;
    r->sent = a->size;
    r->data = buffer_data(&a->body);
    r->size = buffer_held(&a->body);
    r->child = NULL;
    give_last(m, a, r);
    return 1;
}

/* The next message there is, if it is something to give. */
static int pump(struct remote *m, struct dualpipe_reply *r) {
    for (;;) {
        const char *p;
        int ended, got = 0, whole;
        size_t n = dualpipe_peek(m->dp, &p, &ended);
        struct wire w;
        if (m->gone)
            return give_up(m, r);
        if ((whole = wire_take(p, n, &w)) <= 0) {
            m->gone = whole < 0 || ended;
            if (!m->gone)
                return 0;
            continue;
        }
        if (wire_is(&w, "piece"))
            got = give_piece(m, &w, r);
        else if (wire_is(&w, "reply"))
            got = give_reply(m, &w, r);
        else
            hear_news(m, &w);
        m->spent = w.whole;
        if (got)
            return 1;
        release(m);
    }
}

/* It is told that we go: when it lets us go, we have heard all that it knows. */
static void leave(struct remote *m) {
    if (m->left || m->first || buffer_held(&m->unsent) > 0)
        return;
    dualpipe_end(m->dp);
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
    release(m);
    for (;;) {
        struct dualpipe_event e;
        int left, got;
        send_more(m);
        if (pump(m, r))
            return 1;
        if (m->ending)
            leave(m);
        if (m->left && clock_left(m->leave_until) == 0)
            return 0;
        if (!m->first && (m->gone || (!m->ending && (looked || m->over))))
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
            hear_state(m, &w);
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
        *r = reply_of(m, m->first);
        r->sent = m->first->size;
        r->microseconds = (clock_ns() - m->first->begun) / 1000;
    }
    if (m->gone || buffer_put(&m->unsent, "look\n", 5) < 0)
        return m->first != NULL;
    do {
        send_more(m);
        if (find_state(m))
            break;
    } while (dualpipe_poll(&e, 1, clock_left(until)) > 0 && clock_left(until) != 0);
    return m->first != NULL;
}

void remote_signal(struct remote *m, int signo) {
    char line[40];
    int n = snprintf(line, sizeof line, "signal number=%d\n", signo);
    buffer_put(&m->unsent, line, (size_t)n);
    send_more(m);
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
