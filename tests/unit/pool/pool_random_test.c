/* Tests the pool by properties: random schedules of requests to children that die, are late, say
 * too much or nothing. No reply may be paired with another request, each request must come out
 * once, and the statistics must add up.
 */
#include "pool_fixture.h"
#include "../schedules.h"

enum kind { COUNT, UNTIL, FENCE, ID, KINDS };
static const char *const kind_names[] = {"count", "until", "fence", "id"};

struct schedule {
    FILE *words; /* describes a failure; printed at the end */
    unsigned began; /* the seed it was made from */
    enum kind kind;
    bool troubled, knows_silent; /* whether children may misbehave; whether a rule tells silent
                                    requests apart */
    int n, limit;
    struct order orders[MOST_ORDERS];
    struct dualpipe_options child;
    struct dualpipe_pool_options o;
    struct notes *notes;
    dualpipe_pool *pool;
    int put, came[MOST_ORDERS], answered, failed, unbegun;
    int64_t last;
    const char *wrong;
};

/* --- making one -------------------------------------------------------------------------- */

static dualpipe_rule *make_rule(const struct schedule *s) {
    static const char *const end[] = {"^[0-9]+ end$", NULL}, *const silent[] = {" q", NULL};
    struct dualpipe_rule_options o = {.no_reply = s->knows_silent ? silent : NULL};
    dualpipe_rule *rule = NULL;
    switch (s->kind) {
    case COUNT: o.count = s->orders[0].lines; break;
    case UNTIL: o.end_patterns = end; break;
    case FENCE: o.fence = "F {}"; break;
    default: o.id = "^([0-9]+) "; break;
    }
    if (dualpipe_rule_new(&rule, &o, NULL) < 0)
        abort();
    return rule;
}

/* Without a fence, an id or a rule for silent requests, a window trusts the child: each request
 * must have exactly one reply, and nothing else may be printed. */
static bool tells_apart(const struct schedule *s) {
    return s->o.window == 1 || s->kind == FENCE || s->kind == ID || s->knows_silent;
}

static struct order random_order(const struct schedule *s, int id) {
    struct order o = {.id = id, .lines = s->kind == UNTIL || s->kind == FENCE ? 1 + pick(3) : 1,
                      .pieces = toss(3) ? 1 + pick(3) : 1, .err = toss(4)};
    if (s->kind == COUNT && id > 0)
        o.lines = s->orders[0].lines;
    else if (s->kind == COUNT)
        o.lines = 1 + pick(3);
    if (!s->troubled || !toss(3))
        return o;
    switch (pick(!s->limit ? 4 : tells_apart(s) ? 6 : 5)) {
    case 0: o.dies = 'b'; break;
    case 1: o.dies = 'm'; break;
    case 2: o.dies = 'a'; break;
    case 3: o.stray = s->kind == ID || (s->kind != FENCE && s->o.window == 1); break;
    case 4: o.delay = s->limit / 2 + pick(2 * s->limit); break;
    default: o.silent = true; break;
    }
    o.once = o.dies && !toss(4);
    return o;
}

static unsigned random_flags(const struct schedule *s) {
    unsigned flags = toss(3) ? DUALPIPE_POOL_UNORDERED : 0;
    flags |= s->o.workers == 1 && toss(4) ? 0 : DUALPIPE_POOL_REPLACE;
    flags |= toss(4) ? DUALPIPE_POOL_RETRY_PARTIAL : 0;
    flags |= toss(3) ? DUALPIPE_POOL_KEEP_STDERR : 0;
    flags |= toss(3) ? DUALPIPE_POOL_KEEP_REQUESTS | DUALPIPE_POOL_MEASURE_TIME : 0;
    if (s->o.workers == 1 && !(flags & (DUALPIPE_POOL_UNORDERED | DUALPIPE_POOL_RETRY_PARTIAL)) &&
        toss(2))
        flags |= DUALPIPE_POOL_STREAM_REPLIES;
    return flags;
}

static void make_schedule(struct schedule *s, struct notes *notes, FILE *words) {
    static char *argv[] = {WORD("obey"), NULL};
    *s = (struct schedule){.words = words, .began = seed, .notes = notes};
    *notes = (struct notes){0};
    s->kind = (enum kind)pick(KINDS);
    s->troubled = !toss(5);
    s->limit = s->troubled && toss(2) ? 4 + pick(8) : 0;
    s->knows_silent = toss(2);
    s->n = 2 + pick(10);
    s->child = (struct dualpipe_options){.argv = argv, .function = obey, .data = notes,
                                         .err = DUALPIPE_STDERR_RELAY, .grace = 100};
    s->o.workers = 1 + pick(3);
    s->o.window = 1 + (toss(2) ? pick(4) : 0);
    s->o.retries = toss(2) ? pick(3) : 0;
    s->o.max_requests = toss(3) ? 1 + pick(5) : 0;
    s->o.max_start_failures = toss(4) ? 1 + pick(5) : 0;
    s->o.flags = random_flags(s);
    s->o.exit_timeout = 1000;
    for (int i = 0; i < s->n; i++)
        s->orders[i] = random_order(s, i);
}

/* --- judging ----------------------------------------------------------------------------- */

/* A silent request is answered only if something else marks the end of its reply. */
static bool is_reply(const struct schedule *s, const struct order *o, const char *p, size_t n) {
    char want[REPLY_SIZE];
    size_t size = o->silent ? 0 : order_reply(o, want);
    if (o->silent && !(s->kind == FENCE || s->knows_silent))
        return false;
    return n == size && memcmp(p, want, n) == 0;
}

/* A failed request may have the beginning of its own reply only. */
static bool is_part(const struct order *o, const char *p, size_t n) {
    char want[REPLY_SIZE];
    return n <= order_reply(o, want) && memcmp(p, want, n) == 0;
}

static bool has_its_err(const struct schedule *s, const struct order *o,
                        const struct dualpipe_reply *r) {
    char want[16];
    int n = snprintf(want, sizeof want, "%d\n", o->id);
    if (!(s->o.flags & DUALPIPE_POOL_KEEP_STDERR) || s->o.window > 1 || s->limit || o->dies ||
        o->silent)
        return true;
    return r->err_size == (o->err ? (size_t)n : 0) && memcmp(r->err, want, r->err_size) == 0;
}

static const char *judge(struct schedule *s, const struct dualpipe_reply *r, const char *p,
                         size_t n) {
    const struct order *o = r->tag;
    if (r->number != o->id + 1)
        return "a number is another's";
    if (s->came[o->id]++)
        return "a request came out twice";
    if (!(s->o.flags & DUALPIPE_POOL_UNORDERED) && r->number != s->last + 1)
        return "not in order";
    s->last = r->number;
    if (r->outcome == DUALPIPE_OUTCOME_NOT_STARTED) {
        s->unbegun++;
        return s->notes->asked[o->id] && !s->o.max_start_failures
                   ? "not started, and yet it was asked"
                   : NULL;
    }
    if (r->outcome == DUALPIPE_OUTCOME_ANSWERED) {
        s->answered++;
        return !is_reply(s, o, p, n)      ? "a reply is another's"
               : !has_its_err(s, o, r) ? "stderr is another's"
                                       : NULL;
    }
    s->failed++;
    if (!s->troubled)
        return "a request failed where nothing was wrong";
    if (r->outcome == DUALPIPE_OUTCOME_TIMED_OUT && !s->limit)
        return "a limit passed that was not set";
    return is_part(o, p, n) ? NULL : "the part of a reply is another's";
}

static const char *judge_end(const struct schedule *s) {
    struct dualpipe_stats b;
    dualpipe_pool_stats(s->pool, &b);
    for (int i = 0; i < s->n; i++) {
        if (s->came[i] != (i < s->put))
            return "a request did not come out";
        if (s->o.max_start_failures == 0 && s->notes->asked[i] > 1 + s->o.retries)
            return "a request was asked too often";
    }
    if (b.submitted != b.answered + b.failed)
        return "the statistics do not add up";
    if (b.answered != s->answered || b.failed != s->failed || b.submitted != s->put - s->unbegun)
        return "the statistics are wrong";
    if (!s->limit && !(s->o.flags & DUALPIPE_POOL_RETRY_PARTIAL) && s->notes->twice)
        return "a request was asked again though its reply had begun";
    return NULL;
}

/* --- running ----------------------------------------------------------------------------- */

/* Gets one reply, joining its pieces. Returns what dualpipe_pool_get did. */
static int get_one(struct schedule *s) {
    struct dualpipe_reply r;
    char text[4 * REPLY_SIZE];
    size_t n = 0;
    int said;
    do {
        if ((said = dualpipe_pool_get(s->pool, &r, SOON)) != 1)
            return said;
        if (r.size > sizeof text - n) {
            s->wrong = "a reply is too long";
            return 1;
        }
        memcpy(text + n, r.data, r.size);
        n += r.size;
    } while (r.partial);
    if ((s->wrong = judge(s, &r, text, n)))
        fprintf(s->words, "# number %lld, outcome %d, attempt %d: %.*s\n", (long long)r.number,
                (int)r.outcome, r.attempt, (int)n, text);
    return 1;
}

static void put_some(struct schedule *s) {
    while (s->put < s->n && dualpipe_pool_room(s->pool) > 0 && !toss(6)) {
        struct order *o = &s->orders[s->put];
        char text[ORDER_SIZE];
        struct dualpipe_request q = {.data = text, .size = order_write(o, text),
                                     .timeout = s->limit, .tag = o};
        int r = dualpipe_pool_put(s->pool, &q);
        if (r == -EPIPE || (r == -ECHILD && s->o.max_start_failures))
            return;
        if (r < 0) {
            s->wrong = "a request could not be put";
            return;
        }
        s->put++;
    }
}

static void run_schedule(struct schedule *s) {
    int said = 1;
    while (!s->wrong && (said > 0 || s->put < s->n)) {
        put_some(s);
        if (dualpipe_pool_room(s->pool) < 0 && said == 0)
            break;
        if (!s->wrong && (said = get_one(s)) == -ECHILD && s->o.max_start_failures)
            break; /* all workers are disabled */
        if (!s->wrong && said < 0)
            s->wrong = said == -ETIMEDOUT ? "it is stuck" : "it gave an error";
    }
    if (!s->wrong)
        s->wrong = judge_end(s);
    if (!s->wrong && toss(2)) {
        struct dualpipe_reply reply;
        dualpipe_pool_end(s->pool);
        if (dualpipe_pool_get(s->pool, &reply, SOON) != 0)
            s->wrong = "its children did not end";
    }
}

static void print_schedule(const struct schedule *s) {
    fprintf(s->words, "# DUALPIPE_SEED=%u: %s\n", s->began, s->wrong);
    fprintf(s->words, "# %s, limit %d, workers %d, window %d, retries %d, max_requests %ld, "
            "flags %u%s\n", kind_names[s->kind], s->limit, s->o.workers, s->o.window, s->o.retries,
            s->o.max_requests, s->o.flags, s->knows_silent ? ", silence known" : "");
    for (int i = 0; i < s->n; i++) {
        char text[ORDER_SIZE];
        size_t n = order_write(&s->orders[i], text);
        fprintf(s->words, "# %s %d asked %d: %.*s", i < s->put ? "put" : "not", s->came[i],
                s->notes->asked[i], (int)n, text);
    }
}

static bool try_schedule(struct schedule *s) {
    dualpipe_rule *rule = make_rule(s);
    s->o.child = &s->child;
    s->o.rule = rule;
    if (dualpipe_pool_open(&s->pool, &s->o, NULL) < 0)
        s->wrong = "it could not be opened";
    else
        run_schedule(s);
    if (s->wrong)
        print_schedule(s);
    dualpipe_pool_close(s->pool);
    dualpipe_rule_free(rule);
    return !s->wrong;
}

/* --- many schedules ---------------------------------------------------------------------- */

enum { ANSWERED, FAILED }; /* the counts of a tally */

static bool run_part(long n, struct tally *t) {
    struct notes *notes = share_notes();
    int before = open_fds();
    FILE *words = fmemopen(t->words, sizeof t->words, "w");
    struct schedule s = {0};
    while (t->tried < n && !s.wrong) {
        unsigned next = seed + 7919;
        make_schedule(&s, notes, words);
        try_schedule(&s);
        t->tried++;
        t->counts[ANSWERED] += s.answered;
        t->counts[FAILED] += s.failed;
        seed = next;
    }
    if (!s.wrong && open_fds() != before)
        fprintf(words, "# %s\n", s.wrong = "a descriptor is left open");
    if (!s.wrong && (waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD))
        fprintf(words, "# %s\n", s.wrong = "a child is left");
    fclose(words);
    munmap(notes, sizeof *notes);
    return !s.wrong;
}

int main(void) {
    enum { PARTS = 4 };
    struct tally sum, *all;
    bool good;
    begin();
    all = schedules_run(PARTS, fewer(1000), run_part, &sum, &good);
    ok(good, "%ld schedules, %ld answered, %ld failed: each once, none with another's reply",
       sum.tried, sum.counts[ANSWERED], sum.counts[FAILED]);
    schedules_print(all, PARTS);
    return done();
}
