/* regex_parse.c: parses a POSIX extended regular expression into a tree.
 *
 * A recursive descent over the grammar
 *
 *     either = concat | concat '|' either         concat = piece*
 *     piece  = '^' | '$' | atom ( '*' | '+' | '?' | '{n,m}' )*
 *     atom   = '(' either ')' | '[' ... ']' | '.' | '\' any | any
 *
 * Where POSIX leaves a form open, it is taken as glibc takes it: an alternative or parentheses may
 * be empty, a ) without its ( and a } are plain, {,m} is {0,m}, and a *, +, ? or { must have
 * something to repeat. So ^* is refused. `.` is any byte but NUL and line ends, and [^...] holds no
 * line end (REG_NEWLINE). Classes and ranges are those of the C locale.
 *
 * The first error sets `reason` and moves the rest of the pattern to its end, so that all loops
 * end; what is built meanwhile is thrown away. A byte of the pattern makes 3 nodes at most, so the
 * nodes are allocated once. Depth is limited, because this and all walks of the tree recurse. */
#include "codec/regex_parse.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 200, MAX_TIMES = 32767, NODES_PER_BYTE = 3, SPARE_NODES = 4 };

struct parser {
    struct regex_tree *tree;
    const char *at;
    const char *reason; /* of the first error; NULL: none */
    int depth;          /* of parentheses that are open */
};

static const char too_large[] = "it is too large", not_closed[] = "a [ is not closed",
                  wrong_range[] = "a range in [ ] ends before it begins",
                  no_expression[] = "it is not an extended regular expression";

static void fail(struct parser *p, const char *reason) {
    if (!p->reason)
        p->reason = reason;
    p->at += strlen(p->at);
}

static void add_child(struct regex_node *node, struct regex_node *child) {
    child->previous = node->last;
    if (node->last)
        node->last->next = child;
    else
        node->first = child;
    node->last = child;
}

/* child: the first one; NULL: none yet. */
static struct regex_node *new_node(struct parser *p, enum regex_node_kind kind,
                                   struct regex_node *child) {
    struct regex_node *node = &p->tree->nodes[p->tree->node_count++];
    node->kind = kind;
    if (child)
        add_child(node, child);
    return node;
}

/* --- sets of bytes ------------------------------------------------------------------------- */

static void add_range(struct regex_set *s, unsigned first, unsigned last) {
    for (unsigned byte = first; byte <= last; byte++)
        s->bits[byte / 64] |= (uint64_t)1 << byte % 64;
}

static void remove_byte(struct regex_set *s, unsigned char byte) {
    s->bits[byte / 64] &= ~((uint64_t)1 << byte % 64);
}

static struct regex_node *new_set_node(struct parser *p, const struct regex_set *set) {
    struct regex_node *node = new_node(p, NODE_SET, NULL);
    struct regex_tree *t = p->tree;
    while (node->set < t->set_count && memcmp(&t->sets[node->set], set, sizeof *set) != 0)
        node->set++;
    if (node->set == t->set_count)
        t->sets[t->set_count++] = *set;
    return node;
}

/* --- [ ] ----------------------------------------------------------------------------------- */

/* The classes of the C locale, as ranges. */
static const struct {
    const char *name, *ranges;
} classes[] = {{"alnum", "09AZaz"},     {"alpha", "AZaz"},       {"blank", "\t\t  "},
               {"cntrl", "\1\37\177\177"}, {"digit", "09"},         {"graph", "!~"},
               {"lower", "az"},         {"print", " ~"},         {"punct", "!/:@[`{~"},
               {"space", "\t\r  "},     {"upper", "AZ"},         {"xdigit", "09AFaf"}};
enum { CLASS_COUNT = sizeof classes / sizeof *classes };

static void add_class(struct parser *p, struct regex_set *s, const char *name, size_t n) {
    for (int i = 0; i < CLASS_COUNT; i++) {
        if (strlen(classes[i].name) != n || memcmp(classes[i].name, name, n) != 0)
            continue;
        for (const char *range = classes[i].ranges; *range; range += 2)
            add_range(s, (unsigned char)range[0], (unsigned char)range[1]);
        if (strcmp(classes[i].name, "cntrl") == 0)
            add_range(s, 0, 0);
        return;
    }
    fail(p, "no such class in [: :]");
}

/* What stands at one place of a [ ]: a byte, which may begin or end a range, or else a class, which
 * has been added. */
struct element {
    bool is_byte;
    unsigned char byte;
};

/* Parses [:class:], [=x=] or [.x.] up to its end. */
static struct element parse_named_element(struct parser *p, struct regex_set *s) {
    char close[] = {p->at[1], ']', 0};
    const char *name = p->at + 2, *end = strstr(name, close);
    struct element e = {close[0] == '.', (unsigned char)*name};
    if (!end) {
        fail(p, not_closed);
        return e;
    }
    p->at = end + 2;
    if (close[0] == ':')
        add_class(p, s, name, (size_t)(end - name));
    else if (end != name + 1)
        fail(p, no_expression); /* no element of the C locale has more than one byte */
    else if (close[0] == '=')
        add_range(s, e.byte, e.byte);
    return e;
}

static struct element parse_element(struct parser *p, struct regex_set *s) {
    if (p->at[0] == '[' && p->at[1] && strchr(".=:", p->at[1]))
        return parse_named_element(p, s);
    if (*p->at)
        return (struct element){true, (unsigned char)*p->at++};
    fail(p, not_closed);
    return (struct element){false, 0};
}

/* Parses one byte, class or range. A - is plain at the beginning and before the ] only. */
static void parse_bracket_item(struct parser *p, struct regex_set *s, bool is_first) {
    struct element from, to;
    if (*p->at == '-' && p->at[1] != ']' && !is_first) {
        fail(p, wrong_range);
        return;
    }
    to = from = parse_element(p, s);
    if (!p->reason && p->at[0] == '-' && p->at[1] != ']') {
        p->at++;
        to = parse_element(p, s);
        if (!p->reason && (!from.is_byte || !to.is_byte || from.byte > to.byte))
            fail(p, wrong_range);
    }
    if (!p->reason && from.is_byte)
        add_range(s, from.byte, to.byte);
}

static struct regex_node *parse_bracket(struct parser *p) {
    struct regex_set set = {{0}};
    bool is_negated = *++p->at == '^', is_first = true;
    p->at += is_negated;
    for (; !p->reason && (*p->at != ']' || is_first); is_first = false)
        parse_bracket_item(p, &set, is_first);
    p->at += !p->reason;
    for (int i = 0; is_negated && i < 4; i++)
        set.bits[i] = ~set.bits[i];
    if (is_negated)
        remove_byte(&set, '\n');
    return new_set_node(p, &set);
}

/* --- repetitions --------------------------------------------------------------------------- */

/* Parses a number; -1: there is none. */
static int parse_times(struct parser *p) {
    int number = *p->at >= '0' && *p->at <= '9' ? 0 : -1;
    for (; *p->at >= '0' && *p->at <= '9'; p->at++)
        number = number > MAX_TIMES ? number : number * 10 + (*p->at - '0');
    return number;
}

/* Parses what follows the {. */
static void parse_braces(struct parser *p, struct regex_node *repeat) {
    int min = parse_times(p), max = min;
    if (*p->at == ',') {
        p->at++;
        max = parse_times(p);
        max = max < 0 ? REGEX_ANY_TIMES : max;
        min = min < 0 ? 0 : min;
    }
    if (min < 0 || *p->at != '}' || (max != REGEX_ANY_TIMES && min > max))
        fail(p, "a { } is not closed or holds no number");
    else if (min > MAX_TIMES || max > MAX_TIMES)
        fail(p, too_large);
    else
        p->at++;
    repeat->min = min;
    repeat->max = max;
}

static bool is_repeater(char c) {
    return c && strchr("*+?{", c);
}

static struct regex_node *parse_repeats(struct parser *p, struct regex_node *atom) {
    for (int n = 0; is_repeater(*p->at); n++) {
        char kind = *p->at++;
        atom = new_node(p, NODE_REPEAT, atom);
        atom->min = kind == '+';
        atom->max = kind == '?' ? 1 : REGEX_ANY_TIMES;
        if (kind == '{')
            parse_braces(p, atom);
        if (n == MAX_DEPTH)
            fail(p, too_large);
    }
    return atom;
}

/* --- the rest of the grammar --------------------------------------------------------------- */

static struct regex_node *parse_either(struct parser *p);

static struct regex_node *parse_parentheses(struct parser *p) {
    struct regex_node *inside;
    bool is_group = !p->tree->has_group;
    p->tree->has_group = true;
    p->at++;
    if (++p->depth > MAX_DEPTH)
        fail(p, too_large);
    inside = parse_either(p);
    p->depth--;
    if (*p->at == ')')
        p->at++;
    else
        fail(p, "a ( or ) is alone: a plain one is written \\(");
    return is_group ? new_node(p, NODE_GROUP, inside) : inside;
}

static struct regex_node *parse_plain(struct parser *p, unsigned char byte) {
    struct regex_set set = {{0}};
    add_range(&set, byte, byte);
    p->at++;
    return new_set_node(p, &set);
}

static struct regex_node *parse_dot(struct parser *p) {
    struct regex_set set = {{0}};
    add_range(&set, 1, 255);
    remove_byte(&set, '\n');
    p->at++;
    return new_set_node(p, &set);
}

static struct regex_node *parse_anchor(struct parser *p, enum regex_node_kind kind) {
    p->at++;
    if (is_repeater(*p->at))
        fail(p, "a *, + or ? repeats nothing: a plain one is written \\*");
    return new_node(p, kind, NULL);
}

static struct regex_node *parse_atom(struct parser *p) {
    switch (*p->at) {
    case '(': return parse_parentheses(p);
    case '[': return parse_bracket(p);
    case '.': return parse_dot(p);
    case '\\':
        if (*++p->at)
            return parse_plain(p, (unsigned char)*p->at);
        fail(p, "it ends in a backslash");
        return new_node(p, NODE_EMPTY, NULL);
    default: return parse_plain(p, (unsigned char)*p->at);
    }
}

static struct regex_node *parse_piece(struct parser *p) {
    if (*p->at == '^')
        return parse_anchor(p, NODE_LINE_START);
    if (*p->at == '$')
        return parse_anchor(p, NODE_LINE_END);
    if (is_repeater(*p->at))
        fail(p, "a *, + or ? repeats nothing: a plain one is written \\*");
    return *p->at ? parse_repeats(p, parse_atom(p)) : new_node(p, NODE_EMPTY, NULL);
}

static struct regex_node *parse_concat(struct parser *p) {
    struct regex_node *concat = new_node(p, NODE_CONCAT, NULL);
    while (*p->at && *p->at != '|' && (*p->at != ')' || p->depth == 0))
        add_child(concat, parse_piece(p));
    return concat;
}

static struct regex_node *parse_either(struct parser *p) {
    struct regex_node *either = parse_concat(p);
    if (*p->at == '|')
        either = new_node(p, NODE_EITHER, either);
    while (*p->at == '|') {
        p->at++;
        add_child(either, parse_concat(p));
    }
    return either;
}

int regex_parse(struct regex_tree *t, const char *pattern, const char **reason) {
    struct parser p = {.tree = t, .at = pattern};
    size_t n = strlen(pattern);
    *t = (struct regex_tree){.nodes = calloc(n + SPARE_NODES, NODES_PER_BYTE * sizeof *t->nodes),
                             .sets = calloc(n + SPARE_NODES, sizeof *t->sets)};
    if (t->nodes && t->sets)
        t->root = parse_either(&p);
    *reason = p.reason;
    if (t->root && !p.reason)
        return 0;
    regex_parse_free(t);
    return p.reason ? -EINVAL : -ENOMEM;
}

void regex_parse_free(struct regex_tree *t) {
    free(t->nodes);
    free(t->sets);
    *t = (struct regex_tree){0};
}
