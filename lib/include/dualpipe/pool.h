/* pool.h: send requests to one child or many, and get each one's reply, in order.
 *
 * A typical use, in order:
 *
 *     dualpipe_pool_open()     give it the command, a rule, the number of workers
 *     dualpipe_pool_put()      submit requests until it returns -EAGAIN
 *     dualpipe_pool_get()      take the next reply: r.outcome says whether it was answered
 *     dualpipe_pool_end()      no more requests: let the children end by themselves
 *     dualpipe_pool_get()      until it returns 0
 *     dualpipe_pool_close()    free everything
 *
 * For one request at a time to one child, dualpipe_ask() is enough.
 *
 * A pool keeps children in step with their requests. Each reply is paired with its request or with
 * none: bytes that come before a request is sent are reported and never taken for its reply. After
 * a timeout the late reply is awaited as long again and discarded; meanwhile nothing else is sent
 * to that child, unless the rule can tell replies apart (fence, id). If the late reply doesn't
 * come, or its end can't be known, the child is replaced. Every request that was put comes out
 * exactly once, answered or failed. */
#ifndef DUALPIPE_POOL_H
#define DUALPIPE_POOL_H
#include "dualpipe/rule.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef struct dualpipe_pool dualpipe_pool;

/* --- Requests and replies ---------------------------------------------------------------- */

struct dualpipe_request {
    const void *data;          /* the bytes to send, with their line end or complete frame; sent or
                                  copied by dualpipe_pool_put */
    size_t size;               /* of data; 0: nothing is sent, not even a fence, and a reply is
                                  awaited */
    const dualpipe_rule *rule; /* NULL: the pool's. Must outlive the pool, or dualpipe_ask's dp */
    int timeout;               /* milliseconds from sending its first byte, or from its becoming the
                                  oldest request of its child; 0: none */
    void *tag;                 /* the caller's, given back in the reply */
    int count;                 /* 0: one request. Else data is so many requests, a line each, to be
                                  sent at once: see dualpipe_pool_can_batch */
};
enum dualpipe_outcome {
    DUALPIPE_OUTCOME_ANSWERED,
    DUALPIPE_OUTCOME_TIMED_OUT,
    DUALPIPE_OUTCOME_CHILD_ENDED, /* the child or its output ended before the reply was complete, or
                                     it was replaced while several requests awaited replies. With
                                     DUALPIPE_POOL_ONE_SHOT also: the reply is complete, but the
                                     child's status is not 0 */
    DUALPIPE_OUTCOME_TOO_LONG,    /* the reply is longer than max_reply; or, if nothing was sent, a
                                     line of the request is too long for the child's terminal */
    DUALPIPE_OUTCOME_MALFORMED,   /* the output is no frame, or ended within one */
    DUALPIPE_OUTCOME_NO_MEMORY,   /* no memory was left for the reply */
    DUALPIPE_OUTCOME_NOT_STARTED, /* no child could be started: nothing was sent, and the request is
                                     not counted in the statistics */
    DUALPIPE_OUTCOME_LIMIT,       /* as CHILD_ENDED, by the limit that status.limit names */
    DUALPIPE_OUTCOME_REFUSED,     /* a session doesn't take such a request, as reason says: nothing
                                     was sent */
    DUALPIPE_OUTCOME_OPEN,        /* no reply will come: the child has read the request and its
                                     fence, and only waits for more input, as if a quote or a block
                                     were not closed. On pipes of Linux alone; not while more could
                                     be sent (window), nor with LAUNCHED, nor with INTERACTIVE but
                                     in a session */
    DUALPIPE_OUTCOME_ERROR,       /* the reply is complete, and by its rule's errors, stderr_errors
                                     or json_errors it says that the request failed: reason is the
                                     line that does, or its beginning. The child is in step; the
                                     request counts as failed and is not retried */
    DUALPIPE_OUTCOME_CANCELLED    /* dualpipe_pool_interrupt, or in a session another client, has
                                     ended it; if sent is 0 before it was begun */
};
/* A reply; its pointers are valid until the next call on the pool. */
struct dualpipe_reply {
    enum dualpipe_outcome outcome;
    int partial;      /* DUALPIPE_POOL_STREAM_REPLIES: a piece; more pieces follow */
    int complete;     /* DUALPIPE_POOL_ONE_SHOT: the reply is complete, although outcome may be
                         CHILD_ENDED because of the child's status. Never set with LIMIT, which may
                         have cut the reply. Always set with ERROR */
    const char *data; /* the reply, in frames as the child wrote it. If it failed, the part that
                         came; if a frame is malformed or too long, its first bytes, at most 32 */
    size_t size;
    const char *err; /* what the child wrote on stderr meanwhile: DUALPIPE_POOL_KEEP_STDERR, and
                        dualpipe_ask if stderr is relayed */
    size_t err_size;
    const void *request; /* DUALPIPE_POOL_KEEP_REQUESTS: the request's bytes */
    size_t request_size;
    size_t sent;         /* bytes of the request and its fence that were written to a child */
    size_t unsent;       /* bytes that were not */
    int matched;         /* as in struct dualpipe_scan */
    int worker, attempt; /* which worker, from 0; which attempt, from 1 */
    int64_t number; /* of the request, from 1 in the order of dualpipe_pool_put; of a batch that
                       failed, the first that is not answered */
    int count;      /* of a batch: so many requests from number on, answered in this order; of
                       another request: 1 */
    int64_t duration_us; /* DUALPIPE_POOL_MEASURE_TIME: microseconds from sending it to its end */
    void *tag;
    uint64_t offset;    /* MALFORMED and TOO_LONG: where data stands in all that the child wrote,
                           from 0; no data: the frame was cut short */
    const char *reason; /* why the child was replaced before the reply was complete; of ERROR the
                           line that tells of the failure, NULL if its status does; or NULL */
    struct dualpipe_status status; /* of a child that has ended; else code and signal are -1, and
                                      with DUALPIPE_POOL_MEASURE_USAGE cpu_ms and maxrss_kb are what
                                      it has used so far; maxrss_kb 0: both are unknown */
    dualpipe *child; /* the child that was sent the request, for dualpipe_diagnose; NULL: it is
                        gone */
    int64_t started_us; /* DUALPIPE_POOL_MEASURE_USAGE: when it was sent, or with ONE_SHOT when its
                           child was started, in microseconds since 1970; 0: it was not */
    int request_status; /* the status of the request, from 0, that a wrap's program told behind the
                           token; -1: none */
    int interrupted; /* TIMED_OUT and CANCELLED: the child has given the request up by
                        interrupt_signal, and goes on */
};

/* --- Events ------------------------------------------------------------------------------ */

enum dualpipe_pool_event_type {
    DUALPIPE_POOL_EVENT_STARTED, /* a child is set up and ready */
    DUALPIPE_POOL_EVENT_SENDING, /* DUALPIPE_POOL_TRACE_SENT: data is sent; number 0: a set-up text
                                  */
    DUALPIPE_POOL_EVENT_UNEXPECTED_BYTES, /* data came that no request asked for, and was discarded;
                                             number: of the request sent last to this child, 0:
                                             none; proven: see below. size alone, without data: so
                                             many bytes came after its stdin was closed */
    DUALPIPE_POOL_EVENT_NOTIFICATION,     /* data: an unsolicited frame; reason, or NULL: why it is
                                             not the reply to request number, as it may seem */
    DUALPIPE_POOL_EVENT_STDERR,           /* data: from the child's stderr. With
                                             DUALPIPE_POOL_KEEP_STDERR only while no reply is
                                             awaited, and what a reply has no room for */
    DUALPIPE_POOL_EVENT_LATE_DISCARDED,   /* the late reply to request number came and was discarded
                                           */
    DUALPIPE_POOL_EVENT_REPLACED,         /* the child is out of step, for this reason; its state is
                                             lost */
    DUALPIPE_POOL_EVENT_CHILD_ENDED,      /* a child has ended: status; number: how many children of
                                             this worker ended without an answer, one after another;
                                             0: it had no request */
    DUALPIPE_POOL_EVENT_CANNOT_START,     /* error and cause: a child can't be started */
    DUALPIPE_POOL_EVENT_SETUP_FAILED, /* data: the set-up text, or size 0: the wait for ready_rule;
                                         outcome; reason, or NULL; status */
    DUALPIPE_POOL_EVENT_WORKER_DISABLED, /* a worker is not tried again, after number failures;
                                           status: of the last child. Or, with error and cause, as
                                           no descriptor, process or memory was left for it, and
                                           the children that there are go on without it */
    DUALPIPE_POOL_EVENT_MISPAIRED /* what was given as the reply to request number is none: the
                                     child had not read that request */
};
/* What has happened. type, worker and child are always set, the others as the type says. */
struct dualpipe_pool_event {
    enum dualpipe_pool_event_type type;
    int worker;      /* which, from 0 */
    dualpipe *child; /* or NULL */
    int64_t number;
    const char *data, *reason;
    size_t size;
    enum dualpipe_outcome outcome;
    int error;
    const struct dualpipe_error *cause;
    struct dualpipe_status status;
    int proven; /* UNEXPECTED_BYTES: the reply before them ended by a fence or an id, so it is whole
                   without them. Else they may be its rest, and later replies may be shifted */
};
/* Learns what happens besides replies, during the pool's calls and in the order in which it
 * happens. Must not call the pool. What the event points to is valid until it returns. */
typedef void dualpipe_pool_callback(void *data, const struct dualpipe_pool_event *event);

/* --- Options ----------------------------------------------------------------------------- */

/* Bits of dualpipe_pool_options.flags. */
enum dualpipe_pool_flags {
    DUALPIPE_POOL_STREAM_REPLIES = 1, /* one worker: give a reply in pieces as it comes */
    DUALPIPE_POOL_UNORDERED = 2,      /* give replies as they come, not in the order of put */
    DUALPIPE_POOL_REPLACE = 4,        /* replace a single child that ends, as is done with several
                                         workers anyway; without it no more can be put */
    DUALPIPE_POOL_RETRY_PARTIAL = 8,  /* also retry if some of the reply had come */
    DUALPIPE_POOL_ONE_SHOT = 16,      /* a fresh child for each request, which gets an end of file
                                         after it */
    DUALPIPE_POOL_KEEP_REQUESTS = 32, /* give the request with each reply */
    DUALPIPE_POOL_KEEP_STDERR = 64,   /* give stderr with each reply; needs DUALPIPE_STDERR_RELAY */
    DUALPIPE_POOL_MEASURE_TIME = 128, /* fill duration_us: two readings of the clock for each */
    DUALPIPE_POOL_TRACE_SENT = 256,   /* tell the callback of each text that is sent */
    DUALPIPE_POOL_ZERO_COPY = 512,    /* one worker: the caller keeps a request's data until
                                         dualpipe_pool_room is positive again, and large ones are
                                         written from there without a copy */
    DUALPIPE_POOL_INTERACTIVE = 1024, /* one worker, in front of a person: output that comes while
                                         no reply is awaited is told at once and whole, with number
                                         0 (without shutdown texts also while it ends). A late reply
                                         is awaited without a limit until a request waits for it. A
                                         request that can't be sent fails with its child, and goes
                                         to no other */
    DUALPIPE_POOL_AWAIT_INPUT = 4096,  /* send the first request, and close stdin after the last,
                                          only when the child is seen to wait for input, or has
                                          ended, or after 5 s and 1 s: so what it prints by itself
                                          is told as unexpected and taken for no reply. For rules
                                          that prove no end. Has no effect where the system doesn't
                                          show what a process waits for (Linux does) */
    DUALPIPE_POOL_LAUNCHED = 8192,     /* children are started by a launcher, such as ssh, that may
                                          take its time: until one has brought a byte of output, its
                                          reply has start_timeout on top of its own limit, and what
                                          was read of its stdin need not have reached it */
    DUALPIPE_POOL_MEASURE_USAGE = 16384, /* fill started_us, and what a child that goes on has used
                                            until the reply's end: two small files of /proc are read
                                            for each request */
    DUALPIPE_POOL_WAIT_FOR_LATE = 2048 /* await a late reply without a limit, even if requests wait;
                                          stop a child that is out of step at once, and say why in
                                          EVENT_REPLACED */
};
/* For dualpipe_pool_options.window: as many requests as the child answers in 5 ms, by the mean of
 * the last 128 replies, at most 2048 requests or 512 KiB of replies. A window is sent on when half
 * of it is answered, unless the child has been silent for 5 ms or its pipe is full. While each
 * child has 2 ms of work, dualpipe_pool_pollitems leaves its output out for 1 ms: to wake up for
 * each reply of 20 us of work costs 7 to 17 %, and such rests cost nothing (tests/bench/run, row
 * pool). It is 1 where a rule allows no pipelining, and with DUALPIPE_POOL_ONE_SHOT. */
enum { DUALPIPE_WINDOW_AUTO = -1 };

struct dualpipe_pool_options {
    size_t size;                          /* 0, or sizeof(struct dualpipe_pool_options) */
    const struct dualpipe_options *child; /* how each child is started */
    const dualpipe_rule *rule;            /* of requests that name none; NULL: a line */
    const dualpipe_rule *ready_rule;      /* what a child prints first, to be awaited and discarded;
                                             NULL: nothing */
    const struct dualpipe_request *setup_texts;    /* requests to every child before its first one;
                                                      their replies are discarded */
    const struct dualpipe_request *shutdown_texts; /* requests after its last one; their replies are
                                                      not awaited, except by id */
    int setup_count, shutdown_count;               /* how many of these */
    int workers;       /* 0: 1. Started as they are needed, the first at once */
    int window;        /* requests sent to each before their replies came; 0: 1;
                          DUALPIPE_WINDOW_AUTO */
    int retries;       /* how often to repeat a failed request on a fresh child, if nothing of its
                          reply came; not after a timeout of a child that waits for input and was
                          sent others along with it, by a rule that proves no end: their replies may
                          be shifted */
    long max_requests; /* replace a worker's child after so many; 0: never */
    int start_timeout; /* milliseconds for ready_rule and set-up; 0: none */
    int exit_timeout;  /* milliseconds for a child to end by itself; 0: 10000; DUALPIPE_FOREVER */
    size_t max_reply;  /* bytes of the longest reply, or with STREAM_REPLIES of a line. Of other
                          kinds of frames: of a body; child->max_buffer must have room for it with
                          its head. 0: 64 MiB */
    unsigned flags;    /* bits of enum dualpipe_pool_flags */
    dualpipe_pool_callback *callback; /* may be NULL */
    void *callback_data;
    const struct dualpipe_options *worker_options; /* an array of workers elements that replaces
                                                      child: how each worker's children are started.
                                                      All elements have the same size member. NULL:
                                                      all are started as child */
    int max_start_failures; /* for workers that may be unreachable: disable one whose children end
                               so many times in a row without an answer, and go on with the others;
                               requests sent to a child that ends before its first byte of output
                               count as not sent. 0: a child that can't be set up ends the pool */
    dualpipe *session; /* not NULL: submit requests to this session (dualpipe_session_connect),
                          greeted or not, instead of children. Only max_reply, flags, callback and
                          callback_data count then. The handle stays the host's, to be closed after
                          the pool, and no other call may use it meanwhile. A request whose rule
                          expects no reply is sent as such; any other rule is the session's own */
    int interrupt_signal; /* by which a child gives up the request that it is at work on, and goes
                             on, as SIGINT at its own prompt; 0: none. It is sent to the child's
                             process group when the oldest request times out or is cancelled, if
                             that has a fence and was sent whole, and nothing behind it. The rest of
                             its reply is awaited for the child's grace, at least 100 ms; then the
                             fence alone must be answered, before anything else is sent, or the
                             child is replaced. Not with ONE_SHOT, LAUNCHED, or if attempts are left
                             (retries) */
};
/* What has become of all requests: submitted is the sum of answered, failed, and those that are not
 * finished. */
struct dualpipe_stats {
    int64_t submitted, answered, failed;
    int64_t retried;           /* attempts after the first */
    int64_t late_discarded;    /* late replies that came and were discarded */
    uint64_t unexpected_bytes; /* bytes that no request asked for */
};

/* --- Calls ------------------------------------------------------------------------------- */

/* Open a pool and start its first child (not with DUALPIPE_POOL_ONE_SHOT). Sets *pool; free it with
 * dualpipe_pool_close. What the options point to must outlive the pool. why may be NULL.
 * Errors as dualpipe_start, or with a session as dualpipe_session_hello; -EINVAL: why->hint says
 * which options don't go together; child, or one of its argv and function, is missing. */
DUALPIPE_API int dualpipe_pool_open(dualpipe_pool **pool, const struct dualpipe_pool_options *o,
                                    struct dualpipe_error *why);
/* Submit a request: it is sent to a child now, or when one is free. 0. 1: there is a reply to get
 * already. -EAGAIN: all windows are full, get a reply first (with DUALPIPE_WINDOW_AUTO up to 2048
 * are kept beyond that). -EPIPE: the child or its output has ended, and it is not replaced; or the
 * pool is being ended. -ESTALE: see dualpipe_ask. -EINVAL: its rule allows no pipelining or no
 * batch. -ENOMEM. Another errno: no child can be started. */
DUALPIPE_API int dualpipe_pool_put(dualpipe_pool *pool, const struct dualpipe_request *q);
/* Whether requests by this rule (NULL: the pool's) may be put several at a time (count): to one
 * worker, or with DUALPIPE_WINDOW_AUTO; on pipes, by a rule of count alone, and without the flags
 * ONE_SHOT, KEEP_REQUESTS, KEEP_STDERR, MEASURE_TIME, MEASURE_USAGE and TRACE_SENT. The replies of
 * those that are answered come together; one that fails comes alone. */
DUALPIPE_API int dualpipe_pool_can_batch(const dualpipe_pool *pool, const dualpipe_rule *rule);
/* How many more requests can be put now; for batches with DUALPIPE_WINDOW_AUTO, how many at once:
 * there may be room for another batch. Negative: the errno with which dualpipe_pool_put fails from
 * now on. */
DUALPIPE_API int dualpipe_pool_room(const dualpipe_pool *pool);
/* Get the next reply, within timeout. 1: *r is filled. 0: no request is left (after
 * dualpipe_pool_end or _stop: and no child is). -ETIMEDOUT. -ETIME: a child was not set up in time.
 * -ECHILD: it ended before it was set up, or all workers are disabled. -ESTALE: see dualpipe_ask.
 * Another errno: no child can be started. */
DUALPIPE_API int dualpipe_pool_get(dualpipe_pool *pool, struct dualpipe_reply *r, int timeout);
/* To wait for more than the pool: fill items with what it waits for and lower *timeout; then
 * dualpipe_poll these with your own (or dualpipe_pollfds and dualpipe_step), and call
 * dualpipe_pool_get with timeout 0. Returns how many items there are, at most one a worker; if that
 * is more than n, call again with more room. */
DUALPIPE_API int dualpipe_pool_pollitems(dualpipe_pool *pool, struct dualpipe_pollitem *items,
                                         int n, int *timeout);
/* Describe the request that has waited longest: number (0: a set-up text), sent, unsent, child,
 * worker, and with DUALPIPE_POOL_MEASURE_TIME duration_us. Returns 1; 0: there is none. */
DUALPIPE_API int dualpipe_pool_oldest(dualpipe_pool *pool, struct dualpipe_reply *r);
/* Send a signal to every child, with a session to those of its server. */
DUALPIPE_API void dualpipe_pool_signal(dualpipe_pool *pool, int signo);
/* Let all timeouts pass so many milliseconds later: the host was stopped for that long. Does
 * nothing with a session. */
DUALPIPE_API void dualpipe_pool_extend_deadlines(dualpipe_pool *pool, int milliseconds);
/* Time out the oldest request of each child now. If it had no timeout and its rule can't tell
 * replies apart, the child is out of step then. If no child has a request, the one that has waited
 * longest for a child times out. Does nothing with a session. */
DUALPIPE_API void dualpipe_pool_timeout_oldest(dualpipe_pool *pool);
/* Cancel the request of that number, as in its reply; 0: the oldest of each child, with a session
 * all of this pool's. A child that is at work on it is interrupted (interrupt_signal); without that
 * its late reply is awaited and discarded as after a timeout. One that others were sent before is
 * cancelled in its turn. Its reply is still to be got: CANCELLED, or what came before. Returns how
 * many were found, none in a batch; with a session, how many await replies. */
DUALPIPE_API int dualpipe_pool_interrupt(dualpipe_pool *pool, int64_t number);
/* Begin to end the children: shutdown texts, end of file, exit_timeout, then as dualpipe_pool_stop.
 * A session goes on: the pool leaves it, once all requests are finished. */
DUALPIPE_API void dualpipe_pool_end(dualpipe_pool *pool);
/* Begin to stop the children, as dualpipe_stop. Requests that are not finished fail. A second call
 * with SIGKILL kills at once. A session and its children go on: the pool only leaves it. */
DUALPIPE_API void dualpipe_pool_stop(dualpipe_pool *pool, int signo);
/* Fill *stats. */
DUALPIPE_API void dualpipe_pool_stats(const dualpipe_pool *pool, struct dualpipe_stats *stats);
/* End the children that are left, as dualpipe_close does, and free everything. NULL does nothing.
 * Returns NULL. */
DUALPIPE_API dualpipe_pool *dualpipe_pool_close(dualpipe_pool *pool);

/* Send a request to a child of dualpipe_start and wait for its reply: the simple case. Fills *r,
 * whose pointers are valid until the next dualpipe_ask on dp. Returns 0, and r->outcome says how it
 * went. After DUALPIPE_OUTCOME_TIMED_OUT the next call first waits for the late reply and discards
 * it. -ESTALE: that reply did not come either, or its end can't be known, so that no further reply
 * can be trusted. -EPIPE: the child had ended. -ENOMEM. Between a timeout and the next
 * dualpipe_ask, use no other call that reads or writes. */
DUALPIPE_API int dualpipe_ask(dualpipe *dp, const struct dualpipe_request *q,
                              struct dualpipe_reply *r);
#ifdef __cplusplus
}
#endif
#endif
