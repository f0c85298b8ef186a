/* exchange.h: one request and its reply: sent, awaited by its rule and limits, passed on. */
#ifndef EXCHANGE_H
#define EXCHANGE_H
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

struct exchange {
    struct run *run;
    struct sink *sink;
    dualpipe *child;
    const struct request *request;
    struct dualpipe_scan scan;
    size_t shown;         /* of what lies in the child's buffer has been passed on */
    size_t sent;
    int64_t begun, until; /* points of run_now: its first byte; the limit */
    int64_t heard, idle;  /* when something came last; the silence that ends it */
    bool awaits;          /* a reply is drawn */
    bool dropped;         /* nobody wants it */
    bool refused;         /* the child takes no more */
    bool answered;        /* the reply is whole, the request not yet sent */
    bool just_read;       /* a short read a moment ago left nothing in the child's pipe */
    char *kept;           /* with -k: the reply until it is whole */
    size_t nkept, room;
};

/* A request to a child, to be answered until then, or as its terms say if that is sooner. */
void exchange_begin(struct exchange *x, dualpipe *child, const struct request *q, int64_t until);
/* Sends what is left to send and awaits the reply's end. May go on after TIMED_OUT. */
enum outcome exchange_finish(struct exchange *x);
/* How far the request has gone. */
enum sent exchange_sent(const struct exchange *x);
/* Adds to the reply that is kept until it is whole; -1: no memory. */
int exchange_keep(struct exchange *x, const char *p, size_t n);
#endif
