/* worker_state.h: struct worker, which inflight.c, worker_send.c, worker_recv.c and worker.c share.
 *
 * A worker is a slot for one child at a time, and the queue of the requests sent to that child. The
 * state changes in worker.c alone (ask.c makes its only worker READY). `=` is no change, `-` can't
 * happen. The row "deadline" is the passing of state_deadline.
 *
 *   event            DOWN     SETUP    READY            SETTLING  QUITTING      EOF_SENT  KILLING
 *   worker_start     SETUP    -        -                -         -             -         -
 *   set-up reply, or -        = next text, or READY     -         -             -         -
 *    looks are over                                     QUITTING
 *   set-up fails     -        KILLING  -                -         -             -         -
 *   desync, and a    -        -        KILLING          =         EOF_SENT      =         =
 *    request waits
 *   worker_shutdown  =        KILLING  SETTLING, or     =         EOF_SENT once =         =
 *                                      KILLING if it is           texts are sent
 *                                      out of step or a           and answered
 *                                      reply is late
 *   worker_stop      =        KILLING  KILLING          KILLING   KILLING       KILLING   = signals
 *                                                                                         again
 *   deadline         may      KILLING  KILLING          -         KILLING       KILLING   DOWN, by
 *                    start                                                                force
 *   child has exited -        DOWN     DOWN             DOWN      DOWN          DOWN      DOWN
 *
 * With AWAIT_INPUT the worker looks from time to time whether its child waits for input: in SETUP
 * before the first text, and in SETTLING. The looks are over when it does, when it has ended, or
 * when their time is up. Without AWAIT_INPUT, SETTLING passes at once.
 *
 * Entering KILLING fails every request in flight; entering DOWN (reap_child()) fails those left,
 * or hands them back to be requeued. A worker that is out of step (desync_reason set) reads and
 * sends no more, but stays READY until it holds a request, or one wants it. The child of
 * dualpipe_ask() is the host's (child_is_borrowed): worker_stop() leaves it READY and out of step.
 */
#ifndef POOL_WORKER_STATE_H
#define POOL_WORKER_STATE_H
#include "base/options.h"
#include "pool/request.h"
#include "pool/window.h"

enum worker_state {  /* and the meaning of state_deadline meanwhile */
    WORKER_DOWN,     /* no child; when the next may be started, 0: now */
    WORKER_SETUP,    /* ready rule and set-up texts; the start timeout */
    WORKER_READY,    /* takes requests; CLOCK_NEVER, or, after its stdout has ended while a request
                        depends on it, when it is stopped */
    WORKER_SETTLING, /* no request will come; it may still print something; CLOCK_NEVER */
    WORKER_QUITTING, /* shutdown texts are being sent; when it is stopped */
    WORKER_EOF_SENT, /* its stdin is closed; when it is stopped */
    WORKER_KILLING,  /* it was sent signals; when it is reaped whether it has ended or not */
};

/* What the output of an idle child is. */
enum idle_output {
    IDLE_OUTPUT_FENCED, /* the next reply's, if that is fenced: no other rule has ended a reply */
    IDLE_OUTPUT_STRAY   /* it belongs to no reply */
};

struct worker {
    /* Set once, by pool_init(). */
    const struct dualpipe_pool_options *options;
    struct request_pool *requests;
    struct dualpipe_stats *stats;
    int index;
    uint64_t token_salt;      /* random part of this worker's fence tokens */
    bool child_is_borrowed;   /* the host's child: ours neither to stop, close nor replace */

    /* The slot. */
    dualpipe *child;          /* NULL exactly while DOWN */
    enum worker_state state;
    int64_t state_deadline;
    int children_started;
    int64_t child_started_us; /* with MEASURE_USAGE: the time of day */
    int failures;             /* children in a row that ended without an answer */
    int error;                /* why the whole pool can get no child: a negative errno */
    bool is_disabled;         /* failed max_start_failures times in a row */
    bool was_retired;         /* its last child was shut down after max_requests */
    uint64_t token_count;     /* fence tokens used */

    /* The queue, in the order of sending; its functions are in inflight.c. */
    struct request *inflight_first, *inflight_last;
    struct request *sending;  /* the first in flight that isn't all sent; NULL: none */
    int inflight_count;       /* requests in flight that the host waits for; a batch by its count */
    int blocking_count;       /* entries in flight after which nothing may be sent */
    struct request *returned_first, *returned_last; /* done or to be requeued, not yet picked up */

    /* The present child: set-up and sending. */
    int setup_step;           /* 1: the ready rule was sent; n + 1: set-up text n */
    bool setup_failed;
    bool has_looked;          /* looks were begun in SETUP */
    bool looked_in_vain;      /* the last looks ended as their time was up */
    int64_t next_look;        /* CLOCK_NEVER: none */
    int64_t looks_end;
    int look_pause_ms;
    long sent_count;          /* requests, for max_requests */
    enum idle_output idle_output;
    int64_t last_sent_at;     /* when a request was last sent to it while nothing was in flight */
    bool input_closed;        /* its stdin takes no more; a reply may still come */
    uint64_t sent_size;       /* bytes that its stdin has taken */
    uint64_t read_end;        /* of these, how many it has read at least; all, with input_closed */
    uint64_t answered_end;    /* of these, up to the end of the last request answered by a rule that
                                 proves nothing */
    int64_t answered_number;  /* that request */
    int64_t last_number;      /* the request sent last; 0: none */
    bool last_is_proven;      /* its rule proves the end of a reply */
    struct window window;     /* how many it may have in flight, if that is automatic */

    /* The present child: receiving. Offsets count from the front of its output buffer. */
    size_t kept_size;         /* bytes there that belong to the oldest reply, held in place */
    size_t lent_size;         /* bytes there that the host may look at until its next call */
    uint64_t received_at_scan; /* child->received when the output was last scanned */
    bool must_rescan;         /* scan again though nothing new has come */
    bool is_drained;          /* the last scan saw all there was; cleared by each wait */
    bool at_eof;              /* no more output will come: scan the rest as its end */
    bool wanted_after_eof;    /* a request waits for it though its stdout has ended */
    int reads_after_exit;     /* bounded, as another process may hold the pipe and write on */
    uint64_t trailing_size;   /* bytes that came after its stdin was closed, to be reported */
    const char *desync_reason; /* why replies can't be paired any more, in words; NULL: in step */
};

/* How the children of worker `index` are started. The elements of an array are as long as its
 * caller's headers say. */
static inline const struct dualpipe_options *
worker_child_options(const struct dualpipe_pool_options *o, int index) {
    const char *first = (const char *)o->worker_options;
    if (!first)
        return o->child;
    return (const struct dualpipe_options *)(const void *)(
        first + (size_t)index * options_stride(first, sizeof *o->worker_options));
}
/* The longest reply in bytes. */
static inline size_t worker_max_reply(const struct worker *w) {
    return w->options->max_reply > 0 ? w->options->max_reply : (size_t)64 << 20;
}
static inline bool worker_is_adaptive(const struct worker *w) {
    return w->options->window == DUALPIPE_WINDOW_AUTO;
}
/* Whether it still sends from the host's own bytes, which must stay where they are. */
static inline bool worker_borrows_text(const struct worker *w) {
    return w->sending && w->sending->borrowed_text;
}
#endif
