/* fd.c: helpers for file descriptors: pipes, kinds, reads, SIGPIPE.
 *
 * Every descriptor that the library opens is close-on-exec from birth and is moved above 2, because
 * a host may run with stdin, stdout or stderr closed. O_NONBLOCK is set only on open file
 * descriptions that no other process shares; for the others a read waits for poll(2) or uses
 * RWF_NOWAIT. */
#include "dualpipe.h"
#include "os/fd.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum fd_kind fd_kind(int fd) {
    struct stat st;
    struct termios t;
    if (fstat(fd, &st) < 0)
        return FD_UNKNOWN;
    if (S_ISFIFO(st.st_mode))
        return FD_PIPE;
    if (S_ISSOCK(st.st_mode))
        return FD_SOCKET;
    return S_ISCHR(st.st_mode) && tcgetattr(fd, &t) == 0 ? FD_TTY : FD_FILE;
}

void fd_close(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

int fd_set_nonblocking(int fd) {
    int flags = fcntl(fd, F_GETFL);
    return flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
}

void fd_enlarge_pipe(int fd) {
#ifdef F_SETPIPE_SZ
    if (fcntl(fd, F_SETPIPE_SZ, 1 << 20) < 0)
        fcntl(fd, F_SETPIPE_SZ, 1 << 18);
#else
    (void)fd;
#endif
}

int fd_move_above_stdio(int *fd) {
    int higher;
    if (*fd > 2)
        return 0;
    if ((higher = fcntl(*fd, F_DUPFD_CLOEXEC, 3)) < 0)
        return -errno;
    close(*fd);
    *fd = higher;
    return 0;
}

int fd_pipe(int ends[2]) {
    int r;
    if (pipe2(ends, O_CLOEXEC) < 0) {
        ends[0] = ends[1] = -1;
        return -errno;
    }
    if ((r = fd_move_above_stdio(&ends[0])) < 0 || (r = fd_move_above_stdio(&ends[1])) < 0) {
        fd_close(&ends[0]);
        fd_close(&ends[1]);
    }
    return r;
}

ssize_t fd_read(int fd, enum fd_kind kind, void *p, size_t n) {
    ssize_t r;
    do
        r = kind == FD_SOCKET ? recv(fd, p, n, MSG_DONTWAIT) : read(fd, p, n);
    while (r < 0 && errno == EINTR);
    if (r < 0 && errno == EIO && (kind == FD_TTY || kind == FD_PTY))
        return 0; /* EIO means that the other side of the pty, or our own terminal, was hung up */
    return r < 0 ? -errno : r;
}

ssize_t fd_read_nowait(int fd, void *p, size_t n) {
#ifdef RWF_NOWAIT
    struct iovec v = {.iov_base = p, .iov_len = n};
    ssize_t r;
    do
        r = preadv2(fd, &v, 1, -1, RWF_NOWAIT);
    while (r < 0 && errno == EINTR);
    return r >= 0 ? r : errno == ENOSYS || errno == EINVAL ? -EOPNOTSUPP : -errno;
#else
    (void)fd, (void)p, (void)n;
    return -EOPNOTSUPP;
#endif
}

size_t fd_read_file(const char *path, char *text, size_t size) {
    size_t n = 0;
    ssize_t r = 1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && n < size - 1 && (r = read(fd, text + n, size - 1 - n)) > 0)
        n += (size_t)r;
    if (fd >= 0)
        close(fd);
    text[n] = 0;
    return n;
}

void fd_sigpipe_block(struct sigpipe_guard *guard) {
    sigset_t pipe_only, pending;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    sigpending(&pending);
    guard->was_pending = sigismember(&pending, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_only, &guard->before);
}

void fd_sigpipe_restore(const struct sigpipe_guard *guard, bool broken) {
    struct timespec none = {0};
    sigset_t pipe_only;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    if (broken && !guard->was_pending)
        while (sigtimedwait(&pipe_only, NULL, &none) < 0 && errno == EINTR)
            ;
    pthread_sigmask(SIG_SETMASK, &guard->before, NULL);
}
