/* Tests lib/reply.c and lib/scan.c: each rule on texts whose reply is known, all at once and in
 * pieces; what is asked of a rule besides; what is refused. */
#include "reply.h"
#include "help.h"
#include "scanning.h"
#include "tap.h"

#define LIST(...) (const char *const[]){__VA_ARGS__, NULL}
#define TOKEN "tok7"
#define Q DUALPIPE_QUIET
#define L DUALPIPE_LAST

static dualpipe_rule *make(struct dualpipe_rule_options o) {
    dualpipe_rule *r = NULL;
    return dualpipe_rule_new(&r, &o, NULL) == 0 ? r : NULL;
}

/* A rule, a text, its reply and what is left of the text. which: from 1; 0: another rule.
 * rest NULL: it is not whole. cuts: as scanning.h writes them. */
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
    {"until an unfinished one, at the end", "a\nok", L, "a\nok", "", 1, {.until = LIST("^ok$")}, ""},
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
    {"its line end in the pattern", "x\n(gdb) \n", Q, "x\n", "", 0, {.prompt = "^\\(gdb\\) \\n"}, ""},
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
    {"its line end still to come", "f 2\nab", Q, "f 2\nab", NULL, 0, {.length = "^f ([0-9]+)$"}, ""},
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
        struct showing w = {r, TOKEN, s->text, strlen(s->text), s->behind, NULL, NULL};
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

/* --- by id ------------------------------------------------------------------------------- */

struct frame {
    const char *text, *id;
    enum dualpipe_scanned is;
};

static void run_frames(dualpipe_rule *r, const struct frame *all, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const struct frame *f = &all[i];
        struct dualpipe_scan s = {0};
        size_t size = strlen(f->text);
        int is = (int)dualpipe_rule_scan(r, &s, f->text, size, 0);
        ok(is == (int)f->is && s.nid == strlen(f->id) &&
               strncmp(f->text + s.id, f->id, s.nid) == 0 &&
               (is == DUALPIPE_MORE || s.next == strcspn(f->text, "\n") + 1) &&
               s.to == (is == DUALPIPE_WHOLE ? s.next : 0),
           "%.60s is %d%s%s", f->text, (int)f->is, *f->id ? ", of " : "", f->id);
    }
    dualpipe_rule_free(r);
}

static void ids(void) {
    static const struct frame lines[] = {
        {"=1 ok\nx", "1", DUALPIPE_WHOLE},   {"=17\n", "17", DUALPIPE_WHOLE},
        {"hello\n", "", DUALPIPE_NOTICE},    {"= \n", "", DUALPIPE_WHOLE},
        {"=1 ok", "", DUALPIPE_MORE},        {"#=1\n", "", DUALPIPE_NOTICE},
        {"\n", "", DUALPIPE_NOTICE}};
    static const struct frame messages[] = {
        {"{\"id\":1,\"result\":3}\n", "1", DUALPIPE_WHOLE},
        {" { \"a\" : [ { \"id\" : 7 } ] , \"id\" : \"x\\\"y\" } \r\n", "\"x\\\"y\"", DUALPIPE_WHOLE},
        {"{\"id\":2,\"method\":\"ask\"}\n", "2", DUALPIPE_ASKED},
        {"{\"method\":\"tell\"}\n", "", DUALPIPE_NOTICE},
        {"{\"id\":null,\"error\":{}}\n", "", DUALPIPE_NOTICE},
        {"{\"id\":null,\"method\":\"ask\"}\n", "null", DUALPIPE_ASKED},
        {"{\"id\":1,\"id\":2}\n", "2", DUALPIPE_WHOLE},
        {"{}\n", "", DUALPIPE_NOTICE},
        {"[{\"id\":1}]\n", "", DUALPIPE_NOTICE},
        {"starting...\n", "", DUALPIPE_NOTICE},
        {"{\"id\":1\n", "", DUALPIPE_NOTICE},
        {"{\"id\":1}x\n", "", DUALPIPE_NOTICE},
        {"{\"id\":1}", "", DUALPIPE_MORE}};
    run_frames(make((struct dualpipe_rule_options){.id = "^=([0-9]*)", .async = LIST("^#")}), lines,
               sizeof lines / sizeof *lines);
    run_frames(make((struct dualpipe_rule_options){.id = "json"}), messages,
               sizeof messages / sizeof *messages);
}

static bool has_id(const dualpipe_rule *r, const char *request, const char *want) {
    struct span id;
    bool has = rule_request_id(r, request, strlen(request), &id);
    if (dualpipe_rule_awaits(r, request, strlen(request)) != has || !has || !want)
        return !has && !want;
    return id.to - id.from == strlen(want) && memcmp(request + id.from, want, strlen(want)) == 0;
}

static void request_ids(void) {
    dualpipe_rule *r = make((struct dualpipe_rule_options){.id = "^([0-9]+)"});
    ok(has_id(r, "12 go\n", "12"), "a request's id");
    ok(has_id(r, "go\n", NULL), "a request without one draws no reply");
    dualpipe_rule_free(r);
    r = make((struct dualpipe_rule_options){.id = "^#([a-z]*)$"});
    ok(has_id(r, "#\n", ""), "an empty one");
    ok(has_id(r, "#", ""), "without a line end too");
    ok(has_id(r, "\n", NULL), "what does not match has none");
    dualpipe_rule_free(r);
    r = make((struct dualpipe_rule_options){.id = "x(y)?"});
    ok(has_id(r, "x\n", NULL), "nor where the group takes no part");
    dualpipe_rule_free(r);
    r = make((struct dualpipe_rule_options){.id = "json"});
    ok(has_id(r, "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"m\"}\n", "5"), "a JSON request's");
    ok(has_id(r, "{\"method\":\"m\"}\n", NULL), "a notification draws no reply");
    ok(has_id(r, "{\"id\":5,\"result\":1}\n", NULL), "nor does an answer");
    ok(has_id(r, "{\"id\":null,\"method\":\"m\"}\n", NULL), "nor what has null for an id");
    ok(has_id(r, "nonsense\n", NULL), "nor does nonsense");
    dualpipe_rule_free(r);
}

static void same_ids(void) {
    dualpipe_rule *bytes = make((struct dualpipe_rule_options){.id = "(.*)"});
    dualpipe_rule *json = make((struct dualpipe_rule_options){.id = "json"});
    const char *a = "\"A/\"", *b = "\"A\\/\"";
    ok(rule_same_id(bytes, a, 4, a, 4) && !rule_same_id(bytes, a, 4, b, 5), "the bytes of an id");
    ok(rule_same_id(bytes, NULL, 0, a, 0) && !rule_same_id(bytes, NULL, 0, a, 1), "or none");
    ok(rule_same_id(json, a, 4, b, 5), "a JSON string's characters");
    ok(!rule_same_id(json, "1", 1, "1.0", 3), "a number's bytes");
    dualpipe_rule_free(bytes);
    dualpipe_rule_free(json);
}

static long unasked(struct dualpipe_rule_options o, const char *text) {
    dualpipe_rule *r = make(o);
    int kind = 0;
    size_t n = rule_unasked(r, text, strlen(text), &kind);
    dualpipe_rule_free(r);
    return n ? kind * 100 + (long)n : 0;
}

static void stray(void) {
    const struct dualpipe_rule_options line = {.async = LIST("^#")}, json = {.id = "json"};
    is(unasked(line, "#x\ny\n"), DUALPIPE_NOTICE * 100 + 3, "a notice, unasked");
    is(unasked(line, "#x"), 0, "a notice in the making");
    is(unasked(line, "x\n"), 0, "what may be a late reply");
    is(unasked(line, ""), 0, "nothing");
    is(unasked(json, "{\"id\":1}\n"), DUALPIPE_NOTICE * 100 + 9, "an id that nobody waits for");
    is(unasked(json, "x\n"), DUALPIPE_NOTICE * 100 + 2, "what has no id");
    is(unasked(json, "{\"id\":1,\"method\":2}\n"), DUALPIPE_ASKED * 100 + 20, "a request to us");
}

/* --- what is asked besides --------------------------------------------------------------- */

static void two_in_one(void) {
    dualpipe_rule *r = make((struct dualpipe_rule_options){.fence = "{}"});
    static const char text[] = "1\na1\n2\na2\n";
    struct dualpipe_scan first = {.token = "a1"}, second = {.token = "a2"};
    ok(dualpipe_rule_scan(r, &first, text, 10, 0) == DUALPIPE_WHOLE && first.to == 2 &&
           first.next == 5 && scan_at_fence(&first),
       "the first ends at its own fence");
    ok(dualpipe_rule_scan(r, &second, text + 5, 5, 0) == DUALPIPE_WHOLE && second.to == 2 &&
           second.next == 5,
       "the second begins behind it");
    second = (struct dualpipe_scan){0};
    ok(dualpipe_rule_scan(r, &second, text, 10, DUALPIPE_LAST) == DUALPIPE_MORE && second.to == 10,
       "no fence was sent, none ends it");
    dualpipe_rule_free(r);
    r = make((struct dualpipe_rule_options){.fence = "{}", .count = 1});
    first = (struct dualpipe_scan){.token = "a1"};
    ok(dualpipe_rule_scan(r, &first, text, 10, 0) == DUALPIPE_WHOLE && first.next == 2 &&
           !scan_at_fence(&first),
       "another rule ended it, the fence is still to come");
    dualpipe_rule_free(r);
}

/* A flood without a line end is looked at once; with whole lines nothing need be kept. */
static void drops(void) {
    dualpipe_rule *one = make((struct dualpipe_rule_options){.until = LIST("ok")});
    dualpipe_rule *two = make((struct dualpipe_rule_options){.until = LIST("x\\nok")});
    dualpipe_rule *prompt = make((struct dualpipe_rule_options){.prompt = "^> "});
    static char flood[10000];
    struct dualpipe_scan s = {0};
    dualpipe_rule_scan(one, &s, "a\nb\nc", 5, 0);
    ok(s.to == 4 && s.drop == 4, "whole lines may go");
    s = (struct dualpipe_scan){0};
    dualpipe_rule_scan(two, &s, "a\nb\nc", 5, 0);
    ok(s.to == 4 && s.drop == 2, "but for those that a pattern may need");
    s = (struct dualpipe_scan){0};
    dualpipe_rule_scan(two, &s, "a", 1, 0);
    ok(s.to == 0 && s.drop == 0, "half a line is not sure to be the reply's");
    s = (struct dualpipe_scan){0};
    memset(flood, '>', sizeof flood);
    dualpipe_rule_scan(prompt, &s, flood, sizeof flood, 0);
    ok(s.to == sizeof flood - 4096, "a prompt holds back no more than 4096 bytes");
    flood[sizeof flood - 2] = '>', flood[sizeof flood - 1] = ' ';
    memmove(flood, flood + s.drop, sizeof flood - s.drop);
    ok(dualpipe_rule_scan(prompt, &s, flood, sizeof flood - s.drop, DUALPIPE_QUIET) == DUALPIPE_MORE,
       "where those begin is no beginning of a line");
    dualpipe_rule_free(one);
    dualpipe_rule_free(two);
    dualpipe_rule_free(prompt);
}

static void awaits(void) {
    dualpipe_rule *r = make((struct dualpipe_rule_options){.no_reply = LIST("^set ", "^$")});
    dualpipe_rule *none = make((struct dualpipe_rule_options){.count = -1});
    is(dualpipe_rule_awaits(r, "get x\n", 6), 1, "a request draws a reply");
    is(dualpipe_rule_awaits(r, "set x\n", 6), 0, "unless a pattern says no");
    is(dualpipe_rule_awaits(r, "\n", 1), 0, "an empty one, without its line end");
    is(dualpipe_rule_awaits(r, "", 0), 0, "or with none");
    is(dualpipe_rule_awaits(none, "x", 1), 0, "none does by a rule of no reply");
    is(dualpipe_rule_idle(r), DUALPIPE_FOREVER, "no silence ends a reply");
    dualpipe_rule_free(r);
    r = make((struct dualpipe_rule_options){.idle = 250});
    is(dualpipe_rule_idle(r), 250, "or so many milliseconds do");
    dualpipe_rule_free(r);
    ok(dualpipe_rule_free(none) == NULL && dualpipe_rule_free(NULL) == NULL, "freeing gives NULL");
}

static const struct { struct dualpipe_rule_options o; bool pipelines, apart, quiet; } by_kind[] = {
    {{0}, 1, 0, 0},
    {{.until = LIST("ok")}, 1, 0, 0},
    {{.until = LIST("ok"), .unfinished = 1}, 0, 0, 1},
    {{.prompt = ">"}, 0, 0, 1},
    {{.fence = "{}"}, 1, 1, 0},
    {{.id = "json"}, 1, 1, 0},
    {{.length = "(1)"}, 1, 0, 0},
    {{.bytes = 3}, 1, 0, 0},
    {{.idle = 3}, 0, 0, 0},
    {{.at_end = 1}, 0, 0, 0}};

static void kinds(void) {
    for (size_t i = 0; i < sizeof by_kind / sizeof *by_kind; i++) {
        dualpipe_rule *r = make(by_kind[i].o);
        ok(dualpipe_rule_pipelines(r) == by_kind[i].pipelines &&
               rule_tells_apart(r) == by_kind[i].apart && rule_needs_quiet(r) == by_kind[i].quiet &&
               rule_to_end(r) == (by_kind[i].o.at_end != 0) && rule_by_id(r) == (by_kind[i].o.id != NULL) &&
               rule_has_fence(r) == (by_kind[i].o.fence != NULL),
           "rule %zu: whether it pipelines, tells apart, needs quiet", i);
        dualpipe_rule_free(r);
    }
}

static void fences(void) {
    dualpipe_rule *r = make((struct dualpipe_rule_options){.fence = "a{}b{}{"});
    char text[32] = "";
    is((long)rule_fence(r, "TT", NULL), 8, "a fence's size");
    is((long)rule_fence(r, "TT", text), 8, "written");
    ok(strcmp(text, "aTTbTT{\n") == 0, "every {} is the token, and a line end follows");
    dualpipe_rule_free(r);
}

static const struct { const char *what; struct dualpipe_rule_options o; const char *advice; }
bad_rules[] = {
    {"until", {.until = LIST("fine", "ab\\d")}, "[0-9]"},
    {"no_reply", {.no_reply = LIST("(")}, "alone"},
    {"async", {.async = LIST("[a")}, "closed"},
    {"prompt", {.prompt = "a)(b"}, "alone"},
    {"nine line ends", {.until = LIST("\\n\\n\\n\\n\\n\\n\\n\\n\\n")}, "8 line ends"},
    {"nine of a prompt", {.prompt = "\\n\\n\\n\\n\\n\\n\\n\\n\\n"}, "8 line ends"},
    {"a notice of two lines", {.async = LIST("a\\nb")}, "one line"},
    {"an id over two lines", {.id = "a\\n(b)"}, "one line"},
    {"an id without a group", {.id = "^[0-9]+"}, "( )"},
    {"a length without a group", {.length = "^[0-9]+"}, "( )"},
    {"an id and a count", {.id = "(1)", .count = 1}, "alone"},
    {"an id and a prompt", {.id = "json", .prompt = ">"}, "alone"},
    {"an id and the end of file", {.id = "json", .at_end = 1}, "alone"},
    {"a fence without a token", {.fence = "echo"}, "{}"}};

static void refuses(void) {
    for (size_t i = 0; i < sizeof bad_rules / sizeof *bad_rules; i++) {
        struct dualpipe_failure why = {0};
        dualpipe_rule *r = (dualpipe_rule *)&why;
        int error = dualpipe_rule_new(&r, &bad_rules[i].o, &why);
        ok(error == -EINVAL && !r && why.step && why.subject && why.advice &&
               strstr(why.advice, bad_rules[i].advice) && dualpipe_rule_new(&r, &bad_rules[i].o, NULL) < 0,
           "%s: refused, with advice", bad_rules[i].what);
    }
}

static void points_at(void) {
    struct dualpipe_failure why = {0};
    dualpipe_rule *r;
    struct dualpipe_rule_options o = {.until = LIST("fine", "ab\\d")};
    ok(dualpipe_rule_new(&r, &o, &why) == -EINVAL && why.subject == o.until[1] && why.position == 2,
       "which pattern, and where in it");
}

int main(void) {
    begin();
    run_samples();
    ids();
    request_ids();
    same_ids();
    stray();
    two_in_one();
    drops();
    awaits();
    kinds();
    fences();
    refuses();
    points_at();
    return done();
}
