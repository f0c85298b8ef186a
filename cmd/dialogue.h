/* dialogue.h: one child asked in turn: kept in step, set up, replaced when it must be. */
#ifndef DIALOGUE_H
#define DIALOGUE_H
#include "report.h"
#include "run.h"
#include "sink.h"
#include "source.h"

enum outcome {
    ANSWERED,
    TIMED_OUT,
    ENDED,     /* the child has, or its output has, before the reply was whole */
    TOO_LONG,  /* a line passed --max-message */
    NOT_BEGUN, /* nothing of the request was sent: the child has ended */
    STOPPED,   /* the run must stop: decided */
};

/* The reply that is awaited, as far as it has come. */
struct progress {
    const struct request *request;
    struct dualpipe_scan scan;
    size_t shown; /* of what lies in the child's buffer has been passed on */
    size_t sent;
    int64_t begun, until; /* points of run_now: its first byte; the limit */
    int64_t heard, idle;  /* when something came last; the silence that ends it */
    bool awaits;          /* a reply is drawn */
    bool dropped;         /* nobody wants it */
    bool refused;         /* the child takes no more */
    bool answered;        /* the reply is whole, the request not yet sent */
};

struct dialogue {
    struct run *run;
    struct sink *sink;
    dualpipe *child;
    struct progress at;
    bool owed;        /* a reply that came too late has not ended yet */
    struct request late; /* what drew it */
    bool just_read;   /* a short read a moment ago left nothing in its pipe */
    bool begun;       /* the request asked last has been: what came before it was in order */
    int children;     /* started so far */
    int failures;     /* children that ended one after another without an answer */
    char *kept;       /* with -k: the reply until it is whole */
    size_t nkept, room;
};

void dialogue_open(struct dialogue *d, struct run *r, struct sink *sink);
enum outcome dialogue_ask(struct dialogue *d, const struct request *q);
/* Waits for stdin while no reply is awaited. ANSWERED: there may be more of it; ENDED, STOPPED. */
enum outcome dialogue_idle(struct dialogue *d);
/* How far the request that is under way has gone. */
enum sent dialogue_sent(const struct dialogue *d);
/* Starts the child before the first request is there. ANSWERED, or STOPPED. */
enum outcome dialogue_start(struct dialogue *d);
/* Adds to the reply that is kept until it is whole; -1: no memory. */
int dialogue_keep(struct dialogue *d, const char *p, size_t n);
/* Lets the child go: the next request starts another. */
void dialogue_drop(struct dialogue *d);
/* Stops the child, after the --quit texts if all went well. */
void dialogue_close(struct dialogue *d);
#endif
