/* transcript.h: a transcript of what is said: `> request`, `< reply`, `! stderr`, a line each. */
#ifndef RECORD_H
#define RECORD_H
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct transcript {
    FILE *file;   /* NULL: nothing is recorded */
    char mark;  /* of the line that is not finished yet */
    char *line; /* what has come of it */
    size_t line_size, line_room;
    int error; /* that writing met first; 0: none */
};

/* Adds to a file from here on. A fifo that nobody reads is refused, and a full one not waited for.
 * 0, or a negative errno. */
int transcript_open(struct transcript *t, const char *file);
/* What was sent, in lines, or has come; mark: > < or !. */
void transcript_add(struct transcript *t, char mark, const char *p, size_t n);
/* It has ended, if there is one. 0, or a negative errno: it could not be written whole. */
int transcript_close(struct transcript *t);
#endif
