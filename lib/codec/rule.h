/* rule.h: a compiled reply rule, and the questions that the pool asks it before and after a reply.
 * dualpipe_rule_new() makes one. rule_expects_reply() and rule_request_id() look at a request,
 * dualpipe_rule_scan() finds the end of its reply, rule_match_unsolicited() looks at output that
 * comes while no request is in flight. */
#ifndef RULE_H
#define RULE_H
#include "dualpipe.h"
#include "codec/fence.h"
#include "codec/regex.h"

/* A list of compiled patterns. */
struct regex_list {
    struct regex *items;
    int count;
};

/* What tells that a request has failed, although its reply is whole. */
struct rule_error_signs {
    struct regex_list lines, stderr_lines;
    bool json;
    bool status; /* a status that is not 0 behind the token of a wrap */
};

struct dualpipe_rule {
    enum dualpipe_frame_kind kind;
    long count; /* frames of a reply; 0: no such rule; -1: no request gets a reply */
    size_t bytes;
    int idle_ms;
    bool until_eof, match_partial_line, id_is_json;
    /* earlier lines that an end pattern may need, since it contains line ends */
    int lookback_lines;
    /* lines that the prompt may need, not counting blank ones; 0: the last line, blank or not, as
     * it matches no line end */
    int prompt_lines;
    struct regex_list end_patterns, no_reply, notifications;
    struct regex_list prompt, id, length; /* at most one pattern each */
    struct rule_error_signs errors;
    struct fence fence;
    bool only_count; /* no rule but `count` looks at the output: the fast path */
    /* no rule looks at lines or prompts: only bytes, silence or end of file end a reply */
    bool only_bytes;
    /* bytes of an unfinished line are not delivered yet, as the line may still change their
     * meaning */
    bool holds_partial_line;
};

/* Whether frames of this kind are neither lines nor raw bytes. */
static inline bool rule_kind_is_framed(enum dualpipe_frame_kind kind) {
    return kind != DUALPIPE_FRAME_LINE && kind != DUALPIPE_FRAME_CRLF && kind != DUALPIPE_FRAME_RAW;
}
/* The size of a line without the CR before its line end, which no pattern sees. */
static inline size_t rule_line_size(const dualpipe_rule *r, const char *p, size_t n) {
    bool is_line = r->kind == DUALPIPE_FRAME_LINE || r->kind == DUALPIPE_FRAME_CRLF;
    return n - (is_line && n > 0 && p[n - 1] == '\r');
}
static inline bool rule_has_fence(const dualpipe_rule *r) {
    return r->fence.text;
}
/* Whether that fence takes the request in, in place of following it. */
static inline bool rule_wraps(const dualpipe_rule *r) {
    return r->fence.wraps;
}
static inline bool rule_matches_by_id(const dualpipe_rule *r) {
    return r->id_is_json || r->id.count > 0;
}
/* Whether the end of a reply is proved, by a fence or an ID. Then it is known that the child has
 * read the request, and a late reply can be told from the reply to the next one. */
static inline bool rule_proves_end(const dualpipe_rule *r) {
    return rule_has_fence(r) || rule_matches_by_id(r);
}
/* Whether a scan must be told when no more output is waiting (DUALPIPE_SCAN_DRAINED). */
static inline bool rule_needs_drained(const dualpipe_rule *r) {
    return r->prompt.count > 0 || (r->match_partial_line && r->end_patterns.count > 0);
}
/* Whether a whole reply may say that its request failed: rule_errors.h looks at it then. */
static inline bool rule_has_errors(const dualpipe_rule *r) {
    return r->errors.lines.count > 0 || r->errors.stderr_lines.count > 0 || r->errors.json;
}
/* Whether that takes the whole reply at once; else its lines suffice, one after another. */
static inline bool rule_errors_need_all(const dualpipe_rule *r) {
    return r->errors.json || (r->errors.lines.count > 0 && rule_kind_is_framed(r->kind));
}
/* Whether counted lines alone end a reply, and every request expects one. Such requests can be
 * batched. */
static inline bool rule_is_count_only(const dualpipe_rule *r) {
    return r->only_count && r->count > 0 && r->no_reply.count == 0 && !r->until_eof &&
           r->idle_ms <= 0 && !rule_has_errors(r);
}
/* Whether a second request may be sent before the first is answered. */
static inline bool rule_allows_pipelining(const dualpipe_rule *r) {
    return r->idle_ms <= 0 && !r->until_eof && !rule_needs_drained(r);
}
/* Writes the fence with the token, and of a wrap the n bytes of the request without their last line
 * end, filled in, and a line end. Returns its size; out may be NULL. */
size_t rule_format_fence(const dualpipe_rule *r, const char *token, const char *request, size_t n,
                         char *out);
/* Whether a wrap can't take the request in: in the quotes of a shell a NUL byte can't stand. */
bool rule_refuses_request(const dualpipe_rule *r, const void *request, size_t n);
/* Whether the n bytes are exactly one frame of the rule's kind, its end with it. Raw bytes never
 * are: nothing says where they end. */
bool rule_is_one_frame(const dualpipe_rule *r, const void *p, size_t n);
/* Finds the id in a request; it may be empty. Returns false if the request has none and so expects
 * no reply. */
bool rule_request_id(const dualpipe_rule *r, const void *request, size_t n, struct span *id);
/* Like dualpipe_rule_expects_reply(). */
bool rule_expects_reply(const dualpipe_rule *r, const void *request, size_t n);
/* Whether two ids are equal: by what they stand for in JSON, else byte by byte. */
bool rule_ids_equal(const dualpipe_rule *r, const char *a, size_t na, const char *b, size_t nb);
/* Whether two ids would be equal if both were strings: "1" and 1 in JSON. */
bool rule_ids_alike(const dualpipe_rule *r, const char *a, size_t na, const char *b, size_t nb);
/* Whether a text of several lines matches, or does so without the CRs before its line ends. */
bool rule_lines_match(const struct regex *re, const char *p, size_t n);
/* Classifies a frame, given without its line end and the CR before that. DUALPIPE_SCAN_MORE: an
 * ordinary frame, which the other rules judge; DUALPIPE_SCAN_COMPLETE: by its id it is a reply;
 * DUALPIPE_SCAN_NOTIFICATION and DUALPIPE_SCAN_CHILD_REQUEST: no request caused it. *id is the id
 * in the frame. */
enum dualpipe_scan_result rule_classify_frame(const dualpipe_rule *r, const char *p, size_t n,
                                              struct span *id);
/* While no request is in flight: if the first frame of p is recognisable as unsolicited, returns
 * its size, line end included, and sets *kind to DUALPIPE_SCAN_NOTIFICATION,
 * DUALPIPE_SCAN_CHILD_REQUEST, or DUALPIPE_SCAN_ECHO for an empty line between header frames, which
 * says nothing; else returns 0. With a rule by id every frame is unsolicited
 * then. */
size_t rule_match_unsolicited(const dualpipe_rule *r, const char *p, size_t n, int *kind,
                              struct span *id);
#endif
