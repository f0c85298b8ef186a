/* Tests lib/codec/rule_scan_frames.c: replies in frames other than lines, by each rule and in any
 * chunks, and what is reported about a malformed frame and where. */
#include "dualpipe.h"
#include "scan_fixture.h"
#include "../harness.h"

#define LIST(...) (const char *const[]){__VA_ARGS__, NULL}
#define N DUALPIPE_FRAME_NETSTRING
#define H DUALPIPE_FRAME_HEADER
enum { LAST = DUALPIPE_SCAN_EOF };

static unsigned seed = 7;

static size_t pick(size_t below) {
    seed = seed * 1103515245 + 12345;
    return (seed >> 8) % below;
}

static size_t single_byte(void *data, size_t left) {
    (void)data, (void)left;
    return 1;
}

static size_t some(void *data, size_t left) {
    (void)data;
    return 1 + pick(left < 9 ? left + 1 : 9);
}

static dualpipe_rule *new_rule(struct dualpipe_rule_options o) {
    dualpipe_rule *r;
    if (dualpipe_rule_new(&r, &o, NULL) < 0)
        abort();
    return r;
}

/* --- a table ----------------------------------------------------------------------------- */

static const struct scene {
    const char *what;
    struct dualpipe_rule_options o;
    const char *text;
    size_t n;
    const char *reply; /* the part that is certain */
    int flags;
    bool whole;
    int bad, fault;
    size_t max;
} scenes[] = {
#define TEXT(t) .text = t, .n = sizeof t - 1
    {"empty lines before a header",
     {.kind = H},
     TEXT("\r\n\nContent-Length: 2\r\n\r\n{}"),
     "Content-Length: 2\r\n\r\n{}",
     0,
     true,
     0,
     0,
     0},
    {"and log lines",
     {.kind = H},
     TEXT("starting up...\nINFO: a\n[x] \033[1mb\033[m\r\nContent-Length: 2\n\n{}"),
     "Content-Length: 2\n\n{}",
     0,
     true,
     0,
     0,
     0},
    {"and both between frames",
     {.kind = H, .count = 2},
     TEXT("Content-Length: 2\r\n\r\n{}\n\nbye now\nContent-Length: 2\r\n\r\n{}x"),
     "Content-Length: 2\r\n\r\n{}Content-Length: 2\r\n\r\n{}",
     0,
     true,
     0,
     0,
     0},
    {"and behind the last",
     {.kind = H, .until_eof = 1},
     TEXT("Content-Length: 2\r\n\r\n{}\r\nbye now\n"),
     "Content-Length: 2\r\n\r\n{}",
     LAST,
     true,
     0,
     0,
     0},
    {"a message without a header",
     {.kind = H},
     TEXT("{\"id\":1}\n"),
     "",
     0,
     false,
     DUALPIPE_SCAN_BAD_FRAME,
     0,
     0},
    {"a header without a length",
     {.kind = H},
     TEXT("A: b\r\nC: d\r\n\r\n{}"),
     "",
     0,
     false,
     DUALPIPE_SCAN_BAD_FRAME,
     0,
     0},
    {"a wrong length",
     {.kind = H},
     TEXT("A: b\nContent-Length: x\n"),
     "",
     0,
     false,
     DUALPIPE_SCAN_BAD_FRAME,
     0,
     0},
    {"bytes that are no text",
     {.kind = H},
     TEXT("log\n\1\2\n"),
     "",
     0,
     false,
     DUALPIPE_SCAN_BAD_FRAME,
     4,
     0},
    {"a log line that is cut short",
     {.kind = H},
     TEXT("some log"),
     "",
     LAST,
     false,
     DUALPIPE_SCAN_BAD_FRAME,
     8,
     0},
    {"single_byte frame", {.kind = N}, TEXT("1:a,1:b,"), "1:a,", 0, true, 0, 0, 0},
    {"two", {.kind = N, .count = 2}, TEXT("1:a,1:b,1:c,"), "1:a,1:b,", 0, true, 0, 0, 0},
    {"none", {.kind = N, .count = -1}, TEXT("1:a,"), "", 0, true, 0, 0, 0},
    {"half of single_byte", {.kind = N}, TEXT("5:he"), "5:he", 0, false, 0, 0, 0},
    {"of its length", {.kind = N}, TEXT("5"), "", 0, false, 0, 0, 0},
    {"an empty single_byte",
     {.kind = DUALPIPE_FRAME_U16},
     TEXT("\0\0\0\1"),
     "\0\0",
     0,
     true,
     0,
     0,
     0},
    {"until",
     {.kind = N, .end_patterns = LIST("^b$")},
     TEXT("1:a,1:b,1:c,"),
     "1:a,1:b,",
     0,
     true,
     0,
     0,
     0},
    {"an LF in a body",
     {.kind = N, .end_patterns = LIST("a\\nb")},
     TEXT("1:a,1:b,3:a\nb,"),
     "1:a,1:b,3:a\nb,",
     0,
     true,
     0,
     0,
     0},
    {"no half is sure by until",
     {.kind = N, .end_patterns = LIST("b")},
     TEXT("1:a,1:"),
     "1:a,",
     0,
     false,
     0,
     0,
     0},
    {"async",
     {.kind = N, .notifications = LIST("^#")},
     TEXT("2:#x,1:a,"),
     "1:a,",
     0,
     true,
     0,
     0,
     0},
    {"id", {.kind = N, .id = "^([0-9])"}, TEXT("1:x,2:7a,1:y,"), "2:7a,", 0, true, 0, 0, 0},
    {"at the end", {.kind = N, .until_eof = 1}, TEXT("1:a,1:b,"), "1:a,1:b,", LAST, true, 0, 0, 0},
    {"or nothing", {.kind = N, .until_eof = 1}, TEXT(""), "", LAST, true, 0, 0, 0},
    {"ended too early", {.kind = N, .count = 2}, TEXT("1:a,"), "1:a,", LAST, false, 0, 0, 0},
    {"nul", {.kind = DUALPIPE_FRAME_NUL, .count = 2}, TEXT("a\0\0b\0"), "a\0\0", 0, true, 0, 0, 0},
    {"its last single_byte",
     {.kind = DUALPIPE_FRAME_NUL, .count = 2},
     TEXT("a\0b"),
     "a\0b",
     LAST,
     true,
     0,
     0,
     0},
    {"its last single_byte at the end",
     {.kind = DUALPIPE_FRAME_NUL, .until_eof = 1},
     TEXT("a\0b"),
     "a\0b",
     LAST,
     true,
     0,
     0,
     0},
    {"malformed", {.kind = N}, TEXT("1:a"), "1:a", 0, false, 0, 0, 0},
    {"a wrong head",
     {.kind = N, .count = 2},
     TEXT("1:a,x"),
     "1:a,",
     0,
     false,
     DUALPIPE_SCAN_BAD_FRAME,
     4,
     0},
    {"a wrong tail",
     {.kind = N, .count = 2},
     TEXT("1:a,2:bcd"),
     "1:a,2:bc",
     0,
     false,
     DUALPIPE_SCAN_BAD_FRAME,
     8,
     0},
    {"a wrong tail, held",
     {.kind = N, .end_patterns = LIST("x")},
     TEXT("1:a,2:bcd"),
     "1:a,",
     0,
     false,
     DUALPIPE_SCAN_BAD_FRAME,
     8,
     0},
    {"a packet like a flush",
     {.kind = DUALPIPE_FRAME_PKTLINE, .until_eof = 1},
     TEXT("00080000"),
     "",
     0,
     false,
     DUALPIPE_SCAN_BAD_FRAME,
     0,
     0},
    {"cut short", {.kind = N}, TEXT("5:he"), "5:he", LAST, false, DUALPIPE_SCAN_BAD_FRAME, 4, 0},
    {"cut short, held",
     {.kind = N, .end_patterns = LIST("x")},
     TEXT("5:he"),
     "",
     LAST,
     false,
     DUALPIPE_SCAN_BAD_FRAME,
     4,
     0},
    {"cut short in its length",
     {.kind = N},
     TEXT("1"),
     "",
     LAST,
     false,
     DUALPIPE_SCAN_BAD_FRAME,
     1,
     0},
    {"the longest", {.kind = N}, TEXT("3:abc,"), "3:abc,", 0, true, 0, 0, 3},
    {"single_byte more", {.kind = N}, TEXT("4:abcd,"), "", 0, false, DUALPIPE_SCAN_TOO_LONG, 0, 3},
    {"single_byte more after another",
     {.kind = DUALPIPE_FRAME_NUL, .count = 3},
     TEXT("a\0abcd\0"),
     "a\0",
     0,
     false,
     DUALPIPE_SCAN_TOO_LONG,
     2,
     3},
    {"a length that lies",
     {.kind = DUALPIPE_FRAME_U32},
     TEXT("\xff\xff\xff\xff"),
     "",
     0,
     false,
     DUALPIPE_SCAN_TOO_LONG,
     0,
     100},
};

static bool right(const struct scene *c, const struct seen *e) {
    return !e->broken && e->whole == c->whole && (int)e->bad == c->bad &&
           (!c->bad || (int)e->fault == c->fault) &&
           e->nreply <= c->n && memcmp(e->reply, c->reply, e->nreply) == 0;
}

static void all_scenes(void) {
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
        const struct scene *c = &scenes[i];
        dualpipe_rule *r = new_rule(c->o);
        struct showing w = {r, NULL, c->text, c->n, c->flags, NULL, NULL, c->max};
        struct seen all = show(&w), single;
        const char *why;
        w.cut = single_byte;
        single = show(&w);
        why = seen_differ(&all, &single);
        ok(right(c, &all) && !why, "%s", c->what);
        if (why || !right(c, &all))
            printf("# %s; whole %d, bad %d at %zu, \"%s\"\n", why ? why : "-", all.whole,
                   (int)all.bad, all.fault, all.reply);
        seen_free(&all);
        seen_free(&single);
        dualpipe_rule_free(r);
    }
}

/* --- any ---------------------------------------------------------------------------------- */

enum { MOST = 400 };

/* Builds a random text of frames, some of them malformed. */
static size_t any_text(enum dualpipe_frame_kind kind, char *text) {
    static const char *const bodies[] = {"a", "", "b\nb", "#n", "7 x", "end", "0123456789"};
    size_t n = 0;
    for (size_t i = pick(8); i > 0; i--) {
        const char *body = bodies[pick(7)];
        struct dualpipe_frame_envelope w;
        if (dualpipe_frame_encode(kind, body, strlen(body), &w) < 0)
            continue;
        memcpy(text + n, w.head, w.head_size);
        memcpy(text + n + w.head_size, body, strlen(body));
        memcpy(text + n + w.head_size + strlen(body), w.tail, w.tail_size);
        n += w.head_size + strlen(body) + w.tail_size;
    }
    if (n > 0 && pick(3) == 0)
        text[pick(n)] = (char)pick(256);
    return pick(3) || n == 0 ? n : n - pick(n < 5 ? n : 5);
}

static void any_chunks(enum dualpipe_frame_kind kind, const char *name) {
    const struct dualpipe_rule_options rules[] = {
        {.kind = kind, .count = 3}, {.kind = kind, .end_patterns = LIST("^end$", "b\\nb")},
        {.kind = kind, .count = 2, .notifications = LIST("^#")}, {.kind = kind, .id = "^([0-9]) "},
        {.kind = kind, .until_eof = 1}, {.kind = kind, .until_eof = 1, .notifications = LIST("#")}};
    const char *why = NULL;
    char text[MOST];
    for (int i = 0; !why && i < 3000; i++) {
        dualpipe_rule *r = new_rule(rules[i % 6]);
        struct showing w = {r, NULL, text, any_text(kind, text), pick(2) ? LAST : 0, NULL, NULL,
                            pick(2) ? 9 : 0};
        struct seen all = show(&w), pieces;
        w.cut = some;
        pieces = show(&w);
        why = seen_differ(&all, &pieces);
        seen_free(&all);
        seen_free(&pieces);
        dualpipe_rule_free(r);
    }
    ok(!why, "%s: in any chunks what it is at once", name);
    if (why)
        printf("# %s\n", why);
}

/* --- what can't be ------------------------------------------------------------------------ */

static void is_refused(struct dualpipe_rule_options o, const char *what) {
    struct dualpipe_error why = {0};
    dualpipe_rule *r;
    ok(dualpipe_rule_new(&r, &o, &why) < 0 && !r && why.hint, "refused: %s", what);
}

static void misfits(void) {
    dualpipe_rule *r;
    is_refused((struct dualpipe_rule_options){.kind = N, .prompt = "> $"}, "a prompt");
    is_refused((struct dualpipe_rule_options){.kind = N, .fence = "{}"}, "a fence");
    is_refused((struct dualpipe_rule_options){.kind = N, .length = "(1)"}, "a length");
    is_refused((struct dualpipe_rule_options){.kind = N, .bytes = 3}, "bytes");
    is_refused((struct dualpipe_rule_options){.kind = N,
                                           .end_patterns = LIST("a"),
                                           .match_partial_line = 1},
            "half");
    is_refused((struct dualpipe_rule_options){.kind = DUALPIPE_FRAME_RAW}, "raw without an end");
    is_refused((struct dualpipe_rule_options){.kind = DUALPIPE_FRAME_RAW, .count = 1},
               "raw by count");
    is_refused(
        (struct dualpipe_rule_options){.kind = DUALPIPE_FRAME_RAW, .end_patterns = LIST("a")},
        "raw, until");
    is_refused((struct dualpipe_rule_options){.kind = DUALPIPE_FRAME_RAW, .id = "json"},
               "raw by id");
    r = new_rule((struct dualpipe_rule_options){.kind = N, .no_reply = LIST("^a$"), .id = "(.)"});
    is(dualpipe_rule_expects_reply(r, "1:a,", 4), 0, "no reply to a body that matches");
    is(dualpipe_rule_expects_reply(r, "2:ab,", 5), 1, "single_byte to another");
    dualpipe_rule_free(r);
}

int main(void) {
    begin();
    all_scenes();
    any_chunks(DUALPIPE_FRAME_NUL, "nul");
    any_chunks(DUALPIPE_FRAME_NETSTRING, "netstring");
    any_chunks(DUALPIPE_FRAME_U8, "u8");
    any_chunks(DUALPIPE_FRAME_U32LE, "u32le");
    any_chunks(DUALPIPE_FRAME_VARINT, "varint");
    any_chunks(DUALPIPE_FRAME_HEADER, "header");
    any_chunks(DUALPIPE_FRAME_PKTLINE, "pktline");
    misfits();
    return done();
}
