/* server_state.h: clients of a socket in front of a pool: who they are, what they ask, whose turn
 * it is. */
#ifndef SERVER_STATE_H
#define SERVER_STATE_H
#include "base/buffer.h"
#include "dualpipe.h"
#include "pool/pool_sched.h"
#include "os/unix_socket.h"
#include "os/poller.h"
#include "session/proto.h"
#include <stdbool.h>

struct conn;

/* A request that a client has asked, and the pool was given. */
struct client_request {
    struct client_request *next; /* of the same client, in the order of their asking */
    struct conn *conn;           /* NULL: it has gone */
    int64_t id;                  /* its number, the client's */
    struct buffer held_back;     /* messages to it, while its turn has not come */
    bool is_done;                /* its reply is whole */
    bool is_plain;
    bool has_failed; /* of a plain one: what is behind it would seem to be its reply */
};

enum conn_protocol { CONN_UNKNOWN, CONN_PLAIN, CONN_SESSION };

struct conn {
    struct conn *next, *prev; /* of all */
    struct conn *next_queued; /* in the line of those that have a request ready */
    dualpipe_server *server;
    int fd;
    uid_t uid;
    pid_t pid;
    enum conn_protocol protocol;
    struct buffer in, out;
    struct client_request *first_request, *last_request;
    int64_t nrequests, nlost; /* lost: replies that it was not there to take */
    int poll_events;          /* what it is watched for; 0: it isn't */
    size_t accounted;         /* of its bytes in the server's held */
    struct dualpipe_frame_view
        frame;                /* of a plain one: how far its first message has been looked at */
    struct proto_msg request; /* the first that it has asked, and that waits for its turn; its whole
                            is what it takes of in, 0: there is none */
    char *request_copy;       /* it is no piece of in, but this */
    int64_t request_id, queue_deadline; /* its number; when it has waited too long */
    int reply_limit;
    bool expects_no_reply; /* it draws no reply, says the client */
    bool is_queued;
    bool hello_sent, is_subscribed;
    bool input_ended;     /* it sends no more */
    bool hung_up;         /* it has gone: what it had asked is finished, and dropped */
    bool is_draining;     /* it is closed, once it has taken what there is for it */
    bool knows_exit;      /* a reply has told it that the child has ended */
    bool has_exit_notice; /* what there is for it ends with that: then it is to close its end */
    bool is_closing;      /* it is to be closed now: why */
    enum dualpipe_client_event close_event;
    const char *close_reason;
    int64_t stalled_since; /* since when it takes nothing, or is amid a message; 0: it isn't */
};

enum server_state {
    SERVER_OPEN,
    SERVER_CHILD_ENDED, /* the child has ended: somebody is still to be told */
    SERVER_DRAINING,    /* nobody is let in, no more is asked */
    SERVER_CLOSING,     /* the clients are closed, the children end */
    SERVER_ENDED,
};

enum { NS_PER_MS = 1000000 };
enum { LAST_OUTPUT_MAX = 4096, LATE_SLOTS = 16 };

struct late_reply {
    int64_t number, request_id;
    struct conn *conn;
};

struct dualpipe_server {
    struct dualpipe_server_options options;
    struct dualpipe_pool_options pool_options;
    dualpipe_pool_callback *host_callback;
    void *host_data;
    dualpipe_pool *pool;
    struct unix_listener listener;
    struct poller poller; /* of the listener and the clients */
    enum server_state state;
    struct conn *conns;
    int nconns, max_conns;
    struct conn *runqueue_first, *runqueue_last; /* whose turn is next */
    struct client_request *submitting;           /* that the pool is just being given */
    struct client_request *current;              /* the last given to the only child */
    int requests_in_pool;                        /* under way in the pool */
    size_t held_bytes;                           /* bytes that are to go to clients */
    long pid;                                    /* ours */
    bool has_single_child;         /* there is one child, whose end is the session's */
    bool streams_replies;          /* replies come as the child writes them */
    bool is_accepting;             /* the listener is watched */
    bool exit_was_reported;        /* somebody knows that the child has ended */
    struct conn *exit_notice_conn; /* is being told so: others are greeted when it has gone */
    int64_t exit_notice_deadline;  /* or then */
    const char *stop_reason;       /* it had to be stopped; NULL: it hadn't */
    bool child_started, child_died;
    struct dualpipe_status exit_status;
    dualpipe *child;              /* of the first worker; NULL: none */
    struct buffer last_output;    /* what it wrote last, that nobody was told */
    dualpipe_rule *no_reply_rule; /* by which no reply is drawn */
    bool any_closing;
    struct late_reply late_replies[LATE_SLOTS];
    int late_count;
    int64_t started_at, unused_since; /* clock: since when there is no client */
    int64_t next_deadline;            /* the next look at the clock */
    int64_t drain_deadline;
    int64_t accept_retry_at; /* descriptors were used up: no sooner than this */
};

static inline void server_state_note_deadline(dualpipe_server *s, int64_t at) {
    s->next_deadline = at < s->next_deadline ? at : s->next_deadline;
}
#endif
