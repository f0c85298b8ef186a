/* Tests batches of requests on several workers with an adaptive window, while workers die, stop,
 * reply late or at length. Each request must come out once, with its own reply, in its place, and
 * the statistics must add up.
 *
 * DUALPIPE_TIMES sets the number of random plays, DUALPIPE_SEED the first seed. */
#include "pool_fixture.h"
#include <sys/mman.h>

enum { MOST_LINES = 20000, LINE = 12 };

static unsigned seed = 1;
static int pick(int below) {
    seed = seed * 1103515245 + 12345;
    return (int)((seed >> 8) % (unsigned)below);
}

/* --- the child --------------------------------------------------------------------------- */

/* What the letter of a request asks the worker to do: reply; die before the reply (always, or the
 * first time only) or in the middle of it; stop before it; reply late; reply at length. */
enum { ANSWER = 'a', DIE = 'd', DIE_ONCE = 'o', DIE_AMID = 'h', STOP = 's', LATE = 'l',
       LONG = 'x', LONG_SIZE = 200000 };

struct shared {
    int asked[MOST_LINES];
    pid_t stopped;
};
static struct shared *shared;
static int late_ms; /* by which a late reply is late */

static int answer(int argc, char **argv, void *data) {
    static char line[64], out[LONG_SIZE + 64];
    (void)argc, (void)argv, (void)data;
    setvbuf(stdin, NULL, _IONBF, 0); /* a request that was not answered must not have been read */
    while (fgets(line, sizeof line, stdin)) {
        int number = atoi(line);
        size_t n = (size_t)sprintf(out, "%d\n", number);
        bool first = __atomic_fetch_add(&shared->asked[number], 1, __ATOMIC_SEQ_CST) == 0;
        char kind = line[LINE - 2];
        if (kind == DIE || (kind == DIE_ONCE && first))
            _exit(3);
        if (kind == STOP) {
            shared->stopped = getpid();
            raise(SIGSTOP);
        } else if (kind == LATE) {
            poll(NULL, 0, late_ms);
        } else if (kind == LONG) {
            memset(out + n - 1, 'x', LONG_SIZE);
            out[n += LONG_SIZE] = 0;
            out[n - 1] = '\n';
        }
        if (kind == DIE_AMID)
            n = 1;
        for (size_t sent = 0; sent < n;) {
            ssize_t r = write(1, out + sent, n - sent);
            if (r <= 0)
                _exit(9);
            sent += (size_t)r;
        }
        if (kind == DIE_AMID)
            _exit(3);
    }
    return 0;
}

/* --- the host ---------------------------------------------------------------------------- */

struct play {
    dualpipe_pool *pool;
    struct dualpipe_pool_options o;
    char kinds[MOST_LINES];
    char came[MOST_LINES]; /* a answered, f failed, n not started; 0: not yet */
    int lines, put, got, most, limit, largest;
    int64_t last;
    const char *wrong;
};

static void open_play(struct play *p, int lines, struct dualpipe_pool_options o) {
    static char *argv[] = {WORD("answer"), NULL};
    static struct dualpipe_options child;
    child = (struct dualpipe_options){.argv = argv, .function = answer, .grace = scaled(100)};
    memset(shared, 0, sizeof *shared);
    memset(p, 0, sizeof *p);
    memset(p->kinds, ANSWER, (size_t)lines);
    p->lines = lines;
    p->most = MOST_LINES;
    o.child = &child;
    o.window = DUALPIPE_WINDOW_AUTO;
    p->o = o;
    if (dualpipe_pool_open(&p->pool, &o, NULL) < 0)
        abort();
}

static void put_some(struct play *p) {
    static char text[MOST_LINES * LINE + 1];
    int room;
    while (p->put < p->lines && (room = dualpipe_pool_room(p->pool)) > 0) {
        struct dualpipe_request q = {.data = text, .timeout = p->limit};
        q.count = room < p->lines - p->put ? room : p->lines - p->put;
        q.count = q.count < p->most ? q.count : p->most;
        for (int i = 0; i < q.count; i++, p->put++)
            q.size += (size_t)sprintf(text + q.size, "%0*d %c\n", LINE - 3, p->put,
                                      p->kinds[p->put]);
        p->largest = q.count > p->largest ? q.count : p->largest;
        if (dualpipe_pool_put(p->pool, &q) < 0)
            p->wrong = "put fails";
    }
}

static const char *judge_answers(struct play *p, const struct dualpipe_reply *r) {
    const char *at = r->data, *end = r->data + r->size;
    for (int i = (int)r->number - 1; i < (int)r->number - 1 + r->count; i++) {
        char want[32];
        size_t n = (size_t)sprintf(want, "%d", i);
        size_t more = p->kinds[i] == LONG ? LONG_SIZE : 0;
        if ((size_t)(end - at) < n + more + 1 || memcmp(at, want, n) != 0 ||
            at[n + more] != '\n' || (more && at[n] != 'x'))
            return "a reply is another's";
        at += n + more + 1;
    }
    return at == end ? NULL : "a reply is too long";
}

static void judge(struct play *p, const struct dualpipe_reply *r) {
    char how = r->outcome == DUALPIPE_OUTCOME_ANSWERED      ? 'a'
               : r->outcome == DUALPIPE_OUTCOME_NOT_STARTED ? 'n'
                                                    : 'f';
    if (!(p->o.flags & DUALPIPE_POOL_UNORDERED) && r->number != p->last + 1)
        p->wrong = "not in order";
    p->last = r->number + r->count - 1;
    for (int i = (int)r->number - 1; i < (int)p->last; i++) {
        if (p->came[i])
            p->wrong = "a request came out twice";
        p->came[i] = how;
    }
    p->got += r->count;
    if (how == 'a' && !p->wrong && (p->wrong = judge_answers(p, r)))
        printf("# number %d, count %d, attempt %d: %zu bytes: %.*s\n", (int)r->number, r->count,
               r->attempt, r->size, r->size < 60 ? (int)r->size : 60, r->data);
}

/* One step; false once the play is over or stuck. */
static bool step(struct play *p, int limit) {
    int r;
    put_some(p);
    if (p->wrong || (r = dualpipe_pool_get(p->pool, &got, limit)) == 0)
        return !p->wrong && p->put < p->lines;
    if (r < 0) {
        if (limit == SOON)
            p->wrong = r == -ETIMEDOUT ? "stuck" : "get fails";
        return false;
    }
    judge(p, &got);
    return !p->wrong;
}

static int count(const struct play *p, char how) {
    int n = 0;
    for (int i = 0; i < p->lines; i++)
        n += p->came[i] == how;
    return n;
}

static bool close_play(struct play *p) {
    struct dualpipe_stats b;
    dualpipe_pool_stats(p->pool, &b);
    if (!p->wrong && (b.submitted != b.answered + b.failed || b.answered != count(p, 'a') ||
                      b.failed != count(p, 'f')))
        p->wrong = "the statistics are wrong";
    for (int i = 0; i < p->lines && !p->wrong; i++)
        if (p->came[i] == 'n' ? shared->asked[i] > 0
                              : shared->asked[i] > 1 + p->o.retries)
            p->wrong = "sent though not started, or too often";
    dualpipe_pool_close(p->pool);
    if (p->wrong)
        printf("# %s: put %d, got %d, answered %d, failed %d\n", p->wrong, p->put, p->got,
               count(p, 'a'), count(p, 'f'));
    return !p->wrong;
}

static bool play_all(struct play *p) {
    while (step(p, SOON))
        ;
    return !p->wrong && p->got == p->lines;
}

/* --- the tests --------------------------------------------------------------------------- */

static struct play p;

static void deaths(void) {
    open_play(&p, 10000, (struct dualpipe_pool_options){.workers = 2});
    p.kinds[5000] = DIE;
    ok(play_all(&p), "a worker dies of one of many");
    ok(p.largest > 8, "submitted in batches of up to %d", p.largest);
    ok(p.came[5000] == 'f' && count(&p, 'n') == 0, "it has failed");
    ok(close_play(&p), "each was sent once, and came out");
    open_play(&p, 10000, (struct dualpipe_pool_options){.workers = 2});
    p.kinds[5000] = DIE_AMID;
    ok(play_all(&p) && p.came[5000] == 'f' && close_play(&p),
       "a worker dies in the middle of a reply");
    open_play(&p, 10000, (struct dualpipe_pool_options){.workers = 2, .retries = 2});
    p.kinds[4000] = p.kinds[6000] =
        DIE_ONCE; /* a worker that dies of one may already hold the other */
    ok(play_all(&p) && count(&p, 'a') == p.lines && close_play(&p),
       "with retries all are answered");
    open_play(&p, 10000, (struct dualpipe_pool_options){.workers = 2, .retries = 1});
    p.kinds[5000] = DIE;
    ok(play_all(&p) && p.came[5000] == 'f' && count(&p, 'f') == 1 && close_play(&p),
       "except the one that workers die of, which harms no other");
    open_play(&p, 2000,
              (struct dualpipe_pool_options){.workers = 1, .flags = DUALPIPE_POOL_REPLACE});
    memset(p.kinds + 1000, DIE, 6);
    ok(play_all(&p) && close_play(&p), "one worker, replaced several times");
}

static bool all_is_put(void *data) {
    (void)data;
    step(&p, 1);
    return p.put == p.lines || p.wrong;
}

static bool most_came(void *data) {
    (void)data;
    step(&p, 1);
    return p.got > 2900 || p.wrong;
}

static bool is_full(void *data) {
    (void)data;
    step(&p, 1);
    return p.wrong || (p.put > 300 && dualpipe_pool_room(p.pool) == 0);
}

/* A worker stops at its first request: nothing is known of it, so nothing else may wait for it. */
static void stopped(unsigned flags) {
    bool ordered = !(flags & DUALPIPE_POOL_UNORDERED);
    open_play(&p, 5000, (struct dualpipe_pool_options){.workers = 3, .flags = flags});
    p.kinds[1000] = STOP;
    if (ordered)
        ok(until(all_is_put, NULL) && p.got <= 1000, "the others go on beside a stopped worker");
    else
        ok(until(most_came, NULL) && !p.came[1000], "the others answer beside a stopped worker");
    kill(shared->stopped, SIGCONT);
    ok(play_all(&p) && count(&p, 'a') == p.lines, "all is answered when it goes on");
    ok(close_play(&p), "once");
}

static void bounded(void) {
    open_play(&p, 1500, (struct dualpipe_pool_options){.workers = 2});
    memset(p.kinds, LONG, 1500);
    p.kinds[20] = STOP;
    ok(until(is_full, NULL) && p.put < 400,
       "while a worker is stopped no more than 64 MiB are held: %d of 200000 bytes", p.put);
    kill(shared->stopped, SIGCONT);
    ok(play_all(&p) && close_play(&p), "and then it goes on");
}

static void limits(void) {
    open_play(&p, 3000,
              (struct dualpipe_pool_options){.workers = 1, .flags = DUALPIPE_POOL_REPLACE});
    p.limit = SOON;
    for (int i = 100; i < 3000; i += 1000)
        p.kinds[i] = LATE;
    ok(play_all(&p) && count(&p, 'a') == p.lines && close_play(&p),
       "a limit counts from when the request is the oldest");
    open_play(&p, 3000, (struct dualpipe_pool_options){.workers = 2});
    p.limit = late_ms / 2;
    p.kinds[2000] = LATE;
    ok(play_all(&p) && p.came[2000] == 'f', "a limit passes for one of several");
    ok(close_play(&p), "the others are answered, or fail by it");
}

static void lengths(void) {
    open_play(&p, 600,
              (struct dualpipe_pool_options){.workers = 2, .flags = DUALPIPE_POOL_UNORDERED});
    for (int i = 100; i < 200; i++)
        p.kinds[i] = LONG;
    ok(play_all(&p) && count(&p, 'a') == p.lines && close_play(&p), "replies longer than a pipe");
}

static void cancelled(void) {
    int r;
    open_play(&p, 10000, (struct dualpipe_pool_options){.workers = 3});
    p.kinds[3000] = STOP;
    while (p.got < 1000 && step(&p, SOON))
        ;
    dualpipe_pool_stop(p.pool, 0);
    while ((r = dualpipe_pool_get(p.pool, &got, SOON)) == 1)
        judge(&p, &got);
    ok(r == 0 && p.got == p.put && !p.wrong, "all come out when the pool is stopped");
    p.lines = p.put;
    ok(close_play(&p), "and the statistics add up");
}

/* Lines of 4000 bytes, many in one write: more than a pipe holds. */
static void large(void) {
    enum { N = 40, SIZE = 4000 };
    static char text[N * SIZE];
    struct dualpipe_request q = {.data = text, .size = 1, .count = 1};
    dualpipe_pool *pool = pool_of(
        "cat", (struct dualpipe_pool_options){.workers = 2, .window = DUALPIPE_WINDOW_AUTO});
    size_t n = 0;
    int answered = 0;
    memset(text, 'y', sizeof text);
    for (int i = 1; i <= N; i++)
        text[i * SIZE - 1] = '\n';
    q.size = sizeof text;
    q.count = N;
    ok(dualpipe_pool_put(pool, &q) >= 0, "more than a pipe holds is submitted at once");
    while (dualpipe_pool_get(pool, &got, SOON) == 1) {
        n += got.size;
        answered += got.count;
    }
    is((long)n, sizeof text, "and comes back");
    is(answered, N, "each");
    ok(stats_are(pool, N, N, 0), "counted");
    dualpipe_pool_close(pool);
}

static void plays(void) {
    static const char odd[] = {DIE, DIE_ONCE, DIE_AMID, LONG, DIE_ONCE};
    const char *times = getenv("DUALPIPE_TIMES");
    int most = times ? atoi(times) : (int)fewer(40), i;
    bool good = true;
    if (getenv("DUALPIPE_SEED"))
        seed = (unsigned)strtoul(getenv("DUALPIPE_SEED"), NULL, 10);
    for (i = 0; i < most && good; i++) {
        unsigned began = seed;
        open_play(&p, 1 + pick(4000),
                  (struct dualpipe_pool_options){.workers = 1 + pick(4),
                                                 .retries = pick(3),
                                                 .flags = (pick(2) ? DUALPIPE_POOL_UNORDERED : 0U) |
                                                          (pick(2) ? DUALPIPE_POOL_REPLACE : 0U)});
        p.most = pick(2) ? MOST_LINES : 1 + pick(50);
        for (int k = pick(4); k > 0; k--)
            p.kinds[pick(p.lines)] = odd[pick(sizeof odd)];
        while (step(&p, SOON) && dualpipe_pool_room(p.pool) != -EPIPE)
            ;
        while (!p.wrong && dualpipe_pool_get(p.pool, &got, SOON) == 1)
            judge(&p, &got);
        if (!p.wrong && p.got != p.put)
            p.wrong = "not all came out";
        p.lines = p.put;
        if (!(good = close_play(&p)))
            printf("# play %d, seed %u: %d lines, %d workers, %d retries, flags %u\n", i, began,
                   p.lines, p.o.workers, p.o.retries, p.o.flags);
    }
    ok(good, "%d plays: each comes out once, by its own reply", i);
}

int main(void) {
    int fds;
    begin();
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    fds = open_fds();
    late_ms = scaled(60);
    deaths();
    stopped(0);
    stopped(DUALPIPE_POOL_UNORDERED);
    bounded();
    limits();
    lengths();
    cancelled();
    large();
    plays();
    ok(is_left_clean(fds), "no child or descriptor is left");
    return done();
}
