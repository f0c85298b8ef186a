/* several.c: requests that were put several at a time, a line each: heard as one, and taken apart
 * again where something happens to one of them. */
#include "child/handle.h"
#include "pool/worker.h"
#include "codec/rule.h"

bool dialogue_extend(struct dialogue *d, const dualpipe_rule *rule,
                     const struct dualpipe_request *q) {
    struct exchange *x = d->last;
    if (!x || !x->several || x->ripe > 0 || d->sending || d->spoiled || x->rule != rule ||
        x->limit != q->limit || x->tag != q->tag || x->attempt <= d->o->retries)
        return false;
    buffer_consume(&x->own, buffer_held(&x->own));
    x->request = x->size = q->size;
    x->sent = x->gone = 0;
    x->bare = x->count;
    x->count += q->count;
    d->under_way += q->count;
    d->asked += q->count;
    dialogue_send_or_keep(d, x, q->data, q->data);
    return true;
}

static struct exchange *split(struct dialogue *d, struct exchange *x, int n) {
    struct exchange *z = exchange_split(x, n, d->exchanges);
    if (!z)
        return NULL;
    z->under = x->under;
    x->under = z;
    if (d->last == x)
        d->last = z;
    if (d->sending == x)
        d->sending = dialogue_next_unsent(x);
    return z;
}

struct exchange *dialogue_single_out(struct dialogue *d, struct exchange *x) {
    struct exchange *z;
    if (x->several && x->ripe > 0) {
        if (!(z = split(d, x, 0)))
            return x;
        dialogue_finish(d, x);
        dialogue_push_back(d, x);
        x = z;
    }
    if (x->several && (x->count == 1 || split(d, x, 1)))
        exchange_make_single(x);
    return x;
}

/* How many of them the n bytes at p answer, and in how many bytes. */
static int count_answered(const struct exchange *x, const char *p, size_t n, size_t *size) {
    long each = x->rule->count, lines;
    *size = dualpipe_lines(p, n, each * x->count, &lines);
    if (lines % each != 0)
        *size = dualpipe_lines(p, n, lines - lines % each, &lines);
    return (int)(lines / each);
}

/* The reply that has only begun, or is the last of all, is heard by itself. */
static struct exchange *hear_first(struct dialogue *d, struct exchange *x, bool *on) {
    x = dialogue_single_out(d, x);
    d->rescan = true;
    if (!x->several)
        return dialogue_hear(d, x, on);
    d->spoiled = "no memory was left for a reply";
    dialogue_return(d, x, DUALPIPE_NO_MEMORY, NULL);
    return NULL;
}

struct exchange *dialogue_hear_several(struct dialogue *d, struct exchange *x, bool *on) {
    const dualpipe *c = d->child;
    const char *p;
    size_t n = channel_output(c, &p), size;
    int answered;
    if (d->spoiled || n == 0 || (c->received == d->seen && !d->rescan))
        return NULL;
    answered = count_answered(x, p, n, &size);
    if (answered == x->count && !dialogue_all_sent(d, x))
        answered = 0;
    if (answered == 0)
        return hear_first(d, x, on);
    d->seen = c->received;
    d->rescan = size < n;
    d->drained = c->out.drained;
    d->failures = 0;
    d->under_way -= answered;
    if (dialogue_adapts(d))
        weigh_answers(&d->weight, answered, size);
    exchange_pass(x, answered);
    x->until = 0; /* the next is the oldest from now on */
    x->data = p;
    x->ndata = d->spent = size;
    dialogue_drain_stderr(d);
    if (x->count == 0)
        dialogue_finish(d, x);
    return x;
}
