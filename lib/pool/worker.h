/* worker.h: one child asked in turn: set up, kept in step, and let go. */
#ifndef DIALOGUE_H
#define DIALOGUE_H
#include "pool/request.h"
#include "pool/window.h"

enum dialogue_state {        /* and what d->until is then */
    DIALOGUE_NONE,           /* no child; when the next may be started */
    DIALOGUE_SETTING_UP,     /* the limit of that */
    DIALOGUE_OPEN,           /* when a child that has closed its output is given up; mostly never */
    DIALOGUE_LEAVING,        /* the quit texts are being sent; when that is given up */
    DIALOGUE_ENDING,         /* its input has ended; when it is stopped */
    DIALOGUE_STOPPING,       /* signals were sent; when it is given up */
};

struct dialogue {
    const struct dualpipe_pool_options *o;
    struct exchanges *exchanges;
    struct dualpipe_books *books;
    dualpipe *child;
    enum dialogue_state state;
    int worker;
    int64_t until;
    struct exchange *first, *last; /* under way, in the order of their sending */
    struct exchange *sending;      /* the first that is not all sent */
    struct exchange *back, *back_last; /* that have come back, to be given */
    int children;        /* started so far */
    bool borrowed;       /* the host's child: not ours to stop, close or replace */
    bool relieved;       /* its child had been asked often enough */
    int blocking;        /* exchanges under way that nothing may be sent behind */
    int under_way;       /* requests not answered, but the owed */
    long asked;          /* of this child */
    struct weight weight; /* what its requests cost: of windows that adapt */
    int failures;        /* children that ended one after another without an answer */
    int error;           /* no child can be had: a negative errno */
    bool given_up;       /* it has failed too often */
    bool unready;        /* its child could not be set up */
    int step;            /* of the set-up */
    uint64_t salt, tokens;
    size_t kept;         /* bytes at the front of its output that belong to the oldest reply */
    size_t spent;        /* bytes there that the reply just given holds */
    uint64_t seen, late; /* bytes: received when last looked at; after the last request */
    const char *spoiled; /* why it can't be asked any more */
    bool rescan;         /* what lies there must be looked at anew */
    bool drained;        /* when last heard, nothing was left to read; nobody has waited since */
    int64_t asked_at;    /* when its last request was sent, if nothing was under way */
    bool refused;        /* it takes no more input */
    bool wanted;         /* a request waits for it, though it has closed its output */
    int takes;           /* reads since the child has ended */
    bool at_last;        /* no more output will come, and its last line is a line */
};

/* Tells the pool's listener. */
void dialogue_tell(struct dialogue *d, enum dualpipe_news news, struct dualpipe_notice n);

/* Starts a child and its set-up; else d->error, also returned. why may be NULL. */
int dialogue_start(struct dialogue *d, struct dualpipe_failure *why);
/* After a text of ours has been answered: the next, or it is open. */
void dialogue_proceed(struct dialogue *d);
/* How many more it takes now. */
int dialogue_room(struct dialogue *d);
/* Whether a request can be sent to it now. */
bool dialogue_takes(struct dialogue *d, const struct exchange *x);
/* Sends it with its fence, or as much as goes: it lies at p, or, if that is NULL, in x. -ENOMEM:
 * it is not begun. */
int dialogue_send(struct dialogue *d, struct exchange *x, const void *p);
/* Adds requests to those that were sent last, if they go on as these do. */
bool dialogue_extend(struct dialogue *d, const dualpipe_rule *rule,
                     const struct dualpipe_request *q);
/* The next of its requests that has something to give: a piece, what is ripe of several, or all
 * (done), or comes back unanswered to be asked elsewhere (again). NULL: none now. */
struct exchange *dialogue_next(struct dialogue *d);
/* What was given is no longer needed. */
void dialogue_release(struct dialogue *d);

/* Out of step: what is under way fails, the child is stopped. */
void dialogue_replace(struct dialogue *d);
/* Quit texts, end of file; or only that. */
void dialogue_leave(struct dialogue *d);
void dialogue_stop(struct dialogue *d, int signo);
/* Whether the answer to a quit text is still to come. */
bool dialogue_awaits_last(const struct dialogue *d);
/* The child has ended, or is given up: all that is under way comes back. */
void dialogue_bury(struct dialogue *d);

/* The next point at which something is due; starts the clocks of what waits. reads: its output
 * is taken in; else they stand, and begin anew. */
int64_t dialogue_due(struct dialogue *d, bool reads);
void dialogue_expire(struct dialogue *d, int64_t now);
/* The oldest request, as if its limit had passed; whether there is one. */
bool dialogue_give_up(struct dialogue *d);
/* Somebody waits, others or who has asked behind it: what is owed, or nobody's, is awaited for its
 * limit from now on and at least so many milliseconds, not for ever. */
void dialogue_press(struct dialogue *d, bool others, int least);
/* What to wait for. reads: its output is wanted. */
struct dualpipe_event dialogue_event(const struct dialogue *d, bool reads);

/* How its children are started. */
static inline const struct dualpipe_options *dialogue_child(const struct dialogue *d) {
    return d->o->each ? &d->o->each[d->worker] : d->o->child;
}

/* Shared by the files of this room. */
bool dialogue_may_retry(const struct dialogue *d, const struct exchange *x);
/* Its child ended before it was there: what was sent to it has reached nobody. */
bool dialogue_never_came_up(const struct dialogue *d, const struct exchange *x);
/* To those that dialogue_next gives. */
void dialogue_push_back(struct dialogue *d, struct exchange *x);
void dialogue_send_more(struct dialogue *d);
bool dialogue_all_sent(const struct dialogue *d, const struct exchange *x);
/* A text of the pool's own, whose reply nobody wants. */
int dialogue_send_own(struct dialogue *d, const struct dualpipe_request *q, bool awaits);
/* Milliseconds for a child to end by itself. */
int dialogue_patience(const struct dialogue *d);
/* The longest reply. */
static inline size_t dialogue_most(const struct dialogue *d) {
    return d->o->max > 0 ? d->o->max : (size_t)64 << 20;
}
static inline bool dialogue_adapts(const struct dialogue *d) {
    return d->o->window == DUALPIPE_ADAPT;
}
/* Whether the host's bytes must stay where they are. */
static inline bool dialogue_borrows(const struct dialogue *d) {
    return d->sending && d->sending->lent;
}
/* Before all others. */
void dialogue_push_front(struct dialogue *d, struct exchange *x);
/* The next from x on that is not all sent. */
struct exchange *dialogue_next_unsent(struct exchange *x);
/* What can't be sent of p now is kept; it may be, with its fence, already: at from. */
void dialogue_send_or_keep(struct dialogue *d, struct exchange *x, const char *from,
                           const char *p);
/* Takes x out; another may stand in its place. */
void dialogue_unlink(struct dialogue *d, struct exchange *x, struct exchange *instead);
/* It has failed here, and is asked again elsewhere if it may be. */
void dialogue_return(struct dialogue *d, struct exchange *x, enum dualpipe_outcome o,
                     struct exchange *instead);
/* It is answered. */
void dialogue_finish(struct dialogue *d, struct exchange *x);
/* Takes in what is there of its output, without waiting: as inlet_take. */
ssize_t dialogue_take(struct dialogue *d);
/* What is there, before what it belongs to is given: more than a pipe holds has come since. */
void dialogue_drain_stderr(struct dialogue *d);
/* Holds what has come against the rule of the oldest request. on: there is more to be heard. */
struct exchange *dialogue_hear(struct dialogue *d, struct exchange *x, bool *on);
/* Its reply is whole, but it may not be all sent, or the child's status is of the reply. */
struct exchange *dialogue_complete(struct dialogue *d, struct exchange *x);
/* Frames of its output that answer nothing, while nothing is under way. */
void dialogue_hear_unasked(struct dialogue *d);
/* The same of several requests: those that are answered, as one. */
struct exchange *dialogue_hear_several(struct dialogue *d, struct exchange *x, bool *on);
/* Of several the first that is not answered is one like any other from now on, the rest stand
 * behind it. Still several: no memory was left. */
struct exchange *dialogue_single_out(struct dialogue *d, struct exchange *x);
/* What has come of a reply, if it is the oldest, is kept as its part. goes_on: its rest will be
 * looked for behind. */
void dialogue_keep_part(struct dialogue *d, struct exchange *x, bool goes_on);
/* The reply to a text of our own, or one that is owed, has come. */
void dialogue_drop(struct dialogue *d, struct exchange *x);
/* A text of ours has failed before the child was open. */
void dialogue_not_set_up(struct dialogue *d, enum dualpipe_outcome outcome);
/* A reply has ended by another rule than its fence: its token is still to come. */
void dialogue_owe_token(struct dialogue *d, const struct exchange *x);
/* What has come and is nobody's is dropped; how much. */
size_t dialogue_drop_output(struct dialogue *d);
/* The same, told to who wants to know: false if nobody does. */
bool dialogue_tell_stray(struct dialogue *d);
/* Whether there is something to give, or to be heard, without waiting. */
bool dialogue_has_more(const struct dialogue *d);
#endif
