/* pool.h: requests to any number of children: who waits, who is asked, what is to be given. */
#ifndef POOL_H
#define POOL_H
#include "pool/worker.h"
#include "session/pool_backend.h"

#define POOL_HELD_MOST ((size_t)64 << 20) /* bytes of replies whose turn has not come */

struct dualpipe_pool {
    struct dualpipe_pool_options o;
    dualpipe_rule *line; /* the rule where none is given */
    struct dialogue *all;
    struct remote *remote; /* a session, asked instead of children; NULL: none */
    struct exchange *first, *last;     /* in order: of put, or, unordered, of their ends */
    struct exchange *waiting, *waiting_last;
    struct exchanges exchanges;
    struct exchange *given;            /* to the host, until its next call */
    struct exchange *emptied;          /* the same: what was ripe of it */
    struct dialogue *lender;           /* who holds the bytes that were given */
    struct dualpipe_books books;
    size_t held;
    int nwaiting;   /* requests of these with no child, but those that came back from one */
    int turn;           /* who is heard first */
    int error;          /* no child can be had: a negative errno */
    int64_t numbers;
    bool overdue, ending;
    bool polled; /* the host has waited for what there may be to get */
    bool rested; /* without looking at the children */
};

/* Its options made whole, and a dialogue for each worker. */
int pool_prepare(struct dualpipe_pool *pool, struct dualpipe_failure *why);
/* What was given to the host is no longer needed. */
void pool_release(struct dualpipe_pool *pool);
/* At the end of the order. */
void pool_append(struct dualpipe_pool *pool, struct exchange *x);
static inline bool pool_is_ordered(const struct dualpipe_pool *pool) {
    return !(pool->o.flags & DUALPIPE_UNORDERED);
}
/* For a child, behind those that were put sooner. */
void pool_let_wait(struct dualpipe_pool *pool, struct exchange *x);
/* Its one child can't be asked any more, or, having closed its output, not for a reply. */
bool pool_is_over(const struct dualpipe_pool *pool, bool awaits);
/* Who can be asked now; NULL: nobody yet. A child may be started. */
struct dialogue *pool_find_child(struct dualpipe_pool *pool, const struct exchange *x);
/* How many requests one child takes now, handed over at once. */
int pool_room_at_once(const struct dualpipe_pool *pool);
/* Whether all children have enough to do: their answers are gathered for a while. */
bool pool_may_rest(const struct dualpipe_pool *pool);
/* Requests that wait go to children, or are given up if there will be none. */
void pool_dispatch(struct dualpipe_pool *pool);
/* Who has put it with this tag has gone: nobody waits for its reply. It is given all the same. */
void pool_disown(struct dualpipe_pool *pool, const void *tag);
/* Somebody waits, others or who has put something behind it: what nobody waits for is awaited for
 * its limit from now on and at least so many milliseconds, no longer. */
void pool_press(struct dualpipe_pool *pool, bool others, int least);
#endif
