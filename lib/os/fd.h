/* fd.h: file descriptors that are close-on-exec, above 2, and nonblocking without changing a flag
 * that other processes share. */
#ifndef FD_H
#define FD_H
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* How a descriptor can be read or written without waiting. fd_kind() detects the shared kinds; the
 * code that opens a descriptor says FD_NONBLOCKING or FD_PTY itself. */
enum fd_kind {
    FD_UNKNOWN,
    FD_NONBLOCKING, /* an open file description of our own, with O_NONBLOCK set */
    /* the master of a pty of ours, nonblocking too; a read returns only a part of what is there */
    FD_PTY,
    FD_PIPE, /* a pipe or fifo that other processes share */
    FD_SOCKET,
    FD_TTY,
    FD_FILE, /* a regular file or a device: reads and writes never wait */
};

/* Keeps a write to a pipe without a reader from killing the process: fd_sigpipe_block() before the
 * write, fd_sigpipe_restore() after it with `broken` telling whether the write failed with EPIPE.
 * The SIGPIPE that the write caused is taken back; one that was pending before stays. */
struct sigpipe_guard {
    sigset_t before;
    bool was_pending;
};
void fd_sigpipe_block(struct sigpipe_guard *guard);
void fd_sigpipe_restore(const struct sigpipe_guard *guard, bool broken);

/* Detects the kind of a descriptor of the host; FD_UNKNOWN if it is not open. */
enum fd_kind fd_kind(int fd);
static inline bool fd_is_nonblocking(enum fd_kind kind) {
    return kind == FD_NONBLOCKING || kind == FD_PTY;
}
/* Makes a pipe: ends[0] is read, ends[1] written. Both ends are -1 after an error. */
int fd_pipe(int ends[2]);
/* Moves a descriptor above 2. It could land there if the host started with 0, 1 or 2 closed. */
int fd_move_above_stdio(int *fd);
/* Sets O_NONBLOCK. Use it only on descriptions that no other process shares. */
int fd_set_nonblocking(int fd);
/* Enlarges a pipe for bulk data, which would otherwise wake the reader for every 64 KiB. If the
 * user has no pipe budget left, the pipe keeps its size. */
void fd_enlarge_pipe(int fd);
/* Closes *fd unless it is negative, and sets it to -1. */
void fd_close(int *fd);

/* Calls read(2) once and retries on EINTR. Returns the bytes read, 0 at end of file (also for a
 * hung-up terminal), or a negative errno. Nonblocking descriptors and sockets never wait; for other
 * kinds call poll(2) first. */
ssize_t fd_read(int fd, enum fd_kind kind, void *p, size_t n);
/* Reads from a shared pipe without waiting. Returns -EOPNOTSUPP if the kernel cannot do that (Linux
 * before 6.4). */
ssize_t fd_read_nowait(int fd, void *p, size_t n);

/* Reads the beginning of a file, such as one in /proc, as a string. Returns its length, or 0 if the
 * file cannot be read. */
size_t fd_read_file(const char *path, char *text, size_t size);
#endif
