/* request_failure.c: say why a request failed or why no reply comes, and what that makes of the
 * run.
 *
 * request_failure_handle is called for each failed reply of request mode: it writes what came of
 * the reply (reply_writer.c), reports the reason on stderr, and sets the exit status. Without
 * --keep-going it also stops the run; with several children those that were asked may answer first
 * (batch.c goes on until b->finish_by). The prompt calls request_failure_report, which leaves the
 * exit status alone: there a failed request does not end the run. request_failure_note_stall is for
 * requests that have not failed yet: after 5 s without a reply it guesses why.
 *
 * To change the text for an outcome, see report_failure; to change the status, set_outcome. The
 * guesses ("try --unbuffer") are made in run/status_report.c.
 *
 * Trap: the order of the tests in report_failure matters. An outcome alone doesn't tell the reason:
 * tests of child, sent, unsent and reason do, and a later branch relies on the earlier ones having
 * failed. */
#include "modes/request_failure.h"
#include "modes/long_reply.h"
#include "modes/reply_hint.h"
#include "modes/reply_writer.h"
#include "options/limits.h"
#include "run/exit_status.h"
#include "run/status_report.h"
#include "util/escape.h"
#include "util/frames.h"
#include "util/log.h"
#include "util/units.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum {
    EXCERPT_BYTES = (REQUEST_FAILURE_EXCERPT - 1) / 4, /* an escaped byte takes four */
    MAX_SAID = 159, /* bytes that the library gives of a line by which a program says no */
};
static const int64_t finish_limit = 10000000; /* microseconds for the others to be answered */

/* --- words ------------------------------------------------------------------------------- */

char *request_failure_excerpt(const char *p, size_t n, char out[REQUEST_FAILURE_EXCERPT]) {
    const char *lf = n > 0 ? memchr(p, '\n', n) : NULL;
    size_t length = lf ? (size_t)(lf - p) : n;
    return escape_bytes(p, length < EXCERPT_BYTES ? length : EXCERPT_BYTES, out,
                        REQUEST_FAILURE_EXCERPT);
}

char *request_failure_label(const struct run *r, const char *what, int64_t n, int worker,
                            char *out, size_t size) {
    const struct host *host = hosts_for_worker(&r->s->hosts, worker);
    bool tells_worker = r->s->workers > 1 && strcmp(what, "worker") != 0;
    char name[80], number[32] = "";
    if (tells_worker)
        snprintf(number, sizeof number, "worker %d%s", worker + 1, host ? ", " : "");
    if (host)
        snprintf(out, size, "%s %lld (%shost %s)", what, (long long)n, number,
                 escape_bytes(host->name, strlen(host->name), name, sizeof name));
    else if (tells_worker)
        snprintf(out, size, "%s %lld (%s)", what, (long long)n, number);
    else
        snprintf(out, size, "%s %lld", what, (long long)n);
    return out;
}

/* Returns how much of the request the child was sent, for the guess at why no reply comes. */
static enum sent_kind sent_state(const struct batch *b, const struct dualpipe_reply *reply) {
    if (reply->unsent > 0)
        return SENT_PART;
    if (reply->number == 0)
        return reply->sent > 0 ? SENT_SETUP : SENT_NOTHING;
    return reply->number > 0 && reply->number == b->unterminated_request ? SENT_NO_LINE_END
                                                                         : SENT_ALL;
}

/* Says why the child of a request keeps silent, in out; opts: of the request, NULL if it is a
 * set-up text. The bytes are what came of the reply and was not written yet. */
static char *describe_silence(struct batch *b, const struct dualpipe_reply *reply,
                              const struct request_opts *opts, const char *p, size_t n, char *out,
                              size_t size) {
    struct stall stall = {.child = reply->child,
                          .sent = sent_state(b, reply),
                          .is_limited = opts && opts->timeout != UNITS_FOREVER,
                          .is_noted = b->noted_request == reply->number};
    char hint[256];
    if (stall.sent == SENT_NOTHING) {
        stall.last = p;
        stall.last_size = n;
        stall.hint = reply_hint_find_ready(b->run->s, p, n);
    } else if (opts) {
        reply_hint_add(b, reply->number, p, n);
        stall.last = b->tail.bytes;
        stall.last_size = b->tail.size;
        stall.hint = reply_hint_find(b, opts, hint, sizeof hint);
    }
    return status_report_stall(b->run, &stall, out, size);
}

/* --- requests that have not failed yet --------------------------------------------------- */

void request_failure_note_stall(struct batch *b) {
    struct dualpipe_reply oldest;
    struct reply_tail tail = b->tail;
    char label[160], words[1024];
    const char *p;
    size_t n;
    if (!dualpipe_pool_oldest(b->pool, &oldest) || !oldest.child) {
        b->last_reply_at = 0; /* nothing is under way yet: begin to count anew */
        return;
    }
    b->run->stalled = true;
    if (oldest.number > 0)
        request_failure_label(b->run, "request", oldest.number, oldest.worker, label, sizeof label);
    else
        snprintf(label, sizeof label, oldest.sent > 0 ? "set-up" : "getting ready");
    if (oldest.complete) {
        log_note(label, settings_program(b->run->s),
                 "has not ended yet, though its reply is whole");
        return;
    }
    n = dualpipe_peek(oldest.child, &p, NULL);
    log_note(label, NULL, oldest.number == 0 && oldest.sent == 0 ? "not yet: %s"
                                                                 : "no whole reply yet: %s",
             describe_silence(b, &oldest, oldest.number > 0 ? oldest.tag : NULL, p, n, words,
                              sizeof words));
    b->tail = tail; /* these bytes are still to come */
    b->noted_request = oldest.number;
}

/* --- failed requests --------------------------------------------------------------------- */

static void report_child_exit(const struct run *r, const char *label,
                              const struct dualpipe_status *status) {
    const char *program = settings_program(r->s), *advice = "";
    if (status->code == 0 && !r->s->fresh && !r->s->session_name)
        advice = r->s->preset
                     ? ": leave out a request that makes it end"
                     : ": --fresh starts one for each request, if it answers once and ends";
    if (status->signal > 0)
        log_error(label, program, "ended by signal %d (%s)", status->signal,
                  strsignal(status->signal));
    else if (status->code >= 0)
        log_error(label, program, "ended with status %d%s%s", status->code,
                  r->s->fresh ? "" : " before its reply was whole", advice);
    else
        log_error(label, program, "closed its output before its reply was whole");
}

void request_failure_note_not_started(struct batch *b, const struct dualpipe_reply *reply) {
    char label[160];
    if (b->children_ended == 0 || b->run->stop_signal || b->run->outcome ||
        b->run->s->hosts.count > 0 || b->run->last_status.limit)
        return; /* another line tells why there is no child */
    request_failure_label(b->run, "request", reply->number, reply->worker, label, sizeof label);
    report_child_exit(b->run, label, &b->run->last_status);
}

/* What else than an open bracket may be why the token does not come. */
static const char *other_cause(const struct settings *s) {
    if (s->preset && strcmp(s->preset, "sh") == 0)
        return ", or a command reads standard input: give it </dev/null";
    if (s->preset || s->session_name)
        return "";
    return ", or --fence's text prints no token, or it holds its output back: try --unbuffer";
}

/* What a cancelled request has left behind. */
static const char *describe_cancelled(const struct dualpipe_reply *reply) {
    if (reply->sent == 0)
        return " before it was begun";
    if (reply->interrupted)
        return ": it goes on";
    return reply->status.signal > 0 || reply->status.code >= 0 ? ": it has ended, its state is lost"
                                                               : ", but it has not given it up";
}

static void report_failure(struct batch *b, const struct dualpipe_reply *reply) {
    struct run *r = b->run;
    const struct request_opts *opts = reply->tag;
    const struct long_reply *cut = long_reply_cut(b, reply);
    size_t unnoted = r->s->max_reply > 0 ? 0 : reply->size; /* batch.c has noted all of it */
    char label[160], words[1024], excerpt[REQUEST_FAILURE_EXCERPT];
    if (cut && cut->state == LONG_REPLY_LOST && cut->is_refused)
        return; /* long_reply.c has told */
    request_failure_label(r, "request", reply->number, reply->worker, label, sizeof label);
    if (cut && cut->is_refused)
        log_error(label, NULL,
                  "its reply of %llu bytes passes --max-reply: --max-reply=SIZE,DIR keeps it whole "
                  "in a file",
                  (unsigned long long)cut->came);
    else if (reply->outcome == DUALPIPE_OUTCOME_REFUSED)
        log_error(label, r->s->session_name, "%s", reply->reason ? reply->reason : "refused");
    else if (reply->outcome == DUALPIPE_OUTCOME_LIMIT)
        log_error(label, settings_program(r->s), "%s",
                  limits_describe(&r->s->limits, reply->status.limit, words));
    else if (reply->outcome == DUALPIPE_OUTCOME_TIMED_OUT && reply->reason &&
             r->s->session_name && reply->sent == 0)
        log_error(label, NULL, "not begun in %gs: %s", (double)opts->timeout / 1e6, reply->reason);
    else if (reply->outcome == DUALPIPE_OUTCOME_CANCELLED)
        log_error(label, settings_program(r->s), "cancelled%s", describe_cancelled(reply));
    else if (reply->outcome == DUALPIPE_OUTCOME_TIMED_OUT && reply->interrupted)
        log_error(label, settings_program(r->s), "no whole reply in %gs: interrupted, it goes on",
                  (double)opts->timeout / 1e6);
    else if (reply->outcome == DUALPIPE_OUTCOME_TIMED_OUT && reply->status.signal > 0)
        log_error(label, settings_program(r->s),
                  "no whole reply in %gs: it ended by signal %d (%s), its state is lost",
                  (double)opts->timeout / 1e6, reply->status.signal,
                  strsignal(reply->status.signal));
    else if (reply->outcome == DUALPIPE_OUTCOME_TIMED_OUT && !reply->child) /* can't be examined */
        log_error(label, settings_program(r->s), "no whole reply in %gs%s",
                  (double)opts->timeout / 1e6,
                  status_report_last(reply->data, reply->size, words, sizeof words));
    else if (reply->outcome == DUALPIPE_OUTCOME_TIMED_OUT)
        log_error(label, NULL, "no whole reply in %gs: %s", (double)opts->timeout / 1e6,
                  describe_silence(b, reply, opts, reply->data, unnoted, words, sizeof words));
    else if (reply->outcome == DUALPIPE_OUTCOME_OPEN)
        log_error(label, settings_program(r->s),
                  "left open, it waits for more%s: a bracket, a quote or a block isn't closed%s",
                  status_report_last(reply->data, reply->size, words, sizeof words),
                  other_cause(r->s));
    else if (reply->outcome == DUALPIPE_OUTCOME_TOO_LONG && reply->sent == 0 && reply->unsent > 0)
        log_error(label, NULL, "a line of it is longer than the 4095 bytes of a cooked terminal");
    else if (reply->outcome == DUALPIPE_OUTCOME_MALFORMED)
        log_error(label, NULL, "%s",
                  frames_describe_malformed(r->s->frame, reply->offset, " of its output",
                                            reply->data, reply->size, words));
    else if (reply->outcome == DUALPIPE_OUTCOME_TOO_LONG && r->s->frame != DUALPIPE_FRAME_LINE)
        log_error(label, NULL, "its reply passes --max-message with the frame at byte %llu: \"%s\"",
                  (unsigned long long)reply->offset + 1,
                  request_failure_excerpt(reply->data, reply->size, excerpt));
    else if (reply->outcome == DUALPIPE_OUTCOME_TOO_LONG)
        log_error(label, NULL, "its reply passes --max-message at byte %zu: \"%s\"",
                  r->s->max_message, request_failure_excerpt(reply->data, reply->size, excerpt));
    else if (reply->outcome == DUALPIPE_OUTCOME_NO_MEMORY)
        log_error(label, NULL, "%s for its reply", strerror(ENOMEM));
    else if (reply->reason && *reply->reason && reply->status.code < 0 && reply->status.signal < 0)
        log_error(label, settings_program(r->s), "was %s before its reply was whole: %s",
                  r->s->session_name ? "stopped" : "replaced", reply->reason);
    else
        report_child_exit(r, label, &reply->status);
}

/* The first exit_status_set of a run counts, so the last one here is for all other failures. With
 * --keep-going only a lack of memory decides more than that some request failed. */
static void set_outcome(struct run *r, const struct dualpipe_reply *reply) {
    bool keep_going = r->s->keep_going, only_child = !settings_is_parallel(r->s) && !r->s->fresh;
    if (!keep_going && reply->outcome == DUALPIPE_OUTCOME_TIMED_OUT)
        exit_status_set(r, "timeout", STATUS_TIMED_OUT);
    else if (!keep_going && reply->outcome == DUALPIPE_OUTCOME_CANCELLED)
        exit_status_set(r, "cancelled", STATUS_REQUEST_FAILED);
    else if (!keep_going && reply->outcome == DUALPIPE_OUTCOME_LIMIT)
        exit_status_set_by_limit(r, reply->status.limit);
    else if (!keep_going && (reply->outcome == DUALPIPE_OUTCOME_TOO_LONG ||
                             reply->outcome == DUALPIPE_OUTCOME_MALFORMED))
        exit_status_set(r, "frame", STATUS_BAD_FRAME);
    else if (!keep_going && reply->outcome == DUALPIPE_OUTCOME_OPEN)
        exit_status_set(r, "open", STATUS_REQUEST_FAILED);
    else if (reply->outcome == DUALPIPE_OUTCOME_NO_MEMORY ||
             (!keep_going && reply->outcome == DUALPIPE_OUTCOME_REFUSED))
        exit_status_set(r, "failed", STATUS_DUALPIPE_FAILED);
    else if (!keep_going && only_child && (reply->status.code >= 0 || reply->status.signal > 0))
        exit_status_set_by_child(r, &reply->status);
    exit_status_set(r, keep_going ? "failed" : "ended", STATUS_REQUEST_FAILED);
}

int request_failure_report(struct batch *b, const struct dualpipe_reply *reply) {
    if (b->run->stop_signal || reply_writer_put_partial(b, reply) < 0 ||
        output_flush(&b->output) < 0)
        return -1;
    report_failure(b, reply);
    return 0;
}

int request_failure_report_error(struct batch *b, const struct dualpipe_reply *reply) {
    const char *line = reply->reason;
    char label[160], said[4 * MAX_SAID + sizeof "..."];
    if (output_flush(&b->output) < 0)
        return -1;
    request_failure_label(b->run, "request", reply->number, reply->worker, label, sizeof label);
    if (!line) {
        log_error(label, NULL, "it failed with status %d", reply->request_status);
        return 0;
    }
    line += strspn(line, " ");
    log_error(label, NULL, "the program says: %s",
              escape_bytes(line, strlen(line), said, sizeof said));
    return 0;
}

int request_failure_handle(struct batch *b, const struct dualpipe_reply *reply) {
    struct run *r = b->run;
    if (request_failure_report(b, reply) < 0)
        return -1;
    set_outcome(r, reply);
    if (r->s->keep_going)
        return 0;
    if (reply->outcome == DUALPIPE_OUTCOME_TIMED_OUT && b->streams_replies)
        output_drop_part(&b->output); /* a reader that is too slow for it isn't waited for */
    if (settings_is_parallel(r->s)) {
        if (b->finish_by == 0)
            b->finish_by = run_now(r) + finish_limit;
        b->done_submitting = true;
        dualpipe_pool_end(b->pool);
        return 0;
    }
    r->stop_signal = SIGTERM;
    return -1;
}
