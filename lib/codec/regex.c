/* regex.c: POSIX extended regular expressions over bytes, the same in every locale and libc.
 *
 * The engine is our own: libcs disagree about patterns, the matcher of glibc takes the square of
 * the length of a line and more, and nothing can interrupt it. A match here is one pass over the
 * text (regex_automaton.c), or two and a search for the parentheses (regex_group.c).
 *
 *     text -> translate_escapes() -> regex_parse.c: a tree -> regex_program.c: instructions
 *          -> regex_positions.c: what may follow what -> regex_automaton.c: a table
 *
 * translate_escapes() turns \n, \t and \r into their characters and refuses every other escaped
 * letter or digit with a hint.
 *
 * A match begins where a pass backwards over the text is last told of one, and ends where a pass
 * forwards from there is. A prompt must end where the text does, so a pass backwards finds it
 * alone. A compiled pattern never changes, so any number of threads may use it. */
#include "codec/regex.h"
#include "base/error.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Suggests a portable form. glibc takes \d for the letter d, musl for a digit; we refuse it. */
static const char *class_hint(char letter, bool inside) {
    if (inside && letter == 'd')
        return "write 0-9 within [ ]";
    if (inside && letter == 'w')
        return "write [:alnum:]_ within [ ]";
    if (inside && letter == 's')
        return "write [:space:] within [ ]";
    switch (letter) {
    case 'd': return "write [0-9]";
    case 'D': return "write [^0-9]";
    case 'w': return "write [[:alnum:]_]";
    case 'W': return "write [^[:alnum:]_]";
    case 's': return "write [[:space:]]";
    case 'S': return "write [^[:space:]]";
    case 'b':
    case 'B': return "there is no word boundary: write (^|[^[:alnum:]_])";
    case '<':
    case '>': return "there is no word boundary: a plain < or > is written alone";
    default: return "only \\n, \\t and \\r have a meaning: write the character alone, or [x]";
    }
}

/* Whether a backslash before it is refused, unless it is \n, \t or \r. Within [ ] a \< is two
 * plain bytes. */
static bool is_refused_escape(char c, bool inside) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (!inside && (c == '<' || c == '>'));
}

/* Says at which offset of the pattern the error is. */
static int pattern_error(struct dualpipe_error *why, const char *text, size_t at,
                         const char *hint) {
    error_set(why, "understanding the pattern", text, hint, 0);
    if (why)
        why->offset = at;
    return -EINVAL;
}

/* Returns the end of the [...] that begins at text. */
static const char *bracket_end(const char *text) {
    const char *at = text + 1;
    at += *at == '^';
    at += *at == ']';
    while (*at && *at != ']') {
        char close[] = {at[1], ']', 0};
        bool class = *at == '[' && close[0] && strchr(".:=", close[0]);
        const char *end = class ? strstr(at + 2, close) : NULL;
        at = end ? end + 2 : at + 1;
    }
    return *at ? at + 1 : at;
}

/* POSIX leaves the meaning of a repeated repetition open, and glibc doubles the size of the pattern
 * at each +. */
static const char repeat_hint[] = "what is repeated can't be so again: a plain one is written \\+";

/* Copies text to out with \n, \t and \r replaced by their characters; out has room for text and its
 * NUL. *newlines counts the line ends that a match can contain. */
static int translate_escapes(const char *text, char *out, int *newlines,
                             struct dualpipe_error *why) {
    static const char names[] = "ntr", meanings[] = "\n\t\r";
    const char *from = text, *bracket = text, *name;
    bool negated = false, repeated = false;
    for (*newlines = 0; *from; from++) {
        if (*from == '[' && from >= bracket) {
            bracket = bracket_end(from);
            negated = from[1] == '^';
        }
        if (repeated && strchr("*+?{", *from))
            return pattern_error(why, text, (size_t)(from - text), repeat_hint);
        repeated = from >= bracket && strchr("*+?", *from);
        if (*from != '\\' || !is_refused_escape(from[1], from < bracket)) {
            *newlines += *from == '\n' && !(negated && from < bracket);
            *out++ = *from;
            if (*from == '\\' && from[1])
                *out++ = *++from;
            continue;
        }
        if (!(name = strchr(names, *++from)))
            return pattern_error(why, text, (size_t)(from - 1 - text),
                                 class_hint(*from, from < bracket));
        *newlines += *name == 'n' && !(negated && from < bracket);
        *out++ = meanings[name - names];
    }
    *out = 0;
    return 0;
}

/* --- compiling ------------------------------------------------------------------------------ */

static int make_for_use(struct regex *re, const struct regex_tree *t, enum regex_use use,
                        struct regex_positions *ps) {
    int error = 0;
    if (use == REGEX_MATCH)
        return regex_automaton_make(&re->matcher, ps, REGEX_SEARCH_ANY, false);
    if (use == REGEX_GROUP)
        error = regex_automaton_make(&re->forwards, ps, REGEX_SEARCH_HERE, false);
    if (error < 0 || (error = regex_positions_reverse(ps)) < 0)
        return error;
    if (use == REGEX_AT_END)
        return regex_automaton_make(&re->backwards, ps, REGEX_SEARCH_HERE, false);
    error = regex_automaton_make(&re->backwards, ps, REGEX_SEARCH_LAST, false);
    return error < 0 ? error : regex_group_make(&re->group, t, ps);
}

static int make_matchers(struct regex *re, const struct regex_tree *t, enum regex_use use) {
    struct regex_program program;
    struct regex_positions ps;
    int error = regex_program_make(&program, t);
    if (error < 0)
        return error;
    if ((error = regex_positions_make(&ps, &program, t->sets)) == 0) {
        error = make_for_use(re, t, use, &ps);
        regex_positions_free(&ps);
    }
    regex_program_free(&program);
    return error;
}

/* Compiles the pattern `plain`, whose escapes are replaced; `text` is as the user wrote it. */
static int compile_plain(struct regex *re, const char *text, const char *plain, enum regex_use use,
                         struct dualpipe_error *why) {
    struct regex_tree tree;
    const char *reason;
    int error = regex_parse(&tree, plain, &reason);
    if (error == -EINVAL)
        return pattern_error(why, text, 0, reason);
    if (error < 0)
        return error_set(why, "understanding the pattern", text, NULL, error);
    if (use == REGEX_GROUP && !tree.has_group)
        error = pattern_error(why, text, 0, "put ( ) around the part that is meant");
    else if ((error = make_matchers(re, &tree, use)) == -E2BIG)
        error = pattern_error(why, text, 0, "it has too many states: make its { } smaller");
    else if (error < 0)
        error_set(why, "understanding the pattern", text, NULL, error);
    regex_parse_free(&tree);
    if (error < 0)
        regex_free(re);
    return error;
}

int regex_compile(struct regex *re, const char *text, enum regex_use use,
                  struct dualpipe_error *why) {
    char *plain = malloc(strlen(text) + 1);
    int error;
    *re = (struct regex){0};
    if (!plain)
        return error_set(why, "understanding the pattern", text, NULL, -ENOMEM);
    if ((error = translate_escapes(text, plain, &re->newlines, why)) == 0)
        error = compile_plain(re, text, plain, use, why);
    free(plain);
    return error;
}

void regex_free(struct regex *re) {
    regex_automaton_free(&re->matcher);
    regex_automaton_free(&re->backwards);
    regex_automaton_free(&re->forwards);
    regex_group_free(&re->group);
}

/* --- matching ------------------------------------------------------------------------------- */

bool regex_matches(const struct regex *re, const char *text, size_t n) {
    return regex_automaton_matches(&re->matcher, &(struct regex_text){.bytes = text, .n = n});
}

bool regex_matches_without_cr(const struct regex *re, const char *text, size_t n) {
    return regex_automaton_matches(
        &re->matcher, &(struct regex_text){.bytes = text, .n = n, .skips_cr = true});
}

bool regex_group(const struct regex *re, const char *text, size_t n, struct span *group) {
    struct regex_text whole = {.bytes = text, .n = n};
    struct span match;
    return regex_automaton_find(&re->backwards, &whole, n, &match.start) &&
           regex_automaton_find(&re->forwards, &whole, match.start, &match.end) &&
           regex_group_find(&re->group, text, n, match, group);
}

bool regex_find_at_end(const struct regex *re, const char *text, size_t n, bool is_mid_line,
                       size_t *start) {
    struct regex_text whole = {.bytes = text, .n = n, .is_mid_line = is_mid_line};
    size_t before;
    bool found = regex_automaton_find(&re->backwards, &whole, n, start);
    if (n == 0 || text[n - 1] != '\n' ||
        !regex_automaton_find(&re->backwards, &whole, n - 1, &before))
        return found;
    *start = found && *start < before ? *start : before;
    return true;
}
