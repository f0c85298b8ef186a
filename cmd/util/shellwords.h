/* shellwords.h: a command line taken apart as a shell would, and paragraphs of them (presets). Pure:
 * bytes in, words out. */
#ifndef SHELLWORDS_H
#define SHELLWORDS_H
#include <stddef.h>

/* Words between blanks; '...', "..." and backslashes quote, # begins a comment, nothing is
 * expanded. words[0] is NULL, left for a program's name; *n counts it. One piece of memory, the
 * caller's; NULL: *why. */
char **shellwords_split(const char *text, size_t size, int *n, const char **why);

/* A text that is being read, and the line that comes next, from 1. */
struct paragraph_reader {
    const char *next, *end;
    int line;
};
struct paragraph {
    const char *name, *text; /* a name's line; the lines behind it, up to an empty one */
    size_t name_size, text_size;
    int line; /* where it begins; if something is wrong, where that is */
};
/* 1; 0: there are no more; -1: *why. */
int shellwords_next_paragraph(struct paragraph_reader *all, struct paragraph *p, const char **why);
#endif
