/* exit_status.c: decides how a run ends. The first cause sets outcome and status; later ones are
 * consequences of it and change nothing. Two causes override others because a script could
 * otherwise take incomplete output for complete: our own output could not be written, or dualpipe
 * itself failed.
 *
 * A child that ends by itself passes its fate on: its exit status, or for a signal that means to
 * end the whole job the same death. run_close carries it out, after everything is cleaned up. */
#include "run/exit_status.h"
#include "options/limits.h"
#include "util/log.h"
#include "util/signals.h"
#include <errno.h>
#include <signal.h>
#include <string.h>

void exit_status_set(struct run *r, const char *outcome, int status) {
    bool overrides = status == STATUS_OUTPUT_FAILED || status == STATUS_DUALPIPE_FAILED;
    bool is_childs = r->outcome && strcmp(r->outcome, "ended") == 0; /* 120 may be its own */
    bool is_final =
        !is_childs && (r->status == STATUS_OUTPUT_FAILED || r->status == STATUS_DUALPIPE_FAILED);
    if (r->outcome && (!overrides || is_final))
        return;
    r->outcome = outcome;
    r->status = status;
    r->death_signal = 0;
}

/* Whether we die by the signal that our child died of. Other signals, as of a crash, only give the
 * status 128 plus the signal, as in a shell. */
static bool is_death_passed_on(int signo) {
    return signo == SIGINT || signo == SIGTERM || signo == SIGHUP || signo == SIGQUIT ||
           signo == SIGPIPE;
}

void exit_status_set_by_limit(struct run *r, enum dualpipe_limit limit) {
    r->limit_hit = r->outcome ? r->limit_hit : limit;
    exit_status_set(r, "limit", STATUS_LIMIT);
}

void exit_status_set_by_child(struct run *r, const struct dualpipe_status *s) {
    char words[LIMITS_TEXT_SIZE];
    if (!r->outcome && s->limit) {
        log_error("limit", settings_program(r->s), "%s",
                  limits_describe(&r->s->limits, s->limit, words));
        exit_status_set_by_limit(r, s->limit);
    }
    if (r->outcome || s->stopped || (s->code == 0 && s->signal < 0))
        return;
    r->outcome = "ended";
    if (s->signal > 0) {
        r->status = 128 + s->signal;
        r->death_signal = is_death_passed_on(s->signal) ? s->signal : 0;
    } else if (s->code < 0) {
        log_error("child", r->s->argv[0], "its status can't be known");
        r->status = STATUS_DUALPIPE_FAILED;
    } else {
        r->status = s->code;
    }
}

void exit_status_set_by_request(struct run *r, int status) {
    if (!r->outcome)
        r->status = status;
}

void exit_status_output_failed(struct run *r, int error) {
    if (r->outcome && strcmp(r->outcome, "output") == 0)
        return;
    if (error == EPIPE && !signals_sigpipe_was_ignored() && !r->outcome) {
        r->outcome = "output";
        r->death_signal = SIGPIPE;
        r->status = 128 + SIGPIPE;
    } else if (!r->death_signal) {
        log_error("writing", "standard output", "%s", strerror(error));
        exit_status_set(r, "output", STATUS_OUTPUT_FAILED);
    }
    if (!r->stop_signal)
        r->stop_signal = SIGTERM;
}
