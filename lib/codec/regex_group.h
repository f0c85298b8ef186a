/* regex_group.h: finds what the first parentheses of a pattern match. */
#ifndef REGEX_GROUP_H
#define REGEX_GROUP_H
#include "codec/regex_automaton.h"

/* A range of bytes: [start, end). */
struct span {
    size_t start, end;
};

struct regex_group {
    bool is_fixed;        /* the parentheses are so many bytes away from both ends of the match */
    size_t before, after;
    bool is_repeated;     /* they may match several times */
    /* unless is_fixed: */
    struct regex_program program;
    struct regex_automaton ends; /* reads backwards from the end of the match */
};

/* Plans the search in a pattern that has parentheses. -E2BIG: the pattern is too large; -ENOMEM.
 * After an error there is nothing to free. */
int regex_group_make(struct regex_group *g, const struct regex_tree *t,
                     const struct regex_positions *backwards);
void regex_group_free(struct regex_group *g);
/* Finds what the first parentheses match where the pattern matches `match`, in a text of n bytes.
 * Returns false if they take no part in it. */
bool regex_group_find(const struct regex_group *g, const char *text, size_t n, struct span match,
                      struct span *group);
#endif
