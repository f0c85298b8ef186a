/* rule.h: what a rule is, and what is asked of one before and behind a reply. The looking for
 * a reply's end is dualpipe_rule_scan. */
#ifndef REPLY_H
#define REPLY_H
#include "dualpipe.h"
#include "codec/fence.h"
#include "codec/regex.h"

struct patterns {
    struct pattern *all;
    int n;
};

struct dualpipe_rule {
    enum dualpipe_kind kind;
    long count; /* 0: not a rule; -1: no reply */
    size_t bytes;
    int idle;
    bool at_end, unfinished, json;
    int lookback;      /* lines before the last that a pattern of until may need */
    struct patterns until, no_reply, async;
    struct patterns prompt, id, length; /* one or none */
    struct fence fence;
    bool by_count;     /* nothing but count asks for lines */
    bool by_bytes;     /* nothing does */
    bool holds_line;   /* an unfinished line is not sure yet */
};

/* Whether what comes is neither lines nor bytes. */
static inline bool kind_is_framed(enum dualpipe_kind kind) {
    return kind != DUALPIPE_LINE && kind != DUALPIPE_CRLF && kind != DUALPIPE_RAW;
}
static inline bool rule_has_fence(const dualpipe_rule *r) {
    return r->fence.text;
}
static inline bool rule_by_id(const dualpipe_rule *r) {
    return r->json || r->id.n > 0;
}
/* Whether a late reply can be told from the next. */
static inline bool rule_tells_apart(const dualpipe_rule *r) {
    return rule_has_fence(r) || rule_by_id(r);
}
/* Whether it is to be told that no more is there to read. */
static inline bool rule_needs_quiet(const dualpipe_rule *r) {
    return r->prompt.n > 0 || (r->unfinished && r->until.n > 0);
}
/* Whether nothing but lines counted tells where a reply ends, and each request draws one. */
static inline bool rule_by_count_alone(const dualpipe_rule *r) {
    return r->by_count && r->count > 0 && r->no_reply.n == 0 && !r->at_end && r->idle <= 0;
}
/* Whether a second request may be sent before the first is answered. */
static inline bool rule_pipelines(const dualpipe_rule *r) {
    return r->idle <= 0 && !r->at_end && !rule_needs_quiet(r);
}
/* The fence's text with the token put in, and an LF; returns its size. out NULL: that alone. */
size_t rule_fence(const dualpipe_rule *r, const char *token, char *out);
/* Where a request's id lies, which may be empty; false: it has none, and draws no reply. */
bool rule_request_id(const dualpipe_rule *r, const void *request, size_t n, struct span *id,
                     bool *starved);
/* As dualpipe_rule_awaits. starved: as in pattern.h. */
bool rule_awaits(const dualpipe_rule *r, const void *request, size_t n, bool *starved);
bool rule_same_id(const dualpipe_rule *r, const char *a, size_t na, const char *b, size_t nb);
/* What the n bytes of a frame are, without their line end. DUALPIPE_MORE: a frame like any
 * other; DUALPIPE_WHOLE: by its id, a reply; DUALPIPE_NOTICE, _ASKED: it answers nothing. */
enum dualpipe_scanned rule_judge(const dualpipe_rule *r, const char *p, size_t n, struct span *id,
                                 bool *starved);
/* While nothing is under way: the size of the first frame of p, line end and all, if it answers
 * nothing by its form, and in *kind DUALPIPE_NOTICE or _ASKED, of which *id; else 0. By an id all
 * do. */
size_t rule_unasked(const dualpipe_rule *r, const char *p, size_t n, int *kind, struct span *id);
/* dualpipe_rule_scan of frames that are neither lines nor bytes. */
enum dualpipe_scanned rule_scan_frames(const dualpipe_rule *r, struct dualpipe_scan *s,
                                       const char *p, size_t n, int behind, bool *starved);
/* Whether bytes of a frame have come that is not all there. */
bool scan_amid_frame(const struct dualpipe_scan *s);
/* Whether what ended a whole reply was its fence: else that is still to come. */
bool scan_at_fence(const struct dualpipe_scan *s);
#endif
