/* Tests the events of a pool: how its children are set up and shut down, and what the callback is
 * told meanwhile, in order. */
#include "pool_fixture.h"

static struct dualpipe_request text(const char *p, const dualpipe_rule *rule) {
    return (struct dualpipe_request){.data = p, .size = strlen(p), .rule = rule};
}

#define SLOW_ECHO "while read -r a; do sleep \"$a\"; echo \"<$a>\"; done"
#define ECHO "while read -r a; do echo \"<$a>\"; done"

/* --- set-up ------------------------------------------------------------------------------ */

static void set_up(void) {
    static const char *const ready[] = {"^ready", NULL};
    dualpipe_rule *until =
        rule_of((struct dualpipe_rule_options){.end_patterns = ready, .match_partial_line = 1});
    dualpipe_rule *none = rule_of((struct dualpipe_rule_options){.count = -1});
    struct dualpipe_request setup[] = {text("one\n", NULL), text("x=5\n", none),
                                       text("two\n", NULL)};
    struct dualpipe_request quit[] = {text("bye\n", NULL)};
    dualpipe_pool *pool =
        pool_of("echo hello; printf 'ready> '; while read -r a; do case $a in "
                "x=5) ;; bye) exit 9;; *) echo \"<$a>\";; esac; done",
                (struct dualpipe_pool_options){.ready_rule = until,
                                               .setup_texts = setup,
                                               .setup_count = 3,
                                               .shutdown_texts = quit,
                                               .shutdown_count = 1,
                                               .start_timeout = SOON,
                                               .flags = DUALPIPE_POOL_TRACE_SENT});
    submit(pool, "a\n");
    ok(reply_is(pool, "<a>\n") && got.number == 1,
       "output before the ready line is awaited and discarded");
    ok(events_are("sending 0:one\n;sending 0:x=5\n;sending 0:two\n;started;sending 1:a\n;"),
       "set-up texts are sent first, each once the one before is answered");
    submit(pool, "b\n");
    ok(reply_is(pool, "<b>\n") && stats_are(pool, 2, 2, 0), "once, and not in the statistics");
    *event_log = 0;
    ok(ends_by_itself(pool) && events_are("sending 0:bye\n;ended 9/-1;"),
       "at the end the shutdown texts are sent");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(until);
    dualpipe_rule_free(none);
}

static void set_up_anew(void) {
    struct dualpipe_request setup = text("x=1\n", NULL);
    dualpipe_pool *pool =
        pool_of("while read -r a; do eval \"$a\"; echo \"<$x>\"; done",
                (struct dualpipe_pool_options){
                    .setup_texts = &setup, .setup_count = 1, .flags = DUALPIPE_POOL_REPLACE});
    submit(pool, "exit 3\n");
    ok(fails_with(pool, DUALPIPE_OUTCOME_CHILD_ENDED) && got.status.code == 3, "a child ends");
    submit(pool, "x=$x$x\n");
    ok(reply_is(pool, "<11>\n"), "a fresh one is set up too");
    ok(events_are("started;ended 3/-1;started;"), "both are reported");
    dualpipe_pool_close(pool);
}

static void large_set_up(void) {
    enum { LARGE = 300000 };
    char *large = malloc(LARGE + 2);
    dualpipe_pool *pool;
    struct dualpipe_request setup;
    memset(large, 'x', LARGE);
    memcpy(large + LARGE, "\n", 2);
    setup = text(large, NULL);
    pool = pool_of("echo early; read -r a; read -r b; echo ${#a} $b",
                   (struct dualpipe_pool_options){.setup_texts = &setup, .setup_count = 1});
    submit(pool, "b\n");
    ok(reply_is(pool, "300000 b\n"), "a set-up text that is answered early is sent completely");
    dualpipe_pool_close(pool);
    free(large);
}

static void not_ready(void) {
    struct dualpipe_request setup = text("wait\n", NULL);
    dualpipe_pool *pool =
        pool_of("read a; exec sleep 100", (struct dualpipe_pool_options){.setup_texts = &setup,
                                                                         .setup_count = 1,
                                                                         .start_timeout = 100});
    submit(pool, "a\n");
    ok(fails_with(pool, DUALPIPE_OUTCOME_NOT_STARTED) && got.sent == 0,
       "no child is set up in time: the request is not started");
    is(dualpipe_pool_get(pool, &got, SOON), -ETIME, "which is an error");
    ok(strncmp(event_log, "setup failed wait\n;", 19) == 0 && stats_are(pool, 0, 0, 0),
       "the text is reported, the statistics are empty");
    dualpipe_pool_close(pool);
    pool =
        pool_of("exit 1", (struct dualpipe_pool_options){.setup_texts = &setup, .setup_count = 1});
    submit(pool, "a\n");
    ok(fails_with(pool, DUALPIPE_OUTCOME_NOT_STARTED), "a child that ends before it is set up");
    is(dualpipe_pool_get(pool, &got, SOON), -ECHILD, "which is another error");
    is(dualpipe_pool_room(pool), -ECHILD, "which dualpipe_pool_room returns too");
    dualpipe_pool_close(pool);
}

static void too_much_set_up(void) {
    struct dualpipe_request setup = text("0123456789abcdef\n", NULL);
    dualpipe_pool *pool = pool_of(
        "exec cat",
        (struct dualpipe_pool_options){.setup_texts = &setup, .setup_count = 1, .max_reply = 5});
    int r;
    submit(pool, "a\n");
    r = dualpipe_pool_get(pool, &got, SOON);
    ok(r == 1 && (got.outcome == DUALPIPE_OUTCOME_NOT_STARTED ||
                  got.outcome == DUALPIPE_OUTCOME_ANSWERED),
       "a set-up text with too long a reply doesn't hang the pool");
    dualpipe_pool_close(pool);
}

static void one_is_enough(void) {
    dualpipe_rule *line = rule_of((struct dualpipe_rule_options){0});
    dualpipe_pool *pool = pool_of("sleep 0.2; echo ready; exec cat",
                                  (struct dualpipe_pool_options){.workers = 4, .ready_rule = line});
    submit(pool, "a\n");
    ok(reply_is(pool, "a\n") && ends_by_itself(pool), "one request of a pool of four");
    is(count_events("ended"), 1, "starts one child");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(line);
}

static void never_ready(void) {
    dualpipe_rule *line = rule_of((struct dualpipe_rule_options){0});
    dualpipe_pool *pool;
    rmdir("first");
    pool = pool_of(
        "if mkdir first; then sleep 0.1; echo ready; exec cat; fi; exec sleep 100",
        (struct dualpipe_pool_options){.workers = 2, .ready_rule = line, .exit_timeout = 100});
    submit(pool, "a\n");
    submit(pool, "b\n");
    ok(reply_is(pool, "a\n") && reply_is(pool, "b\n"), "one of two children gets never ready");
    ok(ends_by_itself(pool), "it does not hold up the end");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(line);
}

/* --- what comes unasked ------------------------------------------------------------------ */

static void unexpected_bytes(void) {
    struct dualpipe_stats b;
    dualpipe_pool *pool = pool_of("while read -r a; do printf \"$a\\nextra\\n\"; done",
                                  (struct dualpipe_pool_options){0});
    bool good = true;
    for (int i = 0; i < 20; i++)
        good &= submit(pool, "a\n") >= 0 && reply_is(pool, "a\n");
    ok(good, "bytes that come before a request is sent belong to no reply");
    is(count_events("extra\n;"), 19, "each is reported before the next request is sent");
    ok(strstr(event_log, "unexpected 1:extra\n;") != NULL, "with the number of the one before");
    ok(ends_by_itself(pool) && strstr(event_log, "unexpected 20:extra\n;"), "and after the last");
    dualpipe_pool_stats(pool, &b);
    ok(b.unexpected_bytes >= 19 * 6, "and counted");
    dualpipe_pool_close(pool);
}

static void unexpected_later(void) {
    dualpipe_pool *pool;
    unlink("said");
    pool = pool_of("while read -r a; do echo $a; sleep 0.05; echo extra; : >said; done",
                   (struct dualpipe_pool_options){0});
    submit(pool, "a\n");
    ok(reply_is(pool, "a\n"), "a reply, and some time later a line more");
    until(file_exists, WORD("said"));
    submit(pool, "b\n");
    ok(reply_is(pool, "b\n") && count_events("unexpected 1:extra\n;") == 1,
       "it is not the next reply, although nothing was read meanwhile");
    dualpipe_pool_close(pool);
}

static void notifications(void) {
    static const char *const async[] = {"^!", NULL};
    dualpipe_rule *rule =
        rule_of((struct dualpipe_rule_options){.count = 2, .notifications = async});
    dualpipe_pool *pool = pool_of("read a; printf '1\\n!x\\n2\\n!y\\n'; read b; printf '3\\n4\\n'",
                                  (struct dualpipe_pool_options){.rule = rule});
    submit(pool, "a\n");
    ok(reply_is(pool, "1\n2\n"), "a notification is cut out of a reply");
    submit(pool, "b\n");
    ok(reply_is(pool, "3\n4\n"), "and is not unexpected between replies");
    ok(events_are("started;notification !x\n;notification !y\n;") ||
       events_are("started;notification !x\n;notification !y\n;ended 0/-1;"), "each is reported");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(rule);
}

static void request_of_child(void) {
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){.id = "json"});
    dualpipe_pool *pool = pool_of("read a; echo '{\"id\":7,\"method\":\"who\"}'; read b; "
                                  "case $b in *'\"id\":7'*-32601*) "
                                  "echo '{\"id\":1,\"result\":2}';; esac; cat",
                                  (struct dualpipe_pool_options){.rule = rule});
    submit(pool, "{\"id\":1,\"method\":\"m\"}\n");
    ok(reply_is(pool, "{\"id\":1,\"result\":2}\n"), "a request of the child is refused");
    is(count_events("notification {\"id\":7,"), 1, "and shown");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(rule);
}

static void on_stderr(void) {
    dualpipe_pool *pool =
        pool_of("while read -r a; do echo \"e$a\" >&2; echo $a; done",
                (struct dualpipe_pool_options){.flags = DUALPIPE_POOL_TRACE_SENT});
    submit(pool, "a\n");
    ok(reply_is(pool, "a\n"), "a reply");
    ok(events_are("started;sending 1:a\n;stderr ea\n;"), "the stderr of a request comes before it");
    submit(pool, "b\n");
    ok(reply_is(pool, "b\n") &&
           events_are("started;sending 1:a\n;stderr ea\n;sending 2:b\n;stderr eb\n;"),
       "and before the next is sent");
    dualpipe_pool_close(pool);
}

static void stderr_flood(void) {
    dualpipe_pool *pool = pool_of("read a; yes >&2 & echo $a; read b; kill $!",
                                  (struct dualpipe_pool_options){0});
    submit(pool, "a\n");
    ok(reply_is(pool, "a\n"), "a flood on stderr delays no reply");
    submit_for(pool, "b\n", 100);
    ok(dualpipe_pool_get(pool, &got, SOON) == 1, "and no time limit");
    dualpipe_pool_close(pool);
}

/* Waits as the loop of a host does until the callback has been told that text. */
static int is_told_soon(dualpipe_pool *pool, const char *text) {
    for (long end = now_ms() + SOON; !strstr(event_log, text) && now_ms() < end;) {
        struct dualpipe_pollitem e;
        int limit = 10;
        dualpipe_pool_pollitems(pool, &e, 1, &limit);
        dualpipe_poll(&e, 1, limit);
        dualpipe_pool_get(pool, &got, 0);
    }
    return strstr(event_log, text) != NULL;
}

static void unexpected_at_once(void) {
    dualpipe_pool *pool =
        pool_of("echo hi; read -r a; echo \"<$a>\"; echo more; cat; echo last",
                (struct dualpipe_pool_options){.flags = DUALPIPE_POOL_INTERACTIVE});
    ok(is_told_soon(pool, "unexpected 0:hi\n;"), "unexpected output is reported at once");
    submit(pool, "a\n");
    ok(reply_is(pool, "<a>\n"), "a reply is a reply");
    ok(is_told_soon(pool, "more\n;"), "and what follows it is no reply");
    dualpipe_pool_end(pool);
    ok(is_told_soon(pool, "last\n;"), "its last output too");
    dualpipe_pool_close(pool);
}

static void late_at_leisure(void) {
    dualpipe_pool *pool =
        pool_of(SLOW_ECHO, (struct dualpipe_pool_options){.flags = DUALPIPE_POOL_INTERACTIVE |
                                                                   DUALPIPE_POOL_REPLACE});
    submit_for(pool, "0.2\n", 1);
    ok(fails_with(pool, DUALPIPE_OUTCOME_TIMED_OUT), "a reply is late");
    ok(is_told_soon(pool, "late 1:;"), "it is awaited as long as no other request waits");
    submit_for(pool, "0\n", SOON);
    ok(reply_is(pool, "<0>\n"), "then all is in step again");
    submit_for(pool, "100\n", 1);
    ok(fails_with(pool, DUALPIPE_OUTCOME_TIMED_OUT), "one does not come");
    submit_for(pool, "0\n", SOON);
    ok(reply_is(pool, "<0>\n") && count_events("replaced") == 1,
       "a waiting request waits for its limit");
    dualpipe_pool_close(pool);
}

static void given_up(void) {
    dualpipe_pool *pool =
        pool_of(SLOW_ECHO, (struct dualpipe_pool_options){.flags = DUALPIPE_POOL_REPLACE});
    dualpipe_pool_timeout_oldest(pool);
    submit(pool, "100\n");
    is(dualpipe_pool_get(pool, &got, 0), -ETIMEDOUT, "a reply does not come");
    dualpipe_pool_timeout_oldest(pool);
    ok(fails_with(pool, DUALPIPE_OUTCOME_TIMED_OUT),
       "its request comes back when it is timed out by hand");
    submit(pool, "0\n");
    ok(reply_is(pool, "<0>\n") && count_events("replaced") == 1, "and the child is replaced");
    dualpipe_pool_close(pool);
}

static void given_up_before_it_is_sent(void) {
    dualpipe_pool *pool = pool_of("trap '' TERM; read -r a; while :; do sleep 1; done",
                                  (struct dualpipe_pool_options){.flags = DUALPIPE_POOL_REPLACE});
    submit(pool, "1\n");
    is(dualpipe_pool_get(pool, &got, 0), -ETIMEDOUT, "a reply does not come");
    dualpipe_pool_timeout_oldest(pool);
    ok(fails_with(pool, DUALPIPE_OUTCOME_TIMED_OUT),
       "its request comes back when it is timed out by hand");
    submit(pool, "2\n");
    is(dualpipe_pool_get(pool, &got, 0), -ETIMEDOUT, "the next one waits: the child won't go");
    dualpipe_pool_timeout_oldest(pool);
    ok(fails_with(pool, DUALPIPE_OUTCOME_TIMED_OUT), "it can be timed out, too");
    dualpipe_pool_close(pool);
}

int main(void) {
    int fds = open_fds();
    begin();
    unexpected_at_once();
    late_at_leisure();
    given_up();
    given_up_before_it_is_sent();
    set_up();
    set_up_anew();
    large_set_up();
    not_ready();
    too_much_set_up();
    one_is_enough();
    never_ready();
    unexpected_bytes();
    unexpected_later();
    notifications();
    request_of_child();
    on_stderr();
    stderr_flood();
    ok(is_left_clean(fds), "no descriptor and no child is left");
    return done();
}
