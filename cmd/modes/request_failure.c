/* request_failure.c: how requests fail, said to the user. */
#include "modes/request_failure.h"
#include "modes/reply_writer.h"
#include "options/limits.h"
#include "run/exit_status.h"
#include "run/status_report.h"
#include "util/escape.h"
#include "util/frames.h"
#include "util/log.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* The first line of some bytes, escaped. out holds REQUEST_FAILURE_EXCERPT. */
enum { EXCERPT_BYTES = 32 };

char *request_failure_excerpt(const char *p, size_t n, char out[REQUEST_FAILURE_EXCERPT]) {
    const char *lf = n > 0 ? memchr(p, '\n', n) : NULL;
    size_t length = lf ? (size_t)(lf - p) : n;
    return escape_bytes(p, length < EXCERPT_BYTES ? length : EXCERPT_BYTES, out, REQUEST_FAILURE_EXCERPT);
}

/* WHAT N, and the worker's host. */
char *request_failure_label(const struct run *r, const char *what, int64_t n, int worker,
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

static enum sent_kind sent_state(const struct batch *b, const struct dualpipe_reply *r) {
    if (r->unsent > 0)
        return SENT_PART;
    if (r->number == 0)
        return SENT_SETUP;
    return r->number > 0 && r->number == b->unterminated_request ? SENT_NO_LINE_END : SENT_ALL;
}

void request_failure_note_stall(struct batch *b) {
    struct dualpipe_reply oldest;
    char label[160], words[512];
    b->run->stalled = true;
    if (!dualpipe_pool_oldest(b->pool, &oldest) || !oldest.child)
        return;
    if (oldest.number > 0)
        request_failure_label(b->run, "request", oldest.number, oldest.worker, label, sizeof label);
    else
        snprintf(label, sizeof label, "set-up");
    if (oldest.complete)
        log_note(label, settings_program(b->run->s), "has not ended yet, though its reply is whole");
    else
        log_note(
            label, NULL, "no whole reply yet: %s",
            status_report_stall(b->run, oldest.child, sent_state(b, &oldest), words, sizeof words));
}

static void report_child_exit(const struct run *r, const char *label,
                              const struct dualpipe_status *s) {
    const char *program = settings_program(r->s);
    if (s->signal > 0)
        log_error(label, program, "ended by signal %d (%s)", s->signal, strsignal(s->signal));
    else if (s->code >= 0)
        log_error(label, program, "ended with status %d%s", s->code,
                  r->s->fresh ? "" : " before its reply was whole");
    else
        log_error(label, program, "closed its output before its reply was whole");
}

static void report_failure(struct batch *b, const struct dualpipe_reply *f) {
    struct run *r = b->run;
    const struct request_opts *opts = f->tag;
    char label[160], words[512], excerpt[REQUEST_FAILURE_EXCERPT];
    request_failure_label(r, "request", f->number, f->worker, label, sizeof label);
    if (f->outcome == DUALPIPE_OUTCOME_LIMIT)
        log_error(label, settings_program(r->s), "%s",
                  limits_describe(&r->s->limits, f->status.limit, words));
    else if (f->outcome == DUALPIPE_OUTCOME_TIMED_OUT && f->reason && r->s->session_name &&
             f->sent == 0)
        log_error(label, NULL, "not begun in %gs: %s", (double)opts->timeout / 1e6, f->reason);
    else if (f->outcome == DUALPIPE_OUTCOME_TIMED_OUT &&
             !f->child) /* it is gone: others came before */
        log_error(label, settings_program(r->s), "no whole reply in %gs",
                  (double)opts->timeout / 1e6);
    else if (f->outcome == DUALPIPE_OUTCOME_TIMED_OUT)
        log_error(label, NULL, "no whole reply in %gs: %s", (double)opts->timeout / 1e6,
                  status_report_stall(r, f->child, sent_state(b, f), words, sizeof words));
    else if (f->outcome == DUALPIPE_OUTCOME_TOO_LONG && f->sent == 0 && f->unsent > 0)
        log_error(label, NULL, "a line of it is longer than the 4095 bytes of a cooked terminal");
    else if (f->outcome == DUALPIPE_OUTCOME_MALFORMED)
        log_error(label, NULL, "%s",
                  frames_describe_malformed(r->s->frame, f->offset, " of its output", f->data,
                                            f->size, words));
    else if (f->outcome == DUALPIPE_OUTCOME_TOO_LONG && r->s->frame != DUALPIPE_FRAME_LINE)
        log_error(label, NULL, "its reply passes --max-message with the frame at byte %llu: \"%s\"",
                  (unsigned long long)f->offset + 1,
                  request_failure_excerpt(f->data, f->size, excerpt));
    else if (f->outcome == DUALPIPE_OUTCOME_TOO_LONG)
        log_error(label, NULL, "its reply passes --max-message at byte %zu: \"%s\"",
                  r->s->max_message, request_failure_excerpt(f->data, f->size, excerpt));
    else if (f->outcome == DUALPIPE_OUTCOME_NO_MEMORY)
        log_error(label, NULL, "%s for its reply", strerror(ENOMEM));
    else if (f->reason && *f->reason && f->status.code < 0 && f->status.signal < 0)
        log_error(label, settings_program(r->s), "was %s before its reply was whole: %s",
                  r->s->session_name ? "stopped" : "replaced", f->reason);
    else
        report_child_exit(r, label, &f->status);
}

static void set_outcome(struct run *r, const struct dualpipe_reply *f) {
    bool only_child = !settings_is_parallel(r->s) && !r->s->fresh;
    if (!r->s->keep_going && f->outcome == DUALPIPE_OUTCOME_TIMED_OUT)
        exit_status_set(r, "timeout", STATUS_TIMED_OUT);
    else if (!r->s->keep_going && f->outcome == DUALPIPE_OUTCOME_LIMIT)
        exit_status_set_by_limit(r, f->status.limit);
    else if (!r->s->keep_going &&
             (f->outcome == DUALPIPE_OUTCOME_TOO_LONG || f->outcome == DUALPIPE_OUTCOME_MALFORMED))
        exit_status_set(r, "frame", STATUS_BAD_FRAME);
    else if (f->outcome == DUALPIPE_OUTCOME_NO_MEMORY)
        exit_status_set(r, "failed", STATUS_DUALPIPE_FAILED);
    else if (!r->s->keep_going && only_child && (f->status.code >= 0 || f->status.signal > 0))
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
