/* pool_backend.h: a session asked as if it were a pool: requests and replies as messages on a socket. */
#ifndef REMOTE_H
#define REMOTE_H
#include "base/buffer.h"
#include "session/proto.h"

enum { REMOTE_WORDS = 79 }; /* the longest reason that is kept */

/* A request under way; they are answered in the order of their sending. */
struct asked {
    struct asked *next;
    struct buffer own, body, err;
    void *tag;
    int64_t number, begun;
    size_t size;
    bool too_long; /* its reply passes max */
    char reason[REMOTE_WORDS + 1];
};

struct remote {
    struct dualpipe_pool_options o;
    dualpipe *dp;
    struct asked *first, *last, *given;
    struct buffer unsent;
    size_t spent; /* bytes of a message that was given: they are the host's until its next call */
    int under_way;
    int64_t numbers;
    struct dualpipe_books books;
    char wrong[REMOTE_WORDS + 1]; /* why it lets us go; "": it has gone */
    int64_t leave_until;    /* when it is left though it has not let us go */
    bool over;              /* its child has ended */
    bool ending, left;      /* nothing more will be asked; it knows */
    bool gone, told;        /* told: the host knows that it has gone */
    struct dualpipe_status end; /* over: how */
};

/* Each as the call of the same name on a pool. */
int remote_open(struct remote **made, const struct dualpipe_pool_options *o,
                struct dualpipe_failure *why);
int remote_put(struct remote *m, const struct dualpipe_request *q);
int remote_room(const struct remote *m);
int remote_get(struct remote *m, struct dualpipe_reply *r, int limit);
int remote_events(struct remote *m, struct dualpipe_event *events, int n, int *limit);
int remote_oldest(struct remote *m, struct dualpipe_reply *r);
void remote_signal(struct remote *m, int signo);
void remote_end(struct remote *m);
void remote_stop(struct remote *m, int signo);
void remote_books(const struct remote *m, struct dualpipe_books *b);
void remote_close(struct remote *m);

/* Shared by the files of this room. */
void remote_tell(struct remote *m, struct dualpipe_notice n);
/* What was given is no longer needed. */
void remote_release(struct remote *m);
/* What goes without waiting. */
void remote_send_more(struct remote *m);
struct dualpipe_reply remote_reply_of(const struct remote *m, const struct asked *a);
void remote_hear_state(struct remote *m, const struct wire *w);
/* The next message there is, if it is something to give: 1. */
int remote_pump(struct remote *m, struct dualpipe_reply *r);
#endif
