/* io.c: the public calls on a handle that wait: write, read, readline, wait, close.
 *
 * Both pipes may be full at once: a child that is blocked writing does not read. So every wait for
 * one stream also reads the others into their buffers, and a call fails with -ENOBUFS instead of
 * waiting for a full buffer to drain by itself: the caller has to read first. Host streams are the
 * exception: nothing is read from them unless the caller asks for it, since other processes share
 * them.
 *
 * Each call makes one deadline from its timeout and waits with dualpipe_poll(). dualpipe_close() is
 * the longest: end of file, SIGTERM, SIGKILL, each with a bounded wait in which output is
 * discarded. */
#include "child/handle.h"
#include "base/clock.h"
#include "os/pty.h"
#include <errno.h>
#include <signal.h>
#include <string.h>

enum { KILL_WAIT_MS = 2000 };

/* The events to poll besides the one that is waited for: a child's output is always read, so that
 * we and the child never wait for each other; nothing is read from the host. */
static short background_events(const struct dualpipe *dp) {
    return handle_is_host(dp) ? 0 : DUALPIPE_POLL_STDOUT | DUALPIPE_POLL_STDERR;
}

static bool is_any_buffer_full(const struct dualpipe *dp) {
    return !handle_is_host(dp) && (buffer_is_full(&dp->out.buf) || buffer_is_full(&dp->err.buf));
}

static bool is_line_too_long(const struct dualpipe *dp, const char *p, size_t n) {
    bool too_long = false;
    if (dp->is_cooked)
        pty_sendable_lines(p, n, dp->unfinished_len, &too_long);
    return too_long;
}

ssize_t dualpipe_write(dualpipe *dp, const void *p, size_t n, int timeout_ms) {
    struct dualpipe_pollitem item = {.dp = dp,
                                     .events = DUALPIPE_POLL_STDIN | background_events(dp)};
    int64_t deadline = 0;
    size_t done = 0;
    ssize_t r = 0;
    if (dp->in.fd < 0 || dp->eof_chars_due > 0)
        return -EBADF;
    if (is_line_too_long(dp, p, n))
        return -EMSGSIZE;
    while (done < n) {
        if ((r = handle_send(dp, (const char *)p + done, n - done)) > 0) {
            done += (size_t)r;
            if (timeout_ms == 0 && done < n && dp->in.kind == FD_NONBLOCKING)
                break; /* the pipe is full */
            continue;
        }
        if (r != -EAGAIN)
            break;
        if (is_any_buffer_full(dp)) {
            r = -ENOBUFS;
            break;
        }
        if (deadline == 0)
            deadline = clock_deadline(timeout_ms);
        item.revents = 0;
        if (timeout_ms != 0 && (r = dualpipe_poll(&item, 1, clock_remaining_ms(deadline))) < 0)
            break;
        if (!(item.revents & (DUALPIPE_POLL_STDIN | DUALPIPE_POLL_HUP)) &&
            clock_remaining_ms(deadline) == 0) {
            r = -ETIMEDOUT;
            break;
        }
    }
    return done > 0 || n == 0 ? (ssize_t)done : r;
}

/* Waits until `reader` has more bytes or its end, which returns 1; the other stream is read
 * meanwhile. */
static int wait_for_input(struct dualpipe *dp, struct reader *reader, int64_t deadline) {
    struct dualpipe_pollitem item = {.dp = dp,
                                     .events = DUALPIPE_POLL_STDOUT | background_events(dp)};
    short wanted = reader == &dp->out ? DUALPIPE_POLL_STDOUT : DUALPIPE_POLL_STDERR;
    do {
        if (is_any_buffer_full(dp) && !buffer_is_full(&reader->buf))
            return -ENOBUFS;
        if (dualpipe_poll(&item, 1, clock_remaining_ms(deadline)) < 0)
            return -ENOMEM;
        if (item.revents & wanted)
            return 1;
    } while (clock_remaining_ms(deadline) != 0);
    return -ETIMEDOUT;
}

static ssize_t read_stream(struct dualpipe *dp, struct reader *reader, void *p, size_t n,
                           int timeout_ms) {
    int64_t deadline = clock_deadline(timeout_ms);
    size_t len;
    while ((len = buffer_len(&reader->buf)) == 0) {
        int r;
        if (reader->ended || reader->fd < 0)
            return reader->error;
        if ((r = wait_for_input(dp, reader, deadline)) < 0)
            return r;
    }
    if (n > len)
        n = len;
    memcpy(p, buffer_data(&reader->buf), n);
    buffer_consume(&reader->buf, n);
    return (ssize_t)n;
}

ssize_t dualpipe_read(dualpipe *dp, void *p, size_t n, int timeout_ms) {
    return read_stream(dp, &dp->out, p, n, timeout_ms);
}

ssize_t dualpipe_read_stderr(dualpipe *dp, void *p, size_t n, int timeout_ms) {
    if (dp->err.fd < 0 && !dp->err.ended)
        return -EINVAL;
    return read_stream(dp, &dp->err, p, n, timeout_ms);
}

ssize_t dualpipe_readline(dualpipe *dp, const char **line, int timeout_ms) {
    struct buffer *buf = &dp->out.buf;
    int64_t deadline = clock_deadline(timeout_ms);
    size_t scanned = 0;
    for (;;) {
        const char *p = buffer_data(buf), *end = NULL;
        size_t n = buffer_len(buf);
        int r;
        if (n > scanned)
            end = memchr(p + scanned, '\n', n - scanned);
        if (end || dp->out.fd < 0 || dp->out.ended) {
            n = end ? (size_t)(end - p) + 1 : n;
            *line = p;
            buffer_consume(buf, n); /* the bytes stay in place until more are read */
            return n > 0 ? (ssize_t)n : dp->out.error;
        }
        if (buffer_is_full(buf))
            return -EMSGSIZE;
        scanned = n;
        if ((r = wait_for_input(dp, &dp->out, deadline)) < 0)
            return r;
    }
}

int dualpipe_wait(dualpipe *dp, struct dualpipe_status *s, int timeout_ms) {
    struct dualpipe_pollitem item = {
        .dp = dp, .events = DUALPIPE_POLL_EXIT | DUALPIPE_POLL_STDOUT | DUALPIPE_POLL_STDERR};
    int64_t deadline = clock_deadline(timeout_ms);
    while (!process_poll_exit(&dp->process)) {
        if (is_any_buffer_full(dp))
            return -ENOBUFS;
        if (clock_remaining_ms(deadline) == 0)
            return -ETIMEDOUT;
        dualpipe_poll(&item, 1, clock_remaining_ms(deadline));
    }
    if (s)
        *s = dp->process.status;
    return dp->process.status_lost ? -ECHILD : 0;
}

/* Whether the child ends within timeout_ms. What it writes is discarded. */
static bool exits_within(struct dualpipe *dp, int timeout_ms) {
    int64_t deadline = clock_deadline(timeout_ms);
    int r;
    do {
        buffer_consume(&dp->out.buf, buffer_len(&dp->out.buf));
        buffer_consume(&dp->err.buf, buffer_len(&dp->err.buf));
        r = dualpipe_wait(dp, NULL, clock_remaining_ms(deadline));
    } while (r == -ENOBUFS);
    return r != -ETIMEDOUT;
}

dualpipe *dualpipe_close(dualpipe *dp, struct dualpipe_status *s) {
    int eof_wait_ms;
    if (!dp)
        return NULL;
    if (dp->ask_pool)
        dp->ask_pool_close(dp->ask_pool);
    /* a child on a raw terminal cannot be sent an end of file, so it is not waited for */
    eof_wait_ms = dualpipe_close_stdin(dp) < 0 ? 0 : dp->grace;
    if (!dp->is_attached && !exits_within(dp, eof_wait_ms)) {
        dualpipe_stop(dp, 0);
        if (!exits_within(dp, dp->grace)) {
            process_signal(&dp->process, SIGKILL);
            exits_within(dp, KILL_WAIT_MS);
        }
    }
    if (s)
        *s = dp->process.status;
    process_reap(&dp->process);
    return handle_free(dp);
}
