/* batch.c: request mode: requests from their source through the pool to the sink. */
#include "modes/batch.h"
#include "util/frames.h"
#include "modes/modes.h"
#include "util/log.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum {
    OTHER_EVENTS = 2, /* of ours, and of the signals */
    MOST_IN_A_ROW = 32, /* answers that come at once, before anything else is looked at */
};
static const int64_t stall_after = 5000000;

/* --- in ---------------------------------------------------------------------------------- */

static int put(struct batch *b, const struct request *q) {
    struct dualpipe_request p = {
        .data = q->data,
        .size = q->size,
        .count = q->count,
        .rule = q->terms->rule,
        .limit = struct_limit_ms(q->terms->timeout),
        .tag = (void *)(uintptr_t)q->terms,
    };
    if (q->size > 0 && q->data[q->size - 1] != '\n' && b->run->s->frame == DUALPIPE_LINE)
        b->open_ended = q->number;
    return dualpipe_pool_put(b->pool, &p);
}

/* Takes requests from the source as long as there is room; whether it has none at hand. */
static bool take_in(struct batch *b) {
    int room = b->over || b->full ? 0 : dualpipe_pool_room(b->pool);
    struct request q;
    b->over |= room < 0;
    b->full = room >= 0;
    b->silent = room > 0 && !b->woken;
    while (room > 0) {
        enum source_result next = source_next(&b->source, b->several ? room : 0, &q);
        int r;
        if (next == SOURCE_WAIT) {
            b->silent = b->full = false;
            return true;
        }
        if (next == SOURCE_ONE && (r = put(b, &q)) >= 0) {
            b->silent &= r == 0;
            room -= q.count > 0 ? q.count : 1;
            if (room > 0) /* none, as long as not all of it has gone */
                room = dualpipe_pool_room(b->pool);
            continue;
        }
        b->over = true;
        b->silent = false;
        b->begun = next != SOURCE_ONE;
        if (next == SOURCE_ONE && r == -ENOMEM) {
            say_error("request", NULL, "%s", strerror(ENOMEM));
            run_decide(b->run, "failed", STATUS_OURS);
        }
        break;
    }
    return false;
}

/* --- out --------------------------------------------------------------------------------- */

/* A last line without its end, of a child that another follows: that one's reply begins anew. */
static bool is_unfinished(const struct batch *b, const struct dualpipe_reply *r) {
    enum dualpipe_kind kind = b->run->s->frame;
    return !b->in_pieces && !b->run->s->fresh && r->status.code == 0 && kind <= DUALPIPE_NUL &&
           r->size > 0 && r->data[r->size - 1] != (kind < DUALPIPE_NUL ? '\n' : 0);
}

static int put_reply(struct batch *b, const struct dualpipe_reply *r) {
    if (b->run->s->verbose && r->size > 0)
        say_traffic('<', r->data, r->size);
    if (b->run->s->json)
        return json_put_reply(b, r);
    if (!frames_pass(b->run->s))
        return batch_convert(b, r);
    if (sink_put(&b->sink, r->data, r->size) < 0)
        return -1;
    return is_unfinished(b, r) ? sink_put_empty(&b->sink) : 0;
}

/* With one child these are the last that were read. */
static void note_unbegun(struct batch *b, const struct dualpipe_reply *r) {
    b->run->books.not_begun += r->count;
    b->unbegun += r->unsent;
}

/* -1: the run must stop. */
static int deliver(struct batch *b, const struct dualpipe_reply *r) {
    b->heard = 0;
    if (r->more)
        return put_reply(b, r);
    if (r->outcome == DUALPIPE_ANSWERED && hosts_of(&b->run->s->hosts, r->worker))
        hosts_of(&b->run->s->hosts, r->worker)->fails = false;
    if (r->outcome == DUALPIPE_NOT_STARTED) {
        note_unbegun(b, r);
        return b->run->s->json ? json_put_reply(b, r) : 0;
    }
    return r->outcome == DUALPIPE_ANSWERED ? put_reply(b, r) : batch_fail(b, r);
}

/* Gives out what there is; one alone if a request may be at hand: that is asked first. 0: nothing
 * is under way; 1: more is to come; 2: one was given; -1: the run must stop. */
static int give_out(struct batch *b, bool none_at_hand) {
    struct dualpipe_reply r;
    int got;
    b->woken = false;
    while ((got = dualpipe_pool_get(b->pool, &r, 0)) == 1) {
        b->full = false;
        b->woken = true;
        if (deliver(b, &r) < 0)
            return -1;
        if (!b->over && !none_at_hand)
            return 2;
    }
    b->over |= got < 0 && got != -ETIMEDOUT;
    return got == -ETIMEDOUT;
}

/* --- waiting ----------------------------------------------------------------------------- */

static int64_t sooner(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* What is due of ours though nothing comes; does it. How long until the next; -1: stop. */
static int64_t look_at_clock(struct batch *b, bool under_way) {
    int64_t now = run_now(b->run), limit = progress_due(b, now);
    if (limit == 0) {
        progress_show(b, false);
        limit = progress_due(b, now);
    }
    if (sink_holds(&b->sink)) {
        int64_t patience = sink_patience(&b->sink, now);
        if (patience == 0 && sink_flush(&b->sink) < 0)
            return -1;
        limit = sooner(limit, patience > 0 ? patience : FOREVER);
    }
    if (b->run->stalled || !under_way)
        return limit;
    b->heard = b->heard ? b->heard : now;
    if (now < b->heard + stall_after)
        return sooner(limit, b->heard + stall_after - now);
    batch_say_stall(b);
    return limit;
}

/* For signals, our reader's end, and what our own descriptors are wanted for; and for n events
 * behind theirs. */
static int wait_for(struct batch *b, short wants, int n, int64_t limit) {
    struct dualpipe_event *ours = &b->events[0];
    b->full = false;
    *ours = (struct dualpipe_event){.dp = b->run->host, .wants = (short)(wants | DUALPIPE_GONE)};
    if (run_wait(b->run, ours, n + 1, limit) < 0)
        return -1;
    if (ours->has & DUALPIPE_GONE) {
        run_output_failed(b->run, EPIPE);
        return -1;
    }
    return 0;
}

/* For stdin, if that is awaited, and for what the pool waits for. */
static int wait_for_more(struct batch *b, bool for_stdin, bool under_way) {
    int64_t limit;
    int n, ms;
    if ((for_stdin || !source_has_more(&b->source)) && sink_flush(&b->sink) < 0)
        return -1;
    if ((limit = look_at_clock(b, under_way)) < 0)
        return -1;
    ms = limit_ms(limit);
    n = dualpipe_pool_events(b->pool, b->events + 1, b->run->s->workers, &ms);
    return wait_for(b, for_stdin ? DUALPIPE_IN : 0, n, ms < 0 ? FOREVER : (int64_t)ms * 1000);
}

/* As answers come without a wait, whatever else may have come is looked at now and then. */
static int look_around(struct batch *b) {
    if (++b->in_a_row < MOST_IN_A_ROW)
        return 0;
    b->in_a_row = 0;
    return look_at_clock(b, true) < 0 ? -1 : wait_for(b, 0, 0, 0);
}

/* --- the whole --------------------------------------------------------------------------- */

/* Until there are no more requests, or no child that could answer them. */
static void ask_all(struct batch *b) {
    for (;;) {
        bool for_stdin = take_in(b);
        int r = b->silent ? 1 : give_out(b, for_stdin), room;
        if (r < 0 || (r == 0 && b->over))
            return;
        if (r == 2 && look_around(b) == 0)
            continue;
        if (r == 2)
            return;
        b->full &= r != 0;
        if (r == 0 && (room = dualpipe_pool_room(b->pool)) != 0 && (room < 0 || !for_stdin))
            continue; /* to ask on, or to see that nobody can be asked */
        if (r == 1 && !b->over && !for_stdin && b->run->s->workers > 1 &&
            dualpipe_pool_room(b->pool) > 0) {
            b->full = false;
            continue; /* replies that wait for their turn have made room */
        }
        if (wait_for_more(b, for_stdin && !b->over, r == 1) < 0)
            return;
    }
}

/* For the end of the children: what stops the run has been seen to. */
static void wait_for_end(struct batch *b, bool stopped) {
    struct run *r = b->run;
    struct dualpipe_event *e = b->events;
    int ms = -1, n = dualpipe_pool_events(b->pool, e, r->s->workers, &ms);
    if (!stopped) {
        run_wait(r, e, n, ms < 0 ? FOREVER : (int64_t)ms * 1000);
        return;
    }
    e[n] = (struct dualpipe_event){.fd = r->signal_fd, .wants = DUALPIPE_IN};
    dualpipe_poll(e, n + 1, ms);
    run_look_at_signals(r);
}

/* A reply of a run that has ended before its turn came: it has its place all the same where each
 * has one; else it is counted as failed. */
static void give_late(struct batch *b, struct dualpipe_reply *r) {
    const struct run *run = b->run;
    bool each = run->s->json || run->s->keep_going;
    bool given = each && !r->more && !run->death && run->status != STATUS_OUTPUT;
    if (r->outcome == DUALPIPE_CHILD_ENDED && run->status == STATUS_TIME)
        r->outcome = DUALPIPE_TIMED_OUT; /* the whole run's time */
    if (given && (run->s->json || r->outcome == DUALPIPE_ANSWERED))
        put_reply(b, r);
    else if (given && r->outcome != DUALPIPE_NOT_STARTED)
        sink_put_empty(&b->sink);
    if (!given && !r->more && r->outcome == DUALPIPE_ANSWERED)
        b->lost += r->count;
    if (r->outcome == DUALPIPE_NOT_STARTED)
        note_unbegun(b, r);
}

void batch_let_go(struct batch *b) {
    struct run *r = b->run;
    struct dualpipe_reply late;
    int sent = 0, got;
    if (!r->stop_signal)
        dualpipe_pool_end(b->pool);
    do {
        int signo = r->killing ? SIGKILL : r->stop_signal;
        if (signo && signo != sent)
            dualpipe_pool_stop(b->pool, sent = signo);
        while ((got = dualpipe_pool_get(b->pool, &late, 0)) == 1)
            give_late(b, &late);
        if (got != 0)
            wait_for_end(b, sent != 0);
    } while (got != 0);
    sink_flush(&b->sink);
}

static void close_books(struct batch *b) {
    struct run *r = b->run;
    dualpipe_pool_books(b->pool, &b->books);
    r->books.in = b->books.in;
    r->books.answered = b->books.answered - b->lost;
    r->books.failed = b->books.failed + b->lost;
    if (b->children == 1 && !settings_spread(r->s) && !r->s->fresh)
        run_decide_by_child(r, &r->last);
}

static void say_not_asked(struct batch *b) {
    if (!b->run->s->timed_alone || b->run->stop_signal)
        return;
    dualpipe_pool_books(b->pool, &b->books);
    if (b->books.in == 0)
        say_note("requests", NULL, "none came on standard input" AS_TIMEOUT);
}

static void run_pool(struct batch *b) {
    const struct settings *s = b->run->s;
    b->several = s->window != 1 && !s->verbose && s->requests.n == 0 && frames_pass(s) &&
                 s->io == DUALPIPE_LINE && dualpipe_pool_takes_several(b->pool, s->terms.rule);
    ask_all(b);
    say_not_asked(b);
    sink_flush(&b->sink);
    batch_let_go(b);
    close_books(b);
}

int batch_open(struct batch *b, struct run *r) {
    *b = (struct batch){.run = r, .source = {.run = r}, .begun = true};
    b->events = calloc((size_t)r->s->workers + OTHER_EVENTS, sizeof *b->events);
    if (b->events && sink_open(&b->sink, r) == 0)
        return 0;
    if (!b->events)
        say_error("starting", NULL, "%s", strerror(ENOMEM));
    free(b->events);
    run_decide(r, "failed", STATUS_OURS);
    return -1;
}

void batch_close(struct batch *b) {
    source_close(&b->source, b->begun, b->run->s->workers == 1 ? b->unbegun : 0);
    sink_close(&b->sink);
    free(b->events);
    free(b->json);
}

void run_requests(struct run *r) {
    struct batch b;
    if (batch_open(&b, r) < 0)
        return;
    progress_open(&b);
    if (batch_open_pool(&b) == 0)
        run_pool(&b);
    batch_close_pool(&b);
    progress_show(&b, true);
    batch_close(&b);
    if ((r->books.not_begun > 0 || r->books.rest) && r->s->session && !r->outcome &&
        b.children == 0) {
        say_error("session", r->s->session, "it has gone");
        run_decide(r, "ended", STATUS_OURS);
    }
    if (r->books.not_begun > 0 || r->books.rest)
        run_decide(r, "ended", STATUS_FAILED);
}
