/* Tests pools with a frame kind: replies come out as they were written, and a malformed frame
 * fails the request, tells the offset, and has its child replaced. */
#include "pool_fixture.h"

#define N DUALPIPE_FRAME_NETSTRING

static dualpipe_pool *pool_in(const char *script, const dualpipe_rule *rule, unsigned flags) {
    struct dualpipe_pool_options o = {.rule = rule, .flags = flags, .max_reply = 100};
    return pool_of(script, o);
}

static void whole_frames(void) {
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){.kind = N, .count = 2});
    dualpipe_pool *pool = pool_in("printf 1:a,; sleep 0.1; printf 0:,1:c,0:; sleep 0.1; printf ,",
                                  rule, 0);
    submit(pool, "");
    ok(reply_is(pool, "1:a,0:,"), "two frames, heads and all");
    submit(pool, "");
    ok(reply_is(pool, "1:c,0:,"), "and two more, that come in parts");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(rule);
}

static void pieces(void) {
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){.kind = N});
    dualpipe_pool *pool = pool_in("printf 9:abc; read a; printf def; read a; printf ghi,", rule,
                                  DUALPIPE_POOL_STREAM_REPLIES);
    submit(pool, "");
    ok(reply_is(pool, "9:abc") && got.partial, "a frame is given while it comes");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(rule);
}

static void broken(unsigned flags) {
    const char *const until[] = {"^b", NULL};
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){.kind = N, .end_patterns = until});
    dualpipe_pool *pool = pool_in("read a; printf 1:b,; read a; printf '1:a,05:hello,'; exec cat",
                                  rule, DUALPIPE_POOL_REPLACE | flags);
    submit(pool, "1\n");
    ok(reply_is(pool, "1:b,"), "one reply");
    submit(pool, "2\n");
    if (flags)
        ok(reply_is(pool, "1:a,") && got.partial, "what is sure of the next is given first");
    ok(outcome_is(pool, DUALPIPE_OUTCOME_MALFORMED, "05:hello,"), "then it is malformed");
    is((long)got.offset, 8, "where that is");
    submit(pool, "1\n");
    ok(reply_is(pool, "1:b,") && count_events("ended") == 1,
       "its child is stopped, another is asked");
    ok(stats_are(pool, 3, 2, 1), "the statistics count all");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(rule);
}

static void fails_at(const char *script, enum dualpipe_frame_kind kind,
                     enum dualpipe_outcome outcome, const char *bytes, long offset,
                     const char *what) {
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){.kind = kind});
    dualpipe_pool *pool = pool_in(script, rule, 0);
    submit(pool, "");
    ok(outcome_is(pool, outcome, bytes) && (long)got.offset == offset, "%s", what);
    dualpipe_pool_close(pool);
    dualpipe_rule_free(rule);
}

static void ends_amid(void) {
    fails_at("printf 5:hel", N, DUALPIPE_OUTCOME_MALFORMED, "", 5, "cut short by a good end");
    fails_at("printf 5:hel; exit 3", N, DUALPIPE_OUTCOME_CHILD_ENDED, "5:hel", 0,
             "by a bad one: failed");
    fails_at("printf 101:; cat", N, DUALPIPE_OUTCOME_TOO_LONG, "101:", 0, "too long by its length");
    fails_at("head -c 101 /dev/zero | tr '\\0' a; cat", DUALPIPE_FRAME_NUL,
             DUALPIPE_OUTCOME_TOO_LONG, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0,
             "or by what has come");
}

static void own_request(void) {
    dualpipe_rule *rule = rule_of((struct dualpipe_rule_options){.kind = N, .id = "json"});
    dualpipe_pool *pool = pool_in("printf '23:{\"id\":7,\"method\":\"x\"  },'; cat", rule, 0);
    ok(submit(pool, "22:{\"id\":1,\"method\":\"me\"},") >= 0, "a request goes out");
    ok(reply_is(pool, "77:{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32601,"
                     "\"message\":\"Method not found\"}},"),
       "which the child sends back as one of its own: what that is answered with is a frame");
    ok(count_events("notification") >= 2, "its own requests are told");
    dualpipe_pool_close(pool);
    dualpipe_rule_free(rule);
}

int main(void) {
    int fds;
    begin();
    fds = open_fds();
    whole_frames();
    pieces();
    broken(0);
    broken(DUALPIPE_POOL_STREAM_REPLIES);
    ends_amid();
    own_request();
    ok(is_left_clean(fds), "nothing is left");
    return done();
}
