/* handle.c: the handle (struct dualpipe): makes, stops and frees it, and moves bytes without
 * waiting.
 *
 * A handle stands for one of three things:
 *
 *   a child       dualpipe_start(): process.pid is set; the pipe or pty ends are ours
 *   host streams  dualpipe_attach(): is_attached; the descriptors stay open and keep their flags
 *   a session     is_attached and is_session: a connected socket that the handle owns
 *
 * For a child, `in` writes its stdin, and `out` and `err` read its stdout and stderr. For host
 * streams the same fields are seen from the other side: `out` reads the stdin of the host, `in`
 * writes its stdout, host_err its stderr. dualpipe_relay() connects a handle of each kind.
 *
 * Nothing here waits; the calls that do are in io.c, and waiting itself is in poll.c. Both come
 * back here for each transfer: handle_recv() and handle_send() are the only ways to a child's
 * streams, except for splice in relay.c and the end-of-file characters below, so they count bytes,
 * enforce the output limit and note activity for the CPU meter. Closing stdin of a cooked terminal
 * may need room: eof_chars_due remembers what is still to be sent, and poll.c calls
 * handle_send_eof() until it has gone. */
#include "child/handle.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/options.h"
#include "os/pty.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DEFAULT_GRACE_MS = 2000 };

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

static int open_stdin_pipe(struct dualpipe *dp, const struct dualpipe_options *o, int *child_end) {
    int ends[2], r = fd_pipe(ends);
    if (r < 0)
        return r;
    *child_end = ends[0];
    writer_init(&dp->in, ends[1], FD_NONBLOCKING, !(o->flags & DUALPIPE_START_SIGPIPE_IGNORED));
    return fd_set_nonblocking(ends[1]);
}

static int open_output_pipe(struct reader *reader, size_t max, int *child_end) {
    int ends[2], r = fd_pipe(ends);
    if (r < 0)
        return r;
    *child_end = ends[1];
    reader_init(reader, ends[0], FD_NONBLOCKING, max);
    return fd_set_nonblocking(ends[0]);
}

/* The child has one descriptor for all streams of the terminal. We have one for each direction, so
 * that each can be closed alone. */
static int open_terminal(struct dualpipe *dp, const struct dualpipe_options *o,
                         struct process_streams *streams) {
    enum pty_mode mode = PTY_RAW;
    int master, stdin_fd, r;
    dp->is_cooked = o->transport == DUALPIPE_TRANSPORT_PTY_COOKED;
    if (dp->is_cooked)
        mode = PTY_COOKED;
    else if (o->flags & DUALPIPE_START_CLAIM_ECHO)
        mode = PTY_CLAIM_ECHO;
    if ((r = pty_open(&master, &streams->stdout_fd, mode)) < 0)
        return r;
    reader_init(&dp->out, master, FD_PTY, o->max_buffer);
    if ((r = pty_resize(master, o->rows, o->columns)) < 0 || !pty_is_controlling(o))
        return r;
    if ((stdin_fd = fcntl(master, F_DUPFD_CLOEXEC, 3)) < 0)
        return -errno;
    writer_init(&dp->in, stdin_fd, FD_PTY, false);
    streams->stdin_fd = streams->stdout_fd;
    if (o->err == DUALPIPE_STDERR_INHERIT)
        streams->stderr_fd = streams->stdout_fd;
    return 0;
}

/* Makes the streams; the ends of the child go to *streams. Its stderr is set only if it is relayed
 * or is the terminal. */
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

/* Closes stdin at once: a session is told by a half-close, and descriptors of the host are only
 * forgotten. */
static void close_stdin(struct dualpipe *dp) {
    if (dp->is_session && dp->in.fd >= 0)
        shutdown(dp->in.fd, SHUT_WR);
    else if (!dp->is_attached && dp->in.fd >= 0)
        close(dp->in.fd);
    writer_close(&dp->in);
    dp->eof_chars_due = 0;
}

struct dualpipe *handle_free(struct dualpipe *dp) {
    bool owns_fds = !dp->is_attached || dp->is_session;
    close_stdin(dp);
    writer_close(&dp->host_err);
    reader_close(&dp->out, owns_fds);
    reader_close(&dp->err, owns_fds);
    buffer_free(&dp->out.buf);
    buffer_free(&dp->err.buf);
    free(dp->relay);
    free(dp);
    return NULL;
}

static int check_start_options(const struct dualpipe_options *o, struct dualpipe_error *why) {
    if (!o->function && (!o->argv || !o->argv[0]))
        return error_set(why, "running", "", "no command is given", -EINVAL);
    if ((unsigned)o->transport > DUALPIPE_TRANSPORT_PTY_COOKED ||
        (unsigned)o->err > DUALPIPE_STDERR_FD ||
        (o->limits && (unsigned)o->limits->sandbox > DUALPIPE_SANDBOX_BEST_EFFORT))
        return error_set(why, "reading the options", NULL,
                         "a transport, stderr or sandbox that this version doesn't know", -EINVAL);
    if (pty_is_controlling(o) && o->flags & DUALPIPE_START_SAME_SESSION)
        return error_set(why, "making a terminal for", o->argv ? o->argv[0] : NULL,
                         "a terminal of its own needs a session of its own", -EINVAL);
    return 0;
}

/* stdout and stderr share one quota. */
static void set_output_quota(struct dualpipe *dp) {
    const struct dualpipe_limits *limits = dp->process.limits;
    if (!limits || limits->output == 0)
        return;
    dp->output_quota.remaining = limits->output;
    dp->out.quota = dp->err.quota = &dp->output_quota;
}

const char *dualpipe_version(int *number) {
    if (number)
        *number = DUALPIPE_VERSION_NUMBER;
    return DUALPIPE_VERSION;
}

/* Takes in the caller's options and limits, whatever version it was built with. */
static int copy_start_options(struct dualpipe_options *o, struct dualpipe_limits *limits,
                              const struct dualpipe_options *given, struct dualpipe_error *why) {
    int r = options_copy(o, sizeof *o, given);
    if (r == 0 && o->limits) {
        r = options_copy(limits, sizeof *limits, o->limits);
        o->limits = limits;
    }
    if (r < 0)
        error_set(why, "reading the options", NULL,
                  r == -E2BIG ? "they ask for what this version doesn't know" : NULL, r);
    return r;
}

int dualpipe_start(dualpipe **dp, const struct dualpipe_options *given,
                   struct dualpipe_error *why) {
    struct process_streams streams = {-1, -1, -1};
    struct dualpipe_options own, *o = &own;
    struct dualpipe_limits limits;
    struct dualpipe *handle;
    int r;
    *dp = NULL;
    if ((r = copy_start_options(o, &limits, given, why)) < 0 ||
        (r = check_start_options(o, why)) < 0)
        return r;
    if (o->err == DUALPIPE_STDERR_FD)
        streams.stderr_fd = o->err_fd;
    if (!(handle = alloc_handle()))
        return error_set(why, "allocating a handle", NULL, NULL, -ENOMEM);
    handle->grace = o->grace ? o->grace : DEFAULT_GRACE_MS;
    if ((r = open_streams(handle, o, &streams)) == 0)
        r = process_start(&handle->process, o, &streams, why);
    else
        error_set(why, o->transport ? "making a terminal for" : "making pipes for",
                  o->argv ? o->argv[0] : NULL, NULL, r);
    close_child_ends(&streams, o);
    set_output_quota(handle);
    if (r < 0)
        handle_free(handle);
    else
        *dp = handle;
    return r;
}

int dualpipe_attach(dualpipe **dp, int in, int out, int err, unsigned flags, size_t max) {
    struct dualpipe *handle = alloc_handle();
    bool mask_sigpipe = !(flags & DUALPIPE_START_SIGPIPE_IGNORED);
    *dp = NULL;
    if (!handle)
        return -ENOMEM;
    handle->is_attached = true;
    reader_init(&handle->out, in, in < 0 ? FD_NONBLOCKING : fd_kind(in), max);
    writer_init(&handle->in, out, FD_UNKNOWN, mask_sigpipe);
    writer_init(&handle->host_err, err, FD_UNKNOWN, mask_sigpipe);
    if (in >= 0 && handle->out.kind == FD_UNKNOWN) {
        handle_free(handle);
        return -EBADF;
    }
    *dp = handle;
    return 0;
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

long handle_unread(const struct dualpipe *dp) {
    int unread;
    if (dp->is_attached || dp->in.fd < 0 || dp->in.kind == FD_PTY ||
        ioctl(dp->in.fd, FIONREAD, &unread) < 0)
        return -1;
    return unread;
}

int handle_take_unread(const struct dualpipe *dp, struct buffer *to) {
    long unread = handle_unread(dp);
    size_t n = unread > 0 ? (size_t)unread : 0;
    char name[32], *p;
    ssize_t r = 0;
    int fd, error = 0;
    snprintf(name, sizeof name, "/proc/self/fd/%d", dp->in.fd);
    if (n == 0)
        return 0;
    if ((fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC)) < 0)
        return -errno;
    if (!(p = buffer_extend(to, n)) || (r = fd_read(fd, FD_NONBLOCKING, p, n)) < (ssize_t)n)
        error = !p ? -ENOMEM : r < 0 ? (int)r : -EIO;
    else
        buffer_commit(to, n);
    close(fd);
    return error;
}

size_t dualpipe_peek(dualpipe *dp, const char **p, int *ended) {
    if (ended)
        *ended = dp->out.ended || dp->out.fd < 0;
    return handle_output(dp, p);
}

void dualpipe_consume(dualpipe *dp, size_t n) {
    size_t available = buffer_len(&dp->out.buf);
    buffer_consume(&dp->out.buf, n < available ? n : available);
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

/* A cooked terminal takes a first end-of-file character as the end of an unfinished line, and only
 * a second one as end of file. */
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
