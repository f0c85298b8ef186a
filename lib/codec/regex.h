/* regex.h: POSIX extended regular expressions over bytes, independent of libc and locale.
 * regex_compile() once for one use, then the one search function of that use, any number of times
 * and in any number of threads; regex_free() at the end. */
#ifndef REGEX_H
#define REGEX_H
#include "dualpipe.h"
#include "codec/regex_automaton.h"
#include "codec/regex_group.h"

/* The use that a pattern is compiled for. */
enum regex_use {
    REGEX_MATCH, /* for regex_matches() */
    REGEX_GROUP, /* for regex_group(); the pattern must have parentheses */
    REGEX_AT_END /* for regex_find_at_end() */
};

struct regex {
    int newlines; /* line ends that a match can contain: \n in the pattern, but not in [^...] */
    struct regex_automaton matcher;   /* of REGEX_MATCH */
    struct regex_automaton backwards; /* finds where a match begins; of the other uses */
    struct regex_automaton forwards;  /* finds where it ends; of REGEX_GROUP */
    struct regex_group group;         /* of REGEX_GROUP */
};

/* Compiles the pattern. -EINVAL: *why gives the offset and a hint what to write instead. */
int regex_compile(struct regex *re, const char *text, enum regex_use use,
                  struct dualpipe_error *why);
void regex_free(struct regex *re);
/* Whether the text contains a match. */
bool regex_matches(const struct regex *re, const char *text, size_t n);
/* The same as if no CR stood before an LF. */
bool regex_matches_without_cr(const struct regex *re, const char *text, size_t n);
/* Finds the part that the first parentheses match. *group is set only if there is one. */
bool regex_group(const struct regex *re, const char *text, size_t n, struct span *group);
/* Finds the longest match that ends at the end of the text, or before a line end there; *start is
 * where it begins. is_mid_line: the text does not begin at the start of a line. */
bool regex_find_at_end(const struct regex *re, const char *text, size_t n, bool is_mid_line,
                       size_t *start);
#endif
