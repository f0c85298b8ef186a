/* stream.c: stream mode: bytes both ways as they come, until the child has ended and its output
 * is through. */
#include "modes/modes.h"
#include "run/child.h"
#include "run/status_report.h"
#include "util/log.h"
#include "modes/shown.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static const int64_t linger_before_note = 5000000;

struct stream {
    struct run *run;
    dualpipe *child;
    int64_t ended; /* when the child did; FOREVER: it has not */
    bool noted, stopping, killed, told;
};

/* The child has ended and its output has not: somebody else holds it. */
static void note_holder(struct stream *s) {
    struct dualpipe_state state;
    s->noted = true;
    dualpipe_inspect(s->child, &state, 1);
    if (state.holder > 0)
        say_note("waiting", s->run->s->argv[0], "has ended, but process %ld (%s) holds its output "
                 "open", (long)state.holder, state.name);
    else
        say_note("waiting", s->run->s->argv[0], "has ended, but another process holds its output "
                 "open");
}

static int64_t next_due(const struct stream *s) {
    struct run *r = s->run;
    int64_t due = s->stopping ? FOREVER : r->deadline;
    if (s->ended != FOREVER && !s->noted && s->ended + linger_before_note < due)
        due = s->ended + linger_before_note;
    return due == FOREVER ? FOREVER : due - run_now(r);
}

/* Signals and limits: begins to stop the child, or stops waiting for a stopped one's output. */
static bool look_around(struct stream *s) {
    struct run *r = s->run;
    bool ended = dualpipe_wait(s->child, NULL, 0) != -ETIMEDOUT;
    if (ended && s->ended == FOREVER)
        s->ended = run_now(r);
    run_look_at_signals(r);
    if (!r->stop_signal && run_now(r) >= r->deadline)
        run_pass_deadline(r);
    if (r->stop_signal && !s->stopping)
        dualpipe_stop(s->child, r->stop_signal);
    else if (r->killing && !s->killed)
        s->killed = dualpipe_stop(s->child, SIGKILL) == 0;
    s->stopping = r->stop_signal != 0;
    if (ended && !s->stopping && !s->noted && run_now(r) >= s->ended + linger_before_note)
        note_holder(s);
    return s->stopping && ended;
}

static void show(void *data, int from_child, const char *p, size_t n) {
    (void)data;
    say_traffic(from_child ? '<' : '>', p, n);
}

/* A raw terminal has no end of file: a child that waits for it waits for ever. */
static void tell_input_ended(struct stream *s) {
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    const char *p;
    int ended;
    if (s->told || s->run->s->transport != DUALPIPE_PTY)
        return;
    s->told = dualpipe_peek(s->run->host, &p, &ended) == 0 && ended && poll(&in, 1, 0) == 1 &&
              (in.revents & (POLLIN | POLLHUP)) == POLLHUP; /* not only ended for want of a child */
    if (s->told)
        say_note("input", NULL, "it has ended, which a raw terminal can't tell %s: --pty=cooked "
                 "can", s->run->s->argv[0]);
}

/* 0: the child has ended, and its output; else why it had to be left. */
static int relay(struct stream *s) {
    struct run *r = s->run;
    struct dualpipe_event signals = {.fd = r->signal_fd, .wants = DUALPIPE_IN};
    bool last = false;
    int done;
    for (;;) {
        done = dualpipe_relay(s->child, r->host, &signals, 1, limit_ms(last ? 0 : next_due(s)));
        if (done <= 0 || (last && done == 2))
            return done;
        tell_input_ended(s);
        if (done == 2 || run_look_at_signals(r) < 0 ||
            (r->deadline != FOREVER && run_now(r) >= r->deadline))
            last = look_around(s);
    }
}

static void refuse_line(struct run *r) {
    say_error("input", NULL, "a line of it is longer than the 4095 bytes of a cooked terminal: "
              "--pty has no such limit");
    run_decide(r, "frame", STATUS_FRAME);
}

void run_stream(struct run *r) {
    struct stream s = {.run = r, .ended = FOREVER};
    char none;
    ssize_t n;
    int done;
    if (!(s.child = coprocess_start(r)))
        return;
    report_ready(r, s.child);
    if (r->s->verbose)
        dualpipe_watch(s.child, show, NULL);
    if ((done = r->shows ? shown_relay(r) : relay(&s)) == -EMSGSIZE)
        refuse_line(r);
    else if (done < 0 && !r->stop_signal)
        run_output_failed(r, -done);
    coprocess_stop(r, s.child, done < 0, NULL);
    if ((n = dualpipe_read(r->host, &none, 1, 0)) < 0 && n != -ETIMEDOUT) {
        say_error("reading", "standard input", "%s", strerror((int)-n));
        run_decide(r, "failed", STATUS_OURS);
    }
    run_decide_by_child(r, &r->last);
}
