/* rule_scan_frames.c: where a reply ends in frames that are neither lines nor bytes. Each is judged
 * once, when it is all there; one that nothing judges is passed on as it comes. */
#include "codec/rule.h"
#include "codec/rule_scan_frames.h"
#include <errno.h>

enum { BEGUN = 1, STREAMING = 2, IN_FRAME = 4 };

/* One call. In s, line_ is where the frame begins, or, of one that is passed on, what is left of
 * it: lines_[0] bytes. seen_ is what unframing has seen. */
struct frame_scan {
    const dualpipe_rule *rule;
    struct dualpipe_scan *s;
    const char *p;
    size_t n;
    int input_state;
    bool *nomem;
};

bool rule_scan_frames_in_frame(const struct dualpipe_scan *s) {
    return s->state_ & IN_FRAME;
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
static enum dualpipe_scan_result frame_fail(const struct frame_scan *fs, size_t at,
                                            enum dualpipe_scan_result what) {
    fs->s->id_offset = at;
    fs->s->id_size = fs->n - at;
    return need_more(fs->s, fs->s->line_, what);
}

static bool matches_end_pattern(const struct frame_scan *fs, const struct dualpipe_frame_view *b) {
    for (int i = 0; i < fs->rule->end_patterns.count; i++)
        if (regex_matches(&fs->rule->end_patterns.items[i], b->data, b->size, fs->nomem)) {
            fs->s->matched = i;
            return true;
        }
    return false;
}

/* The frame ends at after, and is part of the reply. */
static enum dualpipe_scan_result accept_frame(const struct frame_scan *fs,
                                              const struct dualpipe_frame_view *b, size_t after) {
    struct dualpipe_scan *s = fs->s;
    s->frames++;
    s->line_ = after;
    if ((b && matches_end_pattern(fs, b)) || (fs->rule->count > 0 && s->frames >= fs->rule->count))
        return finish_reply(s, after);
    return DUALPIPE_SCAN_MORE;
}

static enum dualpipe_scan_result classify_frame(const struct frame_scan *fs,
                                                const struct dualpipe_frame_view *b, size_t after) {
    struct dualpipe_scan *s = fs->s;
    struct span id;
    enum dualpipe_scan_result kind =
        rule_classify_frame(fs->rule, b->data, b->size, &id, fs->nomem);
    if (kind == DUALPIPE_SCAN_MORE)
        return accept_frame(fs, b, after);
    if (kind == DUALPIPE_SCAN_NOTIFICATION)
        return skip_frame(s, after, kind);
    s->id_offset = (size_t)(b->data - fs->p) + id.start;
    s->id_size = id.end - id.start;
    return kind == DUALPIPE_SCAN_COMPLETE ? finish_reply(s, after) : skip_frame(s, after, kind);
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
static enum dualpipe_scan_result stream_frame(const struct frame_scan *fs) {
    struct dualpipe_scan *s = fs->s;
    size_t available = fs->n - s->line_, end;
    if (available < s->lines_[0]) {
        s->lines_[0] -= available;
        s->line_ = fs->n;
        if (fs->input_state & DUALPIPE_SCAN_EOF)
            return frame_fail(fs, fs->n, DUALPIPE_SCAN_BAD_FRAME);
        s->state_ |= IN_FRAME;
        return need_more(s, fs->n, DUALPIPE_SCAN_MORE);
    }
    end = s->line_ + s->lines_[0];
    if (fs->rule->kind == DUALPIPE_FRAME_NETSTRING && fs->p[end - 1] != ',') {
        s->line_ = end - 1;
        s->lines_[0] = 1;
        return frame_fail(fs, end - 1, DUALPIPE_SCAN_BAD_FRAME);
    }
    s->state_ &= ~STREAMING;
    return accept_frame(fs, NULL, end);
}

static enum dualpipe_scan_result begin_streaming(const struct frame_scan *fs, size_t size) {
    fs->s->state_ |= STREAMING;
    fs->s->lines_[0] = size;
    return stream_frame(fs);
}

/* The last frame is not all there; b is what is known of it. */
static enum dualpipe_scan_result scan_partial_frame(const struct frame_scan *fs,
                                                    struct dualpipe_frame_view *b) {
    struct dualpipe_scan *s = fs->s;
    bool at_eof = fs->input_state & DUALPIPE_SCAN_EOF, in_frame = fs->n > s->line_;
    if (in_frame && b->frame_size > 0 && accepts_any_body(fs->rule) &&
        !needs_whole_packet(fs->rule, b->frame_size))
        return begin_streaming(fs, b->frame_size);
    if (in_frame && at_eof && fs->rule->kind == DUALPIPE_FRAME_NUL) {
        enum dualpipe_scan_result result = classify_frame(fs, b, fs->n);
        if (result != DUALPIPE_SCAN_MORE)
            return result;
    } else if (in_frame && at_eof) {
        return frame_fail(fs, fs->n, DUALPIPE_SCAN_BAD_FRAME);
    }
    if (at_eof && fs->rule->until_eof)
        return finish_reply(s, fs->n);
    s->state_ |= in_frame ? IN_FRAME : 0;
    return need_more(s, s->line_, DUALPIPE_SCAN_MORE);
}

/* Where in a malformed frame: what stands for a netstring's comma, else its beginning. */
static size_t fault_offset(const dualpipe_rule *r, const struct dualpipe_frame_view *b) {
    return r->kind == DUALPIPE_FRAME_NETSTRING && b->frame_size > 0 ? b->frame_size - 1 : 0;
}

static enum dualpipe_scan_result scan_whole_frames(const struct frame_scan *fs) {
    struct dualpipe_scan *s = fs->s;
    size_t max = s->max_frame > 0 ? s->max_frame : SIZE_MAX;
    for (;;) {
        struct dualpipe_frame_view b = {.scanned = s->seen_};
        const char *p = fs->p + s->line_;
        enum dualpipe_scan_result result;
        ssize_t used = 0;
        if (s->line_ < fs->n)
            used = dualpipe_frame_decode(fs->rule->kind, p, fs->n - s->line_, max, &b);
        s->seen_ = b.scanned;
        if (used == -EMSGSIZE)
            return frame_fail(fs, s->line_, DUALPIPE_SCAN_TOO_LONG);
        if (used < 0 && fault_offset(fs->rule, &b) > 0 && accepts_any_body(fs->rule))
            return begin_streaming(fs, b.frame_size); /* up to there */
        if (used < 0)
            return frame_fail(fs, s->line_ + fault_offset(fs->rule, &b), DUALPIPE_SCAN_BAD_FRAME);
        if (used == 0)
            return scan_partial_frame(fs, &b);
        result = classify_frame(fs, &b, s->line_ + (size_t)used);
        if (result != DUALPIPE_SCAN_MORE)
            return result;
    }
}

enum dualpipe_scan_result rule_scan_frames(const dualpipe_rule *r, struct dualpipe_scan *s,
                                           const char *p, size_t n, int input_state, bool *nomem) {
    struct frame_scan fs = {r, s, p, n, input_state, nomem};
    enum dualpipe_scan_result result = DUALPIPE_SCAN_MORE;
    begin_call(s);
    s->state_ &= ~IN_FRAME;
    if (r->count < 0)
        return finish_reply(s, s->next);
    if (s->state_ & STREAMING)
        result = stream_frame(&fs);
    return result == DUALPIPE_SCAN_MORE && !(s->state_ & STREAMING) ? scan_whole_frames(&fs)
                                                                    : result;
}
