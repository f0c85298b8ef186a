/* pattern.c: POSIX extended regular expressions over bytes, whatever the host's locale. */
#include "pattern.h"
#include "error.h"
#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

/* glibc takes `\d` for the letter d, musl for a digit: neither is guessed. */
static const char *bracket_for(char letter) {
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

static int bad(struct dualpipe_failure *why, const char *text, size_t at, const char *advice) {
    failed(why, "understanding the pattern", text, advice, 0);
    if (why)
        why->position = at;
    return -EINVAL;
}

/* \n, \t and \r become the characters. out has room for text and its NUL. */
static int translate(const char *text, char *out, int *line_ends, struct dualpipe_failure *why) {
    static const char names[] = "ntr", meanings[] = "\n\t\r";
    const char *from = text, *name;
    for (*line_ends = 0; *from; from++) {
        if (*from == '\n')
            ++*line_ends;
        if (*from != '\\' || !isalnum((unsigned char)from[1])) {
            *out++ = *from;
            if (*from == '\\' && from[1])
                *out++ = *++from;
            continue;
        }
        if (!(name = strchr(names, *++from)))
            return bad(why, text, (size_t)(from - 1 - text), bracket_for(*from));
        *out = meanings[name - names];
        *line_ends += *out++ == '\n';
    }
    *out = 0;
    return 0;
}

/* Static words for regcomp's codes: regerror's depend on the locale. */
static const char *reason(int code) {
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

static int compile_bytes(struct pattern *p, const char *text) {
    locale_t before;
    int code;
    if (!(p->bytes = newlocale(LC_ALL_MASK, "C", (locale_t)0)))
        return REG_ESPACE;
    before = uselocale(p->bytes);
    code = regcomp(&p->regex, text, REG_EXTENDED | REG_NEWLINE | REG_NOSUB);
    uselocale(before);
    if (code != 0)
        freelocale(p->bytes);
    return code;
}

int pattern_compile(struct pattern *p, const char *text, struct dualpipe_failure *why) {
    char *plain = malloc(strlen(text) + 1);
    int r;
    if (!plain)
        return failed(why, "understanding the pattern", text, NULL, -ENOMEM);
    r = translate(text, plain, &p->line_ends, why);
    if (r == 0 && (r = compile_bytes(p, plain)) != 0)
        r = r == REG_ESPACE ? failed(why, "understanding the pattern", text, reason(r), -ENOMEM)
                            : bad(why, text, 0, reason(r));
    free(plain);
    return r;
}

bool pattern_matches(const struct pattern *p, const char *text, size_t n) {
#ifdef REG_STARTEND
    regmatch_t span = {.rm_so = 0, .rm_eo = (regoff_t)n};
    return regexec(&p->regex, text, 1, &span, REG_STARTEND) == 0;
#else /* such a libc reads to a NUL, by the locale of the moment: a NUL stands as the byte 1 */
    locale_t before;
    char *copy = malloc(n + 1);
    bool found;
    if (!copy)
        return false;
    for (size_t i = 0; i < n; i++)
        copy[i] = text[i] ? text[i] : 1;
    copy[n] = 0;
    before = uselocale(p->bytes);
    found = regexec(&p->regex, copy, 0, NULL, 0) == 0;
    uselocale(before);
    free(copy);
    return found;
#endif
}

void pattern_free(struct pattern *p) {
    regfree(&p->regex);
    freelocale(p->bytes);
}
