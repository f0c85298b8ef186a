/* worker.h: one child asked in turn: set up, kept in step, and let go. */
#ifndef DIALOGUE_H
#define DIALOGUE_H
#include "pool/request.h"
#include "pool/window.h"

enum worker_state {        /* and what d->until is then */
    WORKER_DOWN,           /* no child; when the next may be started */
    WORKER_SETUP,     /* the limit of that */
    WORKER_READY,           /* when a child that has closed its output is given up; mostly never */
    WORKER_QUITTING,        /* the quit texts are being sent; when that is given up */
    WORKER_EOF_SENT,         /* its input has ended; when it is stopped */
    WORKER_KILLING,       /* signals were sent; when it is given up */
};

struct worker {
    const struct dualpipe_pool_options *options;
    struct request_pool *requests;
    struct dualpipe_stats *stats;
    dualpipe *child;
    enum worker_state state;
    int index;
    int64_t state_deadline;
    struct request_chunk *inflight_first,
        *inflight_last;                 /* under way, in the order of their sending */
    struct request_chunk *sending;      /* the first that is not all sent */
    struct request_chunk *returned_first, *returned_last; /* that have come back, to be given */
    int children_started;        /* started so far */
    bool child_is_borrowed;       /* the host's child: not ours to stop, close or replace */
    bool was_retired;       /* its child had been asked often enough */
    int blocking_count;        /* exchanges under way that nothing may be sent behind */
    int inflight_count;       /* requests not answered, but the owed */
    long sent_count;          /* of this child */
    struct window window; /* what its requests cost: of windows that adapt */
    int failures;        /* children that ended one after another without an answer */
    int error;           /* no child can be had: a negative errno */
    bool is_disabled;       /* it has failed too often */
    bool setup_failed;        /* its child could not be set up */
    int setup_step;            /* of the set-up */
    uint64_t token_salt, token_count;
    size_t kept_size;         /* bytes at the front of its output that belong to the oldest reply */
    size_t lent_size;        /* bytes there that the reply just given holds */
    uint64_t received_at_scan,
        trailing_size;         /* bytes: received when last looked at; after the last request */
    const char *desync_reason; /* why it can't be asked any more */
    bool must_rescan;         /* what lies there must be looked at anew */
    bool is_drained;        /* when last heard, nothing was left to read; nobody has waited since */
    int64_t last_sent_at;    /* when its last request was sent, if nothing was under way */
    bool input_closed;        /* it takes no more input */
    bool wanted_after_eof;         /* a request waits for it, though it has closed its output */
    int reads_after_exit;           /* reads since the child has ended */
    bool at_eof;        /* no more output will come, and its last line is a line */
};

/* Tells the pool's listener. */
void worker_notify(struct worker *w, enum dualpipe_pool_event_type news,
                   struct dualpipe_pool_event n);

/* Starts a child and its set-up; else d->error, also returned. why may be NULL. */
int worker_start(struct worker *w, struct dualpipe_error *why);
/* After a text of ours has been answered: the next, or it is open. */
void worker_setup_next(struct worker *w);
/* How many more it takes now. */
int worker_room(struct worker *w);
/* Whether a request can be sent to it now. */
bool worker_can_take(struct worker *w, const struct request_chunk *r);
/* Sends it with its fence, or as much as goes: it lies at p, or, if that is NULL, in x. -ENOMEM:
 * it is not begun. */
int worker_submit(struct worker *w, struct request_chunk *r, const void *p);
/* Adds requests to those that were sent last, if they go on as these do. */
bool worker_extend_batch(struct worker *w, const dualpipe_rule *rule,
                         const struct dualpipe_request *q);
/* The next of its requests that has something to give: a piece, what is ripe of several, or all
 * (done), or comes back unanswered to be asked elsewhere (again). NULL: none now. */
struct request_chunk *worker_step(struct worker *w);
/* What was given is no longer needed. */
void worker_recv_release(struct worker *w);

/* Out of step: what is under way fails, the child is stopped. */
void worker_replace(struct worker *w);
/* Quit texts, end of file; or only that. */
void worker_shutdown(struct worker *w);
void worker_stop(struct worker *w, int signo);
/* Whether the answer to a quit text is still to come. */
bool worker_awaits_quit_reply(const struct worker *w);
/* The child has ended, or is given up: all that is under way comes back. */
void worker_reap(struct worker *w);

/* The next point at which something is due; starts the clocks of what waits. reads: its output
 * is taken in; else they stand, and begin anew. */
int64_t worker_next_deadline(struct worker *w, bool reads);
void worker_expire(struct worker *w, int64_t now);
/* The oldest request, as if its limit had passed; whether there is one. */
bool worker_time_out_oldest(struct worker *w);
/* Somebody waits, others or who has asked behind it: what is owed, or nobody's, is awaited for its
 * limit from now on and at least so many milliseconds, not for ever. */
void worker_limit_abandoned(struct worker *w, bool others, int least);
/* What to wait for. reads: its output is wanted. */
struct dualpipe_pollitem worker_pollitem(const struct worker *w, bool reads);

/* How its children are started. */
static inline const struct dualpipe_options *worker_child_options(const struct worker *w) {
    return w->options->worker_options ? &w->options->worker_options[w->index] : w->options->child;
}

/* Shared by the files of this room. */
bool inflight_may_retry(const struct worker *w, const struct request_chunk *r);
/* Its child ended before it was there: what was sent to it has reached nobody. */
bool inflight_never_reached_child(const struct worker *w, const struct request_chunk *r);
/* To those that worker_step gives. */
void inflight_push_returned(struct worker *w, struct request_chunk *r);
void worker_send_more(struct worker *w);
bool inflight_all_sent(const struct worker *w, const struct request_chunk *r);
/* A text of the pool's own, whose reply nobody wants. */
int worker_submit_internal(struct worker *w, const struct dualpipe_request *q, bool awaits);
/* Milliseconds for a child to end by itself. */
int worker_exit_timeout(const struct worker *w);
/* The longest reply. */
static inline size_t worker_max_reply(const struct worker *w) {
    return w->options->max_reply > 0 ? w->options->max_reply : (size_t)64 << 20;
}
static inline bool worker_is_adaptive(const struct worker *w) {
    return w->options->window == DUALPIPE_WINDOW_AUTO;
}
/* Whether the host's bytes must stay where they are. */
static inline bool worker_borrows_text(const struct worker *w) {
    return w->sending && w->sending->borrowed_text;
}
/* Before all others. */
void inflight_push_front(struct worker *w, struct request_chunk *r);
/* The next from x on that is not all sent. */
struct request_chunk *inflight_next_unsent(struct request_chunk *r);
/* What can't be sent of p now is kept; it may be, with its fence, already: at from. */
void worker_send_or_copy(struct worker *w, struct request_chunk *r, const char *from,
                         const char *p);
/* Takes x out; another may stand in its place. */
void inflight_remove(struct worker *w, struct request_chunk *r, struct request_chunk *instead);
/* It has failed here, and is asked again elsewhere if it may be. */
void inflight_fail(struct worker *w, struct request_chunk *r, enum dualpipe_outcome o,
                   struct request_chunk *instead);
/* It is answered. */
void inflight_finish(struct worker *w, struct request_chunk *r);
/* Takes in what is there of its output, without waiting: as reader_fill. */
ssize_t worker_recv_read(struct worker *w);
/* What is there, before what it belongs to is given: more than a pipe holds has come since. */
void worker_recv_drain_stderr(struct worker *w);
/* Holds what has come against the rule of the oldest request. on: there is more to be heard. */
struct request_chunk *worker_recv(struct worker *w, struct request_chunk *r, bool *on);
/* Its reply is whole, but it may not be all sent, or the child's status is of the reply. */
struct request_chunk *worker_recv_complete(struct worker *w, struct request_chunk *r);
/* Frames of its output that answer nothing, while nothing is under way. */
void worker_take_notifications(struct worker *w);
/* The same of several requests: those that are answered, as one. */
struct request_chunk *worker_recv_batch(struct worker *w, struct request_chunk *r, bool *on);
/* Of several the first that is not answered is one like any other from now on, the rest stand
 * behind it. Still several: no memory was left. */
struct request_chunk *inflight_split_first(struct worker *w, struct request_chunk *r);
/* What has come of a reply, if it is the oldest, is kept as its part. goes_on: its rest will be
 * looked for behind. */
void worker_recv_keep_partial(struct worker *w, struct request_chunk *r, bool goes_on);
/* The reply to a text of our own, or one that is owed, has come. */
void worker_drop_reply(struct worker *w, struct request_chunk *r);
/* A text of ours has failed before the child was open. */
void worker_setup_failed(struct worker *w, enum dualpipe_outcome outcome);
/* A reply has ended by another rule than its fence: its token is still to come. */
void worker_recv_expect_fence(struct worker *w, const struct request_chunk *r);
/* What has come and is nobody's is dropped; how much. */
size_t worker_recv_discard(struct worker *w);
/* The same, told to who wants to know: false if nobody does. */
bool worker_report_stray(struct worker *w);
/* Whether there is something to give, or to be heard, without waiting. */
bool worker_has_more(const struct worker *w);
#endif
