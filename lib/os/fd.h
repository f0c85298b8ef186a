/* fd.h: descriptors: close-on-exec from birth, never 0 to 2, nonblocking without touching
 * a flag that other processes share. */
#ifndef FD_H
#define FD_H
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum fd_kind {
    FD_UNKNOWN,
    FD_NONBLOCKING, /* our end of a pipe of ours: O_NONBLOCK */
    FD_PTY,         /* our end of a terminal of ours: the same, but a read gives a part */
    FD_PIPE,        /* somebody's pipe or fifo */
    FD_SOCKET,
    FD_TTY,
    FD_FILE, /* regular file or device: never waits */
};

/* Around a write to somebody who may have gone: a SIGPIPE of its making is taken back. */
struct sigpipe_guard {
    sigset_t before;
    bool was_pending;
};
void fd_sigpipe_block(struct sigpipe_guard *guard);
void fd_sigpipe_restore(const struct sigpipe_guard *guard, bool broken);

enum fd_kind fd_kind(int fd);
static inline bool fd_is_nonblocking(enum fd_kind kind) {
    return kind == FD_NONBLOCKING || kind == FD_PTY;
}
int fd_pipe(int ends[2]);
/* A host may have started with 0, 1 or 2 closed: one that landed there moves up. */
int fd_move_above_stdio(int *fd);
int fd_set_nonblocking(int fd);
/* Bulk through a default pipe is a wake-up for each 64 KiB; what the user's budget refuses is gone
 * without. */
void fd_enlarge_pipe(int fd);
void fd_close(int *fd);

/* One read(2), EINTR hidden. Ours and FD_SOCKET never wait; the others are read after poll. */
ssize_t fd_read(int fd, enum fd_kind kind, void *p, size_t n);
/* The same of somebody's pipe, without waiting; -EOPNOTSUPP: the kernel can't (Linux < 6.4). */
ssize_t fd_read_nowait(int fd, void *p, size_t n);

/* The first bytes of a file, of /proc say, as a string: their number, 0 if it can't be read. */
size_t fd_read_file(const char *path, char *text, size_t size);
#endif
