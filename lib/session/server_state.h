/* server_state.h: clients of a socket in front of a pool: who they are, what they ask, whose turn it
 * is. */
#ifndef SERVICE_H
#define SERVICE_H
#include "base/buffer.h"
#include "dualpipe.h"
#include "pool/pool.h"
#include "os/unix_socket.h"
#include "os/poller.h"
#include "session/proto.h"
#include <stdbool.h>

struct conn;

/* A request that a client has asked, and the pool was given. */
struct client_request {
    struct client_request *next;      /* of the same client, in the order of their asking */
    struct conn *conn; /* NULL: it has gone */
    int64_t id;             /* its number, the client's */
    struct buffer held_back;    /* messages to it, while its turn has not come */
    bool is_done;             /* its reply is whole */
    bool is_plain;
    bool has_failed;           /* of a plain one: what is behind it would seem to be its reply */
};

enum conn_protocol { CONN_UNKNOWN, CONN_PLAIN, CONN_SESSION };

struct conn {
    struct conn *next, *prev; /* of all */
    struct conn *next_queued;        /* in the line of those that have a request ready */
    dualpipe_server *server;
    int fd;
    uid_t uid;
    pid_t pid;
    enum conn_protocol protocol;
    struct buffer in, out;
    struct client_request *first, *last;
    int64_t nrequests, nlost; /* lost: replies that it was not there to take */
    int poll_events;         /* what it is watched for; 0: it isn't */
    size_t accounted;       /* of its bytes in the server's held */
    struct dualpipe_frame_view
        body;                 /* of a plain one: how far its first message has been looked at */
    struct proto_msg request; /* the first that it has asked, and that waits for its turn; its whole
                            is what it takes of in, 0: there is none */
    char *request_copy;           /* it is no piece of in, but this */
    int64_t request_id, queue_deadline;     /* its number; when it has waited too long */
    int reply_limit;
    bool expects_no_reply;           /* it draws no reply, says the client */
    bool is_queued;
    bool hello_sent, is_subscribed;
    bool input_ended;           /* it sends no more */
    bool hung_up;            /* it has gone: what it had asked is finished, and dropped */
    bool is_draining;          /* it is closed, once it has taken what there is for it */
    bool knows_exit;           /* a reply has told it that the child has ended */
    bool has_exit_notice; /* what there is for it ends with that: then it is to close its end */
    bool is_closing;            /* it is to be closed now: why */
    enum dualpipe_client_event close_event;
    const char *close_reason;
    int64_t stalled_since; /* since when it takes nothing, or is amid a message; 0: it isn't */
};

enum server_state {
    SERVER_OPEN,
    SERVER_CHILD_ENDED,     /* the child has ended: somebody is still to be told */
    SERVER_DRAINING, /* nobody is let in, no more is asked */
    SERVER_CLOSING,   /* the clients are closed, the children end */
    SERVER_ENDED,
};

enum { LAST_OUTPUT_MAX = 4096, LATE = 16 };

struct dualpipe_server {
    struct dualpipe_server_options options;
    struct dualpipe_pool_options pool_options;
    dualpipe_pool_callback *host_callback;
    void *host_data;
    dualpipe_pool *pool;
    struct unix_listener listener;
    struct poller poller;      /* of the listener and the clients */
    enum server_state state;
    struct conn *conns;
    int nconns, max_conns;
    struct conn *runqueue_first, *runqueue_last; /* whose turn is next */
    struct client_request *submitting;     /* that the pool is just being given */
    struct client_request *current;     /* the last given to the only child */
    int nrequests;                /* under way in the pool */
    size_t held_bytes;             /* bytes that are to go to clients */
    long pid;                /* ours */
    bool has_single_child;              /* there is one child, whose end is the session's */
    bool streams_replies;             /* replies come as the child writes them */
    bool is_accepting;          /* the listener is watched */
    bool exit_was_reported;               /* somebody knows that the child has ended */
    struct conn *exit_notice_conn;  /* is being told so: others are greeted when it has gone */
    int64_t exit_notice_deadline;      /* or then */
    const char *stop_reason;         /* it had to be stopped; NULL: it hadn't */
    bool child_started, child_died;
    struct dualpipe_status exit_status;
    dualpipe *child;         /* of the first worker; NULL: none */
    struct buffer last_output;      /* what it wrote last, that nobody was told */
    dualpipe_rule *no_reply_rule;     /* by which no reply is drawn */
    bool any_closing;
    struct { int64_t number, n; struct conn *client; } late[LATE];
    int nlate;
    int64_t started_at, unused_since;     /* clock: since when there is no client */
    int64_t next_deadline;             /* the next look at the clock */
    int64_t drain_deadline;
    int64_t accept_retry_at;       /* descriptors were used up: no sooner than this */
};

/* client.c: one client's bytes. Each may set gone: client_bury is called later. */
struct conn *conn_new(dualpipe_server *s, int fd, uid_t uid, pid_t pid);
void read_conn(struct conn *c);
/* Looks for the next whole request, and stands in line with it. */
void queue_next_request(struct conn *c);
/* The request that waited is seen to: the next. */
void advance_conn(struct conn *c);
/* Bytes for it; flushed as far as that goes. */
void conn_write(struct conn *c, const void *p, size_t n);
void conn_flush(struct conn *c);
/* A message of the session protocol: the head, without its size, and data. */
void conn_send(struct conn *c, const char *head, const void *p, size_t n);
void conn_close(struct conn *c, enum dualpipe_client_event how, const char *why);
/* What it is watched for now; it may have nothing more to do here. */
void conn_update(struct conn *c);
/* The state that its child is in. */
void server_deliver_child_state(struct conn *c);
/* What it has asked is answered, then it is closed. */
void conn_drain(struct conn *c);
/* It is told no more of what it has asked, though that is finished. */
void conn_abandon_requests(struct conn *c);
void conn_free(struct conn *c);

/* answer.c: what the pool gives and tells, to whom it belongs. */
void server_deliver_reply(dualpipe_server *s, const struct dualpipe_reply *r);
/* A request of so many bytes that was not given to the pool. */
void server_deliver_refusal(struct client_request *j, size_t size, enum dualpipe_outcome outcome,
                            const char *why);
/* What came unasked before it, and nobody was told. */
void server_deliver_last_output(struct conn *c, const struct client_request *j);
void server_deliver_event(void *data, const struct dualpipe_pool_event *n);
/* It is told that the child has ended. */
void begin_exit_notice(struct conn *c);
/* false: somebody is just being told that the child has ended, which one is enough for. */
bool send_hello(struct conn *c);

/* door.c */
/* Whether newcomers are looked for. */
void server_accept_enable(dualpipe_server *s, bool on);
void server_accept_clients(dualpipe_server *s);
/* Those that have gone are freed. */
void reap_conns(dualpipe_server *s);

/* Its bytes may have become more: too many in all expel the client that holds the most. */
void conn_account_memory(struct conn *c);

/* turns.c */
void runqueue_push(struct conn *c);
void runqueue_remove(struct conn *c);
/* The request that waits is given to the pool, or has waited too long. false: it goes on waiting
 * for what becomes of the child. */
bool submit_next(struct conn *c);
/* Each client in line is given one request's turn, then stands behind the others. Whether the
 * pool has nothing under way, and no children. */
bool schedule_requests(dualpipe_server *s);
/* What all in line wait for is not begun any more. */
void refuse_queued(dualpipe_server *s);

/* service.c */
void server_note_deadline(dualpipe_server *s, int64_t at);
#endif
