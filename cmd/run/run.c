/* run.c: one run of the command: its waits, what it writes, how it ends. */
#include "run/run.h"
#include "util/frames.h"
#include "options/limits.h"
#include "util/log.h"
#include "util/signals.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int64_t run_now(const struct run *r) {
    return now_us() - r->paused;
}

int run_open(struct run *r, const struct settings *s) {
    int error;
    *r = (struct run){.s = s, .deadline = FOREVER, .begun = s->begun ? s->begun : now_us()};
    if (s->deadline != FOREVER)
        say_until(r->deadline = r->begun + s->deadline);
    if ((r->signal_fd = signals_open()) < 0)
        error = -errno;
    else
        error = dualpipe_attach(&r->host, STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO,
                                DUALPIPE_SIGPIPE_IGNORED, frames_room(s->io, s->max_message));
    if (error == 0)
        return 0;
    say_error("starting", NULL, "%s", strerror(-error));
    return STATUS_OURS;
}

int run_close(struct run *r) {
    r->host = dualpipe_close(r->host, NULL);
    if (r->death)
        signals_die(r->death);
    return r->status;
}

/* --- how it ends ------------------------------------------------------------------------- */

void run_decide(struct run *r, const char *outcome, int status) {
    bool first = !r->outcome, over = status == STATUS_OUTPUT || status == STATUS_OURS;
    if (!first && (!over || r->status == STATUS_OUTPUT || r->status == STATUS_OURS))
        return;
    r->outcome = outcome;
    r->status = status;
    r->death = 0;
}

static bool is_passed_by(int signo) {
    return signo == SIGINT || signo == SIGTERM || signo == SIGHUP || signo == SIGQUIT ||
           signo == SIGPIPE;
}

void run_decide_by_limit(struct run *r, enum dualpipe_limit limit) {
    r->limit = r->outcome ? r->limit : limit;
    run_decide(r, "limit", STATUS_LIMIT);
}

void run_decide_by_child(struct run *r, const struct dualpipe_status *s) {
    char words[LIMITS_TEXT];
    if (!r->outcome && s->limit) {
        say_error("limit", settings_program(r->s), "%s",
                  limits_words(&r->s->limits, s->limit, words));
        run_decide_by_limit(r, s->limit);
    }
    if (r->outcome || s->stopped || (s->code == 0 && s->signal < 0))
        return;
    r->outcome = "ended";
    if (s->signal > 0) {
        r->status = 128 + s->signal;
        r->death = is_passed_by(s->signal) ? s->signal : 0;
    } else if (s->code < 0) {
        say_error("child", r->s->argv[0], "its status can't be known");
        r->status = STATUS_OURS;
    } else {
        r->status = s->code;
    }
}

void run_output_failed(struct run *r, int error) {
    if (r->outcome && strcmp(r->outcome, "output") == 0)
        return;
    if (error == EPIPE && !signals_pipe_was_ignored() && !r->outcome) {
        r->outcome = "output";
        r->death = SIGPIPE;
        r->status = 128 + SIGPIPE;
    } else if (!r->death) {
        say_error("writing", "standard output", "%s", strerror(error));
        run_decide(r, "output", STATUS_OUTPUT);
    }
    if (!r->stop_signal)
        r->stop_signal = SIGTERM;
}

/* --- signals and time -------------------------------------------------------------------- */

static void signal_children(const struct run *r, int signo) {
    if (r->child)
        dualpipe_signal(r->child, signo);
    if (r->pool)
        dualpipe_pool_signal(r->pool, signo);
}

static void suspend(struct run *r) {
    int64_t since = now_us(), paused;
    signal_children(r, SIGSTOP);
    if (r->front)
        r->front->leave();
    signals_suspend(r->front != NULL);
    if (r->front)
        r->front->enter();
    paused = now_us() - since;
    r->paused += paused;
    if (r->pool)
        dualpipe_pool_postpone(r->pool, limit_ms(paused));
    signal_children(r, SIGCONT);
}

/* The first begins to stop the run, a second has the child killed. */
static void note_signal(struct run *r, int signo) {
    signals_note_end();
    if (r->stop_signal) {
        r->killing = true;
        return;
    }
    if (!r->outcome) {
        r->outcome = "signal";
        r->status = 128 + signo;
        r->death = signo;
    }
    r->stop_signal = signo;
}

int run_look_at_signals(struct run *r) {
    bool stop;
    int signo;
    do {
        stop = false;
        while ((signo = signals_next())) {
            r->roused = true;
            if (r->front && r->front->takes(r, signo))
                continue;
            if (signo == SIGTSTP || signo == SIGCONT)
                stop = signo == SIGTSTP; /* not if we were continued in the meantime */
            else if (signo != SIGWINCH)
                note_signal(r, signo);
        }
        if (stop)
            suspend(r);
    } while (stop);
    return r->stop_signal ? -1 : 0;
}

void run_pass_deadline(struct run *r) {
    char limit[32];
    snprintf(limit, sizeof limit, "%gs", (double)r->s->deadline / 1e6);
    say_error("deadline", r->s->argv[0], "%s have passed", limit);
    run_decide(r, "timeout", STATUS_TIME);
    r->stop_signal = SIGTERM;
}

static int pass_on_stderr(struct run *r, dualpipe *child) {
    char some[4096];
    ssize_t n;
    while ((n = dualpipe_read_stderr(child, some, sizeof some, 0)) > 0)
        if (run_write(r, true, some, (size_t)n) < 0)
            return -1;
    return 0;
}

int run_pass_on_errors(struct run *r, struct dualpipe_event *events, int n) {
    for (int i = 0; i < n; i++)
        if (events[i].dp == r->child && events[i].has & DUALPIPE_ERR &&
            pass_on_stderr(r, events[i].dp) < 0)
            return -1;
    return 0;
}

int run_wait(struct run *r, struct dualpipe_event *events, int n, int64_t limit) {
    struct dualpipe_event *signals = &events[n];
    int found;
    if (run_look_at_signals(r) < 0)
        return -1;
    if (r->deadline != FOREVER) {
        int64_t left = r->deadline - run_now(r);
        if (left <= 0) {
            run_pass_deadline(r);
            return -1;
        }
        limit = limit < left ? limit : left;
    }
    *signals = (struct dualpipe_event){.fd = r->signal_fd, .wants = DUALPIPE_IN};
    found = dualpipe_poll(events, n + 1, r->roused ? 0 : limit_ms(limit));
    r->roused = false;
    if (found < 0) {
        say_error("waiting", r->s->argv[0], "%s", strerror(-found));
        run_decide(r, "failed", STATUS_OURS);
        r->stop_signal = SIGTERM;
        return -1;
    }
    if (run_pass_on_errors(r, events, n) < 0)
        return -1;
    return run_look_at_signals(r) < 0 ? -1 : found - (signals->has != 0);
}

int run_look(struct run *r, struct dualpipe_event *e) {
    int found = dualpipe_poll(e, 1, 0);
    return run_pass_on_errors(r, e, 1) < 0 ? -1 : found;
}

/* For room on our stdout. A run that has failed gives out what it still has: only a signal cuts
 * that short, or a reader that takes nothing for as long as a child gets once the deadline has
 * passed. */
static int wait_for_reader(struct run *r) {
    struct dualpipe_event e[2] = {{.dp = r->host, .wants = DUALPIPE_OUT},
                                  {.fd = r->signal_fd, .wants = DUALPIPE_IN}};
    int64_t limit = FOREVER, now = run_now(r);
    int found;
    if (!r->stop_signal || r->death || r->killing)
        return run_wait(r, e, 1, FOREVER);
    if (r->deadline != FOREVER && r->s->grace != FOREVER)
        limit = (r->deadline > now ? r->deadline - now : 0) + r->s->grace;
    found = dualpipe_poll(e, 2, limit_ms(limit));
    run_look_at_signals(r);
    return r->killing || found <= 0 ? -1 : 0;
}

int run_write(struct run *r, bool err, const void *p, size_t n) {
    if (r->front)
        return r->front->put(r, err, p, n);
    return r->shows ? r->shows(r, err, p, n) : run_put(r, err, p, n);
}

int run_put(struct run *r, bool err, const void *p, size_t n) {
    const char *from = p;
    say_clear();
    if (err) {
        say_bytes(STDERR_FILENO, from, n);
        return 0;
    }
    while (n > 0) {
        ssize_t w = dualpipe_write(r->host, from, n, 0);
        if (w > 0) {
            from += w;
            n -= (size_t)w;
        } else if (w != -ETIMEDOUT) {
            run_output_failed(r, (int)-w);
            return -1;
        } else if (wait_for_reader(r) < 0) {
            return -1;
        }
    }
    return 0;
}
