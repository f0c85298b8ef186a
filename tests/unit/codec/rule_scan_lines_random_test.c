/* Tests lib/codec/rule_scan_lines.c by properties: a random text, scanned by a random rule and
 * cut at random points, must give the same reply, the same removed lines and the same rest as the
 * whole text at once, and never consume a byte too many.
 *
 * DUALPIPE_TIMES sets the number of cases of each property; DUALPIPE_SEED repeats the case that a
 * failure named. */
#include "dualpipe.h"
#include "../harness.h"
#include "scan_fixture.h"
#include <ctype.h>

static unsigned seed;
static size_t pick(size_t below) {
    seed = seed * 1103515245 + 12345;
    return (seed >> 8) % below;
}
static bool toss(size_t one_in) {
    return pick(one_in) == 0;
}

static size_t random_piece(void *data, size_t left) {
    (void)data;
    return 1 + pick(left > 400 ? 1500 : toss(4) ? 40 : 6);
}
static size_t single_byte(void *data, size_t left) {
    (void)data, (void)left;
    return 1;
}

/* --- random rules and texts -------------------------------------------------------------- */

static const char *const untils[] = {
    "^ok$",   "^$",      "a\\nb",       "^b\\n\\na$",
    "ab|#",   "[^\\n]b", "(^|\\n)>.*$", "a\\n.*\\n.*\\n.*\\nb",
    "x\\r?$", "^b\\r$", "a\\r\\nb", "^f ",     "tok",         "\\n\\n\\n\\n\\n\\n\\n\\n"};
static const char *const prompts[] = {"^> $", "> ",      "^\\(g\\) ?$",  "a+",
                                      "^$",   "b\\n> ",  "^#\\n.*\\n> ", "(>|x)*",
                                      "\\r",  "^[^x]*$", "^a+ ?$",
                                      "x[[:space:]]*$", ">[[:space:]]+> $", "(b|\\n)+> $"};
static const char *const asyncs[] = {"^#", "^=.*x$", "b$", "^$"};
static const char *const fences[] = {"{}",    "'{}'",   "echo {}", "p('{}')",
                                     "a\n{}", "x{}y{}", "> {}\nb"};
static const char *const lengths[] = {"^f ([0-9]+)$", "([0-9]+)", "^(.*)$"};
static const char *const ids[] = {"^([0-9]+)", "=([a-z]*)", "json"};
#define ONE_OF(list) list[pick(sizeof list / sizeof *list)]

struct rule {
    struct dualpipe_rule_options o;
    const char *until[4], *async[3];
};

static void random_rule(struct rule *r) {
    *r = (struct rule){0};
    for (size_t n = toss(3) ? pick(4) : 0; n-- > 0;)
        r->until[n] = ONE_OF(untils);
    for (size_t n = toss(3) ? pick(3) : 0; n-- > 0;)
        r->async[n] = ONE_OF(asyncs);
    r->o.end_patterns = r->until;
    r->o.notifications = r->async;
    r->o.count = toss(3) ? (long)pick(6) : 0;
    r->o.prompt = toss(4) ? ONE_OF(prompts) : NULL;
    r->o.fence = toss(4) ? ONE_OF(fences) : NULL;
    r->o.length = toss(6) ? ONE_OF(lengths) : NULL;
    r->o.bytes = toss(6) ? 1 + pick(30) : 0;
    r->o.match_partial_line = toss(3);
    r->o.until_eof = toss(6);
    r->o.idle_ms = toss(9);
    if (toss(8))
        r->o = (struct dualpipe_rule_options){.id = ONE_OF(ids), .notifications = r->async};
}

static const char *const words[] = {"a",
                                    "b",
                                    "x",
                                    "ok",
                                    "\n",
                                    "\n",
                                    "\n",
                                    "\r\n",
                                    "\r\n",
                                    "\r",
                                    "> ",
                                    ">",
                                    "#",
                                    "#\n",
                                    "=",
                                    "=x\n",
                                    "f 3\n",
                                    "f 0\n",
                                    "12",
                                    "7",
                                    "(g) \n",
                                    "T1",
                                    "T1\n",
                                    "echo T1\n",
                                    "p('T1')",
                                    "'T1'\n",
                                    "xT1yT1",
                                    "T2\n",
                                    "\0",
                                    "{\"id\":1}\n",
                                    "{\"id\":2,\"method\":3}\n",
                                    "{",
                                    "}",
                                    "\n\n"};

static size_t random_text(char *text, size_t room, size_t most) {
    size_t n = 0;
    for (size_t i = pick(most + 1); i-- > 0;) {
        const char *word = ONE_OF(words);
        bool run =
            room > 1000 && toss(200); /* longer than the bytes that a prompt rule holds back */
        size_t more = run ? 2000 + pick(2200) : *word ? strlen(word) : 1;
        if (n + more > room)
            break;
        if (run) {
            memset(text + n, "a>#"[pick(3)], more);
            text[n + more - 1] = "\n "[pick(2)];
        } else {
            memcpy(text + n, word, more);
        }
        n += more;
    }
    return n;
}

/* --- what went wrong --------------------------------------------------------------------- */

static void print_text(const char *what, const char *text, size_t n) {
    printf("# %s: \"", what);
    for (size_t i = 0; i < n; i++)
        if (isprint((unsigned char)text[i]))
            putchar(text[i]);
        else
            printf("\\%03o", (unsigned char)text[i]);
    puts("\"");
}

static void print_rule(const struct dualpipe_rule_options *o) {
    printf("# count %ld bytes %zu unfinished %d at_end %d", o->count, o->bytes,
           o->match_partial_line, o->until_eof);
    for (size_t i = 0; o->end_patterns && o->end_patterns[i]; i++)
        printf(" until '%s'", o->end_patterns[i]);
    for (size_t i = 0; o->notifications && o->notifications[i]; i++)
        printf(" async '%s'", o->notifications[i]);
    printf(" prompt '%s' fence '%s' length '%s' id '%s'\n", o->prompt ? o->prompt : "",
           o->fence ? o->fence : "", o->length ? o->length : "", o->id ? o->id : "");
}

static void print_seen(const char *how, const struct seen *e) {
    printf("# %s: %swhole, ends at %zu, %zu cut off, which %d, frames %ld\n", how,
           e->whole ? "" : "not ", e->end, e->at_end, e->which, e->frames);
    print_text("reply", e->reply, e->nreply);
    print_text("cuts", e->cuts, e->ncuts);
}

static bool compare(const struct showing *whole, const struct showing *pieces,
                    const struct dualpipe_rule_options *o, unsigned began) {
    struct seen a = show(whole), b = show(pieces);
    const char *why = seen_differ(&a, &b);
    if (why) {
        printf("# DUALPIPE_SEED=%u: %s, flags %d\n", began, why, whole->flags);
        print_rule(o);
        print_text("text", whole->text, whole->n);
        print_seen("whole", &a);
        print_seen("pieces", &b);
    }
    seen_free(&a);
    seen_free(&b);
    return !why;
}

/* --- properties -------------------------------------------------------------------------- */

static long times(void) {
    const char *text = getenv("DUALPIPE_TIMES");
    return text ? atol(text) : 20000;
}

/* A random case: a rule, a text, and the flags that say what is known of later bytes. */
struct random {
    struct rule rule;
    dualpipe_rule *made;
    char text[14000];
    struct showing w;
    unsigned began;
};

static void begin_random(struct random *c, int flags, size_t most) {
    c->began = seed;
    random_rule(&c->rule);
    if (dualpipe_rule_new(&c->made, &c->rule.o, NULL) < 0)
        abort();
    c->w = (struct showing){c->made, toss(8) ? NULL : "T1", c->text, 0, flags, NULL, NULL, 0};
    c->w.n = random_text(c->text, sizeof c->text, most);
}

static void any_cut(void) {
    static const int behinds[] = {0, DUALPIPE_SCAN_DRAINED, DUALPIPE_SCAN_EOF,
                                  DUALPIPE_SCAN_DRAINED | DUALPIPE_SCAN_EOF};
    long whole = 0, n = times();
    bool good = true;
    for (long i = 0; good && i < n; i++) {
        struct random c;
        struct showing pieces;
        struct seen e;
        begin_random(&c, ONE_OF(behinds), 30);
        pieces = c.w;
        pieces.cut = toss(3) && c.w.n < 400 ? single_byte : random_piece;
        good = compare(&c.w, &pieces, &c.rule.o, c.began);
        e = show(&c.w);
        whole += e.whole;
        seen_free(&e);
        dualpipe_rule_free(c.made);
    }
    ok(good && whole > n / 4, "%ld texts, %ld with a whole reply: any cut gives the same", n,
       whole);
}

/* A reply must be incomplete without its last byte, and complete without any byte after it. An
 * optional line end after a counted body must be seen before the reply is complete. */
static void to_the_byte(void) {
    long n = times(), found = 0;
    bool good = true;
    for (long i = 0; good && i < n; i++) {
        struct random c;
        struct seen e, less, same;
        begin_random(&c, 0, 30);
        e = show(&c.w);
        if (e.whole && e.end > 0) {
            c.w.n = e.end;
            same = show(&c.w);
            c.w.n--;
            less = show(&c.w);
            good = !less.whole && (c.rule.o.length || (same.whole && !seen_differ(&e, &same)));
            found++;
            if (!good) {
                printf("# DUALPIPE_SEED=%u\n", c.began);
                print_rule(&c.rule.o);
                print_text("text", c.text, e.end);
                print_seen("without its last byte", &less);
                print_seen("with it", &same);
            }
            seen_free(&same);
            seen_free(&less);
        }
        seen_free(&e);
        dualpipe_rule_free(c.made);
    }
    ok(good && found > n / 8, "%ld replies end with their last byte, no sooner, no later", found);
}

/* Two replies in one chunk stay two: the second is the same as if it had come alone. */
static void two_are_two(void) {
    long n = times(), found = 0;
    bool good = true;
    for (long i = 0; good && i < n; i++) {
        struct random c;
        struct seen first, again, second, alone;
        char both[15000];
        begin_random(&c, 0, 20);
        first = show(&c.w);
        if (first.whole) {
            struct showing next = c.w;
            size_t end = first.end;
            memcpy(both, c.text, end);
            next.text = both + end;
            next.n = random_text(both + end, 300, 20);
            if (c.rule.o.length && (next.n == 0 || both[end] == '\n' || both[end] == '\r')) {
                both[end] = 'x'; /* a line end would belong to the first reply if it lacked one */
                next.n += next.n == 0;
            }
            alone = show(&next);
            c.w.text = both;
            c.w.n = end + next.n;
            c.w.cut = random_piece;
            again = show(&c.w);
            next.cut = random_piece;
            second = show(&next);
            good = !seen_differ(&alone, &second) && again.whole && again.end == end &&
                   again.nreply == first.nreply;
            found++;
            if (!good) {
                printf("# DUALPIPE_SEED=%u\n", c.began);
                print_rule(&c.rule.o);
                print_text("both", both, c.w.n);
                print_seen("first alone", &first);
                print_seen("first of both", &again);
            }
            seen_free(&alone);
            seen_free(&again);
            seen_free(&second);
        }
        seen_free(&first);
        dualpipe_rule_free(c.made);
    }
    ok(good && found > n / 8, "%ld pairs of replies in one chunk are two", found);
}

/* Lines inside a fenced reply that look like a prompt, a token or an echo do no harm. */
static void fenced(void) {
    static const char *const lines[] = {"> \n",    "T1 \n", "T2\n", "echo T2\n", "\n",
                                        "T1 > \n", "{}\n",  "1\n",  "echo {}\n", "$ \r\n"};
    dualpipe_rule *r;
    long n = times() / 10;
    bool good =
        dualpipe_rule_new(&r, &(struct dualpipe_rule_options){.fence = "echo {}"}, NULL) == 0;
    for (long i = 0; good && i < n; i++) {
        char text[400] = "";
        struct showing w = {r, "T1", text, 0, DUALPIPE_SCAN_DRAINED, random_piece, NULL, 0};
        struct seen e;
        size_t size;
        bool echo = toss(2);
        if (echo)
            strcat(text, "$ echo T1\n");
        for (size_t k = pick(20); k-- > 0;)
            strcat(text, ONE_OF(lines));
        size = strlen(text) - (echo ? 10 : 0);
        strcat(text, toss(2) ? "T1\n" : "T1\r\n");
        w.n = strlen(text);
        e = show(&w);
        good = e.whole && e.end == w.n && e.nreply == size && (e.ncuts > 0) == echo &&
               memcmp(e.reply, text + w.n - e.at_end - size, size) == 0;
        seen_free(&e);
        if (!good)
            print_text("text", text, w.n);
    }
    ok(good, "%ld fenced replies, with what looks like prompts and tokens in them", n);
    dualpipe_rule_free(r);
}

/* Replies paired by id, each found by its own scan, with notifications between them. */
static void by_id(void) {
    dualpipe_rule *r;
    const char *const async[] = {"^#", NULL};
    struct dualpipe_rule_options o = {.id = "^([0-9]+) ", .notifications = async};
    long n = times() / 10;
    bool good = dualpipe_rule_new(&r, &o, NULL) == 0;
    for (long i = 0; good && i < n; i++) {
        char text[400] = "";
        size_t wanted[20], count = pick(20), at = 0;
        for (size_t k = 0; k < count; k++) {
            wanted[k] = pick(1000);
            snprintf(text + strlen(text), 20, "%s%zu x\n", toss(3) ? "#5 \nno\n" : "", wanted[k]);
        }
        for (size_t k = 0; good && k < count; k++) {
            struct showing w = {r, NULL, text + at, strlen(text + at), 0, random_piece, NULL,
                                0};
            struct seen e = show(&w);
            good = e.whole && e.nid > 0 && (size_t)strtol(e.id, NULL, 10) == wanted[k] &&
                   e.reply[e.nid] == ' ';
            at += e.end;
            seen_free(&e);
        }
        good = good && at == strlen(text);
    }
    ok(good, "%ld runs of frames by id", n);
    dualpipe_rule_free(r);
}

int main(void) {
    const char *given = getenv("DUALPIPE_SEED");
    begin();
    seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)now_ms();
    printf("# DUALPIPE_SEED=%u\n", seed);
    any_cut();
    to_the_byte();
    two_are_two();
    fenced();
    by_id();
    return done();
}
