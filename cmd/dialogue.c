/* dialogue.c: one child asked in turn: kept in step, set up, replaced when it must be. */
#include "dialogue.h"
#include "say.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BYTES = 32 };
static const int64_t back_off_most = 2000000, goodbye_within = 10000000;

void dialogue_open(struct dialogue *d, struct run *r, struct sink *sink) {
    *d = (struct dialogue){.run = r, .at = {.run = r, .sink = sink}};
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
    exchange_begin(&d->at, d->child, &q, until);
    d->at.dropped = true;
    d->at.awaits &= awaits;
    o = exchange_finish(&d->at);
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
    d->at.just_read = false;
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
    o = exchange_finish(&d->at);
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
    if (!d->at.just_read) /* else looking again would find what came in the last microsecond */
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
        exchange_begin(&d->at, d->child, q, FOREVER);
        d->begun = true;
        o = exchange_finish(&d->at);
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
    exchange_begin(&d->at, d->child, q, FOREVER);
    d->begun = true;
    o = exchange_finish(&d->at);
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
    d->at.just_read = false;
    if (sink_flush(d->at.sink) < 0 || run_wait(d->run, e, d->child ? 2 : 1, FOREVER) < 0)
        return STOPPED;
    if (e[0].has & DUALPIPE_GONE) {
        run_output_failed(d->run, EPIPE);
        return STOPPED;
    }
    return d->child && e[1].has & DUALPIPE_ENDED ? ENDED : ANSWERED;
}

void dialogue_drop(struct dialogue *d, bool hard) {
    let_go(d, hard || d->run->stop_signal != 0 || d->owed);
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
    free(d->at.kept);
}
