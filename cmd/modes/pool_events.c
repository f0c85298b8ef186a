/* pool_events.c: what a pool tells and how requests fail, said to the user. */
#include "modes/batch.h"
#include "run/child.h"
#include "util/escape.h"
#include "util/frames.h"
#include "options/limits.h"
#include "run/status_report.h"
#include "util/log.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_BYTES = 32, MAX_PARTIAL_TEXT = 1900 };

/* The first line of some bytes, escaped. out holds 4 * FIRST_BYTES + 1. */
static char *request_failure_excerpt(const char *p, size_t n, char *out) {
    const char *lf = n > 0 ? memchr(p, '\n', n) : NULL;
    size_t line = lf ? (size_t)(lf - p) : n;
    return escape_bytes(p, line < FIRST_BYTES ? line : FIRST_BYTES, out, 4 * FIRST_BYTES + 1);
}

/* --- what the pool tells ----------------------------------------------------------------- */

/* WHAT N, and the worker's host. */
static char *request_failure_label(const struct run *r, const char *what, int64_t n, int worker,
                                   char *out, size_t size) {
    const struct host *host = hosts_for_worker(&r->s->hosts, worker);
    char name[80];
    if (host)
        snprintf(out, size, "%s %lld (host %s)", what, (long long)n,
                 escape_bytes(host->name, strlen(host->name), name, sizeof name));
    else
        snprintf(out, size, "%s %lld", what, (long long)n);
    return out;
}

static void report_unexpected_output(struct batch *b, const struct dualpipe_pool_event *n) {
    char first[4 * FIRST_BYTES + 1], where[40];
    if (n->number == 0 && n->data) { /* asked for: a person sees it */
        run_write(b->run, false, n->data, n->size);
    } else if (n->number > 0) {
        snprintf(where, sizeof where, "before request %lld", (long long)n->number);
        log_note("stray output", NULL, "%zu byte%s %s: \"%s\"", n->size, n->size == 1 ? "" : "s",
                 where, request_failure_excerpt(n->data, n->size, first));
    } else if (!b->run->outcome) {
        log_note("stray output", NULL, "%zu byte%s after the last request", n->size,
                 n->size == 1 ? "" : "s");
    }
}

static void report_setup_failure(struct batch *b, const struct dualpipe_pool_event *n) {
    struct run *r = b->run;
    bool late = n->outcome == DUALPIPE_OUTCOME_TIMED_OUT;
    char text[200], words[512];
    size_t size = n->size > 0 ? n->size - 1 : 0; /* its line end */
    if (r->stop_signal)
        return;
    r->had_child = true;
    if (r->s->hosts.count > 0) { /* its end will be told */
        if (late)
            log_note(
                request_failure_label(r, "worker", n->worker + 1, n->worker, text, sizeof text),
                NULL, "not ready in time");
        return;
    }
    snprintf(text, sizeof text, "%.*s", (int)(size < sizeof text ? size : sizeof text - 1),
             n->data ? n->data : "");
    if (late)
        log_error(n->data ? "set-up" : "getting ready", n->data ? text : settings_program(r->s),
                  n->data ? "no whole reply in time: %s" : "not in time: %s",
                  status_report_stall(r, n->child, SENT_SETUP, words, sizeof words));
    else if (n->outcome == DUALPIPE_OUTCOME_LIMIT)
        log_error(n->data ? "set-up" : "getting ready", settings_program(r->s), "%s",
                  limits_describe(&r->s->limits, n->status.limit, words));
    else if (n->outcome == DUALPIPE_OUTCOME_MALFORMED)
        log_error("set-up", text, "what came is no %s, or cut short",
                  frames_kind_name(r->s->frame));
    else if (n->outcome == DUALPIPE_OUTCOME_TOO_LONG)
        log_error("set-up", text,
                  "its reply passes --max-message, or a line of it the 4095 bytes "
                  "of a cooked terminal");
    else if (n->data)
        log_error("set-up", text, "%s",
                  n->reason ? n->reason : "the child ended before its reply was whole");
    else
        log_error("getting ready", settings_program(r->s),
                  "it ended before what --ready awaits had come");
    if (n->outcome == DUALPIPE_OUTCOME_MALFORMED)
        exit_status_set(r, "frame", STATUS_BAD_FRAME);
    if (n->outcome == DUALPIPE_OUTCOME_LIMIT)
        exit_status_set_by_limit(r, n->status.limit);
    exit_status_set(r, "not-started", late ? STATUS_TIMED_OUT : STATUS_REQUEST_FAILED);
}

/* --- hosts ------------------------------------------------------------------------------- */

static char *format_exit(const struct dualpipe_status *s, char *out, size_t size) {
    if (s->signal > 0)
        snprintf(out, size, "by signal %d (%s)", s->signal, strsignal(s->signal));
    else
        snprintf(out, size, "with status %d", s->code);
    return out;
}

/* Once, until it answers again: others go on meanwhile. */
static void report_host_failure(struct batch *b, const struct dualpipe_pool_event *n) {
    struct host *host = hosts_for_worker(&b->run->s->hosts, n->worker);
    char what[160], end[64];
    if (!host || host->is_failing || n->number == 0 || n->status.stopped)
        return;
    host->is_failing = true;
    request_failure_label(b->run, "worker", n->worker + 1, n->worker, what, sizeof what);
    log_note(what, settings_program(b->run->s), "ended %s; it is tried again",
             format_exit(&n->status, end, sizeof end));
}

static void report_host_disabled(struct batch *b, const struct dualpipe_pool_event *n) {
    struct host *host = hosts_for_worker(&b->run->s->hosts, n->worker);
    char end[64];
    if (!host || --host->workers_left > 0)
        return;
    log_error("giving up host", host->name,
              "%s ended %lld times in a row without an answer, at "
              "last %s",
              settings_program(b->run->s), (long long)n->number,
              format_exit(&n->status, end, sizeof end));
}

/* A session's child, for no fault of ours or of its own. */
static void report_session_child_stopped(struct run *r, const char *reason) {
    log_error("session", r->s->session_name, "%s was stopped: %s: its state is lost",
              settings_program(r->s), reason);
    if (!r->outcome)
        exit_status_set(r, "ended", STATUS_DUALPIPE_FAILED);
}

static void relay_stderr(struct batch *b, const struct dualpipe_pool_event *n) {
    output_flush(&b->output); /* in order, as far as two streams have one */
    run_write(b->run, true, n->data, n->size);
}

void pool_events_handle(void *data, const struct dualpipe_pool_event *n) {
    struct batch *b = data;
    struct run *r = b->run;
    switch (n->type) {
    case DUALPIPE_POOL_EVENT_STARTED:
        child_note_started(r);
        status_report_ready(r, n->child);
        b->current_child = n->child;
        break;
    case DUALPIPE_POOL_EVENT_SENDING: log_traffic('>', n->data, n->size); break;
    case DUALPIPE_POOL_EVENT_UNEXPECTED_BYTES: report_unexpected_output(b, n); break;
    case DUALPIPE_POOL_EVENT_NOTIFICATION: log_traffic('*', n->data, n->size); break;
    case DUALPIPE_POOL_EVENT_STDERR: relay_stderr(b, n); break;
    case DUALPIPE_POOL_EVENT_LATE_DISCARDED:
        log_note("dropped", NULL, "the late reply to request %lld", (long long)n->number);
        break;
    case DUALPIPE_POOL_EVENT_REPLACED:
        b->children_replaced++;
        if (!r->s->fresh) /* else it has none */
            log_note("replaced", settings_program(r->s), "%s: its state is lost", n->reason);
        break;
    case DUALPIPE_POOL_EVENT_CANNOT_START:
        child_explain_start_failure(r, n->error, n->cause);
        break;
    case DUALPIPE_POOL_EVENT_SETUP_FAILED: report_setup_failure(b, n); break;
    case DUALPIPE_POOL_EVENT_CHILD_ENDED:
        r->had_child = true;
        r->last_status = n->status;
        b->current_child = NULL;
        b->children_ended++;
        report_host_failure(b, n);
        if (n->reason)
            report_session_child_stopped(r, n->reason);
        break;
    case DUALPIPE_POOL_EVENT_WORKER_DISABLED: report_host_disabled(b, n); break;
    }
}

/* --- how requests fail ------------------------------------------------------------------- */

static enum sent_kind sent_state(const struct batch *b, const struct dualpipe_reply *r) {
    if (r->unsent > 0)
        return SENT_PART;
    if (r->number == 0)
        return SENT_SETUP;
    return r->number > 0 && r->number == b->unterminated_request ? SENT_NO_LINE_END : SENT_ALL;
}

void request_failure_note_stall(struct batch *b) {
    struct dualpipe_reply oldest;
    char what[160], words[512];
    b->run->stalled = true;
    if (!dualpipe_pool_oldest(b->pool, &oldest) || !oldest.child)
        return;
    if (oldest.number > 0)
        request_failure_label(b->run, "request", oldest.number, oldest.worker, what, sizeof what);
    else
        snprintf(what, sizeof what, "set-up");
    if (oldest.complete)
        log_note(what, settings_program(b->run->s), "has not ended yet, though its reply is whole");
    else
        log_note(
            what, NULL, "no whole reply yet: %s",
            status_report_stall(b->run, oldest.child, sent_state(b, &oldest), words, sizeof words));
}

static void report_child_exit(const struct run *r, const char *what,
                              const struct dualpipe_status *s) {
    const char *program = settings_program(r->s);
    if (s->signal > 0)
        log_error(what, program, "ended by signal %d (%s)", s->signal, strsignal(s->signal));
    else if (s->code >= 0)
        log_error(what, program, "ended with status %d%s", s->code,
                  r->s->fresh ? "" : " before its reply was whole");
    else
        log_error(what, program, "closed its output before its reply was whole");
}

static void report_failure(struct batch *b, const struct dualpipe_reply *f) {
    struct run *r = b->run;
    const struct request_opts *opts = f->tag;
    char what[160], words[512], first[4 * FIRST_BYTES + 1];
    request_failure_label(r, "request", f->number, f->worker, what, sizeof what);
    if (f->outcome == DUALPIPE_OUTCOME_LIMIT)
        log_error(what, settings_program(r->s), "%s",
                  limits_describe(&r->s->limits, f->status.limit, words));
    else if (f->outcome == DUALPIPE_OUTCOME_TIMED_OUT && f->reason && r->s->session_name &&
             f->sent == 0)
        log_error(what, NULL, "not begun in %gs: %s", (double)opts->timeout / 1e6, f->reason);
    else if (f->outcome == DUALPIPE_OUTCOME_TIMED_OUT &&
             !f->child) /* it is gone: others came before */
        log_error(what, settings_program(r->s), "no whole reply in %gs",
                  (double)opts->timeout / 1e6);
    else if (f->outcome == DUALPIPE_OUTCOME_TIMED_OUT)
        log_error(what, NULL, "no whole reply in %gs: %s", (double)opts->timeout / 1e6,
                  status_report_stall(r, f->child, sent_state(b, f), words, sizeof words));
    else if (f->outcome == DUALPIPE_OUTCOME_TOO_LONG && f->sent == 0 && f->unsent > 0)
        log_error(what, NULL, "a line of it is longer than the 4095 bytes of a cooked terminal");
    else if (f->outcome == DUALPIPE_OUTCOME_MALFORMED)
        log_error(what, NULL, "%s",
                  frames_describe_malformed(r->s->frame, f->offset, " of its output", f->data,
                                            f->size, words));
    else if (f->outcome == DUALPIPE_OUTCOME_TOO_LONG && r->s->frame != DUALPIPE_FRAME_LINE)
        log_error(what, NULL, "its reply passes --max-message with the frame at byte %llu: \"%s\"",
                  (unsigned long long)f->offset + 1,
                  request_failure_excerpt(f->data, f->size, first));
    else if (f->outcome == DUALPIPE_OUTCOME_TOO_LONG)
        log_error(what, NULL, "its reply passes --max-message at byte %zu: \"%s\"",
                  r->s->max_message, request_failure_excerpt(f->data, f->size, first));
    else if (f->outcome == DUALPIPE_OUTCOME_NO_MEMORY)
        log_error(what, NULL, "%s for its reply", strerror(ENOMEM));
    else if (f->reason && *f->reason && f->status.code < 0 && f->status.signal < 0)
        log_error(what, settings_program(r->s), "was %s before its reply was whole: %s",
                  r->s->session_name ? "stopped" : "replaced", f->reason);
    else
        report_child_exit(r, what, &f->status);
}

/* What came of a failed reply: on stdout if its pieces went there as they came (an over-long one
 * is not given out as if it were whole), or if it is whole all the same; else on stderr. With -k
 * an empty message in its place. */
static int reply_writer_put_partial(struct batch *b, const struct dualpipe_reply *f) {
    const struct settings *s = b->run->s;
    char text[MAX_PARTIAL_TEXT];
    bool wrong =
        f->outcome == DUALPIPE_OUTCOME_TOO_LONG || f->outcome == DUALPIPE_OUTCOME_MALFORMED;
    if (b->streams_replies)
        return wrong ? 0 : output_write(&b->output, f->data, f->size);
    if (s->json)
        return json_reply_write(b, f);
    if (f->complete)
        return settings_passes_frames(s) ? output_write(&b->output, f->data, f->size)
                                        : reply_writer_convert(b, f);
    if (f->size > 0 && f->outcome != DUALPIPE_OUTCOME_MALFORMED)
        log_error("part of a reply", NULL, "%zu bytes: \"%s\"", f->size,
                  escape_bytes(f->data, f->size, text, sizeof text));
    return s->keep_going ? output_write_empty_frame(&b->output) : 0;
}

static void set_outcome(struct run *r, const struct dualpipe_reply *f) {
    bool one = !settings_is_parallel(r->s) && !r->s->fresh;
    if (!r->s->keep_going && f->outcome == DUALPIPE_OUTCOME_TIMED_OUT)
        exit_status_set(r, "timeout", STATUS_TIMED_OUT);
    else if (!r->s->keep_going && f->outcome == DUALPIPE_OUTCOME_LIMIT)
        exit_status_set_by_limit(r, f->status.limit);
    else if (!r->s->keep_going &&
             (f->outcome == DUALPIPE_OUTCOME_TOO_LONG || f->outcome == DUALPIPE_OUTCOME_MALFORMED))
        exit_status_set(r, "frame", STATUS_BAD_FRAME);
    else if (f->outcome == DUALPIPE_OUTCOME_NO_MEMORY)
        exit_status_set(r, "failed", STATUS_DUALPIPE_FAILED);
    else if (!r->s->keep_going && one && (f->status.code >= 0 || f->status.signal > 0))
        exit_status_set_by_child(r, &f->status);
    exit_status_set(r, r->s->keep_going ? "failed" : "ended", STATUS_REQUEST_FAILED);
}

int request_failure_report(struct batch *b, const struct dualpipe_reply *f) {
    if (b->run->stop_signal || reply_writer_put_partial(b, f) < 0 || output_flush(&b->output) < 0)
        return -1;
    report_failure(b, f);
    return 0;
}

int request_failure_handle(struct batch *b, const struct dualpipe_reply *f) {
    struct run *r = b->run;
    if (request_failure_report(b, f) < 0)
        return -1;
    set_outcome(r, f);
    if (r->s->keep_going)
        return 0;
    r->stop_signal = SIGTERM;
    return -1;
}

int reply_writer_convert(struct batch *b, const struct dualpipe_reply *r) {
    const struct settings *s = b->run->s;
    char what[40], *message;
    size_t n;
    int error;
    if (r->size == 0)
        return 0;
    if ((error = frames_convert(s->frame, s->io, r->data, r->size, &message, &n)) == 0) {
        error = output_write(&b->output, message, n);
        free(message);
        return error;
    }
    if (output_flush(&b->output) < 0)
        return -1;
    snprintf(what, sizeof what, "request %lld", (long long)r->number);
    log_error(what, NULL, "its reply can't be written as %s: %s", frames_kind_name(s->io),
              frames_encode_error(s->io, error));
    b->undelivered += r->outcome == DUALPIPE_OUTCOME_ANSWERED;
    if (s->keep_going) {
        exit_status_set(b->run, "failed", STATUS_REQUEST_FAILED);
        return output_write_empty_frame(&b->output);
    }
    exit_status_set(b->run, "frame", error == -ENOMEM ? STATUS_DUALPIPE_FAILED : STATUS_BAD_FRAME);
    b->run->stop_signal = b->run->stop_signal ? b->run->stop_signal : SIGTERM;
    return -1;
}
