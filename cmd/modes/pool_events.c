/* pool_events.c: what a pool tells and how requests fail, said to the user. */
#include "modes/batch.h"
#include "run/child.h"
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

enum { FIRST_BYTES = 32, PART_MOST = 1900 };

/* The first line of some bytes, escaped. out holds 4 * FIRST_BYTES + 1. */
static char *first_of(const char *p, size_t n, char *out) {
    const char *lf = n > 0 ? memchr(p, '\n', n) : NULL;
    size_t line = lf ? (size_t)(lf - p) : n;
    return escape(p, line < FIRST_BYTES ? line : FIRST_BYTES, out, 4 * FIRST_BYTES + 1);
}

/* --- what the pool tells ----------------------------------------------------------------- */

/* WHAT N, and the worker's host. */
static char *name_at(const struct run *r, const char *what, int64_t n, int worker, char *out,
                     size_t size) {
    const struct host *host = hosts_of(&r->s->hosts, worker);
    char name[80];
    if (host)
        snprintf(out, size, "%s %lld (host %s)", what, (long long)n,
                 escape(host->name, strlen(host->name), name, sizeof name));
    else
        snprintf(out, size, "%s %lld", what, (long long)n);
    return out;
}

static void say_stray(struct batch *b, const struct dualpipe_notice *n) {
    char first[4 * FIRST_BYTES + 1], where[40];
    if (n->number == 0 && n->data) { /* asked for: a person sees it */
        run_write(b->run, false, n->data, n->size);
    } else if (n->number > 0) {
        snprintf(where, sizeof where, "before request %lld", (long long)n->number);
        say_note("stray output", NULL, "%zu byte%s %s: \"%s\"", n->size,
                 n->size == 1 ? "" : "s", where, first_of(n->data, n->size, first));
    } else if (!b->run->outcome) {
        say_note("stray output", NULL, "%zu byte%s after the last request", n->size,
                 n->size == 1 ? "" : "s");
    }
}

static void say_not_set_up(struct batch *b, const struct dualpipe_notice *n) {
    struct run *r = b->run;
    bool late = n->outcome == DUALPIPE_TIMED_OUT;
    char text[200], words[512];
    size_t size = n->size > 0 ? n->size - 1 : 0; /* its line end */
    if (r->stop_signal)
        return;
    r->had_child = true;
    if (r->s->hosts.n > 0) { /* its end will be told */
        if (late)
            say_note(name_at(r, "worker", n->worker + 1, n->worker, text, sizeof text), NULL,
                     "not ready in time");
        return;
    }
    snprintf(text, sizeof text, "%.*s", (int)(size < sizeof text ? size : sizeof text - 1),
             n->data ? n->data : "");
    if (late)
        say_error(n->data ? "set-up" : "getting ready", n->data ? text : settings_program(r->s),
                  n->data ? "no whole reply in time: %s" : "not in time: %s",
                  report_stall(r, n->child, SENT_SETUP, words, sizeof words));
    else if (n->outcome == DUALPIPE_LIMIT)
        say_error(n->data ? "set-up" : "getting ready", settings_program(r->s), "%s",
                  limits_words(&r->s->limits, n->status.limit, words));
    else if (n->outcome == DUALPIPE_MALFORMED)
        say_error("set-up", text, "what came is no %s, or cut short", frames_name(r->s->frame));
    else if (n->outcome == DUALPIPE_TOO_LONG)
        say_error("set-up", text, "its reply passes --max-message, or a line of it the 4095 bytes "
                  "of a cooked terminal");
    else if (n->data)
        say_error("set-up", text, "%s",
                  n->reason ? n->reason : "the child ended before its reply was whole");
    else
        say_error("getting ready", settings_program(r->s),
                  "it ended before what --ready awaits had come");
    if (n->outcome == DUALPIPE_MALFORMED)
        run_decide(r, "frame", STATUS_FRAME);
    if (n->outcome == DUALPIPE_LIMIT)
        run_decide_by_limit(r, n->status.limit);
    run_decide(r, "not-started", late ? STATUS_TIME : STATUS_FAILED);
}

/* --- hosts ------------------------------------------------------------------------------- */

static char *put_end(const struct dualpipe_status *s, char *out, size_t size) {
    if (s->signal > 0)
        snprintf(out, size, "by signal %d (%s)", s->signal, strsignal(s->signal));
    else
        snprintf(out, size, "with status %d", s->code);
    return out;
}

/* Once, until it answers again: others go on meanwhile. */
static void say_host_fails(struct batch *b, const struct dualpipe_notice *n) {
    struct host *host = hosts_of(&b->run->s->hosts, n->worker);
    char what[160], end[64];
    if (!host || host->fails || n->number == 0 || n->status.stopped)
        return;
    host->fails = true;
    name_at(b->run, "worker", n->worker + 1, n->worker, what, sizeof what);
    say_note(what, settings_program(b->run->s), "ended %s; it is tried again",
             put_end(&n->status, end, sizeof end));
}

static void say_given_up(struct batch *b, const struct dualpipe_notice *n) {
    struct host *host = hosts_of(&b->run->s->hosts, n->worker);
    char end[64];
    if (!host || --host->left > 0)
        return;
    say_error("giving up host", host->name, "%s ended %lld times in a row without an answer, at "
              "last %s", settings_program(b->run->s), (long long)n->number,
              put_end(&n->status, end, sizeof end));
}

/* A session's child, for no fault of ours or of its own. */
static void say_stopped(struct run *r, const char *reason) {
    say_error("session", r->s->session, "%s was stopped: %s: its state is lost",
              settings_program(r->s), reason);
    if (!r->outcome)
        run_decide(r, "ended", STATUS_OURS);
}

static void pass_on_stderr(struct batch *b, const struct dualpipe_notice *n) {
    sink_flush(&b->sink); /* in order, as far as two streams have one */
    run_write(b->run, true, n->data, n->size);
}

void batch_hear(void *data, const struct dualpipe_notice *n) {
    struct batch *b = data;
    struct run *r = b->run;
    switch (n->news) {
    case DUALPIPE_STARTED:
        coprocess_note(r);
        report_ready(r, n->child);
        b->asked = n->child;
        break;
    case DUALPIPE_SENDING: say_traffic('>', n->data, n->size); break;
    case DUALPIPE_STRAY: say_stray(b, n); break;
    case DUALPIPE_UNASKED: say_traffic('*', n->data, n->size); break;
    case DUALPIPE_ON_STDERR: pass_on_stderr(b, n); break;
    case DUALPIPE_DROPPED:
        say_note("dropped", NULL, "the late reply to request %lld", (long long)n->number);
        break;
    case DUALPIPE_REPLACED:
        b->replaced++;
        if (!r->s->fresh) /* else it has none */
            say_note("replaced", settings_program(r->s), "%s: its state is lost", n->reason);
        break;
    case DUALPIPE_CANNOT_START: coprocess_explain_start(r, n->error, n->why); break;
    case DUALPIPE_NOT_SET_UP: say_not_set_up(b, n); break;
    case DUALPIPE_DIED:
        r->had_child = true;
        r->last = n->status;
        b->asked = NULL;
        b->children++;
        say_host_fails(b, n);
        if (n->reason)
            say_stopped(r, n->reason);
        break;
    case DUALPIPE_GIVEN_UP: say_given_up(b, n); break;
    }
}

/* --- how requests fail ------------------------------------------------------------------- */

static enum sent sent_of(const struct batch *b, const struct dualpipe_reply *r) {
    if (r->unsent > 0)
        return SENT_PART;
    if (r->number == 0)
        return SENT_SETUP;
    return r->number > 0 && r->number == b->open_ended ? SENT_NO_LINE_END : SENT_ALL;
}

void batch_say_stall(struct batch *b) {
    struct dualpipe_reply oldest;
    char what[160], words[512];
    b->run->stalled = true;
    if (!dualpipe_pool_oldest(b->pool, &oldest) || !oldest.child)
        return;
    if (oldest.number > 0)
        name_at(b->run, "request", oldest.number, oldest.worker, what, sizeof what);
    else
        snprintf(what, sizeof what, "set-up");
    if (oldest.whole)
        say_note(what, settings_program(b->run->s), "has not ended yet, though its reply is whole");
    else
        say_note(what, NULL, "no whole reply yet: %s",
                 report_stall(b->run, oldest.child, sent_of(b, &oldest), words, sizeof words));
}

static void say_ended(const struct run *r, const char *what, const struct dualpipe_status *s) {
    const char *program = settings_program(r->s);
    if (s->signal > 0)
        say_error(what, program, "ended by signal %d (%s)", s->signal, strsignal(s->signal));
    else if (s->code >= 0)
        say_error(what, program, "ended with status %d%s", s->code,
                  r->s->fresh ? "" : " before its reply was whole");
    else
        say_error(what, program, "closed its output before its reply was whole");
}

static void say_failure(struct batch *b, const struct dualpipe_reply *f) {
    struct run *r = b->run;
    const struct terms *terms = f->tag;
    char what[160], words[512], first[4 * FIRST_BYTES + 1];
    name_at(r, "request", f->number, f->worker, what, sizeof what);
    if (f->outcome == DUALPIPE_LIMIT)
        say_error(what, settings_program(r->s), "%s",
                  limits_words(&r->s->limits, f->status.limit, words));
    else if (f->outcome == DUALPIPE_TIMED_OUT && f->reason && r->s->session && f->sent == 0)
        say_error(what, NULL, "not begun in %gs: %s", (double)terms->timeout / 1e6, f->reason);
    else if (f->outcome == DUALPIPE_TIMED_OUT && !f->child) /* it is gone: others came before */
        say_error(what, settings_program(r->s), "no whole reply in %gs",
                  (double)terms->timeout / 1e6);
    else if (f->outcome == DUALPIPE_TIMED_OUT)
        say_error(what, NULL, "no whole reply in %gs: %s", (double)terms->timeout / 1e6,
                  report_stall(r, f->child, sent_of(b, f), words, sizeof words));
    else if (f->outcome == DUALPIPE_TOO_LONG && f->sent == 0 && f->unsent > 0)
        say_error(what, NULL, "a line of it is longer than the 4095 bytes of a cooked terminal");
    else if (f->outcome == DUALPIPE_MALFORMED)
        say_error(what, NULL, "%s", frames_fault(r->s->frame, f->offset, " of its output", f->data,
                                                 f->size, words));
    else if (f->outcome == DUALPIPE_TOO_LONG && r->s->frame != DUALPIPE_LINE)
        say_error(what, NULL, "its reply passes --max-message with the frame at byte %llu: \"%s\"",
                  (unsigned long long)f->offset + 1,
                  first_of(f->data, f->size, first));
    else if (f->outcome == DUALPIPE_TOO_LONG)
        say_error(what, NULL, "its reply passes --max-message at byte %zu: \"%s\"",
                  r->s->max_message, first_of(f->data, f->size, first));
    else if (f->outcome == DUALPIPE_NO_MEMORY)
        say_error(what, NULL, "%s for its reply", strerror(ENOMEM));
    else if (f->reason && *f->reason && f->status.code < 0 && f->status.signal < 0)
        say_error(what, settings_program(r->s), "was %s before its reply was whole: %s",
                  r->s->session ? "stopped" : "replaced", f->reason);
    else
        say_ended(r, what, &f->status);
}

/* What came of a failed reply: on stdout if its pieces went there as they came (an over-long one
 * is not given out as if it were whole), or if it is whole all the same; else on stderr. With -k
 * an empty message in its place. */
static int put_part(struct batch *b, const struct dualpipe_reply *f) {
    const struct settings *s = b->run->s;
    char text[PART_MOST];
    bool wrong = f->outcome == DUALPIPE_TOO_LONG || f->outcome == DUALPIPE_MALFORMED;
    if (b->in_pieces)
        return wrong ? 0 : sink_put(&b->sink, f->data, f->size);
    if (s->json)
        return json_put_reply(b, f);
    if (f->whole)
        return frames_pass(s) ? sink_put(&b->sink, f->data, f->size) : batch_convert(b, f);
    if (f->size > 0 && f->outcome != DUALPIPE_MALFORMED)
        say_error("part of a reply", NULL, "%zu bytes: \"%s\"", f->size,
                  escape(f->data, f->size, text, sizeof text));
    return s->keep_going ? sink_put_empty(&b->sink) : 0;
}

static void decide(struct run *r, const struct dualpipe_reply *f) {
    bool one = !settings_spread(r->s) && !r->s->fresh;
    if (!r->s->keep_going && f->outcome == DUALPIPE_TIMED_OUT)
        run_decide(r, "timeout", STATUS_TIME);
    else if (!r->s->keep_going && f->outcome == DUALPIPE_LIMIT)
        run_decide_by_limit(r, f->status.limit);
    else if (!r->s->keep_going && (f->outcome == DUALPIPE_TOO_LONG ||
                                   f->outcome == DUALPIPE_MALFORMED))
        run_decide(r, "frame", STATUS_FRAME);
    else if (f->outcome == DUALPIPE_NO_MEMORY)
        run_decide(r, "failed", STATUS_OURS);
    else if (!r->s->keep_going && one && (f->status.code >= 0 || f->status.signal > 0))
        run_decide_by_child(r, &f->status);
    run_decide(r, r->s->keep_going ? "failed" : "ended", STATUS_FAILED);
}

int batch_tell_failure(struct batch *b, const struct dualpipe_reply *f) {
    if (b->run->stop_signal || put_part(b, f) < 0 || sink_flush(&b->sink) < 0)
        return -1;
    say_failure(b, f);
    return 0;
}

int batch_fail(struct batch *b, const struct dualpipe_reply *f) {
    struct run *r = b->run;
    if (batch_tell_failure(b, f) < 0)
        return -1;
    decide(r, f);
    if (r->s->keep_going)
        return 0;
    r->stop_signal = SIGTERM;
    return -1;
}

int batch_convert(struct batch *b, const struct dualpipe_reply *r) {
    const struct settings *s = b->run->s;
    char what[40], *message;
    size_t n;
    int error;
    if (r->size == 0)
        return 0;
    if ((error = frames_convert(s, r->data, r->size, &message, &n)) == 0) {
        error = sink_put(&b->sink, message, n);
        free(message);
        return error;
    }
    if (sink_flush(&b->sink) < 0)
        return -1;
    snprintf(what, sizeof what, "request %lld", (long long)r->number);
    say_error(what, NULL, "its reply can't be written as %s: %s", frames_name(s->io),
              frames_why(s->io, error));
    b->lost += r->outcome == DUALPIPE_ANSWERED;
    if (s->keep_going) {
        run_decide(b->run, "failed", STATUS_FAILED);
        return sink_put_empty(&b->sink);
    }
    run_decide(b->run, "frame", error == -ENOMEM ? STATUS_OURS : STATUS_FRAME);
    b->run->stop_signal = b->run->stop_signal ? b->run->stop_signal : SIGTERM;
    return -1;
}
