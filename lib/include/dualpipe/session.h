/* session.h: a pool behind a Unix socket, and the client's side of it.
 *
 * A server, in order:
 *
 *     dualpipe_server_open()     open the pool and the socket
 *     dualpipe_server_run()      until it returns 0
 *     dualpipe_server_end()      from a signal, say: stop accepting, answer what was sent, end
 *     dualpipe_server_close()    free everything
 *
 * A client, in order:
 *
 *     dualpipe_session_connect()   the same kind of handle as a child
 *     dualpipe_ask()               or a pool whose options name the handle as session
 *     dualpipe_close()             leave; the session goes on
 *
 * Many clients share one pool. Each gets the replies to its own requests, in the order in which it
 * sent them; several clients take turns. A client that stops reading, sends what can't be
 * understood, or goes away harms no other: its requests are finished and their replies discarded.
 * A request that could change what another client is answered is refused, as dualpipe-session(5)
 * says: DUALPIPE_OUTCOME_REFUSED, or the end of a connection without the protocol.
 * A client that sends the line DUALPIPE/1 first speaks the protocol of dualpipe-session(5). All
 * bytes of any other client are requests in frames of one kind, and so are the replies it gets;
 * when one of its requests fails, its connection is closed. */
#ifndef DUALPIPE_SESSION_H
#define DUALPIPE_SESSION_H
#include "dualpipe/pool.h"
#ifdef __cplusplus
extern "C" {
#endif

/* --- The server -------------------------------------------------------------------------- */

typedef struct dualpipe_server dualpipe_server;

enum dualpipe_client_event {
    DUALPIPE_CLIENT_CONNECTED,
    DUALPIPE_CLIENT_REJECTED,     /* it is another user's, and was closed at once */
    DUALPIPE_CLIENT_DISCONNECTED, /* it closed its end after all its replies, or went away */
    DUALPIPE_CLIENT_EVICTED       /* the server closed it; reason says why */
};
struct dualpipe_client_info {
    enum dualpipe_client_event event;
    uid_t uid; /* as the kernel tells */
    pid_t pid;
    const char *reason;   /* or NULL */
    int64_t requests;     /* that it sent */
    int64_t replies_lost; /* replies that it was no longer there to take */
};
/* Learns of clients during the server's calls. Must not call the server. */
typedef void dualpipe_client_callback(void *data, const struct dualpipe_client_info *client);
/* Convert a message of n bytes to another kind. *made is allocated with malloc and freed by the
 * server; *size is its length. Returns 0, or a negative errno for which the client is closed. */
typedef int dualpipe_translator(void *data, const char *p, size_t n, char **made, size_t *size);

struct dualpipe_server_options {
    size_t size;                              /* 0, or sizeof(struct dualpipe_server_options) */
    const struct dualpipe_pool_options *pool; /* copied. The server itself sets or clears the flags
                                                 STREAM_REPLIES, UNORDERED, REPLACE, KEEP_STDERR,
                                                 ZERO_COPY, INTERACTIVE and WAIT_FOR_LATE. The
                                                 callback learns of stderr only what no client is
                                                 told */
    const char *path; /* of the socket, made with mode 0600; path.dualpipe-lock is its lock */
    int fd;           /* path NULL: a listening Unix socket, which stays the host's */
    const char *description; /* what this session is, told to clients as it is */
    size_t description_size;
    enum dualpipe_frame_kind client_kind;      /* the frames of clients without the protocol */
    int reply_timeout;                         /* milliseconds for their replies; 0: none */
    dualpipe_translator *to_child, *to_client; /* of their messages: to_child is given a body,
                                                  to_client a reply. NULL: client_kind is the
                                                  child's kind */
    int max_clients; /* at once; others wait to be accepted. 0: 1000. Never more than descriptors
                        allow */
    int client_stall_timeout; /* milliseconds that a client may read nothing, or take to send one
                                 message; 0: 30000 */
    size_t client_buffer_max; /* bytes of replies held for one client, which is evicted beyond; 0:
                                 64 MiB, or what one reply of max_reply needs. All clients together
                                 may have four times that; beyond it the one with the most is
                                 evicted */
    int idle_exit_timeout; /* end the session after so many milliseconds without a client; 0: never
                            */
    dualpipe_client_callback *client_callback; /* may be NULL */
    void *callback_data;                       /* for client_callback and the translators */
    int abandoned_reply_timeout; /* milliseconds, at least, for a reply that no client waits for any
                                    more, because it left or timed out, while other requests wait.
                                    Its own timeout counts if that is longer. Then the child is
                                    stopped. 0: 10000 */
    int ends_with_child; /* 1: a session whose only child has ended ends at once, for its host tells
                            how; 0: it stays until a client has been told */
};

/* Open a session: its pool, and the socket where clients are accepted from now on. Sets *server;
 * free it with dualpipe_server_close. What the options point to must outlive it. why may be NULL.
 * Errors as dualpipe_pool_open; -EINVAL: pool is NULL, or its rule takes raw bytes, where requests
 * can't be told apart, without DUALPIPE_POOL_ONE_SHOT. -EADDRINUSE: a session is served there.
 * -ENAMETOOLONG: path has more than 107 bytes. -EEXIST: something else is there. -EPERM: it is
 * another user's. -ENOTSOCK: fd is no listening Unix socket. A socket that is no longer served is
 * taken over; nothing else is ever removed. */
DUALPIPE_API int dualpipe_server_open(dualpipe_server **server,
                                      const struct dualpipe_server_options *o,
                                      struct dualpipe_error *why);
/* Serve, at most for timeout. 1: call again. 0: the session has ended. Or an errno of
 * dualpipe_poll. */
DUALPIPE_API int dualpipe_server_run(dualpipe_server *server, int timeout);
/* To wait for more than the server: fill items with what it waits for and lower *timeout; then
 * dualpipe_poll these with your own, and call dualpipe_server_step. Returns how many items there
 * are, one more than workers (where the system has no descriptor that stands for others, as Linux
 * has: one more than clients too); if that is more than n, call again with more room. */
DUALPIPE_API int dualpipe_server_pollitems(dualpipe_server *server, struct dualpipe_pollitem *items,
                                           int n, int *timeout);
/* Do what can be done without waiting. 1: the session goes on. 0: it has ended. */
DUALPIPE_API int dualpipe_server_step(dualpipe_server *server);
/* Begin to end the session: remove the socket, answer what clients have sent, for at most timeout,
 * close them, and end the children as dualpipe_pool_end does. */
DUALPIPE_API void dualpipe_server_end(dualpipe_server *server, int timeout);
/* The server's pool: for statistics, for signals, and for dualpipe_pool_stop, which ends everything
 * at once. It stays the server's. */
DUALPIPE_API dualpipe_pool *dualpipe_server_pool(dualpipe_server *server);
/* How a single child has ended by itself: 1, and *s is filled. 0: it has not. *reported, if not
 * NULL, is set to whether a client was told. s may be NULL. */
DUALPIPE_API int dualpipe_server_status(const dualpipe_server *server, struct dualpipe_status *s,
                                        int *reported);
/* Whether a socket without a server was in its place: the previous server was killed. */
DUALPIPE_API int dualpipe_server_took_over(const dualpipe_server *server);
/* End what is left, and free everything. NULL does nothing. Returns NULL. */
DUALPIPE_API dualpipe_server *dualpipe_server_close(dualpipe_server *server);

/* --- The client -------------------------------------------------------------------------- */

/* Connect to a session within timeout, which passes while all places are taken. Sets *dp, the same
 * kind of handle as a child's: written bytes are requests in the session's frames, read bytes the
 * replies; dualpipe_ask works; dualpipe_close_stdin says that no more requests follow;
 * dualpipe_close leaves, and the session goes on. why may be NULL. -ENOENT, -ECONNREFUSED: there is
 * no session. -ETIMEDOUT. -EPERM: it is another user's. -ENAMETOOLONG. */
DUALPIPE_API int dualpipe_session_connect(dualpipe **dp, const char *path, int timeout,
                                          struct dualpipe_error *why);

/* What a session tells of itself; its pointers are valid until the next call on dp. */
struct dualpipe_session_info {
    pid_t server_pid;
    pid_t child_pid;             /* of its first worker; 0: none */
    int workers, clients;        /* how many; clients counts this one */
    int64_t idle_ms, age_ms;     /* since its last client before this one left, 0 while others are
                                    there; and since it began */
    struct dualpipe_stats stats; /* of all its clients; it tells no retried, no unexpected_bytes */
    int ended; /* its only child has ended, with status; it takes no more requests */
    struct dualpipe_status status;
    const char *description;
    const char *last_output; /* the child's last output that no client was told of */
    size_t description_size, last_output_size;
    const char *reason; /* ended: why the session had to stop its child, in words */
    size_t reason_size; /* 0: it did not */
    pid_t running_pid;  /* who has asked for what takes longest now; 0: nothing is asked */
    int64_t running_ms; /* and for how long that takes so far */
    const char *part;   /* the last bytes of its reply so far, at most 80 */
    size_t part_size;
};
/* Greet a session, before anything else is written on dp, and fill *info. dp can then be used for a
 * pool or for dualpipe_session_command. -ETIMEDOUT. -EPROTO: the other end is no session. -EPERM:
 * it is another user's. -EPIPE: it has ended. */
DUALPIPE_API int dualpipe_session_hello(dualpipe *dp, struct dualpipe_session_info *info,
                                        int timeout);
enum dualpipe_session_verb {
    DUALPIPE_SESSION_REAP,      /* the client knows that the child has ended; the session may end */
    DUALPIPE_SESSION_SUBSCRIBE, /* send this client unsolicited frames: a pool's callback gets them
                                 */
    DUALPIPE_SESSION_SHUTDOWN   /* end, as by dualpipe_server_end; dp gets an end of file then */
};
/* Send a greeted session a command. 0, or as dualpipe_write. */
DUALPIPE_API int dualpipe_session_command(dualpipe *dp, enum dualpipe_session_verb verb,
                                          int timeout);
/* Cancel the request that each child of a greeted session is at work on, whichever client has asked
 * it, as dualpipe_pool_interrupt does; that client's outcome is DUALPIPE_OUTCOME_CANCELLED. Returns
 * how many there were; -ETIMEDOUT, -EPROTO, -EPIPE, or as dualpipe_write. */
DUALPIPE_API int dualpipe_session_cancel(dualpipe *dp, int timeout);
#ifdef __cplusplus
}
#endif
#endif
