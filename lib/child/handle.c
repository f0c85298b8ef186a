/* handle.c: one child, or descriptors of the host's own, and their nonblocking streams. */
#include "child/handle.h"
#include "base/clock.h"
#include "base/error.h"
#include "os/pty.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DEFAULT_GRACE = 2000, KILLED_WITHIN = 2000 };

static struct dualpipe *alloc_handle(void) {
    struct dualpipe *dp = calloc(1, sizeof *dp);
    if (!dp)
        return NULL;
    spin_init(&dp->spin);
    dp->process.exit_fd = -1;
    dp->process.kill_deadline = dp->process.cputime.check_at = CLOCK_NEVER;
    writer_init(&dp->in, -1, FD_NONBLOCKING, false);
    writer_init(&dp->host_err, -1, FD_NONBLOCKING, false);
    reader_init(&dp->out, -1, FD_NONBLOCKING, 0);
    reader_init(&dp->err, -1, FD_NONBLOCKING, 0);
    return dp;
}

static int open_stdin_pipe(struct dualpipe *dp, const struct dualpipe_options *o, int *theirs) {
    int ends[2], r = fd_pipe(ends);
    if (r < 0)
        return r;
    *theirs = ends[0];
    writer_init(&dp->in, ends[1], FD_NONBLOCKING, !(o->flags & DUALPIPE_START_SIGPIPE_IGNORED));
    return fd_set_nonblocking(ends[1]);
}

static int open_output_pipe(struct reader *reader, size_t max, int *theirs) {
    int ends[2], r = fd_pipe(ends);
    if (r < 0)
        return r;
    *theirs = ends[1];
    reader_init(reader, ends[0], FD_NONBLOCKING, max);
    return fd_set_nonblocking(ends[0]);
}

/* The child has one descriptor for all of it; we have one a direction, so that each is closed
 * apart. */
static int open_terminal(struct dualpipe *dp, const struct dualpipe_options *o,
                         struct process_streams *streams) {
    enum pty_mode kind = PTY_RAW;
    int master, input, r;
    dp->is_cooked = o->transport == DUALPIPE_TRANSPORT_PTY_COOKED;
    if (dp->is_cooked)
        kind = PTY_COOKED;
    else if (o->flags & DUALPIPE_START_CLAIM_ECHO)
        kind = PTY_CLAIM_ECHO;
    if ((r = pty_open(&master, &streams->stdout_fd, kind)) < 0)
        return r;
    reader_init(&dp->out, master, FD_PTY, o->max_buffer);
    if ((r = pty_resize(master, o->rows, o->columns)) < 0 || !pty_is_controlling(o))
        return r;
    if ((input = fcntl(master, F_DUPFD_CLOEXEC, 3)) < 0)
        return -errno;
    writer_init(&dp->in, input, FD_PTY, false);
    streams->stdin_fd = streams->stdout_fd;
    if (o->err == DUALPIPE_STDERR_INHERIT)
        streams->stderr_fd = streams->stdout_fd;
    return 0;
}

/* The child's ends in streams; stderr's only if it is relayed, or a terminal's. */
static int open_streams(struct dualpipe *dp, const struct dualpipe_options *o,
                        struct process_streams *streams) {
    int r = pty_is_controlling(o) ? 0 : open_stdin_pipe(dp, o, &streams->stdin_fd);
    if (r == 0)
        r = o->transport == DUALPIPE_TRANSPORT_PIPE
                ? open_output_pipe(&dp->out, o->max_buffer, &streams->stdout_fd)
                : open_terminal(dp, o, streams);
    if (r == 0 && o->err == DUALPIPE_STDERR_RELAY)
        r = open_output_pipe(&dp->err, o->max_buffer, &streams->stderr_fd);
    return r;
}

static void close_child_ends(struct process_streams *streams, const struct dualpipe_options *o) {
    if (streams->stdin_fd != streams->stdout_fd)
        fd_close(&streams->stdin_fd);
    fd_close(&streams->stdout_fd);
    if (o->err == DUALPIPE_STDERR_RELAY)
        fd_close(&streams->stderr_fd);
}

static void close_stdin(struct dualpipe *dp) {
    if (dp->is_session && dp->in.fd >= 0)
        shutdown(dp->in.fd, SHUT_WR);
    else if (!dp->is_attached && dp->in.fd >= 0)
        close(dp->in.fd);
    writer_close(&dp->in);
    dp->eof_chars_due = 0;
}

static struct dualpipe *handle_free(struct dualpipe *dp) {
    bool ours = !dp->is_attached || dp->is_session;
    close_stdin(dp);
    writer_close(&dp->host_err);
    reader_close(&dp->out, ours);
    reader_close(&dp->err, ours);
    buffer_free(&dp->out.buf);
    buffer_free(&dp->err.buf);
    handle_free_relay(dp->relay);
    free(dp);
    return NULL;
}

static int check_start_options(const struct dualpipe_options *o, struct dualpipe_error *why) {
    if (!o->function && (!o->argv || !o->argv[0]))
        return error_set(why, "running", "", "no command is given", -EINVAL);
    if (pty_is_controlling(o) && o->flags & DUALPIPE_START_SAME_SESSION)
        return error_set(why, "making a terminal for", o->argv ? o->argv[0] : NULL,
                         "a terminal of its own needs a session of its own", -EINVAL);
    return 0;
}

static void set_output_quota(struct dualpipe *dp) {
    const struct dualpipe_limits *l = dp->process.limits;
    if (!l || l->output == 0)
        return;
    dp->output_quota.remaining = l->output;
    dp->out.quota = dp->err.quota = &dp->output_quota;
}

int dualpipe_start(dualpipe **dp, const struct dualpipe_options *o, struct dualpipe_error *why) {
    struct process_streams streams = {-1, -1, o->err == DUALPIPE_STDERR_FD ? o->err_fd : -1};
    struct dualpipe *made;
    int r;
    *dp = NULL;
    if ((r = check_start_options(o, why)) < 0)
        return r;
    if (!(made = alloc_handle()))
        return error_set(why, "allocating a handle", NULL, NULL, -ENOMEM);
    made->grace = o->grace ? o->grace : DEFAULT_GRACE;
    if ((r = open_streams(made, o, &streams)) == 0)
        r = process_start(&made->process, o, &streams, why);
    else
        error_set(why, o->transport ? "making a terminal for" : "making pipes for",
                  o->argv ? o->argv[0] : NULL, NULL, r);
    close_child_ends(&streams, o);
    set_output_quota(made);
    if (r < 0)
        handle_free(made);
    else
        *dp = made;
    return r;
}

int dualpipe_attach(dualpipe **dp, int in, int out, int err, unsigned flags, size_t max) {
    struct dualpipe *made = alloc_handle();
    bool mask = !(flags & DUALPIPE_START_SIGPIPE_IGNORED);
    *dp = NULL;
    if (!made)
        return -ENOMEM;
    made->is_attached = true;
    reader_init(&made->out, in, in < 0 ? FD_NONBLOCKING : fd_kind(in), max);
    writer_init(&made->in, out, FD_UNKNOWN, mask);
    writer_init(&made->host_err, err, FD_UNKNOWN, mask);
    if (in >= 0 && made->out.kind == FD_UNKNOWN) {
        handle_free(made);
        return -EBADF;
    }
    *dp = made;
    return 0;
}

/* What it may be waited for while something else is wanted of it, so that nobody waits for
 * each other: a child's output; of the host's own descriptors nothing. */
static short background_events(const struct dualpipe *dp) {
    return handle_is_host(dp) ? 0 : DUALPIPE_POLL_STDOUT | DUALPIPE_POLL_STDERR;
}

static bool is_buffer_full(const struct dualpipe *dp) {
    return !handle_is_host(dp) && (buffer_is_full(&dp->out.buf) || buffer_is_full(&dp->err.buf));
}

ssize_t handle_recv(struct dualpipe *dp, struct reader *reader, bool ready) {
    ssize_t r = reader_fill(reader, ready);
    if (r > 0 && reader == &dp->out)
        dp->received += (uint64_t)r;
    if (r >= 0 && dp->output_quota.exceeded)
        process_limit_exceeded(&dp->process, DUALPIPE_LIMIT_OUTPUT, dp->grace);
    dp->process.cputime.had_io |= r > 0;
    return r;
}

ssize_t handle_send(struct dualpipe *dp, const char *p, size_t n) {
    ssize_t r = writer_write(&dp->in, p, n);
    if (r > 0 && dp->is_cooked)
        dp->unfinished_len = pty_unfinished_len(p, (size_t)r, dp->unfinished_len);
    dp->process.cputime.had_io = true;
    return r;
}

static bool is_line_too_long(const struct dualpipe *dp, const char *p, size_t n) {
    bool too_long = false;
    if (dp->is_cooked)
        pty_sendable_lines(p, n, dp->unfinished_len, &too_long);
    return too_long;
}

ssize_t dualpipe_write(dualpipe *dp, const void *p, size_t n, int limit) {
    struct dualpipe_pollitem e = {.dp = dp, .events = DUALPIPE_POLL_STDIN | background_events(dp)};
    int64_t until = 0;
    size_t done = 0;
    ssize_t r = 0;
    if (dp->in.fd < 0 || dp->eof_chars_due > 0)
        return -EBADF;
    if (is_line_too_long(dp, p, n))
        return -EMSGSIZE;
    while (done < n) {
        if ((r = handle_send(dp, (const char *)p + done, n - done)) > 0) {
            done += (size_t)r;
            if (limit == 0 && done < n && dp->in.kind == FD_NONBLOCKING)
                break; /* the pipe is full */
            continue;
        }
        if (r != -EAGAIN)
            break;
        if (is_buffer_full(dp)) {
            r = -ENOBUFS;
            break;
        }
        if (until == 0)
            until = clock_deadline(limit);
        e.revents = 0;
        if (limit != 0 && (r = dualpipe_poll(&e, 1, clock_remaining_ms(until))) < 0)
            break;
        if (!(e.revents & (DUALPIPE_POLL_STDIN | DUALPIPE_POLL_HUP)) &&
            clock_remaining_ms(until) == 0) {
            r = -ETIMEDOUT;
            break;
        }
    }
    return done > 0 || n == 0 ? (ssize_t)done : r;
}

/* Waits for more on one stream; the other is taken in meanwhile. 1: there is more, or its end. */
static int wait_for_input(struct dualpipe *dp, struct reader *reader, int64_t until) {
    struct dualpipe_pollitem e = {.dp = dp, .events = DUALPIPE_POLL_STDOUT | background_events(dp)};
    short means = reader == &dp->out ? DUALPIPE_POLL_STDOUT : DUALPIPE_POLL_STDERR;
    do {
        if (is_buffer_full(dp) && !buffer_is_full(&reader->buf))
            return -ENOBUFS;
        if (dualpipe_poll(&e, 1, clock_remaining_ms(until)) < 0)
            return -ENOMEM;
        if (e.revents & means)
            return 1;
    } while (clock_remaining_ms(until) != 0);
    return -ETIMEDOUT;
}

static ssize_t read_stream(struct dualpipe *dp, struct reader *reader, void *p, size_t n,
                           int limit) {
    int64_t until = clock_deadline(limit);
    size_t held;
    while ((held = buffer_len(&reader->buf)) == 0) {
        int r;
        if (reader->ended || reader->fd < 0)
            return reader->error;
        if ((r = wait_for_input(dp, reader, until)) < 0)
            return r;
    }
    if (n > held)
        n = held;
    memcpy(p, buffer_data(&reader->buf), n);
    buffer_consume(&reader->buf, n);
    return (ssize_t)n;
}

ssize_t dualpipe_read(dualpipe *dp, void *p, size_t n, int limit) {
    return read_stream(dp, &dp->out, p, n, limit);
}

ssize_t dualpipe_read_stderr(dualpipe *dp, void *p, size_t n, int limit) {
    if (dp->err.fd < 0 && !dp->err.ended)
        return -EINVAL;
    return read_stream(dp, &dp->err, p, n, limit);
}

ssize_t dualpipe_readline(dualpipe *dp, const char **line, int limit) {
    struct buffer *held = &dp->out.buf;
    int64_t until = clock_deadline(limit);
    size_t seen = 0;
    for (;;) {
        const char *p = buffer_data(held), *end = NULL;
        size_t n = buffer_len(held);
        int r;
        if (n > seen)
            end = memchr(p + seen, '\n', n - seen);
        if (end || dp->out.fd < 0 || dp->out.ended) {
            n = end ? (size_t)(end - p) + 1 : n;
            *line = p;
            buffer_consume(held, n); /* the bytes stay where they are until more are taken in */
            return n > 0 ? (ssize_t)n : dp->out.error;
        }
        if (buffer_is_full(held))
            return -EMSGSIZE;
        seen = n;
        if ((r = wait_for_input(dp, &dp->out, until)) < 0)
            return r;
    }
}

size_t dualpipe_peek(dualpipe *dp, const char **p, int *ended) {
    if (ended)
        *ended = dp->out.ended || dp->out.fd < 0;
    return handle_output(dp, p);
}

void dualpipe_consume(dualpipe *dp, size_t n) {
    buffer_consume(&dp->out.buf, n);
}

void handle_enlarge_pipes(struct dualpipe *dp) {
    if (dp->pipes_enlarged)
        return;
    dp->pipes_enlarged = true;
    if (dp->in.kind == FD_NONBLOCKING)
        fd_enlarge_pipe(dp->in.fd);
    if (dp->out.kind == FD_NONBLOCKING)
        fd_enlarge_pipe(dp->out.fd);
}

void handle_send_eof(struct dualpipe *dp) {
    ssize_t r = writer_write(&dp->in, PTY_EOF_CHARS, (size_t)dp->eof_chars_due);
    if (r > 0)
        dp->eof_chars_due -= (int)r;
    if (dp->eof_chars_due == 0 || (r < 0 && r != -EAGAIN))
        close_stdin(dp);
}

/* The first of two gives the child the unfinished line, the second nothing: its end of file. */
int dualpipe_close_stdin(dualpipe *dp) {
    if (dp->in.fd >= 0 && dp->in.kind == FD_PTY && !dp->is_cooked)
        return -ENOTSUP;
    if (dp->in.fd < 0 || !dp->is_cooked) {
        close_stdin(dp);
        return 0;
    }
    if (dp->eof_chars_due == 0)
        dp->eof_chars_due = dp->unfinished_len > 0 ? 2 : 1;
    handle_send_eof(dp);
    return 0;
}

int dualpipe_resize(dualpipe *dp, unsigned short rows, unsigned short columns) {
    return dp->out.kind == FD_PTY ? pty_resize(dp->out.fd, rows, columns) : -ENOTTY;
}

int dualpipe_echo(dualpipe *dp) {
    return dp->in.kind == FD_PTY ? pty_echo_state(dp->in.fd) : -ENOTTY;
}

int dualpipe_signal(dualpipe *dp, int signo) {
    return process_signal(&dp->process, signo);
}

int dualpipe_stop(dualpipe *dp, int signo) {
    close_stdin(dp);
    return process_stop(&dp->process, signo, dp->grace);
}

int dualpipe_wait(dualpipe *dp, struct dualpipe_status *s, int limit) {
    struct dualpipe_pollitem e = {
        .dp = dp, .events = DUALPIPE_POLL_EXIT | DUALPIPE_POLL_STDOUT | DUALPIPE_POLL_STDERR};
    int64_t until = clock_deadline(limit);
    while (!process_poll_exit(&dp->process)) {
        if (is_buffer_full(dp))
            return -ENOBUFS;
        if (clock_remaining_ms(until) == 0)
            return -ETIMEDOUT;
        dualpipe_poll(&e, 1, clock_remaining_ms(until));
    }
    if (s)
        *s = dp->process.status;
    return dp->process.status_lost ? -ECHILD : 0;
}

/* Whether it has ended within limit, what it writes being dropped. */
static bool exits_within(struct dualpipe *dp, int limit) {
    int64_t until = clock_deadline(limit);
    int r;
    do {
        buffer_consume(&dp->out.buf, buffer_len(&dp->out.buf));
        buffer_consume(&dp->err.buf, buffer_len(&dp->err.buf));
        r = dualpipe_wait(dp, NULL, clock_remaining_ms(until));
    } while (r == -ENOBUFS);
    return r != -ETIMEDOUT;
}

dualpipe *dualpipe_close(dualpipe *dp, struct dualpipe_status *s) {
    int patience;
    if (!dp)
        return NULL;
    if (dp->ask_pool)
        dp->ask_pool_close(dp->ask_pool);
    patience = dualpipe_close_stdin(dp) < 0 ? 0 : dp->grace; /* for what has been told to end */
    if (!dp->is_attached && !exits_within(dp, patience)) {
        dualpipe_stop(dp, 0);
        if (!exits_within(dp, dp->grace)) {
            process_signal(&dp->process, SIGKILL);
            exits_within(dp, KILLED_WITHIN);
        }
    }
    if (s)
        *s = dp->process.status;
    process_reap(&dp->process);
    return handle_free(dp);
}
