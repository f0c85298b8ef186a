/* reader.h: where bytes come from: what is there is taken into a buffer, and how it ended. */
#ifndef INLET_H
#define INLET_H
#include "base/buffer.h"
#include "os/fd.h"
#include <stdint.h>

/* How much more may come of several together. */
struct allowance {
    uint64_t left;
    bool passed;
};

struct inlet {
    int fd; /* -1: none; or, of a pipe of ours, its end has come */
    enum fd_kind kind;
    bool nowait; /* somebody's pipe that can be read without waiting all the same */
    bool ended;
    bool drained; /* the last inlet_take left nothing to read */
    int error; /* with which it ended: 0, or a negative errno */
    struct buffer held;
    struct allowance *allowance; /* NULL: any number of bytes */
};

void inlet_init(struct inlet *i, int fd, enum fd_kind kind, size_t max);
void inlet_close(struct inlet *i, bool ours);

/* Takes in what is there, once. ready: poll(2) says so. > 0, 0: the end; -EAGAIN, -ENOBUFS. */
ssize_t inlet_take(struct inlet *i, bool ready);
static inline bool inlet_wants(const struct inlet *i) {
    return i->fd >= 0 && !i->ended && !buffer_full(&i->held);
}

/* Ours are read without asking; others only after poll. */
static inline bool inlet_never_waits(const struct inlet *i) {
    return inlet_wants(i) && (fd_is_ours(i->kind) || i->kind == FD_SOCKET || i->kind == FD_FILE ||
                              i->nowait);
}
#endif
