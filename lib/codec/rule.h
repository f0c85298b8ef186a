/* rule.h: what a rule is, and what is asked of one before and behind a reply. The looking for
 * a reply's end is dualpipe_rule_scan. */
#ifndef RULE_H
#define RULE_H
#include "dualpipe.h"
#include "codec/fence.h"
#include "codec/regex.h"

struct regex_list {
    struct regex *items;
    int count;
};

struct dualpipe_rule {
    enum dualpipe_frame_kind kind;
    long count; /* 0: not a rule; -1: no reply */
    size_t bytes;
    int idle_ms;
    bool until_eof, match_partial_line, id_is_json;
    int lookback_lines; /* lines before the last that a pattern of until may need */
    struct regex_list end_patterns, no_reply, notifications;
    struct regex_list prompt, id, length; /* one or none */
    struct fence fence;
    bool only_count;         /* nothing but count asks for lines */
    bool only_bytes;         /* nothing does */
    bool holds_partial_line; /* an unfinished line is not sure yet */
};

/* Whether what comes is neither lines nor bytes. */
static inline bool rule_kind_is_framed(enum dualpipe_frame_kind kind) {
    return kind != DUALPIPE_FRAME_LINE && kind != DUALPIPE_FRAME_CRLF && kind != DUALPIPE_FRAME_RAW;
}
static inline bool rule_has_fence(const dualpipe_rule *r) {
    return r->fence.text;
}
static inline bool rule_matches_by_id(const dualpipe_rule *r) {
    return r->id_is_json || r->id.count > 0;
}
/* Whether a late reply can be told from the next. */
static inline bool rule_can_tell_late(const dualpipe_rule *r) {
    return rule_has_fence(r) || rule_matches_by_id(r);
}
/* Whether it is to be told that no more is there to read. */
static inline bool rule_needs_drained(const dualpipe_rule *r) {
    return r->prompt.count > 0 || (r->match_partial_line && r->end_patterns.count > 0);
}
/* Whether nothing but lines counted tells where a reply ends, and each request draws one. */
static inline bool rule_is_count_only(const dualpipe_rule *r) {
    return r->only_count && r->count > 0 && r->no_reply.count == 0 && !r->until_eof &&
           r->idle_ms <= 0;
}
/* Whether a second request may be sent before the first is answered. */
static inline bool rule_allows_pipelining(const dualpipe_rule *r) {
    return r->idle_ms <= 0 && !r->until_eof && !rule_needs_drained(r);
}
/* The fence's text with the token put in, and an LF; returns its size. out NULL: that alone. */
size_t rule_format_fence(const dualpipe_rule *r, const char *token, char *out);
/* Where a request's id lies, which may be empty; false: it has none, and draws no reply. */
bool rule_request_id(const dualpipe_rule *r, const void *request, size_t n, struct span *id,
                     bool *nomem);
/* As dualpipe_rule_expects_reply. starved: as in pattern.h. */
bool rule_expects_reply(const dualpipe_rule *r, const void *request, size_t n, bool *nomem);
bool rule_ids_equal(const dualpipe_rule *r, const char *a, size_t na, const char *b, size_t nb);
/* What the n bytes of a frame are, without their line end. DUALPIPE_SCAN_MORE: a frame like any
 * other; DUALPIPE_SCAN_COMPLETE: by its id, a reply; DUALPIPE_SCAN_NOTIFICATION, _ASKED: it answers
 * nothing. */
enum dualpipe_scan_result rule_classify_frame(const dualpipe_rule *r, const char *p, size_t n,
                                              struct span *id, bool *nomem);
/* While nothing is under way: the size of the first frame of p, line end and all, if it answers
 * nothing by its form, and in *kind DUALPIPE_SCAN_NOTIFICATION or _ASKED, of which *id; else 0. By
 * an id all do. */
size_t rule_match_unsolicited(const dualpipe_rule *r, const char *p, size_t n, int *kind,
                              struct span *id);
#endif
