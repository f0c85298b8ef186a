/* reader.h: the reading side of a handle: reads what is there into a buffer, and notes how the
 * stream ended. */
#ifndef READER_H
#define READER_H
#include "base/buffer.h"
#include "os/fd.h"
#include <stdint.h>

/* The number of bytes that several readers may still take in together. */
struct byte_quota {
    uint64_t remaining;
    bool exceeded;
};

struct reader {
    int fd; /* -1: none, or a pipe of ours that has been closed at its end */
    enum fd_kind kind;
    bool can_read_nowait; /* a shared pipe that can be read with RWF_NOWAIT */
    bool ended;
    bool drained; /* the last reader_fill() left nothing to read */
    int error;    /* why it ended: 0 at end of file, else a negative errno */
    struct buffer buf;
    struct byte_quota *quota; /* NULL: unlimited */
};

/* max: the most bytes that the buffer holds; 0 means 64 MiB. */
void reader_init(struct reader *reader, int fd, enum fd_kind kind, size_t max);
/* Forgets the descriptor, and closes it if it is ours. */
void reader_close(struct reader *reader, bool ours);

/* Reads once, without waiting; `ready` tells that poll(2) has reported the descriptor. Returns the
 * number of bytes, 0 at the end of the stream, -EAGAIN if nothing is there, -ENOBUFS if the buffer
 * is full. */
ssize_t reader_fill(struct reader *reader, bool ready);
/* Whether the stream has not ended and its buffer has room. */
static inline bool reader_wants_input(const struct reader *reader) {
    return reader->fd >= 0 && !reader->ended && !buffer_is_full(&reader->buf);
}

/* Whether reader_fill() may be called without a poll(2) before it. */
static inline bool reader_never_blocks(const struct reader *reader) {
    return reader_wants_input(reader) &&
           (fd_is_nonblocking(reader->kind) || reader->kind == FD_SOCKET ||
            reader->kind == FD_FILE || reader->can_read_nowait);
}
#endif
