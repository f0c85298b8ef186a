/* rule_scan_frames.c: where a reply ends in frames that are neither lines nor bytes. Each is judged
 * once, when it is all there; one that nothing judges is passed on as it comes. */
#include "codec/rule.h"
#include <errno.h>

enum { BEGUN = 1, PASSING = 2, AMID = 4 };

/* One call. In s, line_ is where the frame begins, or, of one that is passed on, what is left of
 * it: lines_[0] bytes. seen_ is what unframing has seen. */
struct look {
    const dualpipe_rule *r;
    struct dualpipe_scan *s;
    const char *p;
    size_t n;
    int behind;
    bool *starved;
};

bool scan_amid_frame(const struct dualpipe_scan *s) {
    return s->state_ & AMID;
}

static void begin_call(struct dualpipe_scan *s) {
    if (!(s->state_ & BEGUN)) {
        s->state_ = BEGUN;
        s->left_ = SIZE_MAX;
    }
    s->line_ -= s->drop;
    s->next -= s->drop;
    s->from = s->to = s->next;
    s->drop = s->id = s->nid = 0;
    s->which = -1;
}

static enum dualpipe_scanned whole(struct dualpipe_scan *s, size_t next) {
    s->to = s->next = s->drop = next;
    return DUALPIPE_WHOLE;
}

/* All before `to` is sure. */
static enum dualpipe_scanned more(struct dualpipe_scan *s, size_t to, enum dualpipe_scanned why) {
    s->to = s->next = s->drop = to;
    return why;
}

static enum dualpipe_scanned cut_frame(struct dualpipe_scan *s, size_t after,
                                       enum dualpipe_scanned kind) {
    s->to = s->line_;
    s->next = s->line_ = after;
    return kind;
}

/* What is wrong begins at `at`. */
static enum dualpipe_scanned wrong(const struct look *k, size_t at, enum dualpipe_scanned what) {
    k->s->id = at;
    k->s->nid = k->n - at;
    return more(k->s, k->s->line_, what);
}

static bool until_holds(const struct look *k, const struct dualpipe_body *b) {
    for (int i = 0; i < k->r->until.n; i++)
        if (pattern_matches(&k->r->until.all[i], b->data, b->size, k->starved)) {
            k->s->which = i;
            return true;
        }
    return false;
}

/* The frame ends at after, and is part of the reply. */
static enum dualpipe_scanned take_frame(const struct look *k, const struct dualpipe_body *b,
                                        size_t after) {
    struct dualpipe_scan *s = k->s;
    s->frames++;
    s->line_ = after;
    if ((b && until_holds(k, b)) || (k->r->count > 0 && s->frames >= k->r->count))
        return whole(s, after);
    return DUALPIPE_MORE;
}

static enum dualpipe_scanned judge_frame(const struct look *k, const struct dualpipe_body *b,
                                         size_t after) {
    struct dualpipe_scan *s = k->s;
    struct span id;
    enum dualpipe_scanned judged = rule_judge(k->r, b->data, b->size, &id, k->starved);
    if (judged == DUALPIPE_MORE)
        return take_frame(k, b, after);
    if (judged == DUALPIPE_NOTICE)
        return cut_frame(s, after, judged);
    s->id = (size_t)(b->data - k->p) + id.from;
    s->nid = id.to - id.from;
    return judged == DUALPIPE_WHOLE ? whole(s, after) : cut_frame(s, after, judged);
}

/* A packet that is as long as one of the special ones may not be the same bytes. */
static bool is_checked(const dualpipe_rule *r, size_t size) {
    return r->kind == DUALPIPE_PKTLINE && size == 8;
}

/* Whether frames are the reply's whatever their bodies are. */
static bool passes(const dualpipe_rule *r) {
    return r->until.n == 0 && r->async.n == 0 && !rule_by_id(r);
}

/* The rest of a frame of which some has been passed on. */
static enum dualpipe_scanned pass_on(const struct look *k) {
    struct dualpipe_scan *s = k->s;
    size_t there = k->n - s->line_, end;
    if (there < s->lines_[0]) {
        s->lines_[0] -= there;
        s->line_ = k->n;
        if (k->behind & DUALPIPE_LAST)
            return wrong(k, k->n, DUALPIPE_BAD_FRAME);
        s->state_ |= AMID;
        return more(s, k->n, DUALPIPE_MORE);
    }
    end = s->line_ + s->lines_[0];
    if (k->r->kind == DUALPIPE_NETSTRING && k->p[end - 1] != ',') {
        s->line_ = end - 1;
        s->lines_[0] = 1;
        return wrong(k, end - 1, DUALPIPE_BAD_FRAME);
    }
    s->state_ &= ~PASSING;
    return take_frame(k, NULL, end);
}

static enum dualpipe_scanned begin_passing(const struct look *k, size_t size) {
    k->s->state_ |= PASSING;
    k->s->lines_[0] = size;
    return pass_on(k);
}

/* The last frame is not all there; b is what is known of it. */
static enum dualpipe_scanned take_rest(const struct look *k, struct dualpipe_body *b) {
    struct dualpipe_scan *s = k->s;
    bool last = k->behind & DUALPIPE_LAST, amid = k->n > s->line_;
    if (amid && b->whole > 0 && passes(k->r) && !is_checked(k->r, b->whole))
        return begin_passing(k, b->whole);
    if (amid && last && k->r->kind == DUALPIPE_NUL) {
        enum dualpipe_scanned taken = judge_frame(k, b, k->n);
        if (taken != DUALPIPE_MORE)
            return taken;
    } else if (amid && last) {
        return wrong(k, k->n, DUALPIPE_BAD_FRAME);
    }
    if (last && k->r->at_end)
        return whole(s, k->n);
    s->state_ |= amid ? AMID : 0;
    return more(s, s->line_, DUALPIPE_MORE);
}

/* Where in a malformed frame: what stands for a netstring's comma, else its beginning. */
static size_t fault(const dualpipe_rule *r, const struct dualpipe_body *b) {
    return r->kind == DUALPIPE_NETSTRING && b->whole > 0 ? b->whole - 1 : 0;
}

static enum dualpipe_scanned take_frames(const struct look *k) {
    struct dualpipe_scan *s = k->s;
    size_t max = s->max > 0 ? s->max : SIZE_MAX;
    for (;;) {
        struct dualpipe_body b = {.seen = s->seen_};
        const char *p = k->p + s->line_;
        enum dualpipe_scanned taken;
        ssize_t used = 0;
        if (s->line_ < k->n)
            used = dualpipe_unframe(k->r->kind, p, k->n - s->line_, max, &b);
        s->seen_ = b.seen;
        if (used == -EMSGSIZE)
            return wrong(k, s->line_, DUALPIPE_LONG_FRAME);
        if (used < 0 && fault(k->r, &b) > 0 && passes(k->r))
            return begin_passing(k, b.whole); /* up to there */
        if (used < 0)
            return wrong(k, s->line_ + fault(k->r, &b), DUALPIPE_BAD_FRAME);
        if (used == 0)
            return take_rest(k, &b);
        taken = judge_frame(k, &b, s->line_ + (size_t)used);
        if (taken != DUALPIPE_MORE)
            return taken;
    }
}

enum dualpipe_scanned rule_scan_frames(const dualpipe_rule *r, struct dualpipe_scan *s,
                                       const char *p, size_t n, int behind, bool *starved) {
    struct look k = {r, s, p, n, behind, starved};
    enum dualpipe_scanned taken = DUALPIPE_MORE;
    begin_call(s);
    s->state_ &= ~AMID;
    if (r->count < 0)
        return whole(s, s->next);
    if (s->state_ & PASSING)
        taken = pass_on(&k);
    return taken == DUALPIPE_MORE && !(s->state_ & PASSING) ? take_frames(&k) : taken;
}
