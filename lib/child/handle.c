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

static struct dualpipe *allocate(void) {
    struct dualpipe *dp = calloc(1, sizeof *dp);
    if (!dp)
        return NULL;
    pace_init(&dp->pace);
    dp->process.pidfd = -1;
    dp->process.kill_at = dp->process.meter.look_at = CLOCK_NEVER;
    outlet_init(&dp->in, -1, FD_OWN, false);
    outlet_init(&dp->err_to, -1, FD_OWN, false);
    inlet_init(&dp->out, -1, FD_OWN, 0);
    inlet_init(&dp->err, -1, FD_OWN, 0);
    return dp;
}

static int make_input(struct dualpipe *dp, const struct dualpipe_options *o, int *theirs) {
    int ends[2], r = fd_pipe(ends);
    if (r < 0)
        return r;
    *theirs = ends[0];
    outlet_init(&dp->in, ends[1], FD_OWN, !(o->flags & DUALPIPE_SIGPIPE_IGNORED));
    return fd_nonblock(ends[1]);
}

static int make_output(struct inlet *i, size_t max, int *theirs) {
    int ends[2], r = fd_pipe(ends);
    if (r < 0)
        return r;
    *theirs = ends[1];
    inlet_init(i, ends[0], FD_OWN, max);
    return fd_nonblock(ends[0]);
}

/* The child has one descriptor for all of it; we have one a direction, so that each is closed
 * apart. */
static int make_terminal(struct dualpipe *dp, const struct dualpipe_options *o,
                         struct process_streams *streams) {
    enum terminal_kind kind = TERMINAL_RAW;
    int master, input, r;
    dp->cooked = o->transport == DUALPIPE_PTY_COOKED;
    if (dp->cooked)
        kind = TERMINAL_COOKED;
    else if (o->flags & DUALPIPE_CLAIM_ECHO)
        kind = TERMINAL_CLAIMS_ECHO;
    if ((r = terminal_open(&master, &streams->out, kind)) < 0)
        return r;
    inlet_init(&dp->out, master, FD_PTY, o->max);
    if ((r = terminal_resize(master, o->rows, o->columns)) < 0 || !terminal_controls(o))
        return r;
    if ((input = fcntl(master, F_DUPFD_CLOEXEC, 3)) < 0)
        return -errno;
    outlet_init(&dp->in, input, FD_PTY, false);
    streams->in = streams->out;
    if (o->err == DUALPIPE_INHERIT)
        streams->err = streams->out;
    return 0;
}

/* The child's ends in streams; stderr's only if it is relayed, or a terminal's. */
static int make_streams(struct dualpipe *dp, const struct dualpipe_options *o,
                        struct process_streams *streams) {
    int r = terminal_controls(o) ? 0 : make_input(dp, o, &streams->in);
    if (r == 0)
        r = o->transport == DUALPIPE_PIPE ? make_output(&dp->out, o->max, &streams->out)
                                          : make_terminal(dp, o, streams);
    if (r == 0 && o->err == DUALPIPE_RELAY)
        r = make_output(&dp->err, o->max, &streams->err);
    return r;
}

static void close_ends(struct process_streams *streams, const struct dualpipe_options *o) {
    if (streams->in != streams->out)
        fd_close(&streams->in);
    fd_close(&streams->out);
    if (o->err == DUALPIPE_RELAY)
        fd_close(&streams->err);
}

static void close_input(struct dualpipe *dp) {
    if (dp->connected && dp->in.fd >= 0)
        shutdown(dp->in.fd, SHUT_WR);
    else if (!dp->attached && dp->in.fd >= 0)
        close(dp->in.fd);
    outlet_close(&dp->in);
    dp->ends = 0;
}

static struct dualpipe *discard(struct dualpipe *dp) {
    bool ours = !dp->attached || dp->connected;
    close_input(dp);
    outlet_close(&dp->err_to);
    inlet_close(&dp->out, ours);
    inlet_close(&dp->err, ours);
    buffer_free(&dp->out.held);
    buffer_free(&dp->err.held);
    relay_free(dp->relay);
    free(dp);
    return NULL;
}

static int check_options(const struct dualpipe_options *o, struct dualpipe_failure *why) {
    if (!o->function && (!o->argv || !o->argv[0]))
        return failed(why, "running", "", "no command is given", -EINVAL);
    if (terminal_controls(o) && o->flags & DUALPIPE_SAME_SESSION)
        return failed(why, "making a terminal for", o->argv ? o->argv[0] : NULL,
                      "a terminal of its own needs a session of its own", -EINVAL);
    return 0;
}

static void allow_output(struct dualpipe *dp) {
    const struct dualpipe_limits *l = dp->process.limits;
    if (!l || l->output == 0)
        return;
    dp->allowance.left = l->output;
    dp->out.allowance = dp->err.allowance = &dp->allowance;
}

int dualpipe_start(dualpipe **dp, const struct dualpipe_options *o,
                   struct dualpipe_failure *why) {
    struct process_streams streams = {-1, -1, o->err == DUALPIPE_FD ? o->err_fd : -1};
    struct dualpipe *made;
    int r;
    *dp = NULL;
    if ((r = check_options(o, why)) < 0)
        return r;
    if (!(made = allocate()))
        return failed(why, "allocating a handle", NULL, NULL, -ENOMEM);
    made->grace = o->grace ? o->grace : DEFAULT_GRACE;
    if ((r = make_streams(made, o, &streams)) == 0)
        r = process_start(&made->process, o, &streams, why);
    else
        failed(why, o->transport ? "making a terminal for" : "making pipes for",
               o->argv ? o->argv[0] : NULL, NULL, r);
    close_ends(&streams, o);
    allow_output(made);
    if (r < 0)
        discard(made);
    else
        *dp = made;
    return r;
}

int dualpipe_attach(dualpipe **dp, int in, int out, int err, unsigned flags, size_t max) {
    struct dualpipe *made = allocate();
    bool mask = !(flags & DUALPIPE_SIGPIPE_IGNORED);
    *dp = NULL;
    if (!made)
        return -ENOMEM;
    made->attached = true;
    inlet_init(&made->out, in, in < 0 ? FD_OWN : fd_kind(in), max);
    outlet_init(&made->in, out, FD_UNKNOWN, mask);
    outlet_init(&made->err_to, err, FD_UNKNOWN, mask);
    if (in >= 0 && made->out.kind == FD_UNKNOWN) {
        discard(made);
        return -EBADF;
    }
    *dp = made;
    return 0;
}

/* What it may be waited for while something else is wanted of it, so that nobody waits for
 * each other: a child's output; of the host's own descriptors nothing. */
static short meanwhile(const struct dualpipe *dp) {
    return channel_is_hosts(dp) ? 0 : DUALPIPE_IN | DUALPIPE_ERR;
}

static bool is_full(const struct dualpipe *dp) {
    return !channel_is_hosts(dp) && (buffer_full(&dp->out.held) || buffer_full(&dp->err.held));
}

ssize_t channel_take(struct dualpipe *dp, struct inlet *i, bool ready) {
    ssize_t r = inlet_take(i, ready);
    if (r > 0 && i == &dp->out)
        dp->received += (uint64_t)r;
    if (r >= 0 && dp->allowance.passed)
        process_exceed(&dp->process, DUALPIPE_OUTPUT, dp->grace);
    dp->process.meter.stirred |= r > 0;
    return r;
}

ssize_t channel_send(struct dualpipe *dp, const char *p, size_t n) {
    ssize_t r = outlet_write(&dp->in, p, n);
    if (r > 0 && dp->cooked)
        dp->line = terminal_unfinished(p, (size_t)r, dp->line);
    dp->process.meter.stirred = true;
    return r;
}

static bool is_too_long(const struct dualpipe *dp, const char *p, size_t n) {
    bool too_long = false;
    if (dp->cooked)
        terminal_lines(p, n, dp->line, &too_long);
    return too_long;
}

ssize_t dualpipe_write(dualpipe *dp, const void *p, size_t n, int limit) {
    struct dualpipe_event e = {.dp = dp, .wants = DUALPIPE_OUT | meanwhile(dp)};
    int64_t until = 0;
    size_t done = 0;
    ssize_t r = 0;
    if (dp->in.fd < 0 || dp->ends > 0)
        return -EBADF;
    if (is_too_long(dp, p, n))
        return -EMSGSIZE;
    while (done < n) {
        if ((r = channel_send(dp, (const char *)p + done, n - done)) > 0) {
            done += (size_t)r;
            if (limit == 0 && done < n && dp->in.kind == FD_OWN)
                break; /* the pipe is full */
            continue;
        }
        if (r != -EAGAIN)
            break;
        if (is_full(dp)) {
            r = -ENOBUFS;
            break;
        }
        if (until == 0)
            until = clock_after(limit);
        e.has = 0;
        if (limit != 0 && (r = dualpipe_poll(&e, 1, clock_left(until))) < 0)
            break;
        if (!(e.has & (DUALPIPE_OUT | DUALPIPE_GONE)) && clock_left(until) == 0) {
            r = -ETIMEDOUT;
            break;
        }
    }
    return done > 0 || n == 0 ? (ssize_t)done : r;
}

/* Waits for more on one stream; the other is taken in meanwhile. 1: there is more, or its end. */
static int await(struct dualpipe *dp, struct inlet *i, int64_t until) {
    struct dualpipe_event e = {.dp = dp, .wants = DUALPIPE_IN | meanwhile(dp)};
    short means = i == &dp->out ? DUALPIPE_IN : DUALPIPE_ERR;
    do {
        if (is_full(dp) && !buffer_full(&i->held))
            return -ENOBUFS;
        if (dualpipe_poll(&e, 1, clock_left(until)) < 0)
            return -ENOMEM;
        if (e.has & means)
            return 1;
    } while (clock_left(until) != 0);
    return -ETIMEDOUT;
}

static ssize_t read_inlet(struct dualpipe *dp, struct inlet *i, void *p, size_t n, int limit) {
    int64_t until = clock_after(limit);
    size_t held;
    while ((held = buffer_held(&i->held)) == 0) {
        int r;
        if (i->ended || i->fd < 0)
            return i->error;
        if ((r = await(dp, i, until)) < 0)
            return r;
    }
    if (n > held)
        n = held;
    memcpy(p, buffer_data(&i->held), n);
    buffer_consume(&i->held, n);
    return (ssize_t)n;
}

ssize_t dualpipe_read(dualpipe *dp, void *p, size_t n, int limit) {
    return read_inlet(dp, &dp->out, p, n, limit);
}

ssize_t dualpipe_read_stderr(dualpipe *dp, void *p, size_t n, int limit) {
    if (dp->err.fd < 0 && !dp->err.ended)
        return -EINVAL;
    return read_inlet(dp, &dp->err, p, n, limit);
}

ssize_t dualpipe_readline(dualpipe *dp, const char **line, int limit) {
    struct buffer *held = &dp->out.held;
    int64_t until = clock_after(limit);
    size_t seen = 0;
    for (;;) {
        const char *p = buffer_data(held), *end = NULL;
        size_t n = buffer_held(held);
        int r;
        if (n > seen)
            end = memchr(p + seen, '\n', n - seen);
        if (end || dp->out.fd < 0 || dp->out.ended) {
            n = end ? (size_t)(end - p) + 1 : n;
            *line = p;
            buffer_consume(held, n); /* the bytes stay where they are until more are taken in */
            return n > 0 ? (ssize_t)n : dp->out.error;
        }
        if (buffer_full(held))
            return -EMSGSIZE;
        seen = n;
        if ((r = await(dp, &dp->out, until)) < 0)
            return r;
    }
}

size_t dualpipe_peek(dualpipe *dp, const char **p, int *ended) {
    if (ended)
        *ended = dp->out.ended || dp->out.fd < 0;
    return channel_output(dp, p);
}

void dualpipe_consume(dualpipe *dp, size_t n) {
    buffer_consume(&dp->out.held, n);
}

void channel_enlarge(struct dualpipe *dp) {
    if (dp->large)
        return;
    dp->large = true;
    if (dp->in.kind == FD_OWN)
        fd_enlarge(dp->in.fd);
    if (dp->out.kind == FD_OWN)
        fd_enlarge(dp->out.fd);
}

void channel_tick(struct dualpipe *dp) {
    ssize_t r = outlet_write(&dp->in, TERMINAL_END, (size_t)dp->ends);
    if (r > 0)
        dp->ends -= (int)r;
    if (dp->ends == 0 || (r < 0 && r != -EAGAIN))
        close_input(dp);
}

/* The first of two gives the child the unfinished line, the second nothing: its end of file. */
int dualpipe_end(dualpipe *dp) {
    if (dp->in.fd >= 0 && dp->in.kind == FD_PTY && !dp->cooked)
        return -ENOTSUP;
    if (dp->in.fd < 0 || !dp->cooked) {
        close_input(dp);
        return 0;
    }
    if (dp->ends == 0)
        dp->ends = dp->line > 0 ? 2 : 1;
    channel_tick(dp);
    return 0;
}

int dualpipe_resize(dualpipe *dp, unsigned short rows, unsigned short columns) {
    return dp->out.kind == FD_PTY ? terminal_resize(dp->out.fd, rows, columns) : -ENOTTY;
}

int dualpipe_echo(dualpipe *dp) {
    return dp->in.kind == FD_PTY ? terminal_echo(dp->in.fd) : -ENOTTY;
}

int dualpipe_signal(dualpipe *dp, int signo) {
    return process_signal(&dp->process, signo);
}

int dualpipe_stop(dualpipe *dp, int signo) {
    close_input(dp);
    return process_stop(&dp->process, signo, dp->grace);
}

int dualpipe_wait(dualpipe *dp, struct dualpipe_status *s, int limit) {
    struct dualpipe_event e = {.dp = dp, .wants = DUALPIPE_ENDED | DUALPIPE_IN | DUALPIPE_ERR};
    int64_t until = clock_after(limit);
    while (!process_check(&dp->process)) {
        if (is_full(dp))
            return -ENOBUFS;
        if (clock_left(until) == 0)
            return -ETIMEDOUT;
        dualpipe_poll(&e, 1, clock_left(until));
    }
    if (s)
        *s = dp->process.status;
    return dp->process.lost ? -ECHILD : 0;
}

/* Whether it has ended within limit, what it writes being dropped. */
static bool ends_within(struct dualpipe *dp, int limit) {
    int64_t until = clock_after(limit);
    int r;
    do {
        buffer_consume(&dp->out.held, buffer_held(&dp->out.held));
        buffer_consume(&dp->err.held, buffer_held(&dp->err.held));
        r = dualpipe_wait(dp, NULL, clock_left(until));
    } while (r == -ENOBUFS);
    return r != -ETIMEDOUT;
}

dualpipe *dualpipe_close(dualpipe *dp, struct dualpipe_status *s) {
    int patience;
    if (!dp)
        return NULL;
    if (dp->asker)
        dp->forget_asker(dp->asker);
    patience = dualpipe_end(dp) < 0 ? 0 : dp->grace; /* for what has been told to end */
    if (!dp->attached && !ends_within(dp, patience)) {
        dualpipe_stop(dp, 0);
        if (!ends_within(dp, dp->grace)) {
            process_signal(&dp->process, SIGKILL);
            ends_within(dp, KILLED_WITHIN);
        }
    }
    if (s)
        *s = dp->process.status;
    process_reap(&dp->process);
    return discard(dp);
}
