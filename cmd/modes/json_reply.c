/* json_reply.c: a reply as a JSON object on a line of its own (--json).
 *
 * What the object tells of the child comes from the pool (DUALPIPE_POOL_MEASURE_USAGE), and is
 * there only if it is known: how it ended, if it did so with the request, and what it has used.
 *
 * To add a member, append it in json_reply_write and enlarge reserve_buffer if its size depends on
 * the reply. JSON strings are Unicode, so bytes that are not UTF-8 are written as base64, in a
 * member named NAME_base64. */
#include "modes/json_reply.h"
#include "modes/long_reply.h"
#include "options/limits.h"
#include "util/frames.h"
#include "util/json_writer.h"
#include "util/log.h"
#include "util/signals.h"
#include "run/exit_status.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const outcome_names[] = {
    [DUALPIPE_OUTCOME_ANSWERED] = "ok",    [DUALPIPE_OUTCOME_TIMED_OUT] = "timeout",
    [DUALPIPE_OUTCOME_CHILD_ENDED] = "ended", [DUALPIPE_OUTCOME_TOO_LONG] = "frame",
    [DUALPIPE_OUTCOME_MALFORMED] = "frame", [DUALPIPE_OUTCOME_NO_MEMORY] = "memory",
    [DUALPIPE_OUTCOME_NOT_STARTED] = "not-started", [DUALPIPE_OUTCOME_LIMIT] = "limit",
    [DUALPIPE_OUTCOME_REFUSED] = "refused", [DUALPIPE_OUTCOME_OPEN] = "open",
    [DUALPIPE_OUTCOME_ERROR] = "error",    [DUALPIPE_OUTCOME_CANCELLED] = "cancelled",
};

/* Returns b->json_buffer, large enough for the object of r; NULL: no memory. An escaped byte takes
 * six at most (\u00XX), and each line three more for its quotes and comma. */
static char *reserve_buffer(struct batch *b, const struct dualpipe_reply *r, size_t name_size) {
    size_t room = 768 + 9 * (r->size + 1) + 6 * (r->request_size + r->err_size + name_size);
    char *more;
    if (room <= b->json_buffer_size)
        return b->json_buffer;
    if (!(more = realloc(b->json_buffer, room)))
        return NULL;
    b->json_buffer_size = room;
    return b->json_buffer = more;
}

/* Appends the reply as an array of its lines, without line ends. */
static char *append_reply_lines(char *to, const char *p, size_t n) {
    const char *end = p + n, *lf;
    if (!json_writer_is_utf8(p, n)) {
        to = json_writer_raw(to, ",\"reply_base64\":");
        return json_writer_base64(to, p, n);
    }
    to = json_writer_raw(to, ",\"reply\":[");
    for (const char *from = p; from < end; from = lf + 1) {
        if (!(lf = memchr(from, '\n', (size_t)(end - from))))
            lf = end;
        if (from > p)
            *to++ = ',';
        to = json_writer_string(to, from, (size_t)(lf - from));
    }
    *to++ = ']';
    return n > 0 && end[-1] != '\n' ? json_writer_raw(to, ",\"unfinished\":true") : to;
}

/* Appends the reply as an array of its frames' bodies, all in base64 if one of them has to be. */
static char *append_reply_frames(char *to, enum dualpipe_frame_kind kind, const char *p, size_t n) {
    struct dualpipe_frame_view body;
    bool plain = true, unfinished = false;
    size_t at = 0;
    while (frames_next_body(kind, p, n, &at, &body, NULL))
        plain &= json_writer_is_utf8(body.data, body.size);
    to = json_writer_raw(to, plain ? ",\"reply\":[" : ",\"reply_base64\":[");
    at = 0;
    for (bool first = true; frames_next_body(kind, p, n, &at, &body, &unfinished); first = false) {
        if (!first)
            *to++ = ',';
        to = plain ? json_writer_string(to, body.data, body.size)
                   : json_writer_base64(to, body.data, body.size);
    }
    *to++ = ']';
    return unfinished ? json_writer_raw(to, ",\"unfinished\":true") : to;
}

/* Appends the request without its line end or frame. A request of several lines is one string. */
static char *append_request(char *to, enum dualpipe_frame_kind kind, const char *p, size_t n) {
    struct dualpipe_frame_view body;
    size_t at = 0;
    if (kind == DUALPIPE_FRAME_LINE || kind == DUALPIPE_FRAME_CRLF) {
        n -= n > 0 && p[n - 1] == '\n';
        n -= kind == DUALPIPE_FRAME_CRLF && n > 0 && p[n - 1] == '\r';
        return json_writer_member(to, "request", p, n);
    }
    if (frames_next_body(kind, p, n, &at, &body, NULL) && at == n)
        return json_writer_member(to, "request", body.data, body.size);
    return json_writer_member(to, "request", p, n);
}

/* Whether other requests may have been under way there when the child wrote on stderr. */
static bool shares_stderr(const struct settings *s) {
    int window = s->session_name ? s->session_window : s->window;
    return window != 1 && !s->fresh;
}

/* Appends when the request was sent, as UTC. */
static char *append_start(char *to, int64_t us) {
    time_t seconds = (time_t)(us / 1000000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    to += strftime(to, 64, ",\"start\":\"%Y-%m-%dT%H:%M:%S", &utc);
    return to + sprintf(to, ".%03dZ\"", (int)(us % 1000000 / 1000));
}

/* Appends what is known of the child that the request was sent to: how it ended, if it did so with
 * the request, and what it has used. */
static char *append_child(char *to, const struct dualpipe_status *s) {
    if (s->signal > 0)
        to += sprintf(to, ",\"signal\":\"%s\"", signals_name(s->signal));
    else if (s->code >= 0)
        to += sprintf(to, ",\"code\":%d", s->code);
    if (s->maxrss_kb > 0)
        to += sprintf(to, ",\"cpu_ms\":%ld,\"maxrss_kb\":%ld", s->cpu_ms, s->maxrss_kb);
    return to;
}

int json_reply_write_unexpected(struct batch *b, const struct dualpipe_pool_event *event) {
    const struct dualpipe_reply bytes = {.err_size = event->size};
    char *to = reserve_buffer(b, &bytes, 0), *name_start;
    if (!to) {
        log_error("unexpected output", NULL, "%s", strerror(ENOMEM));
        exit_status_set(b->run, "failed", STATUS_DUALPIPE_FAILED);
        return -1;
    }
    name_start = to;
    to = json_writer_member(to, "unexpected", event->data, event->size);
    *name_start = '{'; /* in place of the comma in front of a member */
    to += sprintf(to, ",\"after\":%lld}\n", (long long)event->number);
    return output_write(&b->output, b->json_buffer, (size_t)(to - b->json_buffer));
}

/* Appends what became of a reply that is longer than --max-reply. */
static char *append_cut(char *to, const struct long_reply *cut) {
    to = json_writer_raw(to, ",\"cut\":true");
    return cut->written > 0 ? json_writer_member(to, "reply_file", cut->path, strlen(cut->path))
                            : to;
}

int json_reply_write(struct batch *b, const struct dualpipe_reply *r) {
    enum dualpipe_frame_kind kind = b->run->s->frame;
    const struct host *host = hosts_for_worker(&b->run->s->hosts, r->worker);
    const struct long_reply *cut = long_reply_cut(b, r);
    size_t name_size = host ? strlen(host->name) : 0,
           path_size = cut && cut->path ? strlen(cut->path) : 0;
    bool is_whole =
        r->outcome == DUALPIPE_OUTCOME_ANSWERED || r->outcome == DUALPIPE_OUTCOME_ERROR;
    bool was_sent =
        r->outcome != DUALPIPE_OUTCOME_NOT_STARTED && r->outcome != DUALPIPE_OUTCOME_REFUSED;
    char *to = reserve_buffer(b, r, name_size + path_size);
    if (!to) {
        log_error("reply", NULL, "%s", strerror(ENOMEM));
        exit_status_set(b->run, "failed", STATUS_DUALPIPE_FAILED);
        return -1;
    }
    to += sprintf(to, "{\"n\":%lld", (long long)r->number);
    to = append_request(to, kind, r->request, r->request_size);
    if (r->outcome == DUALPIPE_OUTCOME_ANSWERED || r->complete)
        to = kind == DUALPIPE_FRAME_LINE ? append_reply_lines(to, r->data, r->size)
                                   : append_reply_frames(to, kind, r->data, r->size);
    else if (r->size > 0)
        to = json_writer_member(to, "partial", r->data, r->size);
    if (cut)
        to = append_cut(to, cut);
    if (r->err_size > 0)
        to = json_writer_member(to, shares_stderr(b->run->s) ? "meanwhile" : "stderr", r->err,
                                r->err_size);
    to += sprintf(to, ",\"outcome\":\"%s\"", outcome_names[r->outcome]);
    if (r->request_status >= 0 && is_whole)
        to += sprintf(to, ",\"status\":%d", r->request_status);
    if (r->interrupted)
        to = json_writer_raw(to, ",\"interrupted\":true");
    to += limits_json_members(r->status.limit, r->status.near_limits, to);
    to += sprintf(to, ",\"sent\":%s", r->sent > 0 ? "true" : "false");
    if (is_whole && r->matched >= 0)
        to += sprintf(to, ",\"matched\":%d", r->matched);
    to += sprintf(to, ",\"ms\":%lld.%03lld", (long long)r->duration_us / 1000,
                  (long long)r->duration_us % 1000);
    if (was_sent && r->started_us > 0)
        to = append_start(to, r->started_us);
    if (was_sent)
        to = append_child(to, &r->status);
    to += sprintf(to, ",\"bytes\":%llu,\"worker\":%d",
                  cut ? (unsigned long long)cut->came : (unsigned long long)r->size, r->worker);
    if (host && r->outcome != DUALPIPE_OUTCOME_NOT_STARTED)
        to = json_writer_member(to, "host", host->name, name_size);
    to += sprintf(to, ",\"attempt\":%d}\n", r->attempt);
    return output_write(&b->output, b->json_buffer, (size_t)(to - b->json_buffer));
}
