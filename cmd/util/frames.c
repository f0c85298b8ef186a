/* frames.c: names of frame kinds, and conversion of messages between kinds.
 *
 * The library knows how a single frame is laid out (dualpipe_frame_encode and _decode); here is
 * what the command needs around it: names for --frame and --io, messages about malformed frames,
 * and whole messages that consist of several frames.
 *
 * frames_convert() is used when a child speaks another kind than our own input and output. If the
 * new kind is lines and the old one is lines or pktlines, each frame becomes one line. Otherwise
 * the bodies of all frames are joined to a single body, which is encoded in the new kind; a
 * delimiter between two frames is then part of the body. Line ends inside a body with a header
 * become blanks if the new kind is lines. Data that can't be decoded is never dropped: the rest of
 * it is passed on as one body. */
#include "util/frames.h"
#include "util/escape.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Messages quote this many bytes of malformed data. */
enum { SHOWN_BYTES = 32 };

static const char *const kind_names[] = {
    [DUALPIPE_FRAME_LINE] = "line",       [DUALPIPE_FRAME_CRLF] = "crlf",
    [DUALPIPE_FRAME_NUL] = "nul",         [DUALPIPE_FRAME_NETSTRING] = "netstring",
    [DUALPIPE_FRAME_U8] = "u8",           [DUALPIPE_FRAME_U16] = "u16",
    [DUALPIPE_FRAME_U32] = "u32",         [DUALPIPE_FRAME_U32LE] = "u32le",
    [DUALPIPE_FRAME_VARINT] = "varint",   [DUALPIPE_FRAME_HEADER] = "header",
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
                                      const char *source, const char *p, size_t n,
                                      char text[FRAMES_ERROR_SIZE]) {
    char shown[4 * SHOWN_BYTES + 1];
    escape_bytes(p, n < SHOWN_BYTES ? n : SHOWN_BYTES, shown, sizeof shown);
    if (n == 0)
        snprintf(text, FRAMES_ERROR_SIZE, "malformed %s: cut short at byte %llu%s",
                 kind_names[kind], offset, source);
    else
        snprintf(text, FRAMES_ERROR_SIZE, "malformed %s at byte %llu%s: \"%s\"", kind_names[kind],
                 offset + 1, source, shown);
    return text;
}

const char *frames_encode_error(enum dualpipe_frame_kind kind, int error) {
    if (error == -EMSGSIZE)
        return "it is too long for that";
    if (error == -EBADMSG)
        return kind == DUALPIPE_FRAME_NUL ? "it holds a byte 0" : "it holds a line end";
    return strerror(-error);
}

/* The size of a body without the CR that belongs to its line end, where CR LF is to be written. */
static size_t body_size(enum dualpipe_frame_kind to, const char *body, size_t size) {
    return size - (to == DUALPIPE_FRAME_CRLF && size > 0 && body[size - 1] == '\r');
}

static int assemble_frame(const struct dualpipe_frame_envelope *envelope, const char *body,
                          size_t size, char **frame, size_t *n) {
    *n = envelope->head_size + size + envelope->tail_size;
    if (!(*frame = malloc(*n + 1)))
        return -ENOMEM;
    memcpy(*frame, envelope->head, envelope->head_size);
    if (size > 0)
        memcpy(*frame + envelope->head_size, body, size);
    memcpy(*frame + envelope->head_size + size, envelope->tail, envelope->tail_size);
    return 0;
}

int frames_encode(enum dualpipe_frame_kind kind, const char *body, size_t size, char **frame,
                  size_t *n) {
    struct dualpipe_frame_envelope envelope;
    int r;
    size = body_size(kind, body, size);
    r = dualpipe_frame_encode(kind, body, size, &envelope);
    return r < 0 ? r : assemble_frame(&envelope, body, size, frame, n);
}

int frames_encode_text(enum dualpipe_frame_kind kind, const char *text, char **frame, size_t *n) {
    struct dualpipe_frame_envelope envelope;
    if (!is_line_kind(kind))
        return frames_encode(kind, text, strlen(text), frame, n);
    dualpipe_frame_encode(kind, "", 0, &envelope);
    return assemble_frame(&envelope, text, body_size(kind, text, strlen(text)), frame, n);
}

int frames_next_body(enum dualpipe_frame_kind kind, const char *p, size_t n, size_t *at,
                     struct dualpipe_frame_view *body, bool *unfinished) {
    ssize_t used = 0;
    *body = (struct dualpipe_frame_view){0};
    if (*at == n)
        return 0;
    if (kind != DUALPIPE_FRAME_RAW)
        used = dualpipe_frame_decode(kind, p + *at, n - *at, SIZE_MAX, body);
    if (used <= 0) {
        body->data = p + *at;
        body->size = n - *at;
        used = (ssize_t)body->size;
        if (unfinished)
            *unfinished = kind != DUALPIPE_FRAME_RAW;
    }
    *at += (size_t)used;
    return 1;
}

/* --- converting between kinds ------------------------------------------------------------ */

/* Converts each frame to a line. out has room for a line end after each frame. */
static int convert_to_lines(enum dualpipe_frame_kind from, enum dualpipe_frame_kind to,
                            const char *p, size_t n, char *out, size_t *size) {
    struct dualpipe_frame_view body;
    struct dualpipe_frame_envelope envelope;
    size_t at = 0;
    int r;
    *size = 0;
    while (frames_next_body(from, p, n, &at, &body, NULL)) {
        bool ends_in_lf = body.size > 0 && body.data[body.size - 1] == '\n';
        if (from == DUALPIPE_FRAME_PKTLINE && ends_in_lf)
            /* a pktline's payload often ends in a newline, which is the line's own */
            body.size--;
        body.size = body_size(to, body.data, body.size);
        if ((r = dualpipe_frame_encode(to, body.data, body.size, &envelope)) < 0)
            return r;
        memcpy(out + *size, body.data, body.size);
        memcpy(out + *size + body.size, envelope.tail, envelope.tail_size);
        *size += body.size + envelope.tail_size;
    }
    return 0;
}

/* Writes the bodies one after another; the terminators of delimited kinds stay between them. */
static size_t join_bodies(enum dualpipe_frame_kind kind, const char *p, size_t n, char *out) {
    char between = kind == DUALPIPE_FRAME_NUL ? 0 : '\n';
    struct dualpipe_frame_view body;
    size_t at = 0, size = 0;
    for (bool first = true; frames_next_body(kind, p, n, &at, &body, NULL); first = false) {
        if (!first && frames_is_delimited(kind))
            out[size++] = between;
        memcpy(out + size, body.data, body.size);
        size += body.size;
    }
    return size;
}

/* Makes one line of a body that has several, such as formatted JSON. */
static size_t replace_line_ends(char *p, size_t n) {
    size_t size = 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '\r' && i + 1 < n && p[i + 1] == '\n')
            continue;
        p[size++] = p[i] == '\n' ? ' ' : p[i];
    }
    return size;
}

int frames_convert(enum dualpipe_frame_kind from, enum dualpipe_frame_kind to, const char *p,
                   size_t n, char **message, size_t *size) {
    bool by_line = is_line_kind(to);
    /* Each frame has at least one byte and becomes at most two longer. */
    char *joined = malloc(3 * n + 1);
    int r;
    if (!joined)
        return -ENOMEM;
    if (by_line && (is_line_kind(from) || from == DUALPIPE_FRAME_PKTLINE)) {
        *message = joined;
        if ((r = convert_to_lines(from, to, p, n, joined, size)) < 0)
            free(joined);
        return r;
    }
    n = join_bodies(from, p, n, joined);
    if (by_line && from == DUALPIPE_FRAME_HEADER)
        n = replace_line_ends(joined, n);
    r = frames_encode(to, joined, n, message, size);
    free(joined);
    return r;
}
