/* regex.h: POSIX extended regular expressions over bytes, whatever the host's locale. */
#ifndef PATTERN_H
#define PATTERN_H
#include "dualpipe.h"
#include <locale.h>
#include <regex.h>
#include <stdbool.h>

struct pattern {
    regex_t regex;
    locale_t bytes; /* the C locale */
    int line_ends;  /* `\n` in it, but for those in [^...], which no line end matches */
};

struct span {
    size_t from, to;
};

enum pattern_use {
    PATTERN_WHETHER, /* pattern_matches */
    PATTERN_GROUP,   /* pattern_group: its first parentheses must be there */
    PATTERN_ENDING   /* pattern_find: a match ends where a line does */
};

/* -EINVAL: *why says where and what to write instead. */
int pattern_compile(struct pattern *p, const char *text, enum pattern_use use,
                    struct dualpipe_failure *why);
void pattern_free(struct pattern *p);
/* starved, if not NULL: set where no memory was left to tell, which else means no match. */
bool pattern_matches(const struct pattern *p, const char *text, size_t n, bool *starved);
/* What its first parentheses match. */
bool pattern_group(const struct pattern *p, const char *text, size_t n, struct span *group,
                   bool *starved);
/* The first match. mid_line: text begins inside of a line. */
bool pattern_find(const struct pattern *p, const char *text, size_t n, bool mid_line,
                  struct span *match, bool *starved);
#endif
