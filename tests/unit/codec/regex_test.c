/* Tests lib/codec/regex.c: which escapes are translated, which patterns are refused and at which
 * offset, and that bytes match as bytes in any locale. */
#include "codec/regex.h"
#include "../harness.h"
#include <locale.h>

#define SPAN(text) text, sizeof text - 1

static int matches(const char *pattern, const char *text, size_t n) {
    struct regex p;
    int r = regex_compile(&p, pattern, REGEX_MATCH, NULL);
    if (r < 0)
        return r;
    r = regex_matches(&p, text, n);
    regex_free(&p);
    return r;
}

static void finds_matches(void) {
    is(matches("b+", SPAN("abbc")), 1, "b+ in abbc");
    is(matches("^b", SPAN("ab")), 0, "^ is the beginning");
    is(matches("^b$", SPAN("a\nb\nc")), 1, "^ and $ are line ends");
    is(matches("^$", SPAN("")), 1, "^$ is an empty line");
    is(matches("a.c", SPAN("a\nc")), 0, ". is no line end");
    is(matches("(ab|cd){2}", SPAN("xabcdx")), 1, "an extended regular expression");
    is(matches("abc", "abcdef", 2), 0, "no byte after the end is read");
    is(matches("c$", "abcdef", 3), 1, "$ is the end even if bytes follow");
    is(matches("", SPAN("anything")) != 0, 1, "an empty one holds, or is refused");
}

static void translates(void) {
    is(matches("a\\tb", SPAN("a\tb")), 1, "\\t is a tab");
    is(matches("a\\rb", SPAN("a\rb")), 1, "\\r is a carriage return");
    is(matches("a\\nb", SPAN("a\nb")), 1, "\\n is a line end");
    is(matches("a[\\t ]b", SPAN("a\tb")), 1, "in brackets too");
    is(matches("a\\.b", SPAN("a.b")), 1, "\\. is a dot");
    is(matches("a\\.b", SPAN("axb")), 0, "and nothing else");
    is(matches("a\\\\nb", SPAN("a\\nb")), 1, "\\\\n is a backslash and an n");
    is(matches("a\\$", SPAN("a$")), 1, "\\$ is a dollar");
    is(matches("a\\(b\\)", SPAN("a(b)")), 1, "\\( is a parenthesis");
}

static void counts_line_ends(void) {
    static const struct { const char *text; int ends; } all[] = {
        {"[^\\n]", 0}, {"[\\n]", 1}, {"[^]\\n]\\n", 1}, {"\\[^\\n]", 1},
        {"[^[:space:]\\n]\\n", 1}, {"a", 0}, {"a\\nb", 1}, {"a\nb", 1},
        {"\\n\\n\\n", 3}, {"a\\\\nb", 0}, {"\\n\n", 2}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct regex p = {.newlines = -1};
        is(regex_compile(&p, all[i].text, REGEX_MATCH, NULL), 0, "compiled");
        is(p.newlines, all[i].ends, "its line ends are counted");
        regex_free(&p);
    }
}

static void refuses_letters(void) {
    static const struct { const char *text; size_t at; const char *advice; } all[] = {
        {"\\d+", 0, "[0-9]"},       {"a\\D", 1, "[^0-9]"},       {"ab\\w", 2, "[[:alnum:]_]"},
        {"abc\\W", 3, "[^[:alnum:]_]"}, {"\\n\\s", 2, "[[:space:]]"}, {"x\\S", 1, "[^[:space:]]"},
        {"foo\\b", 3, "word boundary"}, {"\\\\\\B", 2, "word boundary"}, {"(a)\\1", 3, "alone"},
        {"[\\d]", 1, "0-9 within"},      {"\\e", 0, "\\n"},           {"\\x1b", 0, "\\n"}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct dualpipe_error why = {.offset = 99};
        struct regex p;
        ok(regex_compile(&p, all[i].text, REGEX_MATCH, &why) == -EINVAL &&
               why.offset == all[i].at && why.object == all[i].text && why.hint &&
               strstr(why.hint, all[i].advice),
           "%s is refused at %zu, with advice", all[i].text, all[i].at);
    }
}

static void refuses_twice(void) {
    static const struct { const char *text; size_t at; } all[] = {
        {"c++", 2}, {"a.*?", 3}, {"a**", 2}, {"a+{2}", 2}, {"[+*]++", 5}, {"a+++++", 2}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct dualpipe_error why = {0};
        struct regex p;
        ok(regex_compile(&p, all[i].text, REGEX_MATCH, &why) == -EINVAL &&
               why.offset == all[i].at && strstr(why.hint, "again"),
           "%s is refused at %zu", all[i].text, all[i].at);
    }
    is(matches("c\\++", SPAN("c++")), 1, "a plain one may be repeated");
    is(matches("[+*?]+", SPAN("+*?")), 1, "in brackets they are plain");
    is(matches("a?[+]", SPAN("+")), 1, "a bracket begins anew");
}

static void refuses_errors(void) {
    static const char *const all[] = {"[a", "(a", "a{2", "a{2,1}", "[z-a]", "[[:nope:]]", "a\\",
                                      "a{x}", "[[:alpha:"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct dualpipe_error why = {.offset = 99};
        struct regex p;
        int r = regex_compile(&p, all[i], REGEX_MATCH, &why);
        ok(r == -EINVAL && why.object == all[i] && why.hint && why.operation &&
               why.offset <= strlen(all[i]),
           "%s is refused, with a reason", all[i]);
        if (r == 0)
            regex_free(&p);
    }
}

static void over_bytes(const char *locale) {
    ok(matches("^.$", SPAN("\xff")) == 1, "%s: . is any byte, 0xff too", locale);
    ok(matches("^.$", SPAN("\xc3\xa9")) == 0, "%s: . is one byte, not one character", locale);
    ok(matches("^..$", SPAN("\xc3\xa9")) == 1, "%s: of which \xc3\xa9 has two", locale);
    ok(matches("\xc3\xa9", SPAN("caf\xc3\xa9")) == 1, "%s: bytes above 0x7f are bytes", locale);
    ok(matches("\\\xe9", SPAN("\xe9")) == 1, "%s: a backslash before one is allowed", locale);
    ok(matches("^[^a]$", SPAN("\x80")) == 1, "%s: and are in [^a]", locale);
    ok(matches("[[:alpha:]]", SPAN("\xe9")) == 0, "%s: but are no letters", locale);
    ok(matches("^[[:upper:]]$", SPAN("I")) == 1, "%s: I is a capital letter", locale);
    ok(matches("b$", SPAN("a\xff\xfe" "b")) == 1, "%s: malformed text is text", locale);
    ok(matches("^a[^x]c$", SPAN("a\0c")) == 1, "%s: NUL is a byte", locale);
    ok(matches("^a.c$", SPAN("a\0c")) == 0, "%s: but none that . is", locale);
    ok(matches("c", SPAN("a\0c")) == 1, "%s: what follows it is seen", locale);
}

static int find_group(const char *pattern, const char *text, size_t from, size_t to) {
    struct regex p;
    struct span g = {99, 99};
    int found;
    if (regex_compile(&p, pattern, REGEX_GROUP, NULL) < 0)
        return -1;
    found = regex_group(&p, text, strlen(text), &g);
    regex_free(&p);
    if (!found && (g.start != 99 || g.end != 99))
        return -2;
    found = found && g.start == from && g.end == to;
    return found;
}

static void groups(void) {
    is(find_group("^a(.*)c$", "abbc", 1, 3), 1, "what the first parentheses match");
    is(find_group("^a()c", "ac", 1, 1), 1, "which may be nothing");
    is(find_group("^(x)|a", "a", 99, 99), 0, "or take no part in it");
    is(find_group("(b(c))d(e)", "abcde", 1, 3), 1, "the first are those that open first");
    is(find_group("abc", "abc", 0, 0), -1, "none is refused");
    is(find_group("\\(a\\)", "(a)", 0, 0), -1, "escaped ones are none");
}

/* Texts that the search for the parentheses divides, once and twice. */
static void long_groups(void) {
    static const size_t sizes[] = {2047, 2048, 2049, 131071, 131073, 300000, 9000000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t n = sizes[i], at = n / 3;
        char *text = malloc(n + 1);
        memset(text, '7', n + 1);
        text[n] = 0;
        text[at] = '=';
        is(find_group("^[0-9]*=([0-9]*7)7*$", text, at + 1, n), 1, "the first takes all");
        is(find_group("^([0-9]*)[=7]*$", text, 0, at), 1, "up to a byte of the middle");
        is(find_group("^[=7]*([0-9]{1,20})[0-9]*$", text, n - 1, n), 1, "the last takes least");
        is(find_group("^(7|=|77)*$", text, n - 1, n), 1, "the last repetition");
        free(text);
    }
}

static void too_large(void) {
    static const char *const all[] = {"a.{200}b", "(a{1000}){1000}", "^.{5000}$", "a{32768}",
                                      "(((){32767}a){32767}){32767}"};
    char deep[1001];
    struct dualpipe_error why;
    struct regex p;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        ok(regex_compile(&p, all[i], REGEX_MATCH, &why) == -EINVAL && strstr(why.hint, "too"),
           "%s is too large", all[i]);
    memset(deep, '(', 500);
    memset(deep + 500, ')', 500);
    deep[1000] = 0;
    is(regex_compile(&p, deep, REGEX_MATCH, NULL), -EINVAL, "so are 500 parentheses in another");
    is(matches("(x)?(((){32767}){32767}){32767}a", SPAN("a")), 1, "but nothing costs nothing");
    is(matches("(a|b)*a(a|b){20}Z", SPAN("xabbbbbbbbbbbbbbbbbbbbZ")), 1, "states without a table");
    is(matches("(a|b)*a(a|b){20}Z", SPAN("xabbbbbbbbbbbbbbbbbbbZ")), 0, "one byte less is none");
    is(matches("^(a|b)*a(a|b){20}$", SPAN("Z\nabbbbbbbbbbbbbbbbbbbb\nZ")), 1, "by lines too");
}

/* Where a match begins that ends at the end of the text; -1: nowhere; -2: it is refused. */
static int ending(const char *pattern, const char *text, bool is_mid_line) {
    struct regex p;
    size_t start;
    bool found;
    if (regex_compile(&p, pattern, REGEX_AT_END, NULL) < 0)
        return -2;
    found = regex_find_at_end(&p, text, strlen(text), is_mid_line, &start);
    regex_free(&p);
    return found ? (int)start : -1;
}

static void endings(void) {
    is(ending("> ", "> > ", false), 2, "a match at the end, not the first of all");
    is(ending("a+", "aab aaa", false), 4, "as long as it can be");
    is(ending("a|ba", "ba", false), 0, "by any of its alternatives");
    is(ending("a", "ba\nb", false), -1, "the end of a line before the last is none");
    is(ending("a", "ba\n", false), 1, "before the last line end is the end too");
    is(ending("a\\n?", "a\na\n", false), 2, "or behind it");
    is(ending("a\\n", "a\n\n", false), 0, "and a line end of its own may stand before it");
    is(ending("^a", "a", false), 0, "^ is the beginning of a line");
    is(ending("^a", "a", true), -1, "but not of the rest of one");
    is(ending("^a", "b\na", true), 2, "nor of what follows a line end");
    is(ending("a$", "a", false), 0, "$ of its own does no harm");
    is(ending("b", "bc", false), -1, "none at the end is none");
    is(ending("a)(b", "ab", false), -2, "parentheses of ours close none of its");
    is(ending("(a", "a", false), -2, "and none that is left open");
}

int main(void) {
    static const char *const locales[] = {"C.UTF-8", "tr_TR", "tr_TR.UTF-8", "en_US.ISO-8859-1"};
    char before[256];
    begin();
    finds_matches();
    translates();
    counts_line_ends();
    refuses_letters();
    refuses_twice();
    refuses_errors();
    groups();
    long_groups();
    too_large();
    endings();
    over_bytes("C");
    for (size_t i = 0; i < sizeof locales / sizeof *locales; i++) {
        if (!setlocale(LC_ALL, locales[i])) {
            skip(locales[i], "no such locale");
            continue;
        }
        snprintf(before, sizeof before, "%s", setlocale(LC_ALL, NULL));
        over_bytes(locales[i]);
        ok(strcmp(setlocale(LC_ALL, NULL), before) == 0, "%s: it is as it was", locales[i]);
    }
    return done();
}
