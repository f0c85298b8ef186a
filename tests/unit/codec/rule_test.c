/* Tests lib/codec/rule.c: what a rule tells about a request and about stray output, and which
 * rules are refused; also ids and discarded bytes of lib/codec/rule_scan_lines.c, which the table
 * in rule_scan_lines_test.c can't show. */
#include "codec/rule.h"
#include "codec/rule_scan_lines.h"
#include "../harness.h"

#define LIST(...) (const char *const[]){__VA_ARGS__, NULL}

static dualpipe_rule *new_rule(struct dualpipe_rule_options o) {
    dualpipe_rule *r = NULL;
    return dualpipe_rule_new(&r, &o, NULL) == 0 ? r : NULL;
}

/* --- by id ------------------------------------------------------------------------------- */

struct frame {
    const char *text, *id;
    enum dualpipe_scan_result is;
};

static void run_frames(dualpipe_rule *r, const struct frame *all, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const struct frame *f = &all[i];
        struct dualpipe_scan s = {0};
        size_t size = strlen(f->text);
        int is = (int)dualpipe_rule_scan(r, &s, f->text, size, 0);
        ok(is == (int)f->is && s.id_size == strlen(f->id) &&
               strncmp(f->text + s.id_offset, f->id, s.id_size) == 0 &&
               (is == DUALPIPE_SCAN_MORE || s.next == strcspn(f->text, "\n") + 1) &&
               s.to == (is == DUALPIPE_SCAN_COMPLETE ? s.next : 0),
           "%.60s is %d%s%s", f->text, (int)f->is, *f->id ? ", of " : "", f->id);
    }
    dualpipe_rule_free(r);
}

static void ids(void) {
    static const struct frame lines[] = {
        {"=1 ok\nx", "1", DUALPIPE_SCAN_COMPLETE},   {"=17\n", "17", DUALPIPE_SCAN_COMPLETE},
        {"hello\n", "", DUALPIPE_SCAN_NOTIFICATION},    {"= \n", "", DUALPIPE_SCAN_COMPLETE},
        {"=1 ok", "", DUALPIPE_SCAN_MORE},        {"#=1\n", "", DUALPIPE_SCAN_NOTIFICATION},
        {"\n", "", DUALPIPE_SCAN_NOTIFICATION}};
    static const struct frame messages[] = {
        {"{\"id\":1,\"result\":3}\n", "1", DUALPIPE_SCAN_COMPLETE},
        {" { \"a\" : [ { \"id\" : 7 } ] , \"id\" : \"x\\\"y\" } \r\n",
         "\"x\\\"y\"", DUALPIPE_SCAN_COMPLETE},
        {"{\"id\":2,\"method\":\"ask\"}\n", "2", DUALPIPE_SCAN_CHILD_REQUEST},
        {"{\"method\":\"tell\"}\n", "", DUALPIPE_SCAN_NOTIFICATION},
        {"{\"id\":null,\"error\":{}}\n", "", DUALPIPE_SCAN_NOTIFICATION},
        {"{\"id\":null,\"method\":\"ask\"}\n", "null", DUALPIPE_SCAN_CHILD_REQUEST},
        {"{\"id\":1,\"id\":2}\n", "2", DUALPIPE_SCAN_COMPLETE},
        {"{}\n", "", DUALPIPE_SCAN_NOTIFICATION},
        {"[{\"id\":1},{\"id\":2}]\n", "[{\"id\":1},{\"id\":2}]", DUALPIPE_SCAN_COMPLETE},
        {"[{\"id\":1,\"method\":\"ask\"}]\n", "", DUALPIPE_SCAN_NOTIFICATION},
        {"[{\"id\":null,\"error\":{}}]\n", "", DUALPIPE_SCAN_NOTIFICATION},
        {"[]\n", "", DUALPIPE_SCAN_NOTIFICATION},
        {"starting...\n", "", DUALPIPE_SCAN_NOTIFICATION},
        {"{\"id\":1\n", "", DUALPIPE_SCAN_NOTIFICATION},
        {"{\"id\":1}x\n", "", DUALPIPE_SCAN_NOTIFICATION},
        {"{\"id\":1}", "", DUALPIPE_SCAN_MORE}};
    run_frames(
        new_rule((struct dualpipe_rule_options){.id = "^=([0-9]*)", .notifications = LIST("^#")}),
        lines, sizeof lines / sizeof *lines);
    run_frames(new_rule((struct dualpipe_rule_options){.id = "json"}), messages,
               sizeof messages / sizeof *messages);
}

static bool has_id(const dualpipe_rule *r, const char *request, const char *want) {
    struct span id;
    bool has = rule_request_id(r, request, strlen(request), &id);
    if (dualpipe_rule_expects_reply(r, request, strlen(request)) != has || !has || !want)
        return !has && !want;
    return id.end - id.start == strlen(want) && memcmp(request + id.start, want, strlen(want)) == 0;
}

static void request_ids(void) {
    dualpipe_rule *r = new_rule((struct dualpipe_rule_options){.id = "^([0-9]+)"});
    ok(has_id(r, "12 go\n", "12"), "a request's id");
    ok(has_id(r, "go\n", NULL), "a request without an id expects no reply");
    dualpipe_rule_free(r);
    r = new_rule((struct dualpipe_rule_options){.id = "^#([a-z]*)$"});
    ok(has_id(r, "#\n", ""), "an empty one");
    ok(has_id(r, "#", ""), "without a line end too");
    ok(has_id(r, "\n", NULL), "what does not match has none");
    dualpipe_rule_free(r);
    r = new_rule((struct dualpipe_rule_options){.id = "x(y)?"});
    ok(has_id(r, "x\n", NULL), "nor where the group takes no part");
    dualpipe_rule_free(r);
    r = new_rule((struct dualpipe_rule_options){.id = "json"});
    ok(has_id(r, "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"m\"}\n", "5"), "a JSON request's");
    ok(has_id(r, "{\"method\":\"m\"}\n", NULL), "a notification expects no reply");
    ok(has_id(r, "{\"id\":5,\"result\":1}\n", NULL), "nor does a response");
    ok(has_id(r, "{\"id\":null,\"method\":\"m\"}\n", NULL), "nor a request with the id null");
    ok(has_id(r, "nonsense\n", NULL), "nor does a text that isn't JSON");
    dualpipe_rule_free(r);
}

static void same_ids(void) {
    dualpipe_rule *bytes = new_rule((struct dualpipe_rule_options){.id = "(.*)"});
    dualpipe_rule *json = new_rule((struct dualpipe_rule_options){.id = "json"});
    const char *a = "\"A/\"", *b = "\"A\\/\"";
    ok(rule_ids_equal(bytes, a, 4, a, 4) && !rule_ids_equal(bytes, a, 4, b, 5),
       "the bytes of an id");
    ok(rule_ids_equal(bytes, NULL, 0, a, 0) && !rule_ids_equal(bytes, NULL, 0, a, 1), "or none");
    ok(rule_ids_equal(json, a, 4, b, 5), "a JSON string's characters");
    ok(rule_ids_equal(json, "1", 1, "1.0", 3), "a number's value");
    ok(rule_ids_alike(json, "1", 1, "\"1\"", 3) && !rule_ids_alike(json, "1", 1, "\"2\"", 3) &&
           !rule_ids_alike(json, "1", 1, "1", 1) && !rule_ids_alike(bytes, "1", 1, "\"1\"", 3),
       "ids of two types");
    dualpipe_rule_free(bytes);
    dualpipe_rule_free(json);
}

static long notification_of(struct dualpipe_rule_options o, const char *text) {
    dualpipe_rule *r = new_rule(o);
    struct span id;
    int kind = 0;
    size_t n = rule_match_unsolicited(r, text, strlen(text), &kind, &id);
    dualpipe_rule_free(r);
    return n ? kind * 100 + (long)n : 0;
}

static void notifications(void) {
    const struct dualpipe_rule_options line = {.notifications = LIST("^#")}, json = {.id = "json"};
    is(notification_of(line, "#x\ny\n"), DUALPIPE_SCAN_NOTIFICATION * 100 + 3,
       "a notification outside of a reply");
    is(notification_of(line, "#x"), 0, "an unfinished notification");
    is(notification_of(line, "x\n"), 0, "a line that may be a late reply");
    is(notification_of(line, ""), 0, "nothing");
    is(notification_of(json, "{\"id\":1}\n"), DUALPIPE_SCAN_NOTIFICATION * 100 + 9,
       "an id of no request");
    is(notification_of(json, "x\n"), DUALPIPE_SCAN_NOTIFICATION * 100 + 2, "a line without an id");
    is(notification_of(json, "{\"id\":1,\"method\":2}\n"), DUALPIPE_SCAN_CHILD_REQUEST * 100 + 20,
       "a request of the child");
}

/* --- what is asked besides --------------------------------------------------------------- */

static void two_in_one(void) {
    dualpipe_rule *r = new_rule((struct dualpipe_rule_options){.fence = "{}"});
    static const char text[] = "1\na1\n2\na2\n";
    struct dualpipe_scan first = {.token = "a1"}, second = {.token = "a2"};
    ok(dualpipe_rule_scan(r, &first, text, 10, 0) == DUALPIPE_SCAN_COMPLETE && first.to == 2 &&
           first.next == 5 && rule_scan_lines_at_fence(&first),
       "the first ends at its own fence");
    ok(dualpipe_rule_scan(r, &second, text + 5, 5, 0) == DUALPIPE_SCAN_COMPLETE && second.to == 2 &&
           second.next == 5,
       "the second begins after it");
    second = (struct dualpipe_scan){0};
    ok(dualpipe_rule_scan(r, &second, text, 10, DUALPIPE_SCAN_EOF) == DUALPIPE_SCAN_MORE &&
           second.to == 10,
       "if no fence was sent, none ends the reply");
    dualpipe_rule_free(r);
    r = new_rule((struct dualpipe_rule_options){.fence = "{}", .count = 1});
    first = (struct dualpipe_scan){.token = "a1"};
    ok(dualpipe_rule_scan(r, &first, text, 10, 0) == DUALPIPE_SCAN_COMPLETE && first.next == 2 &&
           !rule_scan_lines_at_fence(&first),
       "if another rule ends it, the fence is still to come");
    dualpipe_rule_free(r);
}

/* A flood without a line end is scanned only once; once lines are complete, nothing need be kept.
 */
static void discards(void) {
    dualpipe_rule *one = new_rule((struct dualpipe_rule_options){.end_patterns = LIST("ok")});
    dualpipe_rule *two = new_rule((struct dualpipe_rule_options){.end_patterns = LIST("x\\nok")});
    dualpipe_rule *prompt = new_rule((struct dualpipe_rule_options){.prompt = "^>+ $"});
    static char flood[10000];
    struct dualpipe_scan s = {0};
    dualpipe_rule_scan(one, &s, "a\nb\nc", 5, 0);
    ok(s.to == 4 && s.consumed == 4, "complete lines may be discarded");
    s = (struct dualpipe_scan){0};
    dualpipe_rule_scan(two, &s, "a\nb\nc", 5, 0);
    ok(s.to == 4 && s.consumed == 2, "except those that a pattern may need");
    s = (struct dualpipe_scan){0};
    dualpipe_rule_scan(two, &s, "a", 1, 0);
    ok(s.to == 0 && s.consumed == 0, "half a line may not belong to the reply");
    s = (struct dualpipe_scan){0};
    memset(flood, '>', sizeof flood);
    dualpipe_rule_scan(prompt, &s, flood, sizeof flood, 0);
    ok(s.to == sizeof flood - 4096, "a prompt holds back no more than 4096 bytes");
    flood[sizeof flood - 1] = ' ';
    memmove(flood, flood + s.consumed, sizeof flood - s.consumed);
    ok(dualpipe_rule_scan(prompt, &s, flood, sizeof flood - s.consumed, DUALPIPE_SCAN_DRAINED) ==
           DUALPIPE_SCAN_MORE,
       "the first byte kept is not the start of a line");
    dualpipe_rule_free(one);
    dualpipe_rule_free(two);
    dualpipe_rule_free(prompt);
}

static void awaits(void) {
    dualpipe_rule *r = new_rule((struct dualpipe_rule_options){.no_reply = LIST("^set ", "^$")});
    dualpipe_rule *none = new_rule((struct dualpipe_rule_options){.count = -1});
    is(dualpipe_rule_expects_reply(r, "get x\n", 6), 1, "a request expects a reply");
    is(dualpipe_rule_expects_reply(r, "set x\n", 6), 0, "unless a pattern says no");
    is(dualpipe_rule_expects_reply(r, "\n", 1), 0, "an empty request, without its line end");
    is(dualpipe_rule_expects_reply(r, "", 0), 0, "or without any");
    is(dualpipe_rule_expects_reply(none, "x", 1), 0, "with a rule of no reply none does");
    is(dualpipe_rule_idle_timeout(r), DUALPIPE_FOREVER, "no silence ends a reply");
    dualpipe_rule_free(r);
    r = new_rule((struct dualpipe_rule_options){.idle_ms = 250});
    is(dualpipe_rule_idle_timeout(r), 250, "or this many milliseconds of it do");
    dualpipe_rule_free(r);
    ok(dualpipe_rule_free(none) == NULL && dualpipe_rule_free(NULL) == NULL, "freeing gives NULL");
}

static const struct { struct dualpipe_rule_options o; bool pipelines, apart, quiet; } by_kind[] = {
    {{0}, 1, 0, 0},
    {{.end_patterns = LIST("ok")}, 1, 0, 0},
    {{.end_patterns = LIST("ok"), .match_partial_line = 1}, 0, 0, 1},
    {{.prompt = ">"}, 0, 0, 1},
    {{.fence = "{}"}, 1, 1, 0},
    {{.id = "json"}, 1, 1, 0},
    {{.length = "(1)"}, 1, 0, 0},
    {{.bytes = 3}, 1, 0, 0},
    {{.idle_ms = 3}, 0, 0, 0},
    {{.until_eof = 1}, 0, 0, 0}};

static void kinds(void) {
    for (size_t i = 0; i < sizeof by_kind / sizeof *by_kind; i++) {
        dualpipe_rule *r = new_rule(by_kind[i].o);
        ok(dualpipe_rule_allows_pipelining(r) == by_kind[i].pipelines &&
               rule_proves_end(r) == by_kind[i].apart &&
               rule_needs_drained(r) == by_kind[i].quiet &&
               r->until_eof == (by_kind[i].o.until_eof != 0) &&
               rule_matches_by_id(r) == (by_kind[i].o.id != NULL) &&
               rule_has_fence(r) == (by_kind[i].o.fence != NULL),
           "rule %zu: whether it pipelines, tells apart, needs quiet", i);
        dualpipe_rule_free(r);
    }
}

static void fences(void) {
    dualpipe_rule *r = new_rule((struct dualpipe_rule_options){.fence = "a{}b{}{"});
    char text[32] = "";
    is((long)rule_format_fence(r, "TT", NULL, 0, NULL), 8, "a fence's size");
    is((long)rule_format_fence(r, "TT", NULL, 0, text), 8, "written");
    ok(strcmp(text, "aTTbTT{\n") == 0, "every {} is the token, and a line end follows");
    dualpipe_rule_free(r);
}

static void wraps(void) {
    static const struct { const char *wrap, *request, *sent; } of[] = {
        {"{size} {}\n{text}", "a\nb\n", "3 TT\na\nb\n"},
        {"{size} {}\n{text}", "", "0 TT\n\n"},
        {"{size} {}\n{text}", "\n", "0 TT\n\n"},
        {"{text}{text}{}", "{} {q}", "{} {q}{} {q}TT\n"},
        {"eval {q}\necho {} $?", "echo 'it''s'",
         "eval 'echo '\\''it'\\'''\\''s'\\'''\necho TT $?\n"},
        {"{q}{}", "'", "''\\'''TT\n"},
        {"{q}{}", "", "''TT\n"},
        {"{size}:{text}{}", "a\r\n", "2:a\rTT\n"},
        {"{size}:{text}{}", "a\n\r", "3:a\n\rTT\n"},
        {"{x}{ {}{text{text}", "a", "{x}{ TT{texta\n"}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        dualpipe_rule *r = new_rule((struct dualpipe_rule_options){.wrap = of[i].wrap});
        char text[128] = "";
        size_t n = strlen(of[i].request), size = rule_format_fence(r, "TT", of[i].request, n, NULL);
        is((long)size, (long)strlen(of[i].sent), "the size of a wrapped request");
        rule_format_fence(r, "TT", of[i].request, n, text);
        ok(strcmp(text, of[i].sent) == 0, "wrap %zu, filled in", i);
        ok(rule_refuses_request(r, "a\0b", 3) == (strstr(of[i].wrap, "{q}") != NULL) &&
               !rule_refuses_request(r, "ab", 2),
           "only quotes of a shell refuse a NUL byte");
        dualpipe_rule_free(r);
    }
}

static const struct { const char *what; struct dualpipe_rule_options o; const char *advice; }
bad_rules[] = {
    {"until", {.end_patterns = LIST("fine", "ab\\d")}, "[0-9]"},
    {"no_reply", {.no_reply = LIST("(")}, "alone"},
    {"async", {.notifications = LIST("[a")}, "closed"},
    {"prompt", {.prompt = "a)(b"}, "alone"},
    {"nine line ends", {.end_patterns = LIST("\\n\\n\\n\\n\\n\\n\\n\\n\\n")}, "8 line ends"},
    {"nine of a prompt", {.prompt = "\\n\\n\\n\\n\\n\\n\\n\\n\\n"}, "8 line ends"},
    {"a notice of two lines", {.notifications = LIST("a\\nb")}, "one line"},
    {"an id over two lines", {.id = "a\\n(b)"}, "one line"},
    {"an id without a group", {.id = "^[0-9]+"}, "( )"},
    {"a length without a group", {.length = "^[0-9]+"}, "( )"},
    {"an id and a count", {.id = "(1)", .count = 1}, "alone"},
    {"an id and a prompt", {.id = "json", .prompt = ">"}, "alone"},
    {"an id and the end of file", {.id = "json", .until_eof = 1}, "alone"},
    {"a fence without a token", {.fence = "echo"}, "{}"},
    {"a wrap without a token", {.wrap = "{text}"}, "{}"},
    {"a wrap without a request", {.wrap = "{} {size}"}, "{text}"},
    {"a wrap and a fence", {.wrap = "{text}{}", .fence = "{}"}, "leave one"},
    {"a wrap without replies", {.wrap = "{text}{}", .count = -1}, "is answered"},
    {"a wrap and requests without", {.wrap = "{text}{}", .no_reply = LIST("a")}, "is answered"}};

static void refuses(void) {
    for (size_t i = 0; i < sizeof bad_rules / sizeof *bad_rules; i++) {
        struct dualpipe_error why = {0};
        dualpipe_rule *r = (dualpipe_rule *)&why;
        int error = dualpipe_rule_new(&r, &bad_rules[i].o, &why);
        ok(error == -EINVAL && !r && why.operation && why.object && why.hint &&
               strstr(why.hint, bad_rules[i].advice) &&
               dualpipe_rule_new(&r, &bad_rules[i].o, NULL) < 0,
           "%s: refused, with advice", bad_rules[i].what);
    }
}

static void points_at(void) {
    struct dualpipe_error why = {0};
    dualpipe_rule *r;
    struct dualpipe_rule_options o = {.end_patterns = LIST("fine", "ab\\d")};
    ok(dualpipe_rule_new(&r, &o, &why) == -EINVAL && why.object == o.end_patterns[1] &&
           why.offset == 2,
       "which pattern, and where in it");
}

int main(void) {
    begin();
    ids();
    request_ids();
    same_ids();
    notifications();
    two_in_one();
    discards();
    awaits();
    kinds();
    fences();
    wraps();
    refuses();
    points_at();
    return done();
}
