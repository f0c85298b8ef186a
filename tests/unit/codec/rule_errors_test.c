/* Tests lib/codec/rule_errors.c: lines in any pieces, of both streams; what is kept of them for a
 * message; frames and JSON. */
#include "codec/rule_errors.h"
#include "codec/rule.h"
#include "../harness.h"

static struct rule_errors errors;

static dualpipe_rule *rule_of(struct dualpipe_rule_options o) {
    dualpipe_rule *rule = NULL;
    if (dualpipe_rule_new(&rule, &o, NULL) < 0)
        abort();
    return rule;
}

/* Whether the lines, in pieces of so many bytes, say this; NULL: nothing. */
static bool says_in_pieces(const dualpipe_rule *rule, bool is_stderr, const char *text,
                           size_t piece, const char *want) {
    size_t n = strlen(text);
    rule_errors_begin(&errors);
    for (size_t at = 0; at < n; at += piece)
        rule_errors_add(&errors, rule, is_stderr, text + at, n - at < piece ? n - at : piece);
    rule_errors_end(&errors, rule);
    if (errors.found && want && strcmp(errors.said, want) == 0)
        return true;
    if (errors.found || want)
        printf("# pieces of %zu: said %s\n", piece, errors.found ? errors.said : "nothing");
    return !errors.found && !want;
}

static bool tells(const dualpipe_rule *rule, bool is_stderr, const char *text, const char *want) {
    for (size_t piece = 1; piece <= strlen(text) + 1; piece++)
        if (!says_in_pieces(rule, is_stderr, text, piece, want))
            return false;
    return true;
}

static void try_lines(void) {
    const char *const patterns[] = {"^no$", "^one\n$", "last\\.$", "^Trace:", "^  File", NULL};
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){.errors = patterns});
    ok(tells(rule, false, "a\nno\nb\n", "no"), "a line that matches");
    ok(tells(rule, false, "a\r\nno\r\n", "no"), "a CR before the line end is not seen");
    ok(tells(rule, false, "anno\nnobody\n", NULL), "lines that don't");
    ok(tells(rule, false, "", NULL), "no lines");
    ok(tells(rule, false, "a\n\nat last.", "at last."), "a last line without its end");
    ok(tells(rule, false, "a\none\n\nb\n", "one"), "two lines: the first of them says it");
    ok(tells(rule, false, "one\nno one\n\nb\n", NULL), "two lines that are not such");
    ok(tells(rule, false, "one\r\n\r\n", "one"), "two lines with CRs");
    ok(tells(rule, false, "Trace:\n  a\nB: c\nd\n", "B: c"), "a heading gives way");
    ok(tells(rule, false, "  File\n 1\n  ^\nBad\n", "Bad"), "so does an indented line");
    ok(tells(rule, false, "Trace: all\nB\n", "Trace: all"), "another line doesn't");
    ok(tells(rule, false, "Trace:\n  a\n>>> b\n", "Trace:"), "nothing takes a heading's place");
    ok(tells(rule, true, "no\n", NULL), "stderr is not looked at");
    dualpipe_rule_free(rule);
}

static void try_stderr(void) {
    const char *const patterns[] = {"^E", NULL};
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){.stderr_errors = patterns});
    ok(tells(rule, true, "a\nE1\nE2\n", "E1"), "stderr: the first line that matches");
    ok(tells(rule, false, "E\n", NULL), "the reply is not looked at");
    rule_errors_begin(&errors);
    rule_errors_add(&errors, rule, true, "x", 1);
    rule_errors_add(&errors, rule, false, "E\n", 2);
    rule_errors_add(&errors, rule, true, "E\n", 2);
    rule_errors_end(&errors, rule);
    ok(!errors.found, "the streams are apart");
    dualpipe_rule_free(rule);
}

static void try_long_lines(void) {
    enum { SIZE = 300000 };
    const char *const patterns[] = {"^bb*c", "end$", NULL};
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){.errors = patterns});
    char *line = malloc(SIZE);
    memset(line, 'b', SIZE);
    memcpy(line + SIZE - 4, "cend", 4);
    rule_errors_begin(&errors);
    for (int i = 0; i < 20; i++)
        rule_errors_add(&errors, rule, false, line, SIZE);
    ok(errors.reply.text.capacity <= 262144, "of a long line little is held");
    rule_errors_add(&errors, rule, false, "\nthe end\n", 9);
    ok(errors.found && strcmp(errors.said, "the end") == 0, "the next line is whole");
    rule_errors_begin(&errors);
    line[1000] = 'c';
    rule_errors_add(&errors, rule, false, line, SIZE);
    rule_errors_end(&errors, rule);
    ok(errors.found && strlen(errors.said) == RULE_ERRORS_SAID_MAX, "its beginning is kept");
    free(line);
    dualpipe_rule_free(rule);
}

static bool reply_says(const dualpipe_rule *rule, const char *p, size_t n, const char *want) {
    rule_errors_begin(&errors);
    rule_errors_add_reply(&errors, rule, p, n);
    rule_errors_end(&errors, rule);
    if (errors.found && want)
        return strcmp(errors.said, want) == 0;
    return !errors.found && !want;
}

static void try_frames(void) {
    const char *const patterns[] = {"^no", NULL};
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){
        .kind = DUALPIPE_FRAME_NETSTRING, .count = 2, .errors = patterns});
    ok(rule_errors_need_all(rule), "frames are looked at as a whole");
    ok(reply_says(rule, "2:yo,4:no a,", 12, "no a"), "the body of a frame matches");
    ok(reply_says(rule, "2:yo,4:a\nno,", 12, "a"), "a line in it: its first line is told");
    ok(reply_says(rule, "2:yo,2:on,", 10, NULL), "none does");
    dualpipe_rule_free(rule);
}

static void try_json(void) {
    const char *const patterns[] = {"^no", NULL};
    dualpipe_rule *rule =
        rule_of((struct dualpipe_rule_options){.json_errors = 1, .errors = patterns});
    static const struct {
        const char *reply, *said;
    } rows[] = {
        {"{\"error\":1}\n", "1"},
        {"{\"error\" : {\"code\":-32601,\"message\":\"x\"} , \"id\":1}\n",
         "{\"code\":-32601,\"message\":\"x\"}"},
        {"{\"error\":null}\n", NULL},
        {"{\"error\":false}\n", "false"},
        {"{\"result\":{\"error\":1}}\n", NULL},
        {"{\"error\":{\"code\":-32800}}\n", NULL},
        {"{\"error\":{\"data\":{\"code\":1},\"code\" : -32801 }}\n", NULL},
        {"{\"error\":{\"data\":{\"code\":-32800},\"code\":3}}\n",
         "{\"data\":{\"code\":-32800},\"code\":3}"},
        {"{\"error\":{}}\n", "{}"},
        {"{\"error\":1,\"error\":null}\n", NULL},
        {"[{\"id\":1},{\"error\":2},{\"error\":3}]\n", "2"},
        {"[]\n", NULL},
        {"{\"error\":1\n", NULL},
        {"error\n{\"a\":1}\n{\"error\":\"x\"}\n", "\"x\""},
        {"{\"error\":4}", "4"},
        {"a\nnot\n", "not"},
    };
    bool good = true;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!reply_says(rule, rows[i].reply, strlen(rows[i].reply), rows[i].said)) {
            printf("# %s: said %s\n", rows[i].reply, errors.found ? errors.said : "nothing");
            good = false;
        }
    ok(good, "JSON");
    dualpipe_rule_free(rule);
}

static void try_refusals(void) {
    const char *const bad[] = {"a(", NULL}, *const long_one[] = {"\n\n\n\n\n\n\n\n\n", NULL};
    dualpipe_rule *rule;
    struct dualpipe_error why;
    ok(dualpipe_rule_new(&rule, &(struct dualpipe_rule_options){.errors = bad}, &why) == -EINVAL,
       "a pattern that is none");
    ok(dualpipe_rule_new(&rule, &(struct dualpipe_rule_options){.stderr_errors = long_one},
                         &why) == -EINVAL,
       "a pattern over too many lines");
}

int main(void) {
    begin();
    try_lines();
    try_stderr();
    try_long_lines();
    try_frames();
    try_json();
    try_refusals();
    rule_errors_free(&errors);
    return done();
}
