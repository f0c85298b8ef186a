/* worker_recv.c: what comes from a child that is asked: held against the rule of the oldest request,
 * and given to whom it belongs, in one piece where it lies if that can be. */
#include "child/handle.h"
#include "base/clock.h"
#include "pool/worker.h"
#include "codec/rule.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_TAKES = 16, /* before others are looked at */
    LONGEST_ID = 65536, /* that a child's request is answered with */
    LONGEST_HEAD = 8192, /* of a frame */
    MOST_SHOWN = 32, /* bytes of one that is wrong */
};

/* --- frames that answer nothing ---------------------------------------------------------- */

/* A request of the child's to us: we know no method. */
static void refuse_method(struct dialogue *d, const char *id, size_t n) {
    static const char form[] = "{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"error\":{\"code\":-32601,"
                               "\"message\":\"Method not found\"}}";
    char *text = n <= LONGEST_ID ? malloc(sizeof form + n + sizeof(struct dualpipe_wrap)) : NULL;
    struct dualpipe_request q = {.data = text};
    struct dualpipe_wrap w;
    if (!text)
        return;
    q.size = (size_t)snprintf(text, sizeof form + n, form, (int)n, id);
    if (dualpipe_frame(d->o->rule->kind, text, q.size, &w) == 0) {
        memmove(text + w.nhead, text, q.size);
        memcpy(text, w.head, w.nhead);
        memcpy(text + w.nhead + q.size, w.tail, w.ntail);
        q.size += w.nhead + w.ntail;
        dialogue_send_own(d, &q, false);
    }
    free(text);
}

static void tell_unasked(struct dialogue *d, const char *p, size_t n) {
    dialogue_tell(d, DUALPIPE_UNASKED, (struct dualpipe_notice){.data = p, .size = n});
}

void dialogue_hear_unasked(struct dialogue *d) {
    const char *p;
    size_t n, frame;
    struct span id;
    int kind;
    while ((n = channel_output(d->child, &p)) > 0 &&
           (frame = rule_unasked(d->o->rule, p, n, &kind, &id)) > 0) {
        tell_unasked(d, p, frame);
        if (kind == DUALPIPE_ASKED)
            refuse_method(d, p + id.from, id.to - id.from);
        buffer_consume(&d->child->out.held, frame);
    }
}

/* --- the bytes of a reply ---------------------------------------------------------------- */

static void consume(struct dialogue *d, size_t n) {
    buffer_consume(&d->child->out.held, n);
    d->kept = 0;
}

size_t dialogue_drop_output(struct dialogue *d) {
    const char *p;
    size_t n = channel_output(d->child, &p);
    consume(d, n);
    return n;
}

bool dialogue_tell_stray(struct dialogue *d) {
    const char *p;
    size_t n;
    if (!(d->o->flags & DUALPIPE_ATTENDED))
        return false;
    if ((n = channel_output(d->child, &p)) > 0)
        dialogue_tell(d, DUALPIPE_STRAY, (struct dualpipe_notice){.data = p, .size = n});
    consume(d, n);
    return true;
}

void dialogue_release(struct dialogue *d) {
    if (d->spent > 0 && d->child)
        buffer_consume(&d->child->out.held, d->spent);
    d->spent = 0;
}

static bool in_pieces(const struct dialogue *d, const struct exchange *x) {
    return d->o->flags & DUALPIPE_PIECES && !x->dropped;
}

/* Copies bytes of its reply. No memory: it fails, and what follows is nobody's. */
static void gather(struct dialogue *d, struct exchange *x, const char *p, size_t n) {
    if (buffer_put(&x->body, p, n) == 0)
        return;
    d->spoiled = "no memory was left for a reply";
    x->outcome = DUALPIPE_NO_MEMORY;
}

/* Adds the piece that the scan has found, which begins at `at` + from. What can be given now. */
static struct exchange *add_piece(struct dialogue *d, struct exchange *x, const char *at) {
    const struct dualpipe_scan *s = &x->scan;
    size_t n = s->to - s->from;
    if (in_pieces(d, x) && n > 0) {
        x->data = at + s->from;
        x->ndata = n;
        d->spent = s->drop;
        return x;
    }
    if (x->solid && !in_pieces(d, x) && !x->dropped) {
        d->kept += s->drop;
        return NULL;
    }
    if (!x->dropped)
        gather(d, x, at + s->from, n);
    consume(d, s->drop);
    return NULL;
}

/* to..next is no part of the reply. */
static struct exchange *cut(struct dialogue *d, struct exchange *x, const char *p,
                            enum dualpipe_scanned found) {
    const struct dualpipe_scan *s = &x->scan;
    const char *at = p + d->kept;
    size_t front = d->kept + s->to;
    if (found != DUALPIPE_ECHOED)
        tell_unasked(d, at + s->to, s->next - s->to);
    if (found == DUALPIPE_ASKED)
        refuse_method(d, at + s->id, s->nid);
    d->rescan = true;
    if (!x->solid || x->dropped || in_pieces(d, x))
        return add_piece(d, x, at);
    if (front > 0 || s->drop < s->next) {
        gather(d, x, p, front); /* and from now on: something else lies among its bytes */
        x->solid = false;
    }
    consume(d, d->kept + s->drop);
    return NULL;
}

/* Where the bytes begin that are not known to be the reply's yet. */
static size_t unsure(const struct dialogue *d, const struct exchange *x) {
    return d->kept + x->scan.next - x->scan.drop;
}

static bool is_too_long(const struct dialogue *d, const struct exchange *x) {
    const char *p;
    size_t n = channel_output(d->child, &p), from = unsure(d, x), head = 0;
    bool framed = kind_is_framed(x->rule->kind);
    if (framed || x->rule->kind == DUALPIPE_CRLF) /* a body in a frame was measured by itself */
        head = framed ? LONGEST_HEAD : 1;
    if (x->scan.left_ < SIZE_MAX && x->scan.left_ > dialogue_most(d))
        return true;
    if (x->solid && !x->dropped && !in_pieces(d, x))
        from = 0;
    return buffer_held(&x->body) + n - from > dialogue_most(d) + head ||
           (framed && buffer_full(&d->child->out.held));
}

void dialogue_keep_part(struct dialogue *d, struct exchange *x, bool goes_on) {
    const char *p;
    size_t n, from;
    if (x != d->first || x->whole || !x->awaits || x->dropped)
        return;
    dialogue_release(d);
    n = channel_output(d->child, &p);
    if (rule_by_id(x->rule)) {
        for (; x && n > 0; x = x->under)
            x->came = true; /* half a frame: whose it is nobody knows */
        return;
    }
    from = x->solid && !in_pieces(d, x) ? 0 : unsure(d, x);
    buffer_put(&x->body, p + from, n - from);
    x->data = buffer_data(&x->body);
    x->ndata = buffer_held(&x->body);
    dialogue_drain_stderr(d);
    consume(d, goes_on ? d->kept : n);
}

/* --- the end of a reply ------------------------------------------------------------------ */

static void restart(struct dialogue *d, struct exchange *x) {
    x->scan = (struct dualpipe_scan){.token = x->scan.token, .which = -1};
    d->rescan = true;
}

void dialogue_drop(struct dialogue *d, struct exchange *x) {
    if (d->child)
        dialogue_drain_stderr(d); /* what came with it is not the next one's */
    dialogue_unlink(d, x, NULL);
    if (x->owed && !x->silent) {
        d->books->dropped++;
        dialogue_tell(d, DUALPIPE_DROPPED, (struct dualpipe_notice){.number = x->number});
    }
    exchange_spare(x, d->exchanges);
    if (!x->owed)
        dialogue_proceed(d);
}

/* The end was another rule's than the fence: its token is still to come, and answers nothing. */
void dialogue_owe_token(struct dialogue *d, const struct exchange *x) {
    struct exchange *z = exchange_new(d->exchanges);
    if (!z) {
        d->spoiled = "no memory was left";
        return;
    }
    z->rule = x->rule;
    z->until = clock_after(x->limit > 0 ? x->limit : -1);
    memcpy(z->token, x->token, sizeof z->token);
    z->scan.token = z->token;
    z->owed = z->silent = z->dropped = true;
    dialogue_push_front(d, z);
}

struct exchange *dialogue_complete(struct dialogue *d, struct exchange *x) {
    dialogue_drain_stderr(d);
    if (d->at_last && d->child->process.ended)
        x->status = d->child->process.status;
    if (dialogue_all_sent(d, x) && !(d->o->flags & DUALPIPE_FRESH)) {
        dialogue_finish(d, x);
        if (x->unfenced)
            dialogue_owe_token(d, x);
        return x;
    }
    x->whole = true;
    if (in_pieces(d, x) && x->ndata > 0)
        return x;
    exchange_keep_data(x);
    dialogue_release(d);
    return NULL;
}

static struct exchange *end_dropped(struct dialogue *d, struct exchange *x, bool fenced) {
    consume(d, x->scan.next);
    if (!fenced)
        restart(d, x);
    else if (dialogue_all_sent(d, x))
        dialogue_drop(d, x);
    else
        x->whole = true;
    return NULL;
}

static struct exchange *end_first(struct dialogue *d, struct exchange *x, const char *p) {
    const struct dualpipe_scan *s = &x->scan;
    const char *at = p + d->kept;
    bool fenced = !x->token[0] || scan_at_fence(s);
    if (x->dropped)
        return end_dropped(d, x, fenced);
    x->data = in_pieces(d, x) ? at + s->from : p;
    x->ndata = (size_t)(at + s->to - x->data);
    d->spent = d->kept + s->next;
    if (!x->solid && !in_pieces(d, x)) {
        x->data = at + s->from;
        x->ndata = s->to - s->from;
        if (buffer_held(&x->body) > 0)
            exchange_keep_data(x);
    }
    d->kept = 0;
    x->unfenced = !fenced;
    return dialogue_complete(d, x);
}

static struct exchange *find_id(const struct dialogue *d, const char *id, size_t n) {
    struct exchange *x = d->first;
    while (x && !(x->has_id && rule_same_id(x->rule, x->id, x->nid, id, n)))
        x = x->under;
    return x;
}

/* A frame with an id: the reply to whoever's it is. */
static struct exchange *end_by_id(struct dialogue *d, struct exchange *first, const char *p) {
    const struct dualpipe_scan *s = &first->scan;
    const char *frame = p + s->from;
    size_t n = s->to - s->from, next = s->next;
    struct exchange *x = find_id(d, p + s->id, s->nid);
    restart(d, first);
    if (!x)
        tell_unasked(d, frame, n);
    if (!x || x->dropped) {
        consume(d, next);
        if (x)
            dialogue_drop(d, x);
        return NULL;
    }
    x->came = true;
    x->data = frame;
    x->ndata = n;
    d->spent = next;
    return dialogue_complete(d, x);
}

/* --- listening --------------------------------------------------------------------------- */

/* What is wrong is kept as the reply's part, and where it stands. */
static void fail_by_frame(struct dialogue *d, struct exchange *x, const char *p,
                          enum dualpipe_scanned found) {
    bool bad = found == DUALPIPE_BAD_FRAME;
    const char *at = p + d->kept + x->scan.id;
    size_t n = x->scan.nid < MOST_SHOWN ? x->scan.nid : MOST_SHOWN;
    x->offset = d->child->received - (buffer_held(&d->child->out.held) - d->kept) + x->scan.id;
    x->body.start = x->body.end = 0;
    buffer_put(&x->body, at, n);
    x->data = buffer_data(&x->body);
    x->ndata = buffer_held(&x->body);
    dialogue_drain_stderr(d);
    dialogue_drop_output(d);
    d->spoiled = bad ? "its output is malformed" : "its reply was too long";
    dialogue_return(d, x, bad ? DUALPIPE_MALFORMED : DUALPIPE_TOO_LONG, NULL);
}

static struct exchange *absorb(struct dialogue *d, struct exchange *x, const char *p,
                               enum dualpipe_scanned found) {
    struct exchange *given = NULL;
    if (found == DUALPIPE_WHOLE)
        return rule_by_id(x->rule) ? end_by_id(d, x, p) : end_first(d, x, p);
    if (found == DUALPIPE_STARVED) {
        d->spoiled = "no memory was left for a pattern";
        dialogue_return(d, x, DUALPIPE_NO_MEMORY, NULL);
        return NULL;
    }
    if (found == DUALPIPE_BAD_FRAME || found == DUALPIPE_LONG_FRAME) {
        if (in_pieces(d, x) && (given = add_piece(d, x, p + d->kept)))
            d->rescan = true; /* what is sure goes first */
        else
            fail_by_frame(d, x, p, found);
        return given;
    }
    if (found != DUALPIPE_MORE)
        return cut(d, x, p, found);
    if (x->scan.left_ == SIZE_MAX || x->scan.left_ <= dialogue_most(d)) /* else it says so itself */
        given = add_piece(d, x, p + d->kept);
    if (!given && is_too_long(d, x)) {
        x->offset = d->child->received;
        dialogue_keep_part(d, x, false);
        x->offset -= x->ndata;
        d->spoiled = "its reply was too long";
        dialogue_return(d, x, DUALPIPE_TOO_LONG, NULL);
    }
    return given;
}

struct exchange *dialogue_hear(struct dialogue *d, struct exchange *x, bool *on) {
    dualpipe *c = d->child;
    enum dualpipe_scanned found;
    const char *p;
    size_t n;
    int behind = d->at_last ? DUALPIPE_LAST : 0;
    if (x->several)
        return dialogue_hear_several(d, x, on);
    if (rule_needs_quiet(x->rule)) {
        for (int i = 0; i < MOST_TAKES && !c->out.drained && dialogue_take(d) > 0; i++)
            ;
        behind |= c->out.drained ? DUALPIPE_QUIET : 0;
    }
    n = channel_output(c, &p);
    if (d->spoiled || (c->received == d->seen && !d->rescan) || (n == d->kept && !d->at_last))
        return NULL;
    d->seen = c->received;
    d->rescan = false;
    d->drained = c->out.drained;
    x->scan.max = dialogue_most(d);
    found = dualpipe_rule_scan(x->rule, &x->scan, p + d->kept, n - d->kept, behind);
    if (!rule_by_id(x->rule)) /* else whose it is is known when it is whole */
        x->came |= x->scan.to > x->scan.from || n > d->kept + x->scan.next;
    if (dualpipe_rule_idle(x->rule) >= 0)
        x->heard = clock_ns();
    *on = found != DUALPIPE_MORE;
    return absorb(d, x, p, found);
}
