/* Tests cmd/options/reply_rules.c: which rule the options make for the requests that follow them,
 * and what is said about options that are wrong. Error messages are recorded instead of printed. */
#include "../../../cmd/util/escape.c"
#include "../../../cmd/util/frames.c"
#include "../../../cmd/util/units.c"
#include "../../../cmd/options/option_error.c"
#include "../../../cmd/options/option_table.c"
#include "../../../cmd/options/reply_rules.c"
#include "../harness.h"

static char said[400]; /* the last error message */

void log_error(const char *what, const char *subject, const char *reason, ...) {
    va_list words;
    int n = snprintf(said, sizeof said, "%s: %s%s", what, subject ? subject : "",
                     subject ? ": " : "");
    va_start(words, reason);
    vsnprintf(said + n, sizeof said - (size_t)n, reason, words);
    va_end(words);
}

enum { MOST = 16, REQUEST = 1, SETUP = 2 };

/* One word of a command line: an option with its value, or a request or set-up text. */
struct word {
    int id; /* enum option_id, or REQUEST, SETUP; 0: the end */
    const char *value;
};

struct line {
    struct parser p;
    struct settings s;
    const char *room[3 * MOST];
    dualpipe_rule *rules[MOST];
    struct request_opts opts[MOST]; /* of the requests and set-up texts, in order */
    int status, n;
};

static const char *name_of(int id) {
    return id == OPT_COUNT   ? "count"
           : id == OPT_BYTES ? "bytes"
           : id == OPT_IDLE  ? "idle"
                             : "timeout";
}

static void line_begin(struct line *l) {
    memset(l, 0, sizeof *l);
    *said = 0;
    l->p.s = &l->s;
    l->p.rules = l->rules;
    l->p.builder.until.patterns = l->room;
    l->p.builder.no_reply.patterns = l->room + MOST;
    l->p.builder.async.patterns = l->room + 2 * MOST;
    l->p.builder.timeout = UNITS_FOREVER;
    l->status = PARSE_CONTINUE;
}

/* Reads the words as the parser does, until one is wrong. */
static void line_read(struct line *l, const struct word *words) {
    for (; words->id && l->status == PARSE_CONTINUE; words++) {
        struct option_row row = {.id = (enum option_id)words->id,
                                 .long_name = name_of(words->id)};
        if (words->id != REQUEST && words->id != SETUP) {
            l->status = reply_rules_apply(&l->p, &row, words->value);
            continue;
        }
        l->status = reply_rules_assign(&l->p, &l->opts[l->n++], words->id == SETUP);
        reply_rules_mark_used(&l->p);
        l->s.requests.count += words->id == REQUEST;
    }
}

static void line_end(struct line *l) {
    for (int i = 0; i < l->p.rule_count; i++)
        dualpipe_rule_free(l->rules[i]);
}

#define WORDS(...) ((const struct word[]){__VA_ARGS__, {0, NULL}})
#define ASK {REQUEST, NULL}

/* The bytes of the reply that a rule finds in a text; -1: none is complete. */
static long reply_size(const dualpipe_rule *rule, const char *text) {
    struct dualpipe_scan scan = {0};
    if (dualpipe_rule_scan(rule, &scan, text, strlen(text), DUALPIPE_SCAN_DRAINED) !=
        DUALPIPE_SCAN_COMPLETE)
        return -1;
    return (long)scan.next;
}

/* Each option, alone before one request: how much of a text is the reply. */
static const struct {
    const char *what;
    struct word option;
    const char *text;
    long size;
} single[] = {
    {"no option: a line", {REQUEST, NULL}, "a\nb\n", 2},
    {"-n 2", {OPT_COUNT, "2"}, "a\nb\nc\n", 4},
    {"-u", {OPT_UNTIL, "^b$"}, "a\nb\nc\n", 4},
    {"-p", {OPT_PROMPT, "> $"}, "a\n> ", 4},
    {"--id", {OPT_ID, "^([0-9])"}, "1 x\n2 y\n", 4},
    {"--length", {OPT_LENGTH, "^([0-9])$"}, "2\nabc", 4},
    {"--bytes", {OPT_BYTES, "3"}, "abcd", 3}};

static void single_options(void) {
    for (size_t i = 0; i < sizeof single / sizeof *single; i++) {
        struct line l;
        line_begin(&l);
        if (single[i].option.id == REQUEST)
            line_read(&l, WORDS(ASK));
        else
            line_read(&l, WORDS(single[i].option, ASK));
        ok(l.status == PARSE_CONTINUE && l.n == 1 && l.opts[0].rule &&
               reply_size(l.opts[0].rule, single[i].text) == single[i].size,
           "%s", single[i].what);
        line_end(&l);
    }
}

static void other_options(void) {
    struct line l;
    line_begin(&l);
    line_read(&l, WORDS({OPT_IDLE, "0.25"}, {OPT_TIMEOUT, "1.5"}, ASK));
    ok(dualpipe_rule_idle_timeout(l.opts[0].rule) == 250 && l.opts[0].timeout == 1500000,
       "--idle is in milliseconds, -t in microseconds");
    ok(l.p.unpipelined_option && strcmp(l.p.unpipelined_option, "idle") == 0,
       "--idle allows no window");
    line_end(&l);
    line_begin(&l);
    line_read(&l, WORDS({OPT_COUNT, "0"}, {OPT_TIMEOUT, "inf"}, ASK));
    ok(!dualpipe_rule_expects_reply(l.opts[0].rule, "x\n", 2) && l.opts[0].timeout == UNITS_FOREVER,
       "-n 0 expects no reply, -t inf sets no limit");
    line_end(&l);
    line_begin(&l);
    line_read(&l, WORDS({OPT_NO_REPLY, "^set "}, {OPT_NO_REPLY, "^$"}, ASK));
    ok(!dualpipe_rule_expects_reply(l.opts[0].rule, "set x\n", 6) &&
           !dualpipe_rule_expects_reply(l.opts[0].rule, "\n", 1) &&
           dualpipe_rule_expects_reply(l.opts[0].rule, "get x\n", 6),
       "--no-reply may be given several times");
    line_end(&l);
    line_begin(&l);
    line_read(&l, WORDS({OPT_ASYNC, "^!"}, {OPT_COUNT, "2"}, ASK));
    is(reply_size(l.opts[0].rule, "a\nb\n"), 4, "--async and -n make one rule");
    is(reply_size(l.opts[0].rule, "a\n!\n"), -1, "by which a notification isn't counted");
    line_end(&l);
}

/* A rule option after a request begins a new set; one before it adds to the set. */
static void sets(void) {
    struct line l;
    line_begin(&l);
    line_read(&l, WORDS({OPT_UNTIL, "^a$"}, {OPT_UNTIL, "^b$"}, ASK, ASK, {OPT_UNTIL, "^c$"}, ASK));
    ok(l.status == PARSE_CONTINUE && l.n == 3, "two patterns, two requests, another pattern");
    ok(reply_size(l.opts[0].rule, "x\nb\nc\n") == 4 && reply_size(l.opts[0].rule, "a\n") == 2,
       "either of the patterns ends the first reply");
    ok(l.opts[1].rule == l.opts[0].rule, "the second request has the same rule");
    ok(reply_size(l.opts[2].rule, "a\nb\nc\n") == 6, "the third has only the pattern after it");
    ok(l.p.sets_begun == 1 && l.p.has_two_rules, "these are two sets");
    line_end(&l);
    line_begin(&l);
    line_read(&l, WORDS({OPT_COUNT, "2"}, {OPT_NO_REPLY, "^q"}, ASK, {OPT_UNTIL, "^b$"}, ASK));
    ok(reply_size(l.opts[1].rule, "a\nx\nb\n") == 6, "a new set forgets -n");
    ok(!dualpipe_rule_expects_reply(l.opts[1].rule, "q\n", 2), "but keeps --no-reply");
    line_end(&l);
    line_begin(&l);
    line_read(&l, WORDS({OPT_COUNT, "2"}, ASK, {OPT_TIMEOUT, "5"}, ASK));
    ok(l.opts[0].rule == l.opts[1].rule && l.opts[0].timeout == UNITS_FOREVER &&
           l.opts[1].timeout == 5000000 && l.p.sets_begun == 0, "-t alone begins none");
    line_end(&l);
    line_begin(&l);
    line_read(&l, WORDS({OPT_COUNT, "0"}, ASK, {OPT_COUNT, "1"}, ASK));
    ok(!l.p.has_two_rules && l.s.session_rule == l.opts[1].rule,
       "a request that expects no reply may have its own rule in a session");
    line_end(&l);
    line_begin(&l);
    line_read(&l, WORDS({OPT_COUNT, "2"}));
    ok(l.p.builder.unused_option && strcmp(l.p.builder.unused_option, "count") == 0,
       "an option that no request follows is known by its name");
    line_read(&l, WORDS(ASK));
    ok(!l.p.builder.unused_option, "until one does");
    line_end(&l);
}

static void fresh(void) {
    struct line l;
    line_begin(&l);
    l.s.fresh = true;
    line_read(&l, WORDS({SETUP, NULL}, ASK));
    ok(l.opts[0].rule != l.opts[1].rule, "with --fresh a set-up text has a rule of its own");
    is(reply_size(l.opts[0].rule, "a\nb\n"), 2, "its reply is a line");
    is(reply_size(l.opts[1].rule, "a\nb\n"), -1, "that of a request ends at end of file");
    line_end(&l);
    line_begin(&l);
    line_read(&l, WORDS({SETUP, NULL}, ASK));
    ok(l.opts[0].rule == l.opts[1].rule, "otherwise they have the same");
    line_end(&l);
}

static void sessions(void) {
    struct line l;
    line_begin(&l);
    ok(reply_rules_default_for_session(&l.p) == PARSE_CONTINUE && l.s.session_rule &&
           reply_size(l.s.session_rule, "a\nb\n") == 2, "the rule of a session is one line");
    line_end(&l);
    line_begin(&l);
    line_read(&l, WORDS({OPT_COUNT, "2"}));
    ok(reply_rules_keep_for_session(&l.p) == PARSE_CONTINUE &&
           reply_size(l.s.session_rule, "a\nb\n") == 4, "or that of the options");
    line_end(&l);
}

static void ready(void) {
    struct line l;
    line_begin(&l);
    l.p.ready_pattern = "^ready";
    ok(reply_rules_compile_ready(&l.p) == PARSE_CONTINUE && l.s.ready_rule &&
           reply_size(l.s.ready_rule, "hello\nready> ") == 13,
       "--ready, on an unfinished line too");
    line_end(&l);
    line_begin(&l);
    line_read(&l, WORDS({OPT_PROMPT, "^> $"}, ASK, {OPT_PROMPT, "^@ $"}, ASK));
    ok(reply_rules_compile_ready(&l.p) == PARSE_CONTINUE && l.s.ready_rule &&
           reply_size(l.s.ready_rule, "hello\n> ") == 8 &&
           reply_size(l.s.ready_rule, "hello\n@ ") == -1, "else the prompt of the first request");
    line_end(&l);
    line_begin(&l);
    line_read(&l, WORDS({OPT_PROMPT, "^> $"}, ASK));
    l.p.ready_pattern = "none";
    ok(reply_rules_compile_ready(&l.p) == PARSE_CONTINUE && !l.s.ready_rule, "none is none");
    line_end(&l);
    line_begin(&l);
    ok(reply_rules_compile_ready(&l.p) == PARSE_CONTINUE && !l.s.ready_rule,
       "nor is there a default");
    line_end(&l);
}

/* A check compiles the rule, but leaves the parser as it was. */
static void checks(void) {
    struct line l;
    struct parser before;
    line_begin(&l);
    line_read(&l, WORDS({OPT_COUNT, "2"}, {OPT_PROMPT, "> $"}));
    before = l.p;
    is(reply_rules_check(&l.p), PARSE_CONTINUE, "rules that can be compiled");
    is(l.p.rule_count, 2, "the rule and the one to be ready by are made");
    before.rule_count = l.p.rule_count;
    ok(memcmp(&before, &l.p, sizeof before) == 0 && !l.s.ready_rule, "nothing else has changed");
    line_read(&l, WORDS(ASK));
    is(l.status, PARSE_CONTINUE, "and a request may follow");
    line_end(&l);
    line_begin(&l);
    line_read(&l, WORDS({OPT_UNTIL, "a(b"}));
    is(reply_rules_check(&l.p), PARSE_FAILED, "rules that can't");
    line_end(&l);
}

static const struct {
    struct word option;
    const char *message; /* how it begins */
} wrong[] = {
    {{OPT_COUNT, "x"}, "option --count: x: "},
    {{OPT_COUNT, "-1"}, "option --count: -1: "},
    {{OPT_COUNT, "1000000001"}, "option --count: 1000000001: "},
    {{OPT_BYTES, "0"}, "option --bytes: 0: "},
    {{OPT_IDLE, "soon"}, "option --idle: soon: "},
    {{OPT_IDLE, "0"}, "option --idle: 0: 0 leaves no time"},
    {{OPT_TIMEOUT, "0"}, "option --timeout: 0: 0 leaves no time"},
    {{OPT_UNTIL, "ab\\d"}, ": ab\\d: at byte 3: "},
    {{OPT_NO_REPLY, "("}, ": (: at byte "},
    {{OPT_ID, "^[0-9]+"}, ": ^[0-9]+: at byte "},
    {{OPT_FENCE, "echo"}, ": echo: at byte "}};

static void wrong_options(void) {
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct line l;
        line_begin(&l);
        line_read(&l, WORDS(wrong[i].option, ASK));
        if (!ok(l.status == PARSE_FAILED && strstr(said, wrong[i].message),
                "refused with a message: %s", wrong[i].option.value))
            printf("# status %d: %s\n", l.status, said);
        line_end(&l);
    }
}

int main(void) {
    begin();
    single_options();
    other_options();
    sets();
    fresh();
    sessions();
    ready();
    checks();
    wrong_options();
    return done();
}
