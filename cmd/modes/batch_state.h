/* batch_state.h: the state of a run that sends requests through a pool. Request mode, the prompt
 * when it has a reply rule, and a session's server share it; batch.c owns the loop that drives it
 * in request mode. */
#ifndef MODES_BATCH_STATE_H
#define MODES_BATCH_STATE_H
#include "modes/output.h"
#include "modes/requests.h"
#include "run/run.h"

/* PROGRESS_REDRAW: one line on a terminal, drawn over. PROGRESS_APPEND: a new line each time. */
enum progress_style { PROGRESS_NONE, PROGRESS_REDRAW, PROGRESS_APPEND };

/* The last bytes of something that came, for reply_hint.c. */
struct reply_tail {
    int64_t number; /* of the request */
    size_t size;
    char bytes[256];
};

/* What becomes of the reply that is coming, by --max-reply. */
enum long_reply_state {
    LONG_REPLY_FITS, /* it has not passed SIZE */
    LONG_REPLY_KEPT, /* it has: a file has all of it */
    LONG_REPLY_DROPPED, /* it has, and no DIR was given: what comes beyond SIZE is dropped */
    LONG_REPLY_LOST, /* it has, and its file could not be written */
};

/* For long_reply.c. */
struct long_reply {
    enum long_reply_state state;
    int64_t number;      /* of the request; 0: none of its reply has come */
    char *data;          /* its first bytes, as many as --max-reply says at most */
    size_t size, capacity;
    uint64_t came;       /* bytes of it that have come */
    uint64_t written;    /* bytes of it that its file has */
    char *path;          /* of that file; NULL: none was made */
    int fd;              /* -1: it is not open */
    int error;           /* LOST: the errno */
    bool is_over;        /* it has been given: the next one begins anew */
    bool is_refused;     /* it came whole, but its request has failed, as it was too long */
};

struct batch {
    struct run *run;
    /* Opens b->pool in place of dualpipe_pool_open, as a session's server does; NULL: no such. */
    int (*open_pool)(struct batch *b, const struct dualpipe_pool_options *o,
                     struct dualpipe_error *why);
    dualpipe_pool *pool; /* NULL: not open */
    struct output output;
    struct request_source source;

    /* The pool's options point to these, so they live until pool_setup_close. */
    struct dualpipe_options child_options;
    struct dualpipe_options *worker_options; /* one for each worker; NULL: all are alike */
    struct dualpipe_request *setup_requests, *quit_requests;

    struct dualpipe_pollitem *pollitems; /* room for those of every worker and two of our own */
    char *json_buffer;                   /* reused for each reply's JSON object */
    size_t json_buffer_size;

    /* Points of run_now, in microseconds. */
    int64_t last_reply_at;     /* since when no reply came; 0: the next wait begins to count */
    int64_t finish_by;         /* a request has failed: when those under way must be finished; 0:
                                  none has */
    int64_t progress_shown_at; /* the last line of --progress was written */
    enum progress_style progress_style;

    struct dualpipe_stats stats; /* of the pool, filled in before it closes */
    size_t unsent_bytes;         /* of requests that were read but never sent */
    long long undelivered;       /* replies that came but could not be written: failed */
    int replies_without_wait;    /* replies delivered since check_other_events polled */
    int unexpected_count;        /* how often output came that fails the run */
    int mispaired_count;         /* replies given to requests that were not read */
    int request_status;          /* of the last reply, behind a wrap's token; -1: none */
    int error_count;             /* replies by which the program said that a request failed */
    int children_ended;
    int workers_shed;        /* workers that no child can be started for */
    int children_replaced;   /* how many the pool said it would replace, for being out of step */
    dualpipe *current_child; /* the last that became ready; NULL: none, or it has ended */
    struct long_reply long_reply;
    int64_t unended_number; /* number of the request whose reply was written last, if it lacks its
                               line end and the next one must begin on a new line; 0: it does not */
    struct reply_tail tail;    /* of the pieces of the reply that is coming */
    struct reply_tail unsolicited; /* of the last message that answers no request */
    int64_t noted_request;   /* number of the request of which a note told why it waits; 0: it was
                                about a child's set-up; -1: there was none */
    long long unterminated_request; /* number of the last request without a line end; 0: none */

    bool streams_replies; /* the pool hands out replies in pieces as they arrive */
    bool can_batch;       /* several lines of stdin may be submitted as one chunk */
    bool has_submitted;   /* the pool has accepted a request */
    bool last_submitted;  /* the pool has accepted the last chunk taken from the source */
    bool done_submitting; /* the source has ended, or the pool accepts no more requests */
    bool pool_full;       /* don't ask the pool for room before a reply is out or a wait is over */
    bool got_reply;       /* the last drain of the pool returned a reply */
    bool nothing_to_get;  /* requests were just submitted and no reply can be ready yet */
};
#endif
