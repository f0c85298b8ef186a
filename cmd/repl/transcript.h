/* transcript.h: a record of a conversation (~w FILE): a line each, marked `>` for what was sent,
 * `<` for the child's stdout, `!` for its stderr.
 *
 * transcript_open, transcript_add for every piece, transcript_close. A zeroed struct records
 * nothing, and the calls do nothing with it. */
#ifndef REPL_TRANSCRIPT_H
#define REPL_TRANSCRIPT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct transcript {
    FILE *file; /* NULL: nothing is recorded */
    char mark;  /* of the unfinished line */
    char *line; /* what has come of the unfinished line */
    size_t line_size, line_room;
    int error; /* the first write error, a negative errno; 0: none */
};

/* Begins to append to a file. A fifo without a reader is refused, and a full one is not waited for.
 * Returns 0, or a negative errno. */
int transcript_open(struct transcript *t, const char *file);
/* Adds bytes, which may be several lines or a part of one; mark: > < or !. */
void transcript_add(struct transcript *t, char mark, const char *p, size_t n);
/* Ends the record. Returns 0, or a negative errno: it could not be written completely. */
int transcript_close(struct transcript *t);
#endif
