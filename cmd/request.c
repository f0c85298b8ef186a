/* request.c: request mode: requests from their source to the dialogue, replies to the sink. */
#include "dialogue.h"
#include "modes.h"
#include "say.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_BYTES = 32, PART_MOST = 1900, CHILDREN_A_REQUEST = 3 };

static void say_ended(struct run *r, const char *what, const struct dualpipe_status *s) {
    if (s->signal > 0)
        say_error(what, r->s->argv[0], "ended by signal %d (%s)", s->signal, strsignal(s->signal));
    else if (s->code >= 0)
        say_error(what, r->s->argv[0], "ended with status %d%s", s->code,
                  r->s->fresh ? "" : " before its reply was whole");
    else
        say_error(what, r->s->argv[0], "closed its output before its reply was whole");
}

static void say_failure(struct dialogue *d, const struct request *q, enum outcome o) {
    struct run *r = d->run;
    struct dualpipe_status status = {.code = -1, .signal = -1};
    char what[40], words[512], first[4 * FIRST_BYTES + 1];
    const char *p;
    size_t n;
    snprintf(what, sizeof what, "request %lld", q->number);
    if (o == TIMED_OUT) {
        say_error(what, NULL, "no whole reply in %gs: %s", (double)q->terms->timeout / 1e6,
                  report_stall(r, d->child, exchange_sent(&d->at), words, sizeof words));
    } else if (o == TOO_LONG) {
        n = dualpipe_peek(d->child, &p, NULL);
        say_error(what, NULL, "its reply passes --max-message at byte %zu: \"%s\"",
                  r->s->max_message,
                  escape(p, n < FIRST_BYTES ? n : FIRST_BYTES, first, sizeof first));
    } else if (d->child) {
        dualpipe_wait(d->child, &status, 0);
        say_ended(r, what, &status);
    } else {
        say_ended(r, what, &r->last);
    }
}

/* What came of a failed reply: on stdout if its frames went there as they came (an over-long
 * one is not given out as if it were whole); with -k on stderr, an empty message in its place. */
static int put_part(struct dialogue *d, struct sink *sink, enum outcome o) {
    char text[PART_MOST];
    const char *p = "";
    size_t n = d->child ? dualpipe_peek(d->child, &p, NULL) : 0;
    if (!d->run->s->keep_going)
        return o == TOO_LONG || n <= d->at.shown
                   ? 0 : sink_put(sink, p + d->at.shown, n - d->at.shown);
    if (n > d->at.shown)
        exchange_keep(&d->at, p + d->at.shown, n - d->at.shown);
    if (d->at.nkept > 0)
        say_error("part of a reply", NULL, "%zu bytes: \"%s\"", d->at.nkept,
                  escape(d->at.kept, d->at.nkept, text, sizeof text));
    return sink_put(sink, "\n", 1);
}

static void decide(struct dialogue *d, enum outcome o) {
    struct run *r = d->run;
    struct dualpipe_status status = {.code = -1, .signal = -1};
    if (r->s->keep_going) {
        run_decide(r, "failed", STATUS_FAILED);
        return;
    }
    if (o == TIMED_OUT)
        run_decide(r, "timeout", STATUS_TIME);
    else if (o == TOO_LONG)
        run_decide(r, "frame", STATUS_FRAME);
    else if (d->child && !r->s->fresh && dualpipe_wait(d->child, &status, 0) == 0)
        run_decide_by_child(r, &status);
    run_decide(r, "ended", STATUS_FAILED);
}

/* A request has failed. 0: the run goes on; -1: it ends. */
static int fail(struct dialogue *d, struct sink *sink, const struct request *q, enum outcome o) {
    struct run *r = d->run;
    r->books.failed++;
    if (o == STOPPED)
        return -1;
    if (put_part(d, sink, o) < 0 || sink_flush(sink) < 0)
        return -1;
    say_failure(d, q, o);
    decide(d, o);
    if (!r->s->keep_going) {
        r->stop_signal = SIGTERM;
        return -1;
    }
    if (d->child && !d->owed)
        dialogue_drop(d, true);
    return 0;
}

/* 1: it was begun; 0: not, the child has ended; -1: the run ends. */
static int ask(struct dialogue *d, struct sink *sink, const struct request *q) {
    struct run *r = d->run;
    enum outcome o;
    int tries = 0;
    while ((o = dialogue_ask(d, q)) == NOT_BEGUN) {
        if (!r->s->keep_going)
            return 0;
        if (++tries == CHILDREN_A_REQUEST)
            break; /* they end before they can be asked */
        dialogue_drop(d, true);
    }
    if (o == STOPPED && !d->begun)
        return 0;
    r->books.in++;
    if (o != ANSWERED)
        return fail(d, sink, q, o) < 0 ? -1 : 1;
    r->books.answered++;
    return d->at.nkept > 0 && sink_put(sink, d->at.kept, d->at.nkept) < 0 ? -1 : 1;
}

/* Until there are no more requests, or no child that could answer them. Whether the last one
 * taken from the source was begun. */
static bool ask_all(struct dialogue *d, struct sink *sink, struct source *source) {
    struct request q;
    int begun;
    for (;;) {
        enum source_result next = source_next(source, &q);
        if (next == SOURCE_NONE || next == SOURCE_FAILED)
            return true;
        if (next == SOURCE_WAIT) {
            enum outcome o = dialogue_idle(d);
            if (o == STOPPED || (o == ENDED && !d->run->s->keep_going))
                return true;
            if (o == ENDED)
                dialogue_drop(d, false);
            continue;
        }
        begun = ask(d, sink, &q);
        if (begun <= 0)
            return begun < 0;
        if (!source_has_more(source) && sink_flush(sink) < 0)
            return true;
    }
}

void run_requests(struct run *r) {
    struct dialogue d;
    struct sink sink;
    struct source source = {.run = r};
    bool begun = true;
    if (sink_open(&sink, r) < 0) {
        run_decide(r, "failed", STATUS_OURS);
        return;
    }
    dialogue_open(&d, r, &sink);
    if (r->s->fresh || dialogue_start(&d) == ANSWERED)
        begun = ask_all(&d, &sink, &source);
    sink_flush(&sink);
    dialogue_close(&d);
    source_close(&source, begun);
    if (r->books.not_begun > 0 || r->books.rest)
        run_decide(r, "ended", STATUS_FAILED);
    sink_close(&sink);
}
