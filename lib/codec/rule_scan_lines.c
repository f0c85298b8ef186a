/* rule_scan_lines.c: where a reply ends in bytes as they come. Each line is judged once, when its end has
 * come; only what a prompt may still cut off is looked at again, and that is bounded. */
#include "codec/rule.h"
#include <string.h>

/* state_: in its low bits how many of lines_ are known. */
enum { KNOWN = 15, BEGUN = 16, BODY = 32, LINE_END = 64, AT_FENCE = 128 };
enum { WINDOW = 4096 }; /* of a prompt */
#define NO_LIMIT SIZE_MAX

/* One call. In s, line_ is where the unfinished line begins, or the bytes that are only counted;
 * left_ bytes of the reply are to come from there; seen_ is how far line ends were looked for. */
struct line_scan {
    const dualpipe_rule *r;
    struct dualpipe_scan *s;
    const char *p;
    size_t n;
    int behind;
    bool *starved; /* no memory was left to tell whether a pattern matches */
};

bool rule_scan_lines_at_fence(const struct dualpipe_scan *s) {
    return s->state_ & AT_FENCE;
}

static void begin_call(const dualpipe_rule *r, struct dualpipe_scan *s) {
    if (!(s->state_ & BEGUN)) {
        s->state_ |= BEGUN;
        s->left_ = r->bytes ? r->bytes : NO_LIMIT;
    }
    for (int i = s->state_ & KNOWN; i-- > 0;)
        s->lines_[i] -= s->consumed;
    s->line_ -= s->consumed;
    s->seen_ -= s->consumed;
    s->next -= s->consumed;
    s->from = s->to = s->next;
    s->consumed = s->id_offset = s->id_size = 0;
    s->matched = -1;
}

static enum dualpipe_scan_result finish_reply(struct dualpipe_scan *s, size_t to, size_t next) {
    s->to = to;
    s->next = s->consumed = next;
    return DUALPIPE_SCAN_COMPLETE;
}

/* --- what waits -------------------------------------------------------------------------- */

/* Where the last lines begin that the prompt is held against, if the reply ended at end. */
static size_t prompt_window(const struct line_scan *k, size_t end) {
    size_t least = end - k->s->next > WINDOW ? end - WINDOW : k->s->next, at = end;
    for (int i = k->r->prompt.items->newlines; i >= 0 && at > least; i--)
        for (at--; at > least && k->p[at - 1] != '\n';)
            at--;
    return at;
}

/* What a prompt may still cut off: also one that is followed by a frame in the making that may
 * turn out to answer nothing. */
static size_t prompt_hold(const struct line_scan *k) {
    size_t line = k->s->line_;
    size_t from =
        k->r->notifications.count > 0 && line > k->s->next ? prompt_window(k, line) : k->n;
    return k->n - from <= WINDOW && from < k->n ? from : prompt_window(k, k->n);
}

static size_t strip_cr(const struct line_scan *k, size_t from, size_t end) {
    return end - (k->r->kind == DUALPIPE_FRAME_CRLF && end > from && k->p[end - 1] == '\r');
}

/* What is sure by now may go, but for the lines that a pattern of until still needs. */
static enum dualpipe_scan_result need_more(const struct line_scan *k) {
    struct dualpipe_scan *s = k->s;
    int known = s->state_ & KNOWN;
    bool holds_prompt = k->r->prompt.count > 0 && !(k->behind & DUALPIPE_SCAN_EOF);
    size_t held = holds_prompt ? prompt_hold(k) : k->n;
    size_t sure = k->r->holds_partial_line && s->line_ < held ? s->line_ : held;
    s->to = s->next = s->consumed = sure;
    if (known > 0 && s->lines_[known - 1] < sure)
        s->consumed = s->lines_[known - 1];
    if (holds_prompt && s->consumed > 0 && k->p[s->consumed - 1] != '\n')
        s->consumed--; /* it tells that the window does not begin a line */
    if (s->line_ < s->consumed)
        s->line_ = s->consumed;
    return DUALPIPE_SCAN_MORE;
}

static void pass_line(const struct line_scan *k, size_t after) {
    struct dualpipe_scan *s = k->s;
    int known = s->state_ & KNOWN;
    if (k->r->lookback_lines > 0) {
        if (known < k->r->lookback_lines)
            s->state_++, known++;
        for (int i = known - 1; i > 0; i--)
            s->lines_[i] = s->lines_[i - 1];
        s->lines_[0] = s->line_;
    }
    s->line_ = s->seen_ = after;
}

static enum dualpipe_scan_result skip_line(const struct line_scan *k, size_t after,
                                           enum dualpipe_scan_result kind) {
    k->s->to = k->s->line_;
    k->s->next = after;
    pass_line(k, after);
    return kind;
}

/* --- bytes that are counted -------------------------------------------------------------- */

static enum dualpipe_scan_result scan_counted_bytes(const struct line_scan *k) {
    struct dualpipe_scan *s = k->s;
    size_t there = k->n - s->line_, end = s->line_ + s->left_;
    bool last = k->behind & DUALPIPE_SCAN_EOF;
    if (there > s->left_ || (there == s->left_ && (last || !(s->state_ & LINE_END)))) {
        if (s->state_ & LINE_END && end < k->n && k->p[end] == '\n')
            end++;
        return finish_reply(s, end, end);
    }
    if (s->left_ != NO_LIMIT)
        s->left_ -= there;
    s->to = s->next = s->consumed = s->line_ = s->seen_ = k->n;
    return last && k->r->until_eof ? DUALPIPE_SCAN_COMPLETE : DUALPIPE_SCAN_MORE;
}

/* A number that can't be held is never reached. */
static size_t units_parse_number(const char *p, size_t n) {
    size_t number = 0;
    for (size_t i = 0; i < n; i++) {
        if (number > SIZE_MAX / 2 / 10)
            return NO_LIMIT - 1;
        number = number * 10 + (size_t)(p[i] - '0');
    }
    return number;
}

/* What the first line counts is bytes: no line of them is judged. */
static enum dualpipe_scan_result scan_length_line(const struct line_scan *k, size_t end,
                                                  size_t after) {
    struct dualpipe_scan *s = k->s;
    const char *line = k->p + s->line_;
    struct span group;
    size_t body;
    if (!regex_group(k->r->length.items, line, end - s->line_, &group, k->starved) ||
        group.start == group.end)
        return finish_reply(s, after, after);
    for (size_t i = group.start; i < group.end; i++)
        if (line[i] < '0' || line[i] > '9')
            return finish_reply(s, after, after);
    body = units_parse_number(line + group.start, group.end - group.start);
    if (s->left_ != NO_LIMIT)
        s->left_ -= after - s->line_;
    s->state_ |= BODY;
    if (body < s->left_) {
        s->left_ = body;
        s->state_ |= LINE_END;
    }
    s->line_ = after;
    return scan_counted_bytes(k);
}

/* --- lines ------------------------------------------------------------------------------- */

/* The line that ends at end is the last of what the patterns are held against. */
static bool matches_end_pattern(const struct line_scan *k, size_t end) {
    int known = k->s->state_ & KNOWN;
    for (int i = 0; i < k->r->end_patterns.count; i++) {
        const struct regex *pattern = &k->r->end_patterns.items[i];
        int before = pattern->newlines < known ? pattern->newlines : known;
        size_t from = before > 0 ? k->s->lines_[before - 1] : k->s->line_;
        if (regex_matches(pattern, k->p + from, end - from, k->starved)) {
            k->s->matched = i;
            return true;
        }
    }
    return false;
}

static long frames_wanted(const struct line_scan *k) {
    return k->s->replies > 1 ? k->r->count * k->s->replies : k->r->count;
}

static enum dualpipe_scan_result accept_line(const struct line_scan *k, size_t end, size_t after) {
    struct dualpipe_scan *s = k->s;
    s->frames++;
    if (matches_end_pattern(k, end) || (k->r->count > 0 && s->frames >= frames_wanted(k)))
        return finish_reply(s, after, after);
    if (k->r->length.count > 0)
        return scan_length_line(k, end, after);
    if (s->left_ != NO_LIMIT && (s->left_ -= after - s->line_) == 0)
        return finish_reply(s, after, after);
    pass_line(k, after);
    return DUALPIPE_SCAN_MORE;
}

/* The end of the prompt's match is the end of the text, or stands before its last line end. */
static bool find_final_prompt(const struct line_scan *k, const char *text, size_t n, bool mid_line,
                              size_t *start) {
    struct span m;
    for (size_t at = 0; at <= n; at += m.start + 1) {
        bool inside = at > 0 ? text[at - 1] != '\n' : mid_line;
        if (!regex_find(k->r->prompt.items, text + at, n - at, inside, &m, k->starved))
            return false;
        *start = at + m.start;
        if (at + m.end == n || (at + m.end + 1 == n && text[n - 1] == '\n'))
            return true;
    }
    return false;
}

static bool find_prompt(const struct line_scan *k, size_t end, size_t *cut) {
    size_t from = prompt_window(k, end), n = end - from;
    const char *text = k->p + from;
    bool mid_line = from > 0 && text[-1] != '\n', found;
    if (n == 0)
        return false;
    found = find_final_prompt(k, text, n, mid_line, cut) ||
            (n > 1 && text[n - 2] == '\r' && text[n - 1] == '\n' &&
             find_final_prompt(k, text, n - 2, mid_line, cut));
    *cut += from;
    return found;
}

/* The line between line and end, without its line end, and without the CR of one. */
static enum fence_match match_fence(const struct line_scan *k, size_t line, size_t end,
                                    bool finished, size_t *to) {
    const char *token = k->s->token;
    size_t bare = end - (finished && end > line && k->p[end - 1] == '\r'), n;
    enum fence_match judged;
    if (!k->r->fence.text || !token || !*token)
        return FENCE_NONE;
    judged = fence_match_line(&k->r->fence, token, k->p + line, bare - line, &n);
    *to = bare - n;
    return judged;
}

enum { NO, YES, PERHAPS };

/* Whether frames that answer nothing are all there is from a line's begin on. */
static int only_notifications_follow(const struct line_scan *k, size_t from) {
    while (from < k->n) {
        const char *line = k->p + from, *lf = memchr(line, '\n', k->n - from);
        size_t size = lf ? (size_t)(lf - line) : k->n - from, to;
        struct span id;
        if (size >= k->s->left_)
            return NO;
        if (!lf && !(k->behind & DUALPIPE_SCAN_EOF))
            return PERHAPS;
        if (match_fence(k, from, from + size, lf != NULL, &to) != FENCE_NONE ||
            rule_classify_frame(k->r, line, strip_cr(k, from, from + size) - from, &id,
                                k->starved) == DUALPIPE_SCAN_MORE)
            return NO;
        from += size + (lf != NULL);
    }
    return k->behind ? YES : PERHAPS;
}

/* A prompt is the end of what has come though frames that answer nothing stand behind it. */
static enum dualpipe_scan_result skip_notification(const struct line_scan *k, size_t after) {
    struct dualpipe_scan *s = k->s;
    size_t cut, line = s->line_;
    int only = NO;
    if (k->r->prompt.count > 0 && k->n - prompt_window(k, line) <= WINDOW &&
        find_prompt(k, line, &cut))
        only = only_notifications_follow(k, after);
    if (only == NO)
        return skip_line(k, after, DUALPIPE_SCAN_NOTIFICATION);
    if (only == YES)
        return finish_reply(s, cut, line);
    s->seen_ = line;
    return DUALPIPE_SCAN_MORE;
}

static enum dualpipe_scan_result classify_line(const struct line_scan *k, size_t end,
                                               size_t after) {
    struct dualpipe_scan *s = k->s;
    struct span id;
    enum dualpipe_scan_result judged =
        rule_classify_frame(k->r, k->p + s->line_, end - s->line_, &id, k->starved);
    if (judged == DUALPIPE_SCAN_MORE)
        return accept_line(k, end, after);
    if (judged == DUALPIPE_SCAN_NOTIFICATION)
        return skip_notification(k, after);
    s->id_offset = s->line_ + id.start;
    s->id_size = id.end - id.start;
    return judged == DUALPIPE_SCAN_COMPLETE ? finish_reply(s, after, after)
                                            : skip_line(k, after, judged);
}

/* The line from line_ to end, its line end, if it has one, between end and after. */
static enum dualpipe_scan_result scan_line(const struct line_scan *k, size_t end, size_t after) {
    const dualpipe_rule *r = k->r;
    struct dualpipe_scan *s = k->s;
    size_t to;
    switch (match_fence(k, s->line_, end, after > end, &to)) {
    case FENCE_ECHO: return skip_line(k, after, DUALPIPE_SCAN_ECHO);
    case FENCE_END: s->state_ |= AT_FENCE; return finish_reply(s, to, after);
    case FENCE_NONE: break;
    }
    return r->notifications.count > 0 || rule_matches_by_id(r) ? classify_line(k, end, after)
                                                               : accept_line(k, end, after);
}

/* At the end of what there is: a prompt, or a last line without its end. */
static enum dualpipe_scan_result scan_partial_line(const struct line_scan *k) {
    struct dualpipe_scan *s = k->s;
    size_t cut, size = k->n - s->line_;
    struct span id;
    if (k->r->prompt.count > 0 && find_prompt(k, k->n, &cut))
        return finish_reply(s, cut, k->n);
    if (size > 0 && (k->behind & DUALPIPE_SCAN_EOF)) {
        enum dualpipe_scan_result taken = scan_line(k, k->n, k->n);
        if (taken != DUALPIPE_SCAN_MORE || s->state_ & BODY)
            return taken;
    } else if (k->r->match_partial_line && size > 0 && size <= WINDOW &&
               rule_classify_frame(k->r, k->p + s->line_, size, &id, k->starved) ==
                   DUALPIPE_SCAN_MORE &&
               matches_end_pattern(k, k->n)) {
        return finish_reply(s, k->n, k->n);
    }
    return k->behind & DUALPIPE_SCAN_EOF && k->r->until_eof ? finish_reply(s, k->n, k->n)
                                                            : need_more(k);
}

static enum dualpipe_scan_result scan_lines(const struct line_scan *k) {
    struct dualpipe_scan *s = k->s;
    for (;;) {
        size_t stop = k->n - s->line_ < s->left_ ? k->n : s->line_ + s->left_, end;
        const char *lf = s->seen_ < stop ? memchr(k->p + s->seen_, '\n', stop - s->seen_) : NULL;
        enum dualpipe_scan_result taken;
        if (!lf) {
            s->seen_ = stop;
            if (stop - s->line_ == s->left_)
                return finish_reply(s, stop, stop);
            return k->behind ? scan_partial_line(k) : need_more(k);
        }
        end = (size_t)(lf - k->p);
        taken = scan_line(k, strip_cr(k, s->line_, end), end + 1);
        if (taken != DUALPIPE_SCAN_MORE || s->state_ & BODY)
            return taken;
        if (s->seen_ <= end)
            return need_more(k);
    }
}

/* By far the commonest rule: nothing but so many lines. */
static enum dualpipe_scan_result scan_counted_lines(const struct line_scan *k) {
    struct dualpipe_scan *s = k->s;
    long wanted = frames_wanted(k), lines;
    size_t n = dualpipe_lines(k->p + s->seen_, k->n - s->seen_, wanted - s->frames, &lines);
    s->frames += lines;
    if (lines > 0)
        s->line_ = s->seen_ += n;
    return s->frames == wanted ? finish_reply(s, s->line_, s->line_) : scan_lines(k);
}

static enum dualpipe_scan_result scan_by_rule(const struct line_scan *k) {
    if (k->r->count < 0)
        return finish_reply(k->s, k->s->next, k->s->next);
    if (k->r->only_bytes || k->s->state_ & BODY)
        return scan_counted_bytes(k);
    return k->r->only_count ? scan_counted_lines(k) : scan_lines(k);
}

enum dualpipe_scan_result dualpipe_rule_scan(const dualpipe_rule *r, struct dualpipe_scan *s,
                                             const char *p, size_t n, int behind) {
    bool starved = false;
    struct line_scan k = {r, s, p, n, behind, &starved};
    enum dualpipe_scan_result taken;
    if (!r->only_count && rule_kind_is_framed(r->kind)) {
        taken = rule_scan_frames(r, s, p, n, behind, &starved);
    } else {
        begin_call(r, s);
        taken = scan_by_rule(&k);
    }
    return starved ? DUALPIPE_SCAN_NOMEM : taken;
}
