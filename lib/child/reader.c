/* reader.c: where bytes come from: what is there is taken into a buffer, and how it ended. */
#include "child/reader.h"
#include <errno.h>
#include <stdint.h>

enum { READ_SIZE = 65536 };
#define DEFAULT_MAX ((size_t)64 << 20)

void inlet_init(struct inlet *i, int fd, enum fd_kind kind, size_t max) {
    *i = (struct inlet){.fd = fd, .kind = kind, .held.max = max ? max : DEFAULT_MAX};
    i->nowait = kind == FD_PIPE;
    if (i->held.max > PTRDIFF_MAX / 2) /* the buffer has room for twice that */
        i->held.max = PTRDIFF_MAX / 2;
}

void inlet_close(struct inlet *i, bool ours) {
    if (ours)
        fd_close(&i->fd);
    i->fd = -1;
}

/* A terminal stays open until the child has ended: it would be hung up, and a program that closes
 * its streams before it exits be killed. */
static ssize_t inlet_finish(struct inlet *i, int error) {
    i->ended = true;
    i->error = error;
    i->drained = true;
    if (i->kind == FD_OWN)
        fd_close(&i->fd);
    return 0;
}

/* A terminal gives what it holds in parts of 4096 bytes at most: only -EAGAIN tells that it was
 * all. */
static ssize_t read_pty(struct inlet *i, char *room, size_t size) {
    size_t n = 0;
    ssize_t r = 0;
    while (n < size && (r = fd_read(i->fd, i->kind, room + n, size - n)) > 0)
        n += (size_t)r;
    i->drained = r == -EAGAIN;
    return n > 0 ? (ssize_t)n : r;
}

static ssize_t read_once(struct inlet *i, char *room, size_t size, bool ready) {
    ssize_t r = i->nowait ? fd_read_nowait(i->fd, room, size) : -EOPNOTSUPP;
    i->drained = false;
    if (r == -EOPNOTSUPP && i->nowait && !ready) {
        i->nowait = false;
        return -EAGAIN;
    }
    if (r == -EOPNOTSUPP)
        r = fd_read(i->fd, i->kind, room, size);
    i->drained = r == -EAGAIN || (r < (ssize_t)size && i->kind != FD_TTY);
    return r;
}

/* The last bytes are those that are allowed: what follows is its end. */
static ssize_t take_allowed(struct inlet *i, ssize_t r) {
    struct allowance *a = i->allowance;
    if ((uint64_t)r <= a->left) {
        a->left -= (uint64_t)r;
        buffer_commit(&i->held, (size_t)r);
        return r;
    }
    r = (ssize_t)a->left;
    a->left = 0;
    a->passed = true;
    buffer_commit(&i->held, (size_t)r);
    inlet_finish(i, 0);
    return r;
}

ssize_t inlet_take(struct inlet *i, bool ready) {
    char *room;
    ssize_t r;
    ptrdiff_t size;
    if (i->fd < 0 || i->ended || (!ready && !inlet_never_waits(i)))
        return -EAGAIN;
    size = buffer_reserve(&i->held, READ_SIZE, &room);
    if (size < 0)
        return inlet_finish(i, -ENOMEM); /* what can't be held can't be read: a clear end */
    if (size == 0)
        return -ENOBUFS;
    r = i->kind == FD_PTY ? read_pty(i, room, (size_t)size)
                          : read_once(i, room, (size_t)size, ready);
    if (r == -EAGAIN)
        return r;
    if (r <= 0 || (i->allowance && i->allowance->passed))
        return inlet_finish(i, r < 0 ? (int)r : 0);
    if (i->allowance)
        return take_allowed(i, r);
    buffer_commit(&i->held, (size_t)r);
    return r;
}
