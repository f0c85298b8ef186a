/* stream.c: stream mode: relay bytes both ways between our stdin and stdout and a child.
 *
 * stream_run starts the child, relays until it has ended and its output has been written, and takes
 * its exit status for ours. There are two relays:
 *   relay_bytes      lets dualpipe_relay of the library do the work, which splices where it can, so
 *                    that no byte passes through our memory;
 *   relay_sanitized  passes the bytes through run_write, which escapes what could drive our
 *                    terminal. It is used if output_sanitize_begin has found that this is needed.
 *
 * As a shell pipe does, stream mode waits for the end of the child's output and not only for its
 * exit: a process that the child has left may still write. After 5 s relay_bytes notes that and
 * names the process, if it can be found.
 *
 * Trap: a signal or the deadline does not end relay_bytes at once. What the stopped child still
 * writes is relayed until it has ended; then dualpipe_relay is called without waiting (the flag
 * last) until nothing more is there. relay_sanitized returns at once, and the rest is dropped. */
#include "modes/stream.h"
#include "run/child.h"
#include "run/exit_status.h"
#include "run/status_report.h"
#include "util/log.h"
#include "util/units.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Microseconds between the child's exit and the note that its output is still open. */
static const int64_t holder_note_delay = 5000000;

struct stream {
    struct run *run;
    dualpipe *child;
    int64_t exited_at; /* when the child's exit was seen, by run_now; UNITS_FOREVER: it runs */
    bool holder_noted; /* the note about open output was given */
    bool stopping;     /* the child was sent the signal that ends the run */
    bool killed;       /* it was sent SIGKILL */
    bool eof_noted;    /* the note that our input has ended was given */
};

/* --- relaying by the library ------------------------------------------------------------- */

static void note_pipe_holder(struct stream *stream) {
    struct dualpipe_diagnosis diagnosis;
    stream->holder_noted = true;
    dualpipe_diagnose(stream->child, &diagnosis, 1);
    if (diagnosis.pipe_holder > 0)
        log_note("waiting", stream->run->s->argv[0],
                 "has ended, but process %ld (%s) holds its output open",
                 (long)diagnosis.pipe_holder, diagnosis.holder_name);
    else
        log_note("waiting", stream->run->s->argv[0],
                 "has ended, but another process holds its output open");
}

/* A raw pty has no end of file: a child that reads up to it waits without end. Tells the user. */
static void note_input_ended(struct stream *stream) {
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    const char *p;
    int ended;
    if (stream->eof_noted || stream->run->s->transport != DUALPIPE_TRANSPORT_PTY)
        return;
    /* The poll tells the end of our input from one that the relay made because the child ended. */
    stream->eof_noted = dualpipe_peek(stream->run->stdio, &p, &ended) == 0 && ended &&
                        poll(&in, 1, 0) == 1 && (in.revents & (POLLIN | POLLHUP)) == POLLHUP;
    if (stream->eof_noted)
        log_note("input", NULL,
                 "it has ended, which a raw terminal can't tell %s: --pty=cooked can",
                 stream->run->s->argv[0]);
}

/* Returns the microseconds until the deadline or the note is due. */
static int64_t time_to_deadline(const struct stream *stream) {
    struct run *r = stream->run;
    int64_t due = stream->stopping ? UNITS_FOREVER : r->deadline;
    if (stream->exited_at != UNITS_FOREVER && !stream->holder_noted &&
        stream->exited_at + holder_note_delay < due)
        due = stream->exited_at + holder_note_delay;
    return due == UNITS_FOREVER ? UNITS_FOREVER : due - run_now(r);
}

/* Handles signals, the deadline and the child's exit: begins to stop the child if the run has to
 * end. Returns whether a stopped child has ended, so that its output need not be waited for. */
static bool check_signals_and_exit(struct stream *stream) {
    struct run *r = stream->run;
    bool ended = dualpipe_wait(stream->child, NULL, 0) != -ETIMEDOUT;
    if (ended && stream->exited_at == UNITS_FOREVER)
        stream->exited_at = run_now(r);
    run_handle_signals(r);
    if (!r->stop_signal && run_now(r) >= r->deadline)
        run_fail_deadline(r);
    if (r->stop_signal && !stream->stopping)
        dualpipe_stop(stream->child, r->stop_signal);
    else if (r->kill_requested && !stream->killed)
        stream->killed = dualpipe_stop(stream->child, SIGKILL) == 0;
    stream->stopping = r->stop_signal != 0;
    if (ended && !stream->stopping && !stream->holder_noted &&
        run_now(r) >= stream->exited_at + holder_note_delay)
        note_pipe_holder(stream);
    return stream->stopping && ended;
}

/* Returns 0 once the child and its output have ended; 2: a stopped child has ended and nothing more
 * of its output is there; or the negative errno of dualpipe_relay. */
static int relay_bytes(struct stream *stream) {
    struct run *r = stream->run;
    struct dualpipe_pollitem signals = {.fd = r->signal_fd, .events = DUALPIPE_POLL_STDOUT};
    bool last = false;
    int done;
    for (;;) {
        done = dualpipe_relay(stream->child, r->stdio, &signals, 1,
                              units_timeout_ms(last ? 0 : time_to_deadline(stream)));
        if (done <= 0 || (last && done == 2))
            return done;
        note_input_ended(stream);
        if (done == 2 || run_handle_signals(r) < 0 ||
            (r->deadline != UNITS_FOREVER && run_now(r) >= r->deadline))
            last = check_signals_and_exit(stream);
    }
}

/* The relay tap for --verbose. */
static void log_relayed_bytes(void *data, int from_child, const char *p, size_t n) {
    (void)data;
    log_traffic(from_child ? '<' : '>', p, n);
}

/* --- relaying by hand, with sanitized output --------------------------------------------- */

/* Passes what there is of our input. Returns whether more may come; *error: -EMSGSIZE or 0. */
static bool relay_input(struct run *r, int *error) {
    const char *p;
    int ended;
    size_t n = dualpipe_peek(r->stdio, &p, &ended);
    ssize_t w = n > 0 ? dualpipe_write(r->child, p, n, 0) : 0;
    if (w > 0) {
        if (r->s->verbose)
            log_traffic('>', p, (size_t)w);
        dualpipe_consume(r->stdio, (size_t)w);
    }
    *error = w == -EMSGSIZE ? (int)w : 0;
    if (w < 0 && w != -ETIMEDOUT && w != -ENOBUFS)
        return false;
    if (ended && n == (size_t)(w > 0 ? w : 0)) {
        dualpipe_close_stdin(r->child);
        return false;
    }
    return true;
}

/* Passes what there is of the child's output. Returns whether more may come. */
static bool relay_output(struct run *r) {
    const char *p;
    int ended;
    size_t n = dualpipe_peek(r->child, &p, &ended);
    if (n > 0 && r->s->verbose)
        log_traffic('<', p, n);
    if (n > 0 && run_write(r, false, p, n) < 0)
        r->stop_signal = r->stop_signal ? r->stop_signal : SIGTERM;
    dualpipe_consume(r->child, n);
    return n > 0 || !ended;
}

/* Returns 0 once the child and its output have ended; -1: the run must stop; -EMSGSIZE: a line of
 * the input is too long for the child's terminal. */
static int relay_sanitized(struct run *r) {
    struct dualpipe_pollitem items[3] = {{.dp = r->child}, {.dp = r->stdio}};
    bool input_open = true, output_open = true, pending;
    const char *p;
    int error = 0;
    while (output_open || dualpipe_wait(r->child, NULL, 0) == -ETIMEDOUT) {
        pending = input_open && dualpipe_peek(r->stdio, &p, NULL) > 0;
        items[0].events = (short)(DUALPIPE_POLL_STDERR |
                                  (output_open ? DUALPIPE_POLL_STDOUT : DUALPIPE_POLL_EXIT) |
                                  (pending ? DUALPIPE_POLL_STDIN | DUALPIPE_POLL_HUP : 0));
        items[1].events = input_open && !pending ? DUALPIPE_POLL_STDOUT : 0;
        if (run_wait(r, items, 2, UNITS_FOREVER) < 0)
            return -1;
        if (input_open && (items[1].revents ||
                           items[0].revents & (DUALPIPE_POLL_STDIN | DUALPIPE_POLL_HUP)))
            input_open = relay_input(r, &error);
        if (error)
            return error;
        output_open = output_open && relay_output(r);
        if (r->stop_signal)
            return -1;
    }
    return 0;
}

/* --- the mode ---------------------------------------------------------------------------- */

static void report_line_too_long(struct run *r) {
    log_error("input", NULL,
              "a line of it is longer than the 4095 bytes of a cooked terminal: --pty has no such "
              "limit");
    exit_status_set(r, "frame", STATUS_BAD_FRAME);
}

void stream_run(struct run *r) {
    struct stream stream = {.run = r, .exited_at = UNITS_FOREVER};
    char byte;
    ssize_t n;
    int done;
    if (!(stream.child = child_start(r)))
        return;
    status_report_ready(r, stream.child);
    if (r->s->verbose)
        dualpipe_relay_tap(stream.child, log_relayed_bytes, NULL);
    if ((done = r->sanitizer ? relay_sanitized(r) : relay_bytes(&stream)) == -EMSGSIZE)
        report_line_too_long(r);
    else if (done < 0 && !r->stop_signal)
        exit_status_output_failed(r, -done);
    child_stop(r, stream.child, done < 0, NULL);
    if ((n = dualpipe_read(r->stdio, &byte, 1, 0)) < 0 && n != -ETIMEDOUT) {
        log_error("reading", "standard input", "%s", strerror((int)-n));
        exit_status_set(r, "failed", STATUS_DUALPIPE_FAILED);
    }
    exit_status_set_by_child(r, &r->last_status);
}
