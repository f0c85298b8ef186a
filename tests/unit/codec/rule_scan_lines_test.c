/* Tests lib/codec/rule_scan_lines.c: each rule on texts whose reply is known, all at once and in pieces. */
#include "../harness.h"
#include "scan_fixture.h"

#define LIST(...) (const char *const[]){__VA_ARGS__, NULL}
#define TOKEN "tok7"
#define Q DUALPIPE_QUIET
#define L DUALPIPE_LAST

static dualpipe_rule *make(struct dualpipe_rule_options o) {
    dualpipe_rule *r = NULL;
    return dualpipe_rule_new(&r, &o, NULL) == 0 ? r : NULL;
}

/* A rule, a text, its reply and what is left of the text. which: from 1; 0: another rule.
 * rest NULL: it is not whole. cuts: as scan_fixture.h writes them. */
struct sample {
    const char *what, *text;
    int behind;
    const char *reply, *rest;
    int which;
    struct dualpipe_rule_options o;
    const char *cuts;
};

static const struct sample samples[] = {
    {"no rule is one line", "one\ntwo\n", 0, "one\n", "two\n", 0, {0}, ""},
    {"half a line is not one", "one", 0, "", NULL, 0, {0}, ""},
    {"unless no more will come", "one", L, "one", "", 0, {0}, ""},
    {"nothing at all is no line", "", L, "", NULL, 0, {0}, ""},
    {"an empty line is a line", "\nx", 0, "\n", "x", 0, {0}, ""},
    {"three lines", "1\n2\n3\n4\n", 0, "1\n2\n3\n", "4\n", 0, {.count = 3}, ""},
    {"two of three lines", "1\n2\n", 0, "1\n2\n", NULL, 0, {.count = 3}, ""},
    {"two of three lines, and the end", "1\n2\n", L, "1\n2\n", NULL, 0, {.count = 3}, ""},
    {"the third unfinished, and the end", "1\n2\n3", L, "1\n2\n3", "", 0, {.count = 3}, ""},
    {"a part of the last, and the end", "1\n2", L, "1\n2", NULL, 0, {.count = 3}, ""},
    {"no reply", "abc\n", 0, "", "abc\n", 0, {.count = -1}, ""},
    {"no reply, at the end", "", L, "", "", 0, {.count = -1}, ""},

    {"until a line", "a\nb\nok\nc\n", 0, "a\nb\nok\n", "c\n", 1, {.until = LIST("^ok$")}, ""},
    {"until none", "a\nb\n", L, "a\nb\n", NULL, 0, {.until = LIST("^ok$")}, ""},
    {"until an unfinished one, at the end", "a\nok", L, "a\nok", "", 1,
     {.until = LIST("^ok$")}, ""},
    {"not before the end", "a\nok", Q, "a\n", NULL, 0, {.until = LIST("^ok$")}, ""},
    {"the first pattern to hold", "x\nerror\nok\n", 0, "x\nerror\n", "ok\n", 2,
     {.until = LIST("^ok", "^error")}, ""},
    {"an empty line ends", "a\n\nb\n", 0, "a\n\n", "b\n", 1, {.until = LIST("^$")}, ""},
    {"two lines", "a\nb\na\nc\nd", 0, "a\nb\na\nc\n", "d", 1, {.until = LIST("a\\nc")}, ""},
    {"two lines, at the beginning", "a\nc\n", 0, "a\nc\n", "", 1, {.until = LIST("^a\\nc$")}, ""},
    {"three lines by pattern", "x\na\nb\nc\nd\n", 0, "x\na\nb\nc\n", "d\n", 1,
     {.until = LIST("^a\\nb\\nc$")}, ""},
    {"nine lines", "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n", 0, "0\n1\n2\n3\n4\n5\n6\n7\n8\n", "9\n", 1,
     {.until = LIST("0\\n1\\n2\\n3\\n4\\n5\\n6\\n7\\n8")}, ""},
    {"a line end that may be missing", "ok\nx\n", 0, "ok\n", "x\n", 1,
     {.until = LIST("(^|\\n)ok")}, ""},
    {"[^\\n] asks for no line end", "ok x\nb\n", 0, "ok x\n", "b\n", 1,
     {.until = LIST("^ok[^\\n]*x$")}, ""},
    {"a blank line and a dot", "a\n.\n\n.\nb", 0, "a\n.\n\n.\n", "b", 1,
     {.until = LIST("^\\n\\.$")}, ""},
    {"of one and two lines", "p\nq\nr\n", 0, "p\nq\n", "r\n", 2, {.until = LIST("z", "p\\nq", "r")},
     ""},
    {"pattern before count", "a\nok\nb\n", 0, "a\nok\n", "b\n", 1,
     {.until = LIST("ok"), .count = 3}, ""},
    {"count before pattern", "a\nb\nok\n", 0, "a\nb\n", "ok\n", 0,
     {.until = LIST("ok"), .count = 2}, ""},
    {"CR is a byte", "a\r\nok\r\n", 0, "a\r\nok\r\n", "", 1, {.until = LIST("^ok\\r$")}, ""},
    {"unfinished, and quiet", "hello\n> ", Q, "hello\n> ", "", 1,
     {.until = LIST("^> $"), .unfinished = 1}, ""},
    {"unfinished, not quiet", "hello\n> ", 0, "hello\n", NULL, 0,
     {.until = LIST("^> $"), .unfinished = 1}, ""},
    {"unfinished is not counted", "a\nb", Q, "a\n", NULL, 0,
     {.until = LIST("ok"), .unfinished = 1, .count = 2}, ""},
    {"unfinished, over two lines", "a\nb", Q, "a\nb", "", 1,
     {.until = LIST("^a\\nb$"), .unfinished = 1}, ""},
    {"a finished one as well", "ok\n> ", Q, "ok\n", "> ", 1,
     {.until = LIST("^ok"), .unfinished = 1}, ""},

    {"at the end of file", "a\nb\nc", L, "a\nb\nc", "", 0, {.at_end = 1}, ""},
    {"and not before", "a\nb\nc\n", Q, "a\nb\nc\n", NULL, 0, {.at_end = 1}, ""},
    {"an empty reply at the end of file", "", L, "", "", 0, {.at_end = 1}, ""},
    {"a pattern or the end", "a\nb", L, "a\nb", "", 0, {.until = LIST("ok"), .at_end = 1}, ""},
    {"silence alone ends nothing here", "a\nb", L, "a\nb", NULL, 0, {.idle = 50}, ""},
    {"so many bytes", "abcdef", 0, "abcd", "ef", 0, {.bytes = 4}, ""},
    {"bytes still to come", "ab\n", Q, "ab\n", NULL, 0, {.bytes = 4}, ""},
    {"exactly so many", "ab\nc", 0, "ab\nc", "", 0, {.bytes = 4}, ""},
    {"too few, and the end", "ab", L, "ab", NULL, 0, {.bytes = 4}, ""},
    {"bytes or the end", "ab", L, "ab", "", 0, {.bytes = 4, .at_end = 1}, ""},
    {"bytes before a pattern", "a\nbok\n", 0, "a\nb", "ok\n", 0,
     {.bytes = 3, .until = LIST("ok")}, ""},
    {"a pattern before bytes", "ok\nbcd", 0, "ok\n", "bcd", 1, {.bytes = 5, .until = LIST("ok")},
     ""},
    {"bytes to a line's end", "ab\ncd\n", 0, "ab\n", "cd\n", 0, {.bytes = 3, .count = 2}, ""},
    {"what is cut out is not counted", "#1\nab\n#2\ncd\n", 0, "ab\ncd\n", "", 0,
     {.bytes = 6, .async = LIST("^#")}, "3:#1\n3:#2\n"},

    {"a prompt", "42\n> ", Q, "42\n", "", 0, {.prompt = "^> $"}, ""},
    {"a prompt, more to read", "42\n> ", 0, "42\n", NULL, 0, {.prompt = "^> $"}, ""},
    {"a prompt, at the end of file", "42\n> ", L, "42\n", "", 0, {.prompt = "^> $"}, ""},
    {"another line", "42\n>x", Q, "42\n", NULL, 0, {.prompt = "^> $"}, ""},
    {"a prompt behind half a line", "42> ", Q, "42", "", 0, {.prompt = "> $"}, ""},
    {"the last of several", "> > > ", Q, "> > ", "", 0, {.prompt = "> "}, ""},
    {"as much as it can", "aaa", Q, "", "", 0, {.prompt = "a+"}, ""},
    {"a finished prompt", "^done\n(gdb) \n", Q, "^done\n", "", 0, {.prompt = "^\\(gdb\\) $"}, ""},
    {"with CR LF", "^done\r\n(gdb) \r\n", Q, "^done\r\n", "", 0, {.prompt = "^\\(gdb\\) $"}, ""},
    {"its line end in the pattern", "x\n(gdb) \n", Q, "x\n", "", 0,
     {.prompt = "^\\(gdb\\) \\n"}, ""},
    {"a line end before it", "42\n> ", Q, "42", "", 0, {.prompt = "\\n> "}, ""},
    {"two lines of prompt", "42\n~/src\n$ ", Q, "42\n", "", 0, {.prompt = "^~.*\\n\\$ "}, ""},
    {"two finished ones", "42\n~/src\n$\n", Q, "42\n", "", 0, {.prompt = "^~.*\\n\\$"}, ""},
    {"of two lines the match in the last", "> \n> ", Q, "> \n", "", 0, {.prompt = "> (\\nx)?"}, ""},
    {"a prompt alone", "> ", Q, "", "", 0, {.prompt = "^> "}, ""},
    {"nothing is no prompt", "", Q, "", NULL, 0, {.prompt = "^"}, ""},
    {"^ is no middle of a line", "42> ", Q, "", NULL, 0, {.prompt = "^> "}, ""},
    {"one that is not at the end", "> x\ny\n", Q, "> x\n", NULL, 0, {.prompt = "^> "}, ""},
    {"an empty line as the prompt", "a\n\n", Q, "a\n", "", 0, {.prompt = "^$"}, ""},
    {"a prompt or a count", "a\nb\n> ", Q, "a\nb\n", "> ", 0, {.prompt = "^> ", .count = 2}, ""},
    {"a prompt before the count", "a\n> ", Q, "a\n", "", 0, {.prompt = "^> ", .count = 2}, ""},
    {"a notice behind the prompt", "a\n>\n#1\n#2\n", Q, "a\n", "#1\n#2\n", 0,
     {.prompt = "^>$", .async = LIST("^#")}, ""},
    {"a notice behind what is none", "a\n>\n#1\nb\n>\n", Q, "a\n>\nb\n", "", 0,
     {.prompt = "^>$", .async = LIST("^#")}, "3:#1\n"},
    {"a notice that may be one", "a\n>\n#1\n#2", Q, "a\n", NULL, 0,
     {.prompt = "^>$", .async = LIST("^#")}, ""},

    {"a fence", "1\n2\n" TOKEN "\n3\n", 0, "1\n2\n", "3\n", 0, {.fence = "{}"}, ""},
    {"an unfinished fence", "1\n" TOKEN, Q, "1\n", NULL, 0, {.fence = "{}"}, ""},
    {"an unfinished fence, at the end", "1\n" TOKEN, L, "1\n", "", 0, {.fence = "{}"}, ""},
    {"with CR LF", "1\r\n" TOKEN "\r\n", 0, "1\r\n", "", 0, {.fence = "{}"}, ""},
    {"what stands before it is kept", "1\n2" TOKEN "\n3", 0, "1\n2", "3", 0, {.fence = "{}"}, ""},
    {"what stands behind is no end", TOKEN " x\n" TOKEN "\n", 0, TOKEN " x\n", "", 0,
     {.fence = "{}"}, ""},
    {"an echo", "$ echo " TOKEN "\n1\n" TOKEN "\n2\n", 0, "1\n", "2\n", 0, {.fence = "echo {}"},
     "2:$ echo " TOKEN "\n"},
    {"an echo between", "1\n$ echo " TOKEN "\r\n2\n" TOKEN "\n", 0, "1\n2\n", "", 0,
     {.fence = "echo {}"}, "2:$ echo " TOKEN "\r\n"},
    {"an echo that ends in more", ">>> print('" TOKEN "')\n" TOKEN "\n", 0, "", "", 0,
     {.fence = "print('{}')"}, "2:>>> print('" TOKEN "')\n"},
    {"an echo of two lines", ";\necho " TOKEN "\n" TOKEN "\n", 0, ";\n", "", 0,
     {.fence = ";\necho {}"}, "2:echo " TOKEN "\n"},
    {"a line of it that is the token alone", "1\n" TOKEN "\n", 0, "1\n", "", 0,
     {.fence = "print\n{}"}, ""},
    {"a fence before the count", "1\n" TOKEN "\n2\n", 0, "1\n", "2\n", 0,
     {.fence = "{}", .count = 2}, ""},
    {"it is not counted", TOKEN "\n", 0, "", "", 0, {.fence = "{}", .count = 1}, ""},
    {"a count before the fence", "1\n2\n" TOKEN "\n", 0, "1\n2\n", TOKEN "\n", 0,
     {.fence = "{}", .count = 2}, ""},
    {"a prompt in it", "> \n1\n" TOKEN "\n", Q, "> \n1\n", "", 0, {.fence = "{}"}, ""},
    {"a fence that would be a notice", "#\n#" TOKEN "\n", 0, "#", "", 0,
     {.fence = "{}", .async = LIST("^#")}, "3:#\n"},

    {"a counted reply", "f 5\nab\nde\nf 2\n", 0, "f 5\nab\nde\n", "f 2\n", 0,
     {.length = "^f ([0-9]+)$"}, ""},
    {"nothing counted", "f 0\n\nx", 0, "f 0\n\n", "x", 0, {.length = "^f ([0-9]+)$"}, ""},
    {"no line end behind it", "f 2\nabc", 0, "f 2\nab", "c", 0, {.length = "^f ([0-9]+)$"}, ""},
    {"its line end still to come", "f 2\nab", Q, "f 2\nab", NULL, 0,
     {.length = "^f ([0-9]+)$"}, ""},
    {"and never to come", "f 2\nab", L, "f 2\nab", "", 0, {.length = "^f ([0-9]+)$"}, ""},
    {"cut short", "f 9\nab\n", L, "f 9\nab\n", NULL, 0, {.length = "^f ([0-9]+)$"}, ""},
    {"another first line is all", "missing\nf 2\n", 0, "missing\n", "f 2\n", 0,
     {.length = "^f ([0-9]+)$"}, ""},
    {"what is no number", "f x\nab\n", 0, "f x\n", "ab\n", 0, {.length = "^f (.*)$"}, ""},
    {"a number past all memory", "f 99999999999999999999999\nab\n", Q,
     "f 99999999999999999999999\nab\n", NULL, 0, {.length = "^f ([0-9]+)$"}, ""},
    {"a notice before it, and none within", "#\nf 4\n#\nb\n\n", 0, "f 4\n#\nb\n\n", "", 0,
     {.length = "^f ([0-9]+)$", .async = LIST("^#")}, "3:#\n"},
    {"fewer bytes than it counts", "f 4\nabcd\n", 0, "f 4\nab", "cd\n", 0,
     {.length = "^f ([0-9]+)$", .bytes = 6}, ""},
    {"exactly as many bytes as it counts", "f 4\nabcd\n", 0, "f 4\nabcd", "\n", 0,
     {.length = "^f ([0-9]+)$", .bytes = 8}, ""},
    {"until with the first line", "no 4\nabcd\n", 0, "no 4\n", "abcd\n", 1,
     {.length = "([0-9]+)$", .until = LIST("^no")}, ""},

    {"notices are cut out", "#1\na\n#2\nb\n", 0, "a\nb\n", "", 0, {.count = 2, .async = LIST("^#")},
     "3:#1\n3:#2\n"},
    {"a notice in the making", "a\n#", Q, "a\n", NULL, 0, {.count = 2, .async = LIST("^#")}, ""},
    {"a notice is no frame", "ok\n", 0, "", NULL, 0, {.until = LIST("ok"), .async = LIST("^o")},
     "3:ok\n"},
    {"several patterns", "x1\ny1\nz\n", 0, "z\n", "", 0, {.async = LIST("^x", "^y")},
     "3:x1\n3:y1\n"},
    {"it is still looked back to", "a\n#\nb\n", 0, "a\nb\n", "", 1,
     {.until = LIST("#\\nb"), .async = LIST("^#")}, "3:#\n"},
    {"a last notice without its end", "a\n#1", L, "a\n", "", 0, {.at_end = 1, .async = LIST("^#")},
     "3:#1"},
};

static const char *rest_of(const struct sample *s, const struct seen *e) {
    return e->whole ? s->text + e->end : NULL;
}

static bool as_wanted(const struct sample *s, const struct seen *e) {
    const char *rest = rest_of(s, e);
    return !e->broken && strcmp(e->reply, s->reply) == 0 && strcmp(e->cuts, s->cuts) == 0 &&
           e->which == s->which - 1 && !rest == !s->rest && (!rest || strcmp(rest, s->rest) == 0);
}

static size_t pieces_of(void *data, size_t left) {
    (void)left;
    return *(size_t *)data;
}

static void run_samples(void) {
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        const struct sample *s = &samples[i];
        dualpipe_rule *r = make(s->o);
        struct showing w = {r, TOKEN, s->text, strlen(s->text), s->behind, NULL, NULL, 0};
        struct seen e;
        if (!ok(r != NULL, "%s: a rule", s->what))
            continue;
        for (size_t most = 0; most <= w.n; most++) {
            w.cut = most ? pieces_of : NULL;
            w.data = &most;
            e = show(&w);
            if (!as_wanted(s, &e) || most == 0)
                if (!ok(as_wanted(s, &e), "%s", s->what))
                    printf("# by %zu: %s; reply '%s' rest '%s' which %d cuts '%s'\n", most,
                           e.broken ? e.broken : "", e.reply, e.whole ? rest_of(s, &e) : "-",
                           e.which, e.cuts);
            seen_free(&e);
        }
        dualpipe_rule_free(r);
    }
}

/* Behind a prompt, notices are awaited for as long as they are small. */
static void far_notices(void) {
    static char text[8004] = "a\n>\n";
    dualpipe_rule *r = make((struct dualpipe_rule_options){.prompt = "^>$", .async = LIST("^#")});
    memset(text + 4, '#', 8000);
    for (size_t size = 2000; size <= 4000; size += 2000) {
        size_t piece = 100;
        text[3 + size] = text[3 + 2 * size] = '\n';
        for (int cut = 0; cut < 2; cut++) {
            struct showing w = {r, NULL, text, 4 + 2 * size, Q, cut ? pieces_of : NULL, &piece,
                                0};
            struct seen e = show(&w);
            ok(!e.broken && e.whole == (size == 2000) && e.nreply == (e.whole ? 2 : 4),
               "two notices of %zu bytes behind a prompt%s", size, cut ? ", in pieces" : "");
            seen_free(&e);
        }
        text[3 + size] = '#';
    }
    dualpipe_rule_free(r);
}

int main(void) {
    begin();
    run_samples();
    far_notices();
    return done();
}
