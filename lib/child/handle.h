/* handle.h: the handle behind the public interface: a child, descriptors of the host, or a session,
 * with their nonblocking streams.
 * Made by dualpipe_start() or dualpipe_attach(); used by io.c, poll.c and relay.c, and by the pool
 * and the session client; freed by dualpipe_close(). */
#ifndef HANDLE_H
#define HANDLE_H
#include "dualpipe.h"
#include "child/reader.h"
#include "child/spin.h"
#include "child/writer.h"
#include "process/process.h"

struct relay;

struct dualpipe {
    struct process process; /* pid 0: no child, or one that has been reaped */
    struct writer in;       /* writes stdin of the child; host streams: stdout of the host */
    struct reader out, err; /* stdout and stderr of the child; host streams: out reads its stdin */
    struct writer host_err; /* host streams: its stderr, written by the relay */
    bool is_attached;       /* there is no child of ours: host streams or a session */
    bool is_session;        /* a socket of our own, connected to a session */
    bool pipes_enlarged;    /* by handle_enlarge_pipes() */
    bool stdin_hung_up;     /* a poll for POLL_HUP or a write has shown that stdin has no reader */
    int grace;              /* milliseconds from SIGTERM to SIGKILL */
    uint64_t received;      /* bytes that have come from stdout */
    struct byte_quota output_quota; /* for stdout and stderr together, if there is a limit */
    struct spin spin;               /* whether waiting for output begins with yielding */

    /* a terminal that works by lines */
    bool is_cooked;
    size_t unfinished_len; /* bytes that have been sent of an unfinished line */
    int eof_chars_due;     /* end-of-file characters that are still to be sent */

    /* a session, as its messages describe it */
    bool session_greeted;                        /* it has answered our hello */
    int session_room;                            /* requests that it can take at once */
    struct dualpipe_diagnosis session_diagnosis; /* of its child */

    /* dualpipe_relay() */
    struct relay *relay;                /* its state, one plain allocation */
    dualpipe_relay_callback *relay_tap; /* called with each piece; NULL: none */
    void *relay_tap_data;

    /* dualpipe_ask(): a pool of one worker around this handle, and the function that frees it: a
     * pointer, since this room does not know the pool */
    dualpipe_pool *ask_pool;
    dualpipe_pool *(*ask_pool_close)(dualpipe_pool *pool);
};

/* Whether the handle stands for descriptors of the host: nothing may be read from them before the
 * caller asks for it. */
static inline bool handle_is_host(const struct dualpipe *dp) {
    return dp->is_attached && !dp->is_session;
}
/* Sets *p to the output that has been read but not consumed; returns its size. */
static inline size_t handle_output(const struct dualpipe *dp, const char **p) {
    *p = buffer_data(&dp->out.buf);
    return buffer_len(&dp->out.buf);
}
/* Writes to stdin without waiting; returns as writer_write(). */
ssize_t handle_send(struct dualpipe *dp, const char *p, size_t n);
/* Reads what is there from stdout or stderr and counts it; returns as reader_fill(). */
ssize_t handle_recv(struct dualpipe *dp, struct reader *reader, bool ready);
/* How many of the bytes written to its stdin it has not read; -1: that can't be known. */
long handle_unread(const struct dualpipe *dp);
/* Takes these bytes back out of the pipe and appends them to `to`. Only once the child has closed
 * its stdin. Returns 0, or a negative errno if the system has no way to (Linux has). */
int handle_take_unread(const struct dualpipe *dp, struct buffer *to);
/* Enlarges the pipes, once, for long messages. */
void handle_enlarge_pipes(struct dualpipe *dp);
/* Sends the end-of-file characters that are due, and closes stdin after the last one. */
void handle_send_eof(struct dualpipe *dp);

/* Closes what the handle owns, and frees it. Always returns NULL. */
struct dualpipe *handle_free(struct dualpipe *dp);
#endif
