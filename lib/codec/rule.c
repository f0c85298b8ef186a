/* rule.c: reply rules: compiles them, and answers questions about a request or a frame.
 *
 * A rule says where a reply ends. dualpipe_rule_new() checks that the options fit each other and
 * the kind of frame, compiles the patterns, and derives three flags that select the scanner
 * (only_count, only_bytes, holds_partial_line). A rule never changes afterwards, so any number of
 * scans may share one.
 *
 * Where a reply ends is found by the scanners, rule_scan_lines.c and rule_scan_frames.c; they keep
 * their progress in struct dualpipe_scan and ask this file to classify frames. The pool asks
 * whether a request expects a reply, for its id, and which output is unsolicited.
 *
 * To add a rule: a field in struct dualpipe_rule_options, its compilation here, has_end_rule() and
 * kind_conflict_hint(), the scanners, and the command's option in cmd/options. */
#include "codec/rule.h"
#include "codec/scan_state.h"
#include "base/error.h"
#include "base/options.h"
#include "codec/frame.h"
#include "codec/json_id.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The most line ends that a pattern may contain: a scan remembers the start of so many lines. */
enum {
    MAX_LOOKBACK = sizeof((struct scan_state *)0)->lines / sizeof(size_t),
    ANY_NEWLINES = 1 << 30
};

static const char pattern_operation[] = "understanding the pattern";

static void free_regex_list(struct regex_list *p) {
    while (p->count > 0)
        regex_free(&p->items[--p->count]);
    free(p->items);
}

/* Patterns don't see the CR before the end of a line, so one that asks for it there by \r$ means
 * just the end. Copies it without such CRs. */
static void copy_without_final_cr(char *to, const char *text) {
    while (*text) {
        size_t size = *text == '\\' && text[1] ? 2 : 1;
        bool is_cr = *text == '\r' || (size == 2 && text[1] == 'r');
        if (!is_cr || text[size] != '$') {
            memcpy(to, text, size);
            to += size;
        }
        text += size;
    }
    *to = 0;
}

static int compile_line_pattern(struct regex *re, const char *text, enum regex_use use,
                                struct dualpipe_error *why) {
    char *copy = malloc(strlen(text) + 1);
    int r;
    if (!copy)
        return error_set(why, pattern_operation, text, NULL, -ENOMEM);
    copy_without_final_cr(copy, text);
    r = regex_compile(re, copy, use, why);
    if (r < 0 && why)
        why->object = text;
    free(copy);
    return r;
}

/* How the patterns of a list are to be compiled. */
struct pattern_use {
    enum regex_use use;
    bool by_line;     /* they are held against lines */
    int max_newlines; /* the most line ends that one may contain */
};

/* Compiles a NULL-terminated list. */
static int compile_list(struct regex_list *p, const char *const *texts, struct pattern_use use,
                        struct dualpipe_error *why) {
    size_t n = 0;
    int r;
    while (texts && texts[n])
        n++;
    if (n == 0)
        return 0;
    if (!(p->items = calloc(n, sizeof *p->items)))
        return error_set(why, pattern_operation, texts[0], NULL, -ENOMEM);
    for (; texts[p->count]; p->count++) {
        struct regex *re = &p->items[p->count];
        r = use.by_line ? compile_line_pattern(re, texts[p->count], use.use, why)
                        : regex_compile(re, texts[p->count], use.use, why);
        if (r < 0)
            return r;
        if (re->newlines <= use.max_newlines)
            continue;
        return error_set(why, pattern_operation, texts[p->count++],
                         use.max_newlines ? "8 line ends are the most"
                                          : "a frame is one line: leave out \\n",
                         -EINVAL);
    }
    return 0;
}

static int compile_single(struct regex_list *p, const char *text, struct pattern_use use,
                          struct dualpipe_error *why) {
    const char *const texts[] = {text, NULL};
    return compile_list(p, texts, use, why);
}

/* Why the wrap can't be one; NULL: it can. */
static const char *find_wrong_wrap(dualpipe_rule *r, const struct dualpipe_rule_options *o) {
    if (o->fence)
        return "it is a fence too: leave one of them out";
    if (o->count < 0 || (o->no_reply && o->no_reply[0]))
        return "each request in it is answered: leave out what says that it isn't";
    return fence_init_wrap(&r->fence, o->wrap)
               ? NULL
               : "write {} where the token is to stand, and {text} or {q} for the request";
}

static int compile_fence(dualpipe_rule *r, const struct dualpipe_rule_options *o,
                         struct dualpipe_error *why) {
    const char *hint = o->wrap ? find_wrong_wrap(r, o) : NULL;
    if (hint)
        return error_set(why, "understanding the wrap", o->wrap, hint, -EINVAL);
    if (o->fence && !fence_init(&r->fence, o->fence))
        return error_set(why, "understanding the fence", o->fence,
                         "write {} where the token is to stand", -EINVAL);
    if ((o->fence || o->wrap) && !r->fence.text)
        return error_set(why, "understanding the fence", o->fence ? o->fence : o->wrap, NULL,
                         -ENOMEM);
    return 0;
}

static int compile_rule(dualpipe_rule *r, const struct dualpipe_rule_options *o,
                        struct dualpipe_error *why) {
    bool by_line = o->kind == DUALPIPE_FRAME_LINE || o->kind == DUALPIPE_FRAME_CRLF;
    struct pattern_use ends = {REGEX_MATCH, by_line, MAX_LOOKBACK},
                       requests = {REGEX_MATCH, by_line, ANY_NEWLINES},
                       frames = {REGEX_MATCH, by_line, 0}, groups = {REGEX_GROUP, by_line, 0},
                       errors = {REGEX_MATCH, !rule_kind_is_framed(o->kind), MAX_LOOKBACK},
                       on_stderr = {REGEX_MATCH, true, MAX_LOOKBACK},
                       prompts = {REGEX_AT_END, false, MAX_LOOKBACK};
    int error;
    r->id_is_json = o->id && strcmp(o->id, "json") == 0;
    if ((error = compile_list(&r->end_patterns, o->end_patterns, ends, why)) < 0 ||
        (error = compile_list(&r->no_reply, o->no_reply, requests, why)) < 0 ||
        (error = compile_list(&r->notifications, o->notifications, frames, why)) < 0 ||
        (error = compile_list(&r->errors.lines, o->errors, errors, why)) < 0 ||
        (error = compile_list(&r->errors.stderr_lines, o->stderr_errors, on_stderr, why)) < 0 ||
        (error = compile_single(&r->prompt, o->prompt, prompts, why)) < 0 ||
        (error = compile_single(&r->id, r->id_is_json ? NULL : o->id, groups, why)) < 0 ||
        (error = compile_single(&r->length, o->length, groups, why)) < 0)
        return error;
    return compile_fence(r, o, why);
}

/* Whether anything but the id ends a reply. */
static bool has_end_rule(const struct dualpipe_rule_options *o) {
    return o->count || (o->end_patterns && o->end_patterns[0]) || o->prompt || o->fence ||
           o->wrap || o->length || o->bytes || o->idle_ms > 0 || o->until_eof;
}

/* Says what to write instead if the kind of frame excludes one of the rules; NULL if all of them
 * fit. */
static const char *kind_conflict_hint(const struct dualpipe_rule_options *o) {
    bool patterns = (o->end_patterns && o->end_patterns[0]) ||
                    (o->notifications && o->notifications[0]) || o->id;
    bool fenced = o->fence || o->wrap, framed = o->count > 0 || patterns || fenced || o->length;
    if ((unsigned)o->kind > DUALPIPE_FRAME_RAW)
        return "there is no such kind of frames";
    if (o->kind == DUALPIPE_FRAME_RAW && framed &&
        (o->bytes || o->idle_ms > 0 || o->prompt || o->until_eof))
        return "raw bytes have no frames: leave out what looks at them or counts them";
    if (o->kind == DUALPIPE_FRAME_RAW && (framed || !has_end_rule(o)))
        return "raw bytes have no frames: give their number, a silence, a prompt or their end";
    if (!rule_kind_is_framed(o->kind))
        return NULL;
    if (o->prompt)
        return "a prompt stands behind lines: leave out the frame";
    if (fenced)
        return "a fence is a line: leave out the frame";
    if (o->length)
        return "the length is the frame's own: leave out the pattern";
    if (o->bytes)
        return "a frame says itself how many bytes it has: leave out their number";
    return o->match_partial_line ? "an unfinished frame can't be read" : NULL;
}

/* Whether nothing follows in the pattern but what repeats, closes or ends it. */
static bool is_at_pattern_end(const char *rest) {
    return rest[strspn(rest, "]*+?)$")] == 0;
}

/* How many lines the prompt may need. A class that holds line ends may match one, or, repeated, a
 * run of them, within which all other lines are blank; what stands at the pattern's end needs no
 * line before the last that isn't blank. */
static void derive_prompt_lines(dualpipe_rule *r, const char *text) {
    static const char *const classes[] = {"[:space:]", "[:cntrl:]"};
    int newlines = r->prompt.items->newlines;
    bool matches_line_end = newlines > 0;
    for (int i = 0; i < 2; i++)
        for (const char *at = text; (at = strstr(at, classes[i])); matches_line_end = true) {
            at += strlen(classes[i]);
            newlines += !is_at_pattern_end(at);
        }
    r->prompt_lines = matches_line_end ? 1 + newlines : 0;
}

/* Copies the plain options and derives the flags; the patterns are compiled already. */
static void derive_flags(dualpipe_rule *r, const struct dualpipe_rule_options *o) {
    bool by_pattern, by_line;
    r->kind = o->kind;
    r->count = o->count ? o->count : !has_end_rule(o) && !o->id;
    r->bytes = o->bytes;
    r->idle_ms = o->idle_ms;
    r->until_eof = o->until_eof;
    r->match_partial_line = o->match_partial_line;
    r->errors.json = o->json_errors;
    r->errors.status = o->status_errors;
    for (int i = 0; i < r->end_patterns.count; i++)
        if (r->end_patterns.items[i].newlines > r->lookback_lines)
            r->lookback_lines = r->end_patterns.items[i].newlines;
    if (r->prompt.count > 0)
        derive_prompt_lines(r, o->prompt);
    by_pattern = r->end_patterns.count > 0 || r->notifications.count > 0 || r->length.count > 0 ||
                 rule_has_fence(r) || o->id;
    by_line = r->count > 0 || by_pattern;
    r->only_count = by_line && !by_pattern && r->prompt.count == 0 && r->bytes == 0 &&
                    !rule_kind_is_framed(r->kind);
    r->only_bytes = !by_line && r->prompt.count == 0;
    r->holds_partial_line = by_line || r->bytes > 0;
}

int dualpipe_rule_new(dualpipe_rule **rule, const struct dualpipe_rule_options *given,
                      struct dualpipe_error *why) {
    struct dualpipe_rule_options own, *o = &own;
    dualpipe_rule *r;
    const char *hint;
    int error = options_copy(o, sizeof *o, given);
    *rule = NULL;
    if (error < 0)
        return error_set(why, "reading the options", NULL, NULL, error);
    if ((hint = kind_conflict_hint(o)))
        return error_set(why, "making a rule", NULL, hint, -EINVAL);
    if (o->id && has_end_rule(o))
        return error_set(why, "making a rule", o->id,
                         "an id ends replies alone: leave out the other rules", -EINVAL);
    if (!(r = calloc(1, sizeof *r)))
        return error_set(why, "making a rule", NULL, NULL, -ENOMEM);
    if ((error = compile_rule(r, o, why)) < 0) {
        dualpipe_rule_free(r);
        return error;
    }
    derive_flags(r, o);
    *rule = r;
    return 0;
}

dualpipe_rule *dualpipe_rule_free(dualpipe_rule *r) {
    if (r) {
        struct regex_list *all[] = {&r->end_patterns, &r->no_reply, &r->notifications,
                                    &r->prompt,       &r->id,       &r->length,
                                    &r->errors.lines, &r->errors.stderr_lines};
        for (size_t i = 0; i < sizeof all / sizeof *all; i++)
            free_regex_list(all[i]);
        fence_free(&r->fence);
        free(r);
    }
    return NULL;
}

/* --- the fence and the timeouts of a rule --------------------------------------------------- */

int dualpipe_rule_idle_timeout(const dualpipe_rule *r) {
    return r->idle_ms > 0 ? r->idle_ms : DUALPIPE_FOREVER;
}

int dualpipe_rule_allows_pipelining(const dualpipe_rule *r) {
    return rule_allows_pipelining(r);
}

size_t rule_format_fence(const dualpipe_rule *r, const char *token, const char *request, size_t n,
                         char *out) {
    if (n > 0 && request[n - 1] == '\n') {
        n--;
        n -= r->kind == DUALPIPE_FRAME_CRLF && n > 0 && request[n - 1] == '\r';
    }
    n = fence_format(&r->fence, token, request, n, out);
    if (r->kind != DUALPIPE_FRAME_CRLF)
        return n;
    if (out)
        memcpy(out + n - 1, "\r\n", 2);
    return n + 1;
}

bool rule_refuses_request(const dualpipe_rule *r, const void *request, size_t n) {
    return r->fence.quotes && memchr(request, 0, n);
}

/* --- requests and frames -------------------------------------------------------------------- */

/* Takes the n bytes as one frame and gives its body; false: they are no frame, or more than one. */
static bool decode_one(const dualpipe_rule *r, const char *p, size_t n,
                       struct dualpipe_frame_view *body) {
    *body = (struct dualpipe_frame_view){0};
    return n > 0 && dualpipe_frame_decode(r->kind, p, n, SIZE_MAX, body) == (ssize_t)n;
}

bool rule_is_one_frame(const dualpipe_rule *r, const void *p, size_t n) {
    struct dualpipe_frame_view body;
    return decode_one(r, p, n, &body);
}

/* Finds the body of a request if it is exactly one frame, else all of it. */
static struct span request_body(const dualpipe_rule *r, const char *p, size_t n) {
    struct dualpipe_frame_view b;
    if (r->kind == DUALPIPE_FRAME_LINE) /* the request may contain line ends of its own */
        return (struct span){0, n > 0 && p[n - 1] == '\n' ? rule_line_size(r, p, n - 1) : n};
    if (!decode_one(r, p, n, &b))
        return (struct span){0, n};
    return (struct span){(size_t)(b.data - p), (size_t)(b.data - p) + b.size};
}

bool rule_lines_match(const struct regex *re, const char *p, size_t n) {
    return regex_matches(re, p, n) ||
           (re->newlines > 0 && n > 0 && memchr(p, '\r', n) && regex_matches_without_cr(re, p, n));
}

static bool matches_any(const struct regex_list *p, const char *text, size_t n) {
    for (int i = 0; i < p->count; i++)
        if (rule_lines_match(&p->items[i], text, n))
            return true;
    return false;
}

/* A null id counts only in a request: in a response it says that the id of the request is
 * unknown. */
static bool parse_json_id(const char *p, size_t n, struct json_message *m, struct span *id) {
    if (!json_id_parse(p, n, m) || m->id_size == 0 || (*m->id == 'n' && !m->has_method))
        return false;
    id->start = (size_t)(m->id - p);
    id->end = id->start + m->id_size;
    return true;
}

bool rule_request_id(const dualpipe_rule *r, const void *request, size_t n, struct span *id) {
    struct json_message m;
    struct span body = request_body(r, request, n);
    const char *p = (const char *)request + body.start;
    bool has;
    *id = (struct span){0, 0};
    n = body.end - body.start;
    if (r->id_is_json)
        has = parse_json_id(p, n, &m, id) && m.has_method && *m.id != 'n';
    else
        has = r->id.count > 0 && regex_group(r->id.items, p, n, id);
    id->start += body.start;
    id->end += body.start;
    return has;
}

bool rule_ids_equal(const dualpipe_rule *r, const char *a, size_t na, const char *b, size_t nb) {
    if (r->id_is_json)
        return json_id_equal(a, na, b, nb);
    return na == nb && (na == 0 || memcmp(a, b, na) == 0);
}

bool rule_ids_alike(const dualpipe_rule *r, const char *a, size_t na, const char *b, size_t nb) {
    return r->id_is_json && json_id_alike(a, na, b, nb);
}

bool rule_expects_reply(const dualpipe_rule *r, const void *request, size_t n) {
    struct span id, body;
    if (r->count < 0)
        return false;
    if (r->no_reply.count > 0) {
        body = request_body(r, request, n);
        if (matches_any(&r->no_reply, (const char *)request + body.start, body.end - body.start))
            return false;
    }
    return !rule_matches_by_id(r) || rule_request_id(r, request, n, &id);
}

int dualpipe_rule_expects_reply(const dualpipe_rule *r, const void *request, size_t n) {
    return rule_expects_reply(r, request, n);
}

enum dualpipe_scan_result rule_classify_frame(const dualpipe_rule *r, const char *p, size_t n,
                                              struct span *id) {
    struct json_message m;
    *id = (struct span){0, 0};
    if (matches_any(&r->notifications, p, n))
        return DUALPIPE_SCAN_NOTIFICATION;
    if (!rule_matches_by_id(r))
        return DUALPIPE_SCAN_MORE;
    if (r->id.count > 0)
        return regex_group(r->id.items, p, n, id) ? DUALPIPE_SCAN_COMPLETE
                                                  : DUALPIPE_SCAN_NOTIFICATION;
    if (!parse_json_id(p, n, &m, id) || (m.is_batch && m.has_method))
        return DUALPIPE_SCAN_NOTIFICATION; /* a batch of the child's own requests is not refused */
    return m.has_method ? DUALPIPE_SCAN_CHILD_REQUEST : DUALPIPE_SCAN_COMPLETE;
}

size_t rule_match_unsolicited(const dualpipe_rule *r, const char *p, size_t n, int *kind,
                              struct span *id) {
    struct dualpipe_frame_view b = {0};
    ssize_t used = n > 0 ? dualpipe_frame_decode(r->kind, p, n, SIZE_MAX, &b) : 0;
    enum dualpipe_scan_result result;
    size_t body = used > 0 ? (size_t)(b.data - p) : 0, line;
    if (used == -EBADMSG && r->kind == DUALPIPE_FRAME_HEADER) {
        enum frame_between between = frame_line_between(p, n, &line);
        *id = (struct span){0, 0};
        *kind = between == FRAME_BETWEEN_EMPTY ? DUALPIPE_SCAN_ECHO : DUALPIPE_SCAN_NOTIFICATION;
        return between > FRAME_BETWEEN_MORE ? line : 0;
    }
    if (r->kind == DUALPIPE_FRAME_LINE && used > 0)
        b.size = rule_line_size(r, b.data, b.size);
    if (used <= 0 ||
        (result = rule_classify_frame(r, b.data, b.size, id)) == DUALPIPE_SCAN_MORE)
        return 0;
    id->start += body;
    id->end += body;
    *kind = result == DUALPIPE_SCAN_CHILD_REQUEST ? DUALPIPE_SCAN_CHILD_REQUEST
                                                  : DUALPIPE_SCAN_NOTIFICATION;
    return (size_t)used;
}
