/* channel.h: one child, or descriptors of the host's own, and their nonblocking streams. */
#ifndef CHANNEL_H
#define CHANNEL_H
#include "buffer.h"
#include "dualpipe.h"
#include "fd.h"
#include "pace.h"
#include "process.h"

/* Where bytes come from. */
struct inlet {
    int fd; /* -1: none, or its end has come */
    enum fd_kind kind;
    bool nowait; /* somebody's pipe that can be read without waiting all the same */
    bool ended;
    int error; /* with which it ended: 0, or a negative errno */
    struct buffer held;
};

struct relay;

struct dualpipe {
    struct process process; /* pid 0: attached, or reaped */
    struct outlet in;       /* its stdin; a host's stdout */
    struct inlet out, err;  /* its stdout and stderr; a host's stdin */
    struct outlet err_to;   /* a host's stderr */
    bool attached;
    int grace;
    uint64_t received;
    struct pace pace;
    struct relay *relay;
    dualpipe_watcher *seen; /* of what is relayed */
    void *seen_data;
};

/* Takes in what is there, once. ready: poll(2) says so. > 0, 0: the end; -EAGAIN, -ENOBUFS. */
ssize_t inlet_take(struct inlet *i, bool ready);
static inline bool inlet_wants(const struct inlet *i) {
    return i->fd >= 0 && !i->ended && !buffer_full(&i->held);
}

/* Ours are read without asking; others only after poll. */
static inline bool inlet_never_waits(const struct inlet *i) {
    return inlet_wants(i) && (i->kind == FD_OWN || i->kind == FD_SOCKET || i->nowait);
}

void inlet_close(struct inlet *i, bool ours);

void relay_free(struct relay *r);
#endif
