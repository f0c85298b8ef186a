/* Tests pools with a command for each worker, some of them out of reach (as hosts are): requests
 * sent to a worker that never came up go to others, and such a worker is disabled in the end. */
#include "pool_fixture.h"

enum { MOST = 4, TRIES = 3 };

/* Opens a pool with one worker for each script. */
static dualpipe_pool *pool_of_each(const char *const *scripts, int n,
                                   struct dualpipe_pool_options o) {
    static char *argv[MOST][4];
    static struct dualpipe_options each[MOST];
    for (int i = 0; i < n; i++) {
        memcpy(argv[i], (char *[4])SHELL(""), sizeof argv[i]);
        argv[i][2] = WORD(scripts[i]);
        each[i] = (struct dualpipe_options){
            .argv = argv[i], .err = DUALPIPE_STDERR_RELAY, .grace = scaled(1000)};
    }
    rmdir("first");
    unlink("go");
    o.worker_options = each;
    o.workers = n;
    return pool_of("", o);
}
#define EACH(...) \
    (const char *[]){__VA_ARGS__}, sizeof(const char *[]){__VA_ARGS__} / sizeof(char *)

static void test_each(void) {
    dualpipe_pool *pool = pool_of_each(EACH("read a; until [ -e go ]; do :; done; echo 1$a; cat",
                                            "read a; echo 2$a; : >go; cat"),
                                       (struct dualpipe_pool_options){0});
    submit(pool, "a\n");
    submit(pool, "b\n");
    ok(reply_is(pool, "1a\n") && reply_is(pool, "2b\n"), "each worker has its own command");
    ok(stats_are(pool, 2, 2, 0), "and the statistics count both");
    dualpipe_pool_close(pool);
}

static void test_relays(void) {
    struct dualpipe_error why = {0};
    struct dualpipe_options each[2] = {{.err = DUALPIPE_STDERR_RELAY},
                                       {.err = DUALPIPE_STDERR_INHERIT}};
    struct dualpipe_pool_options o = {
        .worker_options = each, .workers = 2, .flags = DUALPIPE_POOL_KEEP_STDERR};
    dualpipe_pool *pool = NULL;
    is(dualpipe_pool_open(&pool, &o, &why), -EINVAL, "stderr can be kept only if all relay it");
}

#define DEAD "exit 255"
#define ALIVE "while read a; do echo $a; done"

static void test_down(void) {
    dualpipe_pool *pool = pool_of_each(EACH("read a; " DEAD, "read a; exit 1", ALIVE),
                                       (struct dualpipe_pool_options){.max_start_failures = TRIES});
    submit(pool, "a\n");
    submit(pool, "b\n");
    submit(pool, "c\n");
    ok(reply_is(pool, "a\n") && got.worker == 2 && got.attempt == 1,
       "a request of a worker that never came up goes to one that did, and that counts no attempt");
    ok(submit(pool, "x\n") >= 0 && reply_is(pool, "b\n") && reply_is(pool, "c\n"), "in order");
    ok(reply_is(pool, "x\n") && stats_are(pool, 4, 4, 0), "nothing is lost");
    dualpipe_pool_close(pool);
}

static void test_window(void) {
    dualpipe_pool *pool =
        pool_of_each(EACH("read a; read b; " DEAD, ALIVE),
                     (struct dualpipe_pool_options){.max_start_failures = TRIES, .window = 2});
    char text[] = "0\n";
    bool good = true;
    for (int i = 0; i < 4; i++, text[0]++)
        good &= submit(pool, text) >= 0;
    for (text[0] = '0'; text[0] < '4'; text[0]++)
        good &= reply_is(pool, text) && got.worker == 1;
    ok(good && stats_are(pool, 4, 4, 0), "a window of requests comes back");
    dualpipe_pool_close(pool);
}

/* The first worker has replied once and is busy; a request has come back from the second. */
static void test_busy(void) {
    dualpipe_pool *pool = pool_of_each(
        EACH("read a; echo $a; read a; until [ -e go ]; do sleep 0.01; done; echo $a; exec cat",
             "mkdir first || exec cat; read a; " DEAD, "exec cat"),
        (struct dualpipe_pool_options){.max_start_failures = TRIES,
                                       .flags = DUALPIPE_POOL_UNORDERED});
    submit(pool, "a\n");
    ok(reply_is(pool, "a\n") && got.worker == 0, "one speaks");
    submit(pool, "b\n");
    submit(pool, "c\n");
    ok(event_comes(pool, "ended", 1) && submit(pool, "d\n") == 0 && reply_is(pool, "d\n") &&
           got.worker == 2,
       "a later request goes to a worker that has not replied yet");
    ok(reply_is(pool, "c\n") && got.worker == 2,
       "the request that came back goes to the first worker that replies");
    make_file("go");
    ok(reply_is(pool, "b\n") && stats_are(pool, 4, 4, 0), "nothing is lost");
    dualpipe_pool_close(pool);
}

static void test_poison(void) {
    dualpipe_pool *pool =
        pool_of_each(EACH("while read a; do [ $a != x ] || exit 1; echo $a; done"),
                     (struct dualpipe_pool_options){.max_start_failures = 50});
    submit(pool, "x\n");
    while (dualpipe_pool_room(pool) == 0 && dualpipe_pool_get(pool, &got, 1) == -ETIMEDOUT)
        ;
    is(submit(pool, "c\n"), 0, "another may be submitted once one came back");
    ok(fails_with(pool, DUALPIPE_OUTCOME_CHILD_ENDED) && got.attempt == 1 && reply_is(pool, "c\n"),
       "a request that ends each child fails once a worker has replied");
    ok(stats_are(pool, 2, 1, 1) && count_events("disabled") == 0, "and costs no worker");
    dualpipe_pool_close(pool);
}

static void test_all_down(void) {
    dualpipe_pool *pool = pool_of_each(EACH(DEAD, "exit 3"),
                                       (struct dualpipe_pool_options){.max_start_failures = TRIES});
    submit(pool, "a\n");
    ok(outcome_is(pool, DUALPIPE_OUTCOME_NOT_STARTED, ""),
       "once all workers are disabled no request is started");
    is(count_events("disabled"), 2, "which is reported for each");
    is(count_events("ended"), 2 * TRIES, "after so many tries");
    is(submit(pool, "b\n"), -ECHILD, "no more can be submitted");
    is(dualpipe_pool_get(pool, &got, SOON), -ECHILD, "nor got");
    ok(stats_are(pool, 0, 0, 0), "and the statistics are empty");
    dualpipe_pool_close(pool);
}

static void test_death(void) {
    dualpipe_pool *pool = pool_of_each(EACH("read a; echo $a; read a; exit 3"),
                                       (struct dualpipe_pool_options){.max_start_failures = TRIES});
    submit(pool, "a\n");
    ok(reply_is(pool, "a\n"), "one that came up");
    submit(pool, "b\n");
    ok(fails_with(pool, DUALPIPE_OUTCOME_CHILD_ENDED) && got.status.code == 3,
       "fails its request when it ends, as any worker");
    submit(pool, "c\n");
    ok(reply_is(pool, "c\n") && stats_are(pool, 3, 2, 1), "one that is alone is replaced");
    dualpipe_pool_close(pool);
}

static void test_ready(void) {
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){.count = 1});
    dualpipe_pool *pool = pool_of_each(
        EACH(DEAD, "exec sleep 100", "echo ready; " ALIVE),
        (struct dualpipe_pool_options){
            .max_start_failures = TRIES, .ready_rule = rule, .start_timeout = scaled(200)});
    submit(pool, "a\n");
    submit(pool, "b\n");
    ok(reply_is(pool, "a\n") && reply_is(pool, "b\n") && got.worker == 2,
       "a worker that can't be set up, or not in time, does not end the pool");
    ok(stats_are(pool, 2, 2, 0), "and was sent nothing");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(rule);
}

static void test_fresh(void) {
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){.until_eof = 1});
    struct dualpipe_pool_options o = {
        .max_start_failures = TRIES, .flags = DUALPIPE_POOL_ONE_SHOT, .rule = rule};
    dualpipe_pool *pool = pool_of_each(EACH("cat >/dev/null; exit 1", "exit 255"), o);
    submit(pool, "a\n");
    ok(fails_with(pool, DUALPIPE_OUTCOME_CHILD_ENDED) && got.status.code == 1 && got.complete,
       "with one child for each request an empty reply is valid");
    submit(pool, "b\n");
    submit(pool, "c\n");
    ok(fails_with(pool, DUALPIPE_OUTCOME_CHILD_ENDED) &&
           fails_with(pool, DUALPIPE_OUTCOME_CHILD_ENDED) && got.status.code == 1,
       "except from a child that exits as ssh does without a connection");
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
    submit(pool, "a\n");
    submit(pool, "b\n");
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
