/* regex_group.c: finds what the first parentheses of a pattern match.
 *
 * Where the whole match begins and ends is known already: its beginning is the leftmost one, and
 * its end the furthest from there. Of the ways to match just that, the one is meant that a reader
 * from left to right prefers: one more repetition rather than going on, and the earlier
 * alternative. That is what glibc's regexec takes.
 *
 * In most patterns all that stands before and after the parentheses has a fixed length, as in
 * "^id=([0-9]+) ". Then nothing has to be searched.
 *
 * Else a pass backwards from the end of the match finds for each place which instructions can read
 * the byte there so that the rest matches up to the end: each state of the automaton is a set of
 * such. The walk from left to right then takes at each place the instruction that it prefers among
 * them, and never has to go back.
 *
 * The states of all places would need memory. So the text is taken in BLOCKs, and a longer one is
 * divided into PIECES, of which a pass backwards notes the state at the end of each; then one piece
 * after the other is treated alike. 64 MiB take four passes. */
#include "codec/regex_group.h"
#include <errno.h>
#include <string.h>

#define NOWHERE SIZE_MAX
enum { BLOCK = 2048, PIECES = 64 };

/* --- patterns that need no search ----------------------------------------------------------- */

/* How many bytes a node matches; NOWHERE: not always the same number. */
static size_t fixed_length(const struct regex_node *node) {
    const struct regex_node *child = node->first;
    size_t length = child ? fixed_length(child) : node->kind == NODE_SET;
    if (node->kind == NODE_REPEAT)
        return length == NOWHERE || node->min != node->max ? NOWHERE : length * (size_t)node->min;
    while (length != NOWHERE && child && (child = child->next)) {
        size_t next = fixed_length(child);
        if (node->kind == NODE_CONCAT)
            length = next == NOWHERE ? NOWHERE : length + next;
        else if (next != length)
            length = NOWHERE;
    }
    return length;
}

static bool holds_group(const struct regex_node *node) {
    const struct regex_node *child = node->first;
    while (child && !holds_group(child))
        child = child->next;
    return node->kind == NODE_GROUP || child;
}

static bool add_fixed(const struct regex_node *node, size_t *sum) {
    size_t length = fixed_length(node);
    *sum += length;
    return length != NOWHERE;
}

/* Whether the parentheses have a fixed distance from both ends of a match; sets it. */
static bool find_fixed(struct regex_group *g, const struct regex_node *node) {
    const struct regex_node *child = node->first, *other;
    if (node->kind == NODE_GROUP)
        return true;
    if (node->kind != NODE_CONCAT)
        return false;
    while (!holds_group(child))
        child = child->next;
    for (other = node->first; other != child; other = other->next)
        if (!add_fixed(other, &g->before))
            return false;
    for (other = child->next; other; other = other->next)
        if (!add_fixed(other, &g->after))
            return false;
    return find_fixed(g, child);
}

/* Whether the parentheses may match several times. */
static bool is_repeated(const struct regex_node *node) {
    const struct regex_node *child = node->first;
    if (node->kind == NODE_GROUP)
        return false;
    while (!holds_group(child))
        child = child->next;
    return node->kind == NODE_REPEAT || is_repeated(child);
}

int regex_group_make(struct regex_group *g, const struct regex_tree *t,
                     const struct regex_positions *backwards) {
    int error;
    *g = (struct regex_group){.is_repeated = is_repeated(t->root)};
    if ((g->is_fixed = find_fixed(g, t->root)))
        return 0;
    if ((error = regex_program_make(&g->program, t)) < 0)
        return error;
    if ((error = regex_automaton_make(&g->ends, backwards, REGEX_SEARCH_HERE, true)) < 0)
        regex_program_free(&g->program);
    return error;
}

void regex_group_free(struct regex_group *g) {
    regex_program_free(&g->program);
    regex_automaton_free(&g->ends);
}

/* --- the walk ------------------------------------------------------------------------------- */

/* An instruction to look at, and whether the parentheses opened or closed at the present place on
 * the way to it. */
struct visit {
    uint16_t at;
    bool opened, closed;
};

struct walk {
    const struct regex_group *plan;
    const char *text;
    size_t n, end;     /* of the text, of the match */
    uint16_t at;       /* the instruction that comes next */
    struct span group; /* where the parentheses opened and closed last */
    bool is_done;
    uint64_t seen[REGEX_MAX_INSTRUCTIONS / 64];
    struct visit todo[REGEX_MAX_INSTRUCTIONS + 1];
    uint32_t states[BLOCK];
};

/* Whether the instruction can read the byte at `place` so that the rest matches. */
static bool leads_to_end(const struct walk *w, const struct regex_instruction *in, uint32_t state) {
    size_t last = (size_t)w->plan->program.position_count + 1;
    return regex_automaton_holds(&w->plan->ends, state, last - in->position);
}

/* Takes the walk over the byte at `place`, or, at the end, to the match. state: that of the
 * automaton once it has read the byte. */
static void take_step(struct walk *w, size_t place, uint32_t state) {
    const struct regex_program *p = &w->plan->program;
    int count = 0;
    memset(w->seen, 0, ((size_t)p->count + 63) / 64 * sizeof *w->seen);
    for (w->todo[count++] = (struct visit){.at = w->at}; count > 0;) {
        struct visit v = w->todo[--count];
        const struct regex_instruction *in = &p->list[v.at];
        bool goes_on = true;
        if (regex_positions_has(w->seen, v.at))
            continue;
        regex_positions_set(w->seen, v.at);
        switch (in->op) {
        case OP_MATCH:
        case OP_SET:
            if (in->op == OP_MATCH ? place < w->end
                                   : place == w->end || !leads_to_end(w, in, state))
                continue;
            w->at = in->x;
            if (v.opened)
                w->group = (struct span){place, NOWHERE};
            if (v.closed)
                w->group.end = place;
            w->is_done = w->group.end != NOWHERE && !w->plan->is_repeated;
            return;
        case OP_SPLIT: w->todo[count++] = (struct visit){in->y, v.opened, v.closed}; break;
        case OP_LINE_START: goes_on = place == 0 || w->text[place - 1] == '\n'; break;
        case OP_LINE_END: goes_on = place == w->n || w->text[place] == '\n'; break;
        case OP_OPEN: v.opened = true; v.closed = false; break;
        case OP_CLOSE: v.closed = true; break;
        }
        if (goes_on)
            w->todo[count++] = (struct visit){in->x, v.opened, v.closed};
    }
}

/* Runs the automaton backwards from `to`, where its state is `state`, to `from`. */
static uint32_t run_back(const struct walk *w, size_t from, size_t to, uint32_t state) {
    while (to-- > from)
        state = regex_automaton_step(&w->plan->ends, state, w->text[to]);
    return state;
}

static void walk_block(struct walk *w, size_t from, size_t to, uint32_t state) {
    for (size_t place = to; place > from; place--)
        w->states[place - 1 - from] = state =
            regex_automaton_step(&w->plan->ends, state, w->text[place - 1]);
    for (size_t place = from; place < to && !w->is_done; place++)
        take_step(w, place, w->states[place - from]);
}

/* Walks from `from` to `to`; state: that of the automaton at `to`. */
static void walk_range(struct walk *w, size_t from, size_t to, uint32_t state) {
    size_t size = (to - from) / PIECES + 1, count = (to - from + size - 1) / size, end = to;
    uint32_t at_end[PIECES];
    if (to - from <= BLOCK) {
        walk_block(w, from, to, state);
        return;
    }
    for (size_t i = count; i-- > 0; end = from + i * size) {
        at_end[i] = state;
        state = run_back(w, from + i * size, end, state);
    }
    for (size_t i = 0; i < count && !w->is_done; i++)
        walk_range(w, from + i * size, i + 1 < count ? from + (i + 1) * size : to, at_end[i]);
}

bool regex_group_find(const struct regex_group *g, const char *text, size_t n, struct span match,
                      struct span *group) {
    struct walk w;
    if (g->is_fixed) {
        *group = (struct span){match.start + g->before, match.end - g->after};
        return true;
    }
    w.plan = g;
    w.text = text;
    w.n = n;
    w.end = match.end;
    w.at = (uint16_t)g->program.start;
    w.group = (struct span){NOWHERE, NOWHERE};
    w.is_done = false;
    walk_range(&w, match.start, match.end,
               g->ends.start[match.end == n || text[match.end] == '\n']);
    if (!w.is_done)
        take_step(&w, match.end, 0);
    if (w.group.start == NOWHERE)
        return false;
    *group = w.group;
    return true;
}
