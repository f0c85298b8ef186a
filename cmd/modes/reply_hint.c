/* reply_hint.c: what the last bytes of a reply without an end suggest.
 *
 * A reply that never ends has mostly come whole, but for a detail that its rule didn't expect: a CR
 * in front of the line end, a blank, a prompt or a line without its end. So the bytes are changed
 * in each of these ways, and the rule is asked again: a change that makes it see an end is what the
 * user is told. A fence's token is not known here; it is found by its form. A reply by id comes as
 * a message that answers nothing, if its id is of another type, as "1" is not 1.
 *
 * Pieces of a reply that were written already are gone, so the end of them is kept in b->tail. */
#include "modes/reply_hint.h"
#include "util/escape.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* --- what came --------------------------------------------------------------------------- */

/* Appends to the tail; of what is too long the end is kept. */
static void append(struct reply_tail *tail, const char *p, size_t n) {
    size_t kept = tail->size;
    if (n > sizeof tail->bytes) {
        p += n - sizeof tail->bytes;
        n = sizeof tail->bytes;
    }
    if (kept > sizeof tail->bytes - n)
        kept = sizeof tail->bytes - n;
    memmove(tail->bytes, tail->bytes + tail->size - kept, kept);
    if (n > 0)
        memcpy(tail->bytes + kept, p, n);
    tail->size = kept + n;
}

void reply_hint_add(struct batch *b, int64_t number, const char *p, size_t n) {
    if (b->tail.number != number)
        b->tail.size = 0;
    b->tail.number = number;
    append(&b->tail, p, n);
}

void reply_hint_note_piece(struct batch *b, const struct dualpipe_reply *piece) {
    reply_hint_add(b, piece->number, piece->data, piece->size);
}

void reply_hint_note_unsolicited(struct batch *b, const char *p, size_t n) {
    b->unsolicited.size = 0;
    append(&b->unsolicited, p, n < sizeof b->unsolicited.bytes ? n : sizeof b->unsolicited.bytes);
}

/* --- what it suggests -------------------------------------------------------------------- */

/* Whether the rule sees a reply's end in the bytes. */
static bool has_end(const dualpipe_rule *rule, const char *p, size_t n) {
    struct dualpipe_scan scan = {0};
    enum dualpipe_scan_result found;
    do {
        scan.consumed = 0;
        found = dualpipe_rule_scan(rule, &scan, p, n, DUALPIPE_SCAN_DRAINED);
        p += scan.consumed;
        n -= scan.consumed;
    } while ((found == DUALPIPE_SCAN_NOTIFICATION || found == DUALPIPE_SCAN_ECHO) &&
             scan.consumed > 0);
    return found == DUALPIPE_SCAN_COMPLETE;
}

/* The changes: each copies the n bytes, which are not none, to `to`, which has room for one more.
 * They return how many bytes they wrote. */

static size_t without(char unwanted, const char *p, size_t n, char *to) {
    size_t used = 0, kept = 0;
    for (size_t i = 0; i < n; i++) {
        to[used++] = p[i];
        if (p[i] == '\n') {
            to[kept] = '\n';
            used = kept + 1;
        }
        if (p[i] != unwanted)
            kept = used;
    }
    return kept;
}

static size_t without_cr(const char *p, size_t n, char *to) {
    return without('\r', p, n, to);
}

static size_t without_blanks(const char *p, size_t n, char *to) {
    return without(' ', p, n, to);
}

/* A last line that has its end stays as it is. */
static size_t with_byte(char c, const char *p, size_t n, char *to) {
    memcpy(to, p, n);
    to[n] = c;
    return p[n - 1] == '\n' ? n : n + 1;
}

static size_t with_blank(const char *p, size_t n, char *to) {
    return with_byte(' ', p, n, to);
}

static size_t with_line_end(const char *p, size_t n, char *to) {
    return with_byte('\n', p, n, to);
}

/* The first change that lets the rule see an end tells what is wrong. */
static const struct {
    size_t (*change)(const char *p, size_t n, char *to);
    const char *meaning;
} changes[] = {
    {without_cr, "a \\r behind it keeps the rule from matching: let the pattern take it"},
    {without_blanks, "a blank behind it keeps the rule from matching: let the pattern take it"},
    {with_blank, "the rule awaits a blank behind it: leave it out of the pattern"},
    {with_line_end,
     "its last line has no line end, which the rule awaits: -p takes a line without"},
};

static const char *find_change(const struct reply_tail *tail, const dualpipe_rule *rule) {
    char changed[sizeof tail->bytes + 1];
    if (has_end(rule, tail->bytes, tail->size))
        return NULL;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        if (has_end(rule, changed, changes[i].change(tail->bytes, tail->size, changed)))
            return changes[i].meaning;
    return NULL;
}

/* The length of the token of a fence that begins at p, 0 if none does: dp, hexadecimal digits, n,
 * digits. */
static size_t token_length(const char *p, const char *end) {
    const char *at = p + 2, *digits;
    if (end - p < 5 || p[0] != 'd' || p[1] != 'p')
        return 0;
    while (at < end && isxdigit((unsigned char)*at))
        at++;
    if (at == p + 2 || at == end || *at != 'n')
        return 0;
    for (digits = ++at; at < end && isdigit((unsigned char)*at);)
        at++;
    return at == digits ? 0 : (size_t)(at - p);
}

/* Says what stands behind a token in its line, and so hides it. Returns false if nothing does. */
static bool describe_token(const struct reply_tail *tail, char *out, size_t size) {
    const char *end = tail->bytes + tail->size;
    char excerpt[64];
    size_t length, rest;
    for (const char *p = end; p-- > tail->bytes;) {
        if ((length = token_length(p, end)) == 0)
            continue;
        for (rest = 0; p + length + rest < end && p[length + rest] != '\n';)
            rest++;
        if (rest == 0)
            return false;
        snprintf(out, size, "\"%s\" stands behind the fence's token, which must end its line",
                 escape_bytes(p + length, rest, excerpt, sizeof excerpt));
        return true;
    }
    return false;
}

const char *reply_hint_find(const struct batch *b, const struct request_opts *opts, char *out,
                            size_t size) {
    const struct reply_tail *odd = &b->unsolicited;
    char excerpt[133];
    const char *change;
    if (opts->id && odd->size > 0) {
        snprintf(out, size, "\"%s\" came and answers no request: %s",
                 escape_bytes(odd->bytes, odd->size < 32 ? odd->size : 32, excerpt,
                              sizeof excerpt),
                 strcmp(opts->id, "json") == 0 ? "an id must be of the same type, \"1\" is not 1"
                                               : "its id must be the same bytes");
        return out;
    }
    if (opts->id || b->tail.size == 0 || b->run->s->frame != DUALPIPE_FRAME_LINE)
        return NULL;
    if (describe_token(&b->tail, out, size))
        return out;
    if (!(change = find_change(&b->tail, opts->rule)))
        return NULL;
    snprintf(out, size, "%s", change);
    return out;
}

const char *reply_hint_find_ready(const struct settings *s, const char *p, size_t n) {
    struct reply_tail tail = {0};
    append(&tail, p, n);
    return n > 0 && s->frame == DUALPIPE_FRAME_LINE ? find_change(&tail, s->ready_rule) : NULL;
}
