/* batch.h: request mode: requests from their source through the pool to the sink. */
#ifndef BATCH_H
#define BATCH_H
#include "run/run.h"
#include "modes/output.h"
#include "modes/requests.h"

enum progress { PROGRESS_NONE, PROGRESS_DRAWN, PROGRESS_WRITTEN };

struct batch {
    struct run *run;
    /* How its pool is opened; NULL: as one of its own. */
    int (*open)(struct batch *b, const struct dualpipe_pool_options *o,
                struct dualpipe_failure *why);
    dualpipe_pool *pool;
    struct sink sink;
    struct source source;
    struct dualpipe_options child, *each;  /* what the pool was opened with, */
    struct dualpipe_request *setup, *quit; /* as long as it is */
    struct dualpipe_event *events; /* room for all that is waited for */
    char *json;                    /* room for one object */
    size_t json_room;
    int64_t heard, shown; /* points of run_now: the last reply; the last line of progress */
    enum progress progress;
    struct dualpipe_books books; /* once the pool is closed */
    size_t unbegun; /* bytes of requests that were read, and not sent */
    long long lost; /* answered, but never given out */
    int in_a_row; /* replies given out without a wait */
    int children; /* that have ended */
    int replaced; /* those of them that were out of step, or will be soon */
    dualpipe *asked; /* the last that was set up; NULL: it is gone */
    long long open_ended; /* the last request that did not end in a line end */
    bool in_pieces; /* replies are given out as they come */
    bool several; /* requests of stdin may be put together */
    bool begun;   /* the last request taken from the source went in */
    bool over;    /* nothing more can be asked */
    bool full;    /* no more can be asked until something has been given out */
    bool woken;   /* a wait has ended, and the pool was not asked since what that brought */
    bool silent;  /* requests went in just now, and nothing can have come since */
};

/* 0, or -1: said and decided. */
int batch_open(struct batch *b, struct run *r);
void batch_close(struct batch *b);
/* 0; else what is wrong has been said and decided. batch_close_pool either way. */
int batch_open_pool(struct batch *b);
/* Lets the children go; a signal stops them, a second one at once. */
void batch_let_go(struct batch *b);
void batch_close_pool(struct batch *b);
/* What the pool tells. */
void batch_hear(void *data, const struct dualpipe_notice *n);
/* A request has failed: says so, and what had come of its reply. 0, or -1: the run must stop. */
int batch_tell_failure(struct batch *b, const struct dualpipe_reply *r);
/* The same, and decides. */
int batch_fail(struct batch *b, const struct dualpipe_reply *r);
/* Gives out a reply as a message of --io. 0, or -1: the run must stop. */
int batch_convert(struct batch *b, const struct dualpipe_reply *r);
/* Once per run: why nothing comes. */
void batch_say_stall(struct batch *b);

/* The object of a reply as a line; -1: no memory. */
int json_put_reply(struct batch *b, const struct dualpipe_reply *r);

void progress_open(struct batch *b);
/* The line of --progress: how far it is. last: the run is over. */
void progress_show(struct batch *b, bool last);
/* How long until the next; FOREVER: there is none. */
int64_t progress_due(const struct batch *b, int64_t now);
#endif
