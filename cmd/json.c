/* json.c: a reply as a JSON object on a line of its own (--json). Bytes that are no UTF-8 go as
 * base64, in a member whose name says so. */
#include "batch.h"
#include "frames.h"
#include "limits.h"
#include "say.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const outcomes[] = {
    [DUALPIPE_ANSWERED] = "ok",    [DUALPIPE_TIMED_OUT] = "timeout",
    [DUALPIPE_CHILD_ENDED] = "ended", [DUALPIPE_TOO_LONG] = "frame",
    [DUALPIPE_MALFORMED] = "frame", [DUALPIPE_NO_MEMORY] = "memory",
    [DUALPIPE_NOT_STARTED] = "not-started", [DUALPIPE_LIMIT] = "limit",
};

/* An escaped byte takes six at most, a line three more. */
static char *reserve(struct batch *b, const struct dualpipe_reply *r, size_t name) {
    size_t room = 512 + 9 * (r->size + 1) + 6 * (r->request_size + r->err_size + name);
    char *more;
    if (room <= b->json_room)
        return b->json;
    if (!(more = realloc(b->json, room)))
        return NULL;
    b->json_room = room;
    return b->json = more;
}

static char *put_words(char *to, const char *words) {
    size_t n = strlen(words);
    memcpy(to, words, n);
    return to + n;
}

/* RFC 8259: quote, backslash and what is below 0x20. */
static char *put_string(char *to, const char *p, size_t n) {
    static const char hex[] = "0123456789abcdef";
    *to++ = '"';
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)p[i];
        if (c >= 0x20 && c != '"' && c != '\\') {
            *to++ = (char)c;
            continue;
        }
        *to++ = '\\';
        if (c >= 0x20) {
            *to++ = (char)c;
        } else if (c == '\n' || c == '\t' || c == '\r') {
            *to++ = c == '\n' ? 'n' : c == '\t' ? 't' : 'r';
        } else {
            to = put_words(to, "u00");
            *to++ = hex[c >> 4];
            *to++ = hex[c & 15];
        }
    }
    *to++ = '"';
    return to;
}

/* RFC 4648, section 4. */
static char *put_base64(char *to, const char *bytes, size_t n) {
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = (const unsigned char *)bytes;
    *to++ = '"';
    for (size_t i = 0; i < n; i += 3) {
        unsigned left = (unsigned)(n - i < 3 ? n - i : 3);
        unsigned v = (unsigned)p[i] << 16 | (left > 1 ? (unsigned)p[i + 1] << 8 : 0) |
                     (left > 2 ? p[i + 2] : 0);
        *to++ = digits[v >> 18];
        *to++ = digits[v >> 12 & 63];
        *to++ = left > 1 ? digits[v >> 6 & 63] : '=';
        *to++ = left > 2 ? digits[v & 63] : '=';
    }
    *to++ = '"';
    return to;
}

/* The length of the UTF-8 sequence at p (RFC 3629: shortest form, no surrogates), 0: none. */
static size_t utf8_length(const unsigned char *p, size_t n) {
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = *p < 0x80 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
    unsigned v;
    if (length > n || (*p >= 0x80 && *p < 0xc2) || *p > 0xf4)
        return 0;
    if (length == 1)
        return 1;
    v = *p & (0xffU >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        v = v << 6 | (p[i] & 0x3f);
    }
    return v < least[length] || v > 0x10ffff || (v >= 0xd800 && v < 0xe000) ? 0 : length;
}

static bool is_utf8(const char *bytes, size_t n) {
    const unsigned char *p = (const unsigned char *)bytes;
    for (size_t i = 0, length; i < n; i += length)
        if (p[i] < 0x80)
            length = 1;
        else if ((length = utf8_length(p + i, n - i)) == 0)
            return false;
    return true;
}

static char *put_text(char *to, const char *name, const char *p, size_t n) {
    bool plain = is_utf8(p, n);
    to = put_words(to, ",\"");
    to = put_words(to, name);
    to = put_words(to, plain ? "\":" : "_base64\":");
    return plain ? put_string(to, p, n) : put_base64(to, p, n);
}

/* Its lines, without their ends. */
static char *put_lines(char *to, const char *p, size_t n) {
    const char *end = p + n, *lf;
    if (!is_utf8(p, n)) {
        to = put_words(to, ",\"reply_base64\":");
        return put_base64(to, p, n);
    }
    to = put_words(to, ",\"reply\":[");
    for (const char *from = p; from < end; from = lf + 1) {
        if (!(lf = memchr(from, '\n', (size_t)(end - from))))
            lf = end;
        if (from > p)
            *to++ = ',';
        to = put_string(to, from, (size_t)(lf - from));
    }
    *to++ = ']';
    return n > 0 && end[-1] != '\n' ? put_words(to, ",\"unfinished\":true") : to;
}

/* The bodies of its frames; all as base64 if one of them can't be a string. */
static char *put_frames(char *to, enum dualpipe_kind kind, const char *p, size_t n) {
    struct dualpipe_body body;
    bool plain = true, unfinished = false;
    size_t at = 0;
    while (frames_next(kind, p, n, &at, &body, NULL))
        plain &= is_utf8(body.data, body.size);
    to = put_words(to, plain ? ",\"reply\":[" : ",\"reply_base64\":[");
    at = 0;
    for (bool first = true; frames_next(kind, p, n, &at, &body, &unfinished); first = false) {
        if (!first)
            *to++ = ',';
        to = plain ? put_string(to, body.data, body.size) : put_base64(to, body.data, body.size);
    }
    *to++ = ']';
    return unfinished ? put_words(to, ",\"unfinished\":true") : to;
}

/* The request without what is its frame's: of lines it may hold more than one. */
static char *put_request(char *to, enum dualpipe_kind kind, const char *p, size_t n) {
    struct dualpipe_body body;
    size_t at = 0;
    if (kind == DUALPIPE_LINE || kind == DUALPIPE_CRLF) {
        n -= n > 0 && p[n - 1] == '\n';
        n -= kind == DUALPIPE_CRLF && n > 0 && p[n - 1] == '\r';
        return put_text(to, "request", p, n);
    }
    if (frames_next(kind, p, n, &at, &body, NULL) && at == n)
        return put_text(to, "request", body.data, body.size);
    return put_text(to, "request", p, n);
}

int json_put_reply(struct batch *b, const struct dualpipe_reply *r) {
    enum dualpipe_kind kind = b->run->s->frame;
    const struct host *host = hosts_of(&b->run->s->hosts, r->worker);
    size_t name = host ? strlen(host->name) : 0;
    char *to = reserve(b, r, name);
    if (!to) {
        say_error("reply", NULL, "%s", strerror(ENOMEM));
        run_decide(b->run, "failed", STATUS_OURS);
        return -1;
    }
    to += sprintf(to, "{\"n\":%lld", (long long)r->number);
    to = put_request(to, kind, r->request, r->request_size);
    if (r->outcome == DUALPIPE_ANSWERED || r->whole)
        to = kind == DUALPIPE_LINE ? put_lines(to, r->data, r->size)
                                   : put_frames(to, kind, r->data, r->size);
    else if (r->size > 0)
        to = put_text(to, "partial", r->data, r->size);
    if (r->err_size > 0)
        to = put_text(to, "stderr", r->err, r->err_size);
    to += sprintf(to, ",\"outcome\":\"%s\"", outcomes[r->outcome]);
    to += limits_members(r->status.limit, r->status.near, to);
    to += sprintf(to, ",\"sent\":%s", r->sent > 0 ? "true" : "false");
    if (r->outcome == DUALPIPE_ANSWERED && r->which >= 0)
        to += sprintf(to, ",\"matched\":%d", r->which);
    to += sprintf(to, ",\"ms\":%lld.%03lld,\"worker\":%d", (long long)r->microseconds / 1000,
                  (long long)r->microseconds % 1000, r->worker);
    if (host && r->outcome != DUALPIPE_NOT_STARTED)
        to = put_text(to, "host", host->name, name);
    to += sprintf(to, ",\"attempt\":%d}\n", r->attempt);
    return sink_put(&b->sink, b->json, (size_t)(to - b->json));
}
