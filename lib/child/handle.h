/* handle.h: one child, or descriptors of the host's own, and their nonblocking streams. */
#ifndef HANDLE_H
#define HANDLE_H
#include "dualpipe.h"
#include "child/reader.h"
#include "child/spin.h"
#include "child/writer.h"
#include "process/process.h"

struct relay;

struct dualpipe {
    struct process process;                      /* pid 0: attached, or reaped */
    struct writer in;                            /* its stdin; a host's stdout */
    struct reader out, err;                      /* its stdout and stderr; a host's stdin */
    struct writer host_err;                      /* a host's stderr */
    bool is_attached, pipes_enlarged;            /* its pipes are */
    bool is_session;                             /* attached to a socket of our own: a session */
    bool session_greeted;                        /* which has told of itself, */
    int session_room;                            /* of how many requests it takes at once, */
    struct dualpipe_diagnosis session_diagnosis; /* and of the state its child is in */
    int grace;
    uint64_t received;
    struct byte_quota output_quota; /* of its output, if that is limited */
    bool is_cooked;                 /* it has a terminal, and lines of it: */
    size_t unfinished_len;          /* bytes sent of one that isn't finished */
    int eof_chars_due;              /* end-of-file characters that have still to be sent */
    struct spin spin;
    struct relay *relay;
    dualpipe_pool *ask_pool; /* of dualpipe_ask, and what frees it */
    dualpipe_pool *(*ask_pool_close)(dualpipe_pool *pool);
    dualpipe_relay_callback *relay_tap; /* of what is relayed */
    void *relay_tap_data;
};

/* Descriptors of the host's own, on which nothing may be taken in unasked. */
static inline bool handle_is_host(const struct dualpipe *dp) {
    return dp->is_attached && !dp->is_session;
}
/* What is held of its output, at *p; how many bytes. */
static inline size_t handle_output(const struct dualpipe *dp, const char **p) {
    *p = buffer_data(&dp->out.buf);
    return buffer_len(&dp->out.buf);
}
/* Writes to its stdin what goes without waiting: as writer_write. */
ssize_t handle_send(struct dualpipe *dp, const char *p, size_t n);
/* Takes in what is there of its stdout or stderr, and counts it: as reader_fill. */
ssize_t handle_recv(struct dualpipe *dp, struct reader *reader, bool ready);
/* For long messages: larger pipes, once. */
void handle_enlarge_pipes(struct dualpipe *dp);
/* Sends what is due of its end of file. */
void handle_send_eof(struct dualpipe *dp);

/* Closes what is open and frees it; NULL. */
struct dualpipe *handle_free(struct dualpipe *dp);
#endif
