/* worker.c: the life of one child that is asked: its set-up, what is due, and how it is let
 * go. What is sent to it is in ask.c, what comes from it in hear.c. */
#include "pool/worker.h"
#include "child/handle.h"
#include "base/clock.h"
#include "codec/rule.h"
#include <errno.h>
#include <string.h>

enum {
    BACK_OFF_FIRST = 50, BACK_OFF_MOST = 2000, /* milliseconds between failing children */
    PATIENCE = 10000, GRACE = 2000,
};

/* --- set-up ------------------------------------------------------------------------------ */

int dialogue_send_own(struct dialogue *d, const struct dualpipe_request *q, bool awaits) {
    struct exchange *x = exchange_new(d->exchanges);
    bool starved = false;
    int r;
    if (!x)
        return -ENOMEM;
    x->rule = q->rule ? q->rule : d->o->rule;
    x->request = q->size;
    x->limit = awaits ? q->limit : 0;
    x->dropped = true;
    x->awaits = awaits && rule_awaits(x->rule, q->data, q->size, &starved);
    if ((r = starved ? -ENOMEM : dialogue_send(d, x, q->data)) < 0)
        exchange_spare(x, d->exchanges);
    return r;
}

void dialogue_proceed(struct dialogue *d) {
    const struct dualpipe_pool_options *o = d->o;
    struct dualpipe_request ready = {.rule = o->ready};
    int step;
    if (d->state != DIALOGUE_SETTING_UP)
        return;
    if (d->refused || d->spoiled) { /* it did not take the text */
        dialogue_not_set_up(d, DUALPIPE_CHILD_ENDED);
        dialogue_stop(d, 0);
        return;
    }
    step = d->step++;
    if (step == 0 && !o->ready)
        step = d->step++;
    if (step > o->nsetup) {
        d->state = DIALOGUE_OPEN;
        d->until = CLOCK_NEVER;
        dialogue_tell(d, DUALPIPE_STARTED, (struct dualpipe_notice){0});
    } else if (dialogue_send_own(d, step == 0 ? &ready : &o->setup[step - 1], true) < 0) {
        dialogue_not_set_up(d, DUALPIPE_NO_MEMORY);
        dialogue_stop(d, 0);
    } else if (d->spoiled) {
        dialogue_proceed(d);
    }
}

void dialogue_not_set_up(struct dialogue *d, enum dualpipe_outcome outcome) {
    const struct dualpipe_request *text = NULL;
    if (d->state != DIALOGUE_SETTING_UP || d->error || d->unready)
        return;
    if (d->step > 1 && d->step - 2 < d->o->nsetup)
        text = &d->o->setup[d->step - 2];
    d->unready = true;
    if (d->o->tries == 0)
        d->error = outcome == DUALPIPE_TIMED_OUT ? -ETIME : -ECHILD;
    if (outcome == DUALPIPE_CHILD_ENDED && d->child->process.status.limit)
        outcome = DUALPIPE_LIMIT;
    dialogue_tell(d, DUALPIPE_NOT_SET_UP, (struct dualpipe_notice){
        .data = text ? text->data : NULL, .size = text ? text->size : 0, .outcome = outcome,
        .reason = d->spoiled, .status = d->child->process.status});
}

int dialogue_start(struct dialogue *d, struct dualpipe_failure *why) {
    struct dualpipe_failure own;
    int r = dualpipe_start(&d->child, dialogue_child(d), why = why ? why : &own);
    if (r < 0) {
        d->error = r;
        dialogue_tell(d, DUALPIPE_CANNOT_START, (struct dualpipe_notice){.error = r, .why = why});
        return r;
    }
    d->children++;
    d->relieved = false;
    d->state = DIALOGUE_SETTING_UP;
    d->until = d->o->start_limit > 0 ? clock_after(d->o->start_limit) : CLOCK_NEVER;
    d->step = 0;
    d->asked = 0;
    d->weight = (struct weight){0};
    d->kept = d->spent = 0;
    d->seen = d->late = 0;
    d->spoiled = NULL;
    d->takes = 0;
    d->drained = d->refused = d->at_last = d->wanted = d->unready = false;
    dialogue_proceed(d);
    return 0;
}

/* --- letting go -------------------------------------------------------------------------- */

static void return_all(struct dialogue *d) {
    struct exchange *x = d->first, *behind;
    for (; x; x = behind) {
        x = dialogue_single_out(d, x);
        behind = x->under;
        dialogue_keep_part(d, x, false);
        dialogue_drop_output(d); /* it is the oldest's, though that be owed */
        if (!x->whole)
            dialogue_return(d, x, DUALPIPE_CHILD_ENDED, NULL);
    }
}

void dialogue_replace(struct dialogue *d) {
    const char *reason = d->spoiled ? d->spoiled : "it has closed its output";
    dialogue_tell(d, DUALPIPE_REPLACED, (struct dualpipe_notice){.reason = reason});
    dialogue_stop(d, 0);
}

int dialogue_patience(const struct dialogue *d) {
    return d->o->patience != 0 ? d->o->patience : PATIENCE;
}

static void end_input(struct dialogue *d) {
    int r = dualpipe_end(d->child), patience = dialogue_patience(d);
    int grace = dialogue_child(d)->grace;
    if (r == -ENOTSUP && d->o->nquit == 0) /* a terminal, and nothing tells it to end */
        patience = grace > 0 && (patience < 0 || grace < patience) ? grace : GRACE;
    d->state = DIALOGUE_ENDING;
    d->until = clock_after(patience);
}

/* What is still to come from it is nobody's. Whether it is in step: nothing is owed. */
static bool forget_own(struct dialogue *d) {
    bool in_step = !d->spoiled;
    while (d->first) {
        struct exchange *x = d->first;
        in_step &= !x->owed || x->silent;
        dialogue_unlink(d, x, NULL);
        exchange_spare(x, d->exchanges);
    }
    return in_step;
}

/* A quit text that has an id is answered before the input ends, which some take for the end. */
bool dialogue_awaits_last(const struct dialogue *d) {
    const struct exchange *x = d->first;
    while (x && !x->awaits)
        x = x->under;
    return x && d->state == DIALOGUE_LEAVING && !d->refused && !d->spoiled;
}

static void send_quit(struct dialogue *d, const struct dualpipe_request *q) {
    dialogue_send_own(d, q, rule_by_id(q->rule ? q->rule : d->o->rule));
}

void dialogue_leave(struct dialogue *d) {
    if (d->state == DIALOGUE_SETTING_UP || (d->state == DIALOGUE_OPEN && !forget_own(d))) {
        dialogue_stop(d, 0);
        return;
    }
    if (d->state == DIALOGUE_OPEN) {
        d->state = DIALOGUE_LEAVING;
        d->until = clock_after(PATIENCE);
        for (int i = 0; i < d->o->nquit && !(d->o->flags & DUALPIPE_FRESH); i++)
            send_quit(d, &d->o->quit[i]);
    }
    if (d->state == DIALOGUE_LEAVING && (!d->sending || d->refused) && !dialogue_awaits_last(d))
        end_input(d);
}

void dialogue_stop(struct dialogue *d, int signo) {
    int grace = dialogue_child(d)->grace;
    if (!d->child)
        return;
    dialogue_release(d);
    if (d->borrowed) {
        d->spoiled = "it is out of step";
        return_all(d);
        return;
    }
    dualpipe_stop(d->child, signo);
    if (d->state != DIALOGUE_STOPPING)
        d->until = grace < 0 ? CLOCK_NEVER : clock_after((grace > 0 ? grace : GRACE) + PATIENCE);
    d->state = DIALOGUE_STOPPING;
    return_all(d);
}

/* Ever longer between children that end without an answer. */
static int64_t back_off(const struct dialogue *d) {
    int pause = BACK_OFF_FIRST;
    if (d->failures < 2)
        return 0;
    for (int i = 2; i < d->failures && pause < BACK_OFF_MOST; i++)
        pause *= 2;
    return clock_after(pause);
}

/* The reply of a child of its own is whole when that has ended, and with 0. */
static void return_from_dead(struct dialogue *d, const struct dualpipe_status *s) {
    struct exchange *x = dialogue_single_out(d, d->first);
    x->status = *s;
    if (x->whole && !dialogue_never_came_up(d, x))
        d->failures = 0;
    if (x->whole && !x->dropped && !s->limit && (s->code == 0 || s->stopped)) {
        dialogue_finish(d, x);
        dialogue_push_back(d, x);
        return;
    }
    dialogue_keep_part(d, x, false);
    dialogue_return(d, x, DUALPIPE_CHILD_ENDED, NULL);
}

static void give_up(struct dialogue *d, const struct dualpipe_status *s) {
    d->given_up = true;
    d->until = CLOCK_NEVER;
    dialogue_tell(d, DUALPIPE_GIVEN_UP,
                  (struct dualpipe_notice){.status = *s, .number = d->failures});
}

void dialogue_bury(struct dialogue *d) {
    struct dualpipe_status s = {.code = -1, .signal = -1};
    bool failed;
    dialogue_release(d);
    dualpipe_wait(d->child, &s, 0);
    dialogue_not_set_up(d, DUALPIPE_CHILD_ENDED);
    failed = (d->state <= DIALOGUE_OPEN || d->unready) &&
             (d->under_way > 0 || d->child->received == 0 || d->unready);
    d->failures++;
    while (d->first) {
        return_from_dead(d, &s);
        dialogue_drop_output(d); /* it was the oldest's, though that be owed */
    }
    if (d->late > 0)
        dialogue_tell(d, DUALPIPE_STRAY, (struct dualpipe_notice){.size = (size_t)d->late});
    d->child = d->borrowed ? NULL : dualpipe_close(d->child, &s);
    d->state = DIALOGUE_NONE;
    d->until = back_off(d);
    dialogue_tell(d, DUALPIPE_DIED, (struct dualpipe_notice){
        .status = s, .number = failed ? d->failures : 0});
    if (failed && d->o->tries > 0 && d->failures >= d->o->tries)
        give_up(d, &s);
}

/* --- what is due ------------------------------------------------------------------------- */

static int64_t idle_due(const struct dialogue *d, struct exchange *x) {
    int idle = x ? dualpipe_rule_idle(x->rule) : -1;
    if (idle < 0 || !dialogue_all_sent(d, x) || x->owed || x->whole || !x->awaits ||
        (kind_is_framed(x->rule->kind) && scan_amid_frame(&x->scan)))
        return CLOCK_NEVER;
    if (d->child->out.error)
        return CLOCK_NEVER; /* it is not silent: it can't be heard */
    if (x->heard == 0)
        x->heard = clock_ns();
    return x->heard + (int64_t)idle * 1000000;
}

static int64_t sooner(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* Whether its limit counts still: a reply that is a child's whole output lasts until its end. */
static bool is_limited(const struct dialogue *d, const struct exchange *x) {
    return x && (!x->whole || d->o->flags & DUALPIPE_FRESH);
}

int64_t dialogue_due(struct dialogue *d, bool reads) {
    int64_t due = d->until > 0 ? d->until : CLOCK_NEVER;
    d->drained = false;
    if (!reads)
        d->first->until = d->first->owed ? d->first->until : 0;
    else
        due = sooner(due, idle_due(d, d->first));
    for (struct exchange *x = d->first; reads && is_limited(d, x); x = x->under) {
        if (x->until == 0)
            x->until = x->limit > 0 ? clock_after(x->limit) : CLOCK_NEVER;
        due = sooner(due, x->until);
        if (!x->owed)
            break;
    }
    return due;
}

/* What stands for a request whose limit has passed until its reply comes. NULL: its end can't be
 * known. */
static struct exchange *owe(struct dialogue *d, const struct exchange *x) {
    struct exchange *z;
    if (x->several || x->sent < x->size || dualpipe_rule_idle(x->rule) >= 0 ||
        d->o->flags & DUALPIPE_FRESH || !(z = exchange_new(d->exchanges)))
        return NULL;
    z->rule = x->rule;
    z->number = x->number;
    z->limit = x->limit;
    z->until = clock_after(x->limit);
    if (d->o->flags & (DUALPIPE_ATTENDED | DUALPIPE_PATIENT))
        z->until = CLOCK_NEVER;
    z->size = z->sent = x->size;
    z->scan = x->scan;
    memcpy(z->token, x->token, sizeof z->token);
    z->scan.token = x->scan.token ? z->token : NULL;
    z->owed = z->dropped = true;
    if (buffer_put(&z->own, x->id, x->nid) == 0) {
        z->id = buffer_data(&z->own);
        z->nid = x->nid;
        z->has_id = x->has_id;
    }
    return z;
}

static bool is_nobodys(const struct exchange *x) {
    return x->owed || x->disowned;
}

static void press(struct exchange *x, int least) {
    int limit = x->limit > least ? x->limit : least;
    bool stands = x->until == CLOCK_NEVER || (x->until == 0 && x->limit == 0);
    if (stands && limit > 0)
        x->until = clock_after(limit);
}

void dialogue_press(struct dialogue *d, bool others, int least) {
    struct exchange *x = d->first;
    while (x && is_nobodys(x))
        x = x->under;
    if (!x && !others)
        return;
    for (x = d->first; x && is_nobodys(x); x = x->under)
        press(x, least);
}

static void time_out(struct dialogue *d, struct exchange *x) {
    struct exchange *owed = NULL;
    if (x->dropped) { /* a text of our own */
        dialogue_not_set_up(d, DUALPIPE_TIMED_OUT);
        dialogue_stop(d, 0);
        return;
    }
    x = dialogue_single_out(d, x);
    if (d->spoiled)
        owed = NULL;
    else if (x->disowned && x->limit == 0)
        d->spoiled = "a reply that nobody waited for did not end";
    else if (dialogue_may_retry(d, x))
        d->spoiled = "no whole reply came in time";
    else if (!(owed = owe(d, x)))
        d->spoiled = "where its late reply ends can't be known";
    dialogue_keep_part(d, x, owed != NULL);
    dialogue_return(d, x, DUALPIPE_TIMED_OUT, owed);
    if (d->spoiled && d->under_way > 0)
        dialogue_replace(d); /* they can't be answered any more */
}

bool dialogue_give_up(struct dialogue *d) {
    struct exchange *x = d->first;
    while (x && (x->owed || x->whole))
        x = x->under;
    if (!x || x->dropped)
        return false;
    if (x->limit == 0 && !rule_tells_apart(x->rule))
        d->spoiled = "a reply of its was given up";
    time_out(d, x);
    return true;
}

/* The reply of an idle rule: all there is. */
static void take_as_whole(struct dialogue *d, struct exchange *x) {
    dialogue_keep_part(d, x, false);
    dialogue_drop_output(d); /* what nobody wants */
    if (x->dropped) {
        dialogue_drop(d, x);
        return;
    }
    dialogue_finish(d, x);
    if (x->token[0])
        dialogue_owe_token(d, x);
    dialogue_push_back(d, x);
}

static void expire_requests(struct dialogue *d, int64_t now) {
    struct exchange *x = d->first;
    if (x && now >= idle_due(d, x)) {
        take_as_whole(d, x);
        return;
    }
    for (; x && x->owed; x = x->under)
        if (now >= x->until) {
            d->spoiled = "its late reply did not come";
            if (x == d->first)
                dialogue_drop_output(d); /* half of it is not the next one's */
            dialogue_return(d, x, DUALPIPE_TIMED_OUT, NULL);
            if (d->under_way > 0)
                dialogue_replace(d);
            return;
        }
    if (is_limited(d, x) && x->until != 0 && now >= x->until)
        time_out(d, x);
}

void dialogue_expire(struct dialogue *d, int64_t now) {
    if (d->child && now >= d->until) {
        dialogue_not_set_up(d, DUALPIPE_TIMED_OUT);
        if (d->state == DIALOGUE_STOPPING)
            dialogue_bury(d);
        else if (d->state == DIALOGUE_OPEN && d->wanted && !d->first)
            dialogue_replace(d);
        else
            dialogue_stop(d, 0);
    } else {
        expire_requests(d, now);
    }
}

struct dualpipe_event dialogue_event(const struct dialogue *d, bool reads) {
    struct dualpipe_event e = {.dp = d->child, .wants = DUALPIPE_ENDED | DUALPIPE_ERR};
    if (reads && !d->spoiled)
        e.wants |= DUALPIPE_IN;
    if (d->sending && !d->refused)
        e.wants |= DUALPIPE_OUT;
    return e;
}
