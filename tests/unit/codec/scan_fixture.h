/* scan_fixture.h: feeds a text to dualpipe_rule_scan in pieces, as its callers do, and records
 * the result: the reply, the lines that were removed, and where the reply ended. Used by the unit
 * tests of the rules and by tests/fuzz/rules.c.
 *
 * A typical use: fill a struct showing, call show(), compare two results by seen_differ(),
 * release each by seen_free(). */
#ifndef SCAN_FIXTURE_H
#define SCAN_FIXTURE_H
#include "dualpipe.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Returns the size of the next piece; left bytes remain. */
typedef size_t cutter(void *data, size_t left);

struct showing {
    const dualpipe_rule *rule;
    const char *token, *text;
    size_t n;
    int flags; /* flags for the last piece: what is known to follow */
    cutter *cut; /* NULL: the whole text at once */
    void *data;
    size_t max; /* longest body of a frame; 0: no limit */
};

struct seen {
    enum dualpipe_scan_result bad; /* _BAD_FRAME or _TOO_LONG */
    size_t fault;              /* offset in the text of the malformed frame */
    const char *broken; /* the promise of the header that was broken; NULL: none */
    bool whole;
    size_t end;         /* offset where the reply ends, or of the part that is certain so far */
    size_t nreply, ncuts, nid, at_end; /* at_end: bytes removed with the reply's end */
    char *reply, *cuts; /* each removed piece: its kind, its id, its bytes */
    const char *id;     /* points into the text */
    int which;
    long frames;
};

static inline void seen_free(struct seen *e) {
    free(e->reply);
    free(e->cuts);
}

/* Checks what the header promises of every call, whatever the bytes; NULL if all holds. */
static inline const char *scan_broken(const struct dualpipe_scan *s, size_t n, size_t from,
                                      enum dualpipe_scan_result is) {
    if (s->from != from)
        return "from is not the last next";
    if (s->from > s->to || s->to > s->next || s->next > n)
        return "from, to, next, n are not in order";
    if (s->consumed > s->next)
        return "consumed is after next";
    if (is == DUALPIPE_SCAN_MORE && s->next != s->to)
        return "something is cut off, and it is not said what";
    if (is >= DUALPIPE_SCAN_BAD_FRAME)
        return s->next == s->to && s->consumed == s->to && s->id_offset >= s->to &&
                       s->id_size == n - s->id_offset
                   ? NULL
                   : "what is wrong lies elsewhere";
    if (is > DUALPIPE_SCAN_COMPLETE && s->next == s->to)
        return "nothing is cut out";
    if (is == DUALPIPE_SCAN_COMPLETE && s->consumed != s->next)
        return "a whole reply is kept";
    if (s->id_size > 0 && (s->id_offset < s->from || s->id_offset + s->id_size > s->next))
        return "an id lies elsewhere";
    return NULL;
}

static inline void see_cut(struct seen *e, enum dualpipe_scan_result is,
                           const struct dualpipe_scan *s, const char *p) {
    e->cuts[e->ncuts++] = (char)('0' + is);
    memcpy(e->cuts + e->ncuts, p + s->id_offset, s->id_size);
    e->ncuts += s->id_size;
    e->cuts[e->ncuts++] = ':';
    memcpy(e->cuts + e->ncuts, p + s->to, s->next - s->to);
    e->ncuts += s->next - s->to;
}

/* Scans once more after one more piece has arrived, `shown` bytes in all. Each call gets a copy
 * of exact size, so that ASan catches a read of discarded bytes. Returns whether to go on. */
static inline bool show_piece(const struct showing *w, struct dualpipe_scan *s, size_t *base,
                              size_t shown, struct seen *e) {
    int flags = shown == w->n ? w->flags : 0;
    enum dualpipe_scan_result is;
    do {
        size_t from = s->next - s->consumed, n;
        char *copy;
        *base += s->consumed;
        n = shown - *base;
        if (!(copy = malloc(n ? n : 1)))
            abort();
        memcpy(copy, w->text + *base, n);
        is = dualpipe_rule_scan(w->rule, s, copy, n, flags);
        if (!(e->broken = scan_broken(s, n, from, is))) {
            memcpy(e->reply + e->nreply, copy + s->from, s->to - s->from);
            e->nreply += s->to - s->from;
            if (is >= DUALPIPE_SCAN_BAD_FRAME)
                e->bad = is, e->fault = *base + s->id_offset;
            else if (is > DUALPIPE_SCAN_COMPLETE)
                see_cut(e, is, s, copy);
        }
        free(copy);
    } while (!e->broken && is > DUALPIPE_SCAN_COMPLETE && !e->bad);
    e->whole = is == DUALPIPE_SCAN_COMPLETE;
    return !e->broken && !e->whole && !e->bad;
}

static inline struct seen show(const struct showing *w) {
    struct dualpipe_scan s = {.token = w->token, .max_frame = w->max};
    struct seen e = {.reply = malloc(w->n + 1), .cuts = malloc(6 * w->n + 1)};
    size_t base = 0, shown = 0;
    if (!e.reply || !e.cuts)
        abort();
    do {
        size_t piece = w->cut ? w->cut(w->data, w->n - shown) : w->n;
        shown = piece > w->n - shown ? w->n : shown + piece;
    } while (show_piece(w, &s, &base, shown, &e) && shown < w->n);
    e.reply[e.nreply] = e.cuts[e.ncuts] = 0;
    e.end = base + s.next;
    e.at_end = s.next - s.to;
    e.which = s.matched;
    e.frames = s.frames;
    e.nid = e.whole ? s.id_size : 0;
    e.id = w->text + base + s.id_offset;
    return e;
}

/* How two results for one text differ; NULL if they are the same. */
static inline const char *seen_differ(const struct seen *a, const struct seen *b) {
    if (a->broken || b->broken)
        return a->broken ? a->broken : b->broken;
    if (a->bad != b->bad || a->fault != b->fault)
        return "something else is wrong";
    if (a->whole != b->whole)
        return "one is whole";
    if (a->end != b->end || a->at_end != b->at_end)
        return "they end elsewhere";
    if (a->which != b->which || a->frames != b->frames)
        return "they end by another rule";
    if (a->nid != b->nid || (a->nid > 0 && a->id != b->id))
        return "they have other ids";
    if (a->nreply != b->nreply || memcmp(a->reply, b->reply, a->nreply) != 0)
        return "the replies differ";
    if (a->ncuts != b->ncuts || memcmp(a->cuts, b->cuts, a->ncuts) != 0)
        return "other lines are cut out";
    return NULL;
}
#endif
