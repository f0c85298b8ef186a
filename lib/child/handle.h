/* handle.h: one child, or descriptors of the host's own, and their nonblocking streams. */
#ifndef CHANNEL_H
#define CHANNEL_H
#include "dualpipe.h"
#include "os/fd.h"
#include "child/reader.h"
#include "child/spin.h"
#include "process/process.h"

struct relay;

struct dualpipe {
    struct process process; /* pid 0: attached, or reaped */
    struct outlet in;       /* its stdin; a host's stdout */
    struct inlet out, err;  /* its stdout and stderr; a host's stdin */
    struct outlet err_to;   /* a host's stderr */
    bool attached, large; /* its pipes are */
    bool connected; /* attached to a socket of our own: a session */
    bool greeted;   /* which has told of itself, */
    int room;       /* of how many requests it takes at once, */
    struct dualpipe_state told; /* and of the state its child is in */
    int grace;
    uint64_t received;
    struct allowance allowance; /* of its output, if that is limited */
    bool cooked; /* it has a terminal, and lines of it: */
    size_t line; /* bytes sent of one that isn't finished */
    int ends;    /* end-of-file characters that have still to be sent */
    struct pace pace;
    struct relay *relay;
    dualpipe_pool *asker; /* of dualpipe_ask, and what frees it */
    dualpipe_pool *(*forget_asker)(dualpipe_pool *pool);
    dualpipe_watcher *seen; /* of what is relayed */
    void *seen_data;
};

/* Descriptors of the host's own, on which nothing may be taken in unasked. */
static inline bool channel_is_hosts(const struct dualpipe *dp) {
    return dp->attached && !dp->connected;
}
/* What is held of its output, at *p; how many bytes. */
static inline size_t channel_output(const struct dualpipe *dp, const char **p) {
    *p = buffer_data(&dp->out.held);
    return buffer_held(&dp->out.held);
}
/* Writes to its stdin what goes without waiting: as outlet_write. */
ssize_t channel_send(struct dualpipe *dp, const char *p, size_t n);
/* Takes in what is there of its stdout or stderr, and counts it: as inlet_take. */
ssize_t channel_take(struct dualpipe *dp, struct inlet *i, bool ready);
/* For long messages: larger pipes, once. */
void channel_enlarge(struct dualpipe *dp);
/* Sends what is due of its end of file. */
void channel_tick(struct dualpipe *dp);

void relay_free(struct relay *r);
#endif
