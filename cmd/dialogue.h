/* dialogue.h: one child asked in turn: kept in step, set up, replaced when it must be. */
#ifndef DIALOGUE_H
#define DIALOGUE_H
#include "exchange.h"

struct dialogue {
    struct run *run;
    dualpipe *child;
    struct exchange at;
    bool owed;           /* a reply that came too late has not ended yet */
    struct request late; /* what drew it */
    bool begun;          /* the request asked last has been: all before it was in order */
    int children;        /* started so far */
    int failures;        /* that ended one after another without an answer */
};

void dialogue_open(struct dialogue *d, struct run *r, struct sink *sink);
enum outcome dialogue_ask(struct dialogue *d, const struct request *q);
/* Waits for stdin while no reply is awaited. ANSWERED: there may be more of it; ENDED, STOPPED. */
enum outcome dialogue_idle(struct dialogue *d);
/* Starts the child before the first request is there. ANSWERED, or STOPPED. */
enum outcome dialogue_start(struct dialogue *d);
/* Lets the child go, hard if it is stopped at once: the next request starts another. */
void dialogue_drop(struct dialogue *d, bool hard);
/* Stops the child, after the --quit texts if all went well. */
void dialogue_close(struct dialogue *d);
#endif
