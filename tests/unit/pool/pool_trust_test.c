/* Tests the pool by properties: a run that ends well can be trusted. Random children print too
 * much, too little, late, in pieces, without reading, close stdin or stdout, and die. A run is
 * trusted if each request was answered and no event put a reply in doubt until the children had
 * ended: that is what the command turns into the status 0. In each such run every reply must be
 * exactly what its child meant as the reply to that request.
 *
 * A child means as its reply all lines that it prints for a request, even if the rule ends the
 * reply before the last of them, unless the rule proves the end (id). Each line carries the number
 * of its request, and how often that was asked, so that a reply of another request or child shows.
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
#include "../schedules.h"

enum kind { DEFAULT, COUNT, UNTIL, BYTES, LENGTH, FENCE, ID, KINDS };
static const char *const kind_names[] = {"default", "count", "until", "bytes",
                                         "length",  "fence", "id"};

enum trouble { NONE, MUCH, LITTLE, TROUBLES };
static const char *const trouble_names[] = {"no trouble", "too much", "too little"};

/* What a child does in the end of a request. */
enum finish { LIVES, DIES_BEFORE, DIES_WITHIN, DIES_AFTER, CLOSES_STDIN, CLOSES_STDOUT, FINISHES };
static const char *const finish_words[] = {
    "", ", dies before its reply", ", dies within its reply", ", dies after its reply",
    ", closes stdin behind its reply", ", closes stdout behind its reply"};

/* How the first children begin; all but READS end without having read anything. */
enum start { READS, DIES_AT_ONCE, IS_BLIND, IS_DEAF, STARTS };
static const char *const start_words[] = {"read", "die at once", "print replies without reading",
                                          "close stdin and print replies"};

enum { MOST_ASKS = 8, MOST_ROUNDS = 32, TEXT_SIZE = 128 };

/* What the child does with one request. Times are in milliseconds. */
struct ask {
    int lines, pieces, delay;
    int extra, extra_delay; /* lines behind the reply; delay 0: in one write with its last piece */
    int percent;            /* of its reply, if it is too short or the child dies within */
    bool is_short, once;    /* once: all is well when it is asked again */
    enum finish finish;
    int rest;               /* before the child ends, if it does */
};

/* What children record: how often each request was read, and in which of these rounds the extra
 * lines were printed. */
struct record {
    int children, asked[MOST_ASKS];
    unsigned extra_rounds[MOST_ASKS];
};

struct schedule {
    FILE *words;    /* describes a failure; printed at the end */
    unsigned began; /* the seed it was made from */
    enum kind kind;
    enum trouble trouble;
    int n, limit, count, bytes;
    enum start start;
    int banner, banner_delay; /* lines that a child prints before it reads */
    int bad_starts;           /* so many children start like that, the others well */
    int exit_code;
    struct ask asks[MOST_ASKS];
    struct dualpipe_options child;
    struct dualpipe_pool_options o;
    struct record *record;
    dualpipe_pool *pool;
    bool can_batch, is_over;
    int put, came;
    bool in_doubt, has_goodbyes; /* by the events; replies that failed are in doubt too */
    const char *stuck, *wrong;   /* why the test fails; what is wrong if the run is trusted */
    char wrong_text[TEXT_SIZE];
};

/* --- the child --------------------------------------------------------------------------- */

static size_t add_line(char *out, size_t n, int id, int round, const char *word) {
    return n + (size_t)snprintf(out + n, TEXT_SIZE - n, "%d.%d %s\n", id, round, word);
}

/* Writes what the child means as the reply when it is asked for this time into out. */
static size_t reply_write(const struct schedule *s, int id, int round, char *out) {
    int lines = s->kind == COUNT                                              ? s->count
                : s->kind == UNTIL || s->kind == FENCE || s->kind == LENGTH ? s->asks[id].lines
                                                                              : 1;
    size_t n = 0, body;
    if (s->kind == BYTES) {
        n = (size_t)snprintf(out, TEXT_SIZE, "%d.%d", id, round);
        memset(out + n, '-', (size_t)s->bytes - n);
        out[s->bytes - 1] = '\n';
        return (size_t)s->bytes;
    }
    if (s->kind == LENGTH) {
        body = (size_t)lines * 5 - 1;
        n = (size_t)snprintf(out, TEXT_SIZE, "%d.%d %zu\n", id, round, body);
        for (int i = 0; i < lines; i++, n += 5)
            memcpy(out + n, "body\n", 5);
        return n;
    }
    for (int i = 1; i < lines; i++)
        n = add_line(out, n, id, round, "line");
    return add_line(out, n, id, round, "end");
}

static void say(const char *p, size_t n) {
    while (n > 0) {
        ssize_t r = write(STDOUT_FILENO, p, n);
        if (r <= 0)
            _exit(4);
        p += r;
        n -= (size_t)r;
    }
}

static void rest(int ms) {
    if (ms > 0)
        poll(NULL, 0, ms);
}

/* Reads a line and not a byte more: what stdin holds beyond it stays unread when it is closed. */
static bool hear(char *line, size_t size) {
    size_t n = 0;
    while (n < size - 1 && read(STDIN_FILENO, line + n, 1) == 1)
        if (line[n++] == '\n') {
            line[n] = 0;
            return true;
        }
    return false;
}

/* How much of a reply of n bytes is printed. Who goes on stops at a line end; or says nothing where
 * a length is announced, as the next reply would begin as its body, and end as lines too many. */
static size_t short_size(const struct schedule *s, const struct ask *a, const char *text,
                         size_t n) {
    if (a->is_short && s->kind == LENGTH)
        return 0;
    n = n * (size_t)a->percent / 100;
    while (a->is_short && s->kind != BYTES && n > 0 && text[n - 1] != '\n')
        n--;
    return n;
}

static void pass_fence(bool is_swallowed) {
    char line[TEXT_SIZE];
    if (!hear(line, sizeof line))
        _exit(5);
    if (!is_swallowed)
        say(line + 2, strlen(line + 2)); /* behind "F " */
}

static void say_reply(const struct schedule *s, const struct ask *a, int id, int round) {
    char text[2 * TEXT_SIZE];
    size_t n = reply_write(s, id, round, text), from = 0;
    bool has_extra_at_once = a->extra > 0 && a->extra_delay == 0;
    if (a->finish == DIES_WITHIN || (a->is_short && s->kind != FENCE))
        n = short_size(s, a, text, n);
    for (int i = 1; i < a->pieces; i++, rest(1)) {
        size_t to = n * (size_t)i / (size_t)a->pieces;
        say(text + from, to - from);
        from = to;
    }
    for (int i = 0; i < a->extra && has_extra_at_once; i++)
        n = add_line(text, n, id, round, "extra end");
    if (has_extra_at_once)
        s->record->extra_rounds[id] |= 1u << round;
    say(text + from, n - from);
    if (a->finish == DIES_WITHIN)
        _exit(3);
    if (s->kind == FENCE)
        pass_fence(a->is_short);
}

static void say_extra_late(const struct schedule *s, const struct ask *a, int id, int round) {
    char text[TEXT_SIZE];
    size_t n = 0;
    if (a->extra == 0 || a->extra_delay == 0)
        return;
    rest(a->extra_delay);
    for (int i = 0; i < a->extra; i++)
        n = add_line(text, n, id, round, "extra end");
    say(text, n);
    s->record->extra_rounds[id] |= 1u << round;
}

static void do_ask(const struct schedule *s, int id) {
    int round = s->record->asked[id]++;
    struct ask a = s->asks[id];
    if (a.once && round > 0)
        a = (struct ask){.lines = a.lines, .pieces = 1};
    rest(a.delay);
    if (a.finish == DIES_BEFORE)
        _exit(3);
    say_reply(s, &a, id, round);
    if (a.finish == CLOSES_STDIN)
        close(STDIN_FILENO);
    say_extra_late(s, &a, id, round);
    if (a.finish == CLOSES_STDOUT)
        close(STDOUT_FILENO);
    if (a.finish != LIVES) {
        rest(a.rest);
        _exit(a.is_short ? 3 : s->exit_code);
    }
}

static void start_badly(const struct schedule *s) {
    char text[TEXT_SIZE];
    size_t n = 0;
    if (s->start == IS_DEAF)
        close(STDIN_FILENO);
    rest(s->banner_delay);
    for (int i = 0; i < s->banner; i++)
        n = add_line(text, n, 99, 9, "forged end");
    say(text, n);
    if (s->start == READS)
        return;
    rest(s->banner_delay);
    _exit(s->exit_code);
}

/* The child function. data is the schedule, of which it has its own copy, but for the record. */
static int behave(int argc, char **argv, void *data) {
    const struct schedule *s = data;
    char line[TEXT_SIZE];
    (void)argc, (void)argv;
    if (s->record->children++ < s->bad_starts)
        start_badly(s);
    while (hear(line, sizeof line))
        do_ask(s, atoi(line));
    return 0;
}

/* --- making a schedule ------------------------------------------------------------------- */

static bool proves_ends(const struct schedule *s) {
    return s->kind == FENCE || s->kind == ID;
}

static dualpipe_rule *make_rule(const struct schedule *s) {
    static const char *const end[] = {" end$", NULL};
    switch (s->kind) {
    case DEFAULT: return NULL;
    case COUNT: return rule_of((struct dualpipe_rule_options){.count = s->count});
    case UNTIL: return rule_of((struct dualpipe_rule_options){.end_patterns = end});
    case BYTES: return rule_of((struct dualpipe_rule_options){.bytes = (size_t)s->bytes});
    case LENGTH: return rule_of((struct dualpipe_rule_options){.length = "^[0-9.]+ ([0-9]+)$"});
    case FENCE: return rule_of((struct dualpipe_rule_options){.fence = "F {}"});
    default: return rule_of((struct dualpipe_rule_options){.id = "^([0-9]+)"});
    }
}

static void trouble_ask(const struct schedule *s, struct ask *a) {
    static const enum finish harmless[] = {LIVES, LIVES, DIES_AFTER, CLOSES_STDIN, CLOSES_STDOUT};
    a->finish = harmless[pick(5)];
    a->rest = pick(4);
    a->once = !toss(4);
    if (s->trouble == MUCH && s->kind != FENCE && !toss(3)) {
        a->extra = 1 + pick(3);
        a->extra_delay = toss(2) ? 0 : 1 + pick(6);
    }
    if (s->trouble != LITTLE)
        return;
    a->percent = pick(100);
    a->is_short = toss(2);
    if (toss(3))
        a->delay = s->limit / 2 + pick(2 * s->limit);
    if (!a->is_short && toss(2))
        a->finish = toss(2) ? DIES_BEFORE : DIES_WITHIN;
}

static struct ask random_ask(const struct schedule *s) {
    struct ask a = {.lines = 1 + pick(3), .pieces = toss(3) ? 1 + pick(3) : 1,
                    .delay = toss(4) ? pick(3) : 0};
    if (s->trouble != NONE && toss(3))
        trouble_ask(s, &a);
    return a;
}

static void make_start(struct schedule *s) {
    if (s->trouble == NONE || !toss(3))
        return;
    s->start = (enum start)pick(STARTS);
    s->bad_starts = 1 + pick(2);
    s->banner_delay = pick(4);
    if (s->trouble == MUCH && s->kind != FENCE && s->start != DIES_AT_ONCE)
        s->banner = 1 + pick(4);
}

static unsigned random_flags(const struct schedule *s) {
    unsigned flags = toss(3) ? DUALPIPE_POOL_UNORDERED : 0;
    flags |= s->o.workers == 1 && toss(3) ? 0 : DUALPIPE_POOL_REPLACE;
    flags |= toss(3) ? DUALPIPE_POOL_RETRY_PARTIAL : 0;
    flags |= s->kind == DEFAULT || (!proves_ends(s) && toss(4)) ? DUALPIPE_POOL_AWAIT_INPUT : 0;
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
    static char *argv[] = {WORD("behave"), NULL};
    *s = (struct schedule){.words = words, .began = seed, .record = record};
    *record = (struct record){0};
    *event_log = 0;
    s->kind = (enum kind)pick(KINDS);
    s->trouble = toss(8) ? NONE : toss(2) ? MUCH : LITTLE;
    s->limit = s->trouble == LITTLE ? 4 + pick(8) : 0;
    s->n = 1 + pick(MOST_ASKS - 2);
    s->count = 1 + pick(3);
    s->bytes = 5 + pick(12);
    s->exit_code = toss(2) ? 0 : 3;
    s->child = (struct dualpipe_options){.argv = argv, .function = behave, .data = s, .grace = 100};
    s->o.workers = toss(2) ? 1 : 1 + pick(3);
    s->o.window = toss(3) ? DUALPIPE_WINDOW_AUTO : toss(2) ? 1 : 1 + pick(4);
    s->o.retries = pick(3);
    s->o.max_requests = toss(6) ? 1 + pick(4) : 0;
    s->o.flags = random_flags(s);
    s->o.exit_timeout = 1000;
    s->o.callback = note_event;
    s->o.callback_data = s;
    make_start(s);
    for (int i = 0; i < s->n; i++)
        s->asks[i] = random_ask(s);
}

/* --- judging ----------------------------------------------------------------------------- */

/* How many of the n bytes are exactly what a child meant as the reply to request id when it was
 * asked some time; 0: it is none. */
static size_t match_reply(struct schedule *s, int id, const char *p, size_t n) {
    char want[TEXT_SIZE];
    for (int round = 0; round < s->record->asked[id] && round < MOST_ROUNDS; round++) {
        size_t size = reply_write(s, id, round, want);
        if (size > n || memcmp(p, want, size) != 0)
            continue;
        if (s->record->extra_rounds[id] & 1u << round && !proves_ends(s))
            s->wrong = "a reply is shorter than its child meant it";
        return size;
    }
    return 0;
}

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
        if ((size = match_reply(s, (int)r->number - 1 + i, p, n)) == 0)
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
    if (proves_ends(s))
        return false;
    if (s->trouble == LITTLE && s->o.window != 1 && b.retried > 0)
        return true;
    return s->has_goodbyes && !(s->o.flags & DUALPIPE_POOL_AWAIT_INPUT);
}

/* --- running ----------------------------------------------------------------------------- */

static void put_some(struct schedule *s) {
    int room;
    while (s->put < s->n && (room = dualpipe_pool_room(s->pool)) > 0 && !toss(6)) {
        char text[MOST_ASKS * 4];
        int most = room < s->n - s->put ? room : s->n - s->put, count = 1;
        struct dualpipe_request q = {.data = text, .timeout = s->limit};
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
    fprintf(s->words, "# %s (count %d, bytes %d), %s, limit %d, workers %d, window %d, retries %d, "
            "max_requests %ld, flags %u\n# events: %s\n", kind_names[s->kind], s->count, s->bytes,
            trouble_names[s->trouble], s->limit, s->o.workers, s->o.window, s->o.retries,
            s->o.max_requests, s->o.flags, event_log);
    if (s->bad_starts > 0)
        fprintf(s->words, "# first %d children: after %d ms print %d lines, %s, exit %d\n",
                s->bad_starts, s->banner_delay, s->banner, start_words[s->start], s->exit_code);
    for (int i = 0; i < s->n; i++) {
        const struct ask *a = &s->asks[i];
        fprintf(s->words, "# %s %d, read %d times: after %d ms, %d lines, %d pieces",
                i < s->put ? "put" : "not", i, s->record->asked[i], a->delay, a->lines, a->pieces);
        if (a->extra > 0)
            fprintf(s->words, ", %d more after %d ms", a->extra, a->extra_delay);
        if (a->is_short || a->finish == DIES_WITHIN)
            fprintf(s->words, ", only %d percent", a->percent);
        fprintf(s->words, "%s", finish_words[a->finish]);
        if (a->finish != LIVES)
            fprintf(s->words, ", exits after %d ms with %d", a->rest, s->exit_code);
        fprintf(s->words, "%s\n", a->once ? ", the first time only" : "");
    }
}

/* --- many schedules ---------------------------------------------------------------------- */

enum { TRUSTED, EXCUSED }; /* the counts of a tally */

/* False: a trusted run had a wrong reply, or hung. */
static bool try_schedule(struct schedule *s, struct tally *t) {
    dualpipe_rule *rule = make_rule(s);
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

static bool run_part(long n, struct tally *t) {
    struct record *record = mmap(NULL, sizeof *record, PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    FILE *words = fmemopen(t->words, sizeof t->words, "w");
    struct schedule s;
    bool good = true;
    while (t->tried < n && good) {
        unsigned next = seed + 7919;
        make_schedule(&s, record, words);
        good = try_schedule(&s, t);
        seed = next;
    }
    fclose(words);
    munmap(record, sizeof *record);
    return good;
}

int main(void) {
    enum { PARTS = 8 };
    struct tally sum, *all;
    bool good;
    begin();
    all = schedules_run(PARTS, fewer(20000), run_part, &sum, &good);
    ok(good && (schedules_repeat() || sum.counts[TRUSTED] * 10 > sum.tried),
       "%ld schedules, %ld trusted, and in these each reply is what its child meant; %ld excused",
       sum.tried, sum.counts[TRUSTED], sum.counts[EXCUSED]);
    schedules_print(all, PARTS);
    return done();
}
