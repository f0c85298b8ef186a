/* request.h: one request and what has become of it: sent how far, answered by what. */
#ifndef EXCHANGE_H
#define EXCHANGE_H
#include "base/buffer.h"
#include "dualpipe.h"
#include <stdbool.h>

enum { TOKEN_SIZE = 40 };

struct exchange {
    struct exchange *made; /* the one made before it */
    struct buffer own;     /* the request and its fence, if kept here */
    struct buffer body, err;
    /* What stands above is kept for the next request, what follows begins anew. */
    struct exchange *next;  /* in the pool's order, or to spare */
    struct exchange *under; /* the next under way on the same child, or that waits for one */
    const dualpipe_rule *rule;
    void *tag;
    int64_t number;        /* 0: a text of the pool's own */
    int count;             /* requests, of several those that are not answered */
    int bare;              /* the first of these are sent, and not in own */
    int ripe;              /* of several: answered before these, from number on, and not given */
    int limit;             /* milliseconds; 0: none */
    int64_t begun, ended;  /* if it is timed */
    int64_t until, heard;  /* 0: its clock stands yet; of the idle rule: when something came */
    size_t request, size, sent; /* bytes: of the request; with its fence; of these sent */
    size_t gone;           /* of these not kept in own */
    const char *lent;      /* the host's, while it is not all sent; NULL: what is kept is in own */
    const char *id;        /* in own, if it has one; it may be empty */
    size_t nid;
    char token[TOKEN_SIZE]; /* of its fence; "": none */
    struct dualpipe_scan scan;
    const char *data;      /* what there is to give: in body, or where the child's output lies */
    size_t ndata;
    enum dualpipe_outcome outcome;
    struct dualpipe_status status;
    const char *reason; /* why its child was replaced */
    uint64_t offset;    /* of what is wrong with a frame, in all that the child wrote */
    int worker, attempt, bounces;
    int generation;       /* which of the worker's children was asked */
    size_t held;          /* bytes that it takes while its turn has not come */
    bool awaits;  /* it draws a reply */
    bool several; /* it may stand for more than one request, each a line */
    bool alone;   /* it is asked again: nothing goes with it that could suffer by it */
    bool has_id;
    bool solid;   /* all of the reply lies in one piece at the front of the child's output */
    bool came;    /* some of the reply has */
    bool whole;   /* it has, but the request is not all sent yet, or the child has not ended */
    bool owed;    /* its limit has passed: the reply is dropped when it comes */
    bool unfenced; /* it ended by another rule than its fence, which is still to come */
    bool silent;  /* what is owed is but the rest of a reply */
    bool disowned; /* who has asked has gone: nobody waits for the reply */
    bool dropped; /* nobody wants the reply: owed, or to a text of the pool's own */
    bool again;   /* it goes to another child */
    bool done;    /* the outcome stands */
    bool ready;   /* and no child has it any more: it is given when its turn comes */
};

struct exchanges {
    struct exchange *made, *spare;
    struct exchange **last; /* of the pool's order */
    int open;               /* put, and not given */
};

/* A zeroed one, from those to spare or new; NULL: no memory. */
struct exchange *exchange_new(struct exchanges *all);
void exchange_spare(struct exchange *x, struct exchanges *all);
void exchange_free_all(struct exchanges *all);

/* Copies the request; -ENOMEM. */
int exchange_keep_request(struct exchange *x, const void *p);
/* The same of what is not sent yet, if it isn't kept; and one byte before it. */
int exchange_keep_rest(struct exchange *x, const char *p);
/* What stands there of own is to be sent. */
const char *exchange_rest(const struct exchange *x);
/* Puts the fence with its token behind the request that is kept; -ENOMEM. */
int exchange_add_fence(struct exchange *x);
/* Copies what is to be given, which lies with the child; else its outcome is NO_MEMORY. */
void exchange_keep_data(struct exchange *x);
/* Of several: so many were answered just now. */
void exchange_pass(struct exchange *x, int n);
/* It is one like any other from now on. */
void exchange_make_single(struct exchange *x);
/* Parts several: x keeps what is ripe, and so many of the others; what is given stands behind it
 * in the order, for the rest. NULL: no memory. */
struct exchange *exchange_split(struct exchange *x, int n, struct exchanges *all);
/* Back to its beginning, to be asked of another child. */
void exchange_rewind(struct exchange *x);
#endif
