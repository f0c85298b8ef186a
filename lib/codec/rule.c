/* rule.c: the rules by which a reply ends: made, freed, and asked about a request or a frame. */
#include "codec/rule.h"
#include "base/error.h"
#include "codec/json_id.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_KEPT = sizeof ((struct dualpipe_scan *)0)->lines_ / sizeof(size_t), ANY = 1 << 30 };

static const char step[] = "understanding the pattern";

static void free_patterns(struct patterns *p) {
    while (p->n > 0)
        pattern_free(&p->all[--p->n]);
    free(p->all);
}

static int compile_all(struct patterns *p, const char *const *texts, enum pattern_use use,
                       int most, struct dualpipe_failure *why) {
    size_t n = 0;
    int r;
    while (texts && texts[n])
        n++;
    if (n == 0)
        return 0;
    if (!(p->all = calloc(n, sizeof *p->all)))
        return failed(why, step, texts[0], NULL, -ENOMEM);
    for (; texts[p->n]; p->n++) {
        if ((r = pattern_compile(&p->all[p->n], texts[p->n], use, why)) < 0)
            return r;
        if (p->all[p->n].line_ends <= most)
            continue;
        return failed(why, step, texts[p->n++],
                      most ? "8 line ends are the most" : "a frame is one line: leave out \\n",
                      -EINVAL);
    }
    return 0;
}

static int compile_one(struct patterns *p, const char *text, enum pattern_use use, int most,
                       struct dualpipe_failure *why) {
    const char *const texts[] = {text, NULL};
    return compile_all(p, texts, use, most, why);
}

static int compile_rule(dualpipe_rule *r, const struct dualpipe_rule_options *o,
                        struct dualpipe_failure *why) {
    int error;
    r->json = o->id && strcmp(o->id, "json") == 0;
    if ((error = compile_all(&r->until, o->until, PATTERN_WHETHER, LINES_KEPT, why)) < 0 ||
        (error = compile_all(&r->no_reply, o->no_reply, PATTERN_WHETHER, ANY, why)) < 0 ||
        (error = compile_all(&r->async, o->async, PATTERN_WHETHER, 0, why)) < 0 ||
        (error = compile_one(&r->prompt, o->prompt, PATTERN_ENDING, LINES_KEPT, why)) < 0 ||
        (error = compile_one(&r->id, r->json ? NULL : o->id, PATTERN_GROUP, 0, why)) < 0 ||
        (error = compile_one(&r->length, o->length, PATTERN_GROUP, 0, why)) < 0)
        return error;
    if (o->fence && !fence_make(&r->fence, o->fence))
        return failed(why, "understanding the fence", o->fence,
                      "write {} where the token is to stand", -EINVAL);
    if (o->fence && !r->fence.text)
        return failed(why, "understanding the fence", o->fence, NULL, -ENOMEM);
    return 0;
}

/* What ends a reply, but for id. */
static bool has_end(const struct dualpipe_rule_options *o) {
    return o->count || (o->until && o->until[0]) || o->prompt || o->fence || o->length ||
           o->bytes || o->idle > 0 || o->at_end;
}

/* Which rules can't be of this kind of frame: what to write instead. NULL: all can. */
static const char *misfit(const struct dualpipe_rule_options *o) {
    bool patterns = (o->until && o->until[0]) || (o->async && o->async[0]) || o->id;
    bool framed = o->count > 0 || patterns || o->fence || o->length;
    if (o->kind == DUALPIPE_RAW && (framed || !has_end(o)))
        return "raw bytes have no frames: give their number, a silence, a prompt or their end";
    if (!kind_is_framed(o->kind))
        return NULL;
    if (o->prompt)
        return "a prompt stands behind lines: leave out the frame";
    if (o->fence)
        return "a fence is a line: leave out the frame";
    if (o->length)
        return "the length is the frame's own: leave out the pattern";
    if (o->bytes)
        return "a frame says itself how many bytes it has: leave out their number";
    return o->unfinished ? "an unfinished frame can't be read" : NULL;
}

static void settle(dualpipe_rule *r, const struct dualpipe_rule_options *o) {
    bool by_pattern, by_line;
    r->kind = o->kind;
    r->count = o->count ? o->count : !has_end(o) && !o->id;
    r->bytes = o->bytes;
    r->idle = o->idle;
    r->at_end = o->at_end;
    r->unfinished = o->unfinished;
    for (int i = 0; i < r->until.n; i++)
        if (r->until.all[i].line_ends > r->lookback)
            r->lookback = r->until.all[i].line_ends;
    by_pattern = r->until.n > 0 || r->async.n > 0 || r->length.n > 0 || o->fence || o->id;
    by_line = r->count > 0 || by_pattern;
    r->by_count = by_line && !by_pattern && r->prompt.n == 0 && r->bytes == 0 &&
                  !kind_is_framed(r->kind);
    r->by_bytes = !by_line && r->prompt.n == 0;
    r->holds_line = by_line || r->bytes > 0;
}

int dualpipe_rule_new(dualpipe_rule **rule, const struct dualpipe_rule_options *o,
                      struct dualpipe_failure *why) {
    const char *advice = misfit(o);
    dualpipe_rule *r;
    int error;
    *rule = NULL;
    if (advice)
        return failed(why, "making a rule", NULL, advice, -EINVAL);
    if (o->id && has_end(o))
        return failed(why, "making a rule", o->id,
                      "an id ends replies alone: leave out the other rules", -EINVAL);
    if (!(r = calloc(1, sizeof *r)))
        return failed(why, "making a rule", NULL, NULL, -ENOMEM);
    if ((error = compile_rule(r, o, why)) < 0) {
        dualpipe_rule_free(r);
        return error;
    }
    settle(r, o);
    *rule = r;
    return 0;
}

dualpipe_rule *dualpipe_rule_free(dualpipe_rule *r) {
    if (r) {
        struct patterns *all[] = {&r->until, &r->no_reply, &r->async,
                                  &r->prompt, &r->id, &r->length};
        for (size_t i = 0; i < sizeof all / sizeof *all; i++)
            free_patterns(all[i]);
        fence_free(&r->fence);
        free(r);
    }
    return NULL;
}

/* --- what it needs ----------------------------------------------------------------------- */

int dualpipe_rule_idle(const dualpipe_rule *r) {
    return r->idle > 0 ? r->idle : DUALPIPE_FOREVER;
}

int dualpipe_rule_pipelines(const dualpipe_rule *r) {
    return rule_pipelines(r);
}

size_t rule_fence(const dualpipe_rule *r, const char *token, char *out) {
    size_t n = fence_put(&r->fence, token, out);
    if (r->kind != DUALPIPE_CRLF)
        return n;
    if (out)
        memcpy(out + n - 1, "\r\n", 2);
    return n + 1;
}

/* --- of a request, of a frame ------------------------------------------------------------ */

/* Where the body of a request lies, if it is one frame; else all of it. */
static struct span body_of(const dualpipe_rule *r, const char *p, size_t n) {
    struct dualpipe_body b = {0};
    bool one;
    if (r->kind == DUALPIPE_LINE) /* which may hold line ends of its own */
        return (struct span){0, n > 0 && p[n - 1] == '\n' ? n - 1 : n};
    one = dualpipe_unframe(r->kind, p, n, SIZE_MAX, &b) == (ssize_t)n && n > 0;
    return one ? (struct span){(size_t)(b.data - p), (size_t)(b.data - p) + b.size}
               : (struct span){0, n};
}

static bool matches_any(const struct patterns *p, const char *text, size_t n, bool *starved) {
    for (int i = 0; i < p->n; i++)
        if (pattern_matches(&p->all[i], text, n, starved))
            return true;
    return false;
}

/* A null id is one in a request alone: in an answer it says that the request's is not known. */
static bool read_json_id(const char *p, size_t n, struct json_message *m, struct span *id) {
    if (!json_read(p, n, m) || m->nid == 0 || (*m->id == 'n' && !m->method))
        return false;
    id->from = (size_t)(m->id - p);
    id->to = id->from + m->nid;
    return true;
}

bool rule_request_id(const dualpipe_rule *r, const void *request, size_t n, struct span *id,
                     bool *starved) {
    struct json_message m;
    struct span body = body_of(r, request, n);
    const char *p = (const char *)request + body.from;
    bool has;
    *id = (struct span){0, 0};
    n = body.to - body.from;
    if (r->json)
        has = read_json_id(p, n, &m, id) && m.method && *m.id != 'n';
    else
        has = r->id.n > 0 && pattern_group(r->id.all, p, n, id, starved);
    id->from += body.from;
    id->to += body.from;
    return has;
}

bool rule_same_id(const dualpipe_rule *r, const char *a, size_t na, const char *b, size_t nb) {
    if (r->json)
        return json_same(a, na, b, nb);
    return na == nb && (na == 0 || memcmp(a, b, na) == 0);
}

bool rule_awaits(const dualpipe_rule *r, const void *request, size_t n, bool *starved) {
    struct span id, body;
    if (r->count < 0)
        return false;
    if (r->no_reply.n > 0) {
        body = body_of(r, request, n);
        if (matches_any(&r->no_reply, (const char *)request + body.from, body.to - body.from,
                        starved))
            return false;
    }
    return !rule_by_id(r) || rule_request_id(r, request, n, &id, starved);
}

int dualpipe_rule_awaits(const dualpipe_rule *r, const void *request, size_t n) {
    return rule_awaits(r, request, n, NULL);
}

enum dualpipe_scanned rule_judge(const dualpipe_rule *r, const char *p, size_t n, struct span *id,
                                 bool *starved) {
    struct json_message m;
    *id = (struct span){0, 0};
    if (matches_any(&r->async, p, n, starved))
        return DUALPIPE_NOTICE;
    if (!rule_by_id(r))
        return DUALPIPE_MORE;
    if (r->id.n > 0)
        return pattern_group(r->id.all, p, n, id, starved) ? DUALPIPE_WHOLE : DUALPIPE_NOTICE;
    if (!read_json_id(p, n, &m, id))
        return DUALPIPE_NOTICE;
    return m.method ? DUALPIPE_ASKED : DUALPIPE_WHOLE;
}

size_t rule_unasked(const dualpipe_rule *r, const char *p, size_t n, int *kind, struct span *id) {
    struct dualpipe_body b = {0};
    ssize_t used = n > 0 ? dualpipe_unframe(r->kind, p, n, SIZE_MAX, &b) : 0;
    enum dualpipe_scanned judged;
    size_t body = used > 0 ? (size_t)(b.data - p) : 0;
    if (used <= 0 || (judged = rule_judge(r, b.data, b.size, id, NULL)) == DUALPIPE_MORE)
        return 0;
    id->from += body;
    id->to += body;
    *kind = judged == DUALPIPE_ASKED ? DUALPIPE_ASKED : DUALPIPE_NOTICE;
    return (size_t)used;
}
