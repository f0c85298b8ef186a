/* repl_request.c: the prompt with a reply rule: a line is a request, its reply is awaited.
 *
 * The child is the one worker of a pool, as in request mode, and the same functions write replies
 * and report failures. But one request is pending at a time, each reply is flushed at once, and a
 * failed request neither ends the conversation nor sets the exit status. Requests of -e options are
 * sent before what is typed.
 *
 * repl_request_pump is called by the loop of repl.c before each wait. */
#include "repl/repl_request.h"
#include "modes/reply_writer.h"
#include "modes/request_failure.h"
#include "repl/input_queue.h"
#include "util/frames.h"
#include "util/log.h"
#include "util/units.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void submit_request(struct repl *repl, const char *p, size_t size,
                           const struct request_opts *opts) {
    struct dualpipe_request q = {.data = p, .size = size, .rule = opts->rule,
                                 .timeout = units_limit_ms(opts->timeout),
                                 .tag = (void *)(uintptr_t)opts};
    int r = dualpipe_pool_put(repl->batch.pool, &q);
    repl_state_note_sending(repl);
    repl->request_pending = r >= 0;
    repl_state_record_sent(repl, p, size);
    if (r == -ENOMEM)
        log_error("request", NULL, "%s", strerror(ENOMEM));
}

/* Submits the next request of the -e options. Returns whether there was one. */
static bool submit_given(struct repl *repl) {
    struct request_chunk chunk;
    enum requests_result result;
    if (repl->run->s->requests.count == 0)
        return false;
    if ((result = requests_next(&repl->batch.source, 0, &chunk)) == REQUESTS_READY)
        submit_request(repl, chunk.data, chunk.size, chunk.opts);
    repl->done |= result == REQUESTS_FAILED;
    return result == REQUESTS_READY;
}

/* Submits the first line of the queue. */
static void submit_typed(struct repl *repl) {
    char *line = repl->queue + repl->queue_start, *frame;
    char *lf = memchr(line, '\n', repl->queue_end - repl->queue_start);
    enum dualpipe_frame_kind kind = repl->run->s->frame;
    size_t size;
    int r;
    *lf = 0;
    repl->queue_start += (size_t)(lf - line) + 1;
    if ((r = frames_encode_text(kind, line, &frame, &size)) == 0)
        submit_request(repl, frame, size, &repl->opts);
    else
        log_error("request", NULL, "it can't be written as %s: %s", frames_kind_name(kind),
                  frames_encode_error(kind, r));
    if (r == 0)
        free(frame);
}

/* With -v notes how long the reply took. Returns 0, or -1: the run must stop. */
static int report_reply_time(struct repl *repl, const struct dualpipe_reply *r) {
    if (!repl->run->s->verbose)
        return 0;
    if (output_flush(&repl->batch.output) < 0)
        return -1;
    log_note("reply", NULL, "%lld: %.3g ms", (long long)r->number, (double)r->duration_us / 1e3);
    return 0;
}

/* Whether the child's end is why the request failed. repl.c reports it when all has been shown. */
static bool child_has_ended(const struct dualpipe_reply *r) {
    return r->outcome == DUALPIPE_OUTCOME_LIMIT || (r->outcome == DUALPIPE_OUTCOME_CHILD_ENDED &&
                                                    (r->status.code >= 0 || r->status.signal > 0));
}

/* Shows what came of the reply, then reports why it failed. Returns 0, or -1: stop. */
static int show_failure(struct repl *repl, const struct dualpipe_reply *r) {
    struct dualpipe_reply report = *r;
    char label[40];
    input_queue_clear(repl); /* these lines were to be sent after an answer */
    if (r->outcome == DUALPIPE_OUTCOME_NOT_STARTED)
        return -1;
    if (r->outcome != DUALPIPE_OUTCOME_TOO_LONG && r->outcome != DUALPIPE_OUTCOME_MALFORMED) {
        if (output_write(&repl->batch.output, r->data, r->size) < 0 ||
            output_flush(&repl->batch.output) < 0)
            return -1;
        screen_end_line(&repl->screen);
        report.size = 0;
    }
    if (child_has_ended(r))
        return 0;
    if ((r->outcome != DUALPIPE_OUTCOME_TIMED_OUT && r->outcome != DUALPIPE_OUTCOME_CANCELLED) ||
        !repl->interrupt_sent)
        return request_failure_report(&repl->batch, &report);
    snprintf(label, sizeof label, "request %lld", (long long)r->number);
    log_note(label, NULL, r->interrupted ? "interrupted" : "given up");
    return 0;
}

/* What the program calls an error (--error) is shown like any other reply. */
static int show_reply(struct repl *repl, const struct dualpipe_reply *r) {
    bool is_whole =
        r->outcome == DUALPIPE_OUTCOME_ANSWERED || r->outcome == DUALPIPE_OUTCOME_ERROR;
    repl->request_pending = r->partial;
    if (!r->partial && !is_whole)
        return show_failure(repl, r);
    if (reply_writer_put_bytes(&repl->batch, r) < 0)
        return -1;
    return r->partial ? 0 : report_reply_time(repl, r);
}

/* Shows the replies that are ready. Returns 0, or -1: this child is done with, or stop. */
static int show_ready_replies(struct repl *repl) {
    struct dualpipe_reply r;
    int got;
    while ((got = dualpipe_pool_get(repl->batch.pool, &r, 0)) == 1) {
        if (show_reply(repl, &r) < 0 || output_flush(&repl->batch.output) < 0 ||
            run_handle_signals(repl->run) < 0)
            return -1;
        if (repl->interrupts_pending > 0)
            return 0;
    }
    /* A child that ended and was not replaced by the pool is done with. */
    return (got < 0 && got != -ETIMEDOUT) ||
                   repl->batch.children_ended > repl->batch.children_replaced
               ? -1
               : 0;
}

int repl_request_pump(struct repl *repl) {
    if (show_ready_replies(repl) < 0)
        return -1;
    while (!repl->request_pending && !repl->done && dualpipe_pool_room(repl->batch.pool) > 0) {
        if (!submit_given(repl) && repl->queue_start < repl->queue_end)
            submit_typed(repl);
        else if (!repl->request_pending)
            break;
        if (show_ready_replies(repl) < 0)
            return -1;
    }
    if (!repl->input_closing || repl->request_pending || repl->queue_start < repl->queue_end)
        return 0;
    repl->input_closed = true;
    return -1; /* the caller ends the pool, which closes the child's stdin */
}
