/* Tests sessions by properties: what an honest client is given as a reply is what the child meant
 * for that very request, whatever hostile clients do beside it. A server, by a random rule, with a
 * random window and workers, has random children (trust_child.h). Honest clients ask it through the
 * library; hostile ones write the protocol by hand: two messages in one ask, none, half of one, one
 * that expects no reply; they pipeline, dawdle, never read, leave in the middle, and send what is
 * no message. The server runs in a thread of its own.
 *
 * A client is trusted if no event put a reply of its in doubt until it left. Each of its replies
 * with the outcome ok must then be what a child meant for this request, wholly. Where the children
 * do all that is asked of them, each request of an honest client must be answered, too.
 *
 * What no server can tell is excused, if the rule proves nothing:
 *   - children that print too much or too little while several requests are under way: who prints
 *     two lines for the first and none for the second can't be told from one who answers both;
 *   - what a child prints behind its reply but later, for the client may have left, or the next
 *     request may have been read; and what it prints before it reads, unless the pool waits until
 *     it waits for input (AWAIT_INPUT). */
#include "../trust_child.h"
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { HONEST = 3, HOSTILE = 3, MOST_PUT = 8, OUT_SIZE = 1024 };

/* What a hostile client does. */
enum act {
    TWO_MESSAGES, NO_END, NO_REPLY, NOTHING, HALF, UNKNOWN_WORD, WRONG_NUMBER, TOO_LARGE,
    PIPELINES, LEAVES, NEVER_READS, IN_A_HURRY, SAME_NUMBER, PLAIN, ACTS
};
static const char *const act_names[] = {
    "two messages", "no end", "no reply", "nothing", "half", "unknown word", "wrong number",
    "too large", "pipelines", "leaves", "never reads", "in a hurry", "same number", "plain"};

struct hostile {
    enum act act;
    int fd, lives, steps; /* steps: so many more, then it leaves */
    int id;               /* of its next request */
    char out[OUT_SIZE];
    size_t size, sent;
};

struct honest {
    dualpipe *dp;
    dualpipe_pool *pool;
    int first, n, put, came, failed; /* first: its requests are first, first + 1, ... */
    bool in_doubt, is_over;
    const char *wrong;
    char wrong_text[TEXT_SIZE];
};

struct schedule {
    struct script script;
    FILE *words;
    unsigned began;
    char path[32];
    struct dualpipe_options child;
    struct dualpipe_pool_options pool;
    struct dualpipe_server_options o;
    dualpipe_server *server;
    pthread_t thread;
    int honest_count, hostile_count;
    struct honest honest[HONEST];
    struct hostile hostile[HOSTILE];
    char acts[300];    /* what the hostile clients did, in words */
    const char *stuck; /* why the test fails, whatever was told */
};

/* --- the server -------------------------------------------------------------------------- */

static unsigned random_flags(const struct schedule *s) {
    bool streams = s->pool.workers == 1 && s->pool.window == 1; /* each piece once */
    unsigned flags = toss(3) && !streams ? DUALPIPE_POOL_RETRY_PARTIAL : 0;
    if (s->script.kind == DEFAULT || (!proves_ends(&s->script) && toss(2)))
        flags |= DUALPIPE_POOL_AWAIT_INPUT;
    return flags;
}

static void make_schedule(struct schedule *s, struct record *record, FILE *words) {
    *s = (struct schedule){.words = words, .began = seed};
    script_make(&s->script, record, MOST_ASKS);
    s->child = light_options(behave, &s->script);
    s->child.grace = 100;
    s->pool.workers = toss(2) ? 1 : 1 + pick(3);
    s->pool.window = toss(4) ? DUALPIPE_WINDOW_AUTO : toss(2) ? 1 + pick(4) : 1;
    s->pool.retries = pick(3);
    s->pool.flags = random_flags(s);
    s->pool.exit_timeout = 1000;
    s->o.ends_with_child = 1;
    s->o.abandoned_reply_timeout = s->script.trouble == NONE ? SOON : 30;
    s->o.client_stall_timeout = toss(2) ? 30 : 0;
    s->honest_count = 1 + pick(HONEST);
    s->hostile_count = pick(HOSTILE + 1);
    for (int i = 0; i < HONEST; i++)
        s->honest[i] = (struct honest){.first = i * MOST_PUT, .n = 1 + pick(MOST_PUT)};
    for (int i = 0; i < HOSTILE; i++)
        s->hostile[i] = (struct hostile){
            .fd = -1, .lives = 1 + pick(3), .id = (HONEST + i) * MOST_PUT};
    snprintf(s->path, sizeof s->path, "s%d", (int)getpid());
}

static void *serve(void *data) {
    while (dualpipe_server_run(data, 50) == 1)
        ;
    dualpipe_server_close(data);
    return NULL;
}

/* A socket of a client that writes by hand; -1: the session has ended. */
static int connect_raw(const struct schedule *s) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    snprintf(name.sun_path, sizeof name.sun_path, "%s", s->path);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&name, sizeof name) == 0)
        return fd;
    close(fd);
    return -1;
}

static bool start_server(struct schedule *s, const dualpipe_rule *rule) {
    s->pool.child = &s->child;
    s->pool.rule = rule;
    s->o.pool = &s->pool;
    s->o.path = s->path;
    struct dualpipe_error why = {0};
    if (dualpipe_server_open(&s->server, &s->o, &why) == 0 &&
        pthread_create(&s->thread, NULL, serve, s->server) == 0)
        return true;
    fprintf(s->words, "# %s %s: %s\n", why.operation, why.object, why.hint);
    s->stuck = "it could not be opened";
    dualpipe_server_close(s->server);
    return false;
}

static void end_server(struct schedule *s) {
    static const char words[] = "DUALPIPE/1\nstop\n";
    int fd = connect_raw(s);
    if (fd >= 0)
        send(fd, words, sizeof words - 1, MSG_NOSIGNAL);
    pthread_join(s->thread, NULL);
    close(fd);
}

/* --- hostile clients --------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static void add(struct hostile *h, const char *text, ...) {
    va_list words;
    va_start(words, text);
    h->size += (size_t)vsnprintf(h->out + h->size, OUT_SIZE - h->size, text, words);
    va_end(words);
}

/* An ask with these keys and the body. */
static void add_ask(struct hostile *h, const char *keys, const char *body) {
    add(h, "ask n=1%s size=%zu\n%s", keys, strlen(body), body);
}

static const char *next_line(struct hostile *h, const struct schedule *s, const char *end) {
    static char line[16];
    int first = (HONEST + (int)(h - s->hostile)) * MOST_PUT;
    snprintf(line, sizeof line, "%d%s", h->id, end);
    h->id = first + (h->id - first + 1) % MOST_PUT;
    return line;
}

/* A client whose request is never answered must set a limit, or all others wait with it. */
static void make_act(struct hostile *h, const struct schedule *s) {
    const char *keys = s->script.trouble == LITTLE ? " limit=10" : "";
    char two[32];
    h->act = (enum act)pick(ACTS);
    h->size = h->sent = 0;
    h->steps = 1 + pick(h->act == HALF || h->act == LEAVES ? 4 : 12);
    if (h->act != PLAIN)
        add(h, "DUALPIPE/1\n");
    switch (h->act) {
    case TWO_MESSAGES:
        snprintf(two, sizeof two, "%s", next_line(h, s, "\n"));
        strcat(two, next_line(h, s, "\n"));
        add_ask(h, keys, two);
        break;
    case NO_END: add_ask(h, keys, next_line(h, s, "")); break;
    case NO_REPLY:
        snprintf(two, sizeof two, "%s quiet=1", keys);
        add_ask(h, two, next_line(h, s, "\n"));
        break;
    case NOTHING: add_ask(h, keys, ""); break;
    case HALF: add(h, "ask n=1%s size=9\n%s", keys, next_line(h, s, "")); break;
    case UNKNOWN_WORD: add(h, "bogus n=1\n"); break;
    case WRONG_NUMBER: add(h, "ask n=-1 limit=x size=3\n%s", next_line(h, s, "\n")); break;
    case TOO_LARGE: add(h, "ask n=1 size=99999999999\n%s", next_line(h, s, "\n")); break;
    case IN_A_HURRY: /* of several children one is stopped when its late reply is later still */
        add_ask(h, s->script.trouble == NONE && s->pool.workers > 1 ? keys : " limit=1",
                next_line(h, s, "\n"));
        break;
    case SAME_NUMBER: /* a second reply with this id would be the honest client's */
        snprintf(two, sizeof two, "%d\n", pick(MOST_PUT));
        add_ask(h, keys, s->script.trouble == MUCH ? next_line(h, s, "\n") : two);
        break;
    case PLAIN: add(h, "%s", next_line(h, s, "\n")); break;
    default: break;
    }
    for (int i = toss(2) || h->act >= PIPELINES ? pick(4) : 0; i > 0; i--)
        if (h->act == PLAIN)
            add(h, "%s", next_line(h, s, "\n"));
        else
            add_ask(h, keys, next_line(h, s, "\n"));
}

static void hostile_leave(struct hostile *h) {
    if (h->fd >= 0)
        close(h->fd);
    h->fd = -1;
    h->lives--;
}

static void hostile_begin(struct hostile *h, struct schedule *s) {
    size_t n = strlen(s->acts);
    if ((h->fd = connect_raw(s)) < 0) {
        h->lives = 0;
        return;
    }
    make_act(h, s);
    snprintf(s->acts + n, sizeof s->acts - n, "%d %s;", (int)(h - s->hostile), act_names[h->act]);
}

static void hostile_step(struct hostile *h, struct schedule *s) {
    char taken[4096];
    size_t left = h->size - h->sent, n = toss(3) && left > 0 ? (size_t)pick((int)left) + 1 : left;
    ssize_t r;
    if (h->lives <= 0)
        return;
    if (h->fd < 0) {
        hostile_begin(h, s);
        return;
    }
    r = send(h->fd, h->out + h->sent, n, MSG_NOSIGNAL | MSG_DONTWAIT);
    h->sent += r > 0 ? (size_t)r : 0;
    r = h->act == NEVER_READS ? 1 : recv(h->fd, taken, sizeof taken, MSG_DONTWAIT);
    if (r == 0 || h->steps-- <= 0)
        hostile_leave(h);
}

/* --- honest clients ---------------------------------------------------------------------- */

static void note_event(void *data, const struct dualpipe_pool_event *event) {
    struct honest *h = data;
    if (event->type == DUALPIPE_POOL_EVENT_MISPAIRED ||
        (event->type == DUALPIPE_POOL_EVENT_UNEXPECTED_BYTES && event->data && !event->proven))
        h->in_doubt = true;
}

static void honest_begin(struct honest *h, const struct schedule *s) {
    struct dualpipe_pool_options o = {.callback = note_event, .callback_data = h};
    if (dualpipe_session_connect(&h->dp, s->path, SOON, NULL) == 0) {
        o.session = h->dp;
        dualpipe_pool_open(&h->pool, &o, NULL);
    }
    h->is_over = !h->pool;
}

static void judge(const struct schedule *s, struct honest *h, const struct dualpipe_reply *r) {
    size_t size;
    h->came++;
    if (r->outcome != DUALPIPE_OUTCOME_ANSWERED) {
        h->failed++;
        return;
    }
    if (h->wrong)
        return;
    size = match_reply(&s->script, h->first + (int)r->number - 1, r->data, r->size, &h->wrong);
    if (size == 0)
        h->wrong = "a reply is not what its child meant";
    else if (size < r->size)
        h->wrong = "a reply is too long";
    if (h->wrong)
        snprintf(h->wrong_text, sizeof h->wrong_text, "request %d: %.*s",
                 h->first + (int)r->number - 1, (int)r->size, r->data);
}

static void honest_put(const struct schedule *s, struct honest *h) {
    char text[16];
    struct dualpipe_request q = {.data = text, .timeout = s->script.limit};
    while (h->put < h->n && dualpipe_pool_room(h->pool) > 0 && !toss(4)) {
        q.size = (size_t)snprintf(text, sizeof text, "%d\n", h->first + h->put);
        if (dualpipe_pool_put(h->pool, &q) < 0)
            return;
        h->put++;
    }
}

static void honest_step(const struct schedule *s, struct honest *h) {
    struct dualpipe_reply r;
    int said;
    if (h->is_over)
        return;
    honest_put(s, h);
    if (h->put == h->n || dualpipe_pool_room(h->pool) < 0)
        dualpipe_pool_end(h->pool);
    while ((said = dualpipe_pool_get(h->pool, &r, 0)) == 1)
        judge(s, h, &r);
    h->is_over = (said == 0 && dualpipe_pool_room(h->pool) < 0) ||
                 (said < 0 && said != -ETIMEDOUT && said != -EAGAIN);
}

/* --- running ----------------------------------------------------------------------------- */

/* Waits a moment for what the honest clients are sent. */
static void wait_a_moment(struct schedule *s) {
    struct dualpipe_pollitem items[HONEST];
    int n = 0, limit = 1 + pick(2);
    for (int i = 0; i < s->honest_count; i++)
        if (!s->honest[i].is_over)
            n += dualpipe_pool_pollitems(s->honest[i].pool, items + n, HONEST - n, &limit);
    dualpipe_poll(items, n, limit);
}

static bool all_over(const struct schedule *s) {
    for (int i = 0; i < s->honest_count; i++)
        if (!s->honest[i].is_over)
            return false;
    return true;
}

static void run_schedule(struct schedule *s) {
    long end = now_ms() + SOON;
    for (int i = 0; i < s->honest_count; i++)
        honest_begin(&s->honest[i], s);
    while (!all_over(s) && now_ms() < end) {
        for (int i = 0; i < s->honest_count; i++)
            honest_step(s, &s->honest[i]);
        for (int i = 0; i < s->hostile_count; i++)
            hostile_step(&s->hostile[i], s);
        wait_a_moment(s);
    }
    if (!all_over(s))
        s->stuck = "it is stuck";
    for (int i = 0; i < s->hostile_count; i++)
        hostile_leave(&s->hostile[i]);
    for (int i = 0; i < s->honest_count; i++) {
        dualpipe_pool_close(s->honest[i].pool);
        dualpipe_close(s->honest[i].dp, NULL);
    }
    end_server(s);
}

/* Whether what is wrong is what no server can tell: see above. */
static bool is_excused(const struct schedule *s) {
    if (proves_ends(&s->script) || s->script.trouble == NONE)
        return false;
    if (s->pool.window != 1 ||
        (s->script.banner > 0 && !(s->pool.flags & DUALPIPE_POOL_AWAIT_INPUT)))
        return true;
    for (int i = 0; i < MOST_ASKS; i++)
        if (s->script.record->extra_rounds[i] && s->script.asks[i].extra_delay > 0)
            return true;
    return false;
}

static void print_schedule(const struct schedule *s, const struct honest *h, const char *wrong) {
    fprintf(s->words, "# DUALPIPE_SEED=%u: %s\n# client %d: %s\n", s->began, wrong,
            (int)(h - s->honest), h->wrong_text);
    script_print(s->words, &s->script);
    fprintf(s->words, "# workers %d, window %d, retries %d, flags %u\n# hostile: %s\n",
            s->pool.workers, s->pool.window, s->pool.retries, s->pool.flags, s->acts);
    for (int i = 0; i < s->honest_count; i++)
        fprintf(s->words, "# client %d: requests from %d on, %d of %d put, %d came, %d failed%s\n",
                i, s->honest[i].first, s->honest[i].put, s->honest[i].n, s->honest[i].came,
                s->honest[i].failed, s->honest[i].is_over ? "" : ", not over");
    for (int i = 0; i < MOST_ASKS; i++)
        if (s->script.record->asked[i] > 0) {
            fprintf(s->words, "# ");
            ask_print(s->words, &s->script, i);
        }
}

/* --- many schedules ---------------------------------------------------------------------- */

enum { TRUSTED, EXCUSED }; /* the counts of a tally */

/* What is wrong with what this client was given, or NULL. */
static const char *find_wrong(const struct schedule *s, const struct honest *h, struct tally *t) {
    if (s->stuck)
        return s->stuck;
    if (s->script.trouble == NONE && (!h->pool || h->failed > 0 || h->came < h->n))
        return "a request was not answered, though no child failed";
    if (h->in_doubt)
        return NULL;
    if (h->wrong && is_excused(s)) {
        t->counts[EXCUSED]++;
        return NULL;
    }
    t->counts[TRUSTED] += h->came > h->failed;
    return h->wrong;
}

static bool try_schedule(struct schedule *s, struct tally *t) {
    dualpipe_rule *rule = make_rule(&s->script);
    bool good = true;
    if (start_server(s, rule))
        run_schedule(s);
    t->tried++;
    for (int i = 0; i < s->honest_count && good; i++) {
        const char *wrong = find_wrong(s, &s->honest[i], t);
        good = !wrong;
        if (wrong)
            print_schedule(s, &s->honest[i], wrong);
    }
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
    all = schedules_run(PARTS, fewer(30000), run_part, &sum, &good);
    ok(good && (schedules_repeat() || sum.counts[TRUSTED] * 4 > sum.tried),
       "%ld schedules, %ld honest clients trusted, and for these each reply is what its child "
       "meant; %ld excused",
       sum.tried, sum.counts[TRUSTED], sum.counts[EXCUSED]);
    schedules_print(all, PARTS);
    return done();
}
