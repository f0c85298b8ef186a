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
struct look {
    const dualpipe_rule *r;
    struct dualpipe_scan *s;
    const char *p;
    size_t n;
    int behind;
    bool *starved; /* no memory was left to tell whether a pattern matches */
};

bool scan_at_fence(const struct dualpipe_scan *s) {
    return s->state_ & AT_FENCE;
}

static void begin_call(const dualpipe_rule *r, struct dualpipe_scan *s) {
    if (!(s->state_ & BEGUN)) {
        s->state_ |= BEGUN;
        s->left_ = r->bytes ? r->bytes : NO_LIMIT;
    }
    for (int i = s->state_ & KNOWN; i-- > 0;)
        s->lines_[i] -= s->drop;
    s->line_ -= s->drop;
    s->seen_ -= s->drop;
    s->next -= s->drop;
    s->from = s->to = s->next;
    s->drop = s->id = s->nid = 0;
    s->which = -1;
}

static enum dualpipe_scanned whole(struct dualpipe_scan *s, size_t to, size_t next) {
    s->to = to;
    s->next = s->drop = next;
    return DUALPIPE_WHOLE;
}

/* --- what waits -------------------------------------------------------------------------- */

/* Where the last lines begin that the prompt is held against, if the reply ended at end. */
static size_t prompt_window(const struct look *k, size_t end) {
    size_t least = end - k->s->next > WINDOW ? end - WINDOW : k->s->next, at = end;
    for (int i = k->r->prompt.all->line_ends; i >= 0 && at > least; i--)
        for (at--; at > least && k->p[at - 1] != '\n';)
            at--;
    return at;
}

/* What a prompt may still cut off: also one that is followed by a frame in the making that may
 * turn out to answer nothing. */
static size_t prompt_hold(const struct look *k) {
    size_t line = k->s->line_;
    size_t from = k->r->async.n > 0 && line > k->s->next ? prompt_window(k, line) : k->n;
    return k->n - from <= WINDOW && from < k->n ? from : prompt_window(k, k->n);
}

static size_t without_cr(const struct look *k, size_t from, size_t end) {
    return end - (k->r->kind == DUALPIPE_CRLF && end > from && k->p[end - 1] == '\r');
}

/* What is sure by now may go, but for the lines that a pattern of until still needs. */
static enum dualpipe_scanned more(const struct look *k) {
    struct dualpipe_scan *s = k->s;
    int known = s->state_ & KNOWN;
    bool holds_prompt = k->r->prompt.n > 0 && !(k->behind & DUALPIPE_LAST);
    size_t held = holds_prompt ? prompt_hold(k) : k->n;
    size_t sure = k->r->holds_line && s->line_ < held ? s->line_ : held;
    s->to = s->next = s->drop = sure;
    if (known > 0 && s->lines_[known - 1] < sure)
        s->drop = s->lines_[known - 1];
    if (holds_prompt && s->drop > 0 && k->p[s->drop - 1] != '\n')
        s->drop--; /* it tells that the window does not begin a line */
    if (s->line_ < s->drop)
        s->line_ = s->drop;
    return DUALPIPE_MORE;
}

static void pass_line(const struct look *k, size_t after) {
    struct dualpipe_scan *s = k->s;
    int known = s->state_ & KNOWN;
    if (k->r->lookback > 0) {
        if (known < k->r->lookback)
            s->state_++, known++;
        for (int i = known - 1; i > 0; i--)
            s->lines_[i] = s->lines_[i - 1];
        s->lines_[0] = s->line_;
    }
    s->line_ = s->seen_ = after;
}

static enum dualpipe_scanned cut_line(const struct look *k, size_t after,
                                      enum dualpipe_scanned kind) {
    k->s->to = k->s->line_;
    k->s->next = after;
    pass_line(k, after);
    return kind;
}

/* --- bytes that are counted -------------------------------------------------------------- */

static enum dualpipe_scanned take_bytes(const struct look *k) {
    struct dualpipe_scan *s = k->s;
    size_t there = k->n - s->line_, end = s->line_ + s->left_;
    bool last = k->behind & DUALPIPE_LAST;
    if (there > s->left_ || (there == s->left_ && (last || !(s->state_ & LINE_END)))) {
        if (s->state_ & LINE_END && end < k->n && k->p[end] == '\n')
            end++;
        return whole(s, end, end);
    }
    if (s->left_ != NO_LIMIT)
        s->left_ -= there;
    s->to = s->next = s->drop = s->line_ = s->seen_ = k->n;
    return last && k->r->at_end ? DUALPIPE_WHOLE : DUALPIPE_MORE;
}

/* A number that can't be held is never reached. */
static size_t read_number(const char *p, size_t n) {
    size_t number = 0;
    for (size_t i = 0; i < n; i++) {
        if (number > SIZE_MAX / 2 / 10)
            return NO_LIMIT - 1;
        number = number * 10 + (size_t)(p[i] - '0');
    }
    return number;
}

/* What the first line counts is bytes: no line of them is judged. */
static enum dualpipe_scanned take_length(const struct look *k, size_t end, size_t after) {
    struct dualpipe_scan *s = k->s;
    const char *line = k->p + s->line_;
    struct span group;
    size_t body;
    if (!pattern_group(k->r->length.all, line, end - s->line_, &group, k->starved) ||
        group.from == group.to)
        return whole(s, after, after);
    for (size_t i = group.from; i < group.to; i++)
        if (line[i] < '0' || line[i] > '9')
            return whole(s, after, after);
    body = read_number(line + group.from, group.to - group.from);
    if (s->left_ != NO_LIMIT)
        s->left_ -= after - s->line_;
    s->state_ |= BODY;
    if (body < s->left_) {
        s->left_ = body;
        s->state_ |= LINE_END;
    }
    s->line_ = after;
    return take_bytes(k);
}

/* --- lines ------------------------------------------------------------------------------- */

/* The line that ends at end is the last of what the patterns are held against. */
static bool until_holds(const struct look *k, size_t end) {
    int known = k->s->state_ & KNOWN;
    for (int i = 0; i < k->r->until.n; i++) {
        const struct pattern *pattern = &k->r->until.all[i];
        int before = pattern->line_ends < known ? pattern->line_ends : known;
        size_t from = before > 0 ? k->s->lines_[before - 1] : k->s->line_;
        if (pattern_matches(pattern, k->p + from, end - from, k->starved)) {
            k->s->which = i;
            return true;
        }
    }
    return false;
}

static long frames_wanted(const struct look *k) {
    return k->s->times > 1 ? k->r->count * k->s->times : k->r->count;
}

static enum dualpipe_scanned take_frame(const struct look *k, size_t end, size_t after) {
    struct dualpipe_scan *s = k->s;
    s->frames++;
    if (until_holds(k, end) || (k->r->count > 0 && s->frames >= frames_wanted(k)))
        return whole(s, after, after);
    if (k->r->length.n > 0)
        return take_length(k, end, after);
    if (s->left_ != NO_LIMIT && (s->left_ -= after - s->line_) == 0)
        return whole(s, after, after);
    pass_line(k, after);
    return DUALPIPE_MORE;
}

/* The end of the prompt's match is the end of the text, or stands before its last line end. */
static bool ends_in_prompt(const struct look *k, const char *text, size_t n, bool mid_line,
                           size_t *start) {
    struct span m;
    for (size_t at = 0; at <= n; at += m.from + 1) {
        bool inside = at > 0 ? text[at - 1] != '\n' : mid_line;
        if (!pattern_find(k->r->prompt.all, text + at, n - at, inside, &m, k->starved))
            return false;
        *start = at + m.from;
        if (at + m.to == n || (at + m.to + 1 == n && text[n - 1] == '\n'))
            return true;
    }
    return false;
}

static bool find_prompt(const struct look *k, size_t end, size_t *cut) {
    size_t from = prompt_window(k, end), n = end - from;
    const char *text = k->p + from;
    bool mid_line = from > 0 && text[-1] != '\n', found;
    if (n == 0)
        return false;
    found = ends_in_prompt(k, text, n, mid_line, cut) ||
            (n > 1 && text[n - 2] == '\r' && text[n - 1] == '\n' &&
             ends_in_prompt(k, text, n - 2, mid_line, cut));
    *cut += from;
    return found;
}

/* The line between line and end, without its line end, and without the CR of one. */
static enum fence_line judge_fence(const struct look *k, size_t line, size_t end, bool finished,
                                   size_t *to) {
    const char *token = k->s->token;
    size_t bare = end - (finished && end > line && k->p[end - 1] == '\r'), n;
    enum fence_line judged;
    if (!k->r->fence.text || !token || !*token)
        return FENCE_NONE;
    judged = fence_judge(&k->r->fence, token, k->p + line, bare - line, &n);
    *to = bare - n;
    return judged;
}

enum { NO, YES, PERHAPS };

/* Whether frames that answer nothing are all there is from a line's begin on. */
static int only_async(const struct look *k, size_t from) {
    while (from < k->n) {
        const char *line = k->p + from, *lf = memchr(line, '\n', k->n - from);
        size_t size = lf ? (size_t)(lf - line) : k->n - from, to;
        struct span id;
        if (size >= k->s->left_)
            return NO;
        if (!lf && !(k->behind & DUALPIPE_LAST))
            return PERHAPS;
        if (judge_fence(k, from, from + size, lf != NULL, &to) != FENCE_NONE ||
            rule_judge(k->r, line, without_cr(k, from, from + size) - from, &id, k->starved) ==
                DUALPIPE_MORE)
            return NO;
        from += size + (lf != NULL);
    }
    return k->behind ? YES : PERHAPS;
}

/* A prompt is the end of what has come though frames that answer nothing stand behind it. */
static enum dualpipe_scanned take_async(const struct look *k, size_t after) {
    struct dualpipe_scan *s = k->s;
    size_t cut, line = s->line_;
    int only = NO;
    if (k->r->prompt.n > 0 && k->n - prompt_window(k, line) <= WINDOW && find_prompt(k, line, &cut))
        only = only_async(k, after);
    if (only == NO)
        return cut_line(k, after, DUALPIPE_NOTICE);
    if (only == YES)
        return whole(s, cut, line);
    s->seen_ = line;
    return DUALPIPE_MORE;
}

static enum dualpipe_scanned take_judged(const struct look *k, size_t end, size_t after) {
    struct dualpipe_scan *s = k->s;
    struct span id;
    enum dualpipe_scanned judged = rule_judge(k->r, k->p + s->line_, end - s->line_, &id,
                                                k->starved);
    if (judged == DUALPIPE_MORE)
        return take_frame(k, end, after);
    if (judged == DUALPIPE_NOTICE)
        return take_async(k, after);
    s->id = s->line_ + id.from;
    s->nid = id.to - id.from;
    return judged == DUALPIPE_WHOLE ? whole(s, after, after) : cut_line(k, after, judged);
}

/* The line from line_ to end, its line end, if it has one, between end and after. */
static enum dualpipe_scanned take_line(const struct look *k, size_t end, size_t after) {
    const dualpipe_rule *r = k->r;
    struct dualpipe_scan *s = k->s;
    size_t to;
    switch (judge_fence(k, s->line_, end, after > end, &to)) {
    case FENCE_ECHO: return cut_line(k, after, DUALPIPE_ECHOED);
    case FENCE_END: s->state_ |= AT_FENCE; return whole(s, to, after);
    case FENCE_NONE: break;
    }
    return r->async.n > 0 || rule_by_id(r) ? take_judged(k, end, after) : take_frame(k, end, after);
}

/* At the end of what there is: a prompt, or a last line without its end. */
static enum dualpipe_scanned take_rest(const struct look *k) {
    struct dualpipe_scan *s = k->s;
    size_t cut, size = k->n - s->line_;
    struct span id;
    if (k->r->prompt.n > 0 && find_prompt(k, k->n, &cut))
        return whole(s, cut, k->n);
    if (size > 0 && (k->behind & DUALPIPE_LAST)) {
        enum dualpipe_scanned taken = take_line(k, k->n, k->n);
        if (taken != DUALPIPE_MORE || s->state_ & BODY)
            return taken;
    } else if (k->r->unfinished && size > 0 && size <= WINDOW &&
               rule_judge(k->r, k->p + s->line_, size, &id, k->starved) == DUALPIPE_MORE &&
               until_holds(k, k->n)) {
        return whole(s, k->n, k->n);
    }
    return k->behind & DUALPIPE_LAST && k->r->at_end ? whole(s, k->n, k->n) : more(k);
}

static enum dualpipe_scanned take_lines(const struct look *k) {
    struct dualpipe_scan *s = k->s;
    for (;;) {
        size_t stop = k->n - s->line_ < s->left_ ? k->n : s->line_ + s->left_, end;
        const char *lf = s->seen_ < stop ? memchr(k->p + s->seen_, '\n', stop - s->seen_) : NULL;
        enum dualpipe_scanned taken;
        if (!lf) {
            s->seen_ = stop;
            if (stop - s->line_ == s->left_)
                return whole(s, stop, stop);
            return k->behind ? take_rest(k) : more(k);
        }
        end = (size_t)(lf - k->p);
        taken = take_line(k, without_cr(k, s->line_, end), end + 1);
        if (taken != DUALPIPE_MORE || s->state_ & BODY)
            return taken;
        if (s->seen_ <= end)
            return more(k);
    }
}

/* By far the commonest rule: nothing but so many lines. */
static enum dualpipe_scanned take_count(const struct look *k) {
    struct dualpipe_scan *s = k->s;
    long wanted = frames_wanted(k), lines;
    size_t n = dualpipe_lines(k->p + s->seen_, k->n - s->seen_, wanted - s->frames, &lines);
    s->frames += lines;
    if (lines > 0)
        s->line_ = s->seen_ += n;
    return s->frames == wanted ? whole(s, s->line_, s->line_) : take_lines(k);
}

static enum dualpipe_scanned take(const struct look *k) {
    if (k->r->count < 0)
        return whole(k->s, k->s->next, k->s->next);
    if (k->r->by_bytes || k->s->state_ & BODY)
        return take_bytes(k);
    return k->r->by_count ? take_count(k) : take_lines(k);
}

enum dualpipe_scanned dualpipe_rule_scan(const dualpipe_rule *r, struct dualpipe_scan *s,
                                         const char *p, size_t n, int behind) {
    bool starved = false;
    struct look k = {r, s, p, n, behind, &starved};
    enum dualpipe_scanned taken;
    if (!r->by_count && kind_is_framed(r->kind)) {
        taken = rule_scan_frames(r, s, p, n, behind, &starved);
    } else {
        begin_call(r, s);
        taken = take(&k);
    }
    return starved ? DUALPIPE_STARVED : taken;
}
