/* frames.h: kinds of frames by name, and messages converted between kinds. */
#ifndef FRAMES_H
#define FRAMES_H
#include "dualpipe.h"
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Allowance for the header of a frame, in bytes. */
enum { FRAMES_MAX_HEADER = 8192 };

/* Returns the kind, or -1 if there is none of this name. */
int frames_parse_kind(const char *name);
/* The name of a kind. */
const char *frames_kind_name(enum dualpipe_frame_kind kind);
/* All names, as the end of an error message. */
extern const char frames_kind_list[];

/* Tells whether a byte sequence ends a frame, so that bodies can't contain it. */
static inline bool frames_is_delimited(enum dualpipe_frame_kind kind) {
    return kind == DUALPIPE_FRAME_LINE || kind == DUALPIPE_FRAME_CRLF || kind == DUALPIPE_FRAME_NUL;
}
/* Tells whether a last message that lacks its terminator at end of input is still a message. */
static inline bool frames_ends_at_eof(enum dualpipe_frame_kind kind) {
    return frames_is_delimited(kind) || kind == DUALPIPE_FRAME_RAW;
}
/* The largest size of a frame whose body has up to max bytes, plus one byte by which a longer one
 * is noticed. */
size_t frames_max_size(enum dualpipe_frame_kind kind, size_t max);
enum { FRAMES_ERROR_SIZE = 240 };
/* Describes malformed data into text, and returns text. The data begins at an offset of the input;
 * n bytes of it are at p, 0 meaning that the input was cut short. source is "", or a phrase such as
 * " of its output". */
const char *frames_describe_malformed(enum dualpipe_frame_kind kind, unsigned long long offset,
                                      const char *source, const char *p, size_t n,
                                      char text[FRAMES_ERROR_SIZE]);
/* Explains why a body can't be a frame of this kind. error is the negative errno of
 * dualpipe_frame_encode(). */
const char *frames_encode_error(enum dualpipe_frame_kind kind, int error);

/* Encodes a body as a frame; for CR LF one that ends in CR gets no second one. *frame is allocated
 * and becomes the caller's. Returns 0 or a negative errno. */
int frames_encode(enum dualpipe_frame_kind kind, const char *body, size_t size, char **frame,
                  size_t *n);
/* The same for a text; for kinds by line the text may have several lines, which then are several
 * frames. */
int frames_encode_text(enum dualpipe_frame_kind kind, const char *text, char **frame, size_t *n);
/* Iterates over the frames of the n bytes at p: fills *body with the next one and advances *at,
 * which starts at 0. Returns 1, or 0 at the end. A rest that can't be decoded is one body; then
 * *unfinished is set, unless it is NULL. */
int frames_next_body(enum dualpipe_frame_kind kind, const char *p, size_t n, size_t *at,
                     struct dualpipe_frame_view *body, bool *unfinished);
/* Converts a message between kinds, as described in frames.c. *message is allocated and becomes the
 * caller's. Returns 0 or a negative errno. */
int frames_convert(enum dualpipe_frame_kind from, enum dualpipe_frame_kind to, const char *p,
                   size_t n, char **message, size_t *size);
#endif
