/* proto.c: parses the heads of session messages; encodes and decodes outcomes and statuses.
 * proto.h describes the protocol. Nothing here copies or allocates: a message is a view of the
 * bytes that a caller holds, so values are looked up in the head each time they are needed. */
#include "session/proto.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In the order of enum dualpipe_outcome. */
static const char *const outcome_words[] = {"ok",        "timeout", "ended",       "long",
                                            "malformed", "memory",  "not-started", "limit",
                                             "refused",   "open",    "error",       "cancelled"};
enum {
    NOUTCOMES = sizeof outcome_words / sizeof *outcome_words,
    NUMBER_DIGITS = 20, /* most digits of a number in a head */
};

int proto_parse(const char *p, size_t n, struct proto_msg *msg) {
    const char *lf = n > 0 ? memchr(p, '\n', n < PROTO_HEAD_MAX ? n : PROTO_HEAD_MAX) : NULL;
    int64_t size;
    *msg = (struct proto_msg){.head = p};
    if (!lf)
        return n < PROTO_HEAD_MAX ? 0 : -EBADMSG;
    msg->head_size = (size_t)(lf - p);
    msg->total_size = msg->head_size + 1;
    if (memchr(p, 0, msg->head_size)) /* heads are text; this is something else */
        return -EBADMSG;
    if ((size = proto_number(msg, "size", 0)) < 0)
        return -EBADMSG;
    msg->data = lf + 1;
    msg->size = (size_t)size;
    if (n - msg->total_size < msg->size)
        return 0;
    msg->total_size += msg->size;
    return 1;
}

bool proto_is(const struct proto_msg *msg, const char *verb) {
    size_t n = strlen(verb);
    return msg->head_size >= n && memcmp(msg->head, verb, n) == 0 &&
           (msg->head_size == n || msg->head[n] == ' ');
}

/* Finds the value of a key: the bytes from `KEY=` to the next blank or the end of the head. */
static const char *find_value(const struct proto_msg *msg, const char *key, size_t *size) {
    const char *p = msg->head, *end = msg->head + msg->head_size;
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

int64_t proto_number(const struct proto_msg *msg, const char *key, int64_t fallback) {
    char text[NUMBER_DIGITS + 1], *end;
    size_t n;
    const char *at = find_value(msg, key, &n);
    long long number;
    if (!at)
        return fallback;
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

const char *proto_word(const struct proto_msg *msg, const char *key, char *out, size_t size) {
    size_t n;
    const char *at = find_value(msg, key, &n);
    snprintf(out, size, "%.*s", at ? (int)(n < size ? n : size - 1) : 0, at ? at : "");
    return out;
}

const char *proto_outcome_word(enum dualpipe_outcome o) {
    return (unsigned)o < NOUTCOMES ? outcome_words[o] : "ended";
}

enum dualpipe_outcome proto_outcome(const char *word) {
    for (int i = 0; i < NOUTCOMES; i++)
        if (strcmp(outcome_words[i], word) == 0)
            return (enum dualpipe_outcome)i;
    return DUALPIPE_OUTCOME_CHILD_ENDED;
}

void proto_format_status(char *out, size_t size, const struct dualpipe_status *s) {
    int n = 0;
    if (s->signal > 0)
        n = snprintf(out, size, " signal=%d core=%d stopped=%d rss=%ld cpu=%ld", s->signal, s->core,
                     s->stopped, s->maxrss_kb, s->cpu_ms);
    else if (s->code >= 0)
        n = snprintf(out, size, " code=%d stopped=%d rss=%ld cpu=%ld", s->code, s->stopped,
                     s->maxrss_kb, s->cpu_ms);
    else
        *out = 0;
    if (s->limit || s->near_limits)
        snprintf(out + n, size - (size_t)n, " limit=%d near=%u", (int)s->limit, s->near_limits);
}

/* A number that is no limit we know, as a newer server may send it, counts as none. */
static enum dualpipe_limit limit_in(const struct proto_msg *msg) {
    int64_t limit = proto_number(msg, "limit", 0);
    return limit < 0 || limit > DUALPIPE_LIMIT_OUTPUT ? DUALPIPE_LIMIT_NONE
                                                      : (enum dualpipe_limit)limit;
}

struct dualpipe_status proto_status(const struct proto_msg *msg) {
    return (struct dualpipe_status){
        .code = (int)proto_number(msg, "code", -1),
        .signal = (int)proto_number(msg, "signal", -1),
        .core = proto_number(msg, "core", 0) > 0,
        .stopped = proto_number(msg, "stopped", 0) > 0,
        .maxrss_kb = (long)proto_number(msg, "rss", 0),
        .cpu_ms = (long)proto_number(msg, "cpu", 0),
        .limit = limit_in(msg),
        .near_limits = (unsigned)proto_number(msg, "near", 0),
    };
}
