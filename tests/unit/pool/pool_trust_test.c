/* Tests the pool by properties: a run that ends well can be trusted. Random children print too
 * much, too little, late, in pieces, without reading, close stdin or stdout, and die. A run is
 * trusted if each request was answered and no event put a reply in doubt until the children had
 * ended: that is what the command turns into the status 0. In each such run every reply must be
 * exactly what its child meant as the reply to that request.
 *
 * What no pool can tell is left out, if the rule proves nothing:
 *   - children print either too much or too little in one schedule. Who prints two lines for the
 *     first request and none for the second can't be told from one who answers both;
 *   - with end patterns, what is too much ends by a match. Other lines begin the next reply, as
 *     with a fence, of which no extra lines are tried at all;
 *   - who dies within a reply has a status that is not 0: else a last line without its end counts;
 *   - with a window, a child that answers all but one of the requests under way, and then dies or
 *     does not wait for input: which one it left out is not known. If what lacks its reply is asked
 *     again (retries), the run ends well. Such a run is excused;
 *   - unless the pool waits until the child waits for input (AWAIT_INPUT), what comes after stdin
 *     was closed is a goodbye. Such a run is excused.
 */
#include "pool_fixture.h"
#include "../trust_child.h"

enum { MOST_PUT = 8 };

struct schedule {
    struct script script; /* what its children do */
    FILE *words;          /* describes a failure; printed at the end */
    unsigned began;       /* the seed it was made from */
    int n;
    struct dualpipe_options child;
    struct dualpipe_pool_options o;
    dualpipe_pool *pool;
    bool can_batch, is_over;
    int put, came;
    bool in_doubt, has_goodbyes; /* by the events; replies that failed are in doubt too */
    const char *stuck, *wrong;   /* why the test fails; what is wrong if the run is trusted */
    char wrong_text[TEXT_SIZE];
};

/* --- making a schedule ------------------------------------------------------------------- */

static unsigned random_flags(const struct schedule *s) {
    unsigned flags = toss(3) ? DUALPIPE_POOL_UNORDERED : 0;
    flags |= s->o.workers == 1 && toss(3) ? 0 : DUALPIPE_POOL_REPLACE;
    flags |= toss(3) ? DUALPIPE_POOL_RETRY_PARTIAL : 0;
    if (s->script.kind == DEFAULT || (!proves_ends(&s->script) && toss(4)))
        flags |= DUALPIPE_POOL_AWAIT_INPUT;
    return flags;
}

static void note_event(void *data, const struct dualpipe_pool_event *event) {
    struct schedule *s = data;
    log_event(NULL, event);
    if (event->type == DUALPIPE_POOL_EVENT_MISPAIRED)
        s->in_doubt = true;
    if (event->type == DUALPIPE_POOL_EVENT_UNEXPECTED_BYTES && event->data)
        s->in_doubt |= !event->proven;
    else if (event->type == DUALPIPE_POOL_EVENT_UNEXPECTED_BYTES)
        s->has_goodbyes = true;
}

static void make_schedule(struct schedule *s, struct record *record, FILE *words) {
    *s = (struct schedule){.words = words, .began = seed};
    *event_log = 0;
    s->n = 1 + pick(MOST_PUT - 2);
    script_make(&s->script, record, s->n);
    s->child = light_options(behave, &s->script);
    s->child.grace = 100;
    s->o.workers = toss(2) ? 1 : 1 + pick(3);
    s->o.window = toss(3) ? DUALPIPE_WINDOW_AUTO : toss(2) ? 1 : 1 + pick(4);
    s->o.retries = pick(3);
    s->o.max_requests = toss(6) ? 1 + pick(4) : 0;
    s->o.flags = random_flags(s);
    s->o.exit_timeout = 1000;
    s->o.callback = note_event;
    s->o.callback_data = s;
}

/* --- judging ----------------------------------------------------------------------------- */

/* Notes what is wrong with the replies in r if the run can be trusted. */
static void judge(struct schedule *s, const struct dualpipe_reply *r) {
    const char *p = r->data;
    size_t n = r->size, size;
    s->came += r->count;
    if (r->outcome != DUALPIPE_OUTCOME_ANSWERED) {
        s->in_doubt = true;
        return;
    }
    for (int i = 0; i < r->count && !s->wrong; i++, p += size, n -= size)
        if ((size = match_reply(&s->script, (int)r->number - 1 + i, p, n, &s->wrong)) == 0)
            s->wrong = "a reply is not what its child meant";
    if (!s->wrong && n > 0)
        s->wrong = "a reply is too long";
    if (s->wrong && !*s->wrong_text)
        snprintf(s->wrong_text, sizeof s->wrong_text, "request %d (%d), attempt %d: %.*s",
                 (int)r->number, r->count, r->attempt, (int)r->size, r->data);
}

static bool is_trusted(const struct schedule *s) {
    return s->is_over && !s->in_doubt && s->came == s->put;
}

/* Whether what is wrong is what no pool can tell: see above. */
static bool is_excused(const struct schedule *s) {
    struct dualpipe_stats b;
    dualpipe_pool_stats(s->pool, &b);
    if (proves_ends(&s->script))
        return false;
    if (s->script.trouble == LITTLE && s->o.window != 1 && b.retried > 0)
        return true;
    return s->has_goodbyes && !(s->o.flags & DUALPIPE_POOL_AWAIT_INPUT);
}

/* --- running ----------------------------------------------------------------------------- */

static void put_some(struct schedule *s) {
    int room;
    while (s->put < s->n && (room = dualpipe_pool_room(s->pool)) > 0 && !toss(6)) {
        char text[MOST_PUT * 4];
        int most = room < s->n - s->put ? room : s->n - s->put, count = 1;
        struct dualpipe_request q = {.data = text, .timeout = s->script.limit};
        if (s->can_batch && !toss(3))
            q.count = count = 1 + pick(most);
        for (int i = 0; i < count; i++)
            q.size += (size_t)snprintf(text + q.size, 4, "%d\n", s->put + i);
        if (dualpipe_pool_put(s->pool, &q) < 0)
            return;
        s->put += count;
    }
}

/* Gets one reply. An error is no fault of the pool, as it is told, but it must not hang. */
static int get_one(struct schedule *s) {
    struct dualpipe_reply r;
    int said = dualpipe_pool_get(s->pool, &r, SOON);
    if (said == -ETIMEDOUT)
        s->stuck = "it is stuck";
    if (said == 1)
        judge(s, &r);
    return said;
}

static void run_schedule(struct schedule *s) {
    int said = 1;
    s->can_batch = dualpipe_pool_can_batch(s->pool, NULL);
    while (said > 0 || (said == 0 && s->put < s->n)) {
        put_some(s);
        if (dualpipe_pool_room(s->pool) < 0 && said == 0)
            break;
        said = get_one(s);
    }
    if (said < 0)
        return;
    dualpipe_pool_end(s->pool);
    s->is_over = get_one(s) == 0;
}

static void print_schedule(const struct schedule *s) {
    fprintf(s->words, "# DUALPIPE_SEED=%u: %s\n# %s\n", s->began, s->stuck ? s->stuck : s->wrong,
            s->wrong_text);
    script_print(s->words, &s->script);
    fprintf(s->words,
            "# workers %d, window %d, retries %d, max_requests %ld, flags %u\n# events: %s\n",
            s->o.workers, s->o.window, s->o.retries, s->o.max_requests, s->o.flags, event_log);
    for (int i = 0; i < s->n; i++) {
        fprintf(s->words, "# %s ", i < s->put ? "put" : "not");
        ask_print(s->words, &s->script, i);
    }
}

/* --- many schedules ---------------------------------------------------------------------- */

enum { TRUSTED, EXCUSED }; /* the counts of a tally */

/* False: a trusted run had a wrong reply, or hung. */
static bool try_schedule(struct schedule *s, struct tally *t) {
    dualpipe_rule *rule = make_rule(&s->script);
    bool good = true;
    s->o.child = &s->child;
    s->o.rule = rule;
    if (dualpipe_pool_open(&s->pool, &s->o, NULL) < 0)
        s->stuck = "it could not be opened";
    else
        run_schedule(s);
    if (is_trusted(s) && s->wrong && is_excused(s)) {
        t->counts[EXCUSED]++;
    } else if (is_trusted(s)) {
        t->counts[TRUSTED]++;
        good = !s->wrong;
    }
    t->tried++;
    good &= !s->stuck;
    if (!good)
        print_schedule(s);
    dualpipe_pool_close(s->pool);
    dualpipe_rule_free(rule);
    return good;
}

static bool play(struct record *record, FILE *words, struct tally *t) {
    struct schedule s;
    make_schedule(&s, record, words);
    return try_schedule(&s, t);
}

static bool run_part(long n, struct tally *t) {
    return record_schedules(n, t, play);
}

int main(void) {
    enum { PARTS = 8 };
    struct tally sum, *all;
    bool good;
    begin();
    all = schedules_run(PARTS, fewer(100000), run_part, &sum, &good);
    ok(good && (schedules_repeat() || sum.counts[TRUSTED] * 10 > sum.tried),
       "%ld schedules, %ld trusted, and in these each reply is what its child meant; %ld excused",
       sum.tried, sum.counts[TRUSTED], sum.counts[EXCUSED]);
    schedules_print(all, PARTS);
    return done();
}
