/* frames.h: kinds of frames by their names, and messages put from one kind into another. */
#ifndef FRAMES_H
#define FRAMES_H
#include "options/settings.h"
#include <sys/types.h>

enum { LONGEST_HEAD = 8192 };

/* -1: no such kind. */
int frames_kind(const char *name);
const char *frames_name(enum dualpipe_kind kind);
/* What all the names are, for a message. */
extern const char frames_names[];

static inline bool frames_are_delimited(enum dualpipe_kind kind) {
    return kind == DUALPIPE_LINE || kind == DUALPIPE_CRLF || kind == DUALPIPE_NUL;
}
/* Whether a message without its end, at the end of all, is one all the same. */
static inline bool frames_may_end(enum dualpipe_kind kind) {
    return frames_are_delimited(kind) || kind == DUALPIPE_RAW;
}
/* Whether replies are written as the child wrote them. */
static inline bool frames_pass(const struct settings *s) {
    return s->io == s->frame || s->json;
}
/* Room for the longest message, and one byte to see that it is longer. */
size_t frames_room(enum dualpipe_kind kind, size_t max);
enum { FRAMES_WORDS = 240 };
/* What is wrong with bytes at an offset, of whose output or "", of which n lie at p; n 0: they are
 * cut short. Returns words. */
const char *frames_fault(enum dualpipe_kind kind, unsigned long long offset, const char *whose,
                         const char *p, size_t n, char words[FRAMES_WORDS]);
/* Why a body can't be said, by the error of dualpipe_frame. */
const char *frames_why(enum dualpipe_kind kind, int error);

/* A body with head and tail, in memory of the caller's. 0, or a negative errno. */
int frames_put(enum dualpipe_kind kind, const char *body, size_t size, char **frame, size_t *n);
/* The same of a text, which may be several lines. */
int frames_put_text(enum dualpipe_kind kind, const char *text, char **frame, size_t *n);
/* The bodies of the n bytes at p, one a call, of which *at have been used; 0: no more. unfinished,
 * if not NULL, is set if the last has no end. */
int frames_next(enum dualpipe_kind kind, const char *p, size_t n, size_t *at,
                struct dualpipe_body *b, bool *unfinished);
/* A reply in frames of one kind as a message of another. 0, or a negative errno. */
int frames_convert(const struct settings *s, const char *p, size_t n, char **message,
                   size_t *size);
#endif
