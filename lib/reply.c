/* reply.c: the rules by which a reply ends, over bytes alone: no descriptor, no clock. */
#include "error.h"
#include "pattern.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MOST_LINE_ENDS ((int)(sizeof ((struct dualpipe_scan *)0)->lines_ / sizeof(size_t)))

struct patterns {
    struct pattern *all;
    int n;
};

struct dualpipe_rule {
    long count; /* 0: not a rule; -1: no reply */
    int idle, at_end;
    int lookback; /* lines before the last that a pattern may need */
    struct patterns until, no_reply;
};

static void free_patterns(struct patterns *p) {
    while (p->n > 0)
        pattern_free(&p->all[--p->n]);
    free(p->all);
}

static int compile_all(struct patterns *p, const char *const *texts, struct dualpipe_failure *why) {
    size_t n = 0;
    int r;
    while (texts && texts[n])
        n++;
    if (n == 0)
        return 0;
    if (!(p->all = calloc(n, sizeof *p->all)))
        return failed(why, "understanding the pattern", texts[0], NULL, -ENOMEM);
    for (; texts[p->n]; p->n++) {
        if ((r = pattern_compile(&p->all[p->n], texts[p->n], why)) < 0)
            return r;
        if (p->all[p->n].line_ends <= MOST_LINE_ENDS)
            continue;
        return failed(why, "understanding the pattern", texts[p->n++], "8 line ends are the most",
                      -EINVAL);
    }
    return 0;
}

int dualpipe_rule_new(dualpipe_rule **rule, const struct dualpipe_rule_options *o,
                      struct dualpipe_failure *why) {
    dualpipe_rule *r = calloc(1, sizeof *r);
    int error;
    *rule = NULL;
    if (!r)
        return failed(why, "making a rule", NULL, NULL, -ENOMEM);
    r->count = o->count;
    r->idle = o->idle;
    r->at_end = o->at_end;
    if ((error = compile_all(&r->until, o->until, why)) < 0 ||
        (error = compile_all(&r->no_reply, o->no_reply, why)) < 0) {
        dualpipe_rule_free(r);
        return error;
    }
    if (r->count == 0 && r->until.n == 0 && r->idle == 0 && !r->at_end)
        r->count = 1;
    for (int i = 0; i < r->until.n; i++)
        if (r->until.all[i].line_ends > r->lookback)
            r->lookback = r->until.all[i].line_ends;
    *rule = r;
    return 0;
}

dualpipe_rule *dualpipe_rule_free(dualpipe_rule *r) {
    if (r) {
        free_patterns(&r->until);
        free_patterns(&r->no_reply);
        free(r);
    }
    return NULL;
}

int dualpipe_rule_awaits(const dualpipe_rule *r, const void *request, size_t n) {
    if (r->count < 0)
        return 0;
    if (n > 0 && ((const char *)request)[n - 1] == '\n')
        n--;
    for (int i = 0; i < r->no_reply.n; i++)
        if (pattern_matches(&r->no_reply.all[i], request, n))
            return 0;
    return 1;
}

int dualpipe_rule_idle(const dualpipe_rule *r) {
    return r->idle > 0 ? r->idle : DUALPIPE_FOREVER;
}

/* The line from start to end is the last of what the patterns are held against. */
static int matches_until(const dualpipe_rule *r, struct dualpipe_scan *s, const char *p,
                         size_t start, size_t end) {
    for (int i = 0; i < r->until.n; i++) {
        int before = r->until.all[i].line_ends;
        size_t from = start;
        if (before > s->frames)
            continue;
        if (before > 0)
            from = s->lines_[before - 1];
        if (pattern_matches(&r->until.all[i], p + from, end - from)) {
            s->which = i;
            return 1;
        }
    }
    return 0;
}

/* A frame from s->whole to end, its LF, if it has one, behind that. Whether it is the last. */
static int take_frame(const dualpipe_rule *r, struct dualpipe_scan *s, const char *p, size_t end,
                      size_t with_lf) {
    int last = matches_until(r, s, p, s->whole, end);
    for (int i = r->lookback - 1; i > 0; i--)
        s->lines_[i] = s->lines_[i - 1];
    if (r->lookback > 0)
        s->lines_[0] = s->whole;
    s->frames++;
    s->whole = s->seen_ = with_lf;
    return last || (r->count > 0 && s->frames >= r->count);
}

static void forget_dropped(const dualpipe_rule *r, struct dualpipe_scan *s) {
    s->whole -= s->drop;
    s->seen_ -= s->drop;
    for (int i = 0; i < r->lookback && i < s->frames; i++)
        s->lines_[i] -= s->drop;
    s->drop = 0;
    s->which = -1;
}

int dualpipe_rule_scan(const dualpipe_rule *r, struct dualpipe_scan *s, const char *p, size_t n,
                       int ended) {
    const char *lf;
    int last = r->count < 0;
    forget_dropped(r, s);
    while (!last && s->seen_ < n && (lf = memchr(p + s->seen_, '\n', n - s->seen_)))
        last = take_frame(r, s, p, (size_t)(lf - p), (size_t)(lf - p) + 1);
    if (!last && ended) {
        if (s->whole < n)
            last = take_frame(r, s, p, n, n);
        last |= r->at_end;
    }
    if (!last)
        s->seen_ = n;
    s->drop = s->whole;
    if (!last && r->lookback > 0)
        s->drop = s->frames >= r->lookback ? s->lines_[r->lookback - 1] : 0;
    return last;
}
