/* json_reply.c: a reply as a JSON object on a line of its own (--json). Bytes that are no UTF-8 go as
 * base64, in a member whose name says so. */
#include "modes/batch.h"
#include "util/frames.h"
#include "options/limits.h"
#include "util/json_writer.h"
#include "util/log.h"
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

/* Its lines, without their ends. */
static char *put_lines(char *to, const char *p, size_t n) {
    const char *end = p + n, *lf;
    if (!quote_can(p, n)) {
        to = quote_words(to, ",\"reply_base64\":");
        return quote_base64(to, p, n);
    }
    to = quote_words(to, ",\"reply\":[");
    for (const char *from = p; from < end; from = lf + 1) {
        if (!(lf = memchr(from, '\n', (size_t)(end - from))))
            lf = end;
        if (from > p)
            *to++ = ',';
        to = quote_string(to, from, (size_t)(lf - from));
    }
    *to++ = ']';
    return n > 0 && end[-1] != '\n' ? quote_words(to, ",\"unfinished\":true") : to;
}

/* The bodies of its frames; all as base64 if one of them can't be a string. */
static char *put_frames(char *to, enum dualpipe_kind kind, const char *p, size_t n) {
    struct dualpipe_body body;
    bool plain = true, unfinished = false;
    size_t at = 0;
    while (frames_next(kind, p, n, &at, &body, NULL))
        plain &= quote_can(body.data, body.size);
    to = quote_words(to, plain ? ",\"reply\":[" : ",\"reply_base64\":[");
    at = 0;
    for (bool first = true; frames_next(kind, p, n, &at, &body, &unfinished); first = false) {
        if (!first)
            *to++ = ',';
        to = plain ? quote_string(to, body.data, body.size)
                   : quote_base64(to, body.data, body.size);
    }
    *to++ = ']';
    return unfinished ? quote_words(to, ",\"unfinished\":true") : to;
}

/* The request without what is its frame's: of lines it may hold more than one. */
static char *put_request(char *to, enum dualpipe_kind kind, const char *p, size_t n) {
    struct dualpipe_body body;
    size_t at = 0;
    if (kind == DUALPIPE_LINE || kind == DUALPIPE_CRLF) {
        n -= n > 0 && p[n - 1] == '\n';
        n -= kind == DUALPIPE_CRLF && n > 0 && p[n - 1] == '\r';
        return quote_member(to, "request", p, n);
    }
    if (frames_next(kind, p, n, &at, &body, NULL) && at == n)
        return quote_member(to, "request", body.data, body.size);
    return quote_member(to, "request", p, n);
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
        to = quote_member(to, "partial", r->data, r->size);
    if (r->err_size > 0)
        to = quote_member(to, "stderr", r->err, r->err_size);
    to += sprintf(to, ",\"outcome\":\"%s\"", outcomes[r->outcome]);
    to += limits_members(r->status.limit, r->status.near, to);
    to += sprintf(to, ",\"sent\":%s", r->sent > 0 ? "true" : "false");
    if (r->outcome == DUALPIPE_ANSWERED && r->which >= 0)
        to += sprintf(to, ",\"matched\":%d", r->which);
    to += sprintf(to, ",\"ms\":%lld.%03lld,\"worker\":%d", (long long)r->microseconds / 1000,
                  (long long)r->microseconds % 1000, r->worker);
    if (host && r->outcome != DUALPIPE_NOT_STARTED)
        to = quote_member(to, "host", host->name, name);
    to += sprintf(to, ",\"attempt\":%d}\n", r->attempt);
    return sink_put(&b->sink, b->json, (size_t)(to - b->json));
}
