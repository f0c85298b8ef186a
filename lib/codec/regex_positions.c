/* regex_positions.c: which bytes of a pattern may follow which, as sets of bits.
 *
 * A matcher that has read a byte stands behind a set of instructions that could read it. Which
 * instructions may read the next byte depends on these, and, where the program has ^ or $, on
 * whether a line ends on either side. So follow[context] has a set for each position; the path
 * through instructions that read nothing is walked here, once, instead of for each byte.
 *
 * For reading backwards the same sets are turned round: what may come before what.
 *
 * Bytes that no instruction tells apart form a class; the line end has its own. */
#include "codec/regex_positions.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct walk {
    struct regex_positions *ps;
    const struct regex_program *program;
    unsigned seen_by[REGEX_MAX_INSTRUCTIONS], number; /* which walk has last seen an instruction */
    uint16_t todo[REGEX_MAX_INSTRUCTIONS + 1];
};

/* Collects in `set` the positions that are reached from an instruction without reading. */
static void walk_from(struct walk *w, int start, int context, uint64_t *set) {
    int count = 0;
    w->number++;
    for (w->todo[count++] = (uint16_t)start; count > 0;) {
        uint16_t at = w->todo[--count];
        const struct regex_instruction *in = &w->program->list[at];
        bool goes_on = true;
        if (w->seen_by[at] == w->number)
            continue;
        w->seen_by[at] = w->number;
        switch (in->op) {
        case OP_SET: regex_positions_set(set, in->position); continue;
        case OP_MATCH: regex_positions_set(set, w->ps->count - 1); continue;
        case OP_SPLIT: w->todo[count++] = in->y; break;
        case OP_LINE_START: goes_on = context & REGEX_AFTER_LINE_END; break;
        case OP_LINE_END: goes_on = context & REGEX_BEFORE_LINE_END; break;
        case OP_OPEN:
        case OP_CLOSE: break;
        }
        if (goes_on)
            w->todo[count++] = in->x;
    }
}

/* Splits the classes until all bytes of each are in the set, or none is. */
static void split_classes(struct regex_positions *ps, const struct regex_set *set) {
    bool has_outside[256] = {false};
    int inside[256]; /* for each class the new one of its bytes in the set; -1: not yet */
    memset(inside, -1, sizeof inside);
    for (int byte = 0; byte < 256; byte++)
        if (!regex_set_has(set, (unsigned char)byte))
            has_outside[ps->class[byte]] = true;
    for (int byte = 0; byte < 256; byte++) {
        unsigned char *class = &ps->class[byte];
        if (!has_outside[*class] || !regex_set_has(set, (unsigned char)byte))
            continue;
        if (inside[*class] < 0)
            inside[*class] = (int)ps->class_count++;
        *class = (unsigned char)inside[*class];
    }
}

static void find_classes(struct regex_positions *ps, const struct regex_program *p,
                         const struct regex_set *sets) {
    struct regex_set line_end = {{(uint64_t)1 << '\n'}};
    ps->class_count = 1;
    split_classes(ps, &line_end);
    for (int i = 0; i < p->count; i++)
        if (p->list[i].op == OP_SET)
            split_classes(ps, &sets[p->list[i].set]);
}

/* Finds out what the program looks at. */
static void find_size(struct regex_positions *ps, const struct regex_program *p) {
    ps->count = (size_t)p->position_count + 2;
    ps->words = (ps->count + 63) / 64;
    for (int i = 0; i < p->count; i++) {
        ps->sees_line_start |= p->list[i].op == OP_LINE_START;
        ps->sees_line_end |= p->list[i].op == OP_LINE_END;
    }
}

static void fill_readers(struct walk *w, const struct regex_set *sets) {
    struct regex_positions *ps = w->ps;
    for (int i = 0; i < w->program->count; i++) {
        const struct regex_instruction *in = &w->program->list[i];
        for (int byte = 0; in->op == OP_SET && byte < 256; byte++)
            if (regex_set_has(&sets[in->set], (unsigned char)byte))
                regex_positions_set(ps->readers + ps->class[byte] * ps->words, in->position);
    }
}

static void fill_follow(struct walk *w, int context) {
    struct regex_positions *ps = w->ps;
    uint64_t *row = ps->follow[context];
    walk_from(w, w->program->start, context, row);
    for (int i = 0; i < w->program->count; i++) {
        const struct regex_instruction *in = &w->program->list[i];
        if (in->op == OP_SET)
            walk_from(w, in->x, context, row + in->position * ps->words);
    }
}

/* The bits of a context that matter. */
static int seen_bits(const struct regex_positions *ps) {
    return (ps->sees_line_start ? REGEX_AFTER_LINE_END : 0) |
           (ps->sees_line_end ? REGEX_BEFORE_LINE_END : 0);
}

/* All sets are one allocation, at ps->readers. Contexts that differ in nothing the program looks at
 * share their sets. */
static bool allocate(struct regex_positions *ps) {
    int seen = seen_bits(ps);
    size_t next = ps->class_count * ps->words, size = next;
    for (int context = 0; context < REGEX_CONTEXTS; context++)
        size += (context & seen) == context ? ps->count * ps->words : 0;
    if (!(ps->readers = calloc(size, sizeof *ps->readers)))
        return false;
    for (int context = 0; context < REGEX_CONTEXTS; context++) {
        if ((context & seen) != context) {
            ps->follow[context] = ps->follow[context & seen];
            continue;
        }
        ps->follow[context] = ps->readers + next;
        next += ps->count * ps->words;
    }
    return true;
}

int regex_positions_make(struct regex_positions *ps, const struct regex_program *p,
                         const struct regex_set *sets) {
    struct walk *w = calloc(1, sizeof *w);
    *ps = (struct regex_positions){0};
    find_classes(ps, p, sets);
    find_size(ps, p);
    if (!allocate(ps) || !w) {
        free(w);
        regex_positions_free(ps);
        return -ENOMEM;
    }
    w->ps = ps;
    w->program = p;
    fill_readers(w, sets);
    for (int context = 0; context < REGEX_CONTEXTS; context++)
        if ((context & seen_bits(ps)) == context)
            fill_follow(w, context);
    free(w);
    return 0;
}

/* Fills the sets of ps for one context with those of `forwards`, the other way round. */
static void reverse_follow(struct regex_positions *ps, const struct regex_positions *forwards,
                           int context) {
    int mirrored = (context & REGEX_AFTER_LINE_END ? REGEX_BEFORE_LINE_END : 0) |
                   (context & REGEX_BEFORE_LINE_END ? REGEX_AFTER_LINE_END : 0);
    size_t last = ps->count - 1;
    for (size_t from = 0; from < ps->count; from++)
        for (size_t to = 0; to < ps->count; to++)
            if (regex_positions_has(forwards->follow[context] + from * ps->words, to))
                regex_positions_set(ps->follow[mirrored] + (last - to) * ps->words, last - from);
}

int regex_positions_reverse(struct regex_positions *ps) {
    struct regex_positions forwards = *ps;
    ps->is_reversed = true;
    ps->sees_line_start = forwards.sees_line_end;
    ps->sees_line_end = forwards.sees_line_start;
    if (!allocate(ps)) {
        *ps = forwards;
        return -ENOMEM;
    }
    for (size_t class = 0; class < ps->class_count; class++)
        for (size_t at = 0; at < ps->count; at++)
            if (regex_positions_has(forwards.readers + class * ps->words, at))
                regex_positions_set(ps->readers + class * ps->words, ps->count - 1 - at);
    for (int context = 0; context < REGEX_CONTEXTS; context++)
        if ((context & seen_bits(&forwards)) == context)
            reverse_follow(ps, &forwards, context);
    free(forwards.readers);
    return 0;
}

void regex_positions_free(struct regex_positions *ps) {
    free(ps->readers);
    *ps = (struct regex_positions){0};
}
