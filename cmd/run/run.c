/* run.c: one run of the command: its clock, its signals, its waits and its output.
 *
 * As long as the run goes on, modes wait by run_wait: it adds the pipe of signals.c to what the
 * mode waits for, lowers the limit to the deadline, and passes on the stderr of r->child. So no
 * wait can miss a signal or outlast --deadline. (dualpipe_relay in stream mode is given the same
 * pipe and deadline.) The functions return -1 once r->stop_signal is set, and the mode then stops
 * its children. The wait for their end must not be cut short, so dualpipe_poll is called
 * directly for that one. What the run ends with is in exit_status.c.
 *
 * Signals: the first of INT, TERM, HUP and QUIT sets r->stop_signal; a second one sets
 * r->kill_requested, which kills the children at once. SIGTSTP stops children, gives up the
 * terminal and stops ourselves; run_now leaves out the time that this takes, so that no limit
 * passes meanwhile. In interactive mode r->terminal sees each signal first.
 *
 * Output takes one of three ways: r->terminal (interactive mode), r->sanitizer (a sandboxed child
 * in front of a terminal), or run_write_raw, which the first two end in. A slow reader must not
 * make us deaf: while stdout is full, run_write_raw waits by run_wait. Replies are written by
 * run_write_some, so that request mode can look after its children meanwhile (output.c). */
#include "run/run.h"
#include "run/suspend.h"
#include "run/exit_status.h"
#include "util/frames.h"
#include "util/log.h"
#include "util/signals.h"
#include "util/units.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int64_t run_now(const struct run *r) {
    return units_now_us() - r->paused_us;
}

int run_open(struct run *r, const struct settings *s) {
    int error;
    *r = (struct run){.s = s,
                      .deadline = UNITS_FOREVER,
                      .started_at = s->started_at ? s->started_at : units_now_us()};
    if (s->deadline != UNITS_FOREVER)
        log_set_write_deadline(r->deadline = r->started_at + s->deadline);
    if ((r->signal_fd = signals_open()) < 0)
        error = -errno;
    else
        error = dualpipe_attach(&r->stdio, STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO,
                                DUALPIPE_START_SIGPIPE_IGNORED,
                                frames_max_size(s->io, s->max_message));
    if (error == 0)
        return 0;
    log_error("starting", NULL, "%s", strerror(-error));
    return STATUS_DUALPIPE_FAILED;
}

int run_close(struct run *r) {
    r->stdio = dualpipe_close(r->stdio, NULL);
    if (r->death_signal)
        signals_die(r->death_signal);
    return r->status;
}

/* --- signals and the deadline ------------------------------------------------------------ */

/* The first signal begins to stop the run; a second one has the children killed. */
static void note_signal(struct run *r, int signo) {
    signals_set_ending();
    if (r->stop_signal) {
        r->kill_requested = true;
        return;
    }
    if (!r->outcome) {
        r->outcome = "signal";
        r->status = 128 + signo;
        r->death_signal = signo;
    }
    r->stop_signal = signo;
}

int run_handle_signals(struct run *r) {
    bool suspend;
    int signo;
    do {
        suspend = false;
        while ((signo = signals_next())) {
            r->signal_arrived = true;
            if (r->terminal && r->terminal->take_signal(r, signo))
                continue;
            if (signo == SIGTSTP || signo == SIGCONT)
                suspend = signo == SIGTSTP; /* a SIGCONT after it cancels it */
            else if (signo != SIGWINCH)
                note_signal(r, signo);
        }
        if (suspend)
            suspend_run(r);
    } while (suspend);
    return r->stop_signal ? -1 : 0;
}

void run_fail_deadline(struct run *r) {
    char limit[32];
    snprintf(limit, sizeof limit, "%gs", (double)r->s->deadline / 1e6);
    log_error("deadline", r->s->argv[0], "%s have passed", limit);
    exit_status_set(r, "timeout", STATUS_TIMED_OUT);
    r->stop_signal = SIGTERM;
}

/* --- waiting ----------------------------------------------------------------------------- */

/* Writes all stderr of a child that has been taken in to ours. */
static int relay_child_stderr(struct run *r, dualpipe *child) {
    char buffer[4096];
    ssize_t n;
    while ((n = dualpipe_read_stderr(child, buffer, sizeof buffer, 0)) > 0)
        if (run_write(r, true, buffer, (size_t)n) < 0)
            return -1;
    return 0;
}

int run_relay_stderr(struct run *r, struct dualpipe_pollitem *items, int n) {
    for (int i = 0; i < n; i++)
        if (items[i].dp == r->child && items[i].revents & DUALPIPE_POLL_STDERR &&
            relay_child_stderr(r, items[i].dp) < 0)
            return -1;
    return 0;
}

int run_wait(struct run *r, struct dualpipe_pollitem *items, int n, int64_t limit) {
    struct dualpipe_pollitem *signals = &items[n];
    int ready;
    if (run_handle_signals(r) < 0)
        return -1;
    if (r->deadline != UNITS_FOREVER) {
        int64_t time_left = r->deadline - run_now(r);
        if (time_left <= 0) {
            run_fail_deadline(r);
            return -1;
        }
        limit = limit < time_left ? limit : time_left;
    }
    *signals = (struct dualpipe_pollitem){.fd = r->signal_fd, .events = DUALPIPE_POLL_STDOUT};
    ready = dualpipe_poll(items, n + 1, r->signal_arrived ? 0 : units_timeout_ms(limit));
    r->signal_arrived = false;
    if (ready < 0) {
        log_error("waiting", r->s->argv[0], "%s", strerror(-ready));
        exit_status_set(r, "failed", STATUS_DUALPIPE_FAILED);
        r->stop_signal = SIGTERM;
        return -1;
    }
    if (run_relay_stderr(r, items, n) < 0)
        return -1;
    return run_handle_signals(r) < 0 ? -1 : ready - (signals->revents != 0);
}

int run_poll(struct run *r, struct dualpipe_pollitem *item) {
    int ready = dualpipe_poll(item, 1, 0);
    return run_relay_stderr(r, item, 1) < 0 ? -1 : ready;
}

/* --- output ------------------------------------------------------------------------------ */

/* Waits until our stdout takes more. A run that is being stopped without a signal to us, because
 * of a failure or the deadline, still writes out what it has: only a signal ends that, or, with a
 * deadline, a reader that takes nothing until --grace after it. */
static int wait_for_reader(struct run *r) {
    struct dualpipe_pollitem items[2] = {{.dp = r->stdio, .events = DUALPIPE_POLL_STDIN},
                                         {.fd = r->signal_fd, .events = DUALPIPE_POLL_STDOUT}};
    int64_t limit = UNITS_FOREVER, now = run_now(r);
    int ready;
    if (!r->stop_signal || r->death_signal || r->kill_requested)
        return run_wait(r, items, 1, UNITS_FOREVER);
    if (r->deadline != UNITS_FOREVER && r->s->grace != UNITS_FOREVER)
        limit = (r->deadline > now ? r->deadline - now : 0) + r->s->grace;
    ready = dualpipe_poll(items, 2, units_timeout_ms(limit));
    run_handle_signals(r);
    return r->kill_requested || ready <= 0 ? -1 : 0;
}

int run_write(struct run *r, bool err, const void *p, size_t n) {
    if (r->terminal)
        return r->terminal->write_output(r, err, p, n);
    return r->sanitizer ? r->sanitizer(r, err, p, n) : run_write_raw(r, err, p, n);
}

ssize_t run_write_some(struct run *r, const char *p, size_t n) {
    ssize_t written;
    if (r->terminal || r->sanitizer)
        return run_write(r, false, p, n) < 0 ? -1 : (ssize_t)n;
    log_erase_line();
    written = dualpipe_write(r->stdio, p, n, 0);
    if (written == -ETIMEDOUT)
        return 0;
    if (written < 0)
        exit_status_output_failed(r, (int)-written);
    return written < 0 ? -1 : written;
}

int run_write_raw(struct run *r, bool err, const void *p, size_t n) {
    const char *from = p;
    log_erase_line();
    if (err) {
        log_write(STDERR_FILENO, from, n);
        return 0;
    }
    while (n > 0) {
        ssize_t written = dualpipe_write(r->stdio, from, n, 0);
        if (written > 0) {
            from += written;
            n -= (size_t)written;
        } else if (written != -ETIMEDOUT) {
            exit_status_output_failed(r, (int)-written);
            return -1;
        } else if (wait_for_reader(r) < 0) {
            return -1;
        }
    }
    return 0;
}
