/* reader.h: where bytes come from: what is there is taken into a buffer, and how it ended. */
#ifndef READER_H
#define READER_H
#include "base/buffer.h"
#include "os/fd.h"
#include <stdint.h>

/* How much more may come of several together. */
struct byte_quota {
    uint64_t remaining;
    bool exceeded;
};

struct reader {
    int fd; /* -1: none; or, of a pipe of ours, its end has come */
    enum fd_kind kind;
    bool can_read_nowait; /* somebody's pipe that can be read without waiting all the same */
    bool ended;
    bool drained; /* the last reader_fill left nothing to read */
    int error;    /* with which it ended: 0, or a negative errno */
    struct buffer buf;
    struct byte_quota *quota; /* NULL: any number of bytes */
};

void reader_init(struct reader *reader, int fd, enum fd_kind kind, size_t max);
void reader_close(struct reader *reader, bool ours);

/* Takes in what is there, once. ready: poll(2) says so. > 0, 0: the end; -EAGAIN, -ENOBUFS. */
ssize_t reader_fill(struct reader *reader, bool ready);
static inline bool reader_wants_input(const struct reader *reader) {
    return reader->fd >= 0 && !reader->ended && !buffer_is_full(&reader->buf);
}

/* Ours are read without asking; others only after poll. */
static inline bool reader_never_blocks(const struct reader *reader) {
    return reader_wants_input(reader) &&
           (fd_is_nonblocking(reader->kind) || reader->kind == FD_SOCKET ||
            reader->kind == FD_FILE || reader->can_read_nowait);
}
#endif
