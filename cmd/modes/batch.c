/* batch.c: request mode: submit requests, write their replies, wait, and end the children.
 *
 * batch_run is called by main. Its loop, process_requests, repeats three steps:
 *   fill_window      takes requests from the source while the pool has room for them;
 *   drain_replies    writes replies that are ready, one at a time while requests may be at hand;
 *   wait_for_activity polls stdin, the children, the reader of our stdout and signals.
 * While our reader is slow, wait_for_reader takes their place. Once a request has failed, and there
 * are several children, the loop goes on without the first step until all under way are finished.
 * A reply is written after the next request has been submitted, so that the child always has work
 * while we write. The flags pool_full, got_reply and nothing_to_get of struct batch are shortcuts
 * on this path, which each request passes: they save calls into the pool that could tell nothing
 * new.
 *
 * Invariant: each chunk taken from the source was accepted by the pool, except perhaps the last
 * (last_submitted). The bytes that no child was sent can thus be given back to a seekable stdin.
 *
 * Ownership: a reply's bytes belong to the pool until the next call of it; a request's bytes belong
 * to the source until its next requests_next or requests_done, which is why the pool is opened with
 * DUALPIPE_POOL_ZERO_COPY and a new chunk is taken only when the pool has room again.
 *
 * Trap: what ends the run early (a signal, --deadline, a failure) only sets fields of struct
 * run and makes a step return -1. batch_shutdown must follow in any case: it stops the children and
 * accounts for the requests that are still pending. */
#include "modes/batch.h"
#include "modes/json_reply.h"
#include "modes/long_reply.h"
#include "modes/pool_setup.h"
#include "modes/progress.h"
#include "modes/reply_hint.h"
#include "modes/reply_writer.h"
#include "modes/request_failure.h"
#include "util/frames.h"
#include "util/log.h"
#include "run/exit_status.h"
#include "util/units.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

enum {
    EXTRA_POLLITEMS = 2,          /* for our own descriptors, and for run_wait's signals */
    MAX_REPLIES_WITHOUT_WAIT = 32 /* then poll everything once, even if more replies are ready */
};
static const int64_t stall_delay = 5000000; /* microseconds without a reply before the note */
static const int64_t quit_delay = 2000000;  /* for a child to end before the note */

/* --- submitting -------------------------------------------------------------------------- */

/* Returns as dualpipe_pool_put does. */
static int submit_chunk(struct batch *b, const struct request_chunk *chunk) {
    struct dualpipe_request q = {
        .data = chunk->data,
        .size = chunk->size,
        .count = chunk->count,
        .rule = chunk->opts->rule,
        .timeout = units_limit_ms(chunk->opts->timeout),
        .tag = (void *)(uintptr_t)chunk->opts,
    };
    int r;
    if (chunk->size > 0 && chunk->data[chunk->size - 1] != '\n' &&
        b->run->s->frame == DUALPIPE_FRAME_LINE)
        b->unterminated_request = chunk->number;
    r = dualpipe_pool_put(b->pool, &q);
    b->has_submitted |= r >= 0;
    return r;
}

/* The pool has not taken a request, by a fault of the request alone or for lack of memory. */
static void report_not_taken(struct batch *b, int64_t number, int error) {
    char label[40];
    snprintf(label, sizeof label, "request %lld", (long long)number);
    if (error == -ENOMEM) {
        log_error(label, NULL, "%s", strerror(ENOMEM));
        exit_status_set(b->run, "failed", STATUS_DUALPIPE_FAILED);
    } else {
        log_error(label, NULL, "it has a NUL byte, which no shell takes");
        exit_status_set(b->run, "refused", STATUS_REQUEST_FAILED);
    }
}

/* Submits requests from the source as long as the pool has room. Returns whether the source has
 * none at hand now but may have more once stdin can be read. */
static bool fill_window(struct batch *b) {
    int room = b->done_submitting || b->pool_full ? 0 : dualpipe_pool_room(b->pool);
    struct request_chunk chunk;
    b->done_submitting |= room < 0;
    b->pool_full = room >= 0;
    b->nothing_to_get = room > 0 && !b->got_reply;
    while (room > 0) {
        enum requests_result next = requests_next(&b->source, b->can_batch ? room : 0, &chunk);
        int r;
        if (next == REQUESTS_WAIT) {
            b->nothing_to_get = b->pool_full = false;
            return true;
        }
        if (next == REQUESTS_READY && (r = submit_chunk(b, &chunk)) >= 0) {
            b->nothing_to_get &= r == 0;
            room -= chunk.count > 0 ? chunk.count : 1;
            if (room > 0) /* the pool has none while part of a large request is unsent */
                room = dualpipe_pool_room(b->pool);
            continue;
        }
        b->done_submitting = true;
        b->nothing_to_get = false;
        b->last_submitted = next != REQUESTS_READY;
        if (next == REQUESTS_READY && (r == -ENOMEM || r == -EINVAL))
            report_not_taken(b, chunk.number, r);
        break;
    }
    return false;
}

/* --- delivering -------------------------------------------------------------------------- */

/* Counts requests for which no child could be started. With one worker they are the last that were
 * read, so that batch_close can give their bytes back to stdin. */
static void count_not_submitted(struct batch *b, const struct dualpipe_reply *r) {
    b->run->stats.not_sent += r->count;
    b->unsent_bytes += r->unsent;
}

/* Whether the reply is whole: an answer, or by --error a failure in the program's own words. */
static bool is_whole(const struct dualpipe_reply *r) {
    return r->outcome == DUALPIPE_OUTCOME_ANSWERED || r->outcome == DUALPIPE_OUTCOME_ERROR;
}

/* Writes a whole reply. Returns 0, or -1: the run must stop. */
static int write_whole(struct batch *b, const struct dualpipe_reply *r) {
    if (reply_writer_put(b, r) < 0)
        return -1;
    output_end_reply(&b->output);
    b->request_status = r->request_status;
    if (r->outcome != DUALPIPE_OUTCOME_ERROR)
        return 0;
    b->error_count++;
    return request_failure_report_error(b, r);
}

/* Returns 0, or -1: the run must stop. */
static int deliver_reply(struct batch *b, struct dualpipe_reply *r) {
    struct host *host = NULL;
    enum long_reply_result taken;
    b->last_reply_at = 0;
    if (r->partial || b->run->s->max_reply > 0)
        reply_hint_note_piece(b, r);
    if ((taken = long_reply_take(b, r)) != LONG_REPLY_GIVE)
        return taken == LONG_REPLY_STOP ? -1 : 0;
    if (r->partial)
        return reply_writer_put(b, r);
    if (is_whole(r))
        host = hosts_for_worker(&b->run->s->hosts, r->worker);
    if (host)
        host->is_failing = false;
    if (r->outcome == DUALPIPE_OUTCOME_NOT_STARTED) {
        if (r->number == 1)
            request_failure_note_not_started(b, r);
        count_not_submitted(b, r);
        return b->run->s->json ? json_reply_write(b, r) : 0;
    }
    return is_whole(r) ? write_whole(b, r) : request_failure_handle(b, r);
}

enum drain_result {
    DRAIN_STOP = -1, /* the run must stop */
    DRAIN_IDLE,      /* no request is pending */
    DRAIN_PENDING,   /* requests are pending, but none of their replies is ready */
    DRAIN_GAVE_ONE   /* a reply was delivered; submit the next request before looking for more */
};

/* Delivers the replies that are ready: all of them if the source is empty or ended, else one. */
static enum drain_result drain_replies(struct batch *b, bool source_empty) {
    struct dualpipe_reply r;
    int got;
    b->got_reply = false;
    while ((got = dualpipe_pool_get(b->pool, &r, 0)) == 1) {
        b->pool_full = false;
        b->got_reply = true;
        if (deliver_reply(b, &r) < 0)
            return DRAIN_STOP;
        if ((!b->done_submitting && !source_empty) || output_is_stalled(&b->output))
            return DRAIN_GAVE_ONE;
    }
    if ((got == -ENOMEM || got == -EINVAL) && !b->run->outcome) { /* its poll(2) has failed */
        log_error("waiting", b->run->s->argv[0], "%s", strerror(-got));
        exit_status_set(b->run, "failed", STATUS_DUALPIPE_FAILED);
    }
    b->done_submitting |= got < 0 && got != -ETIMEDOUT;
    return got == -ETIMEDOUT ? DRAIN_PENDING : DRAIN_IDLE;
}

/* --- waiting ----------------------------------------------------------------------------- */

/* Whether the run must stop because a request has failed: none is under way any more, or not for
 * longer. */
static bool is_failure_final(struct batch *b) {
    struct dualpipe_stats stats;
    if (b->finish_by == 0)
        return false;
    dualpipe_pool_stats(b->pool, &stats);
    return stats.submitted == stats.answered + stats.failed || run_now(b->run) >= b->finish_by;
}

/* Lowers limit to the time that is left for requests under way. */
static int64_t limit_by_failure(const struct batch *b, int64_t limit) {
    int64_t left;
    if (b->finish_by == 0)
        return limit;
    left = b->finish_by - run_now(b->run);
    return left > limit ? limit : left > 0 ? left : 0;
}

/* Does what has become due: progress line, flush of held output, note about a stalled request.
 * Returns the microseconds until the next of them, or -1: the run must stop. */
static int64_t run_timers(struct batch *b, bool pending) {
    int64_t now = run_now(b->run), limit = progress_due(b, now), delay;
    if (limit == 0) {
        progress_show(b, false);
        limit = progress_due(b, now);
    }
    if (output_pending(&b->output) > 0) {
        delay = output_flush_delay(&b->output, now);
        if (delay == 0 && output_flush(&b->output) < 0)
            return -1;
        if (delay > 0 && delay < limit)
            limit = delay;
    }
    if (b->run->stalled || !pending)
        return limit;
    if (b->last_reply_at == 0)
        b->last_reply_at = now;
    delay = b->last_reply_at + stall_delay - now;
    if (delay > 0)
        return delay < limit ? delay : limit;
    request_failure_note_stall(b);
    return limit;
}

/* Polls, for limit microseconds at most, signals, our own descriptors for events and for the end of
 * our stdout's reader, and the n poll items of the pool after the first. Returns 0, or -1: the run
 * must stop. */
static int wait_for_events(struct batch *b, short events, int n, int64_t limit) {
    struct dualpipe_pollitem *ours = &b->pollitems[0];
    b->pool_full = false;
    *ours = (struct dualpipe_pollitem){.dp = b->run->stdio,
                                       .events = (short)(events | DUALPIPE_POLL_HUP)};
    if (run_wait(b->run, ours, n + 1, limit) < 0)
        return -1;
    if (ours->revents & DUALPIPE_POLL_HUP) {
        exit_status_output_failed(b->run, EPIPE);
        b->output.failed = true;
        return -1;
    }
    return 0;
}

/* Waits until the pool, a timer or, with for_stdin, our stdin has something to do. Held output is
 * flushed first if no further request is at hand whose reply could join it. */
static int wait_for_activity(struct batch *b, bool for_stdin, bool pending) {
    int64_t limit;
    int n, ms;
    if ((for_stdin || !requests_has_more(&b->source)) && output_flush(&b->output) < 0)
        return -1;
    if ((limit = run_timers(b, pending)) < 0)
        return -1;
    if (output_is_stalled(&b->output))
        return 0;
    ms = units_timeout_ms(limit);
    n = dualpipe_pool_pollitems(b->pool, b->pollitems + 1, b->run->s->workers, &ms);
    limit = limit_by_failure(b, ms < 0 ? UNITS_FOREVER : (int64_t)ms * 1000);
    /* The attached handle calls what can be read from our stdin its STDOUT. */
    return wait_for_events(b, for_stdin ? DUALPIPE_POLL_STDOUT : 0, n, limit);
}

/* Our reader is slow: no request is sent and no reply taken until it has read on. If a limit of
 * time runs, the children are read meanwhile, up to --max-message in all, so that a reply that has
 * come whole is in time; one that has not is given up when its limit passes. Returns 0, or -1: the
 * run must stop. */
static int wait_for_reader(struct batch *b) {
    struct dualpipe_reply r;
    int64_t limit;
    int ms = -1, n = dualpipe_pool_pollitems(b->pool, b->pollitems + 1, b->run->s->workers, &ms);
    if (ms < 0 || output_pending(&b->output) >= b->run->s->max_message)
        n = 0;
    limit = limit_by_failure(b, ms < 0 ? UNITS_FOREVER : (int64_t)ms * 1000);
    if (wait_for_events(b, DUALPIPE_POLL_STDIN, n, limit) < 0 || output_flush(&b->output) < 0)
        return -1;
    while (ms >= 0 && output_is_stalled(&b->output) && dualpipe_pool_get(b->pool, &r, 0) == 1)
        if (deliver_reply(b, &r) < 0)
            return -1;
    return 0;
}

/* While replies are always ready the loop never waits: poll without waiting now and then, so that
 * signals, timers and a closed stdout are noticed. Returns 0, or -1: the run must stop. */
static int check_other_events(struct batch *b) {
    if (++b->replies_without_wait < MAX_REPLIES_WITHOUT_WAIT)
        return 0;
    b->replies_without_wait = 0;
    return run_timers(b, true) < 0 ? -1 : wait_for_events(b, 0, 0, 0);
}

/* --- the loop ---------------------------------------------------------------------------- */

/* Runs until all requests have their replies, no child is left that could answer, or the run must
 * stop. */
static void process_requests(struct batch *b) {
    for (;;) {
        bool source_empty;
        enum drain_result got;
        int room;
        if (is_failure_final(b)) {
            b->run->stop_signal = SIGTERM;
            return;
        }
        if (output_is_stalled(&b->output)) {
            if (wait_for_reader(b) < 0)
                return;
            continue;
        }
        source_empty = fill_window(b);
        got = b->nothing_to_get ? DRAIN_PENDING : drain_replies(b, source_empty);
        if (got == DRAIN_STOP || (got == DRAIN_IDLE && b->done_submitting))
            return;
        if (got == DRAIN_GAVE_ONE) {
            if (check_other_events(b) < 0)
                return;
            continue;
        }
        b->pool_full &= got != DRAIN_IDLE;
        if (got == DRAIN_IDLE && (room = dualpipe_pool_room(b->pool)) != 0 &&
            (room < 0 || !source_empty))
            continue; /* submit more, or let fill_window see that the pool is over */
        if (got == DRAIN_PENDING && !b->done_submitting && !source_empty &&
            b->run->s->workers > 1 && dualpipe_pool_room(b->pool) > 0) {
            b->pool_full = false;
            continue; /* a worker is free though its reply waits for an earlier one's */
        }
        if (wait_for_activity(b, source_empty && !b->done_submitting, got == DRAIN_PENDING) < 0)
            return;
    }
}

/* --- the end ----------------------------------------------------------------------------- */

/* Notes that a child, which has answered all, goes on at the end of its input. */
static void note_no_end(const struct settings *s) {
    log_note("ending", settings_program(s), "%s",
             s->quit.count > 0
                 ? "it goes on after --quit and the end of its input: try another --quit"
                 : "it goes on after the end of its input: tell it to end by --quit=TEXT");
}

/* When that is due: of a raw terminal, which has no end of input, the library waits no longer. */
static int64_t no_end_note_time(const struct run *r) {
    return r->s->mode == MODE_REQUEST && !r->s->session_name && !r->outcome &&
                   r->s->transport != DUALPIPE_TRANSPORT_PTY
               ? run_now(r) + quit_delay
               : UNITS_FOREVER;
}

/* Waits for the children to end, for limit microseconds at most unless the run has been stopped:
 * run_wait would return at once then, so only the pool and further signals are polled. */
static void wait_for_children(struct batch *b, bool stopped, int64_t limit) {
    struct run *r = b->run;
    struct dualpipe_pollitem *items = b->pollitems;
    int ms = -1, n = dualpipe_pool_pollitems(b->pool, items, r->s->workers, &ms);
    if (!stopped) {
        run_wait(r, items, n, ms < 0 || (int64_t)ms * 1000 > limit ? limit : (int64_t)ms * 1000);
        return;
    }
    items[n] = (struct dualpipe_pollitem){.fd = r->signal_fd, .events = DUALPIPE_POLL_STDOUT};
    dualpipe_poll(items, n + 1, ms);
    run_handle_signals(r);
}

/* Handles a reply that was not delivered before the run ended: what was answered is written, and
 * with --json or --keep-going what has failed too, as every request has its place in the output
 * then. */
static void deliver_at_shutdown(struct batch *b, struct dualpipe_reply *r) {
    const struct run *run = b->run;
    bool answered, written;
    if (long_reply_take(b, r) != LONG_REPLY_GIVE)
        return;
    answered = is_whole(r);
    written = !r->partial && !b->output.failed && run->status != STATUS_OUTPUT_FAILED &&
              !(run->death_signal && output_is_stalled(&b->output));
    if (r->outcome == DUALPIPE_OUTCOME_CHILD_ENDED && run->status == STATUS_TIMED_OUT)
        r->outcome = DUALPIPE_OUTCOME_TIMED_OUT; /* we stopped the child at the run's deadline */
    if (written && answered)
        write_whole(b, r);
    else if (written && run->s->json)
        reply_writer_put(b, r);
    else if (written && run->s->keep_going && r->outcome != DUALPIPE_OUTCOME_NOT_STARTED)
        reply_writer_put_nothing(b);
    if (!written && !r->partial && r->outcome == DUALPIPE_OUTCOME_ANSWERED)
        b->undelivered += r->count;
    if (r->outcome == DUALPIPE_OUTCOME_NOT_STARTED)
        count_not_submitted(b, r);
}

void batch_shutdown(struct batch *b) {
    struct run *r = b->run;
    struct dualpipe_reply late;
    int64_t note_at = no_end_note_time(r);
    int sent_signal = 0, got;
    if (!r->stop_signal)
        dualpipe_pool_end(b->pool);
    if (r->death_signal == SIGINT && r->s->session_name)
        dualpipe_pool_interrupt(b->pool, 0); /* a person gives up what runs, not the session */
    do {
        int signo = r->kill_requested ? SIGKILL : r->stop_signal;
        if (signo && signo != sent_signal)
            dualpipe_pool_stop(b->pool, sent_signal = signo);
        while ((got = dualpipe_pool_get(b->pool, &late, 0)) == 1)
            deliver_at_shutdown(b, &late);
        if (got != 0 && !sent_signal && run_now(r) >= note_at) {
            note_no_end(r->s);
            note_at = UNITS_FOREVER;
        }
        if (got != 0)
            wait_for_children(b, sent_signal != 0,
                              note_at == UNITS_FOREVER ? UNITS_FOREVER : note_at - run_now(r));
    } while (got != 0);
    output_finish(&b->output);
}

static void collect_stats(struct batch *b) {
    struct run *r = b->run;
    dualpipe_pool_stats(b->pool, &b->stats);
    r->stats.submitted = b->stats.submitted;
    r->stats.answered = b->stats.answered - b->undelivered;
    r->stats.failed = b->stats.failed + b->undelivered;
}

/* -t without another request option chose request mode, which reads stdin: if nothing came there,
 * the user may have meant to limit the whole run. */
static void note_no_requests(struct batch *b) {
    if (!b->run->s->only_timeout_given || b->run->stop_signal)
        return;
    dualpipe_pool_stats(b->pool, &b->stats);
    if (b->stats.submitted == 0)
        log_note("requests", NULL, "none came on standard input" DEADLINE_HINT);
}

/* What can't be trusted fails the run, though it went on. */
static void judge_unexpected(struct batch *b) {
    struct run *r = b->run;
    if (b->unexpected_count > 1)
        log_error("unexpected output", NULL, "%d times, %lld bytes in all", b->unexpected_count,
                  r->stats.unexpected);
    if (b->unexpected_count > 0 || b->mispaired_count > 0)
        exit_status_set(r, "unexpected", STATUS_REQUEST_FAILED);
}

/* Whether the child's exit status says no more than the errors that it answered with: some programs
 * exit with 1 after them. */
static bool status_follows_errors(const struct batch *b) {
    return b->error_count > 0 && b->run->last_status.code >= 0 && !b->run->last_status.limit;
}

/* Runs the batch once its pool is open. */
static void run_with_pool(struct batch *b) {
    struct run *r = b->run;
    const struct settings *s = r->s;
    b->can_batch = s->window != 1 && !s->verbose && s->max_reply == 0 && s->requests.count == 0 &&
                   settings_passes_frames(s) && s->io == DUALPIPE_FRAME_LINE &&
                   dualpipe_pool_can_batch(b->pool, s->stdin_opts.rule);
    process_requests(b);
    note_no_requests(b);
    if (r->stop_signal)
        output_flush(&b->output);
    else
        output_finish(&b->output);
    batch_shutdown(b);
    collect_stats(b);
    judge_unexpected(b);
    if (b->children_ended == 1 && !settings_is_parallel(s) && !s->fresh &&
        !status_follows_errors(b))
        exit_status_set_by_child(r, &r->last_status);
}

int batch_open(struct batch *b, struct run *r) {
    *b = (struct batch){
        .run = r, .source = {.run = r}, .last_submitted = true, .noted_request = -1};
    b->pollitems = calloc((size_t)r->s->workers + EXTRA_POLLITEMS, sizeof *b->pollitems);
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

/* A child that ended well although requests were left is mostly a filter that answers once. */
static void note_answers_once(const struct batch *b) {
    const struct run *r = b->run;
    if (b->children_ended == 1 && r->last_status.code == 0 && r->stats.answered > 0 &&
        !r->s->fresh && !r->s->session_name && !r->outcome)
        log_error("child", settings_program(r->s),
                  "ended with status 0 before all was asked: --fresh starts one for each request");
}

/* Whether the last request's own status becomes the run's, as that of a command line does for sh
 * and ssh: not where it is one of many. */
static bool passes_status_on(const struct settings *s) {
    return s->requests.count > 0 && !s->keep_going && !settings_is_parallel(s);
}

void batch_run(struct run *r) {
    struct batch b;
    if (batch_open(&b, r) < 0)
        return;
    progress_open(&b);
    if (long_reply_open(&b) == 0 && pool_setup_open(&b) == 0)
        run_with_pool(&b);
    pool_setup_close(&b);
    long_reply_close(&b);
    progress_show(&b, true);
    batch_close(&b);
    if ((r->stats.not_sent > 0 || r->stats.stdin_left) && r->s->session_name && !r->outcome &&
        b.children_ended == 0) {
        log_error("session", r->s->session_name, "it has gone");
        exit_status_set(r, "ended", STATUS_DUALPIPE_FAILED);
    }
    if (r->stats.not_sent > 0 || r->stats.stdin_left) {
        note_answers_once(&b);
        exit_status_set(r, "ended", STATUS_REQUEST_FAILED);
    }
    if (b.error_count > 0) /* the least of what can go wrong */
        exit_status_set(r, "error", STATUS_REQUEST_FAILED);
    if (b.request_status > 0 && passes_status_on(r->s))
        exit_status_set_by_request(r, b.request_status);
}
