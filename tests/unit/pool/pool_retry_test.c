/* Tests pools whose workers are started each in its own way, and may be out of reach: what was
 * sent to one that never came up goes to others, and it is given up in the end. */
#include "pool_fixture.h"

enum { MOST = 4, TRIES = 3 };

/* One worker for each script. */
static dualpipe_pool *pool_of_each(const char *const *scripts, int n,
                                   struct dualpipe_pool_options o) {
    static char *argv[MOST][4];
    static struct dualpipe_options each[MOST];
    for (int i = 0; i < n; i++) {
        memcpy(argv[i], (char *[4])SHELL(""), sizeof argv[i]);
        argv[i][2] = WORD(scripts[i]);
        each[i] =
            (struct dualpipe_options){.argv = argv[i], .err = DUALPIPE_STDERR_RELAY, .grace = 1000};
    }
    rmdir("first");
    unlink("go");
    o.worker_options = each;
    o.workers = n;
    return pool_of("", o);
}
#define EACH(...) \
    (const char *[]){__VA_ARGS__}, sizeof(const char *[]){__VA_ARGS__} / sizeof(char *)

static void make_go(void) {
    close(open("go", O_CREAT | O_WRONLY, 0600));
}

static void test_each(void) {
    dualpipe_pool *pool = pool_of_each(EACH("read a; until [ -e go ]; do :; done; echo 1$a; cat",
                                            "read a; echo 2$a; : >go; cat"),
                                       (struct dualpipe_pool_options){0});
    put(pool, "a\n");
    put(pool, "b\n");
    ok(answers(pool, "1a\n") && answers(pool, "2b\n"), "each worker has its own command");
    ok(books_are(pool, 2, 2, 0), "and the books have both");
    dualpipe_pool_close(pool);
}

static void test_relays(void) {
    struct dualpipe_error why = {0};
    struct dualpipe_options each[2] = {{.err = DUALPIPE_STDERR_RELAY},
                                       {.err = DUALPIPE_STDERR_INHERIT}};
    struct dualpipe_pool_options o = {
        .worker_options = each, .workers = 2, .flags = DUALPIPE_POOL_KEEP_STDERR};
    dualpipe_pool *pool = NULL;
    is(dualpipe_pool_open(&pool, &o, &why), -EINVAL, "stderr is kept if all relay it");
}

#define DEAD "exit 255"
#define ALIVE "while read a; do echo $a; done"

static void test_down(void) {
    dualpipe_pool *pool = pool_of_each(EACH("read a; " DEAD, "read a; exit 1", ALIVE),
                                       (struct dualpipe_pool_options){.max_start_failures = TRIES});
    put(pool, "a\n");
    put(pool, "b\n");
    put(pool, "c\n");
    ok(answers(pool, "a\n") && got.worker == 2 && got.attempt == 1,
       "what a worker that never came up was sent goes to one that did, and that is no try");
    ok(put(pool, "x\n") >= 0 && answers(pool, "b\n") && answers(pool, "c\n"), "in order");
    ok(answers(pool, "x\n") && books_are(pool, 4, 4, 0), "nothing is lost");
    dualpipe_pool_close(pool);
}

static void test_window(void) {
    dualpipe_pool *pool =
        pool_of_each(EACH("read a; read b; " DEAD, ALIVE),
                     (struct dualpipe_pool_options){.max_start_failures = TRIES, .window = 2});
    char text[] = "0\n";
    bool good = true;
    for (int i = 0; i < 4; i++, text[0]++)
        good &= put(pool, text) >= 0;
    for (text[0] = '0'; text[0] < '4'; text[0]++)
        good &= answers(pool, text) && got.worker == 1;
    ok(good && books_are(pool, 4, 4, 0), "a window of requests comes back");
    dualpipe_pool_close(pool);
}

/* The first worker has spoken and is busy; a request has come back from the second. */
static void test_busy(void) {
    dualpipe_pool *pool = pool_of_each(
        EACH("read a; echo $a; read a; until [ -e go ]; do sleep 0.01; done; echo $a; exec cat",
             "mkdir first || exec cat; read a; " DEAD, "exec cat"),
        (struct dualpipe_pool_options){.max_start_failures = TRIES,
                                       .flags = DUALPIPE_POOL_UNORDERED});
    put(pool, "a\n");
    ok(answers(pool, "a\n") && got.worker == 0, "one speaks");
    put(pool, "b\n");
    put(pool, "c\n");
    ok(tells(pool, "died", 1) && put(pool, "d\n") == 0 && answers(pool, "d\n") && got.worker == 2,
       "what comes later goes to one that has not spoken yet");
    ok(answers(pool, "c\n") && got.worker == 2, "what had come back goes to the first that speaks");
    make_go();
    ok(answers(pool, "b\n") && books_are(pool, 4, 4, 0), "nothing is lost");
    dualpipe_pool_close(pool);
}

static void test_poison(void) {
    dualpipe_pool *pool =
        pool_of_each(EACH("while read a; do [ $a != x ] || exit 1; echo $a; done"),
                     (struct dualpipe_pool_options){.max_start_failures = 50});
    put(pool, "x\n");
    while (dualpipe_pool_room(pool) == 0 && dualpipe_pool_get(pool, &got, 1) == -ETIMEDOUT)
        ;
    is(put(pool, "c\n"), 0, "another may be put when one came back");
    ok(fails(pool, DUALPIPE_OUTCOME_CHILD_ENDED) && got.attempt == 1 && answers(pool, "c\n"),
       "what ends each child fails once one has spoken");
    ok(books_are(pool, 2, 1, 1) && count_news("given up") == 0, "and costs no worker");
    dualpipe_pool_close(pool);
}

static void test_all_down(void) {
    dualpipe_pool *pool = pool_of_each(EACH(DEAD, "exit 3"),
                                       (struct dualpipe_pool_options){.max_start_failures = TRIES});
    put(pool, "a\n");
    ok(comes(pool, DUALPIPE_OUTCOME_NOT_STARTED, ""), "once all are given up nothing is begun");
    is(count_news("given up"), 2, "which is told of each");
    is(count_news("died"), 2 * TRIES, "after so many tries");
    is(put(pool, "b\n"), -ECHILD, "no more can be put");
    is(dualpipe_pool_get(pool, &got, SOON), -ECHILD, "nor got");
    ok(books_are(pool, 0, 0, 0), "and nothing is in the books");
    dualpipe_pool_close(pool);
}

static void test_death(void) {
    dualpipe_pool *pool = pool_of_each(EACH("read a; echo $a; read a; exit 3"),
                                       (struct dualpipe_pool_options){.max_start_failures = TRIES});
    put(pool, "a\n");
    ok(answers(pool, "a\n"), "one that came up");
    put(pool, "b\n");
    ok(fails(pool, DUALPIPE_OUTCOME_CHILD_ENDED) && got.status.code == 3,
       "fails what it was sent when it ends, as any");
    put(pool, "c\n");
    ok(answers(pool, "c\n") && books_are(pool, 3, 2, 1), "one that is alone is replaced");
    dualpipe_pool_close(pool);
}

static void test_ready(void) {
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){.count = 1});
    dualpipe_pool *pool =
        pool_of_each(EACH(DEAD, "exec sleep 100", "echo ready; " ALIVE),
                     (struct dualpipe_pool_options){
                         .max_start_failures = TRIES, .ready_rule = rule, .start_timeout = 200});
    put(pool, "a\n");
    put(pool, "b\n");
    ok(answers(pool, "a\n") && answers(pool, "b\n") && got.worker == 2,
       "a worker that can't be set up, or not in time, does not end the pool");
    ok(books_are(pool, 2, 2, 0), "and was sent nothing");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(rule);
}

static void test_fresh(void) {
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){.until_eof = 1});
    struct dualpipe_pool_options o = {
        .max_start_failures = TRIES, .flags = DUALPIPE_POOL_ONE_SHOT, .rule = rule};
    dualpipe_pool *pool = pool_of_each(EACH("cat >/dev/null; exit 1", "exit 255"), o);
    put(pool, "a\n");
    ok(fails(pool, DUALPIPE_OUTCOME_CHILD_ENDED) && got.status.code == 1 && got.complete,
       "with a child each silence is a reply");
    put(pool, "b\n");
    put(pool, "c\n");
    ok(fails(pool, DUALPIPE_OUTCOME_CHILD_ENDED) && fails(pool, DUALPIPE_OUTCOME_CHILD_ENDED) &&
           got.status.code == 1,
       "but of one that ends as ssh does without a connection");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(rule);
}

static void test_cannot_start(void) {
    struct dualpipe_options each[2] = {{.argv = (char *[])SHELL("read a; exit")},
                                       {.argv = (char *[]){WORD("./no-such-command"), NULL}}};
    struct dualpipe_pool_options o = {
        .worker_options = each, .workers = 2, .max_start_failures = TRIES};
    dualpipe_pool *pool = NULL;
    is(dualpipe_pool_open(&pool, &o, NULL), 0, "the first can be started");
    put(pool, "a\n");
    put(pool, "b\n");
    ok(dualpipe_pool_get(pool, &got, SOON) == 1 && got.outcome != DUALPIPE_OUTCOME_ANSWERED &&
           dualpipe_pool_room(pool) == -ENOENT,
       "a command that is not there ends the pool as ever");
    dualpipe_pool_close(pool);
}

int main(void) {
    int before = open_fds();
    begin();
    test_each();
    test_relays();
    test_down();
    test_window();
    test_busy();
    test_poison();
    test_all_down();
    test_death();
    test_ready();
    test_fresh();
    test_cannot_start();
    is(open_fds(), before, "no descriptor is left open");
    return done();
}
