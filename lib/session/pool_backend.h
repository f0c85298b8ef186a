/* pool_backend.h: a session asked as if it were a pool: requests and replies as messages on a socket. */
#ifndef REMOTE_H
#define REMOTE_H
#include "base/buffer.h"
#include "session/proto.h"

enum { PENDING_REASON_MAX = 79 }; /* the longest reason that is kept */

/* A request under way; they are answered in the order of their sending. */
struct pending {
    struct pending *next;
    struct buffer request_copy, body, err;
    void *tag;
    int64_t number, sent_at;
    size_t request_size;
    bool too_long; /* its reply passes max */
    char reason[PENDING_REASON_MAX + 1];
};

struct session_backend {
    struct dualpipe_pool_options options;
    dualpipe *dp;
    struct pending *first, *last, *delivered;
    struct buffer unsent;
    size_t
        lent_bytes; /* bytes of a message that was given: they are the host's until its next call */
    int npending;
    int64_t last_number;
    struct dualpipe_stats stats;
    char reason[PENDING_REASON_MAX + 1]; /* why it lets us go; "": it has gone */
    int64_t bye_deadline;    /* when it is left though it has not let us go */
    bool child_ended;              /* its child has ended */
    bool closing, bye_sent;      /* nothing more will be asked; it knows */
    bool disconnected, loss_reported;        /* told: the host knows that it has gone */
    struct dualpipe_status end_status; /* over: how */
};

/* Each as the call of the same name on a pool. */
int pool_backend_open(struct session_backend **made, const struct dualpipe_pool_options *o,
                      struct dualpipe_error *why);
int pool_backend_put(struct session_backend *m, const struct dualpipe_request *q);
int pool_backend_room(const struct session_backend *m);
int pool_backend_get(struct session_backend *m, struct dualpipe_reply *r, int limit);
int pool_backend_events(struct session_backend *m, struct dualpipe_pollitem *events, int n,
                        int *limit);
int pool_backend_oldest(struct session_backend *m, struct dualpipe_reply *r);
void pool_backend_signal(struct session_backend *m, int signo);
void pool_backend_end(struct session_backend *m);
void pool_backend_stop(struct session_backend *m, int signo);
void pool_backend_stats(const struct session_backend *m, struct dualpipe_stats *b);
void pool_backend_close(struct session_backend *m);

/* Shared by the files of this room. */
void pool_backend_notify(struct session_backend *m, struct dualpipe_pool_event n);
/* What was given is no longer needed. */
void pool_backend_release(struct session_backend *m);
/* What goes without waiting. */
void pool_backend_flush(struct session_backend *m);
struct dualpipe_reply pool_backend_reply_for(const struct session_backend *m,
                                             const struct pending *a);
void pool_backend_note_state(struct session_backend *m, const struct proto_msg *w);
/* The next message there is, if it is something to give: 1. */
int pool_backend_recv(struct session_backend *m, struct dualpipe_reply *r);
#endif
