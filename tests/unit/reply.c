/* Tests lib/reply.c: each rule, and that a reply ends at the same byte however its bytes come
 * in: all at once, one by one, or in random pieces, with dropped bytes never shown again. */
#include "help.h"
#include "tap.h"

static unsigned seed = 7;
static size_t pick(size_t below) {
    seed = seed * 1103515245 + 12345;
    return (seed >> 8) % below;
}

/* Where a reply ended: bytes from the start of the text, or -1. */
struct end {
    long at, frames;
    int which;
};

static struct end scan_whole(const dualpipe_rule *r, const char *text, size_t n, int ended) {
    struct dualpipe_scan s = {0};
    int whole = dualpipe_rule_scan(r, &s, text, n, ended);
    return (struct end){whole ? (long)s.whole : -1, s.frames, whole ? s.which : -1};
}

/* Shows it in pieces of up to most bytes (most 0: random ones), each in memory of its own, so
 * that a look at what was dropped is a fault. */
static struct end scan_pieces(const dualpipe_rule *r, const char *text, size_t n, int ended,
                              size_t most) {
    struct dualpipe_scan s = {0};
    size_t base = 0, shown = 0;
    for (;;) {
        size_t more = most ? most : 1 + pick(7), drop = s.drop;
        char *copy;
        int whole;
        base += drop;
        shown = more > n - shown ? n : shown + more;
        if (drop > shown || !(copy = malloc(shown - base + 1)))
            return (struct end){-3, 0, 0};
        memcpy(copy, text + base, shown - base);
        whole = dualpipe_rule_scan(r, &s, copy, shown - base, ended && shown == n);
        free(copy);
        if (s.drop > s.whole || s.whole > shown - base)
            return (struct end){-2, 0, 0};
        if (whole)
            return (struct end){(long)(base + s.whole), s.frames, s.which};
        if (shown == n)
            return (struct end){-1, s.frames, -1};
    }
}

static bool same(struct end a, struct end b) {
    return a.at == b.at && a.frames == b.frames && a.which == b.which;
}

static bool same_in_pieces(const dualpipe_rule *r, const char *text, size_t n, int ended) {
    struct end whole = scan_whole(r, text, n, ended);
    bool good = true;
    for (size_t most = 0; good && most <= n; most++)
        good = same(whole, scan_pieces(r, text, n, ended, most));
    for (int i = 0; good && i < 20; i++)
        good = same(whole, scan_pieces(r, text, n, ended, 0));
    return good;
}

static dualpipe_rule *make(struct dualpipe_rule_options o) {
    dualpipe_rule *r = NULL;
    return dualpipe_rule_new(&r, &o, NULL) == 0 ? r : NULL;
}

/* A rule, a text, and where the reply in it ends. */
struct sample {
    const char *what, *text;
    int ended;
    long at;
    int which;
    struct dualpipe_rule_options o;
};
#define LIST(...) (const char *const[]){__VA_ARGS__, NULL}

static const struct sample samples[] = {
    {"no rule is one line", "one\ntwo\n", 0, 4, -1, {0}},
    {"half a line is not one", "one", 0, -1, -1, {0}},
    {"unless no more will come", "one", 1, 3, -1, {0}},
    {"nothing at all is no line", "", 1, -1, -1, {0}},
    {"an empty line is a line", "\nx", 0, 1, -1, {0}},
    {"three lines", "1\n2\n3\n4\n", 0, 6, -1, {.count = 3}},
    {"two of three lines", "1\n2\n", 0, -1, -1, {.count = 3}},
    {"two of three lines, and the end", "1\n2\n", 1, -1, -1, {.count = 3}},
    {"the third unfinished, and the end", "1\n2\n3", 1, 5, -1, {.count = 3}},
    {"no reply", "abc\n", 0, 0, -1, {.count = -1}},
    {"until a line", "a\nb\nok\nc\n", 0, 7, 0, {.until = LIST("^ok$")}},
    {"until none", "a\nb\n", 1, -1, -1, {.until = LIST("^ok$")}},
    {"until an unfinished one, at the end", "a\nok", 1, 4, 0, {.until = LIST("^ok$")}},
    {"not before the end", "a\nok", 0, -1, -1, {.until = LIST("^ok$")}},
    {"the first pattern to hold", "x\nerror\nok\n", 0, 8, 1, {.until = LIST("^ok", "^error")}},
    {"an empty line", "a\n\nb\n", 0, 3, 0, {.until = LIST("^$")}},
    {"two lines", "a\nb\na\nc\n", 0, 8, 0, {.until = LIST("a\\nc")}},
    {"two lines, at the beginning", "a\nc\n", 0, 4, 0, {.until = LIST("^a\\nc$")}},
    {"three lines by pattern", "x\na\nb\nc\nd\n", 0, 8, 0, {.until = LIST("^a\\nb\\nc$")}},
    {"a blank line and a dot", "a\n.\n\n.\nb", 0, 7, 0, {.until = LIST("^\\n\\.$")}},
    {"of one and two lines", "p\nq\nr\n", 0, 4, 1, {.until = LIST("z", "p\\nq", "r")}},
    {"pattern before count", "a\nok\nb\n", 0, 5, 0, {.until = LIST("ok"), .count = 3}},
    {"count before pattern", "a\nb\nok\n", 0, 4, -1, {.until = LIST("ok"), .count = 2}},
    {"at the end of file", "a\nb\nc", 1, 5, -1, {.at_end = 1}},
    {"and not before", "a\nb\nc\n", 0, -1, -1, {.at_end = 1}},
    {"an empty reply at the end of file", "", 1, 0, -1, {.at_end = 1}},
    {"a pattern or the end", "a\nb", 1, 3, -1, {.until = LIST("ok"), .at_end = 1}},
    {"silence alone ends nothing here", "a\nb\n", 1, -1, -1, {.idle = 50}},
    {"CR is a byte", "a\r\nok\r\n", 0, 7, 0, {.until = LIST("^ok\\r$")}},
};

static void run_samples(void) {
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        const struct sample *s = &samples[i];
        dualpipe_rule *r = make(s->o);
        size_t n = strlen(s->text);
        struct end e = scan_whole(r, s->text, n, s->ended);
        if (!ok(e.at == s->at && e.which == s->which, "%s", s->what))
            printf("# ends at %ld by %d, wanted %ld by %d\n", e.at, e.which, s->at, s->which);
        ok(same_in_pieces(r, s->text, n, s->ended), "%s: in pieces too", s->what);
        dualpipe_rule_free(r);
    }
}

/* Texts of a, b and line ends against rules of all sorts: pieces and whole agree. */
static void random_texts(void) {
    const struct dualpipe_rule_options all[] = {
        {.count = 2}, {.until = LIST("^$")}, {.until = LIST("a\\nb")},
        {.until = LIST("^b\\n\\na$")},
        {.until = LIST("aa", "b\\nb\\nb"), .count = 6}, {.until = LIST("a\\n.*\\n.*\\n.*\\nb")},
        {.at_end = 1}, {.until = LIST("\\n\\n\\n\\n\\n\\n\\n\\n")}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        dualpipe_rule *r = make(all[i]);
        bool good = true;
        int found = 0;
        for (int k = 0; good && k < 300; k++) {
            char text[40];
            size_t n = pick(sizeof text);
            for (size_t c = 0; c < n; c++)
                text[c] = "ab\n\n"[pick(4)];
            good = same_in_pieces(r, text, n, k & 1);
            found += scan_whole(r, text, n, k & 1).at >= 0;
        }
        ok(good && (found > 0 || i == 7), "rule %zu: 300 random texts, %d with an end", i, found);
        dualpipe_rule_free(r);
    }
}

/* A flood without a line end is looked at once; with whole lines nothing need be kept. */
static void drops(void) {
    dualpipe_rule *one = make((struct dualpipe_rule_options){.until = LIST("ok")});
    dualpipe_rule *two = make((struct dualpipe_rule_options){.until = LIST("x\\nok")});
    struct dualpipe_scan s = {0};
    dualpipe_rule_scan(one, &s, "a\nb\nc", 5, 0);
    ok(s.whole == 4 && s.drop == 4, "whole lines may go");
    s = (struct dualpipe_scan){0};
    dualpipe_rule_scan(two, &s, "a\nb\nc", 5, 0);
    ok(s.whole == 4 && s.drop == 2, "but for those that a pattern may need");
    s = (struct dualpipe_scan){0};
    dualpipe_rule_scan(two, &s, "a", 1, 0);
    ok(s.whole == 0 && s.drop == 0, "half a line is not sure to be the reply's");
    dualpipe_rule_free(one);
    dualpipe_rule_free(two);
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

static void refuses(void) {
    struct dualpipe_failure why = {0};
    dualpipe_rule *r = (dualpipe_rule *)&why;
    struct dualpipe_rule_options o = {.until = LIST("fine", "ab\\d")};
    ok(dualpipe_rule_new(&r, &o, &why) == -EINVAL && !r, "a bad pattern makes no rule");
    ok(why.subject == o.until[1] && why.position == 2 && why.advice,
       "which, where and what instead");
    o = (struct dualpipe_rule_options){.no_reply = LIST("(")};
    is(dualpipe_rule_new(&r, &o, &why), -EINVAL, "in no_reply too");
    ok(why.subject == o.no_reply[0], "which");
    o = (struct dualpipe_rule_options){.until = LIST("\\n\\n\\n\\n\\n\\n\\n\\n\\n")};
    is(dualpipe_rule_new(&r, &o, &why), -EINVAL, "nine line ends are too many");
    is(dualpipe_rule_new(&r, &o, NULL), -EINVAL, "without a place for the reason");
}

int main(void) {
    begin();
    run_samples();
    random_texts();
    drops();
    awaits();
    refuses();
    return done();
}
