/* server_state.h: the structs that the files of the session server share.
 *
 * A server (struct dualpipe_server) owns one pool and a list of connections (struct conn). A
 * connection holds at most one parsed request that waits for its turn (`request`) and a list of
 * the requests that the pool has been given (struct client_request). The functions live in
 *
 *     runqueue.c        which connection is next
 *     conn.c            a connection's bytes, poll events and memory
 *     server_accept.c   the listener
 *     server_deliver.c  replies and events of the pool -> messages to clients
 *     server.c          decides: parses requests, schedules them, runs timers, ends the session
 *
 * and call each other in that direction only: a later line may call an earlier one. */
#ifndef SERVER_STATE_H
#define SERVER_STATE_H
#include "base/buffer.h"
#include "dualpipe.h"
#include "os/unix_socket.h"
#include "pool/pool_sched.h"
#include "os/poller.h"
#include "pool/pool.h"
#include "session/proto.h"
#include <stdbool.h>

enum { NS_PER_MS = 1000000 };

struct conn;

/* What a client wants of the reply to a request. */
enum reply_use {
    REPLY_SENT,
    REPLY_MEASURED, /* it is sent with what the child has used until its end */
    REPLY_DROPPED,  /* the client says that the child answers nothing: what comes isn't sent */
};

enum { LAST_SHOWN_MAX = 80 }; /* bytes of a reply under way that a hello shows */

/* A request that a client sent and that the pool was given; the tag of the pool's request. The
 * connection's list owns it until the reply is complete and its turn has come. If the connection
 * is freed earlier, conn becomes NULL and the request frees itself with the pool's reply. */
struct client_request {
    struct client_request *next; /* of the same connection, in the order of arrival */
    struct conn *conn;           /* NULL: the connection is gone */
    int64_t id;                  /* the number that the client gave it; counted for plain clients */
    int64_t number;              /* the pool's; 0: the pool has not taken it */
    struct buffer held_back;     /* its messages while an earlier request is not answered yet */
    bool is_done;                /* the reply is complete, but may still be held back */
    bool is_plain;               /* its connection speaks no session protocol */
    enum reply_use reply_use;
    bool has_failed; /* plain only: send nothing after it, which would pass for its reply */
    pid_t pid;       /* of its client, which may be gone */
    int64_t given_at; /* in ns: when the pool took it */
    char last[LAST_SHOWN_MAX]; /* the last bytes of its reply that were sent so far */
    size_t last_size;
};

/* CONN_UNKNOWN until the first bytes show whether the client sends PROTO_GREETING. A plain client
 * sends bare requests as frames of options.client_kind, and gets bare replies. */
enum conn_protocol { CONN_UNKNOWN, CONN_PLAIN, CONN_SESSION };

/* One connected client. Its stages, each with the members that mark it:
 *
 *     opening     protocol is CONN_UNKNOWN
 *     serving     CONN_PLAIN, or CONN_SESSION once hello_sent
 *     draining    input_ended or is_draining: no more requests, replies are still sent
 *     half closed has_exit_notice and all bytes sent: our side is shut down, we wait for its close
 *     hung up     hung_up: the peer is gone; its requests are orphaned, their replies dropped
 *     closing     is_closing: every function leaves it alone; reap_conns() in server.c frees it
 */
struct conn {
    struct conn *next, *prev; /* all connections, the newest first */
    struct conn *next_queued; /* in the run queue */
    dualpipe_server *server;
    int fd;
    uid_t uid; /* of the peer, as the kernel tells it */
    pid_t pid;
    enum conn_protocol protocol;
    struct buffer in, out; /* bytes read but not parsed; bytes not sent yet */
    struct client_request *first_request, *last_request; /* those that the pool was given */
    int64_t nrequests; /* that have had their turn so far, refused ones included */
    int64_t nlost;     /* replies that it was not there to take */
    int poll_events;   /* reported by the poller: POLLER_*; 0: fd is not registered */
    size_t accounted;  /* its share of the server's held_bytes */

    /* The request that waits for its turn. total_size is how many bytes of `in` it takes up, 0 if
     * there is none. Its data are the last `size` of these bytes, or request_copy. */
    struct proto_msg request;
    char *request_copy; /* the request, if it is not in `in` as it must be sent; owned */
    struct dualpipe_frame_view frame; /* plain only: the decoder's progress in the next frame */
    int64_t request_id;
    int64_t queue_deadline; /* in ns: the request times out if it is still queued then */
    int reply_limit;        /* in ms, for the whole reply; 0: none */
    enum reply_use reply_use; /* of that request */
    bool is_queued;         /* it is in the run queue */

    bool hello_sent;
    bool is_subscribed;   /* it gets every notification, not only those during its requests */
    bool input_ended;     /* it sends no more */
    bool is_draining;     /* as if it sent no more; it is closed when `out` is empty */
    bool hung_up;         /* it reads no more either */
    bool knows_exit;      /* one of its replies has carried the child's exit status */
    bool has_exit_notice; /* the last message in `out` says that the child has ended */
    bool is_closing;
    enum dualpipe_client_event close_event; /* for the host, when it is freed */
    const char *close_reason;
    int64_t stalled_since; /* in ns: since when it is expected to read or send; 0: it is not */
};

/* The states only ever go down this list; server.c has the table of events. */
enum server_state {
    SERVER_OPEN,        /* requests are accepted */
    SERVER_CHILD_ENDED, /* no more requests; the socket stays until a client knows of the exit */
    SERVER_DRAINING,    /* the socket is removed; requests that were sent are still answered */
    SERVER_CLOSING,     /* all clients are closed, the children are ending */
    SERVER_ENDED,
};

enum {
    LAST_OUTPUT_MAX = 4096, /* bytes of unexpected output that are kept for the next client */
    LATE_SLOTS = 16,        /* timed-out requests that are remembered */
};

/* A request that timed out. Its client is told if the pool discards the late reply. */
struct late_reply {
    int64_t number;     /* the pool's number of the request */
    int64_t request_id; /* the client's */
    struct conn *conn;  /* NULL: gone */
};

/* The last reply of a worker: bytes that come behind it put it in doubt. */
struct answered {
    struct conn *conn; /* that was given it, if it is still there and can be told */
    int64_t id;        /* the number of that request, as its client counts */
    int64_t number;    /* and as the pool does */
};

struct dualpipe_server {
    struct dualpipe_server_options options; /* with the defaults filled in */
    struct dualpipe_pool_options pool_options;
    dualpipe_pool_callback *host_callback; /* of pool_options, which has ours in its place */
    void *host_data;
    dualpipe_pool *pool;
    struct unix_listener listener;
    struct poller poller; /* for the connections, and the listener (with no data) */
    enum server_state state;
    struct conn *conns;
    int nconns, max_conns;
    struct conn *runqueue_first, *runqueue_last; /* connections with a request that waits */
    struct client_request *submitting;           /* the one that the pool is just being given */
    struct answered *answered;                   /* by worker: its last reply */
    struct client_request *current; /* the last one that the pool took, until it is answered */
    int requests_in_pool;
    size_t held_bytes;             /* in all `in` and `out` buffers */
    long pid;                      /* the server's own */
    bool has_single_child;         /* one worker, whose child is not replaced: its exit ends us */
    bool streams_replies;          /* replies arrive in pieces, as the child writes them */
    bool is_accepting;             /* the listener is in the poller */
    bool exit_was_reported;        /* at least one client knows that the child has ended */
    struct conn *exit_notice_conn; /* it was just sent an exit notice; others wait for its answer */
    int64_t exit_notice_deadline;  /* in ns: how long they wait */
    const char *stop_reason;       /* why the pool had to stop the child; NULL: it ended itself */
    bool child_started, child_died;
    struct dualpipe_status exit_status;
    dualpipe *child;              /* of the first worker; NULL: none runs */
    struct buffer last_output;    /* the newest unexpected output that no client was told */
    dualpipe_rule *no_reply_rule; /* for requests that expect no reply */
    bool any_closing;             /* reap_conns() has something to do */
    struct late_reply late_replies[LATE_SLOTS]; /* a ring */
    int late_count;                             /* ever put into it */
    int64_t started_at, unused_since;           /* in ns; the latter while there is no client */
    int64_t next_deadline;   /* in ns: the earliest timer, at which run_timers() looks at all */
    int64_t drain_deadline;  /* in ns: clients still there when draining are closed */
    int64_t accept_retry_at; /* in ns: no descriptor was free; 0: accepting is not paused */
};

/* Makes the loop wake up at a point in time, in ns. Inline here, below all users: every file of
 * the server sets timers, and server.c, which runs them, is above the others. */
static inline void server_state_note_deadline(dualpipe_server *s, int64_t at) {
    s->next_deadline = at < s->next_deadline ? at : s->next_deadline;
}
#endif
