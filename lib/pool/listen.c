/* listen.c: how a child that is asked goes on: what there is to hear, to conclude from its end,
 * and to give. */
#include "child/handle.h"
#include "base/clock.h"
#include "pool/worker.h"
#include "codec/rule.h"

enum {
    MOST_TAKES = 32, /* of what a child has left: a pipe may hold 1 MiB */
    MOST_STDERR = 2, /* reads of 64 KiB, which a pipe holds */
    CLOSED_PATIENCE = 2000,
};

/* --- stderr ------------------------------------------------------------------------------ */

static struct exchange *oldest(const struct dialogue *d) {
    struct exchange *x = d->first;
    while (x && x->dropped)
        x = x->under;
    return x;
}

static void pass_stderr(struct dialogue *d) {
    struct buffer *held = &d->child->err.held;
    size_t n = buffer_held(held);
    struct exchange *x;
    if (n == 0)
        return;
    x = d->o->flags & DUALPIPE_KEEP_ERR ? oldest(d) : NULL;
    if (!x || n + buffer_held(&x->err) > dialogue_most(d) ||
        buffer_put(&x->err, buffer_data(held), n) < 0)
        dialogue_tell(d, DUALPIPE_ON_STDERR,
                      (struct dualpipe_notice){.data = buffer_data(held), .size = n});
    buffer_consume(held, n);
}

void dialogue_drain_stderr(struct dialogue *d) {
    int takes = 0;
    if (d->child->err.fd < 0)
        return;
    do
        pass_stderr(d);
    while (++takes <= MOST_STDERR && channel_take(d->child, &d->child->err, false) > 0);
}

/* --- stdout ------------------------------------------------------------------------------ */

static struct exchange *answer(struct dialogue *d, bool *on) {
    struct exchange *x = d->first;
    if (!x) {
        dialogue_hear_unasked(d);
        if (d->state == DIALOGUE_OPEN && !rule_by_id(d->o->rule))
            dialogue_tell_stray(d);
        return NULL;
    }
    if (x->awaits && !x->whole)
        return dialogue_hear(d, x, on);
    if (x->whole && d->o->flags & DUALPIPE_FRESH)
        dialogue_drop_output(d); /* only its end is awaited */
    if (!dialogue_all_sent(d, x) || (x->whole && d->o->flags & DUALPIPE_FRESH))
        return NULL;
    *on = true;
    if (!x->dropped)
        return dialogue_complete(d, x);
    dialogue_drop(d, x);
    return NULL;
}

/* Its last line is one though it has no end: at end of file, or if it ended well. */
static bool knows_last(const struct dialogue *d, const struct exchange *x) {
    const struct process *p = &d->child->process;
    return x && x->awaits && !x->whole && !d->spoiled && !d->at_last && !d->child->out.error &&
           (x->rule->at_end || (p->ended && p->status.code == 0));
}

/* A child that has closed its output is given a while to end: then its status is known. */
static void wait_for_end(struct dialogue *d, const struct exchange *x) {
    bool fresh = x && x->whole && d->o->flags & DUALPIPE_FRESH;
    bool awaited = x ? x->awaits && !x->whole && dialogue_all_sent(d, x) : d->wanted;
    int64_t until;
    if (d->state == DIALOGUE_OPEN && !fresh && !awaited)
        d->until = CLOCK_NEVER;
    if (d->until != CLOCK_NEVER || (!fresh && !awaited))
        return;
    until = clock_after(fresh ? dialogue_patience(d) : CLOSED_PATIENCE);
    d->until = x && !fresh && x->until > 0 && x->until < until ? x->until : until;
}

/* The child, or its output, has ended: what is there is read, without waiting for whoever else
 * holds the pipe. Whether there is more to be heard. */
static bool conclude(struct dialogue *d) {
    const dualpipe *c = d->child;
    if (!c->process.ended && !c->out.ended)
        return false;
    if (!c->out.ended && !d->spoiled && d->takes++ < MOST_TAKES && dialogue_take(d) > 0)
        return true;
    if (knows_last(d, d->first)) {
        d->at_last = d->rescan = true;
        return true;
    }
    if (c->process.ended || c->connected)
        dialogue_bury(d);
    else
        wait_for_end(d, d->first);
    return false;
}

/* Whether what comes after the last reply hints at a reply that was longer than thought. */
static bool may_be_late(const struct dialogue *d) {
    return d->o->nquit == 0 && !rule_needs_quiet(d->o->rule) && !rule_has_fence(d->o->rule);
}

/* What it still says is nobody's. */
static void ride_out(struct dialogue *d) {
    do {
        bool wanted = d->state == DIALOGUE_ENDING && d->o->nquit == 0;
        size_t n = wanted && dialogue_tell_stray(d) ? 0 : dialogue_drop_output(d);
        if (d->state == DIALOGUE_ENDING && may_be_late(d))
            d->late += n;
    } while (d->child->process.ended && d->takes++ < MOST_TAKES && dialogue_take(d) > 0);
    if (d->state == DIALOGUE_LEAVING)
        dialogue_leave(d);
    if (d->child->process.ended) {
        dialogue_drain_stderr(d);
        dialogue_bury(d);
    }
}

/* Out of step it is of no use to those that wait; a session tells them so. */
static bool must_go(const struct dialogue *d) {
    bool waits = d->under_way > 0 || d->o->flags & DUALPIPE_PATIENT;
    return d->spoiled && waits && d->child && d->state == DIALOGUE_OPEN;
}

static struct exchange *pop_back(struct dialogue *d) {
    struct exchange *x = d->back;
    if (x)
        d->back = x->under;
    return x;
}

struct exchange *dialogue_next(struct dialogue *d) {
    struct exchange *x = pop_back(d);
    bool on;
    if (x || !d->child)
        return x;
    if (d->sending)
        dialogue_send_more(d);
    pass_stderr(d);
    if (d->state >= DIALOGUE_LEAVING && !dialogue_awaits_last(d)) {
        ride_out(d);
        return pop_back(d);
    }
    do {
        on = false;
        if ((x = answer(d, &on)))
            return x;
    } while (on || (d->child && conclude(d)));
    if (d->state == DIALOGUE_LEAVING)
        dialogue_leave(d);
    else if (must_go(d))
        dialogue_replace(d);
    else if (d->spoiled && d->child)
        dialogue_proceed(d);
    return pop_back(d);
}

bool dialogue_has_more(const struct dialogue *d) {
    const struct exchange *x = d->first;
    const char *p;
    if (d->back)
        return true;
    if (x && !x->awaits && !x->whole && dialogue_all_sent(d, x))
        return true;
    return d->child && d->first && !d->spoiled &&
           (d->rescan || d->child->received != d->seen) &&
           channel_output(d->child, &p) > d->kept + d->spent;
}
