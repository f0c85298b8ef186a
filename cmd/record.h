/* record.h: a transcript of what is said: `> request`, `< reply`, `! stderr`, a line each. */
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
};

/* Adds to a file from here on, ending another; NULL: only that. 0, or a negative errno. */
int record_open(struct record *r, const char *file);
/* What was sent, in lines, or has come; mark: > < or !. */
void record_add(struct record *r, char mark, const char *p, size_t n);
/* It has ended. -1: it could not be written whole; errno. */
int record_close(struct record *r);
#endif
