/* regex_automaton.h: finds where a pattern matches, in one pass over the text. */
#ifndef REGEX_AUTOMATON_H
#define REGEX_AUTOMATON_H
#include "codec/regex_positions.h"

/* What an automaton looks for. */
enum regex_search {
    REGEX_SEARCH_ANY,  /* whether there is a match anywhere */
    REGEX_SEARCH_LAST, /* where the last match ends that begins at any place */
    REGEX_SEARCH_HERE  /* where the longest match ends that begins at a given place */
};

/* A set of up to 128 positions. */
struct regex_bits {
    uint64_t words[2];
};

struct regex_automaton {
    enum regex_search search;
    bool backwards;
    unsigned char class[256]; /* of each byte */
    /* A state is the index of its row; a row has a column for each class and both ends of a text.
     * An entry is twice the next state, plus 1 if there is a match before the byte. */
    uint32_t *table; /* NULL: it would be too large; the rest is used instead */
    uint32_t columns, start[2]; /* start: in the middle of a line, at its end */
    uint64_t *sets;             /* of each state its positions, if they are kept */
    size_t set_size;
    struct regex_bits *readers;   /* for each class */
    struct regex_bits *follow[4]; /* for each context, eight positions and value of their bits */
    size_t chunks, match_position;
};

/* A text, or the rest of one. */
struct regex_text {
    const char *bytes;
    size_t n;
    bool is_mid_line; /* it does not begin at the start of a line */
    bool skips_cr;    /* a CR before an LF is passed over; read forwards */
};

/* Reads forwards or backwards, as ps does. keeps_sets: keeps `sets`, and has a table for certain.
 * -E2BIG: it has too many states; -ENOMEM. After an error there is nothing to free. */
int regex_automaton_make(struct regex_automaton *a, const struct regex_positions *ps,
                         enum regex_search search, bool keeps_sets);
void regex_automaton_free(struct regex_automaton *a);
/* Whether the text has a match anywhere. For REGEX_SEARCH_ANY, forwards. */
bool regex_automaton_matches(const struct regex_automaton *a, const struct regex_text *text);
/* Reads from the place `from` on. Returns whether there is a match, and sets *to to its other
 * end. */
bool regex_automaton_find(const struct regex_automaton *a, const struct regex_text *text,
                          size_t from, size_t *to);
/* The state that the byte leads to. */
static inline uint32_t regex_automaton_step(const struct regex_automaton *a, uint32_t state,
                                            char byte) {
    return a->table[state + a->class[(unsigned char)byte]] >> 1;
}
/* Whether a state holds a position. */
static inline bool regex_automaton_holds(const struct regex_automaton *a, uint32_t state,
                                         size_t position) {
    return regex_positions_has(a->sets + state / a->columns * a->set_size, position);
}
#endif
