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
 * Else all ways are followed at once, as threads (Pike's simulation): a thread is an instruction
 * that reads the next byte, and where the parentheses opened and closed on the way to it. The list
 * of threads is in the order of preference. Two threads at the same instruction have the same
 * future, so only the first is kept, and a byte costs no more than the program has instructions.
 * Threads that can't match up to the end die out; of those that do, the first is the one. If one
 * thread is left, with its parentheses closed, the rest need not be read.
 *
 * The threads lie on the stack, so that a search can't fail; hence MAX_SEARCHED. */
#include "codec/regex_group.h"
#include <errno.h>

enum { MAX_SEARCHED = 512 }; /* the most instructions of a program that is searched */
#define NOWHERE SIZE_MAX

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

int regex_group_make(struct regex_group *g, const struct regex_tree *t) {
    int error;
    *g = (struct regex_group){.is_repeated = is_repeated(t->root)};
    if ((g->is_fixed = find_fixed(g, t->root)))
        return 0;
    if ((error = regex_program_make(&g->program, t, false)) < 0)
        return error;
    if (g->program.count <= MAX_SEARCHED)
        return 0;
    regex_program_free(&g->program);
    return -E2BIG;
}

void regex_group_free(struct regex_group *g) {
    regex_program_free(&g->program);
}

/* --- the search ----------------------------------------------------------------------------- */

struct thread {
    uint16_t at; /* its instruction */
    struct span group;
};

/* An instruction to look at on behalf of a thread, and whether the parentheses opened or closed at
 * the present place on the way to it. */
struct visit {
    uint16_t at;
    bool opened, closed;
};

struct search {
    const struct regex_group *plan;
    const struct regex_set *sets;
    const char *text;
    size_t n, end;  /* of the text, of the match */
    struct thread lists[2][MAX_SEARCHED], *threads, *next;
    int count, next_count;
    unsigned seen_by[MAX_SEARCHED], round; /* in which round an instruction was last looked at */
    struct visit todo[MAX_SEARCHED + 1];
};

/* Follows a thread from instruction `first` at `place` to the instructions that read the byte
 * there, and adds what comes after them to the next list. Returns whether the thread has matched;
 * *group: where the parentheses are then. */
static bool follow(struct search *s, uint16_t first, struct span before, size_t place,
                   struct span *group) {
    int count = 0;
    for (s->todo[count++] = (struct visit){.at = first}; count > 0;) {
        struct visit v = s->todo[--count];
        const struct regex_instruction *in = &s->plan->program.list[v.at];
        bool goes_on = true;
        if (s->seen_by[v.at] == s->round)
            continue;
        s->seen_by[v.at] = s->round;
        *group = (struct span){v.opened ? place : before.start,
                               v.closed ? place : v.opened ? NOWHERE : before.end};
        switch (in->op) {
        case OP_MATCH:
            if (place == s->end)
                return true;
            continue;
        case OP_SET:
            if (place < s->end && regex_set_has(&s->sets[in->set], (unsigned char)s->text[place]))
                s->next[s->next_count++] = (struct thread){in->x, *group};
            continue;
        case OP_SPLIT: s->todo[count++] = (struct visit){in->y, v.opened, v.closed}; break;
        case OP_LINE_START: goes_on = place == 0 || s->text[place - 1] == '\n'; break;
        case OP_LINE_END: goes_on = place == s->n || s->text[place] == '\n'; break;
        case OP_OPEN: v.opened = true; v.closed = false; break;
        case OP_CLOSE: v.closed = true; break;
        }
        if (goes_on)
            s->todo[count++] = (struct visit){in->x, v.opened, v.closed};
    }
    return false;
}

/* Takes all threads over the byte at `place`. Returns whether one has matched, or is the only one
 * left and has passed the parentheses: *group is the result. */
static bool take_step(struct search *s, size_t place, struct span *group) {
    struct thread *spare = s->threads;
    s->next_count = 0;
    s->round++;
    for (int i = 0; i < s->count; i++)
        if (follow(s, s->threads[i].at, s->threads[i].group, place, group))
            return true;
    s->threads = s->next;
    s->next = spare;
    s->count = s->next_count;
    *group = s->threads[0].group;
    return s->count == 1 && group->end != NOWHERE && !s->plan->is_repeated;
}

static struct span search_group(struct search *s, struct span match) {
    struct span group = {NOWHERE, NOWHERE};
    s->threads = s->lists[0];
    s->next = s->lists[1];
    s->count = 1;
    s->threads[0] = (struct thread){(uint16_t)s->plan->program.start, group};
    for (size_t place = match.start; place <= match.end; place++)
        if (take_step(s, place, &group))
            return group;
    return group;
}

bool regex_group_find(const struct regex_group *g, const struct regex_set *sets, const char *text,
                      size_t n, struct span match, struct span *group) {
    struct search s;
    if (g->is_fixed) {
        *group = (struct span){match.start + g->before, match.end - g->after};
        return true;
    }
    s.plan = g;
    s.sets = sets;
    s.text = text;
    s.n = n;
    s.end = match.end;
    s.round = 0;
    for (int i = 0; i < g->program.count; i++)
        s.seen_by[i] = 0;
    *group = search_group(&s, match);
    return group->start != NOWHERE;
}
