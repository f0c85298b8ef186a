/* io.c: the calls on a handle that wait. */
#include "child/handle.h"
#include "base/clock.h"
#include "os/pty.h"
#include <errno.h>
#include <signal.h>
#include <string.h>

enum { KILLED_WITHIN = 2000 };

/* What it may be waited for while something else is wanted of it, so that nobody waits for
 * each other: a child's output; of the host's own descriptors nothing. */
static short background_events(const struct dualpipe *dp) {
    return handle_is_host(dp) ? 0 : DUALPIPE_POLL_STDOUT | DUALPIPE_POLL_STDERR;
}

static bool is_buffer_full(const struct dualpipe *dp) {
    return !handle_is_host(dp) && (buffer_is_full(&dp->out.buf) || buffer_is_full(&dp->err.buf));
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
