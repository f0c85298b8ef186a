/* regex.c: POSIX extended regular expressions over bytes, the same in every locale and libc.
 *
 * Patterns come from the command line, and libcs disagree about them. So translate_escapes() turns
 * \n, \t and \r into their characters and refuses every other escaped letter or digit with a hint,
 * instead of letting glibc and musl each guess. Compilation happens in the C locale, so that a byte
 * is a character. Matching uses REG_STARTEND where the libc has it, over bytes that may contain
 * NUL; elsewhere a copy is matched in which NUL is replaced by 1.
 *
 * The trap is memory: glibc reports "no match" when regexec() runs out of memory, other libcs
 * return REG_ESPACE. The functions set *nomem in the second case, and callers must then trust no
 * scan. */
#include "codec/regex.h"
#include "base/error.h"
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <locale.h>
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
    default: return "only \\n, \\t and \\r have a meaning: write the character alone, or [x]";
    }
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
        if (*from != '\\' || !isalnum((unsigned char)from[1])) {
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

/* Fixed texts for the codes of regcomp(): those of regerror() depend on the locale. */
static const char *regcomp_error_text(int code) {
    switch (code) {
    case REG_EBRACK: return "a [ is not closed";
    case REG_EPAREN: return "a ( or ) is alone: a plain one is written \\(";
    case REG_EBRACE:
    case REG_BADBR: return "a { } is not closed or holds no number";
    case REG_ERANGE: return "a range in [ ] ends before it begins";
    case REG_ECTYPE: return "no such class in [: :]";
    case REG_EESCAPE: return "it ends in a backslash";
    case REG_BADRPT: return "a *, + or ? repeats nothing: a plain one is written \\*";
    case REG_ESPACE: return "it is too large";
    default: return "it is not an extended regular expression";
    }
}

/* Compiles in the C locale, which is kept because some libcs ask for the locale when they match. */
static int compile_in_c_locale(struct regex *re, const char *text, bool offsets) {
    locale_t before;
    int code;
    if (!(re->c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0)))
        return REG_ESPACE;
    before = uselocale(re->c_locale);
    code = regcomp(&re->compiled, text, REG_EXTENDED | REG_NEWLINE | (offsets ? 0 : REG_NOSUB));
    uselocale(before);
    if (code != 0)
        freelocale(re->c_locale);
    return code;
}

/* Compiles for one use. For REGEX_AT_LINE_END the pattern is wrapped in ( and )$, so that a search
 * finds only matches at line ends; `plain` has room for that. It is compiled unwrapped first,
 * because a pattern like "a)(b" would become valid by the wrapping. */
static int compile_for_use(struct regex *re, char *plain, enum regex_use use) {
    int code = compile_in_c_locale(re, plain, use == REGEX_GROUP);
    size_t n = strlen(plain);
    if (code != 0 || use != REGEX_AT_LINE_END)
        return code;
    regex_free(re);
    memmove(plain + 1, plain, n);
    plain[0] = '(';
    memcpy(plain + 1 + n, ")$", 3);
    return compile_in_c_locale(re, plain, true);
}

int regex_compile(struct regex *re, const char *text, enum regex_use use,
                  struct dualpipe_error *why) {
    char *plain = malloc(strlen(text) + 4);
    int r;
    if (!plain)
        return error_set(why, "understanding the pattern", text, NULL, -ENOMEM);
    r = translate_escapes(text, plain, &re->newlines, why);
    if (r == 0 && (r = compile_for_use(re, plain, use)) != 0)
        r = r == REG_ESPACE
                ? error_set(why, "understanding the pattern", text, regcomp_error_text(r), -ENOMEM)
                : pattern_error(why, text, 0, regcomp_error_text(r));
    if (r == 0 && use == REGEX_GROUP && re->compiled.re_nsub == 0) {
        regex_free(re);
        r = pattern_error(why, text, 0, "put ( ) around the part that is meant");
    }
    free(plain);
    return r;
}

void regex_free(struct regex *re) {
    regfree(&re->compiled);
    freelocale(re->c_locale);
}

/* Tells a failed match from a lack of memory, as far as the libc does. */
static bool is_match(int code, bool *nomem) {
    if (code == REG_ESPACE && nomem)
        *nomem = true;
    return code == 0;
}

static bool exec_regex(const struct regex *re, const char *text, size_t n, int flags,
                       regmatch_t m[2], bool *nomem) {
#ifdef REG_STARTEND
    if (n > INT_MAX)
        return false;
    m[0] = (regmatch_t){.rm_so = 0, .rm_eo = (regoff_t)n};
    return is_match(regexec(&re->compiled, text, 2, m, flags | REG_STARTEND), nomem);
#else
    /* Without REG_STARTEND the libc reads up to a NUL, in the current locale: replace NUL by 1. */
    locale_t before;
    char *copy = n > INT_MAX ? NULL : malloc(n + 1);
    int code;
    if (!copy)
        return is_match(REG_ESPACE, nomem);
    for (size_t i = 0; i < n; i++)
        copy[i] = text[i] ? text[i] : 1;
    copy[n] = 0;
    before = uselocale(re->c_locale);
    code = regexec(&re->compiled, copy, 2, m, flags);
    uselocale(before);
    free(copy);
    return is_match(code, nomem);
#endif
}

static struct span match_span(regmatch_t m) {
    return (struct span){(size_t)m.rm_so, (size_t)m.rm_eo};
}

bool regex_matches(const struct regex *re, const char *text, size_t n, bool *nomem) {
    regmatch_t m[2];
    return exec_regex(re, text, n, 0, m, nomem);
}

bool regex_group(const struct regex *re, const char *text, size_t n, struct span *group,
                 bool *nomem) {
    regmatch_t m[2];
    if (!exec_regex(re, text, n, 0, m, nomem) || m[1].rm_so < 0)
        return false;
    *group = match_span(m[1]);
    return true;
}

bool regex_find(const struct regex *re, const char *text, size_t n, bool mid_line,
                struct span *match, bool *nomem) {
    regmatch_t m[2];
    if (!exec_regex(re, text, n, mid_line ? REG_NOTBOL : 0, m, nomem))
        return false;
    *match = match_span(m[0]);
    return true;
}
