/* regex.h: POSIX extended regular expressions over bytes, whatever the host's locale. */
#ifndef REGEX_H
#define REGEX_H
#include "dualpipe.h"
#include <locale.h>
#include <regex.h>
#include <stdbool.h>

struct regex {
    regex_t compiled;
    locale_t c_locale; /* the C locale */
    int newlines;      /* `\n` in it, but for those in [^...], which no line end matches */
};

struct span {
    size_t start, end;
};

enum regex_use {
    REGEX_MATCH,      /* regex_matches */
    REGEX_GROUP,      /* regex_group: its first parentheses must be there */
    REGEX_AT_LINE_END /* regex_find: a match ends where a line does */
};

/* -EINVAL: *why says where and what to write instead. */
int regex_compile(struct regex *re, const char *text, enum regex_use use,
                  struct dualpipe_error *why);
void regex_free(struct regex *re);
/* starved, if not NULL: set where no memory was left to tell, which else means no match. */
bool regex_matches(const struct regex *re, const char *text, size_t n, bool *nomem);
/* What its first parentheses match. */
bool regex_group(const struct regex *re, const char *text, size_t n, struct span *group,
                 bool *nomem);
/* The first match. mid_line: text begins inside of a line. */
bool regex_find(const struct regex *re, const char *text, size_t n, bool mid_line,
                struct span *match, bool *nomem);
#endif
