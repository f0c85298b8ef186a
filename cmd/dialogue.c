/* dialogue.c: one child asked in turn: kept in step, set up, replaced when it must be. */
#include "dialogue.h"
#include "say.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PENDING = -1, /* beside enum outcome: not decided yet */
    FIRST_BYTES = 32,
    SHORT_READ = 4096, /* fewer bytes than this: all that the pipe held */
};
static const int64_t stall_after = 5000000, end_after = 2000000, back_off_most = 2000000,
                     goodbye_within = 10000000;

void dialogue_open(struct dialogue *d, struct run *r, struct sink *sink) {
    *d = (struct dialogue){.run = r, .sink = sink};
}

/* --- what has come ----------------------------------------------------------------------- */

int dialogue_keep(struct dialogue *d, const char *p, size_t n) {
    if (n == 0)
        return 0;
    if (n > d->room - d->nkept) {
        size_t room = d->nkept + n + 65536;
        char *more = realloc(d->kept, room);
        if (!more)
            return -1;
        d->kept = more;
        d->room = room;
    }
    memcpy(d->kept + d->nkept, p, n);
    d->nkept += n;
    return 0;
}

/* Passes a piece of the reply on. */
static int show(struct dialogue *d, const char *p, size_t n) {
    if (n == 0 || d->at.dropped)
        return PENDING;
    if (d->run->s->verbose)
        say_traffic('<', p, n);
    if (!d->run->s->keep_going)
        return sink_put(d->sink, p, n) < 0 ? STOPPED : PENDING;
    if (n > d->run->s->max_message - d->nkept || dialogue_keep(d, p, n) < 0)
        return TOO_LONG;
    return PENDING;
}

/* Holds what lies in the buffer against the rule; whole frames are shown and given back. */
static int scan(struct dialogue *d, int ended) {
    struct progress *at = &d->at;
    const char *p;
    size_t n = dualpipe_peek(d->child, &p, NULL);
    int last = dualpipe_rule_scan(at->request->terms->rule, &at->scan, p, n, ended);
    int o = show(d, p + at->shown, at->scan.whole - at->shown);
    dualpipe_consume(d->child, at->scan.drop);
    at->shown = at->scan.whole - at->scan.drop;
    d->just_read = n < SHORT_READ;
    if (o == PENDING && last)
        return ANSWERED;
    return o == PENDING && n - at->scan.whole > d->run->s->max_message ? TOO_LONG : o;
}

/* Takes all there is, its unfinished last line too. */
static int take_rest(struct dialogue *d) {
    const char *p;
    size_t n = dualpipe_peek(d->child, &p, NULL);
    int o = show(d, p + d->at.shown, n - d->at.shown);
    dualpipe_consume(d->child, n);
    d->at.shown = 0;
    return o;
}

/* --- how it ends without the rule -------------------------------------------------------- */

/* Waits for the end of a child that has closed its output; a short while, it may live on. */
static int await_status(struct dialogue *d, struct dualpipe_status *s) {
    struct dualpipe_event e[2] = {{.dp = d->child, .wants = DUALPIPE_ENDED | DUALPIPE_ERR}};
    int64_t until = run_now(d->run) + end_after;
    if (until > d->at.until)
        until = d->at.until;
    while (dualpipe_wait(d->child, s, 0) == -ETIMEDOUT) {
        if (run_wait(d->run, e, 1, until - run_now(d->run)) < 0)
            return STOPPED;
        if (run_now(d->run) >= until)
            return ENDED;
    }
    return PENDING;
}

/* The child, or its output, has ended: what is there is read without waiting for whoever else
 * holds the pipe. */
static int conclude(struct dialogue *d) {
    struct dualpipe_event e = {.dp = d->child, .wants = DUALPIPE_IN | DUALPIPE_ERR};
    struct dualpipe_status status = {.code = -1};
    int o;
    do
        if ((o = scan(d, 0)) != PENDING)
            return o;
    while (run_look(d->run, &e) > 0);
    if (d->at.request->to_end)
        return scan(d, 1);
    if ((o = await_status(d, &status)) != PENDING)
        return o;
    if (status.code == 0 && (o = scan(d, 1)) != PENDING)
        return o;
    return d->at.sent == 0 && d->at.shown == 0 ? NOT_BEGUN : ENDED;
}

/* --- the exchange ------------------------------------------------------------------------ */

static int send_more(struct dialogue *d) {
    struct progress *at = &d->at;
    const struct request *q = at->request;
    ssize_t r;
    if (at->sent == q->size || at->refused)
        return at->answered ? ANSWERED : PENDING;
    r = dualpipe_write(d->child, q->data + at->sent, q->size - at->sent, 0);
    if (r > 0)
        at->sent += (size_t)r;
    else if (r != -ETIMEDOUT)
        at->refused = true; /* the reply may come all the same */
    if (at->sent < q->size)
        return PENDING;
    if (q->to_end)
        dualpipe_end(d->child);
    return at->awaits && !at->answered ? PENDING : ANSWERED;
}

/* The clock starts with the first wait: the request has just been sent. */
static void start_clock(struct progress *at, int64_t now) {
    at->begun = at->heard = now;
    if (at->request->terms->timeout != FOREVER && at->until > now + at->request->terms->timeout)
        at->until = now + at->request->terms->timeout;
}

/* How long nothing need be done though nothing comes; 0: something is due. */
static int64_t shortest(struct dialogue *d, int64_t now) {
    const struct progress *at = &d->at;
    int64_t due = at->until;
    if (!d->run->stalled && due > at->begun + stall_after)
        due = at->begun + stall_after;
    if (at->idle != FOREVER && at->sent == at->request->size && due > at->heard + at->idle)
        due = at->heard + at->idle;
    if (sink_holds(d->sink) && due > now + sink_patience(d->sink, now))
        due = now + sink_patience(d->sink, now);
    return due == FOREVER ? FOREVER : due > now ? due - now : 0;
}

enum sent dialogue_sent(const struct dialogue *d) {
    const struct request *q = d->at.request;
    if (d->at.sent < q->size)
        return SENT_PART;
    return q->size > 0 && q->data[q->size - 1] != '\n' ? SENT_NO_LINE_END : SENT_ALL;
}

static void say_stall(struct dialogue *d) {
    char what[40], words[512];
    snprintf(what, sizeof what, "request %lld", d->at.request->number);
    d->run->stalled = true;
    say_note(what, NULL, "no whole reply yet: %s",
             report_stall(d->run, d->child, dialogue_sent(d), words, sizeof words));
}

/* Nothing has come: what is due? */
static int look_at_clock(struct dialogue *d) {
    struct progress *at = &d->at;
    int64_t now = run_now(d->run);
    if (sink_holds(d->sink) && sink_patience(d->sink, now) == 0 && sink_flush(d->sink) < 0)
        return STOPPED;
    if (at->idle != FOREVER && at->sent == at->request->size && now >= at->heard + at->idle) {
        int o = take_rest(d);
        return o == PENDING ? ANSWERED : o;
    }
    if (now >= at->until)
        return TIMED_OUT;
    if (!d->run->stalled && now >= at->begun + stall_after)
        say_stall(d);
    return PENDING;
}

static int await_more(struct dialogue *d) {
    struct progress *at = &d->at;
    struct dualpipe_event e[3] = {
        {.dp = d->child, .wants = DUALPIPE_IN | DUALPIPE_ERR | DUALPIPE_ENDED},
        {.dp = d->run->host, .wants = DUALPIPE_GONE}};
    int64_t now = run_now(d->run), limit;
    int found;
    if (at->begun == 0)
        start_clock(at, now);
    if ((limit = shortest(d, now)) == 0)
        return look_at_clock(d);
    if (at->sent < at->request->size && !at->refused)
        e[0].wants |= DUALPIPE_OUT;
    found = run_wait(d->run, e, 2, limit);
    if (found < 0)
        return STOPPED;
    if (e[1].has) {
        run_output_failed(d->run, EPIPE);
        return STOPPED;
    }
    if (e[0].has & DUALPIPE_ENDED)
        return at->answered ? ANSWERED : conclude(d);
    if (e[0].has & DUALPIPE_IN && at->idle != FOREVER)
        at->heard = run_now(d->run);
    return found == 0 ? look_at_clock(d) : PENDING;
}

/* Sends what is left to send and awaits the reply's end. */
static enum outcome converse(struct dialogue *d) {
    struct progress *at = &d->at;
    const char *p;
    int o, ended;
    for (;;) {
        size_t n;
        if ((o = send_more(d)) != PENDING)
            return (enum outcome)o;
        if ((n = dualpipe_peek(d->child, &p, &ended)) > 0 && !at->answered)
            o = scan(d, 0);
        if (o == PENDING && ended && !at->answered)
            o = conclude(d);
        if (o == ANSWERED && at->sent < at->request->size && !at->refused) {
            at->answered = true; /* before it was asked all: the rest goes first, or the next */
            o = PENDING;         /* request would be taken for that */
        }
        if (o != PENDING || (o = await_more(d)) != PENDING)
            return (enum outcome)o;
    }
}

static void begin(struct dialogue *d, const struct request *q, bool dropped, int64_t until) {
    int idle = dualpipe_rule_idle(q->terms->rule);
    d->at = (struct progress){.request = q, .dropped = dropped, .until = until};
    d->at.idle = idle < 0 ? FOREVER : (int64_t)idle * 1000;
    d->at.awaits = dualpipe_rule_awaits(q->terms->rule, q->data, q->size);
    d->nkept = 0;
    if (d->run->s->verbose)
        say_traffic('>', q->data, q->size);
}

/* --- children ---------------------------------------------------------------------------- */

static void let_go(struct dialogue *d, bool hard) {
    if (d->child)
        d->child = run_stop(d->run, d->child, hard, NULL);
    d->owed = false;
}

static enum outcome explain_setup(struct dialogue *d, const char *text, enum outcome o) {
    char words[512];
    if (o == TIMED_OUT)
        say_error("set-up", text, "no whole reply in time: %s",
                  report_stall(d->run, d->child, SENT_ALL, words, sizeof words));
    else if (o != STOPPED)
        say_error("set-up", text, "the child ended before its reply was whole");
    if (o != STOPPED)
        run_decide(d->run, "not-started", o == TIMED_OUT ? STATUS_TIME : STATUS_FAILED);
    return STOPPED;
}

static enum outcome send_text(struct dialogue *d, const struct given *g, int64_t until,
                              bool awaits) {
    struct request q = {.terms = &g->terms};
    char *own = source_text(g->text, &q.size);
    enum outcome o;
    if (!own)
        return STOPPED;
    q.data = own;
    begin(d, &q, true, until);
    d->at.awaits &= awaits;
    o = converse(d);
    free(own);
    return o;
}

static enum outcome set_up(struct dialogue *d) {
    const struct settings *s = d->run->s;
    int64_t until = s->start_timeout == FOREVER ? FOREVER : run_now(d->run) + s->start_timeout;
    for (int i = 0; i < s->setup.n; i++) {
        enum outcome o = send_text(d, &s->setup.all[i], until, true);
        if (o != ANSWERED)
            return explain_setup(d, s->setup.all[i].text, o);
    }
    return ANSWERED;
}

/* A child that ends again and again without an answer is started ever later. */
static int back_off(struct dialogue *d) {
    struct dualpipe_event none[1];
    int64_t pause = 50000, until;
    if (d->failures < 2)
        return 0;
    for (int i = 2; i < d->failures && pause < back_off_most; i++)
        pause *= 2;
    until = run_now(d->run) + pause;
    while (run_now(d->run) < until)
        if (run_wait(d->run, none, 0, until - run_now(d->run)) < 0)
            return -1;
    return 0;
}

static enum outcome start(struct dialogue *d) {
    enum outcome o;
    if (back_off(d) < 0 || !(d->child = run_start(d->run)))
        return STOPPED;
    d->children++;
    d->just_read = false;
    o = set_up(d);
    if (o == ANSWERED)
        report_ready(d->run, d->child);
    return o;
}

static void replace(struct dialogue *d, const char *reason) {
    say_note("replaced", d->run->s->argv[0], "%s: its state is lost", reason);
    let_go(d, true);
}

/* --- in step ----------------------------------------------------------------------------- */

/* After a timeout: the reply owed is waited for as long again, and dropped. */
static enum outcome settle(struct dialogue *d) {
    enum outcome o;
    d->owed = false;
    if (d->at.sent < d->late.size || d->at.idle != FOREVER) {
        replace(d, "where its late reply ends can't be known");
        return ANSWERED;
    }
    d->at.dropped = true;
    d->at.until = run_now(d->run) + d->late.terms->timeout;
    o = converse(d);
    if (o == ANSWERED) {
        d->run->books.dropped++;
        say_note("dropped", NULL, "the late reply to request %lld", d->late.number);
    } else if (o != STOPPED) {
        replace(d, "its late reply did not come");
        o = ANSWERED;
    }
    return o;
}

static bool report_stray(struct dialogue *d, const struct request *q) {
    struct dualpipe_event e = {.dp = d->child, .wants = DUALPIPE_IN | DUALPIPE_ERR};
    char first[4 * FIRST_BYTES + 1], where[40];
    const char *p;
    int ended;
    size_t n, line;
    if (!d->just_read) /* else looking again would find what came in the last microsecond */
        run_look(d->run, &e);
    if ((n = dualpipe_peek(d->child, &p, &ended)) > 0) {
        line = strnlen(p, n);
        for (size_t i = 0; i < line; i++)
            if (p[i] == '\n')
                line = i;
        snprintf(where, sizeof where, "before request %lld", q->number);
        say_note("stray output", NULL, "%zu bytes %s: \"%s\"", n, where,
                 escape(p, line < FIRST_BYTES ? line : FIRST_BYTES, first, sizeof first));
        dualpipe_consume(d->child, n);
    }
    return ended;
}

static enum outcome ask_fresh(struct dialogue *d, const struct request *q) {
    enum outcome o = start(d);
    if (o == ANSWERED) {
        begin(d, q, false, FOREVER);
        d->begun = true;
        o = converse(d);
    }
    if (o != ANSWERED)
        return o;
    let_go(d, false);
    if (d->run->stop_signal)
        return STOPPED;
    return d->run->last.code == 0 || d->run->last.stopped ? ANSWERED : ENDED;
}

enum outcome dialogue_ask(struct dialogue *d, const struct request *q) {
    enum outcome o;
    d->begun = false;
    if (d->run->s->fresh)
        return ask_fresh(d, q);
    if (d->child && d->owed && (o = settle(d)) != ANSWERED)
        return o;
    if (!d->child && (o = start(d)) != ANSWERED)
        return o;
    if (report_stray(d, q) && dualpipe_rule_awaits(q->terms->rule, q->data, q->size))
        return NOT_BEGUN;
    begin(d, q, false, FOREVER);
    d->begun = true;
    o = converse(d);
    if (o == ANSWERED)
        d->failures = 0;
    if (o == TIMED_OUT && d->run->s->keep_going) {
        d->owed = true;
        d->late = *q;
        d->at.request = &d->late;
    }
    return o;
}

enum outcome dialogue_idle(struct dialogue *d) {
    struct dualpipe_event e[3] = {
        {.dp = d->run->host, .wants = DUALPIPE_IN | DUALPIPE_GONE},
        {.dp = d->child, .wants = DUALPIPE_IN | DUALPIPE_ERR | DUALPIPE_ENDED}};
    d->just_read = false;
    if (sink_flush(d->sink) < 0 || run_wait(d->run, e, d->child ? 2 : 1, FOREVER) < 0)
        return STOPPED;
    if (e[0].has & DUALPIPE_GONE) {
        run_output_failed(d->run, EPIPE);
        return STOPPED;
    }
    return d->child && e[1].has & DUALPIPE_ENDED ? ENDED : ANSWERED;
}

void dialogue_drop(struct dialogue *d) {
    let_go(d, d->run->stop_signal != 0 || d->owed);
    d->failures++;
}

enum outcome dialogue_start(struct dialogue *d) {
    return start(d);
}

/* Sends the --quit texts, whose replies nobody awaits. */
static void say_goodbye(struct dialogue *d) {
    const struct settings *s = d->run->s;
    for (int i = 0; i < s->quit.n && d->child; i++)
        if (send_text(d, &s->quit.all[i], run_now(d->run) + goodbye_within, false) != ANSWERED)
            return;
}

void dialogue_close(struct dialogue *d) {
    struct run *r = d->run;
    size_t late = 0;
    if (d->child) {
        if (!r->outcome)
            say_goodbye(d);
        d->child = run_stop(r, d->child, r->stop_signal != 0, &late);
        if (late > 0 && r->s->quit.n == 0 && !r->outcome)
            say_note("stray output", NULL, "%zu bytes after the last request", late);
    }
    if (d->children == 1 && !r->s->fresh)
        run_decide_by_child(r, &r->last);
    free(d->kept);
}
