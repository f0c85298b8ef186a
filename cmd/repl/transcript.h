/* transcript.h: a transcript of what is said: `> request`, `< reply`, `! stderr`, a line each. */
#ifndef RECORD_H
#define RECORD_H
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct record {
    FILE *to;   /* NULL: nothing is recorded */
    char mark;  /* of the line that is not finished yet */
    char *line; /* what has come of it */
    size_t n, room;
    int error; /* that writing met first; 0: none */
};

/* Adds to a file from here on. A fifo that nobody reads is refused, and a full one not waited for.
 * 0, or a negative errno. */
int record_open(struct record *r, const char *file);
/* What was sent, in lines, or has come; mark: > < or !. */
void record_add(struct record *r, char mark, const char *p, size_t n);
/* It has ended, if there is one. 0, or a negative errno: it could not be written whole. */
int record_close(struct record *r);
#endif
