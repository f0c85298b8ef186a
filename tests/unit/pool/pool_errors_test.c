/* Tests how a pool tells that a reply says no: DUALPIPE_OUTCOME_ERROR. The outcome, the counts and
 * the line; replies in pieces; what came on stderr; a child of each request's own. */
#include "pool_fixture.h"

static const char *const no[] = {"^no", NULL}, *const on_stderr[] = {"^E", NULL};

static bool counts_are(const dualpipe_pool *pool, int answered, int failed) {
    struct dualpipe_stats stats;
    dualpipe_pool_stats(pool, &stats);
    return stats.answered == answered && stats.failed == failed && stats.retried == 0;
}

static bool tells(const char *line) {
    return got.reason && strcmp(got.reason, line) == 0 && got.complete;
}

static void try_outcome(void) {
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){.errors = no});
    dualpipe_pool *pool =
        pool_of("cat", (struct dualpipe_pool_options){.rule = rule, .window = 3, .retries = 2});
    submit(pool, "a\n");
    submit(pool, "no b\n");
    submit(pool, "c\n");
    ok(reply_is(pool, "a\n") && !got.reason, "an answer");
    ok(outcome_is(pool, DUALPIPE_OUTCOME_ERROR, "no b\n") && tells("no b"), "an error, whole");
    ok(reply_is(pool, "c\n"), "the child is in step");
    ok(counts_are(pool, 2, 1), "it counts as failed, and is not retried");
    ok(!dualpipe_pool_can_batch(pool, NULL), "such requests are no batch");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(rule);
}

static void try_stderr(void) {
    dualpipe_rule *rule =
        rule_of((struct dualpipe_rule_options){.fence = "{}", .stderr_errors = on_stderr});
    static const char script[] =
        "while read -r a; do case $a in e) echo E1 >&2; echo 1 ;; *) echo $a ;; esac; done";
    dualpipe_pool *pool = pool_of(script, (struct dualpipe_pool_options){.rule = rule});
    submit(pool, "a\n");
    ok(reply_is(pool, "a\n"), "nothing on stderr");
    submit(pool, "e\n");
    ok(outcome_is(pool, DUALPIPE_OUTCOME_ERROR, "1\n") && tells("E1"), "a line on stderr");
    ok(events_are("started;stderr E1\n;"), "it is told as ever");
    submit(pool, "b\n");
    ok(reply_is(pool, "b\n") && !got.reason, "it is no later request's");
    dualpipe_pool_close(pool);
    pool = pool_of(script, (struct dualpipe_pool_options){.rule = rule,
                                                          .flags = DUALPIPE_POOL_KEEP_STDERR});
    submit(pool, "e\n");
    ok(outcome_is(pool, DUALPIPE_OUTCOME_ERROR, "1\n") && is_text(got.err, got.err_size, "E1\n"),
       "kept, it is given too");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(rule);
}

/* Gets pieces until the reply ends; returns how many bytes came before the last. */
static size_t take_pieces(dualpipe_pool *pool) {
    size_t n = 0;
    while (dualpipe_pool_get(pool, &got, SOON) == 1 && got.partial)
        n += got.size;
    return n;
}

static void try_pieces(void) {
    static const char *const end[] = {"^end", NULL};
    dualpipe_rule *rule =
        rule_of((struct dualpipe_rule_options){.end_patterns = end, .errors = no});
    dualpipe_rule *json = rule_of((struct dualpipe_rule_options){.count = 2, .json_errors = 1});
    dualpipe_pool *pool =
        pool_of("read -r a; printf n; sleep 0.1; echo o 1; seq 500000; echo end; read -r a; seq 9; "
                "echo end; read -r a; echo 1; sleep 0.1; echo '{\"error\":5}'; cat",
                (struct dualpipe_pool_options){.rule = rule,
                                               .flags = DUALPIPE_POOL_STREAM_REPLIES});
    submit(pool, "a\n");
    ok(take_pieces(pool) > 100000 && got.outcome == DUALPIPE_OUTCOME_ERROR && tells("no 1"),
       "a long reply in pieces");
    submit(pool, "b\n");
    take_pieces(pool);
    ok(got.outcome == DUALPIPE_OUTCOME_ANSWERED && !got.reason, "the next is an answer");
    dualpipe_pool_put(pool, &(struct dualpipe_request){.data = "c\n", .size = 2, .rule = json});
    ok(outcome_is(pool, DUALPIPE_OUTCOME_ERROR, "1\n{\"error\":5}\n") && tells("5"),
       "JSON is given whole");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(rule);
    dualpipe_rule_free(json);
}

static void try_one_shot(void) {
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){
        .until_eof = 1, .errors = no, .stderr_errors = on_stderr});
    dualpipe_pool *pool = pool_of("read -r a; eval \"$a\"",
                                  (struct dualpipe_pool_options){
                                      .rule = rule, .flags = DUALPIPE_POOL_ONE_SHOT});
    submit(pool, "echo 1; exec >&-; echo E2 >&2\n");
    ok(outcome_is(pool, DUALPIPE_OUTCOME_ERROR, "1\n") && tells("E2"), "stderr until it has ended");
    submit(pool, "echo no; exit 3\n");
    ok(outcome_is(pool, DUALPIPE_OUTCOME_CHILD_ENDED, "no\n") && got.complete,
       "a status counts more");
    submit(pool, "echo yes\n");
    ok(reply_is(pool, "yes\n"), "an answer");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(rule);
}

static void try_set_up_and_silence(void) {
    static const struct dualpipe_request setup[] = {{.data = "no set-up\n", .size = 10}};
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){
        .idle_ms = scaled(50), .errors = no, .stderr_errors = on_stderr});
    dualpipe_pool *pool = pool_of(
        "echo E >&2; cat", (struct dualpipe_pool_options){.rule = rule, .setup_texts = setup,
                                                          .setup_count = 1});
    submit(pool, "no\n");
    ok(outcome_is(pool, DUALPIPE_OUTCOME_ERROR, "no\n") && tells("no"),
       "a reply that a silence ends; the set-up has no errors");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(rule);
}

int main(void) {
    int fds;
    begin();
    fds = open_fds();
    try_outcome();
    try_stderr();
    try_pieces();
    try_one_shot();
    try_set_up_and_silence();
    ok(is_left_clean(fds), "nothing is left behind");
    return done();
}
