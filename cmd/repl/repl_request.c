/* repl_request.c: a child that a person asks: a line is a request, and its reply is awaited. */
#include "util/frames.h"
#include "util/log.h"
#include "repl/talk.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_request(struct talk *t, const char *p, size_t size, const struct terms *terms) {
    struct dualpipe_request q = {.data = p, .size = size, .rule = terms->rule,
                                 .limit = struct_limit_ms(terms->timeout),
                                 .tag = (void *)(uintptr_t)terms};
    int r = dualpipe_pool_put(t->batch.pool, &q);
    typed_goes(t);
    t->under_way = r >= 0;
    typed_sent(t, p, size);
    if (r == -ENOMEM)
        say_error("request", NULL, "%s", strerror(ENOMEM));
}

/* The next of those given with -e, if there are any left. */
static bool put_given(struct talk *t) {
    struct request q;
    enum source_result r;
    if (t->run->s->requests.n == 0)
        return false;
    if ((r = source_next(&t->batch.source, 0, &q)) == SOURCE_ONE)
        put_request(t, q.data, q.size, q.terms);
    t->over |= r == SOURCE_FAILED;
    return r == SOURCE_ONE;
}

static void put_typed(struct talk *t) {
    char *p = t->typed + t->from, *lf = memchr(p, '\n', t->to - t->from), *frame;
    enum dualpipe_kind kind = t->run->s->frame;
    size_t size;
    int r;
    *lf = 0;
    t->from += (size_t)(lf - p) + 1;
    if ((r = frames_put_text(kind, p, &frame, &size)) == 0)
        put_request(t, frame, size, &t->terms);
    else
        say_error("request", NULL, "it can't be written as %s: %s", frames_name(kind),
                  frames_why(kind, r));
    if (r == 0)
        free(frame);
}

static int say_time(struct talk *t, const struct dualpipe_reply *r) {
    if (!t->run->s->verbose)
        return 0;
    if (sink_flush(&t->batch.sink) < 0)
        return -1;
    say_note("reply", NULL, "%lld: %.3g ms", (long long)r->number, (double)r->microseconds / 1e3);
    return 0;
}

static bool has_ended(const struct dualpipe_reply *r) {
    return r->outcome == DUALPIPE_LIMIT ||
           (r->outcome == DUALPIPE_CHILD_ENDED && (r->status.code >= 0 || r->status.signal > 0));
}

/* What came of it is shown first. A child's end is told when all is over. */
static int take_failure(struct talk *t, const struct dualpipe_reply *r) {
    struct dualpipe_reply f = *r;
    char what[40];
    typed_drop(t); /* they were meant to follow an answer */
    if (r->outcome == DUALPIPE_NOT_STARTED)
        return -1;
    if (r->outcome != DUALPIPE_TOO_LONG && r->outcome != DUALPIPE_MALFORMED) {
        if (sink_put(&t->batch.sink, r->data, r->size) < 0 || sink_flush(&t->batch.sink) < 0)
            return -1;
        screen_break(&t->screen);
        f.size = 0;
    }
    if (has_ended(r))
        return 0;
    if (r->outcome != DUALPIPE_TIMED_OUT || !t->impatient)
        return batch_tell_failure(&t->batch, &f);
    snprintf(what, sizeof what, "request %lld", (long long)r->number);
    say_note(what, NULL, "given up");
    return 0;
}

static int take_reply(struct talk *t, const struct dualpipe_reply *r) {
    struct batch *b = &t->batch;
    t->under_way = r->more;
    if (!r->more && r->outcome != DUALPIPE_ANSWERED)
        return take_failure(t, r);
    if (frames_pass(t->run->s) ? sink_put(&b->sink, r->data, r->size) : batch_convert(b, r))
        return -1;
    return r->more ? 0 : say_time(t, r);
}

/* Gives out what has come. -1: it is over. */
static int take_replies(struct talk *t) {
    struct dualpipe_reply r;
    int got;
    while ((got = dualpipe_pool_get(t->batch.pool, &r, 0)) == 1) {
        if (take_reply(t, &r) < 0 || sink_flush(&t->batch.sink) < 0 ||
            run_look_at_signals(t->run) < 0)
            return -1;
        if (t->interrupts > 0)
            return 0;
    }
    return (got < 0 && got != -ETIMEDOUT) || t->batch.children > t->batch.replaced ? -1 : 0;
}

int asked_go_on(struct talk *t) {
    if (take_replies(t) < 0)
        return -1;
    while (!t->under_way && !t->over && dualpipe_pool_room(t->batch.pool) > 0) {
        if (!put_given(t) && t->from < t->to)
            put_typed(t);
        else if (!t->under_way)
            break;
        if (take_replies(t) < 0)
            return -1;
    }
    if (!t->ending || t->under_way || t->from < t->to)
        return 0;
    t->ended = true;
    return -1; /* the pool is let go */
}

