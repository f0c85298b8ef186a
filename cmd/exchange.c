/* exchange.c: one request and its reply: what is left to send, what has come, what is due. */
#include "exchange.h"
#include "say.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PENDING = -1,      /* beside enum outcome: not decided yet */
    SHORT_READ = 4096, /* fewer bytes than this: all that the pipe held */
};
static const int64_t stall_after = 5000000, end_after = 2000000;

/* --- what has come ----------------------------------------------------------------------- */

int exchange_keep(struct exchange *x, const char *p, size_t n) {
    if (n == 0)
        return 0;
    if (n > x->room - x->nkept) {
        size_t room = x->nkept + n + 65536;
        char *more = realloc(x->kept, room);
        if (!more)
            return -1;
        x->kept = more;
        x->room = room;
    }
    memcpy(x->kept + x->nkept, p, n);
    x->nkept += n;
    return 0;
}

/* Passes a piece of the reply on. */
static int show(struct exchange *x, const char *p, size_t n) {
    if (n == 0 || x->dropped)
        return PENDING;
    if (x->run->s->verbose)
        say_traffic('<', p, n);
    if (!x->run->s->keep_going)
        return sink_put(x->sink, p, n) < 0 ? STOPPED : PENDING;
    if (n > x->run->s->max_message - x->nkept || exchange_keep(x, p, n) < 0)
        return TOO_LONG;
    return PENDING;
}

/* Holds what lies in the buffer against the rule; whole frames are shown and given back. */
static int scan(struct exchange *x, int ended) {
    const char *p;
    size_t n = dualpipe_peek(x->child, &p, NULL);
    int last = dualpipe_rule_scan(x->request->terms->rule, &x->scan, p, n, ended);
    int o = show(x, p + x->shown, x->scan.whole - x->shown);
    dualpipe_consume(x->child, x->scan.drop);
    x->shown = x->scan.whole - x->scan.drop;
    x->just_read = n < SHORT_READ;
    if (o == PENDING && last)
        return ANSWERED;
    return o == PENDING && n - x->scan.whole > x->run->s->max_message ? TOO_LONG : o;
}

/* Takes all there is, its unfinished last line too. */
static int take_rest(struct exchange *x) {
    const char *p;
    size_t n = dualpipe_peek(x->child, &p, NULL);
    int o = show(x, p + x->shown, n - x->shown);
    dualpipe_consume(x->child, n);
    x->shown = 0;
    return o;
}

/* --- how it ends without the rule -------------------------------------------------------- */

/* Waits for the end of a child that has closed its output; a short while, it may live on. */
static int await_status(struct exchange *x, struct dualpipe_status *s) {
    struct dualpipe_event e[2] = {{.dp = x->child, .wants = DUALPIPE_ENDED | DUALPIPE_ERR}};
    int64_t until = run_now(x->run) + end_after;
    if (until > x->until)
        until = x->until;
    while (dualpipe_wait(x->child, s, 0) == -ETIMEDOUT) {
        if (run_wait(x->run, e, 1, until - run_now(x->run)) < 0)
            return STOPPED;
        if (run_now(x->run) >= until)
            return ENDED;
    }
    return PENDING;
}

/* The child, or its output, has ended: what is there is read without waiting for whoever else
 * holds the pipe. */
static int conclude(struct exchange *x) {
    struct dualpipe_event e = {.dp = x->child, .wants = DUALPIPE_IN | DUALPIPE_ERR};
    struct dualpipe_status status = {.code = -1};
    int o;
    do
        if ((o = scan(x, 0)) != PENDING)
            return o;
    while (run_look(x->run, &e) > 0);
    if (x->request->to_end)
        return scan(x, 1);
    if ((o = await_status(x, &status)) != PENDING)
        return o;
    if (status.code == 0 && (o = scan(x, 1)) != PENDING)
        return o;
    return x->sent == 0 && x->shown == 0 ? NOT_BEGUN : ENDED;
}

/* --- the exchange ------------------------------------------------------------------------ */

static int send_more(struct exchange *x) {
    const struct request *q = x->request;
    ssize_t r;
    if (x->sent == q->size || x->refused)
        return x->answered ? ANSWERED : PENDING;
    r = dualpipe_write(x->child, q->data + x->sent, q->size - x->sent, 0);
    if (r > 0)
        x->sent += (size_t)r;
    else if (r != -ETIMEDOUT)
        x->refused = true; /* the reply may come all the same */
    if (x->sent < q->size)
        return PENDING;
    if (q->to_end)
        dualpipe_end(x->child);
    return x->awaits && !x->answered ? PENDING : ANSWERED;
}

/* The clock starts with the first wait: the request has just been sent. */
static void start_clock(struct exchange *x, int64_t now) {
    x->begun = x->heard = now;
    if (x->request->terms->timeout != FOREVER && x->until > now + x->request->terms->timeout)
        x->until = now + x->request->terms->timeout;
}

/* How long nothing need be done though nothing comes; 0: something is due. */
static int64_t shortest(struct exchange *x, int64_t now) {
    int64_t due = x->until;
    if (!x->run->stalled && due > x->begun + stall_after)
        due = x->begun + stall_after;
    if (x->idle != FOREVER && x->sent == x->request->size && due > x->heard + x->idle)
        due = x->heard + x->idle;
    if (sink_holds(x->sink) && due > now + sink_patience(x->sink, now))
        due = now + sink_patience(x->sink, now);
    return due == FOREVER ? FOREVER : due > now ? due - now : 0;
}

enum sent exchange_sent(const struct exchange *x) {
    const struct request *q = x->request;
    if (x->sent < q->size)
        return SENT_PART;
    return q->size > 0 && q->data[q->size - 1] != '\n' ? SENT_NO_LINE_END : SENT_ALL;
}

static void say_stall(struct exchange *x) {
    char what[40], words[512];
    snprintf(what, sizeof what, "request %lld", x->request->number);
    x->run->stalled = true;
    say_note(what, NULL, "no whole reply yet: %s",
             report_stall(x->run, x->child, exchange_sent(x), words, sizeof words));
}

/* Nothing has come: what is due? */
static int look_at_clock(struct exchange *x) {
    int64_t now = run_now(x->run);
    if (sink_holds(x->sink) && sink_patience(x->sink, now) == 0 && sink_flush(x->sink) < 0)
        return STOPPED;
    if (x->idle != FOREVER && x->sent == x->request->size && now >= x->heard + x->idle) {
        int o = take_rest(x);
        return o == PENDING ? ANSWERED : o;
    }
    if (now >= x->until)
        return TIMED_OUT;
    if (!x->run->stalled && now >= x->begun + stall_after)
        say_stall(x);
    return PENDING;
}

static int await_more(struct exchange *x) {
    struct dualpipe_event e[3] = {
        {.dp = x->child, .wants = DUALPIPE_IN | DUALPIPE_ERR | DUALPIPE_ENDED},
        {.dp = x->run->host, .wants = DUALPIPE_GONE}};
    int64_t now = run_now(x->run), limit;
    int found;
    if (x->begun == 0)
        start_clock(x, now);
    if ((limit = shortest(x, now)) == 0)
        return look_at_clock(x);
    if (x->sent < x->request->size && !x->refused)
        e[0].wants |= DUALPIPE_OUT;
    found = run_wait(x->run, e, 2, limit);
    if (found < 0)
        return STOPPED;
    if (e[1].has) {
        run_output_failed(x->run, EPIPE);
        return STOPPED;
    }
    if (e[0].has & DUALPIPE_ENDED)
        return x->answered ? ANSWERED : conclude(x);
    if (e[0].has & DUALPIPE_IN && x->idle != FOREVER)
        x->heard = run_now(x->run);
    return found == 0 ? look_at_clock(x) : PENDING;
}

enum outcome exchange_finish(struct exchange *x) {
    const char *p;
    int o, ended;
    for (;;) {
        size_t n;
        if ((o = send_more(x)) != PENDING)
            return (enum outcome)o;
        if ((n = dualpipe_peek(x->child, &p, &ended)) > 0 && !x->answered)
            o = scan(x, 0);
        if (o == PENDING && ended && !x->answered)
            o = conclude(x);
        if (o == ANSWERED && x->sent < x->request->size && !x->refused) {
            x->answered = true; /* before it was asked all: the rest goes first, or the next */
            o = PENDING;         /* request would be taken for that */
        }
        if (o != PENDING || (o = await_more(x)) != PENDING)
            return (enum outcome)o;
    }
}

void exchange_begin(struct exchange *x, dualpipe *child, const struct request *q, int64_t until) {
    int idle = dualpipe_rule_idle(q->terms->rule);
    *x = (struct exchange){
        .run = x->run,
        .sink = x->sink,
        .child = child,
        .request = q,
        .until = until,
        .idle = idle < 0 ? FOREVER : (int64_t)idle * 1000,
        .awaits = dualpipe_rule_awaits(q->terms->rule, q->data, q->size),
        .kept = x->kept,
        .room = x->room,
    };
    if (x->run->s->verbose)
        say_traffic('>', q->data, q->size);
}
