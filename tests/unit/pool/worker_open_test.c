/* Tests lib/pool/worker_open.c: a request that is left open fails at once, and no other does. */
#include "pool_fixture.h"
#include <signal.h>

/* Answers a line by itself, so that a fence is one; "open" leaves the fence unanswered. */
static const char answers[] =
    "while read -r l; do case $l in"
    " open) cat >/dev/null;;"
    " part) printf part; cat >/dev/null;;"
    " slow) sleep .3; echo slow;;"
    " busy) i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done; echo busy;;"
    " *) echo \"$l\";;"
    " esac; done";

static bool can_look(void) {
    return access("/proc/self/syscall", R_OK) == 0;
}

static void at_once(void) {
    int fds = open_fds();
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){.fence = "{}"});
    struct dualpipe_pool_options o = {.rule = rule, .flags = DUALPIPE_POOL_REPLACE, .retries = 3};
    dualpipe_pool *pool = pool_of(answers, o);
    submit(pool, "open\n");
    ok(fails_with(pool, DUALPIPE_OUTCOME_OPEN), "an open request fails without a limit");
    ok(got.attempt == 1, "it is not tried again");
    submit(pool, "b\n");
    ok(reply_is(pool, "b\n"), "the next one is asked of another child");
    ok(count_events("replaced") == 1, "which is told");
    submit(pool, "part\n");
    ok(outcome_is(pool, DUALPIPE_OUTCOME_OPEN, "part"), "what came of the reply is given");
    submit_for(pool, "open\n", SOON);
    ok(fails_with(pool, DUALPIPE_OUTCOME_OPEN), "a limit isn't waited for");
    ok(stats_are(pool, 4, 1, 3), "it counts as failed");
    ok(ends_by_itself(pool), "the pool ends");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(rule);
    ok(is_left_clean(fds), "nothing is left");
}

static void no_alarm(void) {
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){.fence = "{}"});
    dualpipe_pool *pool = pool_of(answers, (struct dualpipe_pool_options){.rule = rule});
    for (int i = 0; i < 3; i++) {
        submit(pool, "slow\n");
        ok(reply_is(pool, "slow\n"), "a command that sleeps is answered");
        submit(pool, "busy\n");
        ok(reply_is(pool, "busy\n"), "one that computes too");
    }
    dualpipe_pool_close(pool);
    pool = pool_of("cat | while read -r l; do sleep .2; echo \"$l\"; done",
                   (struct dualpipe_pool_options){.rule = rule});
    submit(pool, "a\n");
    ok(reply_is(pool, "a\n"), "and one behind a program that reads for it");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(rule);
}

static bool stays_silent(dualpipe_pool *pool) {
    return dualpipe_pool_get(pool, &got, scaled(150)) == -ETIMEDOUT;
}

/* The child answers the first request only when it has the second. */
static void windows(void) {
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){.fence = "{}"});
    const char *late = "read -r a; read -r f; read -r b; echo $a; echo $f; echo $b; cat";
    dualpipe_pool *pool =
        pool_of(late, (struct dualpipe_pool_options){.rule = rule, .window = 4});
    submit(pool, "a\n");
    ok(stays_silent(pool), "with room in the window nothing is told");
    submit(pool, "b\n");
    ok(reply_is(pool, "a\n") && reply_is(pool, "b\n"), "as the next request brings the reply");
    dualpipe_pool_close(pool);
    pool = pool_of("cat >/dev/null", (struct dualpipe_pool_options){.rule = rule, .window = 2});
    submit(pool, "a\n");
    submit(pool, "b\n");
    ok(fails_with(pool, DUALPIPE_OUTCOME_OPEN), "a full window is told");
    ok(fails_with(pool, DUALPIPE_OUTCOME_CHILD_ENDED), "what was sent behind it fails too");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(rule);
}

static void others_decide(void) {
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){.fence = "{}"});
    dualpipe_rule *line = rule_of((struct dualpipe_rule_options){.count = 1});
    const char *mute = "cat >/dev/null";
    dualpipe_pool *pool = pool_of(mute, (struct dualpipe_pool_options){
                                            .rule = rule, .flags = DUALPIPE_POOL_INTERACTIVE});
    submit(pool, "a\n");
    ok(stays_silent(pool), "a person may wait");
    dualpipe_pool_close(pool);
    pool = pool_of(mute, (struct dualpipe_pool_options){
                             .rule = rule, .flags = DUALPIPE_POOL_INTERACTIVE |
                                                    DUALPIPE_POOL_WAIT_FOR_LATE});
    submit(pool, "a\n");
    ok(fails_with(pool, DUALPIPE_OUTCOME_OPEN), "a session's clients are told");
    dualpipe_pool_close(pool);
    pool = pool_of(mute, (struct dualpipe_pool_options){.rule = rule,
                                                        .flags = DUALPIPE_POOL_LAUNCHED});
    submit(pool, "a\n");
    ok(stays_silent(pool), "what a launcher waits for says nothing");
    dualpipe_pool_close(pool);
    pool = pool_of(mute, (struct dualpipe_pool_options){.rule = line});
    submit(pool, "a\n");
    ok(stays_silent(pool), "without a fence nothing can be left open");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(rule);
    dualpipe_rule_free(line);
}

static void ask(void) {
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){.fence = "{}"});
    struct dualpipe_request q = {.data = "open\n", .size = 5, .rule = rule};
    dualpipe *dp = shell(answers);
    ok(dualpipe_ask(dp, &q, &got) == 0 && got.outcome == DUALPIPE_OUTCOME_OPEN,
       "dualpipe_ask tells it");
    is(dualpipe_ask(dp, &q, &got), -ESTALE, "and trusts the child no more");
    dualpipe_stop(dp, SIGKILL);
    finish(dp);
    dualpipe_rule_free(rule);
}

int main(void) {
    begin();
    if (!can_look()) {
        skip("all", "no /proc/PID/syscall");
        return done();
    }
    at_once();
    no_alarm();
    windows();
    others_decide();
    ask();
    return done();
}
