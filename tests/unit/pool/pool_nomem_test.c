/* Tests the pool when memory runs out: allocation k fails, for every k, once or from then on.
 * Every submitted request must come out once; a reply must be right or say that it failed;
 * nothing may be left. */
#include "../child/nomem_fixture.h"

static const char echo_lines[] = "while read -r l; do echo \"$l\"; done";

/* Judges a reply: 0 right, a negative errno, 1 wrong. */
static int judge_reply(const struct dualpipe_reply *r, const char *want) {
    if (r->outcome == DUALPIPE_OUTCOME_ANSWERED)
        return r->size == strlen(want) && memcmp(r->data, want, r->size) == 0 ? 0 : 1;
    return r->outcome == DUALPIPE_OUTCOME_TIMED_OUT ? 1 : -ENOMEM;
}

enum { REQUESTS = 6 };

/* Submits while there is room and gets what comes. The statistics must add up whatever fails. */
static int ask_all(dualpipe_pool *pool, const dualpipe_rule *rule, const char *const *wants) {
    struct dualpipe_stats stats;
    struct dualpipe_reply reply;
    int put = 0, told = 0, got = 0, r = 0;
    for (long limit = now_ms() + SOON; now_ms() < limit;) {
        while (put < REQUESTS && dualpipe_pool_room(pool) > 0) {
            struct dualpipe_request q = {.data = wants[put], .size = strlen(wants[put]),
                                         .rule = rule, .tag = (void *)(uintptr_t)wants[put]};
            if ((r = dualpipe_pool_put(pool, &q)) == -EAGAIN)
                break;
            put++;
            got += r < 0; /* the request failed at once */
            keep_error(&told, r);
        }
        r = dualpipe_pool_get(pool, &reply, scaled(1000));
        if (r == 1) {
            int o = judge_reply(&reply, reply.tag);
            if (o > 0)
                return 1;
            keep_error(&told, o);
            got++;
        } else if (r == 0 && (put == REQUESTS || dualpipe_pool_room(pool) <= 0)) {
            break; /* all is done, or the child has ended and is not replaced */
        } else if (r < 0 && r != -ETIMEDOUT) {
            keep_error(&told, r);
            break;
        }
    }
    dualpipe_pool_stats(pool, &stats);
    if (r == 0 && (got != put || stats.submitted != stats.answered + stats.failed))
        return 1;
    return told;
}

static int with_pool(struct dualpipe_pool_options o, const struct dualpipe_rule_options *by) {
    static const char *const wants[REQUESTS] = {"1 one\n", "2 two\n", "3 three\n",
                                                "4 four\n", "5 five\n", "6 six\n"};
    char *argv[] = SHELL(echo_lines);
    struct dualpipe_options child = {.argv = argv, .grace = scaled(500)};
    struct dualpipe_error why = {0};
    dualpipe_rule *rule = NULL;
    dualpipe_pool *pool = NULL;
    int r = 0;
    if (o.flags & DUALPIPE_POOL_KEEP_STDERR)
        child.err = DUALPIPE_STDERR_RELAY;
    o.child = &child;
    if (by && (r = dualpipe_rule_new(&rule, by, &why)) < 0)
        return r;
    o.rule = rule;
    if ((r = dualpipe_pool_open(&pool, &o, &why)) == 0) {
        r = ask_all(pool, rule, wants);
        dualpipe_pool_end(pool);
    } else if (pool) {
        r = 1;
    }
    dualpipe_pool_close(pool);
    dualpipe_rule_free(rule);
    return r == -EPIPE || r == -ESTALE || r == -ECHILD
               ? -ENOMEM
               : r; /* a consequence of the failed allocation */
}

static int one_worker(void) {
    return with_pool((struct dualpipe_pool_options){.workers = 1}, NULL);
}

static int many_workers(void) {
    return with_pool((struct dualpipe_pool_options){.workers = 3,
                                                    .window = 2,
                                                    .flags = DUALPIPE_POOL_REPLACE |
                                                             DUALPIPE_POOL_KEEP_STDERR |
                                                             DUALPIPE_POOL_KEEP_REQUESTS},
                     NULL);
}

static int fenced(void) {
    static const struct dualpipe_rule_options by = {.fence = "{}"};
    return with_pool((struct dualpipe_pool_options){.window = 3, .flags = DUALPIPE_POOL_REPLACE},
                     &by);
}

static int by_id(void) {
    static const struct dualpipe_rule_options by = {.id = "^([0-9])"};
    return with_pool((struct dualpipe_pool_options){.window = 4, .flags = DUALPIPE_POOL_UNORDERED},
                     &by);
}

static int fresh(void) {
    static const struct dualpipe_rule_options by = {.until_eof = 1};
    return with_pool((struct dualpipe_pool_options){.workers = 2, .flags = DUALPIPE_POOL_ONE_SHOT},
                     &by);
}

static int set_up(void) {
    static const struct dualpipe_request texts[] = {{.data = "a\n", .size = 2}};
    return with_pool((struct dualpipe_pool_options){.setup_texts = texts,
                                                    .setup_count = 1,
                                                    .shutdown_texts = texts,
                                                    .shutdown_count = 1,
                                                    .retries = 1,
                                                    .flags = DUALPIPE_POOL_REPLACE},
                     NULL);
}

static int ask_one(void) {
    int r, told = 0;
    dualpipe *dp = try_start(echo_lines, &r);
    if (!dp)
        return r;
    for (int i = 0; i < 3; i++) {
        struct dualpipe_request q = {.data = "abc\n", .size = 4};
        struct dualpipe_reply reply;
        if ((r = dualpipe_ask(dp, &q, &reply)) == 0)
            r = judge_reply(&reply, "abc\n");
        if (r == 1)
            told = 1;
        keep_error(&told, r == -EPIPE || r == -ESTALE ? -ENOMEM : r);
    }
    dualpipe_close(dp, NULL);
    return told;
}

int main(void) {
    begin();
    for (int ever = 0; ever < 2; ever++) {
        torture("ask", ask_one, ever);
        torture("a pool of one", one_worker, ever);
        torture("a pool of three, with windows", many_workers, ever);
        torture("a fence", fenced, ever);
        torture("by id, unordered", by_id, ever);
        torture("fresh children", fresh, ever);
        torture("set-up and quit texts", set_up, ever);
    }
    return done();
}
