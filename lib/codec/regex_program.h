/* regex_program.h: a pattern as a program of small instructions, which all matchers begin with. */
#ifndef REGEX_PROGRAM_H
#define REGEX_PROGRAM_H
#include "codec/regex_parse.h"

enum regex_op {
    OP_SET,        /* read a byte of the set, or fail; go on at x */
    OP_SPLIT,      /* go on at x, which is preferred, and at y */
    OP_LINE_START, /* go on at x if a line starts here */
    OP_LINE_END,   /* go on at x if a line ends here */
    OP_OPEN,       /* the first parentheses begin here; go on at x */
    OP_CLOSE,      /* they end here */
    OP_MATCH       /* all has matched */
};

struct regex_instruction {
    enum regex_op op;
    uint16_t x, y;
    uint16_t set, position; /* of OP_SET; position: its number among these, from 1 on */
};

enum { REGEX_MAX_INSTRUCTIONS = 4096 };

struct regex_program {
    struct regex_instruction *list; /* the first is OP_MATCH */
    int count, start;
    uint16_t position_count; /* of OP_SET */
    bool is_too_large;
};

/* -E2BIG: the pattern is too large; -ENOMEM. After an error there is nothing to free. */
int regex_program_make(struct regex_program *p, const struct regex_tree *t);
void regex_program_free(struct regex_program *p);
#endif
