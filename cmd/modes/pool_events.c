/* pool_events.c: what a pool tells and how requests fail, said to the user. */
#include "modes/pool_events.h"
#include "modes/request_failure.h"
#include "options/limits.h"
#include "run/child.h"
#include "run/status_report.h"
#include "util/frames.h"
#include "util/log.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>


/* --- what the pool tells ----------------------------------------------------------------- */

static void report_unexpected_output(struct batch *b, const struct dualpipe_pool_event *n) {
    char first[REQUEST_FAILURE_EXCERPT], where[40];
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

