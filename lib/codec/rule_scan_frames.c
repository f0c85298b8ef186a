/* rule_scan_frames.c: where a reply ends in frames that are neither lines nor bytes. Each is judged
 * once, when it is all there; one that nothing judges is passed on as it comes. */
#include "codec/rule.h"
#include <errno.h>

enum { BEGUN = 1, PASSING = 2, AMID = 4 };

/* One call. In s, line_ is where the frame begins, or, of one that is passed on, what is left of
 * it: lines_[0] bytes. seen_ is what unframing has seen. */
struct frame_scan {
    const dualpipe_rule *r;
    struct dualpipe_scan *s;
    const char *p;
    size_t n;
    int behind;
    bool *starved;
};

bool rule_scan_frames_in_frame(const struct dualpipe_scan *s) {
    return s->state_ & AMID;
}

static void begin_call(struct dualpipe_scan *s) {
    if (!(s->state_ & BEGUN)) {
        s->state_ = BEGUN;
        s->left_ = SIZE_MAX;
    }
    s->line_ -= s->consumed;
    s->next -= s->consumed;
    s->from = s->to = s->next;
    s->consumed = s->id_offset = s->id_size = 0;
    s->matched = -1;
}

static enum dualpipe_scan_result finish_reply(struct dualpipe_scan *s, size_t next) {
    s->to = s->next = s->consumed = next;
    return DUALPIPE_SCAN_COMPLETE;
}

/* All before `to` is sure. */
static enum dualpipe_scan_result need_more(struct dualpipe_scan *s, size_t to,
                                           enum dualpipe_scan_result why) {
    s->to = s->next = s->consumed = to;
    return why;
}

static enum dualpipe_scan_result skip_frame(struct dualpipe_scan *s, size_t after,
                                            enum dualpipe_scan_result kind) {
    s->to = s->line_;
    s->next = s->line_ = after;
    return kind;
}

/* What is wrong begins at `at`. */
static enum dualpipe_scan_result frame_fail(const struct frame_scan *k, size_t at,
                                            enum dualpipe_scan_result what) {
    k->s->id_offset = at;
    k->s->id_size = k->n - at;
    return need_more(k->s, k->s->line_, what);
}

static bool matches_end_pattern(const struct frame_scan *k, const struct dualpipe_frame_view *b) {
    for (int i = 0; i < k->r->end_patterns.count; i++)
        if (regex_matches(&k->r->end_patterns.items[i], b->data, b->size, k->starved)) {
            k->s->matched = i;
            return true;
        }
    return false;
}

/* The frame ends at after, and is part of the reply. */
static enum dualpipe_scan_result accept_frame(const struct frame_scan *k,
                                              const struct dualpipe_frame_view *b, size_t after) {
    struct dualpipe_scan *s = k->s;
    s->frames++;
    s->line_ = after;
    if ((b && matches_end_pattern(k, b)) || (k->r->count > 0 && s->frames >= k->r->count))
        return finish_reply(s, after);
    return DUALPIPE_SCAN_MORE;
}

static enum dualpipe_scan_result classify_frame(const struct frame_scan *k,
                                                const struct dualpipe_frame_view *b, size_t after) {
    struct dualpipe_scan *s = k->s;
    struct span id;
    enum dualpipe_scan_result judged = rule_classify_frame(k->r, b->data, b->size, &id, k->starved);
    if (judged == DUALPIPE_SCAN_MORE)
        return accept_frame(k, b, after);
    if (judged == DUALPIPE_SCAN_NOTIFICATION)
        return skip_frame(s, after, judged);
    s->id_offset = (size_t)(b->data - k->p) + id.start;
    s->id_size = id.end - id.start;
    return judged == DUALPIPE_SCAN_COMPLETE ? finish_reply(s, after) : skip_frame(s, after, judged);
}

/* A packet that is as long as one of the special ones may not be the same bytes. */
static bool needs_whole_packet(const dualpipe_rule *r, size_t size) {
    return r->kind == DUALPIPE_FRAME_PKTLINE && size == 8;
}

/* Whether frames are the reply's whatever their bodies are. */
static bool accepts_any_body(const dualpipe_rule *r) {
    return r->end_patterns.count == 0 && r->notifications.count == 0 && !rule_matches_by_id(r);
}

/* The rest of a frame of which some has been passed on. */
static enum dualpipe_scan_result stream_frame(const struct frame_scan *k) {
    struct dualpipe_scan *s = k->s;
    size_t there = k->n - s->line_, end;
    if (there < s->lines_[0]) {
        s->lines_[0] -= there;
        s->line_ = k->n;
        if (k->behind & DUALPIPE_SCAN_EOF)
            return frame_fail(k, k->n, DUALPIPE_SCAN_BAD_FRAME);
        s->state_ |= AMID;
        return need_more(s, k->n, DUALPIPE_SCAN_MORE);
    }
    end = s->line_ + s->lines_[0];
    if (k->r->kind == DUALPIPE_FRAME_NETSTRING && k->p[end - 1] != ',') {
        s->line_ = end - 1;
        s->lines_[0] = 1;
        return frame_fail(k, end - 1, DUALPIPE_SCAN_BAD_FRAME);
    }
    s->state_ &= ~PASSING;
    return accept_frame(k, NULL, end);
}

static enum dualpipe_scan_result begin_streaming(const struct frame_scan *k, size_t size) {
    k->s->state_ |= PASSING;
    k->s->lines_[0] = size;
    return stream_frame(k);
}

/* The last frame is not all there; b is what is known of it. */
static enum dualpipe_scan_result scan_partial_frame(const struct frame_scan *k,
                                                    struct dualpipe_frame_view *b) {
    struct dualpipe_scan *s = k->s;
    bool last = k->behind & DUALPIPE_SCAN_EOF, amid = k->n > s->line_;
    if (amid && b->frame_size > 0 && accepts_any_body(k->r) &&
        !needs_whole_packet(k->r, b->frame_size))
        return begin_streaming(k, b->frame_size);
    if (amid && last && k->r->kind == DUALPIPE_FRAME_NUL) {
        enum dualpipe_scan_result taken = classify_frame(k, b, k->n);
        if (taken != DUALPIPE_SCAN_MORE)
            return taken;
    } else if (amid && last) {
        return frame_fail(k, k->n, DUALPIPE_SCAN_BAD_FRAME);
    }
    if (last && k->r->until_eof)
        return finish_reply(s, k->n);
    s->state_ |= amid ? AMID : 0;
    return need_more(s, s->line_, DUALPIPE_SCAN_MORE);
}

/* Where in a malformed frame: what stands for a netstring's comma, else its beginning. */
static size_t fault_offset(const dualpipe_rule *r, const struct dualpipe_frame_view *b) {
    return r->kind == DUALPIPE_FRAME_NETSTRING && b->frame_size > 0 ? b->frame_size - 1 : 0;
}

static enum dualpipe_scan_result scan_whole_frames(const struct frame_scan *k) {
    struct dualpipe_scan *s = k->s;
    size_t max = s->max_frame > 0 ? s->max_frame : SIZE_MAX;
    for (;;) {
        struct dualpipe_frame_view b = {.scanned = s->seen_};
        const char *p = k->p + s->line_;
        enum dualpipe_scan_result taken;
        ssize_t used = 0;
        if (s->line_ < k->n)
            used = dualpipe_frame_decode(k->r->kind, p, k->n - s->line_, max, &b);
        s->seen_ = b.scanned;
        if (used == -EMSGSIZE)
            return frame_fail(k, s->line_, DUALPIPE_SCAN_TOO_LONG);
        if (used < 0 && fault_offset(k->r, &b) > 0 && accepts_any_body(k->r))
            return begin_streaming(k, b.frame_size); /* up to there */
        if (used < 0)
            return frame_fail(k, s->line_ + fault_offset(k->r, &b), DUALPIPE_SCAN_BAD_FRAME);
        if (used == 0)
            return scan_partial_frame(k, &b);
        taken = classify_frame(k, &b, s->line_ + (size_t)used);
        if (taken != DUALPIPE_SCAN_MORE)
            return taken;
    }
}

enum dualpipe_scan_result rule_scan_frames(const dualpipe_rule *r, struct dualpipe_scan *s,
                                           const char *p, size_t n, int behind, bool *starved) {
    struct frame_scan k = {r, s, p, n, behind, starved};
    enum dualpipe_scan_result taken = DUALPIPE_SCAN_MORE;
    begin_call(s);
    s->state_ &= ~AMID;
    if (r->count < 0)
        return finish_reply(s, s->next);
    if (s->state_ & PASSING)
        taken = stream_frame(&k);
    return taken == DUALPIPE_SCAN_MORE && !(s->state_ & PASSING) ? scan_whole_frames(&k) : taken;
}
