/* regex_positions.h: which bytes of a pattern may follow which, as sets of bits. */
#ifndef REGEX_POSITIONS_H
#define REGEX_POSITIONS_H
#include "codec/regex_program.h"

/* What is known of a place between two bytes, in the order of reading. */
enum {
    REGEX_AFTER_LINE_END = 1,  /* a line end was read before it, or nothing was */
    REGEX_BEFORE_LINE_END = 2, /* a line end is read after it, or nothing is */
    REGEX_CONTEXTS = 4
};

/* A position is an instruction that reads a byte. Position 0 is the start of the pattern, and the
 * last one its end: a match. A set of positions has `words` words. */
struct regex_positions {
    size_t count, words;
    uint64_t *follow[REGEX_CONTEXTS]; /* for each position the set that may come next */
    uint64_t *readers;                /* for each class of bytes the positions that read it */
    unsigned char class[256]; /* bytes of the same class are read by the same positions */
    size_t class_count;
    bool sees_line_start, sees_line_end; /* whether that bit of the context matters */
    bool is_reversed;                    /* read backwards: position i is the last but i */
};

static inline void regex_positions_add(uint64_t *set, const uint64_t *more, size_t words) {
    for (size_t i = 0; i < words; i++)
        set[i] |= more[i];
}
static inline void regex_positions_set(uint64_t *set, size_t position) {
    set[position / 64] |= (uint64_t)1 << position % 64;
}
static inline bool regex_positions_has(const uint64_t *set, size_t position) {
    return set[position / 64] >> position % 64 & 1;
}
/* -ENOMEM: there is nothing to free. */
int regex_positions_make(struct regex_positions *ps, const struct regex_program *p,
                         const struct regex_set *sets);
/* Makes sets for reading backwards of those for reading forwards. -ENOMEM: nothing has changed. */
int regex_positions_reverse(struct regex_positions *ps);
void regex_positions_free(struct regex_positions *ps);
#endif
