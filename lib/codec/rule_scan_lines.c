/* rule_scan_lines.c: finds the end of a reply in lines or counted bytes (dualpipe_rule_scan).
 *
 * Output comes in arbitrary pieces. Each line is judged once, when its end has come, in this order:
 * fence, notification or id, end patterns, count, length line, number of bytes. Bytes are looked at
 * twice only for a prompt or an end pattern that may match an unfinished line, and at most
 * PROMPT_WINDOW of them. A prompt matches at the very end of the output so far, so the bytes that
 * it could still cut off are held back until more output or silence decides.
 *
 * Each call gets the bytes that the last one did not consume, followed by new ones. It returns the
 * range from..to that is certainly part of the reply, `next` where the scan goes on (the bytes
 * between them are cut out), and `consumed` which bytes the caller may drop. struct scan_state
 * keeps offsets relative to the bytes of the call: line is the start of the unfinished line, seen
 * how far line ends were searched, lines[] the starts of the previous lines that an end pattern
 * with \n still needs (most recent first), left the bytes of the reply that may still come.
 * Nothing before seen is searched for a line end again, except lines after a prompt that is still
 * undecided.
 *
 * dualpipe_rule_scan() hands other kinds of frames to rule_scan_frames.c. Rules with only_count set
 * take the fast path scan_counted_lines(). */
#include "codec/rule.h"
#include "codec/scan_state.h"
#include "codec/rule_scan_frames.h"
#include "codec/rule_scan_lines.h"
#include <string.h>

/* Bits of scan_state.flags; the low ones count the valid entries of lines[]. */
enum { KNOWN_LINES = 15, BEGUN = 16, IN_BODY = 32, BODY_LINE_END = 64, AT_FENCE = 128 };
enum { PROMPT_WINDOW = 4096 }; /* the most bytes that a prompt is matched against */
#define NO_LIMIT SIZE_MAX

/* One call of dualpipe_rule_scan(). */
struct line_scan {
    const dualpipe_rule *rule;
    struct dualpipe_scan *s;
    struct scan_state *st; /* of s */
    const char *p;
    size_t n;
    int input_state;
};

size_t rule_scan_lines_bytes_left(const struct dualpipe_scan *s) {
    return scan_state_const(s)->left;
}

bool rule_scan_lines_at_fence(const struct dualpipe_scan *s) {
    return scan_state_const(s)->flags & AT_FENCE;
}

/* Makes the offsets relative to the new bytes, which begin where the last call consumed up to. */
static void begin_call(const dualpipe_rule *r, struct dualpipe_scan *s) {
    struct scan_state *st = scan_state(s);
    if (!(st->flags & BEGUN)) {
        st->flags |= BEGUN;
        st->left = r->bytes ? r->bytes : NO_LIMIT;
    }
    for (int i = st->flags & KNOWN_LINES; i-- > 0;)
        st->lines[i] -= s->consumed;
    st->line -= s->consumed;
    st->seen -= s->consumed;
    s->next -= s->consumed;
    s->from = s->to = s->next;
    s->consumed = s->id_offset = s->id_size = 0;
    s->matched = s->status = -1;
}

static enum dualpipe_scan_result finish_reply(struct dualpipe_scan *s, size_t to, size_t next) {
    s->to = to;
    s->next = s->consumed = next;
    return DUALPIPE_SCAN_COMPLETE;
}

/* --- what is delivered, what is held back --------------------------------------------------- */

static bool is_blank(const char *p, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (p[i] != ' ' && (p[i] < '\t' || p[i] > '\r'))
            return false;
    return true;
}

/* Start of the lines that the prompt is matched against if the output ends at `end`. */
static size_t prompt_window(const struct line_scan *ls, size_t end) {
    size_t least = end - ls->s->next > PROMPT_WINDOW ? end - PROMPT_WINDOW : ls->s->next, at = end;
    int lines = ls->rule->prompt_lines;
    do {
        size_t line_end = at;
        for (at -= at > least; at > least && ls->p[at - 1] != '\n';)
            at--;
        lines -= !is_blank(ls->p + at, line_end - at);
    } while (lines > 0 && at > least);
    return at;
}

/* Start of the bytes that a prompt may still cut off. That includes a prompt which is followed by
 * an unfinished line that may turn out to be a notification. */
static size_t prompt_hold(const struct line_scan *ls) {
    size_t line = ls->st->line;
    size_t from =
        ls->rule->notifications.count > 0 && line > ls->s->next ? prompt_window(ls, line) : ls->n;
    return ls->n - from <= PROMPT_WINDOW && from < ls->n ? from : prompt_window(ls, ls->n);
}

static size_t strip_cr(const struct line_scan *ls, size_t from, size_t end) {
    return from + rule_line_size(ls->rule, ls->p + from, end - from);
}

/* Delivers what is certain by now. The lines that an end pattern still needs are not consumed. */
static enum dualpipe_scan_result need_more(const struct line_scan *ls) {
    struct dualpipe_scan *s = ls->s;
    struct scan_state *st = ls->st;
    int known = st->flags & KNOWN_LINES;
    bool holds_prompt = ls->rule->prompt.count > 0 && !(ls->input_state & DUALPIPE_SCAN_EOF);
    size_t held = holds_prompt ? prompt_hold(ls) : ls->n;
    size_t sure = ls->rule->holds_partial_line && st->line < held ? st->line : held;
    s->to = s->next = s->consumed = sure;
    if (known > 0 && st->lines[known - 1] < sure)
        s->consumed = st->lines[known - 1];
    if (holds_prompt && s->consumed > 0 && ls->p[s->consumed - 1] != '\n')
        s->consumed--; /* keep the byte that shows that the window does not begin a line */
    if (st->line < s->consumed)
        st->line = s->consumed;
    return DUALPIPE_SCAN_MORE;
}

/* Moves on to the next line and remembers the start of this one for patterns that need it. */
static void pass_line(const struct line_scan *ls, size_t after) {
    struct scan_state *st = ls->st;
    int known = st->flags & KNOWN_LINES;
    if (ls->rule->lookback_lines > 0) {
        if (known < ls->rule->lookback_lines)
            st->flags++, known++;
        for (int i = known - 1; i > 0; i--)
            st->lines[i] = st->lines[i - 1];
        st->lines[0] = st->line;
    }
    st->line = st->seen = after;
}

/* Delivers what precedes the current line and cuts the line itself out of the reply. */
static enum dualpipe_scan_result skip_line(const struct line_scan *ls, size_t after,
                                           enum dualpipe_scan_result kind) {
    ls->s->to = ls->st->line;
    ls->s->next = after;
    pass_line(ls, after);
    return kind;
}

/* --- counted bytes -------------------------------------------------------------------------- */

/* Size of the line end at `at`: LF, CR LF, or 0 if there is none. -1: that is not known yet. */
static int line_end_size(const struct line_scan *ls, size_t at) {
    size_t n = ls->n - at;
    bool cr = n > 0 && ls->p[at] == '\r';
    if (n == (size_t)cr)
        return ls->input_state & DUALPIPE_SCAN_EOF ? 0 : -1;
    return ls->p[at + cr] == '\n' ? 1 + cr : 0;
}

static enum dualpipe_scan_result scan_counted_bytes(const struct line_scan *ls) {
    struct dualpipe_scan *s = ls->s;
    struct scan_state *st = ls->st;
    size_t available = ls->n - st->line, end = ls->n;
    bool last = ls->input_state & DUALPIPE_SCAN_EOF;
    if (available >= st->left) {
        int line_end = 0;
        end = st->line + st->left;
        if (st->flags & BODY_LINE_END)
            line_end = line_end_size(ls, end);
        if (line_end >= 0)
            return finish_reply(s, end + (size_t)line_end, end + (size_t)line_end);
    }
    if (st->left != NO_LIMIT)
        st->left -= end - st->line;
    s->to = s->next = s->consumed = st->line = st->seen = end;
    return last && ls->rule->until_eof ? DUALPIPE_SCAN_COMPLETE : DUALPIPE_SCAN_MORE;
}

/* Reads a decimal number. A number too large to be reached becomes NO_LIMIT - 1, since NO_LIMIT has
 * a meaning of its own. */
static size_t parse_number(const char *p, size_t n) {
    size_t number = 0;
    for (size_t i = 0; i < n; i++) {
        if (number > SIZE_MAX / 2 / 10)
            return NO_LIMIT - 1;
        number = number * 10 + (size_t)(p[i] - '0');
    }
    return number;
}

/* Reads the first line as the number of bytes that follow. None of them is judged as a line. A
 * first line without a number is the whole reply. */
static enum dualpipe_scan_result scan_length_line(const struct line_scan *ls, size_t end,
                                                  size_t after) {
    struct dualpipe_scan *s = ls->s;
    struct scan_state *st = ls->st;
    const char *line = ls->p + st->line;
    struct span group;
    size_t body;
    if (!regex_group(ls->rule->length.items, line, end - st->line, &group) ||
        group.start == group.end)
        return finish_reply(s, after, after);
    for (size_t i = group.start; i < group.end; i++)
        if (line[i] < '0' || line[i] > '9')
            return finish_reply(s, after, after);
    body = parse_number(line + group.start, group.end - group.start);
    if (st->left != NO_LIMIT)
        st->left -= after - st->line;
    st->flags |= IN_BODY;
    if (body < st->left) {
        st->left = body;
        st->flags |= BODY_LINE_END;
    }
    st->line = after;
    return scan_counted_bytes(ls);
}

/* --- lines ---------------------------------------------------------------------------------- */

/* Matches the end patterns against the line that ends at `end` and the earlier lines that they
 * need. */
static bool matches_end_pattern(const struct line_scan *ls, size_t end) {
    int known = ls->st->flags & KNOWN_LINES;
    for (int i = 0; i < ls->rule->end_patterns.count; i++) {
        const struct regex *re = &ls->rule->end_patterns.items[i];
        int before = re->newlines < known ? re->newlines : known;
        size_t from = before > 0 ? ls->st->lines[before - 1] : ls->st->line;
        if (rule_lines_match(re, ls->p + from, end - from)) {
            ls->s->matched = i;
            return true;
        }
    }
    return false;
}

/* Batched requests share a scan, which then ends after the lines of all their replies. */
static long frames_wanted(const struct line_scan *ls) {
    return ls->s->replies > 1 ? ls->rule->count * ls->s->replies : ls->rule->count;
}

/* Counts a line as part of the reply and checks whether it ends the reply. */
static enum dualpipe_scan_result accept_line(const struct line_scan *ls, size_t end, size_t after) {
    struct dualpipe_scan *s = ls->s;
    struct scan_state *st = ls->st;
    s->frames++;
    if (matches_end_pattern(ls, end) || (ls->rule->count > 0 && s->frames >= frames_wanted(ls)))
        return finish_reply(s, after, after);
    if (ls->rule->length.count > 0)
        return scan_length_line(ls, end, after);
    if (st->left != NO_LIMIT && (st->left -= after - st->line) == 0)
        return finish_reply(s, after, after);
    pass_line(ls, after);
    return DUALPIPE_SCAN_MORE;
}

static bool is_crlf(const char *p, size_t n) {
    return n > 1 && p[0] == '\r' && p[1] == '\n';
}

/* Finds a prompt in text without the CRs before its line ends. A CR LF after the prompt, or at its
 * start, is cut off whole. */
static bool find_prompt_without_cr(const struct line_scan *ls, const char *text, size_t n,
                                   bool is_mid_line, size_t *cut) {
    char bare[PROMPT_WINDOW];
    size_t size = 0, bare_cut;
    for (size_t i = 0; i < n; i++) {
        i += is_crlf(text + i, n - i);
        bare[size++] = text[i];
    }
    if (size == n || !regex_find_at_end(ls->rule->prompt.items, bare, size, is_mid_line, &bare_cut))
        return false;
    for (*cut = 0; bare_cut > 0; bare_cut--)
        *cut += 1 + is_crlf(text + *cut, n - *cut);
    return true;
}

/* Finds a prompt at `end`. */
static bool find_prompt(const struct line_scan *ls, size_t end, size_t *cut) {
    size_t from = prompt_window(ls, end), n = end - from;
    const char *text = ls->p + from;
    bool is_mid_line = from > 0 && text[-1] != '\n', found;
    if (n == 0)
        return false;
    found = (memchr(text, '\r', n) && find_prompt_without_cr(ls, text, n, is_mid_line, cut)) ||
            regex_find_at_end(ls->rule->prompt.items, text, n, is_mid_line, cut);
    *cut += from;
    return found;
}

/* Matches the fence against a line, without the CR before its line end. *to is where the token
 * begins. */
static enum fence_match match_fence(const struct line_scan *ls, size_t line, size_t end,
                                    bool finished, size_t *to) {
    const char *token = ls->s->token;
    size_t bare = end - (finished && end > line && ls->p[end - 1] == '\r'), n;
    enum fence_match kind;
    int status;
    if (!ls->rule->fence.text || !token || !*token)
        return FENCE_NONE;
    kind = fence_match_line(&ls->rule->fence, token, ls->p + line, bare - line, &n, &status);
    *to = bare - n;
    if (kind == FENCE_END)
        ls->s->status = status;
    return kind;
}

enum { ONLY_NO, ONLY_YES, ONLY_MAYBE };

/* Whether the output from the start of a line on consists of notifications only. */
static int only_notifications_follow(const struct line_scan *ls, size_t from) {
    while (from < ls->n) {
        const char *line = ls->p + from, *lf = memchr(line, '\n', ls->n - from);
        size_t size = lf ? (size_t)(lf - line) : ls->n - from, to;
        struct span id;
        if (size >= ls->st->left)
            return ONLY_NO;
        if (!lf && !(ls->input_state & DUALPIPE_SCAN_EOF))
            return ONLY_MAYBE;
        if (match_fence(ls, from, from + size, lf != NULL, &to) != FENCE_NONE ||
            rule_classify_frame(ls->rule, line, lf ? rule_line_size(ls->rule, line, size) : size,
                                &id) == DUALPIPE_SCAN_MORE)
            return ONLY_NO;
        from += size + (lf != NULL);
    }
    return ls->input_state ? ONLY_YES : ONLY_MAYBE;
}

/* Handles a notification. A prompt before it still ends the output, since notifications may follow
 * a prompt at any time. */
static enum dualpipe_scan_result skip_notification(const struct line_scan *ls, size_t after) {
    struct dualpipe_scan *s = ls->s;
    struct scan_state *st = ls->st;
    size_t cut, line = st->line;
    int only = ONLY_NO;
    if (ls->rule->prompt.count > 0 && ls->n - prompt_window(ls, line) <= PROMPT_WINDOW &&
        find_prompt(ls, line, &cut))
        only = only_notifications_follow(ls, after);
    if (only == ONLY_NO)
        return skip_line(ls, after, DUALPIPE_SCAN_NOTIFICATION);
    if (only == ONLY_YES)
        return finish_reply(s, cut, line);
    st->seen = line;
    return DUALPIPE_SCAN_MORE;
}

static enum dualpipe_scan_result classify_line(const struct line_scan *ls, size_t end,
                                               size_t after) {
    struct dualpipe_scan *s = ls->s;
    struct scan_state *st = ls->st;
    struct span id;
    enum dualpipe_scan_result kind =
        rule_classify_frame(ls->rule, ls->p + st->line, end - st->line, &id);
    if (kind == DUALPIPE_SCAN_MORE)
        return accept_line(ls, end, after);
    if (kind == DUALPIPE_SCAN_NOTIFICATION)
        return skip_notification(ls, after);
    s->id_offset = st->line + id.start;
    s->id_size = id.end - id.start;
    return kind == DUALPIPE_SCAN_COMPLETE ? finish_reply(s, after, after)
                                          : skip_line(ls, after, kind);
}

/* Judges the line from line to `end`. Its line end, if there is one, lies between `end` and
 * `after`. */
static enum dualpipe_scan_result scan_line(const struct line_scan *ls, size_t end, size_t after) {
    const dualpipe_rule *r = ls->rule;
    struct dualpipe_scan *s = ls->s;
    struct scan_state *st = ls->st;
    size_t to;
    switch (match_fence(ls, st->line, end, after > end, &to)) {
    case FENCE_ECHO: return skip_line(ls, after, DUALPIPE_SCAN_ECHO);
    case FENCE_END: st->flags |= AT_FENCE; return finish_reply(s, to, after);
    case FENCE_NONE: break;
    }
    return r->notifications.count > 0 || rule_matches_by_id(r) ? classify_line(ls, end, after)
                                                               : accept_line(ls, end, after);
}

/* Handles the end of the output so far: a prompt, or a last line without its line end. */
static enum dualpipe_scan_result scan_partial_line(const struct line_scan *ls) {
    struct dualpipe_scan *s = ls->s;
    struct scan_state *st = ls->st;
    size_t cut, size = ls->n - st->line;
    struct span id;
    if (ls->rule->prompt.count > 0 && find_prompt(ls, ls->n, &cut))
        return finish_reply(s, cut, ls->n);
    if (size > 0 && (ls->input_state & DUALPIPE_SCAN_EOF)) {
        enum dualpipe_scan_result result = scan_line(ls, ls->n, ls->n);
        if (result != DUALPIPE_SCAN_MORE || st->flags & IN_BODY)
            return result;
    } else if (ls->rule->match_partial_line && size > 0 && size <= PROMPT_WINDOW &&
               rule_classify_frame(ls->rule, ls->p + st->line, size, &id) == DUALPIPE_SCAN_MORE &&
               matches_end_pattern(ls, ls->n)) {
        return finish_reply(s, ls->n, ls->n);
    }
    return ls->input_state & DUALPIPE_SCAN_EOF && ls->rule->until_eof
               ? finish_reply(s, ls->n, ls->n)
               : need_more(ls);
}

static enum dualpipe_scan_result scan_lines(const struct line_scan *ls) {
    struct dualpipe_scan *s = ls->s;
    struct scan_state *st = ls->st;
    for (;;) {
        size_t stop = ls->n - st->line < st->left ? ls->n : st->line + st->left, end;
        const char *lf = st->seen < stop ? memchr(ls->p + st->seen, '\n', stop - st->seen) : NULL;
        enum dualpipe_scan_result result;
        if (!lf) {
            st->seen = stop;
            if (stop - st->line == st->left)
                return finish_reply(s, stop, stop);
            return ls->input_state ? scan_partial_line(ls) : need_more(ls);
        }
        end = (size_t)(lf - ls->p);
        result = scan_line(ls, strip_cr(ls, st->line, end), end + 1);
        if (result != DUALPIPE_SCAN_MORE || st->flags & IN_BODY)
            return result;
        if (st->seen <= end)
            return need_more(ls);
    }
}

/* The fast path for by far the most common rule: a number of lines and nothing else. */
static enum dualpipe_scan_result scan_counted_lines(const struct line_scan *ls) {
    struct dualpipe_scan *s = ls->s;
    struct scan_state *st = ls->st;
    long wanted = frames_wanted(ls), lines;
    size_t n = dualpipe_lines(ls->p + st->seen, ls->n - st->seen, wanted - s->frames, &lines);
    s->frames += lines;
    if (lines > 0)
        st->line = st->seen += n;
    return s->frames == wanted ? finish_reply(s, st->line, st->line) : scan_lines(ls);
}

static enum dualpipe_scan_result scan_by_rule(const struct line_scan *ls) {
    if (ls->rule->count < 0)
        return finish_reply(ls->s, ls->s->next, ls->s->next);
    if (ls->rule->only_bytes || ls->st->flags & IN_BODY)
        return scan_counted_bytes(ls);
    return ls->rule->only_count ? scan_counted_lines(ls) : scan_lines(ls);
}

enum dualpipe_scan_result dualpipe_rule_scan(const dualpipe_rule *r, struct dualpipe_scan *s,
                                             const char *p, size_t n, int input_state) {
    struct line_scan ls = {r, s, scan_state(s), p, n, input_state};
    if (!r->only_count && rule_kind_is_framed(r->kind))
        return rule_scan_frames(r, s, p, n, input_state);
    begin_call(r, s);
    return scan_by_rule(&ls);
}
