/* writer.h: a nonblocking writer. */
#ifndef WRITER_H
#define WRITER_H
#include "os/fd.h"

/* Where bytes go. write_fd is fd, or a description of our own of the same pipe or terminal. */
struct writer {
    int fd, write_fd;
    enum fd_kind kind;
    bool mask_sigpipe;
};

void writer_init(struct writer *writer, int fd, enum fd_kind kind, bool mask_sigpipe);
/* Writes what goes without waiting: > 0, or -EAGAIN, -EPIPE, another errno. */
ssize_t writer_write(struct writer *writer, const void *p, size_t n);
void writer_close(struct writer *writer);
#endif
