/* frames.c: kinds of frames by their names, and messages put from one kind into another. */
#include "util/frames.h"
#include "util/escape.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BYTES = 32 };

static const char *const kind_names[] = {
    [DUALPIPE_FRAME_LINE] = "line",     [DUALPIPE_FRAME_CRLF] = "crlf",
    [DUALPIPE_FRAME_NUL] = "nul",       [DUALPIPE_FRAME_NETSTRING] = "netstring",
    [DUALPIPE_FRAME_U8] = "u8",         [DUALPIPE_FRAME_U16] = "u16",
    [DUALPIPE_FRAME_U32] = "u32",       [DUALPIPE_FRAME_U32LE] = "u32le",
    [DUALPIPE_FRAME_VARINT] = "varint", [DUALPIPE_FRAME_HEADER] = "header",
    [DUALPIPE_FRAME_PKTLINE] = "pktline", [DUALPIPE_FRAME_RAW] = "raw",
};
const char frames_kind_list[] = "the kinds are line, crlf, nul, netstring, u8, u16, u32, u32le, "
                            "varint, header, pktline and raw";

int frames_parse_kind(const char *name) {
    for (int i = 0; i <= DUALPIPE_FRAME_RAW; i++)
        if (strcmp(name, kind_names[i]) == 0)
            return i;
    return -1;
}

const char *frames_kind_name(enum dualpipe_frame_kind kind) {
    return kind_names[kind];
}

static bool is_line_kind(enum dualpipe_frame_kind kind) {
    return kind == DUALPIPE_FRAME_LINE || kind == DUALPIPE_FRAME_CRLF;
}

size_t frames_max_size(enum dualpipe_frame_kind kind, size_t max) {
    if (kind == DUALPIPE_FRAME_LINE || kind == DUALPIPE_FRAME_CRLF || kind == DUALPIPE_FRAME_RAW)
        return max + 1 + (kind == DUALPIPE_FRAME_CRLF);
    return max + FRAMES_MAX_HEADER;
}

const char *frames_describe_malformed(enum dualpipe_frame_kind kind, unsigned long long offset,
                                      const char *whose, const char *p, size_t n,
                                      char words[FRAMES_ERROR_SIZE]) {
    char first[4 * FIRST_BYTES + 1];
    escape_bytes(p, n < FIRST_BYTES ? n : FIRST_BYTES, first, sizeof first);
    if (n == 0)
        snprintf(words, FRAMES_ERROR_SIZE, "malformed %s: cut short at byte %llu%s",
                 kind_names[kind], offset, whose);
    else
        snprintf(words, FRAMES_ERROR_SIZE, "malformed %s at byte %llu%s: \"%s\"", kind_names[kind],
                 offset + 1, whose, first);
    return words;
}

const char *frames_encode_error(enum dualpipe_frame_kind kind, int error) {
    if (error == -EMSGSIZE)
        return "it is too long for that";
    if (error == -EBADMSG)
        return kind == DUALPIPE_FRAME_NUL ? "it holds a byte 0" : "it holds a line end";
    return strerror(-error);
}

static int assemble_frame(const struct dualpipe_frame_envelope *w, const char *body, size_t size,
                          char **frame, size_t *n) {
    *n = w->head_size + size + w->tail_size;
    if (!(*frame = malloc(*n + 1)))
        return -ENOMEM;
    memcpy(*frame, w->head, w->head_size);
    if (size > 0)
        memcpy(*frame + w->head_size, body, size);
    memcpy(*frame + w->head_size + size, w->tail, w->tail_size);
    return 0;
}

int frames_encode(enum dualpipe_frame_kind kind, const char *body, size_t size, char **frame,
                  size_t *n) {
    struct dualpipe_frame_envelope w;
    int r = dualpipe_frame_encode(kind, body, size, &w);
    return r < 0 ? r : assemble_frame(&w, body, size, frame, n);
}

int frames_encode_text(enum dualpipe_frame_kind kind, const char *text, char **frame, size_t *n) {
    struct dualpipe_frame_envelope w;
    if (!is_line_kind(kind))
        return frames_encode(kind, text, strlen(text), frame, n);
    dualpipe_frame_encode(kind, "", 0, &w);
    return assemble_frame(&w, text, strlen(text), frame, n);
}

int frames_next_body(enum dualpipe_frame_kind kind, const char *p, size_t n, size_t *at,
                     struct dualpipe_frame_view *b, bool *unfinished) {
    ssize_t used = 0;
    *b = (struct dualpipe_frame_view){0};
    if (*at == n)
        return 0;
    if (kind != DUALPIPE_FRAME_RAW)
        used = dualpipe_frame_decode(kind, p + *at, n - *at, SIZE_MAX, b);
    if (used <= 0) {
        b->data = p + *at;
        b->size = n - *at;
        used = (ssize_t)b->size;
        if (unfinished)
            *unfinished = kind != DUALPIPE_FRAME_RAW;
    }
    *at += (size_t)used;
    return 1;
}

/* --- from one kind to another ------------------------------------------------------------ */

/* A final LF that is the payload's is the line's own. */
static void strip_payload_lf(const struct settings *s, struct dualpipe_frame_view *b) {
    if (s->frame == DUALPIPE_FRAME_PKTLINE && b->size > 0 && b->data[b->size - 1] == '\n')
        b->size--;
}

/* Each frame is a line. to has room for a line's end behind each. */
static int convert_to_lines(const struct settings *s, const char *p, size_t n, char *to,
                            size_t *size) {
    struct dualpipe_frame_view b;
    struct dualpipe_frame_envelope w;
    size_t at = 0;
    int r;
    *size = 0;
    while (frames_next_body(s->frame, p, n, &at, &b, NULL)) {
        strip_payload_lf(s, &b);
        if ((r = dualpipe_frame_encode(s->io, b.data, b.size, &w)) < 0)
            return r;
        memcpy(to + *size, b.data, b.size);
        memcpy(to + *size + b.size, w.tail, w.tail_size);
        *size += b.size + w.tail_size;
    }
    return 0;
}

/* The bodies, end to end, or with what ends them between them. */
static size_t join_bodies(enum dualpipe_frame_kind kind, const char *p, size_t n, char *to) {
    char between = kind == DUALPIPE_FRAME_NUL ? 0 : '\n';
    struct dualpipe_frame_view b;
    size_t at = 0, size = 0;
    for (bool first = true; frames_next_body(kind, p, n, &at, &b, NULL); first = false) {
        if (!first && frames_is_delimited(kind))
            to[size++] = between;
        memcpy(to + size, b.data, b.size);
        size += b.size;
    }
    return size;
}

static size_t replace_line_ends(char *p, size_t n) {
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
    bool by_line = is_line_kind(s->io);
    char *joined = malloc(3 * n + 1);
    int r;
    if (!joined)
        return -ENOMEM;
    if (by_line && (is_line_kind(s->frame) || s->frame == DUALPIPE_FRAME_PKTLINE)) {
        *message = joined;
        if ((r = convert_to_lines(s, p, n, joined, size)) < 0)
            free(joined);
        return r;
    }
    n = join_bodies(s->frame, p, n, joined);
    if (by_line && s->frame == DUALPIPE_FRAME_HEADER)
        n = replace_line_ends(joined, n);
    r = frames_encode(s->io, joined, n, message, size);
    free(joined);
    return r;
}
