/* pool_events.c: the callback by which a pool tells what happens besides replies.
 *
 * The pool calls pool_events_handle from within its own calls, in the order in which things happen.
 * Request mode and the prompt use it as it is; a session's server handles some events itself and
 * passes the others on. A handler reports the event on stderr, updates the batch (current_child,
 * children_ended, children_replaced) and the run (last_status, had_child), and sets the exit status
 * where the event decides it.
 *
 * Failed requests are no events: they come as replies, see request_failure.c.
 *
 * Trap: a handler must not call the pool, which is in the middle of a call. */
#include "modes/pool_events.h"
#include "modes/reply_hint.h"
#include "modes/request_failure.h"
#include "run/child.h"
#include "util/escape.h"
#include "util/frames.h"
#include "modes/json_reply.h"
#include "options/limits.h"
#include "options/preset_command.h"
#include "run/status_report.h"
#include "util/log.h"
#include "util/shellwords.h"
#include "run/exit_status.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* --- output and set-up ------------------------------------------------------------------- */

/* Whether output that no request asked for fails the run: not if a fence or an id has shown that
 * the reply before it was whole. What comes after stdin was closed (without data) are goodbyes,
 * unless the children are elsewhere, where nothing shows that they had no more to say before. Where
 * no request came, nothing can be mistaken for a reply. */
static bool is_failure(const struct batch *b, const struct dualpipe_pool_event *event) {
    const struct run *r = b->run;
    bool has_requests = b->has_submitted || !b->done_submitting;
    bool may_be_goodbye =
        !event->data && (r->s->session_name || !r->s->worker_argvs || !r->s->uses_default_rule);
    return has_requests && !event->proven && !may_be_goodbye && !r->s->unexpected_is_note &&
           !r->s->is_server;
}

/* What would tell this output from replies. */
static char *advise_on_unexpected(const struct run *r, bool is_banner, char *out, size_t size) {
    const struct settings *s = r->s;
    const char *preset = s->preset || s->function ? NULL : preset_command_advise(s->argv);
    if (!is_banner && strcmp(shellwords_program_name(s->argv[0]), "jq") == 0) {
        snprintf(out, size, "a reply is longer than a line: try jq -c, which writes it in one");
        return out;
    }
    snprintf(out, size, "%s: try %s%s%s",
             is_banner ? "not taken for a reply" : "a reply may be longer than its rule says",
             preset ? "-a " : "", preset ? preset : "",
             is_banner ? (preset ? " or --ready" : "--ready with how its greeting ends")
                       : (preset ? ", --fence or -u" : "--fence or -u"));
    return out;
}

/* Reports output that belongs to no request: an error the first time only, since each further
 * request may bring some more; judge_unexpected() in batch.c tells how often it was. At the prompt
 * it is shown. */
static void report_unexpected_output(struct batch *b, const struct dualpipe_pool_event *event) {
    struct run *r = b->run;
    bool is_error = is_failure(b, event);
    char excerpt[REQUEST_FAILURE_EXCERPT], advice[120], what[REQUEST_FAILURE_EXCERPT + 80];
    if (r->s->mode == MODE_INTERACTIVE && event->data)
        run_write(r, false, event->data, event->size);
    if (r->s->mode == MODE_INTERACTIVE || r->outcome)
        return;
    if (r->s->json && event->data && json_reply_write_unexpected(b, event) < 0)
        return;
    if (event->data)
        snprintf(what, sizeof what, "%zu byte%s %s request %lld: \"%s\"", event->size,
                 event->size == 1 ? "" : "s", event->number > 0 ? "after" : "before",
                 (long long)(event->number > 0 ? event->number : 1),
                 request_failure_excerpt(event->data, event->size, excerpt));
    else
        snprintf(what, sizeof what, "%zu byte%s after stdin was closed", event->size,
                 event->size == 1 ? "" : "s");
    output_flush(&b->output); /* as in relay_stderr() */
    if (!is_error) {
        log_note("unexpected output", NULL, "%s", what);
        return;
    }
    r->stats.unexpected += (long long)event->size;
    if (b->unexpected_count++ == 0)
        log_error("unexpected output", NULL, "%s: %s", what,
                  advise_on_unexpected(r, event->number == 0, advice, sizeof advice));
}

/* Reports a reply that was given although the child had not read its request. */
static void report_mispaired(struct batch *b, const struct dualpipe_pool_event *event) {
    char label[160];
    b->mispaired_count++;
    log_error(request_failure_label(b->run, "request", event->number, event->worker, label,
                                    sizeof label),
              settings_program(b->run->s),
              "what was taken for its reply is none: it had not read the whole request");
}

/* Reports why a child did not get ready. The event's data is the set-up text that failed; NULL: the
 * child did not print what --ready waits for. With --hosts the run goes on without that worker, and
 * the CHILD_ENDED event that follows reports the child's end. */
static void report_setup_failure(struct batch *b, const struct dualpipe_pool_event *event) {
    struct run *r = b->run;
    bool timed_out = event->outcome == DUALPIPE_OUTCOME_TIMED_OUT;
    struct stall stall = {.child = event->child,
                          .sent = event->data ? SENT_SETUP : SENT_NOTHING,
                          .is_limited = true,
                          .is_noted = b->noted_request == 0};
    char text[200], words[1024];
    size_t size = event->size > 0 ? event->size - 1 : 0; /* without the line end */
    if (r->stop_signal)
        return;
    r->had_child = true;
    if (r->s->hosts.count > 0) {
        if (timed_out)
            log_note(request_failure_label(r, "worker", event->worker + 1, event->worker, text,
                                           sizeof text),
                     NULL, "not ready in time");
        return;
    }
    if (timed_out && !event->data && event->child) {
        stall.last_size = dualpipe_peek(event->child, &stall.last, NULL);
        stall.hint = reply_hint_find_ready(r->s, stall.last, stall.last_size);
    }
    snprintf(text, sizeof text, "%.*s", (int)(size < sizeof text ? size : sizeof text - 1),
             event->data ? event->data : "");
    if (!*text)
        snprintf(text, sizeof text, "%s", settings_program(r->s));
    if (timed_out)
        log_error(event->data ? "set-up" : "getting ready",
                  event->data ? text : settings_program(r->s),
                  event->data ? "no whole reply in time: %s" : "not in time: %s",
                  status_report_stall(r, &stall, words, sizeof words));
    else if (event->outcome == DUALPIPE_OUTCOME_LIMIT)
        log_error(event->data ? "set-up" : "getting ready", settings_program(r->s), "%s",
                  limits_describe(&r->s->limits, event->status.limit, words));
    else if (event->outcome == DUALPIPE_OUTCOME_MALFORMED)
        log_error("set-up", text, "what came is no %s, or cut short",
                  frames_kind_name(r->s->frame));
    else if (event->outcome == DUALPIPE_OUTCOME_TOO_LONG)
        log_error("set-up", text,
                  "its reply passes --max-message, or a line of it the 4095 bytes of a cooked "
                  "terminal");
    else if (event->data)
        log_error("set-up", text, "%s",
                  event->reason ? event->reason : "the child ended before its reply was whole");
    else
        log_error("getting ready", settings_program(r->s),
                  "it ended before what --ready awaits had come");
    if (event->outcome == DUALPIPE_OUTCOME_MALFORMED)
        exit_status_set(r, "frame", STATUS_BAD_FRAME);
    if (event->outcome == DUALPIPE_OUTCOME_LIMIT)
        exit_status_set_by_limit(r, event->status.limit);
    exit_status_set(r, "not-started", timed_out ? STATUS_TIMED_OUT : STATUS_REQUEST_FAILED);
}

/* --- hosts ------------------------------------------------------------------------------- */

/* Writes "by signal N (NAME)" or "with status N" into out; returns out. */
static char *format_exit(const struct dualpipe_status *status, char *out, size_t size) {
    if (status->signal > 0)
        snprintf(out, size, "by signal %d (%s)", status->signal, strsignal(status->signal));
    else
        snprintf(out, size, "with status %d", status->code);
    return out;
}

/* Notes that a worker of a host lost its child: once, until the host answers again. */
static void report_host_failure(struct batch *b, const struct dualpipe_pool_event *event) {
    struct host *host = hosts_for_worker(&b->run->s->hosts, event->worker);
    char label[160], how[64];
    if (!host || host->is_failing || event->number == 0 || event->status.stopped)
        return;
    host->is_failing = true;
    request_failure_label(b->run, "worker", event->worker + 1, event->worker, label, sizeof label);
    log_note(label, settings_program(b->run->s), "ended %s; it is tried again",
             format_exit(&event->status, how, sizeof how));
}

/* Reports the host when the last of its workers is disabled. */
static void report_host_disabled(struct batch *b, const struct dualpipe_pool_event *event) {
    struct host *host = hosts_for_worker(&b->run->s->hosts, event->worker);
    char how[64];
    if (!host || --host->workers_left > 0)
        return;
    log_error("giving up host", host->name,
              "%s ended %lld times in a row without an answer, at last %s",
              settings_program(b->run->s), (long long)event->number,
              format_exit(&event->status, how, sizeof how));
}

/* Notes, for the first worker, that no more children can be started than there are. */
static void report_shortage(struct batch *b, const struct dualpipe_pool_event *event) {
    struct host *host = hosts_for_worker(&b->run->s->hosts, event->worker);
    if (host)
        host->workers_left--;
    if (b->workers_shed++ == 0)
        log_note(event->cause->operation, event->cause->object,
                 "%s: the run goes on with fewer children: see ulimit -a, or lower -j",
                 strerror(-event->error));
}

/* Reports that the session stopped its child, which neither we nor the child caused. */
static void report_session_child_stopped(struct run *r, const char *reason) {
    log_error("session", r->s->session_name, "%s was stopped: %s: its state is lost",
              settings_program(r->s), reason);
    if (!r->outcome)
        exit_status_set(r, "ended", STATUS_DUALPIPE_FAILED);
}

static void report_notification(const struct dualpipe_pool_event *event) {
    char label[40];
    log_traffic('*', event->data, event->size);
    if (!event->reason)
        return;
    snprintf(label, sizeof label, "request %lld", (long long)event->number);
    log_note(label, NULL, "that is not its reply: %s", event->reason);
}

static void relay_stderr(struct batch *b, const struct dualpipe_pool_event *event) {
    output_flush(&b->output); /* so that stdout and stderr keep their order as far as they can */
    run_write(b->run, true, event->data, event->size);
}

void pool_events_handle(void *data, const struct dualpipe_pool_event *event) {
    struct batch *b = data;
    struct run *r = b->run;
    switch (event->type) {
    case DUALPIPE_POOL_EVENT_STARTED:
        child_note_started(r);
        status_report_ready(r, event->child);
        b->current_child = event->child;
        b->last_reply_at = 0; /* only now can it be sent requests */
        break;
    case DUALPIPE_POOL_EVENT_SENDING: log_traffic('>', event->data, event->size); break;
    case DUALPIPE_POOL_EVENT_UNEXPECTED_BYTES: report_unexpected_output(b, event); break;
    case DUALPIPE_POOL_EVENT_MISPAIRED: report_mispaired(b, event); break;
    case DUALPIPE_POOL_EVENT_NOTIFICATION:
        reply_hint_note_unsolicited(b, event->data, event->size);
        report_notification(event);
        break;
    case DUALPIPE_POOL_EVENT_STDERR: relay_stderr(b, event); break;
    case DUALPIPE_POOL_EVENT_LATE_DISCARDED:
        log_note("dropped", NULL, "the late reply to request %lld", (long long)event->number);
        break;
    case DUALPIPE_POOL_EVENT_REPLACED:
        b->children_replaced++;
        if (!r->s->fresh) /* with --fresh a child has no state to lose */
            log_note("replaced", settings_program(r->s), "%s: its state is lost", event->reason);
        break;
    case DUALPIPE_POOL_EVENT_CANNOT_START:
        child_explain_start_failure(r, event->error, event->cause);
        break;
    case DUALPIPE_POOL_EVENT_SETUP_FAILED: report_setup_failure(b, event); break;
    case DUALPIPE_POOL_EVENT_CHILD_ENDED:
        r->had_child = true;
        r->last_status = event->status;
        b->current_child = NULL;
        b->children_ended++;
        report_host_failure(b, event);
        if (event->reason)
            report_session_child_stopped(r, event->reason);
        break;
    case DUALPIPE_POOL_EVENT_WORKER_DISABLED:
        if (event->error)
            report_shortage(b, event);
        else
            report_host_disabled(b, event);
        break;
    }
}
