/* Tests a pool in the poll loop of a host, its end, its stop, and the options it refuses. */
#include "pool_fixture.h"

#define ECHO "while read -r a; do echo $a; done"

/* --- in a loop of the host's ------------------------------------------------------------- */

enum { MOST_EVENTS = 8, MOST_FDS = 32 };

static int wait_by_poll(struct dualpipe_pollitem *e, int n, int limit) {
    return dualpipe_poll(e, n, limit);
}

static int wait_by_fds(struct dualpipe_pollitem *e, int n, int limit) {
    struct pollfd fds[MOST_FDS];
    int nfds = dualpipe_pollfds(e, n, fds, MOST_FDS, &limit);
    if (nfds > MOST_FDS || poll(fds, (nfds_t)nfds, limit) < 0)
        return -1;
    return dualpipe_step(e, n, fds, nfds);
}

typedef int waiter(struct dualpipe_pollitem *e, int n, int limit);

/* Gets one reply, with one dualpipe_pool_get for each wait. */
static int get_by(dualpipe_pool *pool, waiter *wait, struct dualpipe_pollitem *own) {
    for (long end = now_ms() + SOON; now_ms() < end;) {
        struct dualpipe_pollitem e[MOST_EVENTS];
        int limit = SOON, n = dualpipe_pool_pollitems(pool, e, MOST_EVENTS - 1, &limit), r;
        if (own)
            e[n] = *own;
        if (n >= MOST_EVENTS || wait(e, n + (own != NULL), limit) < 0)
            return -1;
        if (own)
            own->revents |= e[n].revents;
        if ((r = dualpipe_pool_get(pool, &got, 0)) != -ETIMEDOUT)
            return r;
    }
    return -ETIME;
}

static void in_a_loop(waiter *wait, const char *name) {
    dualpipe_pool *pool = pool_of(ECHO, (struct dualpipe_pool_options){.workers = 2, .window = 3});
    int in = 0, out = 0;
    bool good = true;
    while (good && out < 300) {
        char text[20];
        for (; in < 300 && dualpipe_pool_room(pool) > 0; in++) {
            snprintf(text, sizeof text, "%d\n", in);
            good &= submit(pool, text) >= 0;
        }
        snprintf(text, sizeof text, "%d\n", out++);
        good &= get_by(pool, wait, NULL) == 1 && is_text(got.data, got.size, text);
    }
    ok(good, "%s: replies in order, one a turn, none forgotten", name);
    for (int i = 0; i < 3; i++)
        submit(pool, "x\n");
    dualpipe_pool_end(pool);
    for (int r = 1; r > 0 && good;)
        if ((r = get_by(pool, wait, NULL)) < 0)
            good = false;
    ok(good && stats_are(pool, 303, 303, 0), "%s: to its end", name);
    dualpipe_pool_close(pool);
}

static void limits_in_a_loop(waiter *wait, const char *name) {
    dualpipe_pool *pool = pool_of("exec sleep 100", (struct dualpipe_pool_options){0});
    submit_for(pool, "a\n", 50);
    ok(get_by(pool, wait, NULL) == 1 && got.outcome == DUALPIPE_OUTCOME_TIMED_OUT,
       "%s: a limit passes", name);
    submit_for(pool, "b\n", 50);
    ok(get_by(pool, wait, NULL) == 1 && got.outcome == DUALPIPE_OUTCOME_NOT_STARTED,
       "%s: and the late reply's", name);
    dualpipe_pool_stop(pool, 0);
    is(get_by(pool, wait, NULL), 0, "and it is stopped");
    dualpipe_pool_close(pool);
}

static void beside_others(void) {
    int ends[2];
    struct dualpipe_pollitem own = {.events = DUALPIPE_POLL_STDOUT};
    dualpipe_pool *pool = pool_of("read a; read b; echo $a", (struct dualpipe_pool_options){
        .window = 2});
    struct dualpipe_pollitem e[2];
    int limit = 100;
    if (pipe(ends) < 0 || write(ends[1], "x", 1) != 1)
        abort();
    own.fd = ends[0];
    submit(pool, "a\n");
    is(dualpipe_pool_pollitems(pool, e, 1, &limit), 1, "one event for a child");
    ok(limit <= 100, "limit is never raised");
    e[1] = own;
    ok(dualpipe_poll(e, 2, SOON) == 1 && e[1].revents & DUALPIPE_POLL_STDOUT,
       "beside events of one's own");
    submit(pool, "b\n");
    ok(get_by(pool, wait_by_poll, &own) == 1 && is_text(got.data, got.size, "a\n"), "a reply");
    is(dualpipe_pool_pollitems(pool, e, 0, &limit), 1, "more events than there is room for");
    dualpipe_pool_close(pool);
    close(ends[0]);
    close(ends[1]);
}

/* --- the end ----------------------------------------------------------------------------- */

static bool has_waited(void *pool) {
    struct dualpipe_reply r;
    return dualpipe_pool_oldest(pool, &r) == 1 && r.duration_us >= 5000;
}

static void oldest(void) {
    struct dualpipe_reply r;
    struct dualpipe_diagnosis s;
    dualpipe_pool *pool =
        pool_of("read a; read b; read c; echo $a",
                (struct dualpipe_pool_options){.window = 2, .flags = DUALPIPE_POOL_MEASURE_TIME});
    is(dualpipe_pool_oldest(pool, &r), 0, "nothing waits");
    submit(pool, "a\n");
    submit(pool, "b\n");
    ok(dualpipe_pool_oldest(pool, &r) == 1 && r.number == 1 && r.sent == 2 && r.unsent == 0 &&
       r.worker == 0 && r.child, "what has waited longest");
    ok(until(has_waited, pool), "and for how long");
    ok(r.child && dualpipe_diagnose(r.child, &s, 0) == 0 && s.pid > 0,
       "its child can be inspected");
    dualpipe_pool_close(pool);
}

static void stopped(void) {
    dualpipe_pool *pool = pool_of("trap '' TERM; read a; echo $a; while :; do sleep 0.1; done",
                                  (struct dualpipe_pool_options){.window = 2, .workers = 2});
    submit(pool, "a\n");
    ok(reply_is(pool, "a\n"), "a child that heeds no SIGTERM");
    for (int i = 0; i < 3; i++)
        submit(pool, "b\n");
    dualpipe_pool_stop(pool, SIGTERM);
    ok(dualpipe_pool_get(pool, &got, SOON) == 1 && got.outcome != DUALPIPE_OUTCOME_ANSWERED,
       "the request under way fails");
    ok(submit(pool, "c\n") < 0, "a pool that is stopped takes no more");
    dualpipe_pool_stop(pool, SIGKILL);
    while (dualpipe_pool_get(pool, &got, SOON) == 1)
        ;
    is(dualpipe_pool_get(pool, &got, SOON), 0, "then no child is left");
    ok(count_events("ended -1/9;") >= 1, "SIGKILL: at once");
    dualpipe_pool_close(pool);
}

static void ended(void) {
    dualpipe_pool *pool = pool_of("while read -r a; do echo $a; done; exit 6",
                                  (struct dualpipe_pool_options){.workers = 2});
    submit(pool, "a\n");
    submit(pool, "b\n");
    dualpipe_pool_end(pool);
    is(submit(pool, "c\n"), -EPIPE, "a pool that is ended takes no more");
    ok(reply_is(pool, "a\n") && reply_is(pool, "b\n"), "the requests under way are answered");
    is(dualpipe_pool_get(pool, &got, SOON), 0, "then no child is left");
    is(count_events("ended 6/-1;"), 2, "they ended by themselves");
    dualpipe_pool_close(pool);
    pool = pool_of("read a; exec sleep 100", (struct dualpipe_pool_options){.exit_timeout = 50});
    ok(ends_by_itself(pool) && events_are("started;ended -1/15;"),
       "one that does not is stopped after patience");
    dualpipe_pool_close(pool);
}

static void out_of_step_at_the_end(void) {
    dualpipe_pool *pool = pool_of(
        "read a; exec sleep 100",
        (struct dualpipe_pool_options){.flags = DUALPIPE_POOL_REPLACE, .exit_timeout = 10 * SOON});
    submit_for(pool, "a\n", 20);
    ok(fails_with(pool, DUALPIPE_OUTCOME_TIMED_OUT), "a child out of step at the end");
    ok(ends_by_itself(pool), "is not waited for patiently");
    dualpipe_pool_close(pool);
}

static void closed_early(void) {
    dualpipe_pool *pool = pool_of("read a; exec sleep 100", (struct dualpipe_pool_options){
        .workers = 3, .window = 2, .retries = 1});
    for (int i = 0; i < 6; i++)
        submit(pool, "a\n");
    ok(dualpipe_pool_close(pool) == NULL, "closed with all requests under way");
    pool = pool_of(ECHO, (struct dualpipe_pool_options){0});
    submit(pool, "a\n");
    ok(reply_is(pool, "a\n") && !dualpipe_pool_close(pool),
       "and with a reply that is still in use");
    ok(dualpipe_pool_close(NULL) == NULL, "NULL does nothing");
}

/* --- what is refused --------------------------------------------------------------------- */

static void is_refused(struct dualpipe_pool_options o, const char *what) {
    char *argv[] = {WORD("cat"), NULL};
    struct dualpipe_options child = {.argv = argv};
    struct dualpipe_error why = {0};
    dualpipe_pool *pool = NULL;
    int r;
    o.child = &child;
    r = dualpipe_pool_open(&pool, &o, &why);
    ok(r == -EINVAL && why.hint && !pool, "refused: %s", what);
    dualpipe_pool_close(pool);
}

static void refusals(void) {
    dualpipe_rule *prompt = rule_of((struct dualpipe_rule_options){.prompt = "> "});
    is_refused((struct dualpipe_pool_options){.workers = 2, .flags = DUALPIPE_POOL_STREAM_REPLIES},
            "pieces of two workers");
    is_refused((struct dualpipe_pool_options){.flags = DUALPIPE_POOL_STREAM_REPLIES |
                                                    DUALPIPE_POOL_UNORDERED},
            "pieces unordered");
    is_refused((struct dualpipe_pool_options){.window = 2, .flags = DUALPIPE_POOL_ONE_SHOT},
            "a window of children of their own");
    is_refused((struct dualpipe_pool_options){.window = 2, .rule = prompt},
               "a window with a prompt");
    is_refused((struct dualpipe_pool_options){.flags = DUALPIPE_POOL_KEEP_STDERR},
            "stderr that is inherited");
    is_refused((struct dualpipe_pool_options){.workers = -1}, "less than no worker");
    is_refused((struct dualpipe_pool_options){.window = -2}, "less than no window");
    is_refused((struct dualpipe_pool_options){.flags = DUALPIPE_POOL_STREAM_REPLIES |
                                                    DUALPIPE_POOL_RETRY_PARTIAL,
                                           .retries = 1},
            "pieces that would come twice");
    dualpipe_rule_free(prompt);
}

int main(void) {
    int fds = open_fds();
    begin();
    in_a_loop(wait_by_poll, "dualpipe_poll");
    in_a_loop(wait_by_fds, "dualpipe_step");
    limits_in_a_loop(wait_by_poll, "dualpipe_poll");
    limits_in_a_loop(wait_by_fds, "dualpipe_step");
    beside_others();
    oldest();
    stopped();
    ended();
    out_of_step_at_the_end();
    closed_early();
    refusals();
    ok(is_left_clean(fds), "no descriptor and no child is left");
    return done();
}
