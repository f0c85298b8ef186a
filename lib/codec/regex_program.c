/* regex_program.c: turns the tree of a pattern into a program (Thompson's construction).
 *
 * The program is built from its end: emit(node, next) adds the instructions of a node that go on at
 * `next`, and returns where they begin. So no instruction has to be changed later, but the SPLIT
 * of a loop. What is repeated {n,m} times is emitted m times.
 *
 * A SPLIT prefers its x: another repetition, or the earlier alternative. That order matters for the
 * first parentheses only (regex_group.c). For its sake X* is made like (X+)?: if X matches nothing,
 * the parentheses in it have matched nothing, rather than not taken part. */
#include "codec/regex_program.h"
#include <errno.h>
#include <stdlib.h>

static int add(struct regex_program *p, enum regex_op op, int x) {
    if (p->count == REGEX_MAX_INSTRUCTIONS) {
        p->is_too_large = true;
        return 0;
    }
    p->list[p->count] = (struct regex_instruction){.op = op, .x = (uint16_t)x};
    return p->count++;
}

static int add_split(struct regex_program *p, int x, int y) {
    int at = add(p, OP_SPLIT, x);
    p->list[at].y = (uint16_t)y;
    return at;
}

static int emit(struct regex_program *p, const struct regex_node *node, int next);

/* One time or more. */
static int emit_loop(struct regex_program *p, const struct regex_node *child, int next) {
    int loop = add_split(p, 0, next), body = emit(p, child, loop);
    p->list[loop].x = (uint16_t)body;
    return body;
}

static int emit_repeat(struct regex_program *p, const struct regex_node *node, int next) {
    const struct regex_node *child = node->first;
    int end = next, times = node->min;
    for (int i = node->min; i < node->max && !p->is_too_large; i++)
        next = add_split(p, emit(p, child, next), end);
    if (node->max == REGEX_ANY_TIMES) {
        next = emit_loop(p, child, next);
        if (times == 0)
            return add_split(p, next, end);
        times--;
    }
    for (int i = 0, before = -1; i < times && !p->is_too_large && p->count > before; i++) {
        before = p->count; /* if the child adds nothing, once is enough */
        next = emit(p, child, next);
    }
    return next;
}

static int emit_concat(struct regex_program *p, const struct regex_node *node, int next) {
    for (const struct regex_node *part = node->last; part; part = part->previous)
        next = emit(p, part, next);
    return next;
}

static int emit_either(struct regex_program *p, const struct regex_node *node, int next) {
    const struct regex_node *choice = node->last;
    int at = emit(p, choice, next);
    while ((choice = choice->previous))
        at = add_split(p, emit(p, choice, next), at);
    return at;
}

static int emit(struct regex_program *p, const struct regex_node *node, int next) {
    int at;
    switch (node->kind) {
    case NODE_SET:
        at = add(p, OP_SET, next);
        p->list[at].set = (uint16_t)node->set;
        p->list[at].position = ++p->position_count;
        return at;
    case NODE_LINE_START: return add(p, OP_LINE_START, next);
    case NODE_LINE_END: return add(p, OP_LINE_END, next);
    case NODE_CONCAT: return emit_concat(p, node, next);
    case NODE_EITHER: return emit_either(p, node, next);
    case NODE_REPEAT: return emit_repeat(p, node, next);
    case NODE_GROUP: return add(p, OP_OPEN, emit(p, node->first, add(p, OP_CLOSE, next)));
    case NODE_EMPTY: break;
    }
    return next;
}

int regex_program_make(struct regex_program *p, const struct regex_tree *t) {
    struct regex_instruction *list;
    *p = (struct regex_program){.list = malloc(REGEX_MAX_INSTRUCTIONS * sizeof *p->list)};
    if (!p->list)
        return -ENOMEM;
    p->start = emit(p, t->root, add(p, OP_MATCH, 0));
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
