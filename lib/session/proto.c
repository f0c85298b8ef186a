/* proto.c: the session protocol's messages: a head, one line of words, and the bytes it counts. */
#include "session/proto.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const outcomes[] = {"ok", "timeout", "ended", "long", "malformed", "memory",
                                       "not-started", "limit"};
enum { OUTCOMES = sizeof outcomes / sizeof *outcomes, LONGEST_NUMBER = 20 };

int wire_take(const char *p, size_t n, struct wire *m) {
    const char *lf = n > 0 ? memchr(p, '\n', n < WIRE_HEAD ? n : WIRE_HEAD) : NULL;
    int64_t size;
    *m = (struct wire){.head = p};
    if (!lf)
        return n < WIRE_HEAD ? 0 : -EBADMSG;
    m->nhead = (size_t)(lf - p);
    m->whole = m->nhead + 1;
    if (memchr(p, 0, m->nhead))
        return -EBADMSG;
    if ((size = wire_number(m, "size", 0)) < 0)
        return -EBADMSG;
    m->data = lf + 1;
    m->size = (size_t)size;
    if (n - m->whole < m->size)
        return 0;
    m->whole += m->size;
    return 1;
}

bool wire_is(const struct wire *m, const char *verb) {
    size_t n = strlen(verb);
    return m->nhead >= n && memcmp(m->head, verb, n) == 0 &&
           (m->nhead == n || m->head[n] == ' ');
}

static const char *find(const struct wire *m, const char *key, size_t *size) {
    const char *p = m->head, *end = m->head + m->nhead;
    size_t n = strlen(key);
    while (p < end && (p = memchr(p, ' ', (size_t)(end - p)))) {
        const char *blank;
        p++;
        if ((size_t)(end - p) <= n || memcmp(p, key, n) != 0 || p[n] != '=')
            continue;
        p += n + 1;
        blank = memchr(p, ' ', (size_t)(end - p));
        *size = (size_t)((blank ? blank : end) - p);
        return p;
    }
    return NULL;
}

int64_t wire_number(const struct wire *m, const char *key, int64_t otherwise) {
    char text[LONGEST_NUMBER + 1], *end;
    size_t n;
    const char *at = find(m, key, &n);
    long long number;
    if (!at)
        return otherwise;
    if (n == 0 || n >= sizeof text)
        return -1;
    memcpy(text, at, n);
    text[n] = 0;
    if (strspn(text, "0123456789") != n)
        return -1;
    errno = 0;
    number = strtoll(text, &end, 10);
    return errno ? -1 : number;
}

const char *wire_word(const struct wire *m, const char *key, char *out, size_t size) {
    size_t n;
    const char *at = find(m, key, &n);
    snprintf(out, size, "%.*s", at ? (int)(n < size ? n : size - 1) : 0, at ? at : "");
    return out;
}

const char *wire_outcome(enum dualpipe_outcome o) {
    return (unsigned)o < OUTCOMES ? outcomes[o] : "ended";
}

enum dualpipe_outcome wire_outcome_of(const char *word) {
    for (int i = 0; i < OUTCOMES; i++)
        if (strcmp(outcomes[i], word) == 0)
            return (enum dualpipe_outcome)i;
    return DUALPIPE_CHILD_ENDED;
}

void wire_put_status(char *out, size_t size, const struct dualpipe_status *s) {
    int n = 0;
    if (s->signal > 0)
        n = snprintf(out, size, " signal=%d core=%d stopped=%d rss=%ld cpu=%ld", s->signal,
                     s->core, s->stopped, s->maxrss_kb, s->cpu_ms);
    else if (s->code >= 0)
        n = snprintf(out, size, " code=%d stopped=%d rss=%ld cpu=%ld", s->code, s->stopped,
                     s->maxrss_kb, s->cpu_ms);
    else
        *out = 0;
    if (s->limit || s->near)
        snprintf(out + n, size - (size_t)n, " limit=%d near=%u", (int)s->limit, s->near);
}

static enum dualpipe_limit limit_of(const struct wire *m) {
    int64_t limit = wire_number(m, "limit", 0);
    return limit < 0 || limit > DUALPIPE_OUTPUT ? DUALPIPE_NO_LIMIT : (enum dualpipe_limit)limit;
}

struct dualpipe_status wire_status(const struct wire *m) {
    return (struct dualpipe_status){
        .code = (int)wire_number(m, "code", -1),
        .signal = (int)wire_number(m, "signal", -1),
        .core = wire_number(m, "core", 0) > 0,
        .stopped = wire_number(m, "stopped", 0) > 0,
        .maxrss_kb = (long)wire_number(m, "rss", 0),
        .cpu_ms = (long)wire_number(m, "cpu", 0),
        .limit = limit_of(m),
        .near = (unsigned)wire_number(m, "near", 0),
    };
}
