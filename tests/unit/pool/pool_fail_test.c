/* Tests how requests to a pool fail: limits, late replies, children that end, what is asked
 * again, and by whom. */
#include "pool_fixture.h"

/* The first child to come here; a directory is made by one of them. */
#define FIRST "mkdir first 2>&-"

static dualpipe_pool *fresh(const char *script, struct dualpipe_pool_options o) {
    rmdir("first");
    unlink("go");
    return pool_of(script, o);
}

static void make_go(void) {
    close(open("go", O_CREAT | O_WRONLY, 0600));
}

/* --- limits ------------------------------------------------------------------------------ */

#define UNTIL_GO "until [ -e go ]; do sleep 0.01; done"

static void late_reply(void) {
    dualpipe_pool *pool = fresh(
        "read a; " UNTIL_GO "; echo $a; exec cat",
        (struct dualpipe_pool_options){.flags = DUALPIPE_POOL_REPLACE | DUALPIPE_POOL_TRACE_SENT});
    int r = 0;
    put_for(pool, "a\n", 300);
    ok(fails(pool, DUALPIPE_OUTCOME_TIMED_OUT) && got.sent == 2 && got.child, "a limit passes");
    is(dualpipe_pool_room(pool), 1, "the next can be put");
    put(pool, "b\n");
    make_go();
    ok(answers(pool, "b\n"), "and has its own reply");
    ok(told("started;sending 1:a\n;dropped 1:;sending 2:b\n;") || (r = count_news("replaced")),
       "after the late one, which is dropped, nothing being sent before");
    if (r)
        printf("# the machine was too slow: replaced\n");
    ok(books_are(pool, 2, 1, 1), "the books have both");
    dualpipe_pool_close(pool);
}

static void late_fenced(void) {
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){.fence = "F {}"});
    dualpipe_pool *pool =
        fresh("while read -r a b; do case $a in F) echo $b;; a) " UNTIL_GO
              "; echo late;; *) echo $a;; esac; done",
              (struct dualpipe_pool_options){.flags = DUALPIPE_POOL_TRACE_SENT, .rule = rule});
    put_for(pool, "a\n", 300);
    ok(fails(pool, DUALPIPE_OUTCOME_TIMED_OUT), "a limit passes");
    put(pool, "b\n");
    is(count_news("sending 2:"), 1, "a fence tells replies apart: the next is sent at once");
    make_go();
    ok(answers(pool, "b\n") && count_news("dropped 1:") == 1, "and the late one dropped");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(rule);
}

static void never_comes(void) {
    dualpipe_pool *pool = fresh("if " FIRST "; then read a; echo par; exec sleep 100; fi; exec cat",
                                (struct dualpipe_pool_options){.flags = DUALPIPE_POOL_REPLACE});
    dualpipe_rule *two = rule_of((struct dualpipe_rule_options){.count = 2});
    dualpipe_pool_put(
        pool, &(struct dualpipe_request){.data = "a\n", .size = 2, .rule = two, .timeout = 300});
    ok(comes(pool, DUALPIPE_OUTCOME_TIMED_OUT, "par\n"), "what had come of it is given");
    put(pool, "b\n");
    ok(answers(pool, "b\n"), "a late reply that never comes: the next is asked of a fresh child");
    ok(told("started;replaced;died -1/15;started;"), "that is told, in order");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(two);
}

static void oldest_alone(void) {
    dualpipe_pool *pool = fresh("read a; " UNTIL_GO "; echo $a; exec cat",
        (struct dualpipe_pool_options){.window = 2});
    put_for(pool, "a\n", SOON);
    put_for(pool, "b\n", 1);
    is(dualpipe_pool_get(pool, &got, 50), -ETIMEDOUT, "a limit counts from being the oldest");
    make_go();
    ok(answers(pool, "a\n"), "it does not pass behind another");
    dualpipe_pool_close(pool);
}

static void postponed(void) {
    dualpipe_pool *pool = fresh(UNTIL_GO "; exec cat", (struct dualpipe_pool_options){0});
    struct dualpipe_pollitem e;
    int limit = -1;
    put_for(pool, "a\n", 200);
    dualpipe_pool_pollitems(pool, &e, 1, &limit);
    ok(limit > 0 && limit <= 200, "a limit is what is waited for");
    poll(NULL, 0, 210);
    dualpipe_pool_extend_deadlines(pool, SOON);
    limit = -1;
    dualpipe_pool_pollitems(pool, &e, 1, &limit);
    ok(limit > 1000, "postponed it is later");
    make_go();
    ok(answers(pool, "a\n"), "and has not passed");
    dualpipe_pool_close(pool);
}

/* --- children that end ------------------------------------------------------------------- */

static void child_ends(void) {
    dualpipe_pool *pool = fresh("read a; echo $a; read b; printf half; exit 7",
                                (struct dualpipe_pool_options){0});
    put(pool, "a\n");
    ok(answers(pool, "a\n"), "answered");
    put(pool, "b\n");
    ok(comes(pool, DUALPIPE_OUTCOME_CHILD_ENDED, "half") && got.status.code == 7 &&
           !got.status.stopped,
       "a child that ends amid its reply: its part, and its status");
    is(put(pool, "c\n"), -EPIPE, "it is not replaced: no more can be put");
    is(dualpipe_pool_room(pool), -EPIPE, "as room says too");
    ok(books_are(pool, 2, 1, 1) && told("started;died 7/-1;"), "the books and the news");
    dualpipe_pool_close(pool);
}

static void last_line(void) {
    dualpipe_pool *pool = fresh("read a; printf half", (struct dualpipe_pool_options){0});
    put(pool, "a\n");
    ok(answers(pool, "half"), "a last line without its end is one if the child ends well");
    dualpipe_pool_close(pool);
}

static void replaced(void) {
    dualpipe_pool *pool = fresh("read a; [ $a = die ] && kill -9 $$; echo $a; exit",
                                (struct dualpipe_pool_options){.flags = DUALPIPE_POOL_REPLACE});
    bool good = true;
    for (int i = 0; i < 5; i++)
        good &= put(pool, "a\n") >= 0 && answers(pool, "a\n") && tells(pool, "died", i + 1);
    ok(good && got.attempt == 1, "a child that ends is replaced; what it was not sent is no try");
    put(pool, "die\n");
    ok(fails(pool, DUALPIPE_OUTCOME_CHILD_ENDED) && got.status.signal == 9, "its signal");
    dualpipe_pool_close(pool);
}

static void too_long(void) {
    dualpipe_pool *pool =
        fresh("while read a; do echo $a; done",
              (struct dualpipe_pool_options){.flags = DUALPIPE_POOL_REPLACE, .max_reply = 10});
    put(pool, "0123456789abcdef\n");
    ok(dualpipe_pool_get(pool, &got, SOON) == 1 &&
           (got.outcome == DUALPIPE_OUTCOME_TOO_LONG || got.outcome == DUALPIPE_OUTCOME_ANSWERED),
       "a reply that passes max");
    put(pool, "012345678\n");
    ok(answers(pool, "012345678\n"), "the next has its own");
    dualpipe_pool_close(pool);
    pool = fresh("read a; while :; do printf 0123456789; done",
                 (struct dualpipe_pool_options){.max_reply = 1000});
    put(pool, "a\n");
    ok(dualpipe_pool_get(pool, &got, SOON) == 1 && got.outcome == DUALPIPE_OUTCOME_TOO_LONG &&
           got.size > 1000,
       "one without an end");
    is(put(pool, "b\n"), -EPIPE, "its child is not to be asked again");
    dualpipe_pool_close(pool);
}

/* --- again ------------------------------------------------------------------------------- */

static void retried(void) {
    struct dualpipe_stats b;
    dualpipe_pool *pool =
        fresh("if " FIRST "; then read a; exit 4; fi; exec cat",
              (struct dualpipe_pool_options){.retries = 1, .flags = DUALPIPE_POOL_KEEP_REQUESTS});
    put(pool, "a\n");
    ok(answers(pool, "a\n") && got.attempt == 2, "asked again of a fresh child");
    is(got.status.code, -1, "whose status is not that of the dead one");
    dualpipe_pool_stats(pool, &b);
    ok(b.submitted == 1 && b.answered == 1 && b.retried == 1,
       "it is in the books once, and as retried");
    ok(put(pool, "b\n") >= 0 && answers(pool, "b\n"), "the next is asked of the same");
    dualpipe_pool_close(pool);
    pool = fresh("read a; exit 4", (struct dualpipe_pool_options){.retries = 2});
    put(pool, "a\n");
    ok(fails(pool, DUALPIPE_OUTCOME_CHILD_ENDED) && got.attempt == 3,
       "no more often than retries say");
    dualpipe_pool_close(pool);
}

static void retried_late(void) {
    dualpipe_pool *pool = fresh("if " FIRST "; then exec sleep 100; fi; exec cat",
                                (struct dualpipe_pool_options){.retries = 1});
    put_for(pool, "a\n", 300);
    ok(answers(pool, "a\n") && got.attempt == 2, "after a limit too");
    ok(put(pool, "b\n") >= 0 && answers(pool, "b\n"), "and the next can be put");
    dualpipe_pool_close(pool);
}

static void partial(unsigned flags) {
    dualpipe_rule *two = rule_of((struct dualpipe_rule_options){.count = 2});
    dualpipe_pool *pool = fresh("if " FIRST "; then read a; echo 1; exit; fi; read a; "
                                "echo 1; echo 2", (struct dualpipe_pool_options){
                                    .retries = 1, .rule = two, .flags = flags});
    put(pool, "a\n");
    if (flags)
        ok(answers(pool, "1\n2\n") && got.attempt == 2, "partial: asked again all the same");
    else
        ok(comes(pool, DUALPIPE_OUTCOME_CHILD_ENDED, "1\n") && got.attempt == 1,
           "not asked again: some of the reply had come");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(two);
}

static void retried_idle(void) {
    dualpipe_rule *idle = rule_of((struct dualpipe_rule_options){.idle_ms = 400});
    dualpipe_pool *pool = fresh("read a; if " FIRST "; then sleep 0.3; exit 1; fi; sleep 0.2; "
                                "echo $a; read b", (struct dualpipe_pool_options){
                                    .retries = 1, .rule = idle});
    put(pool, "a\n");
    ok(answers(pool, "a\n") && got.attempt == 2, "the silence of another try begins anew");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(idle);
}

/* --- when children are started, and when not --------------------------------------------- */

static void back_off(void) {
    dualpipe_pool *pool = fresh("read a; exit 1", (struct dualpipe_pool_options){.retries = 1000});
    int starts;
    put(pool, "a\n");
    is(dualpipe_pool_get(pool, &got, 600), -ETIMEDOUT, "a child that dies each time");
    starts = count_news("started;");
    ok(starts >= 1 && starts <= 7, "is started less and less often: %d times", starts);
    dualpipe_pool_close(pool);
}

static void used_up(void) {
    dualpipe_pool *pool = fresh("while read a; do echo $$; done",
                                (struct dualpipe_pool_options){.max_requests = 2});
    long pids[6] = {0};
    for (int i = 0; i < 6; i++) {
        put(pool, "a\n");
        if (dualpipe_pool_get(pool, &got, SOON) == 1 && got.outcome == DUALPIPE_OUTCOME_ANSWERED)
            pids[i] = strtol(got.data, NULL, 10);
    }
    ok(pids[0] && pids[0] == pids[1] && pids[2] == pids[3] && pids[4] == pids[5] &&
       pids[1] != pids[2] && pids[3] != pids[4], "two requests each, then it is replaced");
    is(count_news("died 0/-1;"), 2, "they ended by themselves");
    dualpipe_pool_close(pool);
}

static void each_its_own(void) {
    dualpipe_rule *all = rule_of((struct dualpipe_rule_options){.until_eof = 1});
    dualpipe_pool *pool =
        fresh("n=$(wc -c); echo $n; [ $n -gt 2 ] && exit 5; exit 0",
              (struct dualpipe_pool_options){.flags = DUALPIPE_POOL_ONE_SHOT, .rule = all});
    ok(told(""), "no child is started ahead");
    put(pool, "a\n");
    ok(answers(pool, "2\n") && got.status.code == 0, "a child for a request, its input ended");
    put(pool, "abc\n");
    ok(comes(pool, DUALPIPE_OUTCOME_CHILD_ENDED, "4\n") && got.status.code == 5,
       "one that ends badly has failed, its reply being whole");
    dualpipe_pool_put(pool, &(struct dualpipe_request){.size = 0});
    ok(answers(pool, "0\n"), "an empty request ends its input too");
    ok(told("started;died 0/-1;started;died 5/-1;started;died 0/-1;"), "one after another");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(all);
}

static void cannot_start(void) {
    char *argv[] = {WORD("./once"), NULL};
    struct dualpipe_options child = {.argv = argv};
    struct dualpipe_pool_options o = {.child = &child, .workers = 2};
    dualpipe_pool *pool;
    struct dualpipe_error why = {0};
    unlink("once");
    is(dualpipe_pool_open(&pool, &o, &why), -ENOENT, "no such command");
    ok(pool == NULL && why.operation && !strcmp(why.object, "./once"), "and why");
    if (symlink("/bin/cat", "once") < 0)
        abort();
    pool = fresh(NULL, o);
    unlink("once");
    put(pool, "a\n");
    is(put(pool, "b\n"), -ENOENT, "a second worker that can't start");
    ok(answers(pool, "a\n") && told("started;cannot;"), "what the first has is answered");
    is(dualpipe_pool_get(pool, &got, SOON), -ENOENT, "then the run ends");
    is(dualpipe_pool_room(pool), -ENOENT, "and no more can be put");
    dualpipe_pool_close(pool);
}

static bool is_shut(void *name) {
    return access(name, F_OK) == 0;
}

/* A child that closes its output takes what draws no reply; when that can't be all, it is over. */
static void closed_output(void) {
    const char *const quiet[] = {"^q", NULL};
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){.no_reply = quiet});
    struct dualpipe_pool_options o = {.rule = rule};
    dualpipe_pool *pool = pool_of("read -r a; echo $a; exec >&-; : >shut; exec sleep 60", o);
    put(pool, "a\n");
    ok(answers(pool, "a\n") && until(is_shut, WORD("shut")), "a child closes its output");
    put(pool, "q\n");
    ok(answers(pool, ""), "it still takes what draws none");
    is(dualpipe_pool_room(pool), 1, "and has room");
    is(put(pool, "b\n"), -EPIPE, "it can't answer any more");
    is(dualpipe_pool_room(pool), -EPIPE, "and so there is no room any more");
    unlink("shut");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(rule);
}

int main(void) {
    int fds = open_fds();
    begin();
    late_reply();
    late_fenced();
    never_comes();
    oldest_alone();
    postponed();
    child_ends();
    last_line();
    replaced();
    too_long();
    retried();
    retried_late();
    partial(0);
    partial(DUALPIPE_POOL_RETRY_PARTIAL);
    retried_idle();
    back_off();
    used_up();
    each_its_own();
    cannot_start();
    closed_output();
    ok(is_left_clean(fds), "no descriptor and no child is left");
    return done();
}
