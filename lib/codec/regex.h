/* regex.h: POSIX extended regular expressions over bytes, independent of the locale of the host.
 * regex_compile() once for one use, then the one search function of that use, any number of times;
 * regex_free() at the end. */
#ifndef REGEX_H
#define REGEX_H
#include "dualpipe.h"
#include <locale.h>
#include <regex.h>
#include <stdbool.h>

struct regex {
    regex_t compiled;
    locale_t c_locale; /* kept for libcs that ask for the locale when they match */
    int newlines; /* line ends that a match can contain: \n in the pattern, but not in [^...] */
};

/* A range of bytes: [start, end). */
struct span {
    size_t start, end;
};

/* The use that a pattern is compiled for. */
enum regex_use {
    REGEX_MATCH,      /* for regex_matches() */
    REGEX_GROUP,      /* for regex_group(); the pattern must have parentheses */
    REGEX_AT_LINE_END /* for regex_find(); a match ends at the end of a line */
};

/* Compiles the pattern. -EINVAL: *why gives the offset and a hint what to write instead. */
int regex_compile(struct regex *re, const char *text, enum regex_use use,
                  struct dualpipe_error *why);
void regex_free(struct regex *re);
/* Whether the text contains a match. Unless nomem is NULL, *nomem is set when memory ran out and
 * the libc says so; the result is then meaningless. */
bool regex_matches(const struct regex *re, const char *text, size_t n, bool *nomem);
/* Finds the part that the first parentheses match. */
bool regex_group(const struct regex *re, const char *text, size_t n, struct span *group,
                 bool *nomem);
/* Finds the first match. mid_line: the text does not begin at the start of a line. */
bool regex_find(const struct regex *re, const char *text, size_t n, bool mid_line,
                struct span *match, bool *nomem);
#endif
