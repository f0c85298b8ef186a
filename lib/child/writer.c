/* writer.c: writes without waiting, to any kind of descriptor.
 *
 * O_NONBLOCK belongs to the open file description, which a shell and its other programs share with
 * us, so it is never set on a descriptor of the host. A shared pipe or terminal is opened anew
 * through /proc/self/fd instead, which gives a description of our own. If that fails, pwritev2()
 * with RWF_NOWAIT is tried, and at last a plain write of so few bytes after POLLOUT that it cannot
 * block. */
#include "dualpipe.h"
#include "child/writer.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* The number of bytes that POLLOUT guarantees room for: a free slot of a pipe, one byte of a
 * terminal. */
enum { PIPE_SAFE_WRITE = 4096, TTY_SAFE_WRITE = 1 };

void writer_init(struct writer *writer, int fd, enum fd_kind kind, bool mask_sigpipe) {
    *writer = (struct writer){.fd = fd, .write_fd = fd, .kind = kind, .mask_sigpipe = mask_sigpipe};
}

/* Replaces the descriptor for writing by a nonblocking description of our own, if the kind allows
 * it. */
static void reopen_nonblocking(struct writer *writer) {
#ifdef __linux__
    char name[40];
    int fd;
    if (writer->kind != FD_PIPE && writer->kind != FD_TTY)
        return;
    if (ptsname_r(writer->fd, name, sizeof name) == 0)
        return; /* a pty master: opening it by name would create another pty */
    snprintf(name, sizeof name, "/proc/self/fd/%d", writer->fd);
    fd = open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0 && fd_move_above_stdio(&fd) == 0) {
        writer->write_fd = fd;
        writer->kind = FD_NONBLOCKING;
    } else {
        fd_close(&fd);
    }
#else
    (void)writer;
#endif
}

/* Writes to a pipe or terminal that could not be opened anew. */
static ssize_t write_shared(int fd, enum fd_kind kind, const void *p, size_t n) {
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    size_t safe = kind == FD_TTY ? TTY_SAFE_WRITE : PIPE_SAFE_WRITE;
#ifdef RWF_NOWAIT
    struct iovec v = {.iov_base = (void *)(uintptr_t)p, .iov_len = n};
    ssize_t r = pwritev2(fd, &v, 1, -1, RWF_NOWAIT);
    if (r >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL))
        return r;
#endif
    if (poll(&ready, 1, 0) < 1 || !(ready.revents & (POLLOUT | POLLERR | POLLHUP | POLLNVAL))) {
        errno = EAGAIN;
        return -1;
    }
    return write(fd, p, n < safe ? n : safe);
}

/* A master accepts bytes even if no process has the slave open, on Linux until its buffer is full;
 * other systems fail with EIO. Both are reported as EPIPE. */
static ssize_t write_pty(int fd, const void *p, size_t n) {
    struct pollfd hangup = {.fd = fd};
    ssize_t r = -1;
    errno = EIO;
    if (poll(&hangup, 1, 0) < 1)
        r = write(fd, p, n);
    if (r < 0 && errno == EIO)
        errno = EPIPE;
    return r;
}

static ssize_t write_once(const struct writer *writer, const void *p, size_t n) {
    ssize_t r;
    do
        switch (writer->kind) {
        case FD_SOCKET: r = send(writer->write_fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL); break;
        case FD_PIPE:
        case FD_TTY: r = write_shared(writer->write_fd, writer->kind, p, n); break;
        case FD_PTY: r = write_pty(writer->write_fd, p, n); break;
        default: r = write(writer->write_fd, p, n);
        }
    while (r < 0 && errno == EINTR);
    return r < 0 ? -errno : r;
}

ssize_t writer_write(struct writer *writer, const void *p, size_t n) {
    struct sigpipe_guard guard;
    ssize_t r;
    if (writer->fd < 0)
        return -EPIPE;
    if (writer->kind == FD_UNKNOWN) {
        writer->kind = fd_kind(writer->fd);
        reopen_nonblocking(writer);
    }
    if (!writer->mask_sigpipe)
        return write_once(writer, p, n);
    fd_sigpipe_block(&guard);
    r = write_once(writer, p, n);
    fd_sigpipe_restore(&guard, r == -EPIPE);
    return r;
}

void writer_close(struct writer *writer) {
    if (writer->write_fd != writer->fd)
        fd_close(&writer->write_fd);
    writer->fd = writer->write_fd = -1;
}
