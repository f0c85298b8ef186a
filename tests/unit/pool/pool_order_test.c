/* Tests what comes out of a pool: the order of replies, what belongs to a reply, and how many
 * requests may be submitted. */
#include "pool_fixture.h"

/* Replies to each line with the line itself; an empty line ends it. */
#define ECHO "while read -r a; do case $a in '') exit 3;; esac; echo \"$a\"; done"

static void one_child(void) {
    dualpipe_pool *pool = pool_of(ECHO, (struct dualpipe_pool_options){0});
    is(dualpipe_pool_room(pool), 1, "a pool of one child has room for one request");
    ok(submit(pool, "a\n") >= 0, "one is submitted");
    is(dualpipe_pool_room(pool), 0, "then there is none");
    is(submit(pool, "b\n"), -EAGAIN, "and a second is refused until the first is got");
    ok(reply_is(pool, "a\n") && got.number == 1 && got.attempt == 1 && got.worker == 0 &&
           !strcmp(got.tag, "a\n") && !got.partial,
       "its reply has its number and its tag");
    ok(got.sent == 2 && got.unsent == 0 && got.matched == -1 && got.child &&
           got.status.code == -1 && got.status.signal == -1 && got.duration_us == 0,
       "and tells of its sending");
    ok(submit(pool, "b\n") >= 0, "then there is room again");
    ok(reply_is(pool, "b\n") && got.number == 2 && !got.request_size && !got.err_size,
       "its number is the next, refusals aside");
    is(dualpipe_pool_get(pool, &got, SOON), 0, "0: nothing is under way");
    ok(stats_are(pool, 2, 2, 0), "the statistics count both");
    dualpipe_pool_close(pool);
}

static void limit_passes(void) {
    dualpipe_pool *pool = pool_of("read a; read b; echo $a", (struct dualpipe_pool_options){
        .window = 2});
    submit(pool, "a\n");
    is(dualpipe_pool_get(pool, &got, 0), -ETIMEDOUT, "a get that does not wait");
    is(dualpipe_pool_get(pool, &got, 10), -ETIMEDOUT, "one whose limit passes moves nothing");
    submit(pool, "b\n");
    ok(reply_is(pool, "a\n"), "the reply comes to the next");
    dualpipe_pool_close(pool);
}

/* dualpipe_pool_put returns 1 only if a reply is ready. */
static void put_tells(void) {
    dualpipe_pool *pool = pool_of(ECHO, (struct dualpipe_pool_options){.window = 3});
    bool good = true;
    int said = 0;
    for (int i = 0; i < 1000; i++) {
        int r = submit(pool, "a\n");
        good &= r == 0 || (r == 1 && dualpipe_pool_get(pool, &got, 0) == 1);
        said += r == 1;
        while (r == 0 && dualpipe_pool_room(pool) == 0)
            r = dualpipe_pool_get(pool, &got, SOON);
        good &= r >= 0;
    }
    ok(good, "a promised reply is there: %d times", said);
    dualpipe_pool_close(pool);
}

static void order_of_two(unsigned flags) {
    bool ordered = !(flags & DUALPIPE_POOL_UNORDERED);
    dualpipe_pool *pool = pool_of(
        "while read -r a; do [ $a = fast ] || until [ -e fast ]; do sleep 0.01; done;"
        " echo $a; done",
        (struct dualpipe_pool_options){.workers = 2, .flags = flags});
    unlink("fast");
    is(dualpipe_pool_room(pool), 2, "two workers have room for two");
    submit(pool, "slow\n");
    submit(pool, "fast\n");
    if (ordered)
        dualpipe_pool_get(pool, &got, 100); /* the fast reply arrives, but has to wait */
    else
        ok(reply_is(pool, "fast\n") && got.number == 2, "unordered: as they come");
    fclose(fopen("fast", "w"));
    if (ordered)
        ok(reply_is(pool, "slow\n") && reply_is(pool, "fast\n") && got.number == 2 &&
           got.worker == 1, "in the order of submission, although the second came sooner");
    else
        ok(reply_is(pool, "slow\n") && got.number == 1, "and the slow one in the end");
    unlink("fast");
    dualpipe_pool_close(pool);
}

static void window(void) {
    dualpipe_pool *pool = pool_of("read a; read b; read c; echo $a; echo $b; echo $c; exec cat",
                                  (struct dualpipe_pool_options){.window = 3});
    is(dualpipe_pool_room(pool), 3, "a window is room");
    submit(pool, "a\n");
    submit(pool, "b\n");
    submit(pool, "c\n");
    is(submit(pool, "d\n"), -EAGAIN, "and no more");
    ok(reply_is(pool, "a\n") && reply_is(pool, "b\n"), "all are with the child before it answers");
    is(dualpipe_pool_room(pool), 2, "room comes back with each reply");
    ok(submit(pool, "d\n") >= 0 && reply_is(pool, "c\n") && reply_is(pool, "d\n"), "and goes on");
    dualpipe_pool_close(pool);
}

static void by_id(unsigned flags) {
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){.id = "^([0-9]+)"});
    dualpipe_pool *pool = pool_of("read a; read b; read c; echo $b; echo 99; echo $a; exec cat",
        (struct dualpipe_pool_options){.window = 3, .rule = rule, .flags = flags});
    submit(pool, "1\n");
    submit(pool, "2\n");
    submit(pool, "none\n");
    if (flags)
        ok(reply_is(pool, "2\n") && reply_is(pool, "1\n") && reply_is(pool, ""),
           "by id and unordered: as they come");
    else
        ok(reply_is(pool, "1\n") && reply_is(pool, "2\n") && reply_is(pool, ""),
           "by id, in the order of submission; a request without an id expects no reply");
    ok(strstr(event_log, "notification 99\n;") != NULL, "an id of no request answers none");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(rule);
}

static void pieces(void) {
    dualpipe_rule *two = rule_of((struct dualpipe_rule_options){.count = 2});
    dualpipe_pool *pool =
        pool_of("trap 'echo two; go=1' USR1; read a; echo one;"
                "until [ \"$go\" ]; do sleep 0.01; done; exec cat",
                (struct dualpipe_pool_options){.rule = two, .flags = DUALPIPE_POOL_STREAM_REPLIES});
    submit(pool, "a\n");
    ok(reply_is(pool, "one\n") && got.partial, "a piece is given before the reply is whole");
    dualpipe_pool_signal(pool, SIGUSR1);
    ok(reply_is(pool, "two\n") && !got.partial, "the rest follows");
    submit(pool, "x\ny\n");
    ok(reply_is(pool, "x\ny\n") && !got.partial && stats_are(pool, 2, 2, 0), "each counts once");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(two);
}

static void kept(void) {
    dualpipe_pool *pool =
        pool_of("while read -r a; do echo err $a >&2; echo $a; done",
                (struct dualpipe_pool_options){.flags = DUALPIPE_POOL_KEEP_REQUESTS |
                                                        DUALPIPE_POOL_KEEP_STDERR |
                                                        DUALPIPE_POOL_MEASURE_TIME});
    bool good = true;
    for (int i = 0; i < 100; i++) {
        char text[20], err[30];
        snprintf(text, sizeof text, "%d\n", i);
        snprintf(err, sizeof err, "err %d\n", i);
        good &= submit(pool, text) >= 0 && reply_is(pool, text) && got.number == i + 1 &&
                is_text(got.request, got.request_size, text) &&
                is_text(got.err, got.err_size, err) && got.duration_us > 0;
    }
    ok(good, "replies give their request, the child's stderr meanwhile, and their time");
    ok(events_are("started;"), "what is kept is not reported");
    dualpipe_pool_close(pool);
}

static bool is_near_now(int64_t us) {
    int64_t now = (int64_t)time(NULL) * 1000000;
    return us > now - 600 * (int64_t)1000000 && us <= now + 1000000;
}

#define BURN "i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done; "

static void measured(void) {
    struct dualpipe_pool_options o = {.flags = DUALPIPE_POOL_MEASURE_USAGE};
    dualpipe_pool *pool = pool_of("while read -r a; do eval \"$a\"; done", o);
    int64_t first = 0;
    long before;
    submit(pool, "echo a\n");
    ok(reply_is(pool, "a\n") && is_near_now(first = got.started_us),
       "the time of day when a request was sent");
    ok(got.status.code == -1 && got.status.signal == -1 && got.status.maxrss_kb > 100,
       "what a child that goes on has used");
    before = got.status.cpu_ms;
    submit(pool, BURN "echo b\n");
    ok(reply_is(pool, "b\n") && got.status.cpu_ms >= before + 10 && got.started_us >= first,
       "its processor time grows");
    before = got.status.cpu_ms;
    submit(pool, "(" BURN "); exit 3\n");
    ok(fails_with(pool, DUALPIPE_OUTCOME_CHILD_ENDED) && got.status.code == 3 &&
           got.status.cpu_ms >= before + 10 && got.status.maxrss_kb > 100,
       "what one that has ended had used, with a child of its own");
    dualpipe_pool_close(pool);

    o.flags |= DUALPIPE_POOL_ONE_SHOT;
    pool = pool_of("date +%s; cat", o);
    submit(pool, "");
    ok(dualpipe_pool_get(pool, &got, SOON) == 1 && got.status.code == 0 &&
           got.status.maxrss_kb > 100 && got.started_us / 1000000 <= atoll(got.data),
       "ONE_SHOT: when the child was started");
    dualpipe_pool_close(pool);

    pool = pool_of("exec cat", (struct dualpipe_pool_options){.flags = 0});
    submit(pool, "a\n");
    ok(reply_is(pool, "a\n") && got.started_us == 0 && got.status.maxrss_kb == 0 &&
           got.status.cpu_ms == 0,
       "without the flag nothing of it is filled in");
    dualpipe_pool_close(pool);
}

static void own_rules(void) {
    static const char *const either[] = {"^no$", "^end$", NULL};
    dualpipe_rule *end = rule_of((struct dualpipe_rule_options){.end_patterns = either});
    dualpipe_rule *none = rule_of((struct dualpipe_rule_options){.count = -1});
    dualpipe_rule *prompt = rule_of((struct dualpipe_rule_options){.prompt = "> "});
    dualpipe_pool *pool = pool_of("echo hello; while read -r a; do eval \"$a\"; done",
                                  (struct dualpipe_pool_options){.window = 2});
    struct dualpipe_request q = {.tag = pool};
    ok(dualpipe_pool_put(pool, &q) >= 0, "an empty request: a reply is awaited");
    ok(reply_is(pool, "hello\n") && got.sent == 0 && got.tag == pool, "and comes");
    q = (struct dualpipe_request){.data = "echo a; echo end\n", .size = 17, .rule = end};
    dualpipe_pool_put(pool, &q);
    ok(reply_is(pool, "a\nend\n") && got.matched == 1, "a request's own rule; which pattern held");
    q = (struct dualpipe_request){.data = "x=5\n", .size = 4, .rule = none};
    dualpipe_pool_put(pool, &q);
    submit(pool, "echo $x\n");
    ok(reply_is(pool, "") && reply_is(pool, "5\n"),
       "a request that expects no reply is answered by nothing");
    q.rule = prompt;
    is(dualpipe_pool_put(pool, &q), -EINVAL, "a prompt allows no window");
    ok(stats_are(pool, 4, 4, 0), "a refused request isn't in the statistics");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(end);
    dualpipe_rule_free(none);
    dualpipe_rule_free(prompt);
}

static void many(void) {
    enum { MANY = 5000 };
    dualpipe_pool *pool = pool_of("exec cat", (struct dualpipe_pool_options){
        .workers = 3, .window = 4});
    char text[20];
    int in = 0, out = 0;
    bool good = true;
    while (good && out < MANY) {
        while (in < MANY && dualpipe_pool_room(pool) > 0) {
            snprintf(text, sizeof text, "%d\n", ++in);
            good &= submit(pool, text) >= 0;
        }
        snprintf(text, sizeof text, "%d\n", ++out);
        good &= reply_is(pool, text) && got.number == out;
    }
    ok(good && stats_are(pool, MANY, MANY, 0), "thousands, by three children, in order");
    dualpipe_pool_close(pool);
}

int main(void) {
    int fds = open_fds();
    begin();
    one_child();
    limit_passes();
    put_tells();
    order_of_two(0);
    order_of_two(DUALPIPE_POOL_UNORDERED);
    window();
    by_id(0);
    by_id(DUALPIPE_POOL_UNORDERED);
    pieces();
    kept();
    measured();
    own_rules();
    many();
    ok(is_left_clean(fds), "no descriptor and no child is left");
    return done();
}
