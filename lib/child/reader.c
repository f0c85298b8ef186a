/* reader.c: reads any kind of descriptor into a buffer without waiting.
 *
 * Descriptors of our own, sockets and files are simply read. A shared pipe is read with RWF_NOWAIT
 * while the kernel supports it. Anything else is read only when poll(2) has said that it is ready,
 * once. `drained` tells the scanners that no more output was waiting, which the rules for prompts
 * depend on. */
#include "child/reader.h"
#include <errno.h>
#include <stdint.h>

enum { READ_SIZE = 65536 };
#define DEFAULT_MAX ((size_t)64 << 20)

void reader_init(struct reader *reader, int fd, enum fd_kind kind, size_t max) {
    *reader = (struct reader){.fd = fd, .kind = kind, .buf.max = max ? max : DEFAULT_MAX};
    reader->can_read_nowait = kind == FD_PIPE;
    if (reader->buf.max > PTRDIFF_MAX / 2) /* the buffer may allocate twice its maximum */
        reader->buf.max = PTRDIFF_MAX / 2;
}

void reader_close(struct reader *reader, bool ours) {
    if (ours)
        fd_close(&reader->fd);
    reader->fd = -1;
}

/* Notes the end. A pty stays open until the child has ended: closing it would hang up a program
 * that closes its streams before it exits, and so kill it. */
static ssize_t finish_reader(struct reader *reader, int error) {
    reader->ended = true;
    reader->error = error;
    reader->drained = true;
    if (reader->kind == FD_NONBLOCKING)
        fd_close(&reader->fd);
    return 0;
}

/* A pty returns at most 4096 bytes for each read, so only -EAGAIN shows that it has no more. */
static ssize_t read_pty(struct reader *reader, char *space, size_t size) {
    size_t n = 0;
    ssize_t r = 0;
    while (n < size && (r = fd_read(reader->fd, reader->kind, space + n, size - n)) > 0)
        n += (size_t)r;
    reader->drained = r == -EAGAIN;
    return n > 0 ? (ssize_t)n : r;
}

static ssize_t read_once(struct reader *reader, char *space, size_t size, bool ready) {
    ssize_t r = reader->can_read_nowait ? fd_read_nowait(reader->fd, space, size) : -EOPNOTSUPP;
    reader->drained = false;
    if (r == -EOPNOTSUPP && reader->can_read_nowait && !ready) {
        reader->can_read_nowait = false;
        return -EAGAIN;
    }
    if (r == -EOPNOTSUPP)
        r = fd_read(reader->fd, reader->kind, space, size);
    reader->drained = r == -EAGAIN || (r < (ssize_t)size && reader->kind != FD_TTY);
    return r;
}

/* Keeps only the bytes that the quota allows; the stream ends after them. */
static ssize_t commit_within_quota(struct reader *reader, ssize_t r) {
    struct byte_quota *quota = reader->quota;
    if ((uint64_t)r <= quota->remaining) {
        quota->remaining -= (uint64_t)r;
        buffer_commit(&reader->buf, (size_t)r);
        return r;
    }
    r = (ssize_t)quota->remaining;
    quota->remaining = 0;
    quota->exceeded = true;
    buffer_commit(&reader->buf, (size_t)r);
    finish_reader(reader, 0);
    return r;
}

ssize_t reader_fill(struct reader *reader, bool ready) {
    char *space;
    ssize_t r;
    ptrdiff_t size;
    if (reader->fd < 0 || reader->ended || (!ready && !reader_never_blocks(reader)))
        return -EAGAIN;
    size = buffer_reserve(&reader->buf, READ_SIZE, &space);
    if (size < 0)
        /* without memory the stream can only end: a clear error */
        return finish_reader(reader, -ENOMEM);
    if (size == 0)
        return -ENOBUFS;
    r = reader->kind == FD_PTY ? read_pty(reader, space, (size_t)size)
                               : read_once(reader, space, (size_t)size, ready);
    if (r == -EAGAIN)
        return r;
    if (r <= 0 || (reader->quota && reader->quota->exceeded))
        return finish_reader(reader, r < 0 ? (int)r : 0);
    if (reader->quota)
        return commit_within_quota(reader, r);
    buffer_commit(&reader->buf, (size_t)r);
    return r;
}
