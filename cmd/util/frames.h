/* frames.h: kinds of frames by their names, and messages put from one kind into another. */
#ifndef FRAMES_H
#define FRAMES_H
#include "dualpipe.h"
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { FRAMES_MAX_HEADER = 8192 };

/* -1: no such kind. */
int frames_parse_kind(const char *name);
const char *frames_kind_name(enum dualpipe_frame_kind kind);
/* What all the names are, for a message. */
extern const char frames_kind_list[];

static inline bool frames_is_delimited(enum dualpipe_frame_kind kind) {
    return kind == DUALPIPE_FRAME_LINE || kind == DUALPIPE_FRAME_CRLF || kind == DUALPIPE_FRAME_NUL;
}
/* Whether a message without its end, at the end of all, is one all the same. */
static inline bool frames_ends_at_eof(enum dualpipe_frame_kind kind) {
    return frames_is_delimited(kind) || kind == DUALPIPE_FRAME_RAW;
}
/* Room for the longest message, and one byte to see that it is longer. */
size_t frames_max_size(enum dualpipe_frame_kind kind, size_t max);
enum { FRAMES_ERROR_SIZE = 240 };
/* What is wrong with bytes at an offset, of whose output or "", of which n lie at p; n 0: they are
 * cut short. Returns words. */
const char *frames_describe_malformed(enum dualpipe_frame_kind kind, unsigned long long offset,
                                      const char *source, const char *p, size_t n,
                                      char text[FRAMES_ERROR_SIZE]);
/* Why a body can't be said, by the error of dualpipe_frame_encode. */
const char *frames_encode_error(enum dualpipe_frame_kind kind, int error);

/* A body with head and tail, in memory of the caller's. 0, or a negative errno. */
int frames_encode(enum dualpipe_frame_kind kind, const char *body, size_t size, char **frame,
                  size_t *n);
/* The same of a text, which may be several lines. */
int frames_encode_text(enum dualpipe_frame_kind kind, const char *text, char **frame, size_t *n);
/* The bodies of the n bytes at p, one a call, of which *at have been used; 0: no more. unfinished,
 * if not NULL, is set if the last has no end. */
int frames_next_body(enum dualpipe_frame_kind kind, const char *p, size_t n, size_t *at,
                     struct dualpipe_frame_view *body, bool *unfinished);
/* A reply in frames of one kind as a message of another. 0, or a negative errno. */
int frames_convert(enum dualpipe_frame_kind from, enum dualpipe_frame_kind to, const char *p,
                   size_t n, char **message, size_t *size);
#endif
