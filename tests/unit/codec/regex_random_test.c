/* Tests lib/codec/regex.c against the regexec() of glibc, in the C locale: random patterns and
 * texts, with line ends, NUL and bytes above 127, must give the same match, the same whole match,
 * the same first parentheses and the same prompt at the end; a pattern that is refused must be so
 * by both.
 *
 * glibc has faults of its own, so what it gets wrong is left out, by kinds of patterns:
 * - A ^ or $ in repeated parentheses: (^[^a])+(b*)* is not found in "z". NESTED_ANCHORS repeats no
 *   parentheses.
 * - The parentheses of such: (^)? matches at the beginning of "a", but the parentheses are said to
 *   take no part in it. NESTED_ANCHORS compares no parentheses.
 * - Repeated parentheses that may be empty: regexec() of ((b||a)*)* and "ab" never returns.
 *   Repeated ones begin with a byte here.
 * - The parentheses of an alternative that may be empty. PLAIN begins each of several with a byte.
 * - Parentheses that are repeated {n,m} times: of (a[ab]+){0,2} on "abab" the last repetition is
 *   said to be (2,4), though the first one takes all. COUNTED_GROUPS compares no parentheses.
 * - What it has kept of earlier texts: [a\n](^)|$ is found at (2,3) in "aca" once "\na" was tried.
 *   What differs is tried again with the pattern compiled anew.
 * - What isn't made by these rules (is_odd) may be of any kind: it is compiled only.
 *
 * DUALPIPE_TIMES sets the number of pairs of a pattern and a text, DUALPIPE_SEED repeats the one
 * that a failure named. */
#include "codec/regex.h"
#include "../harness.h"
#include "base/clock.h"
#include <regex.h>

#ifndef __GLIBC__ /* another libc has other faults, and no REG_STARTEND */
#define REG_STARTEND 0
enum { CAN_COMPARE = 0 };
#else
enum { CAN_COMPARE = 1 };
#endif

enum { LONG_PATTERN = 40, MOST_PATTERN = 200, MOST_TEXT = 12, TEXTS_PER_PATTERN = 5 };

static unsigned seed;
static size_t pick(size_t below) {
    seed = seed * 1103515245 + 12345;
    return (seed >> 8) % below;
}
static bool toss(size_t one_in) {
    return pick(one_in) == 0;
}
#define ONE_OF(list) list[pick(sizeof list / sizeof *list)]

/* --- random patterns ------------------------------------------------------------------------ */

enum kind { PLAIN, NESTED_ANCHORS, COUNTED_GROUPS, KINDS };

struct pattern {
    char text[MOST_PATTERN];
    size_t n;
    enum kind kind;
    bool is_odd; /* it may be an error, or mean something else within ( ) */
};

static void put(struct pattern *p, const char *piece) {
    p->n += (size_t)snprintf(p->text + p->n, sizeof p->text - p->n, "%s", piece);
}

static void put_either(struct pattern *p, int depth, bool may_be_empty);

static void put_parentheses(struct pattern *p, int depth) {
    static const char *const repeats[] = {"*", "+", "?"},
                             *const counts[] = {"{2}", "{1,2}", "{0,3}", "{,2}", "{2,}", "{0}"};
    bool is_repeated = p->kind != NESTED_ANCHORS && toss(3),
         is_counted = p->kind == COUNTED_GROUPS && toss(3);
    put(p, "(");
    put_either(p, depth + 1, !is_repeated && !is_counted);
    put(p, ")");
    if (is_repeated)
        put(p, ONE_OF(repeats));
    else if (is_counted)
        put(p, ONE_OF(counts));
}

static void put_atom(struct pattern *p) {
    static const char *const plain[] = {"a", "a", "a", "b", "b", "b", "c", "\n", "\xff", "\\*"},
                             *const sets[] = {".", ".", "[ab]", "[^a]", "[b-c]", "[^\n]", "[a\n]",
                                              "[[:alpha:]]", "[^[:alpha:]b]", "[\x80-\xff]",
                                              "[]a]", "[a-]", "[[.a.]-b]", "[[=b=]]", "[^]b-]"},
                             *const repeats[] = {"*", "*", "+", "?", "?", "{2}", "{1,2}", "{0,3}",
                                                 "{,2}", "{2,}", "{0}", "{1,}"};
    put(p, toss(3) ? ONE_OF(sets) : ONE_OF(plain));
    if (toss(3))
        put(p, ONE_OF(repeats));
}

static void put_piece(struct pattern *p, int depth) {
    static const char *const odd[] = {")", "}", "{", "[", "(", "*", "[a", "[b-a]", "[a-b-c]",
                                      "[[:x:]]", "^*", "a{2,1}", "a{", "a{,}", "[[.ab.]]",
                                      "a{1}{2}", "[[:alpha:]-z]", "[--/]", "a{b}"};
    if (p->n > LONG_PATTERN)
        return;
    if (p->kind == NESTED_ANCHORS && toss(8))
        put(p, toss(2) ? "^" : "$");
    else if (depth < 3 && toss(3))
        put_parentheses(p, depth);
    else if (toss(100) && (p->is_odd = true))
        put(p, ONE_OF(odd));
    else
        put_atom(p);
}

static void put_either(struct pattern *p, int depth, bool may_be_empty) {
    size_t choices = toss(3) ? 1 + pick(3) : 1;
    for (size_t i = 0; i < choices; i++) {
        put(p, i > 0 ? "|" : "");
        if (!may_be_empty || (choices > 1 && p->kind == PLAIN))
            put(p, toss(2) ? "a" : "[bc]");
        for (size_t n = pick(depth == 0 ? 5 : 4); n > 0; n--)
            put_piece(p, depth);
    }
}

static void random_pattern(struct pattern *p) {
    *p = (struct pattern){.kind = (enum kind)pick(KINDS)};
    if (toss(5))
        put(p, "^");
    put_either(p, 0, true);
    if (toss(5))
        put(p, "$");
}

static size_t random_text(char *text) {
    size_t n = pick(MOST_TEXT + 1);
    for (size_t i = 0; i < n; i++)
        text[i] = "aaaaabbbbbcc\n\n\xff\0*-"[pick(18)];
    text[n] = 0;
    return n;
}

/* --- what glibc says ------------------------------------------------------------------------ */

static bool exec(const regex_t *re, const char *text, size_t n, int flags, regmatch_t m[2]) {
    m[0] = (regmatch_t){.rm_so = 0, .rm_eo = (regoff_t)n};
    return regexec(re, text, 2, m, flags | REG_STARTEND) == 0;
}

/* The leftmost match that ends at the end of the text or before its last line end; -1: none.
 * with_end: the pattern in parentheses and $. */
static int reference_ending(const regex_t *with_end, const char *text, size_t n, bool is_mid_line) {
    regmatch_t m[2];
    size_t end;
    for (size_t at = 0; at <= n; at += (size_t)m[0].rm_so + 1) {
        bool mid = at > 0 ? text[at - 1] != '\n' : is_mid_line;
        if (!exec(with_end, text + at, n - at, mid ? REG_NOTBOL : 0, m))
            return -1;
        end = at + (size_t)m[0].rm_eo;
        if (end == n || (end + 1 == n && text[n - 1] == '\n'))
            return (int)(at + (size_t)m[0].rm_so);
    }
    return -1;
}

/* --- the comparison ------------------------------------------------------------------------- */

/* A pattern, compiled for all uses. */
struct compiled {
    struct regex match, whole, group, at_end;
    regex_t reference, with_end;
    bool has_group;
};

static bool compile_reference(struct compiled *c, const char *pattern) {
    char wrapped[MOST_PATTERN + 10];
    if (regcomp(&c->reference, pattern, REG_EXTENDED | REG_NEWLINE) != 0)
        return false;
    snprintf(wrapped, sizeof wrapped, "(%s)$", pattern);
    if (regcomp(&c->with_end, wrapped, REG_EXTENDED | REG_NEWLINE) == 0)
        return true;
    regfree(&c->reference);
    return false;
}

static bool compile_all(struct compiled *c, const char *pattern, struct dualpipe_error *why) {
    char wrapped[MOST_PATTERN + 10];
    snprintf(wrapped, sizeof wrapped, "(%s)", pattern);
    if (regex_compile(&c->match, pattern, REGEX_MATCH, why) < 0)
        return false;
    if (regex_compile(&c->at_end, pattern, REGEX_AT_END, why) == 0) {
        if (regex_compile(&c->whole, wrapped, REGEX_GROUP, why) == 0) {
            c->has_group = regex_compile(&c->group, pattern, REGEX_GROUP, NULL) == 0;
            return true;
        }
        regex_free(&c->at_end);
    }
    regex_free(&c->match);
    return false;
}

static void free_ours(struct compiled *c) {
    regex_free(&c->match);
    regex_free(&c->at_end);
    regex_free(&c->whole);
    if (c->has_group)
        regex_free(&c->group);
}

static void free_reference(struct compiled *c) {
    regfree(&c->reference);
    regfree(&c->with_end);
}

static bool is_span(bool found, struct span s, regmatch_t m) {
    return found ? (regoff_t)s.start == m.rm_so && (regoff_t)s.end == m.rm_eo : m.rm_so < 0;
}

/* Says what differs; NULL: nothing. */
static const char *compare(const struct compiled *c, const struct pattern *p, const char *text,
                           size_t n, bool is_mid_line) {
    regmatch_t m[2];
    struct span s = {0, 0};
    size_t start = 0;
    bool found, expected = exec(&c->reference, text, n, 0, m);
    int ending;
    if (regex_matches(&c->match, text, n) != expected)
        return "whether it matches";
    if (!expected)
        m[0].rm_so = m[1].rm_so = -1;
    found = regex_group(&c->whole, text, n, &s);
    if (!is_span(found, s, m[0]))
        return "the whole match";
    if (p->kind == PLAIN && c->has_group && !is_span(regex_group(&c->group, text, n, &s), s, m[1]))
        return "the first parentheses";
    found = regex_find_at_end(&c->at_end, text, n, is_mid_line, &start);
    ending = reference_ending(&c->with_end, text, n, is_mid_line);
    return (found ? (int)start : -1) == ending ? NULL : "the match at the end";
}

static void print_bytes(const char *what, const char *text, size_t n) {
    printf("# %s: \"", what);
    for (size_t i = 0; i < n; i++)
        printf(text[i] > ' ' && text[i] <= '~' ? "%c" : "\\%03o", (unsigned char)text[i]);
    printf("\"\n");
}

static void show(unsigned began, const char *why, const struct pattern *p) {
    printf("# DUALPIPE_SEED=%u: %s\n", began, why);
    print_bytes("pattern", p->text, p->n);
}

/* glibc takes what is repeated again, and any number of states. */
static bool is_known(const struct dualpipe_error *why) {
    return strstr(why->hint, "again") || strstr(why->hint, "too many states");
}

/* Tries one pattern with some texts. Returns whether all is the same. */
static bool try_pattern(void) {
    struct pattern p;
    struct compiled c;
    struct dualpipe_error why = {0};
    unsigned began = seed;
    bool reference, ours, same;
    random_pattern(&p);
    reference = compile_reference(&c, p.text);
    ours = compile_all(&c, p.text, &why);
    if (reference != ours && !(why.hint && is_known(&why)))
        show(began, ours ? "only glibc refuses it" : why.hint, &p);
    same = reference == ours || (why.hint && is_known(&why));
    for (int i = 0; reference && ours && same && !p.is_odd && i < TEXTS_PER_PATTERN; i++) {
        char text[MOST_TEXT + 1];
        size_t n = random_text(text);
        bool is_mid_line = toss(2);
        const char *differs = compare(&c, &p, text, n, is_mid_line);
        if (differs) {
            free_reference(&c);
            compile_reference(&c, p.text);
            differs = compare(&c, &p, text, n, is_mid_line);
        }
        if (!differs)
            continue;
        show(began, differs, &p);
        print_bytes("text", text, n);
        same = false;
    }
    if (reference)
        free_reference(&c);
    if (ours)
        free_ours(&c);
    return same;
}

int main(void) {
    const char *times = getenv("DUALPIPE_TIMES"), *given = getenv("DUALPIPE_SEED");
    long pairs = times ? atol(times) : fewer(200000), bad = 0;
    begin();
    if (!CAN_COMPARE) {
        skip("random patterns", "no glibc to compare with");
        return done();
    }
    seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)clock_now_ns();
    if (given)
        pairs = TEXTS_PER_PATTERN;
    for (long i = 0; i < pairs / TEXTS_PER_PATTERN && bad < 20; i++) {
        harness_alarm(); /* for one pattern, however many there are */
        bad += !try_pattern();
    }
    ok(bad == 0, "%ld pairs of a pattern and a text", pairs);
    return done();
}
