/* rule_scan_frames.c: finds the end of a reply in frames that are neither lines nor raw bytes.
 *
 * Called by dualpipe_rule_scan(). Each frame is classified once, when all of it has come. If no
 * rule looks at the bodies, a frame is streamed instead: its bytes are delivered as they come, and
 * only the number of bytes left is kept, so a frame of any size needs no memory.
 *
 * The progress lies in struct scan_state, with offsets relative to the bytes of the current
 * call: line is where the current frame begins, or where its undelivered rest begins while it is
 * streamed, lines[0] the number of bytes left of a streamed frame, lines[1] the bytes of lines that
 * were skipped before the current frame with a header, seen what the decoder has scanned, flags
 * the flags below. Bytes in from..to are certainly part of the reply. On a
 * malformed frame everything before it is delivered, and id_offset and id_size point at the bytes
 * that are wrong. */
#include "codec/rule.h"
#include "codec/scan_state.h"
#include "codec/frame.h"
#include "codec/rule_scan_frames.h"
#include <errno.h>

/* Bits of scan_state.flags: the scan has begun; a frame is being streamed; a part of a frame is
 * there. */
enum { BEGUN = 1, STREAMING = 2, IN_FRAME = 4 };

/* The most bytes of lines between two frames: more are no log, but another protocol. */
enum { MAX_BETWEEN = 65536 };

/* One call of the scanner. */
struct frame_scan {
    const dualpipe_rule *rule;
    struct dualpipe_scan *s;
    struct scan_state *st; /* of s */
    const char *p;
    size_t n;
    int input_state;
};

bool rule_scan_frames_in_frame(const struct dualpipe_scan *s) {
    return scan_state_const(s)->flags & IN_FRAME;
}

/* Makes the offsets relative to the new bytes, which begin where the last call consumed up to. */
static void begin_call(struct dualpipe_scan *s) {
    struct scan_state *st = scan_state(s);
    if (!(st->flags & BEGUN)) {
        st->flags = BEGUN;
        st->left = SIZE_MAX;
    }
    st->line -= s->consumed;
    s->next -= s->consumed;
    s->from = s->to = s->next;
    s->consumed = s->id_offset = s->id_size = 0;
    s->matched = -1;
}

static enum dualpipe_scan_result finish_reply(struct dualpipe_scan *s, size_t next) {
    s->to = s->next = s->consumed = next;
    return DUALPIPE_SCAN_COMPLETE;
}

/* Delivers everything before `to` and returns `why`. */
static enum dualpipe_scan_result need_more(struct dualpipe_scan *s, size_t to,
                                           enum dualpipe_scan_result why) {
    s->to = s->next = s->consumed = to;
    return why;
}

/* Delivers what precedes the current frame and cuts the frame itself out of the reply. */
static enum dualpipe_scan_result skip_frame(struct dualpipe_scan *s, size_t after,
                                            enum dualpipe_scan_result kind) {
    struct scan_state *st = scan_state(s);
    s->to = st->line;
    s->next = st->line = after;
    return kind;
}

/* Fails with `what`: the wrong bytes begin at `at`. */
static enum dualpipe_scan_result frame_fail(const struct frame_scan *fs, size_t at,
                                            enum dualpipe_scan_result what) {
    fs->s->id_offset = at;
    fs->s->id_size = fs->n - at;
    return need_more(fs->s, fs->st->line, what);
}

static bool matches_end_pattern(const struct frame_scan *fs, const struct dualpipe_frame_view *b) {
    for (int i = 0; i < fs->rule->end_patterns.count; i++)
        if (regex_matches(&fs->rule->end_patterns.items[i], b->data, b->size)) {
            fs->s->matched = i;
            return true;
        }
    return false;
}

/* Counts a frame of the reply, which ends at `after`, and checks the rules. b is NULL for a
 * streamed frame. */
static enum dualpipe_scan_result accept_frame(const struct frame_scan *fs,
                                              const struct dualpipe_frame_view *b, size_t after) {
    struct dualpipe_scan *s = fs->s;
    struct scan_state *st = fs->st;
    s->frames++;
    st->line = after;
    st->lines[1] = 0;
    if ((b && matches_end_pattern(fs, b)) || (fs->rule->count > 0 && s->frames >= fs->rule->count))
        return finish_reply(s, after);
    return DUALPIPE_SCAN_MORE;
}

static enum dualpipe_scan_result classify_frame(const struct frame_scan *fs,
                                                const struct dualpipe_frame_view *b, size_t after) {
    struct dualpipe_scan *s = fs->s;
    struct span id;
    enum dualpipe_scan_result kind = rule_classify_frame(fs->rule, b->data, b->size, &id);
    if (kind == DUALPIPE_SCAN_MORE)
        return accept_frame(fs, b, after);
    fs->st->lines[1] = 0;
    if (kind == DUALPIPE_SCAN_NOTIFICATION)
        return skip_frame(s, after, kind);
    s->id_offset = (size_t)(b->data - fs->p) + id.start;
    s->id_size = id.end - id.start;
    return kind == DUALPIPE_SCAN_COMPLETE ? finish_reply(s, after) : skip_frame(s, after, kind);
}

/* A packet as long as a special one must be complete before it can be checked not to be one. */
static bool needs_whole_packet(const dualpipe_rule *r, size_t size) {
    return r->kind == DUALPIPE_FRAME_PKTLINE && size == 8;
}

/* Whether no rule looks at the bodies, so that frames can be streamed. */
static bool accepts_any_body(const dualpipe_rule *r) {
    return r->end_patterns.count == 0 && r->notifications.count == 0 && !rule_matches_by_id(r);
}

/* Delivers the bytes that have come of a frame that is being streamed. */
static enum dualpipe_scan_result stream_frame(const struct frame_scan *fs) {
    struct dualpipe_scan *s = fs->s;
    struct scan_state *st = fs->st;
    size_t available = fs->n - st->line, end;
    if (available < st->lines[0]) {
        st->lines[0] -= available;
        st->line = fs->n;
        if (fs->input_state & DUALPIPE_SCAN_EOF)
            return frame_fail(fs, fs->n, DUALPIPE_SCAN_BAD_FRAME);
        st->flags |= IN_FRAME;
        return need_more(s, fs->n, DUALPIPE_SCAN_MORE);
    }
    end = st->line + st->lines[0];
    if (fs->rule->kind == DUALPIPE_FRAME_NETSTRING && fs->p[end - 1] != ',') {
        st->line = end - 1;
        st->lines[0] = 1;
        return frame_fail(fs, end - 1, DUALPIPE_SCAN_BAD_FRAME);
    }
    st->flags &= ~STREAMING;
    return accept_frame(fs, NULL, end);
}

static enum dualpipe_scan_result begin_streaming(const struct frame_scan *fs, size_t size) {
    fs->st->flags |= STREAMING;
    fs->st->lines[0] = size;
    return stream_frame(fs);
}

/* Handles a last frame that is not complete; b is what the decoder knows of it. */
static enum dualpipe_scan_result scan_partial_frame(const struct frame_scan *fs,
                                                    struct dualpipe_frame_view *b) {
    struct dualpipe_scan *s = fs->s;
    struct scan_state *st = fs->st;
    bool at_eof = fs->input_state & DUALPIPE_SCAN_EOF, in_frame = fs->n > st->line;
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
    st->flags |= in_frame ? IN_FRAME : 0;
    return need_more(s, st->line, DUALPIPE_SCAN_MORE);
}

/* Offset of the wrong byte in a malformed frame: where the comma of a netstring should be, else its
 * start. */
static size_t fault_offset(const dualpipe_rule *r, const struct dualpipe_frame_view *b) {
    return r->kind == DUALPIPE_FRAME_NETSTRING && b->frame_size > 0 ? b->frame_size - 1 : 0;
}

/* Handles bytes that are no frame: a line that may stand before a frame with a header is skipped;
 * an empty one without a word, as an echo is. */
static enum dualpipe_scan_result scan_between_frames(const struct frame_scan *fs,
                                                     const struct dualpipe_frame_view *b) {
    struct scan_state *st = fs->st;
    enum frame_between between = FRAME_BETWEEN_BAD;
    size_t size = 0;
    if (fs->rule->kind == DUALPIPE_FRAME_HEADER)
        between = frame_line_between(fs->p + st->line, fs->n - st->line, &size);
    if (between == FRAME_BETWEEN_MORE)
        return scan_partial_frame(fs, &(struct dualpipe_frame_view){0});
    if (between == FRAME_BETWEEN_BAD || (st->lines[1] += size) > MAX_BETWEEN)
        return frame_fail(fs, st->line + fault_offset(fs->rule, b), DUALPIPE_SCAN_BAD_FRAME);
    return skip_frame(fs->s, st->line + size,
                      between == FRAME_BETWEEN_EMPTY ? DUALPIPE_SCAN_ECHO
                                                     : DUALPIPE_SCAN_NOTIFICATION);
}

static enum dualpipe_scan_result scan_whole_frames(const struct frame_scan *fs) {
    struct dualpipe_scan *s = fs->s;
    struct scan_state *st = fs->st;
    size_t max = s->max_frame > 0 ? s->max_frame : SIZE_MAX;
    for (;;) {
        struct dualpipe_frame_view b = {.scanned = st->seen};
        const char *p = fs->p + st->line;
        enum dualpipe_scan_result result;
        ssize_t used = 0;
        if (st->line < fs->n)
            used = dualpipe_frame_decode(fs->rule->kind, p, fs->n - st->line, max, &b);
        st->seen = b.scanned;
        if (used == -EMSGSIZE)
            return frame_fail(fs, st->line, DUALPIPE_SCAN_TOO_LONG);
        if (used < 0 && fault_offset(fs->rule, &b) > 0 && accepts_any_body(fs->rule))
            return begin_streaming(fs, b.frame_size); /* deliver what precedes the missing comma */
        if (used < 0)
            return scan_between_frames(fs, &b);
        if (used == 0)
            return scan_partial_frame(fs, &b);
        result = classify_frame(fs, &b, st->line + (size_t)used);
        if (result != DUALPIPE_SCAN_MORE)
            return result;
    }
}

enum dualpipe_scan_result rule_scan_frames(const dualpipe_rule *r, struct dualpipe_scan *s,
                                           const char *p, size_t n, int input_state) {
    struct scan_state *st = scan_state(s);
    struct frame_scan fs = {r, s, st, p, n, input_state};
    enum dualpipe_scan_result result = DUALPIPE_SCAN_MORE;
    begin_call(s);
    st->flags &= ~IN_FRAME;
    if (r->count < 0)
        return finish_reply(s, s->next);
    if (st->flags & STREAMING)
        result = stream_frame(&fs);
    return result == DUALPIPE_SCAN_MORE && !(st->flags & STREAMING) ? scan_whole_frames(&fs)
                                                                    : result;
}
