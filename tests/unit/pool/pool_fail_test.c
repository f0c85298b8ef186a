/* Tests how requests to a pool fail: timeouts, late replies, children that end, and which
 * requests are repeated on which worker. */
#include "pool_fixture.h"

/* True in the first child only: one child creates the directory. */
#define FIRST "mkdir first 2>&-"

static dualpipe_pool *fresh(const char *script, struct dualpipe_pool_options o) {
    rmdir("first");
    unlink("go");
    return pool_of(script, o);
}

/* --- limits ------------------------------------------------------------------------------ */

#define UNTIL_GO "until [ -e go ]; do sleep 0.01; done"

static void late_reply(void) {
    dualpipe_pool *pool = fresh(
        "read a; " UNTIL_GO "; echo $a; exec cat",
        (struct dualpipe_pool_options){.flags = DUALPIPE_POOL_REPLACE | DUALPIPE_POOL_TRACE_SENT});
    int r = 0;
    submit_for(pool, "a\n", scaled(300));
    ok(fails_with(pool, DUALPIPE_OUTCOME_TIMED_OUT) && got.sent == 2 && got.child,
       "a limit passes");
    is(dualpipe_pool_room(pool), 1, "the next can be submitted");
    submit(pool, "b\n");
    make_file("go");
    ok(reply_is(pool, "b\n"), "and has its own reply");
    ok(events_are("started;sending 1:a\n;late 1:;sending 2:b\n;") || (r = count_events("replaced")),
       "after the late reply was discarded; nothing is sent before");
    if (r)
        printf("# the machine was too slow: replaced\n");
    ok(stats_are(pool, 2, 1, 1), "the statistics count both");
    dualpipe_pool_close(pool);
}

static void late_fenced(void) {
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){.fence = "F {}"});
    dualpipe_pool *pool =
        fresh("while read -r a b; do case $a in F) echo $b;; a) " UNTIL_GO
              "; echo late;; *) echo $a;; esac; done",
              (struct dualpipe_pool_options){
                  .flags = DUALPIPE_POOL_TRACE_SENT, .rule = rule, .window = 2});
    submit_for(pool, "a\n", scaled(300));
    ok(fails_with(pool, DUALPIPE_OUTCOME_TIMED_OUT), "a limit passes");
    submit(pool, "b\n");
    is(count_events("sending 2:"), 1,
       "with a window, and a fence that tells replies apart, the next is sent at once");
    make_file("go");
    ok(reply_is(pool, "b\n") && count_events("late 1:") == 1, "and the late reply is discarded");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(rule);
}

static void never_comes(void) {
    dualpipe_pool *pool = fresh("if " FIRST "; then read a; echo par; exec sleep 100; fi; exec cat",
                                (struct dualpipe_pool_options){.flags = DUALPIPE_POOL_REPLACE});
    dualpipe_rule *two = rule_of((struct dualpipe_rule_options){.count = 2});
    dualpipe_pool_put(pool, &(struct dualpipe_request){
                                .data = "a\n", .size = 2, .rule = two, .timeout = scaled(300)});
    ok(outcome_is(pool, DUALPIPE_OUTCOME_TIMED_OUT, "par\n"), "the part that had come is returned");
    submit(pool, "b\n");
    ok(reply_is(pool, "b\n"),
       "a late reply that never comes: the next request goes to a fresh child");
    ok(events_are("started;replaced;ended -1/15;started;"), "that is reported, in order");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(two);
}

static void oldest_alone(void) {
    dualpipe_pool *pool = fresh("read a; " UNTIL_GO "; echo $a; exec cat",
        (struct dualpipe_pool_options){.window = 2});
    submit_for(pool, "a\n", SOON);
    submit_for(pool, "b\n", 1);
    is(dualpipe_pool_get(pool, &got, 50), -ETIMEDOUT,
       "a limit counts from when the request is the oldest");
    make_file("go");
    ok(reply_is(pool, "a\n"), "it does not pass while the request waits for another");
    dualpipe_pool_close(pool);
}

static bool limit_has_passed(void *pool) {
    struct dualpipe_pollitem e;
    int limit = SOON;
    dualpipe_pool_pollitems(pool, &e, 1, &limit);
    return limit == 0;
}

static void postponed(void) {
    dualpipe_pool *pool = fresh(UNTIL_GO "; exec cat", (struct dualpipe_pool_options){0});
    struct dualpipe_pollitem e;
    int limit = -1;
    submit_for(pool, "a\n", scaled(200));
    dualpipe_pool_pollitems(pool, &e, 1, &limit);
    ok(limit > 0 && limit <= scaled(200), "the limit is the time to wait for");
    ok(until(limit_has_passed, pool), "until it has passed");
    dualpipe_pool_extend_deadlines(pool, SOON);
    limit = -1;
    dualpipe_pool_pollitems(pool, &e, 1, &limit);
    ok(limit > SOON / 2, "postponed it is later");
    make_file("go");
    ok(reply_is(pool, "a\n"), "and has not passed");
    dualpipe_pool_close(pool);
}

/* --- children that end ------------------------------------------------------------------- */

static void child_ends(void) {
    dualpipe_pool *pool = fresh("read a; echo $a; read b; printf half; exit 7",
                                (struct dualpipe_pool_options){0});
    submit(pool, "a\n");
    ok(reply_is(pool, "a\n"), "answered");
    submit(pool, "b\n");
    ok(outcome_is(pool, DUALPIPE_OUTCOME_CHILD_ENDED, "half") && got.status.code == 7 &&
           !got.status.stopped,
       "a child that ends within its reply: the part, and its status");
    is(submit(pool, "c\n"), -EPIPE, "it is not replaced: no more can be submitted");
    is(dualpipe_pool_room(pool), -EPIPE, "as dualpipe_pool_room says too");
    ok(stats_are(pool, 2, 1, 1) && events_are("started;ended 7/-1;"),
       "the statistics and the events");
    dualpipe_pool_close(pool);
}

static void last_line(void) {
    dualpipe_pool *pool = fresh("read a; printf half", (struct dualpipe_pool_options){0});
    submit(pool, "a\n");
    ok(reply_is(pool, "half"), "an unfinished last line is a line if the child exits with 0");
    dualpipe_pool_close(pool);
}

static void replaced(void) {
    dualpipe_pool *pool = fresh("read a; [ $a = die ] && kill -9 $$; echo $a; exit",
                                (struct dualpipe_pool_options){.flags = DUALPIPE_POOL_REPLACE});
    bool good = true;
    for (int i = 0; i < 5; i++)
        good &=
            submit(pool, "a\n") >= 0 && reply_is(pool, "a\n") && event_comes(pool, "ended", i + 1);
    ok(good && got.attempt == 1,
       "a child that ends is replaced; a request that wasn't sent to it counts no attempt");
    submit(pool, "die\n");
    ok(fails_with(pool, DUALPIPE_OUTCOME_CHILD_ENDED) && got.status.signal == 9, "its signal");
    dualpipe_pool_close(pool);
}

static void too_long(void) {
    dualpipe_pool *pool =
        fresh("while read a; do echo $a; done",
              (struct dualpipe_pool_options){.flags = DUALPIPE_POOL_REPLACE, .max_reply = 10});
    submit(pool, "0123456789abcdef\n");
    ok(dualpipe_pool_get(pool, &got, SOON) == 1 &&
           (got.outcome == DUALPIPE_OUTCOME_TOO_LONG || got.outcome == DUALPIPE_OUTCOME_ANSWERED),
       "a reply that passes max");
    submit(pool, "012345678\n");
    ok(reply_is(pool, "012345678\n"), "the next has its own");
    dualpipe_pool_close(pool);
    pool = fresh("read a; while :; do printf 0123456789; done",
                 (struct dualpipe_pool_options){.max_reply = 1000});
    submit(pool, "a\n");
    ok(dualpipe_pool_get(pool, &got, SOON) == 1 && got.outcome == DUALPIPE_OUTCOME_TOO_LONG &&
           got.size > 1000,
       "one without an end");
    is(submit(pool, "b\n"), -EPIPE, "its child gets no more requests");
    dualpipe_pool_close(pool);
}

/* --- again ------------------------------------------------------------------------------- */

static void retried(void) {
    struct dualpipe_stats b;
    dualpipe_pool *pool =
        fresh("if " FIRST "; then read a; exit 4; fi; exec cat",
              (struct dualpipe_pool_options){.retries = 1, .flags = DUALPIPE_POOL_KEEP_REQUESTS});
    submit(pool, "a\n");
    ok(reply_is(pool, "a\n") && got.attempt == 2, "repeated on a fresh child");
    is(got.status.code, -1, "the status is not that of the dead child");
    dualpipe_pool_stats(pool, &b);
    ok(b.submitted == 1 && b.answered == 1 && b.retried == 1,
       "the statistics count it once, and as retried");
    ok(submit(pool, "b\n") >= 0 && reply_is(pool, "b\n"), "the next one goes to the same child");
    dualpipe_pool_close(pool);
    pool = fresh("read a; exit 4", (struct dualpipe_pool_options){.retries = 2});
    submit(pool, "a\n");
    ok(fails_with(pool, DUALPIPE_OUTCOME_CHILD_ENDED) && got.attempt == 3,
       "no more often than retries allows");
    dualpipe_pool_close(pool);
}

static void retried_late(void) {
    dualpipe_pool *pool = fresh("if " FIRST "; then exec sleep 100; fi; exec cat",
                                (struct dualpipe_pool_options){.retries = 1});
    submit_for(pool, "a\n", scaled(300));
    ok(reply_is(pool, "a\n") && got.attempt == 2, "after a limit too");
    ok(submit(pool, "b\n") >= 0 && reply_is(pool, "b\n"), "and the next can be submitted");
    dualpipe_pool_close(pool);
}

static void partial(unsigned flags) {
    dualpipe_rule *two = rule_of((struct dualpipe_rule_options){.count = 2});
    dualpipe_pool *pool = fresh("if " FIRST "; then read a; echo 1; exit; fi; read a; "
                                "echo 1; echo 2", (struct dualpipe_pool_options){
                                    .retries = 1, .rule = two, .flags = flags});
    submit(pool, "a\n");
    if (flags)
        ok(reply_is(pool, "1\n2\n") && got.attempt == 2,
           "with RETRY_PARTIAL: repeated all the same");
    else
        ok(outcome_is(pool, DUALPIPE_OUTCOME_CHILD_ENDED, "1\n") && got.attempt == 1,
           "not repeated: some of the reply had come");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(two);
}

/* The first child dies after 3/4 of the idle time, the second replies after half of it: together
 * that is longer than the idle time. */
static void retried_idle(void) {
    int idle_ms = scaled(400);
    dualpipe_rule *idle = rule_of((struct dualpipe_rule_options){.idle_ms = idle_ms});
    dualpipe_pool *pool;
    char script[200];
    snprintf(script, sizeof script,
             "read a; if " FIRST "; then sleep %d.%03d; exit 1; fi; sleep %d.%03d; echo $a; read b",
             idle_ms * 3 / 4000, idle_ms * 3 / 4 % 1000, idle_ms / 2000, idle_ms / 2 % 1000);
    pool = fresh(script, (struct dualpipe_pool_options){.retries = 1, .rule = idle});
    submit(pool, "a\n");
    ok(reply_is(pool, "a\n") && got.attempt == 2, "the idle time of another attempt starts anew");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(idle);
}

/* --- when children are started, and when not --------------------------------------------- */

static void back_off(void) {
    dualpipe_pool *pool = fresh("exit 1", (struct dualpipe_pool_options){.retries = 1000});
    int starts;
    submit(pool, "a\n");
    is(dualpipe_pool_get(pool, &got, 600), -ETIMEDOUT, "a child that dies each time");
    starts = count_events("started;");
    ok(starts >= 1 && starts <= 7, "is started less and less often: %d times", starts);
    dualpipe_pool_close(pool);
    pool = fresh("read a; exit 1", (struct dualpipe_pool_options){.retries = 100});
    submit(pool, "a\n");
    ok(dualpipe_pool_get(pool, &got, SOON) == 1 && got.attempt == 101,
       "one that has read its request is started again at once");
    dualpipe_pool_close(pool);
}

static void used_up(void) {
    dualpipe_pool *pool = fresh("while read a; do echo $$; done",
                                (struct dualpipe_pool_options){.max_requests = 2});
    long pids[6] = {0};
    for (int i = 0; i < 6; i++) {
        submit(pool, "a\n");
        if (dualpipe_pool_get(pool, &got, SOON) == 1 && got.outcome == DUALPIPE_OUTCOME_ANSWERED)
            pids[i] = strtol(got.data, NULL, 10);
    }
    ok(pids[0] && pids[0] == pids[1] && pids[2] == pids[3] && pids[4] == pids[5] &&
       pids[1] != pids[2] && pids[3] != pids[4], "two requests each, then it is replaced");
    is(count_events("ended 0/-1;"), 2, "they ended by themselves");
    dualpipe_pool_close(pool);
}

static void each_its_own(void) {
    dualpipe_rule *all = rule_of((struct dualpipe_rule_options){.until_eof = 1});
    dualpipe_pool *pool =
        fresh("n=$(wc -c); echo $n; [ $n -gt 2 ] && exit 5; exit 0",
              (struct dualpipe_pool_options){.flags = DUALPIPE_POOL_ONE_SHOT, .rule = all});
    ok(events_are(""), "no child is started in advance");
    submit(pool, "a\n");
    ok(reply_is(pool, "2\n") && got.status.code == 0, "a child for a request, its input ended");
    submit(pool, "abc\n");
    ok(outcome_is(pool, DUALPIPE_OUTCOME_CHILD_ENDED, "4\n") && got.status.code == 5,
       "one that ends badly has failed, its reply being whole");
    dualpipe_pool_put(pool, &(struct dualpipe_request){.size = 0});
    ok(reply_is(pool, "0\n"), "an empty request ends its input too");
    ok(events_are("started;ended 0/-1;started;ended 5/-1;started;ended 0/-1;"),
       "one after another");
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
    submit(pool, "a\n");
    is(submit(pool, "b\n"), -ENOENT, "a second worker that can't start");
    ok(reply_is(pool, "a\n") && events_are("started;cannot start;"),
       "the request of the first worker is answered");
    is(dualpipe_pool_get(pool, &got, SOON), -ENOENT, "then the run ends");
    is(dualpipe_pool_room(pool), -ENOENT, "and no more can be submitted");
    dualpipe_pool_close(pool);
}

/* A child that has closed its output still takes requests that expect no reply; a request that
 * expects one fails. */
static void closed_output(void) {
    const char *const quiet[] = {"^q", NULL};
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){.no_reply = quiet});
    struct dualpipe_pool_options o = {.rule = rule};
    dualpipe_pool *pool = pool_of("read -r a; echo $a; exec >&-; : >shut; exec sleep 60", o);
    submit(pool, "a\n");
    ok(reply_is(pool, "a\n") && until(file_exists, WORD("shut")), "a child closes its output");
    submit(pool, "q\n");
    ok(reply_is(pool, ""), "it still takes requests that expect no reply");
    is(dualpipe_pool_room(pool), 1, "and has room");
    is(submit(pool, "b\n"), -EPIPE, "it can't answer any more");
    is(dualpipe_pool_room(pool), -EPIPE, "and so there is no room");
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
