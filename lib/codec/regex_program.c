/* regex_program.c: turns the tree of a pattern into a program (Thompson's construction).
 *
 * The program is built from its end: emit(node, next) adds the instructions of a node that go on at
 * `next`, and returns where they begin. So no instruction has to be changed later, but the SPLIT
 * of a loop. What is repeated {n,m} times is emitted m times.
 *
 * A SPLIT prefers its x: another repetition, or the earlier alternative. That order matters for the
 * first parentheses only (regex_group.c). For its sake X* is made like (X+)?: if X matches nothing,
 * the parentheses in it have matched nothing, rather than not taken part.
 *
 * Backwards, the parts of a concatenation are emitted the other way round, and ^ and $ change
 * places, since a reader that comes from the end sees the line end where a line starts. */
#include "codec/regex_program.h"
#include <errno.h>
#include <stdlib.h>

struct builder {
    struct regex_program *program;
    bool backwards;
};

static int add(struct builder *b, enum regex_op op, int x) {
    struct regex_program *p = b->program;
    if (p->count == REGEX_MAX_INSTRUCTIONS) {
        p->is_too_large = true;
        return 0;
    }
    p->list[p->count] = (struct regex_instruction){.op = op, .x = (uint16_t)x};
    return p->count++;
}

static int add_split(struct builder *b, int x, int y) {
    int at = add(b, OP_SPLIT, x);
    b->program->list[at].y = (uint16_t)y;
    return at;
}

static int emit(struct builder *b, const struct regex_node *node, int next);

/* One time or more. */
static int emit_loop(struct builder *b, const struct regex_node *child, int next) {
    int loop = add_split(b, 0, next), body = emit(b, child, loop);
    b->program->list[loop].x = (uint16_t)body;
    return body;
}

static int emit_repeat(struct builder *b, const struct regex_node *node, int next) {
    const struct regex_program *p = b->program;
    const struct regex_node *child = node->first;
    int end = next, times = node->min;
    for (int i = node->min; i < node->max && !p->is_too_large; i++)
        next = add_split(b, emit(b, child, next), end);
    if (node->max == REGEX_ANY_TIMES) {
        next = emit_loop(b, child, next);
        if (times == 0)
            return add_split(b, next, end);
        times--;
    }
    for (int i = 0, before = -1; i < times && !p->is_too_large && p->count > before; i++) {
        before = p->count; /* if the child adds nothing, once is enough */
        next = emit(b, child, next);
    }
    return next;
}

static int emit_concat(struct builder *b, const struct regex_node *node, int next) {
    const struct regex_node *part = b->backwards ? node->first : node->last;
    for (; part; part = b->backwards ? part->next : part->previous)
        next = emit(b, part, next);
    return next;
}

static int emit_either(struct builder *b, const struct regex_node *node, int next) {
    const struct regex_node *choice = node->last;
    int at = emit(b, choice, next);
    while ((choice = choice->previous))
        at = add_split(b, emit(b, choice, next), at);
    return at;
}

static int emit(struct builder *b, const struct regex_node *node, int next) {
    int at;
    switch (node->kind) {
    case NODE_SET:
        at = add(b, OP_SET, next);
        b->program->list[at].set = (uint16_t)node->set;
        return at;
    case NODE_LINE_START: return add(b, b->backwards ? OP_LINE_END : OP_LINE_START, next);
    case NODE_LINE_END: return add(b, b->backwards ? OP_LINE_START : OP_LINE_END, next);
    case NODE_CONCAT: return emit_concat(b, node, next);
    case NODE_EITHER: return emit_either(b, node, next);
    case NODE_REPEAT: return emit_repeat(b, node, next);
    case NODE_GROUP: return add(b, OP_OPEN, emit(b, node->first, add(b, OP_CLOSE, next)));
    case NODE_EMPTY: break;
    }
    return next;
}

int regex_program_make(struct regex_program *p, const struct regex_tree *t, bool backwards) {
    struct builder b = {p, backwards};
    struct regex_instruction *list;
    *p = (struct regex_program){.list = malloc(REGEX_MAX_INSTRUCTIONS * sizeof *p->list)};
    if (!p->list)
        return -ENOMEM;
    p->start = emit(&b, t->root, add(&b, OP_MATCH, 0));
    if (p->is_too_large) {
        regex_program_free(p);
        return -E2BIG;
    }
    if ((list = realloc(p->list, (size_t)p->count * sizeof *list)))
        p->list = list;
    return 0;
}

void regex_program_free(struct regex_program *p) {
    free(p->list);
    *p = (struct regex_program){0};
}
