/* Fuzzes the rules that end a reply: the input chooses the rule, its patterns, the text and where
 * it is cut. Any cut must give exactly what the whole text gives, and each call must keep the
 * promises of the header. */
#include "fuzz.h"
#include "../unit/codec/scan_fixture.h"
#include "codec/rule.h"

enum { LONGEST = 24, MOST_TEXT = 200 };

static const char *const patterns[] = {
    "^ok$",        "^$",      "a\\nb",        "^> $",      "> ",      "^#",
    "(^|\\n)>.*$", "[^\\n]b", "^f ([0-9]+)$", "^([0-9]+)", "(a|b)*",  "a\\n.*\\n.*b",
    "^\\(g\\) ?$", "x\\r?$",  "json",         "{}",        "echo {}", "a\n{}"};

/* Takes a pattern of the table, or one from the input. */
static const char *take_pattern(struct fuzz_input *in, char *own) {
    unsigned which = take_byte(in);
    if (which < sizeof patterns / sizeof *patterns)
        return patterns[which];
    take_text(in, own, LONGEST);
    tame(own);
    return own;
}

/* Bits of the first byte of the input. */
enum { UNTIL = 1, UNTIL2 = 2, ASYNC = 4, PROMPT = 8 };
enum { FENCE = 16, ID = 32, LENGTH = 64, BYTES = 128 };

struct choice {
    struct dualpipe_rule_options o;
    const char *until[3], *async[2], *no_reply[2];
    char own[8][LONGEST + 1];
    int flags;
    bool token;
    size_t max;
};

static void take_rule(struct fuzz_input *in, struct choice *c) {
    unsigned rules = take_byte(in), more = take_byte(in);
    *c = (struct choice){.flags = (int)(more & 3), .token = !(more & 4)};
    c->o.match_partial_line = (more & 8) != 0;
    c->o.until_eof = (more & 16) != 0;
    c->o.count = more & 32 ? (long)take_byte(in) % 8 - 1 : 0;
    if (rules & UNTIL)
        c->until[0] = take_pattern(in, c->own[0]);
    if (rules & UNTIL2 && c->until[0])
        c->until[1] = take_pattern(in, c->own[1]);
    if (rules & ASYNC)
        c->async[0] = c->no_reply[0] = take_pattern(in, c->own[2]);
    if (rules & PROMPT)
        c->o.prompt = take_pattern(in, c->own[3]);
    if (rules & FENCE)
        c->o.fence = take_pattern(in, c->own[4]);
    if (rules & LENGTH)
        c->o.length = take_pattern(in, c->own[5]);
    if (rules & BYTES)
        c->o.bytes = take_byte(in);
    if (more & 64) {
        c->o.kind = (enum dualpipe_frame_kind)(take_byte(in) % (DUALPIPE_FRAME_RAW + 1));
        c->max = take_byte(in);
    }
    c->o.end_patterns = c->until;
    c->o.notifications = c->async;
    c->o.no_reply = c->no_reply;
    if (rules & ID)
        c->o = (struct dualpipe_rule_options){
            .kind = c->o.kind, .id = take_pattern(in, c->own[6]), .notifications = c->async,
            .no_reply = c->no_reply};
}

struct cuts {
    uint8_t sizes[8];
    unsigned next;
};

static size_t next_cut(void *data, size_t left) {
    struct cuts *c = data;
    (void)left;
    return 1u + c->sizes[c->next++ % sizeof c->sizes];
}

static size_t single_byte(void *data, size_t left) {
    (void)data, (void)left;
    return 1;
}

/* A reply is complete with its last byte: not before, and without any byte after it. */
static void end_exactly(const struct showing *all, const struct seen *e) {
    struct showing w = *all;
    struct seen less, same;
    if (!e->whole || e->end == 0 || w.flags)
        return;
    w.n = e->end;
    same = show(&w);
    w.n--;
    less = show(&w);
    must(!less.whole, "a reply is whole before its end");
    must(w.rule->length.count > 0 || (same.whole && !seen_differ(e, &same)),
         "a reply needs what follows it");
    seen_free(&same);
    seen_free(&less);
}

static void cut_and_compare(const struct showing *all, struct cuts *cuts) {
    struct seen whole = show(all);
    for (int i = 0; i < 2; i++) {
        struct showing w = *all;
        struct seen pieces;
        const char *why;
        w.cut = i ? next_cut : single_byte;
        w.data = cuts;
        pieces = show(&w);
        why = seen_differ(&whole, &pieces);
        must(!why, why);
        seen_free(&pieces);
    }
    must(whole.nreply + whole.at_end <= whole.end && whole.end <= all->n,
         "bytes come from nowhere");
    end_exactly(all, &whole);
    seen_free(&whole);
}

static void ask_besides(const dualpipe_rule *r, const char *text, size_t n) {
    struct span id, asked;
    int kind;
    bool has_id = rule_request_id(r, text, n, &id);
    size_t line = rule_match_unsolicited(r, text, n, &kind, &asked);
    must(line == 0 || (asked.start <= asked.end && asked.end <= line),
         "an unasked id lies elsewhere");
    must(!has_id || (id.start <= id.end && id.end <= n), "an id lies elsewhere");
    must(rule_ids_equal(r, text, n, text, n), "an id is not itself");
    must(rule_ids_equal(r, text, n / 2, text + n / 2, n - n / 2) ==
             rule_ids_equal(r, text + n / 2, n - n / 2, text, n / 2),
         "one is not the other's");
    must(line <= n && (line == 0 || r->kind > DUALPIPE_FRAME_CRLF || text[line - 1] == '\n'),
         "what is unasked is no line");
    must(dualpipe_rule_expects_reply(r, text, n) == 0 || !rule_matches_by_id(r) || has_id,
         "a reply without an id is awaited");
    if (rule_has_fence(r)) {
        char out[16 * LONGEST];
        must(rule_format_fence(r, "T1", text, n, out) ==
                 rule_format_fence(r, "T1", text, n, NULL),
             "a fence's size differs");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_input in = {data, size};
    struct choice c;
    struct cuts cuts = {{0}, 0};
    dualpipe_rule *r;
    char *text;
    take_rule(&in, &c);
    for (size_t i = 0; i < sizeof cuts.sizes; i++)
        cuts.sizes[i] = (uint8_t)take_byte(&in);
    if (in.left > MOST_TEXT || dualpipe_rule_new(&r, &c.o, NULL) < 0)
        return 0;
    if (!(text = malloc(in.left ? in.left : 1)))
        abort();
    if (in.left)
        memcpy(text, in.at, in.left);
    cut_and_compare(
        &(struct showing){.rule = r, .token = c.token ? "T1" : NULL, .text = text, .n = in.left,
                          .flags = c.flags, .max = c.max}, &cuts);
    ask_besides(r, text, in.left);
    free(text);
    dualpipe_rule_free(r);
    return 0;
}
