/* regex_parse.h: the syntax tree of a POSIX extended regular expression over bytes. */
#ifndef REGEX_PARSE_H
#define REGEX_PARSE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A set of bytes, one bit each. */
struct regex_set {
    uint64_t bits[4];
};

enum regex_node_kind {
    NODE_EMPTY,      /* matches no bytes */
    NODE_SET,        /* one byte of a set */
    NODE_LINE_START, /* ^ */
    NODE_LINE_END,   /* $ */
    NODE_CONCAT,     /* its children, one after the other */
    NODE_EITHER,     /* one of its children */
    NODE_REPEAT,     /* its child, min to max times */
    NODE_GROUP       /* its child, in the first parentheses of all */
};
enum { REGEX_ANY_TIMES = -1 };

struct regex_node {
    enum regex_node_kind kind;
    struct regex_node *first, *last;     /* children */
    struct regex_node *next, *previous;  /* children of the same node */
    int min, max;                        /* of NODE_REPEAT; max may be REGEX_ANY_TIMES */
    size_t set;                          /* of NODE_SET: its index in sets */
};

struct regex_tree {
    struct regex_node *root, *nodes; /* nodes: where all of them lie */
    struct regex_set *sets;          /* each different one once */
    size_t node_count, set_count;
    bool has_group;
};

static inline bool regex_set_has(const struct regex_set *s, unsigned char byte) {
    return s->bits[byte / 64] >> byte % 64 & 1;
}
/* Parses a pattern, in which escapes of letters are already replaced. -EINVAL: *reason says what is
 * wrong with it; -ENOMEM. After an error there is nothing to free. */
int regex_parse(struct regex_tree *t, const char *pattern, const char **reason);
void regex_parse_free(struct regex_tree *t);
#endif
