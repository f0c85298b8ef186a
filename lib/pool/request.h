/* request.h: one request: its text, how far it was sent, its reply, and how it ended.
 *
 * A batch request stands for several one-line requests that were submitted together; it is split
 * again where something happens to one of them alone. Some requests are the pool's own: set-up and
 * shutdown texts (number 0), and placeholders for a reply which is still to come and will be
 * discarded. All of these have discards_reply set and are never given to the host.
 *
 * Typical use: request_new(), set the fields that the submitter knows, request_copy() if the text
 * must outlive the host's buffer, send it (worker_submit()), request_copy_reply() if the reply must
 * leave the child's output buffer before its turn, request_recycle() after the host has seen it.
 *
 * A request has no state field yet. Its state follows from the list it is in and its flags:
 *
 *   state      list                  shown by                       next state, on which event
 *   WAITING    pool's waiting queue  sent == 0                      SENDING: a worker has room
 *                                                                   DONE: no worker ever will
 *   SENDING    worker's in flight    sent < wire_size               AWAITING: the last byte is sent
 *                                                                   REPLIED: its reply came already
 *   AWAITING   worker's in flight    sent == wire_size              DONE: the reply is complete
 *                                                                   REPLIED: with ONE_SHOT
 *                                                                   (expects_reply false: DONE)
 *   REPLIED    worker's in flight    reply_complete                 DONE: all is sent; a ONE_SHOT
 *                                                                   child must also exit with 0
 *   FAILED     worker's returned     must_requeue                   WAITING: pool_sched_enqueue()
 *                                                                   DONE: the pool ends or is over
 *   DONE       worker's returned,    is_done; is_ready: held until  spare: the host has called the
 *              or pool's order       its turn in the order          pool again after seeing it
 *   INTERRUPTED worker's in flight   interrupt == INTERRUPT_SENT    DONE: the token came, or the
 *                                                                   child has ended
 *                                                                   LATE: it did not come in time
 *   LATE       worker's in flight    is_late, discards_reply        spare: the late reply came, or
 *                                                                   its deadline passed (desync)
 *
 * SENDING, AWAITING and REPLIED become FAILED or DONE by inflight_fail() when a deadline passes or
 * the child ends; after a deadline a LATE placeholder, a request of its own, may take their place.
 */
#ifndef POOL_REQUEST_H
#define POOL_REQUEST_H
#include "base/buffer.h"
#include "codec/fence.h"
#include "codec/rule_errors.h"
#include "dualpipe.h"
#include <stdbool.h>

/* What a request has to do with an interrupt (worker_interrupt.c). */
enum interrupt_part {
    INTERRUPT_NONE,
    INTERRUPT_SENT,  /* the child was sent a signal because of it, or of the request that this
                        placeholder stands for */
    INTERRUPT_PROBE, /* the fence alone, sent after that */
};

struct request {
    /* Kept when a request is recycled: buffers with their memory, and the list of all. */
    struct request *alloc_next; /* the request allocated before this one */
    struct buffer copy;         /* our copy of text and fence, or of the part still needed */
    struct buffer body;         /* the reply, or the part of it that left the child's buffer */
    struct buffer err;          /* stderr output that came while this was the oldest request */
    struct rule_errors *errors; /* whether the reply says that it failed; NULL: not asked yet */

    /* Cleared for each new request. */
    struct request *order_next; /* next in the pool's order of replies, or in the spare list */
    struct request *queue_next; /* next in the queue it is in: in flight, returned, or waiting */

    /* Set when it is submitted. */
    const dualpipe_rule *rule;
    void *tag;             /* the host's, handed back with the reply */
    int64_t number;        /* in the order of dualpipe_pool_put(), from 1; 0: the pool's own text */
    int count;             /* 1, or the number of requests of a batch not yet answered */
    int timeout_ms;        /* 0: none */
    bool expects_reply;    /* by its rule */
    bool is_batch;         /* may stand for more than one request, one line each */
    bool is_exclusive;     /* a retry, or a late reply without a window: other requests on the same
                              child could suffer from it */
    bool discards_reply;   /* set-up text, shutdown text, probe or placeholder */

    /* How far it was sent. Offsets count from the start of the text. */
    size_t text_size;      /* bytes of the request */
    size_t wire_size;      /* the same with the fence, or in its wrap */
    size_t wire_offset;    /* where in copy that begins: behind the text if it is wrapped, else 0 */
    size_t sent;           /* bytes written to the child */
    uint64_t wire_end;     /* where its last byte stands in all that the child was sent; 0: unknown,
                              as it was the front of a batch */
    size_t copy_offset;    /* where in the text the copy begins; 0 while nothing is left out */
    int uncopied_count;    /* batch: how many of the first requests were sent and aren't in copy */
    const char *borrowed_text; /* the host's bytes, used in place until all are sent (ZERO_COPY) */
    const char *id;        /* in copy, if has_id: pairs request and reply; may be empty */
    size_t id_size;
    bool has_id;
    char token[FENCE_TOKEN_SIZE]; /* of its fence; "": no fence */
    int worker_index;
    int generation;        /* children_started of the worker when it was sent: which child has it */
    int attempt;           /* from 1: how often it was sent, requeues not counted */
    int requeues;          /* how often it came back unsent because a child had ended */

    /* Time, in nanoseconds of the monotonic clock. */
    int64_t sent_at, ended_at; /* with MEASURE_TIME, else 0 */
    int64_t started_us;    /* with MEASURE_USAGE, else 0: the time of day, as given to the host */
    int launch_ms;         /* its deadline has so much more for the launch of its child; 0: none */
    int64_t deadline;      /* 0: not running yet, as it isn't the oldest; CLOCK_NEVER: none */
    int64_t last_output_at;    /* idle rule: when output last came; 0: none of the reply yet */
    int64_t next_look;         /* whether it is left open (worker_open.c); 0: not begun */
    int look_pause_ms;         /* from there to the look after it */

    /* Its reply. */
    struct dualpipe_scan scan; /* progress of the rule through the child's output */
    const char *reply;     /* bytes to be given: in body, or in place in the child's buffer */
    size_t reply_size;
    int answered_count;    /* batch: requests answered but not yet given, from number on */
    size_t held_size;      /* bytes it counts for in the pool's held_size */
    bool in_place;         /* the reply is one piece at the front of the child's buffer so far */
    bool got_any;          /* some of the reply has come */
    bool reply_complete;   /* but the request isn't all sent, or the ONE_SHOT child hasn't exited */
    bool fence_pending;    /* another rule ended the reply; the fence token is still to come */

    /* How it ended. */
    enum dualpipe_outcome outcome;
    struct dualpipe_status status; /* of the child, if its end was the request's; with MEASURE_USAGE
                                      also what it has used so far */
    const char *reason;    /* why the child was out of step; NULL: it wasn't */
    uint64_t error_offset; /* of a bad or too long frame, in all that the child has written */
    bool is_late;          /* placeholder: its reply is discarded when it comes */
    bool fence_only;       /* placeholder for a fence token, not for a whole reply */
    enum interrupt_part interrupt;
    int64_t interrupt_limit;   /* until when it may be begun and then interrupted; 0: its deadline
                                  has not passed */
    int interrupt_pause_ms;    /* from the last signal to the next */
    enum dualpipe_outcome given_up; /* CANCELLED or, once it is interrupted, TIMED_OUT: its outcome,
                                       unless its reply comes whole before a signal is sent;
                                       ANSWERED: it is not given up */
    bool is_orphaned;      /* its client has gone; its reply is given to the host all the same */
    bool is_unread;        /* its child closed stdin before it had read any of it whole: no reply */
    bool is_final;         /* not to be asked again, even if attempts are left */
    bool must_requeue;     /* came back to be sent to another child */
    bool is_done;          /* the outcome is final */
    bool is_ready;         /* and no worker holds it: it can be given when its turn comes */
};

/* All requests of a pool: those in use are found by other lists, those to spare here. */
struct request_pool {
    struct request *allocated, *spare;
    struct request **order_last; /* the tail of the pool's order, which request_split() extends */
    int open_count;              /* submitted by the host and not yet given back */
};

/* Returns a cleared request, recycled or new; NULL: no memory. */
struct request *request_new(struct request_pool *requests);
/* Puts a request back to spare. Its buffers keep up to 1 MiB for the next one. */
void request_recycle(struct request *r, struct request_pool *requests);
void request_pool_free(struct request_pool *requests);

/* Copies the whole text, which lies at p, unless it is copied already. -ENOMEM. */
int request_copy(struct request *r, const void *p);
/* Copies the part of the text at p that is not sent yet, unless there is a copy. -ENOMEM. */
int request_copy_unsent(struct request *r, const char *p);
/* Where the bytes not sent yet lie. */
const char *request_unsent(const struct request *r);
/* Appends the fence with its token to the copied text, on a line of its own; or, as what is to be
 * sent in its place, the text in its wrap. -ENOMEM. */
int request_append_fence(struct request *r);
/* Copies the reply out of the child's buffer. Without memory the reply is lost and the outcome is
 * NO_MEMORY. */
void request_copy_reply(struct request *r);
/* Looks whether the bytes of stderr, or the reply as far as r->reply has it, say that the request
 * failed. */
void request_note_stderr(struct request *r, const char *p, size_t n);
void request_note_reply(struct request *r);
/* The reply is whole, and so is what came on stderr before its end: sets the outcome. */
void request_judge(struct request *r);

/* Batch: the first n of the requests have been answered just now. */
void request_batch_answered(struct request *r, int n);
/* Splits a batch: r keeps those answered and the first n of the others; returns a new batch with
 * the rest, placed after r in the pool's order. NULL: no memory, nothing has changed. */
struct request *request_split(struct request *r, int n, struct request_pool *requests);
/* Makes a batch that has one request left an ordinary request. */
void request_make_single(struct request *r);

/* Forgets the failed attempt, so that the request can be sent to another child. */
void request_rewind(struct request *r);
#endif
