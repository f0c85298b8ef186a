/* writer.c: a nonblocking writer. */
#include "dualpipe.h"
#include "child/writer.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* What POLLOUT promises room for: a free slot of a pipe, one byte of a terminal. */
enum { PIPE_SAFE_WRITE = 4096, TTY_SAFE_WRITE = 1 };

void writer_init(struct writer *writer, int fd, enum fd_kind kind, bool mask_sigpipe) {
    *writer = (struct writer){.fd = fd, .write_fd = fd, .kind = kind, .mask_sigpipe = mask_sigpipe};
}

/* O_NONBLOCK belongs to a description that others share: open one of our own. */
static void reopen_nonblocking(struct writer *writer) {
#ifdef __linux__
    char name[40];
    int fd;
    if (writer->kind != FD_PIPE && writer->kind != FD_TTY)
        return;
    if (ptsname_r(writer->fd, name, sizeof name) == 0)
        return; /* a pty's master: opened anew it is another pty */
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

/* What nobody has open takes bytes all the same, on Linux until it is full; elsewhere it is EIO. */
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
