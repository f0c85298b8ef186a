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
    MAX_REPLIES_WITHOUT_WAIT =
        32, /* answers that come at once, before anything else is looked at */
};
static const int64_t stall_delay = 5000000;

/* --- in ---------------------------------------------------------------------------------- */

static int submit_chunk(struct batch *b, const struct request_chunk *chunk) {
    struct dualpipe_request p = {
        .data = chunk->data,
        .size = chunk->size,
        .count = chunk->count,
        .rule = chunk->opts->rule,
        .timeout = units_limit_ms(chunk->opts->timeout),
        .tag = (void *)(uintptr_t)chunk->opts,
    };
    if (chunk->size > 0 && chunk->data[chunk->size - 1] != '\n' &&
        b->run->s->frame == DUALPIPE_FRAME_LINE)
        b->unterminated_request = chunk->number;
    return dualpipe_pool_put(b->pool, &p);
}

/* Takes requests from the source as long as there is room; whether it has none at hand. */
static bool fill_window(struct batch *b) {
    int room = b->done_submitting || b->pool_full ? 0 : dualpipe_pool_room(b->pool);
    struct request_chunk q;
    b->done_submitting |= room < 0;
    b->pool_full = room >= 0;
    b->nothing_to_get = room > 0 && !b->got_reply;
    while (room > 0) {
        enum requests_result next = requests_next(&b->source, b->can_batch ? room : 0, &q);
        int r;
        if (next == REQUESTS_WAIT) {
            b->nothing_to_get = b->pool_full = false;
            return true;
        }
        if (next == REQUESTS_READY && (r = submit_chunk(b, &q)) >= 0) {
            b->nothing_to_get &= r == 0;
            room -= q.count > 0 ? q.count : 1;
            if (room > 0) /* none, as long as not all of it has gone */
                room = dualpipe_pool_room(b->pool);
            continue;
        }
        b->done_submitting = true;
        b->nothing_to_get = false;
        b->last_submitted = next != REQUESTS_READY;
        if (next == REQUESTS_READY && r == -ENOMEM) {
            log_error("request", NULL, "%s", strerror(ENOMEM));
            exit_status_set(b->run, "failed", STATUS_DUALPIPE_FAILED);
        }
        break;
    }
    return false;
}

/* --- out --------------------------------------------------------------------------------- */

/* A last line without its end, of a child that another follows: that one's reply begins anew. */
static bool lacks_terminator(const struct batch *b, const struct dualpipe_reply *r) {
    enum dualpipe_frame_kind kind = b->run->s->frame;
    return !b->streams_replies && !b->run->s->fresh && r->status.code == 0 &&
           kind <= DUALPIPE_FRAME_NUL && r->size > 0 &&
           r->data[r->size - 1] != (kind < DUALPIPE_FRAME_NUL ? '\n' : 0);
}

static int reply_writer_put(struct batch *b, const struct dualpipe_reply *r) {
    if (b->run->s->verbose && r->size > 0)
        log_traffic('<', r->data, r->size);
    if (b->run->s->json)
        return json_reply_write(b, r);
    if (!settings_passes_frames(b->run->s))
        return reply_writer_convert(b, r);
    if (output_write(&b->output, r->data, r->size) < 0)
        return -1;
    return lacks_terminator(b, r) ? output_write_empty_frame(&b->output) : 0;
}

/* With one child these are the last that were read. */
static void count_not_submitted(struct batch *b, const struct dualpipe_reply *r) {
    b->run->stats.not_sent += r->count;
    b->unsent_bytes += r->unsent;
}

/* -1: the run must stop. */
static int deliver_reply(struct batch *b, const struct dualpipe_reply *r) {
    b->last_reply_at = 0;
    if (r->partial)
        return reply_writer_put(b, r);
    if (r->outcome == DUALPIPE_OUTCOME_ANSWERED && hosts_for_worker(&b->run->s->hosts, r->worker))
        hosts_for_worker(&b->run->s->hosts, r->worker)->is_failing = false;
    if (r->outcome == DUALPIPE_OUTCOME_NOT_STARTED) {
        count_not_submitted(b, r);
        return b->run->s->json ? json_reply_write(b, r) : 0;
    }
    return r->outcome == DUALPIPE_OUTCOME_ANSWERED ? reply_writer_put(b, r)
                                                   : request_failure_handle(b, r);
}

/* Gives out what there is; one alone if a request may be at hand: that is asked first. 0: nothing
 * is under way; 1: more is to come; 2: one was given; -1: the run must stop. */
static int drain_replies(struct batch *b, bool none_at_hand) {
    struct dualpipe_reply r;
    int got;
    b->got_reply = false;
    while ((got = dualpipe_pool_get(b->pool, &r, 0)) == 1) {
        b->pool_full = false;
        b->got_reply = true;
        if (deliver_reply(b, &r) < 0)
            return -1;
        if (!b->done_submitting && !none_at_hand)
            return 2;
    }
    b->done_submitting |= got < 0 && got != -ETIMEDOUT;
    return got == -ETIMEDOUT;
}

/* --- waiting ----------------------------------------------------------------------------- */

static int64_t min_time(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* What is due of ours though nothing comes; does it. How long until the next; -1: stop. */
static int64_t run_timers(struct batch *b, bool under_way) {
    int64_t now = run_now(b->run), limit = progress_due(b, now);
    if (limit == 0) {
        progress_show(b, false);
        limit = progress_due(b, now);
    }
    if (output_has_pending(&b->output)) {
        int64_t patience = output_flush_delay(&b->output, now);
        if (patience == 0 && output_flush(&b->output) < 0)
            return -1;
        limit = min_time(limit, patience > 0 ? patience : UNITS_FOREVER);
    }
    if (b->run->stalled || !under_way)
        return limit;
    b->last_reply_at = b->last_reply_at ? b->last_reply_at : now;
    if (now < b->last_reply_at + stall_delay)
        return min_time(limit, b->last_reply_at + stall_delay - now);
    request_failure_note_stall(b);
    return limit;
}

/* For signals, our reader's end, and what our own descriptors are wanted for; and for n events
 * behind theirs. */
static int wait_for_events(struct batch *b, short wants, int n, int64_t limit) {
    struct dualpipe_pollitem *ours = &b->pollitems[0];
    b->pool_full = false;
    *ours = (struct dualpipe_pollitem){.dp = b->run->stdio, .events = (short)(wants | DUALPIPE_POLL_HUP)};
    if (run_wait(b->run, ours, n + 1, limit) < 0)
        return -1;
    if (ours->revents & DUALPIPE_POLL_HUP) {
        exit_status_output_failed(b->run, EPIPE);
        return -1;
    }
    return 0;
}

/* For stdin, if that is awaited, and for what the pool waits for. */
static int wait_for_activity(struct batch *b, bool for_stdin, bool under_way) {
    int64_t limit;
    int n, ms;
    if ((for_stdin || !requests_has_more(&b->source)) && output_flush(&b->output) < 0)
        return -1;
    if ((limit = run_timers(b, under_way)) < 0)
        return -1;
    ms = units_timeout_ms(limit);
    n = dualpipe_pool_pollitems(b->pool, b->pollitems + 1, b->run->s->workers, &ms);
    return wait_for_events(b, for_stdin ? DUALPIPE_POLL_STDOUT : 0, n,
                           ms < 0 ? UNITS_FOREVER : (int64_t)ms * 1000);
}

/* As answers come without a wait, whatever else may have come is looked at now and then. */
static int check_other_events(struct batch *b) {
    if (++b->replies_without_wait < MAX_REPLIES_WITHOUT_WAIT)
        return 0;
    b->replies_without_wait = 0;
    return run_timers(b, true) < 0 ? -1 : wait_for_events(b, 0, 0, 0);
}

/* --- the whole --------------------------------------------------------------------------- */

/* Until there are no more requests, or no child that could answer them. */
static void process_requests(struct batch *b) {
    for (;;) {
        bool for_stdin = fill_window(b);
        int r = b->nothing_to_get ? 1 : drain_replies(b, for_stdin), room;
        if (r < 0 || (r == 0 && b->done_submitting))
            return;
        if (r == 2 && check_other_events(b) == 0)
            continue;
        if (r == 2)
            return;
        b->pool_full &= r != 0;
        if (r == 0 && (room = dualpipe_pool_room(b->pool)) != 0 && (room < 0 || !for_stdin))
            continue; /* to ask on, or to see that nobody can be asked */
        if (r == 1 && !b->done_submitting && !for_stdin && b->run->s->workers > 1 &&
            dualpipe_pool_room(b->pool) > 0) {
            b->pool_full = false;
            continue; /* replies that wait for their turn have made room */
        }
        if (wait_for_activity(b, for_stdin && !b->done_submitting, r == 1) < 0)
            return;
    }
}

/* For the end of the children: what stops the run has been seen to. */
static void wait_for_children(struct batch *b, bool stopped) {
    struct run *r = b->run;
    struct dualpipe_pollitem *e = b->pollitems;
    int ms = -1, n = dualpipe_pool_pollitems(b->pool, e, r->s->workers, &ms);
    if (!stopped) {
        run_wait(r, e, n, ms < 0 ? UNITS_FOREVER : (int64_t)ms * 1000);
        return;
    }
    e[n] = (struct dualpipe_pollitem){.fd = r->signal_fd, .events = DUALPIPE_POLL_STDOUT};
    dualpipe_poll(e, n + 1, ms);
    run_handle_signals(r);
}

/* A reply of a run that has ended before its turn came: it has its place all the same where each
 * has one; else it is counted as failed. */
static void deliver_at_shutdown(struct batch *b, struct dualpipe_reply *r) {
    const struct run *run = b->run;
    bool each = run->s->json || run->s->keep_going;
    bool given = each && !r->partial && !run->death_signal && run->status != STATUS_OUTPUT_FAILED;
    if (r->outcome == DUALPIPE_OUTCOME_CHILD_ENDED && run->status == STATUS_TIMED_OUT)
        r->outcome = DUALPIPE_OUTCOME_TIMED_OUT; /* the whole run's time */
    if (given && (run->s->json || r->outcome == DUALPIPE_OUTCOME_ANSWERED))
        reply_writer_put(b, r);
    else if (given && r->outcome != DUALPIPE_OUTCOME_NOT_STARTED)
        output_write_empty_frame(&b->output);
    if (!given && !r->partial && r->outcome == DUALPIPE_OUTCOME_ANSWERED)
        b->undelivered += r->count;
    if (r->outcome == DUALPIPE_OUTCOME_NOT_STARTED)
        count_not_submitted(b, r);
}

void batch_shutdown(struct batch *b) {
    struct run *r = b->run;
    struct dualpipe_reply late;
    int sent = 0, got;
    if (!r->stop_signal)
        dualpipe_pool_end(b->pool);
    do {
        int signo = r->kill_requested ? SIGKILL : r->stop_signal;
        if (signo && signo != sent)
            dualpipe_pool_stop(b->pool, sent = signo);
        while ((got = dualpipe_pool_get(b->pool, &late, 0)) == 1)
            deliver_at_shutdown(b, &late);
        if (got != 0)
            wait_for_children(b, sent != 0);
    } while (got != 0);
    output_flush(&b->output);
}

static void collect_stats(struct batch *b) {
    struct run *r = b->run;
    dualpipe_pool_stats(b->pool, &b->stats);
    r->stats.submitted = b->stats.submitted;
    r->stats.answered = b->stats.answered - b->undelivered;
    r->stats.failed = b->stats.failed + b->undelivered;
    if (b->children_ended == 1 && !settings_is_parallel(r->s) && !r->s->fresh)
        exit_status_set_by_child(r, &r->last_status);
}

static void note_no_requests(struct batch *b) {
    if (!b->run->s->only_timeout_given || b->run->stop_signal)
        return;
    dualpipe_pool_stats(b->pool, &b->stats);
    if (b->stats.submitted == 0)
        log_note("requests", NULL, "none came on standard input" DEADLINE_HINT);
}

static void run_with_pool(struct batch *b) {
    const struct settings *s = b->run->s;
    b->can_batch = s->window != 1 && !s->verbose && s->requests.count == 0 &&
                   settings_passes_frames(s) && s->io == DUALPIPE_FRAME_LINE &&
                   dualpipe_pool_can_batch(b->pool, s->stdin_opts.rule);
    process_requests(b);
    note_no_requests(b);
    output_flush(&b->output);
    batch_shutdown(b);
    collect_stats(b);
}

int batch_open(struct batch *b, struct run *r) {
    *b = (struct batch){.run = r, .source = {.run = r}, .last_submitted = true};
    b->pollitems = calloc((size_t)r->s->workers + OTHER_EVENTS, sizeof *b->pollitems);
    if (b->pollitems && output_open(&b->output, r) == 0)
        return 0;
    if (!b->pollitems)
        log_error("starting", NULL, "%s", strerror(ENOMEM));
    free(b->pollitems);
    exit_status_set(r, "failed", STATUS_DUALPIPE_FAILED);
    return -1;
}

void batch_close(struct batch *b) {
    requests_close(&b->source, b->last_submitted, b->run->s->workers == 1 ? b->unsent_bytes : 0);
    output_close(&b->output);
    free(b->pollitems);
    free(b->json_buffer);
}

void batch_run(struct run *r) {
    struct batch b;
    if (batch_open(&b, r) < 0)
        return;
    progress_open(&b);
    if (pool_setup_open(&b) == 0)
        run_with_pool(&b);
    pool_setup_close(&b);
    progress_show(&b, true);
    batch_close(&b);
    if ((r->stats.not_sent > 0 || r->stats.stdin_left) && r->s->session_name && !r->outcome &&
        b.children_ended == 0) {
        log_error("session", r->s->session_name, "it has gone");
        exit_status_set(r, "ended", STATUS_DUALPIPE_FAILED);
    }
    if (r->stats.not_sent > 0 || r->stats.stdin_left)
        exit_status_set(r, "ended", STATUS_REQUEST_FAILED);
}
