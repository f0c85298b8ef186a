/* heard.c: what a session says to one who asks it: replies, in pieces or whole, and news. */
#include "child/handle.h"
#include "base/clock.h"
#include "session/pool_backend.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct dualpipe_reply remote_reply_of(const struct remote *m, const struct asked *a) {
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
    *r = remote_reply_of(m, a);
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
    snprintf(a->reason, sizeof a->reason, "%.*s", (int)(n < REMOTE_WORDS ? n : REMOTE_WORDS),
             w->data + w->size);
    r->reason = a->reason;
}

static int give_reply(struct remote *m, struct wire *w, struct dualpipe_reply *r) {
    struct asked *a = m->first;
    char word[24];
    if (!a)
        return 0;
    *r = remote_reply_of(m, a);
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

void remote_hear_state(struct remote *m, const struct wire *w) {
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
    int n = (int)(w->size < REMOTE_WORDS ? w->size : REMOTE_WORDS);
    snprintf(m->wrong, sizeof m->wrong, "%.*s", n, w->data);
}

/* Its child has ended; it may have had to stop it. */
static void note_over(struct remote *m, const struct wire *w, struct dualpipe_notice *n) {
    m->over = true;
    m->end = n->status;
    if (buffer_put(&m->unsent, "collect\n", 8) == 0)
        remote_send_more(m);
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
            remote_tell(m, n);
        }
    if (wire_is(w, "state"))
        remote_hear_state(m, w);
    if (!wire_is(w, "wrong"))
        return;
    keep_words(m, w);
    m->gone = true;
}

/* What was under way has failed; what the session's end has crossed was not begun. */
static int give_up(struct remote *m, struct dualpipe_reply *r) {
    const struct dualpipe_failure why = {.step = "asking", .subject = "session",
                                         .advice = *m->wrong ? m->wrong : "it has gone"};
    struct asked *a = m->first;
    if (!a)
        return 0; /* who has been answered need not care */
    if (m->gone && !m->told && !m->ending && !m->over) {
        m->told = true;
        remote_tell(m, (struct dualpipe_notice){.news = DUALPIPE_CANNOT_START, .error = -ECONNRESET,
                                         .why = &why});
    }
    *r = remote_reply_of(m, a);
    r->outcome = m->over ? DUALPIPE_NOT_STARTED : DUALPIPE_CHILD_ENDED;
    r->sent = m->over ? 0 : a->size;
    r->unsent = a->size - r->sent;
    if (m->over)
        r->status = m->end;
    r->data = buffer_data(&a->body);
    r->size = buffer_held(&a->body);
    r->child = NULL;
    give_last(m, a, r);
    return 1;
}

/* The next message there is, if it is something to give. */
int remote_pump(struct remote *m, struct dualpipe_reply *r) {
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
        remote_release(m);
    }
}
