/* writer.h: the writing side of a handle: writes to any descriptor without waiting. */
#ifndef WRITER_H
#define WRITER_H
#include "os/fd.h"

/* write_fd is fd itself, or a nonblocking description of our own of the same pipe or terminal.
 * mask_sigpipe: block SIGPIPE around each write. */
struct writer {
    int fd, write_fd;
    enum fd_kind kind;
    bool mask_sigpipe;
};

/* The writer does not own fd. With FD_UNKNOWN its kind is detected at the first write. */
void writer_init(struct writer *writer, int fd, enum fd_kind kind, bool mask_sigpipe);
/* Writes as many of the n bytes as possible without waiting. Returns how many, at least 1; -EAGAIN
 * if there is no room; -EPIPE if the reader is gone or the writer is closed; or another negative
 * errno. */
ssize_t writer_write(struct writer *writer, const void *p, size_t n);
/* Closes what the writer opened itself; fd stays open. */
void writer_close(struct writer *writer);
#endif
