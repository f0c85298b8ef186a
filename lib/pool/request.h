/* request.h: one request and what has become of it: sent how far, answered by what. */
#ifndef EXCHANGE_H
#define EXCHANGE_H
#include "base/buffer.h"
#include "dualpipe.h"
#include <stdbool.h>

enum { REQUEST_TOKEN_SIZE = 40 };

struct request_chunk {
    struct request_chunk *alloc_next; /* the one made before it */
    struct buffer copy;     /* the request and its fence, if kept here */
    struct buffer body, err;
    /* What stands above is kept for the next request, what follows begins anew. */
    struct request_chunk *order_next;  /* in the pool's order, or to spare */
    struct request_chunk
        *queue_next; /* the next under way on the same child, or that waits for one */
    const dualpipe_rule *rule;
    void *tag;
    int64_t number;        /* 0: a text of the pool's own */
    int count;             /* requests, of several those that are not answered */
    int uncopied_count;              /* the first of these are sent, and not in own */
    int answered_count; /* of several: answered before these, from number on, and not given */
    int units_timeout_ms;             /* milliseconds; 0: none */
    int64_t sent_at, ended_at;  /* if it is timed */
    int64_t deadline,
        last_heard; /* 0: its clock stands yet; of the idle rule: when something came */
    size_t text_size, wire_size, sent; /* bytes: of the request; with its fence; of these sent */
    size_t copy_offset;           /* of these not kept in own */
    const char
        *borrowed_text;    /* the host's, while it is not all sent; NULL: what is kept is in own */
    const char *id;        /* in own, if it has one; it may be empty */
    size_t id_size;
    char token[REQUEST_TOKEN_SIZE]; /* of its fence; "": none */
    struct dualpipe_scan scan;
    const char *reply;      /* what there is to give: in body, or where the child's output lies */
    size_t reply_size;
    enum dualpipe_outcome outcome;
    struct dualpipe_status status;
    const char *reason; /* why its child was replaced */
    uint64_t error_offset;    /* of what is wrong with a frame, in all that the child wrote */
    int worker_index, attempt, requeues;
    int generation;       /* which of the worker's children was asked */
    size_t held_size;          /* bytes that it takes while its turn has not come */
    bool expects_reply;  /* it draws a reply */
    bool is_batch; /* it may stand for more than one request, each a line */
    bool is_exclusive;   /* it is asked again: nothing goes with it that could suffer by it */
    bool has_id;
    bool in_place;   /* all of the reply lies in one piece at the front of the child's output */
    bool got_any;    /* some of the reply has */
    bool reply_complete; /* it has, but the request is not all sent yet, or the child has not ended
                          */
    bool is_late;    /* its limit has passed: the reply is dropped when it comes */
    bool fence_pending; /* it ended by another rule than its fence, which is still to come */
    bool fence_only;  /* what is owed is but the rest of a reply */
    bool is_orphaned; /* who has asked has gone: nobody waits for the reply */
    bool discards_reply; /* nobody wants the reply: owed, or to a text of the pool's own */
    bool must_requeue;   /* it goes to another child */
    bool is_done;    /* the outcome stands */
    bool is_ready;   /* and no child has it any more: it is given when its turn comes */
};

struct request_pool {
    struct request_chunk *allocated, *spare;
    struct request_chunk **order_last; /* of the pool's order */
    int open_count;               /* put, and not given */
};

/* A zeroed one, from those to spare or new; NULL: no memory. */
struct request_chunk *request_new(struct request_pool *requests);
void request_recycle(struct request_chunk *r, struct request_pool *requests);
void request_pool_free(struct request_pool *requests);

/* Copies the request; -ENOMEM. */
int request_copy(struct request_chunk *r, const void *p);
/* The same of what is not sent yet, if it isn't kept; and one byte before it. */
int request_copy_unsent(struct request_chunk *r, const char *p);
/* What stands there of own is to be sent. */
const char *request_unsent(const struct request_chunk *r);
/* Puts the fence with its token behind the request that is kept; -ENOMEM. */
int request_append_fence(struct request_chunk *r);
/* Copies what is to be given, which lies with the child; else its outcome is NO_MEMORY. */
void request_copy_reply(struct request_chunk *r);
/* Of several: so many were answered just now. */
void request_batch_answered(struct request_chunk *r, int n);
/* It is one like any other from now on. */
void request_make_single(struct request_chunk *r);
/* Parts several: x keeps what is ripe, and so many of the others; what is given stands behind it
 * in the order, for the rest. NULL: no memory. */
struct request_chunk *request_split(struct request_chunk *r, int n, struct request_pool *requests);
/* Back to its beginning, to be asked of another child. */
void request_rewind(struct request_chunk *r);
#endif
