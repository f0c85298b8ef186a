/* frame.h: lines that children print between frames with a header. */
#ifndef FRAME_H
#define FRAME_H
#include <stddef.h>

/* What the first line of some bytes is where a frame with a header should begin. */
enum frame_between {
    FRAME_BETWEEN_BAD,   /* no such line */
    FRAME_BETWEEN_MORE,  /* more bytes are needed to tell */
    FRAME_BETWEEN_EMPTY, /* an empty line */
    FRAME_BETWEEN_TEXT,  /* a line for people: a log, a greeting */
};
/* Judges the n bytes at p, which dualpipe_frame_decode() has refused as a frame with a header.
 * Sets *size to the line's size with its line end if it may stand between frames. */
enum frame_between frame_line_between(const char *p, size_t n, size_t *size);
#endif
