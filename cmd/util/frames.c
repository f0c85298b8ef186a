/* frames.c: kinds of frames by their names, and messages put from one kind into another. */
#include "util/frames.h"
#include "util/log.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BYTES = 32 };

static const char *const names[] = {
    [DUALPIPE_LINE] = "line",     [DUALPIPE_CRLF] = "crlf",
    [DUALPIPE_NUL] = "nul",       [DUALPIPE_NETSTRING] = "netstring",
    [DUALPIPE_U8] = "u8",         [DUALPIPE_U16] = "u16",
    [DUALPIPE_U32] = "u32",       [DUALPIPE_U32LE] = "u32le",
    [DUALPIPE_VARINT] = "varint", [DUALPIPE_HEADER] = "header",
    [DUALPIPE_PKTLINE] = "pktline", [DUALPIPE_RAW] = "raw",
};
const char frames_names[] = "the kinds are line, crlf, nul, netstring, u8, u16, u32, u32le, "
                            "varint, header, pktline and raw";

int frames_kind(const char *name) {
    for (int i = 0; i <= DUALPIPE_RAW; i++)
        if (strcmp(name, names[i]) == 0)
            return i;
    return -1;
}

const char *frames_name(enum dualpipe_kind kind) {
    return names[kind];
}

static bool is_by_line(enum dualpipe_kind kind) {
    return kind == DUALPIPE_LINE || kind == DUALPIPE_CRLF;
}

size_t frames_room(enum dualpipe_kind kind, size_t max) {
    if (kind == DUALPIPE_LINE || kind == DUALPIPE_CRLF || kind == DUALPIPE_RAW)
        return max + 1 + (kind == DUALPIPE_CRLF);
    return max + LONGEST_HEAD;
}

const char *frames_fault(enum dualpipe_kind kind, unsigned long long offset, const char *whose,
                         const char *p, size_t n, char words[FRAMES_WORDS]) {
    char first[4 * FIRST_BYTES + 1];
    escape(p, n < FIRST_BYTES ? n : FIRST_BYTES, first, sizeof first);
    if (n == 0)
        snprintf(words, FRAMES_WORDS, "malformed %s: cut short at byte %llu%s", names[kind], offset,
                 whose);
    else
        snprintf(words, FRAMES_WORDS, "malformed %s at byte %llu%s: \"%s\"", names[kind],
                 offset + 1, whose, first);
    return words;
}

const char *frames_why(enum dualpipe_kind kind, int error) {
    if (error == -EMSGSIZE)
        return "it is too long for that";
    if (error == -EBADMSG)
        return kind == DUALPIPE_NUL ? "it holds a byte 0" : "it holds a line end";
    return strerror(-error);
}

static int wrap_up(const struct dualpipe_wrap *w, const char *body, size_t size, char **frame,
                   size_t *n) {
    *n = w->nhead + size + w->ntail;
    if (!(*frame = malloc(*n + 1)))
        return -ENOMEM;
    memcpy(*frame, w->head, w->nhead);
    if (size > 0)
        memcpy(*frame + w->nhead, body, size);
    memcpy(*frame + w->nhead + size, w->tail, w->ntail);
    return 0;
}

int frames_put(enum dualpipe_kind kind, const char *body, size_t size, char **frame, size_t *n) {
    struct dualpipe_wrap w;
    int r = dualpipe_frame(kind, body, size, &w);
    return r < 0 ? r : wrap_up(&w, body, size, frame, n);
}

int frames_put_text(enum dualpipe_kind kind, const char *text, char **frame, size_t *n) {
    struct dualpipe_wrap w;
    if (!is_by_line(kind))
        return frames_put(kind, text, strlen(text), frame, n);
    dualpipe_frame(kind, "", 0, &w);
    return wrap_up(&w, text, strlen(text), frame, n);
}

int frames_next(enum dualpipe_kind kind, const char *p, size_t n, size_t *at,
                struct dualpipe_body *b, bool *unfinished) {
    ssize_t used = 0;
    *b = (struct dualpipe_body){0};
    if (*at == n)
        return 0;
    if (kind != DUALPIPE_RAW)
        used = dualpipe_unframe(kind, p + *at, n - *at, SIZE_MAX, b);
    if (used <= 0) {
        b->data = p + *at;
        b->size = n - *at;
        used = (ssize_t)b->size;
        if (unfinished)
            *unfinished = kind != DUALPIPE_RAW;
    }
    *at += (size_t)used;
    return 1;
}

/* --- from one kind to another ------------------------------------------------------------ */

/* A final LF that is the payload's is the line's own. */
static void drop_lf(const struct settings *s, struct dualpipe_body *b) {
    if (s->frame == DUALPIPE_PKTLINE && b->size > 0 && b->data[b->size - 1] == '\n')
        b->size--;
}

/* Each frame is a line. to has room for a line's end behind each. */
static int put_lines(const struct settings *s, const char *p, size_t n, char *to, size_t *size) {
    struct dualpipe_body b;
    struct dualpipe_wrap w;
    size_t at = 0;
    int r;
    *size = 0;
    while (frames_next(s->frame, p, n, &at, &b, NULL)) {
        drop_lf(s, &b);
        if ((r = dualpipe_frame(s->io, b.data, b.size, &w)) < 0)
            return r;
        memcpy(to + *size, b.data, b.size);
        memcpy(to + *size + b.size, w.tail, w.ntail);
        *size += b.size + w.ntail;
    }
    return 0;
}

/* The bodies, end to end, or with what ends them between them. */
static size_t join(enum dualpipe_kind kind, const char *p, size_t n, char *to) {
    char between = kind == DUALPIPE_NUL ? 0 : '\n';
    struct dualpipe_body b;
    size_t at = 0, size = 0;
    for (bool first = true; frames_next(kind, p, n, &at, &b, NULL); first = false) {
        if (!first && frames_are_delimited(kind))
            to[size++] = between;
        memcpy(to + size, b.data, b.size);
        size += b.size;
    }
    return size;
}

static size_t without_line_ends(char *p, size_t n) {
    size_t size = 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '\r' && i + 1 < n && p[i + 1] == '\n')
            continue;
        p[size++] = p[i] == '\n' ? ' ' : p[i];
    }
    return size;
}

int frames_convert(const struct settings *s, const char *p, size_t n, char **message,
                   size_t *size) {
    bool by_line = is_by_line(s->io);
    char *joined = malloc(3 * n + 1);
    int r;
    if (!joined)
        return -ENOMEM;
    if (by_line && (is_by_line(s->frame) || s->frame == DUALPIPE_PKTLINE)) {
        *message = joined;
        if ((r = put_lines(s, p, n, joined, size)) < 0)
            free(joined);
        return r;
    }
    n = join(s->frame, p, n, joined);
    if (by_line && s->frame == DUALPIPE_HEADER)
        n = without_line_ends(joined, n);
    r = frames_put(s->io, joined, n, message, size);
    free(joined);
    return r;
}
