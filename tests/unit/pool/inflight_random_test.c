/* Tests batches of one-line requests on one worker: random lines, windows and children that reply
 * in random pieces and may end anywhere. The output must be a prefix of the right output, each
 * request must come out once, and the statistics must add up. DUALPIPE_TIMES sets the number of
 * plays. */
#include "pool_fixture.h"
#include "../schedules.h"

enum { MOST_LINES = 400, LINE = 8 };

struct play {
    int lines, per_request, window,
        dies_after; /* bytes of output after which it exits; -1: never */
    int deaf_after; /* requests after which it closes its stdin; -1: never */
    unsigned seed;
};

/* A child function: replies to each line with per_request lines. */
static int answer(int argc, char **argv, void *data) {
    const struct play *p = data;
    char line[64], out[MOST_LINES * 64];
    size_t n = 0, sent = 0;
    struct pollfd more = {.fd = 0, .events = POLLIN};
    int said = 0, heard = 0;
    (void)argc, (void)argv;
    setvbuf(stdin, NULL, _IONBF, 0); /* a request that was not answered must not have been read */
    seed = p->seed;
    while (heard++ != p->deaf_after && fgets(line, sizeof line, stdin)) {
        for (int i = 0; i < p->per_request; i++)
            n += (size_t)sprintf(out + n, "%d %s", i, line);
        if (pick(4) > 0 && poll(&more, 1, 0) == 1)
            continue;
        while (sent < n) {
            size_t some = 1 + (size_t)pick((int)(n - sent));
            if (p->dies_after >= 0 && said + (int)some > p->dies_after)
                some = (size_t)(p->dies_after - said);
            if (some > 0 && write(1, out + sent, some) != (ssize_t)some)
                return 9;
            said += (int)some;
            sent += some;
            if (said == p->dies_after)
                return 3;
        }
        n = sent = 0;
    }
    if (heard - 1 == p->deaf_after)
        close(0);
    if (write(1, out, n) != (ssize_t)n)
        return 9;
    return 0;
}

static size_t write_wanted(char *to, const struct play *p) {
    size_t n = 0;
    for (int k = 0; k < p->lines; k++)
        for (int i = 0; i < p->per_request; i++)
            n += (size_t)sprintf(to + n, "%d %0*d\n", i, LINE - 1, k);
    return n;
}

struct outcome {
    char data[MOST_LINES * 64];
    size_t size;
    int put, failed, unbegun, first_failed;
    bool wrong;
};

/* Submits some requests; -1 if no more can be submitted. */
static int put_some(dualpipe_pool *pool, const struct play *p, struct outcome *o) {
    static char text[MOST_LINES * LINE + 1];
    struct dualpipe_request q = {.data = text};
    int room = dualpipe_pool_room(pool), r;
    if (room <= 0 || o->put == p->lines)
        return room < 0 || o->put == p->lines ? -1 : 0;
    q.count = 1 + pick(room);
    if (q.count > p->lines - o->put)
        q.count = p->lines - o->put;
    for (int i = 0; i < q.count; i++)
        q.size += (size_t)sprintf(text + q.size, "%0*d\n", LINE - 1, o->put + i);
    if ((r = dualpipe_pool_put(pool, &q)) < 0)
        return -1;
    o->put += q.count;
    return 1;
}

static void get_one(dualpipe_pool *pool, struct outcome *o, int *more) {
    *more = dualpipe_pool_get(pool, &got, SOON);
    if (*more != 1)
        return;
    if (got.outcome == DUALPIPE_OUTCOME_ANSWERED && (o->failed || o->unbegun))
        o->wrong = true;
    if (got.outcome != DUALPIPE_OUTCOME_NOT_STARTED) {
        memcpy(o->data + o->size, got.data, got.size);
        o->size += got.size;
    } else {
        o->unbegun += got.count;
    }
    if (got.outcome == DUALPIPE_OUTCOME_CHILD_ENDED) {
        o->first_failed = o->failed ? o->first_failed : (int)got.number;
        o->failed += got.count;
    }
}

static const char *judge_play(const struct play *p, const struct outcome *o,
                         const struct dualpipe_stats *b, int last) {
    static char want[MOST_LINES * 64];
    size_t n = write_wanted(want, p), lines = 0;
    for (size_t i = 0; i < o->size; i++)
        lines += o->data[i] == '\n';
    if (o->wrong)
        return "a reply after a failed one";
    if (last < 0 && last != -EPIPE)
        return "get fails";
    if (o->size > n || memcmp(o->data, want, o->size) != 0)
        return "other replies";
    if (b->submitted != b->answered + b->failed || b->submitted + o->unbegun != o->put ||
        b->failed != o->failed)
        return "the statistics";
    if (b->answered != (int64_t)lines / p->per_request)
        return "answered";
    if (o->failed && o->first_failed != b->answered + 1)
        return "the number of the failed one";
    if (p->dies_after < 0 && p->deaf_after < 0 && b->answered != p->lines)
        return "not all answered";
    return NULL;
}

static struct play random_play(void) {
    struct play p = {.lines = 1 + pick(MOST_LINES), .per_request = 1 + pick(3),
                     .window = 1 + pick(pick(2) ? 8 : 200), .dies_after = -1, .deaf_after = -1};
    if (pick(2))
        p.dies_after = 1 + pick(p.lines * p.per_request * 10);
    else if (pick(3) == 0)
        p.deaf_after = pick(p.lines);
    p.seed = seed;
    return p;
}

static const char *run_play(const struct play *p, dualpipe_rule *rule) {
    static struct outcome o;
    static char *argv[] = {WORD("answer"), NULL};
    struct dualpipe_options child = {.argv = argv, .function = answer,
                                     .data = (void *)(uintptr_t)p};
    struct dualpipe_pool_options all = {.child = &child, .rule = rule, .window = p->window,
                                        .flags = DUALPIPE_POOL_STREAM_REPLIES};
    struct dualpipe_stats stats;
    dualpipe_pool *pool;
    const char *wrong;
    int r = 1, more = 1;
    o = (struct outcome){0};
    if (dualpipe_pool_open(&pool, &all, NULL) < 0)
        return "open";
    while (r >= 0 || more == 1) {
        while (r >= 0 && (r = put_some(pool, p, &o)) > 0 && pick(3))
            ;
        get_one(pool, &o, &more);
        if (more != 1 && (r < 0 || more < 0))
            break;
    }
    dualpipe_pool_stats(pool, &stats);
    wrong = judge_play(p, &o, &stats, more);
    if (wrong)
        printf("# in %d answered %d failed %d, put %d, not begun %d, first %d, %zu bytes\n",
               (int)stats.submitted, (int)stats.answered, (int)stats.failed, o.put, o.unbegun,
               o.first_failed, o.size);
    dualpipe_pool_close(pool);
    return wrong;
}

static void refusals(void) {
    static const char *const x[] = {"x", NULL};
    dualpipe_rule *prompt = rule_of((struct dualpipe_rule_options){.end_patterns = x});
    dualpipe_pool *pool = pool_of(
        "cat", (struct dualpipe_pool_options){.window = 4, .flags = DUALPIPE_POOL_STREAM_REPLIES});
    struct dualpipe_request three = {.data = "a\nb\nc\n", .size = 6, .count = 3};
    is(dualpipe_pool_can_batch(pool, NULL), 1, "batches can be submitted");
    is(dualpipe_pool_can_batch(pool, prompt), 0, "not with a rule of another kind");
    is(dualpipe_pool_put(pool, &(struct dualpipe_request){"a\n", 2, prompt, 0, NULL, 1}), -EINVAL,
       "which is refused");
    ok(dualpipe_pool_put(pool, &three) >= 0, "three of four");
    is(dualpipe_pool_put(pool, &three), -EAGAIN, "and then no other three");
    is(dualpipe_pool_room(pool), 1, "but one");
    dualpipe_pool_close(pool);
    pool = pool_of(
        "cat", (struct dualpipe_pool_options){.window = 4, .flags = DUALPIPE_POOL_KEEP_REQUESTS});
    is(dualpipe_pool_put(pool, &three), -EINVAL, "nor where each is kept");
    dualpipe_pool_close(pool);
    pool = pool_of("cat", (struct dualpipe_pool_options){.workers = 2, .window = 4});
    is(dualpipe_pool_put(pool, &three), -EINVAL, "nor to several workers with fixed windows");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(prompt);
}

int main(void) {
    const char *times = getenv("DUALPIPE_TIMES");
    int most = times ? atoi(times) : (int)fewer(300), i;
    const char *wrong = NULL;
    begin();
    refusals();
    for (i = 0; i < most && !wrong; i++) {
        struct play p = random_play();
        dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){.count = p.per_request});
        unsigned kept = seed;
        if ((wrong = run_play(&p, rule)))
            printf("# %d: %s: %d lines, %d each, window %d, dies %d, deaf %d\n", i, wrong, p.lines,
                   p.per_request, p.window, p.dies_after, p.deaf_after);
        seed = kept + (unsigned)i;
        dualpipe_rule_free(rule);
    }
    ok(!wrong, "%d plays: each comes out once, and in its place", i);
    return done();
}
