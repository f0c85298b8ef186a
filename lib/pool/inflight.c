/* inflight.c: what is under way with a child: requests and their fences as they are sent, and how
 * they come back. */
#include "child/handle.h"
#include "base/clock.h"
#include "pool/worker.h"
#include "codec/rule.h"
#include <errno.h>
#include <stdio.h>

enum {
    MOST_BOUNCES = 3, /* children that end before a request can be sent */
    LOOKED_NS = 20000,
    LENT_LEAST = 65536, /* a pipe's room */
    NO_SSH = 255, /* status of ssh: no connection, or none any more */
    MOST_LARGE = 8,     /* workers whose pipes are enlarged: the user has room for 32 or so */
};

void dialogue_tell(struct dialogue *d, enum dualpipe_news news, struct dualpipe_notice n) {
    n.news = news;
    n.worker = d->worker;
    n.child = d->child;
    if (d->o->listener)
        d->o->listener(d->o->data, &n);
}

ssize_t dialogue_take(struct dialogue *d) {
    return channel_take(d->child, &d->child->out, false);
}

/* --- what is under way ------------------------------------------------------------------- */

/* Nothing may be sent behind it: its reply ends where nothing follows, or could be taken for the
 * next one's. */
static bool blocks(const struct exchange *x) {
    return x->alone || (x->owed && !rule_tells_apart(x->rule)) || !rule_pipelines(x->rule);
}

static void push(struct dialogue *d, struct exchange *x) {
    d->blocking += blocks(x);
    x->under = NULL;
    if (d->last)
        d->last->under = x;
    else
        d->first = x;
    d->last = x;
}

void dialogue_push_front(struct dialogue *d, struct exchange *x) {
    d->blocking += blocks(x);
    x->under = d->first;
    d->first = x;
    if (!d->last)
        d->last = x;
}

void dialogue_unlink(struct dialogue *d, struct exchange *x, struct exchange *instead) {
    struct exchange **at = &d->first, *before = NULL;
    while (*at != x) {
        before = *at;
        at = &before->under;
    }
    d->blocking -= blocks(x);
    if (instead) {
        d->blocking += blocks(instead);
        instead->under = x->under;
        *at = instead;
    } else {
        *at = x->under;
    }
    if (d->last == x)
        d->last = instead ? instead : before;
    if (d->sending == x)
        d->sending = NULL;
    d->under_way -= x->dropped ? 0 : x->count;
    d->rescan = true;
}

void dialogue_push_back(struct dialogue *d, struct exchange *x) {
    x->under = NULL;
    if (d->back)
        d->back_last->under = x;
    else
        d->back = x;
    d->back_last = x;
}

bool dialogue_may_retry(const struct dialogue *d, const struct exchange *x) {
    return x->attempt <= d->o->retries &&
           (!x->came || d->o->flags & DUALPIPE_RETRY_PARTIAL);
}

static int64_t time_of(const struct dialogue *d) {
    return d->o->flags & DUALPIPE_TIMED ? clock_ns() : 0;
}

/* It is no longer under way here. */
static void take_leave(struct dialogue *d, struct exchange *x, struct exchange *instead) {
    dialogue_unlink(d, x, instead);
    if (x->whole && d->o->flags & DUALPIPE_PIECES)
        x->ndata = 0; /* it has been given */
    x->ended = time_of(d);
}

void dialogue_finish(struct dialogue *d, struct exchange *x) {
    if (dialogue_adapts(d) && !x->several)
        weigh_answers(&d->weight, 1, x->ndata);
    take_leave(d, x, NULL);
    d->failures = 0;
    x->done = true; /* answered, which is 0, unless its bytes could not be held */
}

/* Silence is an answer of a child of its own: only ssh's word is taken there. */
bool dialogue_never_came_up(const struct dialogue *d, const struct exchange *x) {
    bool fresh = d->o->flags & DUALPIPE_FRESH;
    return d->o->tries > 0 && d->state == DIALOGUE_OPEN && d->child->received == 0 &&
           (!fresh || x->status.code == NO_SSH);
}

/* The child ended before anything of it could be sent: it goes to another, if it can be kept. How
 * often is left to the workers, where these are given up. One of its own may have answered all the
 * same. */
static bool bounce(const struct dialogue *d, struct exchange *x) {
    bool kept = x->lent || buffer_held(&x->own) >= x->request;
    bool nobody = dialogue_never_came_up(d, x);
    if (!kept || (x->came && d->o->flags & DUALPIPE_FRESH))
        return false;
    if (!nobody && (x->sent > 0 || x->size == 0 || d->o->flags & DUALPIPE_ATTENDED ||
                    x->bounces >= MOST_BOUNCES - 1))
        return false;
    if (x->lent && exchange_keep_request(x, x->lent) < 0) {
        x->outcome = DUALPIPE_NO_MEMORY;
        return false;
    }
    x->lent = NULL;
    x->attempt--;
    x->bounces++;
    return true;
}

/* All of a reply may seem to be there, where it was cut. */
static void note_limit(struct exchange *x, enum dualpipe_limit limit) {
    x->whole = false;
    x->status.limit = limit;
    if (x->outcome == DUALPIPE_CHILD_ENDED)
        x->outcome = DUALPIPE_LIMIT;
}

void dialogue_return(struct dialogue *d, struct exchange *x, enum dualpipe_outcome o,
                     struct exchange *instead) {
    enum dualpipe_limit limit = d->child ? d->child->process.status.limit : DUALPIPE_NO_LIMIT;
    take_leave(d, x, instead);
    if (x->dropped) {
        bool ours = !x->owed;
        exchange_spare(x, d->exchanges);
        if (ours)
            dialogue_not_set_up(d, o);
        return;
    }
    x->outcome = x->outcome == DUALPIPE_NO_MEMORY ? x->outcome : o;
    x->reason = d->spoiled;
    if (o == DUALPIPE_CHILD_ENDED && limit)
        note_limit(x, limit);
    if (x->several) {
        x->done = true;
    } else if (o == DUALPIPE_CHILD_ENDED && bounce(d, x)) {
        x->again = true;
    } else if (dialogue_may_retry(d, x) && (o != DUALPIPE_TOO_LONG || x->sent > 0)) {
        x->again = true;
    } else {
        x->done = true;
    }
    dialogue_push_back(d, x);
}

/* --- sending ----------------------------------------------------------------------------- */

bool dialogue_all_sent(const struct dialogue *d, const struct exchange *x) {
    return x->sent == x->size || d->refused;
}

struct exchange *dialogue_next_unsent(struct exchange *x) {
    while (x && x->sent == x->size)
        x = x->under;
    return x;
}

/* Its rest lies at p. */
static void send_some(struct dialogue *d, struct exchange *x, const char *p) {
    ssize_t r = 0;
    if (x->sent < x->size)
        r = dualpipe_write(d->child, p, x->size - x->sent, 0);
    if (r >= 0) {
        x->sent += (size_t)r;
    } else if (r == -EMSGSIZE && x->sent == 0) {
        struct exchange *behind = x->under;
        dialogue_return(d, x, DUALPIPE_TOO_LONG, NULL); /* nothing of it went */
        d->sending = dialogue_next_unsent(behind);
        return;
    } else if (r != -ETIMEDOUT && r != -ENOBUFS) {
        d->refused = true; /* a reply may come all the same */
        dualpipe_end(d->child);
        if (r != -EPIPE)
            d->spoiled = "it could not be written to";
    }
    if (x->sent < x->size)
        return;
    x->lent = NULL;
    d->sending = dialogue_next_unsent(x->under);
    if (d->o->flags & DUALPIPE_FRESH && !x->dropped)
        dualpipe_end(d->child);
}

void dialogue_send_more(struct dialogue *d) {
    struct exchange *x = d->sending;
    while (x && !d->refused && !d->spoiled) {
        send_some(d, x, exchange_rest(x));
        if (d->sending == x)
            return; /* no more goes now */
        x = d->sending;
    }
}

/* Gives it its token, and keeps what will be needed again. */
static int address(struct dialogue *d, struct exchange *x, const void *p) {
    bool fenced = x->awaits && x->request > 0 && rule_has_fence(x->rule);
    bool by_id = rule_by_id(x->rule);
    bool unsure = d->o->tries > 0 && d->child->received == 0;
    struct span id;
    bool starved = false;
    x->size = x->request;
    x->solid = !by_id;
    if (p && (fenced || by_id || unsure || d->sending || x->attempt < d->o->retries ||
              d->o->flags & DUALPIPE_KEEP_REQUESTS) && exchange_keep_request(x, p) < 0)
        return -ENOMEM;
    x->has_id = by_id &&
                rule_request_id(x->rule, buffer_data(&x->own), x->request, &id, &starved);
    if (starved)
        return -ENOMEM;
    if (x->has_id) {
        x->id = buffer_data(&x->own) + id.from;
        x->nid = id.to - id.from;
    }
    if (!fenced)
        return 0;
    snprintf(x->token, sizeof x->token, "dp%016llxn%llu", (unsigned long long)d->salt,
             (unsigned long long)++d->tokens);
    x->scan.token = x->token;
    return exchange_add_fence(x);
}

/* Bytes that come before a request is sent are nobody's reply. */
static void report_stray(struct dialogue *d, int64_t number) {
    const char *p;
    size_t n;
    int64_t now = clock_ns();
    if (!d->drained || now - d->asked_at > LOOKED_NS)
        dialogue_take(d); /* else looking again would find what came in the last moment */
    d->asked_at = now;
    if (channel_output(d->child, &p) == 0)
        return;
    dialogue_hear_unasked(d);
    n = channel_output(d->child, &p);
    if (n == 0 || (rule_by_id(d->o->rule) && kind_is_framed(d->o->rule->kind)))
        return; /* half a frame: whose it is its id will tell */
    d->books->stray += n;
    dialogue_tell(d, DUALPIPE_STRAY,
                  (struct dualpipe_notice){.data = p, .size = n, .number = number});
    buffer_consume(&d->child->out.held, n);
}

/* While bytes are lent nothing else is put: they are worth it only if they are many. */
static bool may_lend(const struct dialogue *d, const struct exchange *x) {
    return d->o->flags & DUALPIPE_LEND && d->o->workers == 1 && !x->dropped && !x->several &&
           buffer_held(&x->own) == 0 && x->size - x->sent >= LENT_LEAST;
}

void dialogue_send_or_keep(struct dialogue *d, struct exchange *x, const char *from,
                           const char *p) {
    d->sending = x;
    if (d->o->flags & DUALPIPE_LEND && x->size - x->sent >= LENT_LEAST &&
        d->o->workers <= MOST_LARGE)
        channel_enlarge(d->child);
    send_some(d, x, from);
    if (d->sending != x)
        return;
    if (may_lend(d, x)) {
        x->lent = p;
    } else if (exchange_keep_rest(x, p) < 0) {
        dialogue_not_set_up(d, DUALPIPE_NO_MEMORY);
        dialogue_stop(d, 0); /* half a request can't be taken back */
    }
}

int dialogue_send(struct dialogue *d, struct exchange *x, const void *p) {
    const char *from = p;
    if (!d->first && !x->dropped && x->request > 0 && !(d->o->flags & DUALPIPE_FRESH))
        report_stray(d, x->number);
    if (address(d, x, p) < 0)
        return -ENOMEM;
    if (buffer_held(&x->own) > 0)
        from = buffer_data(&x->own);
    x->begun = time_of(d);
    if (d->o->flags & DUALPIPE_TELL_SENT && x->size > 0)
        dialogue_tell(d, DUALPIPE_SENDING, (struct dualpipe_notice){
            .data = from, .size = x->size, .number = x->number});
    push(d, x);
    x->worker = d->worker;
    x->attempt += !x->dropped;
    if (dialogue_adapts(d) && d->under_way == 0 && !x->dropped)
        weigh_begin(&d->weight);
    d->asked += x->dropped ? 0 : x->count;
    d->under_way += x->dropped ? 0 : x->count;
    d->rescan = true;
    x->generation = d->children;
    if (d->sending)
        return 0;
    dialogue_send_or_keep(d, x, from, p);
    return 0;
}

int dialogue_room(struct dialogue *d) {
    int room = d->o->window - d->under_way;
    if (d->state != DIALOGUE_OPEN || d->spoiled || dialogue_borrows(d))
        return 0;
    if (dialogue_adapts(d)) /* a pipe that is full is enough to do */
        room = d->sending || d->blocking > 0 ? 0 : weigh_room(&d->weight, d->under_way);
    if (d->o->max_requests > 0 && room > d->o->max_requests - d->asked)
        room = (int)(d->o->max_requests - d->asked);
    return room > 0 ? room : 0;
}

bool dialogue_takes(struct dialogue *d, const struct exchange *x) {
    bool alone = x->alone || !rule_pipelines(x->rule);
    return dialogue_room(d) > 0 && d->blocking == 0 && !(alone && d->first);
}
