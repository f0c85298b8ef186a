/* regex_automaton.c: finds where a pattern matches, in one pass over the text.
 *
 * A deterministic automaton is made when the pattern is compiled: each set of positions that the
 * matcher can be behind is a state, with a table of the state that each class of bytes leads to
 * (the subset construction). Matching is then one look into the table for each byte, about a
 * nanosecond, whatever the pattern is. The table never changes, so threads may share it.
 *
 * Whether a match ends at a place can depend on the byte after it ($), so a state is left before
 * that is known: the entry for a byte also says whether there is a match before that byte. The end
 * of a text has columns of its own, one for the end of a line and one for a text that begins in the
 * middle of one, which matters backwards.
 *
 * State 0 ends the pass: after it nothing can change. If any match will do (REGEX_SEARCH_ANY) it is
 * entered at the first one; if one place to start is given (REGEX_SEARCH_HERE), when no longer
 * match is possible.
 *
 * Few patterns have more states than a table may have: a{20} after something that may overlap it,
 * as in a.{20}b. If they have no more than 128 positions, the sets of positions themselves are the
 * states, computed for each byte: for each eight positions a table has the union of what may follow
 * them, so a byte takes at most 16 looks, ten to thirty nanoseconds, whatever the text is. Other
 * patterns are refused.
 *
 * So the longest reply by default, 64 MiB, takes a tenth of a second with a table and two at the
 * very worst, whatever the text is. That is why a pass needs no look at the clock or at signals in
 * between: it is over before they would matter, and callers need no way to interrupt it. */
#include "codec/regex_automaton.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_ENTRIES = 1 << 17,   /* of the table */
    MAX_STATES = 1 << 15,
    MAX_SET_WORDS = 1 << 18, /* of the sets of all states, while they are found */
    HASH_SIZE = 1 << 16,
    LINE_EDGE = 0, /* the columns behind those of the classes: the end of the text, */
    MID_LINE_EDGE  /* at the end of a line and in the middle of one */
};

/* --- the table ------------------------------------------------------------------------------ */

struct construction {
    struct regex_automaton *a;
    const struct regex_positions *ps;
    uint64_t *sets;  /* of each state: its positions, and a word that says whether it is behind a
                        line end */
    size_t set_size; /* in words */
    uint32_t count, room;
    uint32_t *hash;  /* states by the hash of their set; 0: none */
    uint64_t *next;  /* the set that is being looked for */
    uint64_t *reach[2]; /* the positions that may come next; [1]: before a line end */
    int error;
};

static uint32_t hash_set(const struct construction *c) {
    uint64_t hash = 0;
    for (size_t i = 0; i < c->set_size; i++)
        hash = (hash ^ c->next[i]) * 0x9e3779b97f4a7c15u, hash ^= hash >> 32;
    return (uint32_t)hash & (HASH_SIZE - 1);
}

/* Whether more states fit, and there is memory for them. */
static bool make_room(struct construction *c) {
    uint32_t room = c->room < 16 ? 16 : c->room * 2;
    uint64_t *sets;
    uint32_t *table;
    if (c->count == MAX_STATES || (c->count + 1) * c->a->columns > MAX_ENTRIES ||
        (c->count + 1) * c->set_size > MAX_SET_WORDS) {
        c->error = -E2BIG;
        return false;
    }
    if (c->count < c->room)
        return true;
    c->error = -ENOMEM;
    if (!(sets = realloc(c->sets, room * c->set_size * sizeof *sets)))
        return false;
    c->sets = sets;
    if (!(table = realloc(c->a->table, room * c->a->columns * sizeof *table)))
        return false;
    c->a->table = table;
    c->room = room;
    c->error = 0;
    return true;
}

static bool is_empty(const uint64_t *set, size_t words) {
    for (size_t i = 0; i < words; i++)
        if (set[i])
            return false;
    return true;
}

/* Finds the state of the set `next`, or adds it. Returns its row. */
static uint32_t find_state(struct construction *c) {
    size_t bytes = c->set_size * sizeof *c->next;
    uint32_t slot = hash_set(c);
    if (c->a->search == REGEX_SEARCH_HERE && is_empty(c->next, c->ps->words))
        return 0;
    for (; c->hash[slot]; slot = (slot + 1) & (HASH_SIZE - 1))
        if (memcmp(c->sets + c->hash[slot] * c->set_size, c->next, bytes) == 0)
            return c->hash[slot] * c->a->columns;
    if (c->error < 0 || !make_room(c))
        return 0;
    memcpy(c->sets + c->count * c->set_size, c->next, bytes);
    c->hash[slot] = c->count++;
    return c->hash[slot] * c->a->columns;
}

static uint32_t add_start(struct construction *c, bool after_line_end) {
    memset(c->next, 0, c->set_size * sizeof *c->next);
    c->next[0] = 1;
    c->next[c->ps->words] = after_line_end && c->ps->sees_line_start;
    return find_state(c);
}

/* Finds what may follow a state, for both kinds of byte that can come next. */
static void find_reach(struct construction *c, uint32_t state) {
    const struct regex_positions *ps = c->ps;
    const uint64_t *set = c->sets + state * c->set_size;
    for (int before = 0; before < 2; before++) {
        int context = (set[ps->words] ? REGEX_AFTER_LINE_END : 0) |
                      (before ? REGEX_BEFORE_LINE_END : 0);
        memset(c->reach[before], 0, ps->words * sizeof *set);
        for (size_t i = 0; i < ps->words; i++)
            for (uint64_t rest = set[i]; rest; rest &= rest - 1)
                regex_positions_add(c->reach[before],
                                    ps->follow[context] +
                                        (i * 64 + (size_t)__builtin_ctzll(rest)) * ps->words,
                                    ps->words);
    }
}

/* Finds the entry of a state for a class of bytes. */
static uint32_t find_entry(struct construction *c, size_t class) {
    const struct regex_positions *ps = c->ps;
    bool is_line_end = class == ps->class['\n'];
    const uint64_t *reach = c->reach[is_line_end];
    bool matches = regex_positions_has(reach, ps->count - 1);
    if (matches && c->a->search == REGEX_SEARCH_ANY)
        return 1;
    for (size_t i = 0; i < ps->words; i++)
        c->next[i] = reach[i] & ps->readers[class * ps->words + i];
    if (c->a->search != REGEX_SEARCH_HERE)
        c->next[0] |= 1;
    c->next[ps->words] = is_line_end && ps->sees_line_start;
    return find_state(c) * 2 + matches;
}

static void fill_row(struct construction *c, uint32_t state) {
    const struct regex_positions *ps = c->ps;
    size_t row = state * c->a->columns;
    find_reach(c, state);
    for (size_t class = 0; class < ps->class_count && c->error == 0; class++) {
        uint32_t entry = find_entry(c, class);
        c->a->table[row + class] = entry;
    }
    c->a->table[row + ps->class_count + LINE_EDGE] =
        regex_positions_has(c->reach[1], ps->count - 1);
    c->a->table[row + ps->class_count + MID_LINE_EDGE] =
        regex_positions_has(c->reach[0], ps->count - 1);
}

static int fill_table(struct construction *c) {
    if (make_room(c)) {
        memset(c->a->table, 0, c->a->columns * sizeof *c->a->table);
        memset(c->sets, 0, c->set_size * sizeof *c->sets);
        c->count = 1;
        c->a->start[0] = add_start(c, false);
        c->a->start[1] = add_start(c, true);
    }
    for (uint32_t state = 1; state < c->count && c->error == 0; state++)
        fill_row(c, state);
    return c->error;
}

static int make_table(struct regex_automaton *a, const struct regex_positions *ps) {
    struct construction c = {.a = a, .ps = ps, .set_size = ps->words + 1};
    int error = -ENOMEM;
    c.hash = calloc(HASH_SIZE, sizeof *c.hash);
    c.next = calloc(c.set_size * 3, sizeof *c.next);
    if (c.hash && c.next) {
        c.reach[0] = c.next + c.set_size;
        c.reach[1] = c.reach[0] + c.set_size;
        error = fill_table(&c);
    }
    a->sets = c.sets;
    a->set_size = c.set_size;
    free(c.hash);
    free(c.next);
    return error;
}

/* --- sets of at most 128 positions as states ------------------------------------------------ */

static struct regex_bits read_bits(const uint64_t *set, size_t words) {
    return (struct regex_bits){{set[0], words > 1 ? set[1] : 0}};
}

static void add_bits(struct regex_bits *all, struct regex_bits more) {
    all->words[0] |= more.words[0];
    all->words[1] |= more.words[1];
}

/* For each eight positions and each value of their bits: the union of what may follow them. */
static struct regex_bits *make_follow(const struct regex_positions *ps, const uint64_t *follow) {
    size_t chunks = ps->words * 8;
    struct regex_bits *table = calloc(chunks * 256, sizeof *table);
    for (size_t chunk = 0; table && chunk < chunks; chunk++)
        for (size_t value = 1; value < 256; value++) {
            struct regex_bits *entry = &table[chunk * 256 + value];
            size_t position = chunk * 8 + (size_t)__builtin_ctzll(value);
            *entry = table[chunk * 256 + (value & (value - 1))];
            if (position < ps->count)
                add_bits(entry, read_bits(follow + position * ps->words, ps->words));
        }
    return table;
}

static int make_sets(struct regex_automaton *a, const struct regex_positions *ps) {
    if (ps->words > 2)
        return -E2BIG;
    a->chunks = ps->words * 8;
    a->match_position = ps->count - 1;
    if (!(a->readers = calloc(ps->class_count, sizeof *a->readers)))
        return -ENOMEM;
    for (size_t class = 0; class < ps->class_count; class++)
        a->readers[class] = read_bits(ps->readers + class * ps->words, ps->words);
    for (int context = 0; context < REGEX_CONTEXTS; context++)
        if (!(a->follow[context] = make_follow(ps, ps->follow[context])))
            return -ENOMEM;
    return 0;
}

static struct regex_bits union_of_follow(const struct regex_automaton *a, int context,
                                         const struct regex_bits *state) {
    const struct regex_bits *table = a->follow[context];
    struct regex_bits all = {{0, 0}};
    for (size_t chunk = 0; chunk < a->chunks; chunk++, table += 256)
        add_bits(&all, table[state->words[chunk / 8] >> chunk % 8 * 8 & 255]);
    return all;
}

/* --- passes --------------------------------------------------------------------------------- */

/* A pass over a text: the place where it is, and what is on both sides of the text. */
struct pass {
    size_t at, left;
    bool is_after_line_end, edge_is_line_end;
};

static struct pass begin_pass(const struct regex_automaton *a, const struct regex_text *text,
                              size_t from) {
    const char *p = text->bytes;
    if (a->backwards)
        return (struct pass){from, from, from == text->n || p[from] == '\n', !text->is_mid_line};
    return (struct pass){from, text->n - from,
                         from > 0 ? p[from - 1] == '\n' : !text->is_mid_line, true};
}

static bool find_by_table(const struct regex_automaton *a, const struct regex_text *text,
                          struct pass pass, size_t *to) {
    uint32_t state = a->start[pass.is_after_line_end], entry;
    size_t step = a->backwards ? (size_t)-1 : 1;
    bool found = false;
    for (; pass.left > 0; pass.left--, pass.at += step) {
        entry = a->table[state + a->class[(unsigned char)text->bytes[pass.at - a->backwards]]];
        if (entry & 1) {
            found = true;
            *to = pass.at;
        }
        if ((state = entry >> 1) == 0)
            return found;
    }
    if (!a->table[state + a->columns - 2 + (pass.edge_is_line_end ? LINE_EDGE : MID_LINE_EDGE)])
        return found;
    *to = pass.at;
    return true;
}

static bool is_skipped(const struct regex_text *text, size_t at) {
    return text->skips_cr && at + 1 < text->n && text->bytes[at] == '\r' &&
           text->bytes[at + 1] == '\n';
}

static bool find_by_sets(const struct regex_automaton *a, const struct regex_text *text,
                         struct pass pass, size_t *to) {
    struct regex_bits state = {{1, 0}};
    size_t step = a->backwards ? (size_t)-1 : 1;
    bool found = false;
    for (;; pass.left--, pass.at += step) {
        unsigned char byte =
            pass.left > 0 ? (unsigned char)text->bytes[pass.at - a->backwards] : 0;
        if (is_skipped(text, pass.at))
            continue;
        bool is_before_line_end = pass.left > 0 ? byte == '\n' : pass.edge_is_line_end;
        int context = (pass.is_after_line_end ? REGEX_AFTER_LINE_END : 0) |
                      (is_before_line_end ? REGEX_BEFORE_LINE_END : 0);
        struct regex_bits reach = union_of_follow(a, context, &state);
        if (regex_positions_has(reach.words, a->match_position)) {
            found = true;
            *to = pass.at;
        }
        if (pass.left == 0 || (found && a->search == REGEX_SEARCH_ANY))
            return found;
        for (int i = 0; i < 2; i++)
            state.words[i] = reach.words[i] & a->readers[a->class[byte]].words[i];
        if (a->search != REGEX_SEARCH_HERE)
            state.words[0] |= 1;
        else if (!state.words[0] && !state.words[1])
            return found;
        pass.is_after_line_end = byte == '\n';
    }
}

bool regex_automaton_find(const struct regex_automaton *a, const struct regex_text *text,
                          size_t from, size_t *to) {
    struct pass pass = begin_pass(a, text, from);
    return a->table ? find_by_table(a, text, pass, to) : find_by_sets(a, text, pass, to);
}

bool regex_automaton_matches(const struct regex_automaton *a, const struct regex_text *text) {
    uint32_t state = a->start[1];
    size_t to;
    if (!a->table)
        return find_by_sets(a, text, begin_pass(a, text, 0), &to);
    for (size_t i = 0; i < text->n; i++)
        if (!is_skipped(text, i) &&
            (state = regex_automaton_step(a, state, text->bytes[i])) == 0)
            return true;
    return a->table[state + a->columns - 2 + LINE_EDGE];
}

/* --- making --------------------------------------------------------------------------------- */

int regex_automaton_make(struct regex_automaton *a, const struct regex_positions *ps,
                         enum regex_search search, bool keeps_sets) {
    int error;
    *a = (struct regex_automaton){.search = search, .backwards = ps->is_reversed,
                                  .columns = (uint32_t)ps->class_count + 2};
    memcpy(a->class, ps->class, sizeof a->class);
    error = make_table(a, ps);
    if (error < 0) {
        free(a->table);
        a->table = NULL;
    }
    if (error < 0 || !keeps_sets) {
        free(a->sets);
        a->sets = NULL;
    }
    if (error == -E2BIG && !keeps_sets)
        error = make_sets(a, ps);
    if (error < 0)
        regex_automaton_free(a);
    return error;
}

void regex_automaton_free(struct regex_automaton *a) {
    free(a->table);
    free(a->sets);
    free(a->readers);
    for (int context = 0; context < REGEX_CONTEXTS; context++)
        free(a->follow[context]);
    *a = (struct regex_automaton){0};
}
