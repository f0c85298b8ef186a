/* batch.h: request mode: requests from their source through the pool to the sink. */
#ifndef BATCH_H
#define BATCH_H
#include "run/run.h"
#include "modes/output.h"
#include "modes/requests.h"

enum progress_style { PROGRESS_NONE, PROGRESS_REDRAW, PROGRESS_APPEND };

struct batch {
    struct run *run;
    /* How its pool is opened; NULL: as one of its own. */
    int (*open_pool)(struct batch *b, const struct dualpipe_pool_options *o,
                     struct dualpipe_error *why);
    dualpipe_pool *pool;
    struct output output;
    struct request_source source;
    struct dualpipe_options child_options, *worker_options;  /* what the pool was opened with, */
    struct dualpipe_request *setup_requests, *quit_requests; /* as long as it is */
    struct dualpipe_pollitem *pollitems; /* room for all that is waited for */
    char *json_buffer;                    /* room for one object */
    size_t json_buffer_size;
    int64_t last_reply_at,
        progress_shown_at; /* points of run_now: the last reply; the last line of progress */
    enum progress_style progress_style;
    struct dualpipe_stats stats; /* once the pool is closed */
    size_t unsent_bytes; /* bytes of requests that were read, and not sent */
    long long undelivered; /* answered, but never given out */
    int replies_without_wait; /* replies given out without a wait */
    int children_ended; /* that have ended */
    int children_replaced; /* those of them that were out of step, or will be soon */
    dualpipe *current_child; /* the last that was set up; NULL: it is gone */
    long long unterminated_request; /* the last request that did not end in a line end */
    bool streams_replies; /* replies are given out as they come */
    bool can_batch; /* requests of stdin may be put together */
    bool last_submitted;   /* the last request taken from the source went in */
    bool done_submitting;    /* nothing more can be asked */
    bool pool_full;    /* no more can be asked until something has been given out */
    bool got_reply;   /* a wait has ended, and the pool was not asked since what that brought */
    bool nothing_to_get;  /* requests went in just now, and nothing can have come since */
};

/* 0, or -1: said and decided. */
int batch_open(struct batch *b, struct run *r);
void batch_close(struct batch *b);
/* 0; else what is wrong has been said and decided. pool_setup_close either way. */
int pool_setup_open(struct batch *b);
/* Lets the children go; a signal stops them, a second one at once. */
void batch_shutdown(struct batch *b);
void pool_setup_close(struct batch *b);
/* What the pool tells. */
void pool_events_handle(void *data, const struct dualpipe_pool_event *n);
/* A request has failed: says so, and what had come of its reply. 0, or -1: the run must stop. */
int request_failure_report(struct batch *b, const struct dualpipe_reply *r);
/* The same, and decides. */
int request_failure_handle(struct batch *b, const struct dualpipe_reply *r);
/* Gives out a reply as a message of --io. 0, or -1: the run must stop. */
int reply_writer_convert(struct batch *b, const struct dualpipe_reply *r);
/* Once per run: why nothing comes. */
void request_failure_note_stall(struct batch *b);

/* The object of a reply as a line; -1: no memory. */
int json_reply_write(struct batch *b, const struct dualpipe_reply *r);

void progress_open(struct batch *b);
/* The line of --progress: how far it is. last: the run is over. */
void progress_show(struct batch *b, bool last);
/* How long until the next; UNITS_FOREVER: there is none. */
int64_t progress_due(const struct batch *b, int64_t now);
#endif
