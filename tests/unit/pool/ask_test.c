/* Tests dualpipe_ask (lib/pool/ask.c): requests to a child of the host's own, which stays in step
 * with what the host reads from it otherwise. */
#include "pool_fixture.h"

static int ask_for(dualpipe *dp, const char *text, int limit) {
    return dualpipe_ask(
        dp,
        &(struct dualpipe_request){.data = text, .size = strlen(text), .timeout = limit, .tag = dp},
        &got);
}

/* Asks and expects this reply. */
static bool ask_gets(dualpipe *dp, const char *text, const char *want) {
    int r = ask_for(dp, text, SOON);
    if (r < 0 || got.outcome)
        printf("# ask: %d, outcome %d\n", r, (int)got.outcome);
    return r == 0 && is_text(got.data, got.size, want) && got.outcome == DUALPIPE_OUTCOME_ANSWERED;
}

static bool ask_by_rule_gets(dualpipe *dp, const dualpipe_rule *rule, const char *text,
                             const char *want) {
    struct dualpipe_request q = {.data = text, .size = strlen(text), .rule = rule, .timeout = SOON};
    return dualpipe_ask(dp, &q, &got) == 0 && got.outcome == DUALPIPE_OUTCOME_ANSWERED &&
           is_text(got.data, got.size, want);
}

static void await_file(char *name) {
    until(file_exists, name);
    unlink(name);
}

static void simple(void) {
    dualpipe *dp = shell("while read -r a; do case $a in end) exit 4;; esac; echo \"<$a>\"; done");
    bool good = true;
    ok(ask_gets(dp, "a\n", "<a>\n") && got.number == 1 && got.tag == dp && got.attempt == 1 &&
       got.sent == 2 && got.child == dp, "a request and its reply");
    for (int i = 2; i < 200; i++) {
        char text[20], want[20];
        snprintf(text, sizeof text, "%d\n", i);
        snprintf(want, sizeof want, "<%d>\n", i);
        good &= ask_gets(dp, text, want) && got.number == i;
    }
    ok(good, "and so on");
    is(ask_for(dp, "end\n", SOON), 0, "a child that ends");
    ok(got.outcome == DUALPIPE_OUTCOME_CHILD_ENDED && got.status.code == 4, "is an outcome");
    is(ask_for(dp, "a\n", SOON), -EPIPE, "it had ended: an error");
    is(finish(dp).code, 4, "the handle still knows");
}

static void ended_before(void) {
    dualpipe *dp = shell("exit 3");
    dualpipe_wait(dp, NULL, SOON);
    is(ask_for(dp, "a\n", SOON), -EPIPE, "a child that has ended before the first request");
    is(finish(dp).code, 3, "its status");
}

static void late_reply(void) {
    dualpipe *dp;
    unlink("go");
    dp = shell("read a; until [ -e go ]; do sleep 0.01; done; echo late; exec cat");
    is(ask_for(dp, "a\n", scaled(200)), 0, "a limit passes");
    ok(got.outcome == DUALPIPE_OUTCOME_TIMED_OUT && got.child == dp, "that is an outcome");
    make_file("go");
    ok(ask_gets(dp, "b\n", "b\n"), "the late reply is waited for and dropped");
    ok(ask_gets(dp, "c\n", "c\n"), "and all is in step");
    finish(dp);
}

static void lost_reply(void) {
    dualpipe *dp = shell("read a; exec sleep 100");
    ok(ask_for(dp, "a\n", 50) == 0 && got.outcome == DUALPIPE_OUTCOME_TIMED_OUT, "a limit passes");
    is(ask_for(dp, "b\n", 50), -ESTALE, "the late reply does not come either");
    is(ask_for(dp, "b\n", 50), -ESTALE, "no reply can be trusted any more");
    is(dualpipe_signal(dp, 0), 0, "the child is left alone");
    dualpipe_stop(dp, 0);
    finish(dp);
}

static void half_sent(void) {
    static char large[1 << 20];
    dualpipe *dp = shell("exec sleep 100");
    memset(large, 'x', sizeof large - 1);
    ok(ask_for(dp, large, 50) == 0 && got.outcome == DUALPIPE_OUTCOME_TIMED_OUT && got.unsent > 0 &&
           got.sent + got.unsent == sizeof large - 1,
       "half of a request is sent");
    is(ask_for(dp, "b\n", 50), -ESTALE, "where its reply ends can't be known");
    dualpipe_stop(dp, 0);
    finish(dp);
}

static void beside_reading(void) {
    dualpipe *dp = shell("while read -r a; do echo \"$a\"; echo \"more $a\"; : >said; done");
    bool good = true;
    for (int i = 0; i < 50; i++) {
        char text[20], want[20];
        unlink("said");
        snprintf(text, sizeof text, "%d\n", i);
        snprintf(want, sizeof want, "more %d\n", i);
        good &= ask_gets(dp, text, text);
        await_file(WORD("said"));
        good &= says_line(dp, want);
    }
    ok(good, "dualpipe_readline reads what follows a reply");
    takes(dp, "x\n");
    ok(says_line(dp, "x\n") && says_line(dp, "more x\n"), "and all of it if it is written to");
    await_file(WORD("said"));
    ok(ask_gets(dp, "y\n", "y\n"), "then it is asked again");
    await_file(WORD("said"));
    ok(ask_gets(dp, "z\n", "z\n"), "output that wasn't read is not the next reply");
    finish(dp);
}

static void peeked(void) {
    dualpipe *dp = shell("read a; printf 'one\\ntwo'; read b; echo three");
    const char *p = "";
    char c[8];
    ok(ask_gets(dp, "a\n", "one\n"), "a reply, and half a line after it");
    ok(dualpipe_read(dp, c, 3, SOON) == 3 && memcmp(c, "two", 3) == 0, "which is read");
    is((long)dualpipe_peek(dp, &p, NULL), 0, "no byte of the reply lies there any more");
    ok(ask_gets(dp, "b\n", "three\n"), "then the next");
    finish(dp);
}

static void by_rules(void) {
    const char *late = "until [ -e go ]; do sleep 0.01; done; echo late\n";
    dualpipe_rule *fence = rule_of((struct dualpipe_rule_options){.fence = "echo {}"});
    dualpipe_rule *prompt = rule_of((struct dualpipe_rule_options){.prompt = "^[$] $"});
    dualpipe_rule *none = rule_of((struct dualpipe_rule_options){.count = -1});
    dualpipe *dp = shell("exec sh");
    ok(ask_by_rule_gets(dp, fence, "echo a; echo b; printf c\n", "a\nb\nc"), "by a fence");
    ok(ask_by_rule_gets(dp, none, "x=5\n", ""), "a request that expects no reply");
    ok(ask_by_rule_gets(dp, fence, "\n", "") && ask_by_rule_gets(dp, fence, "echo $x\n", "5\n"),
       "none, and one");
    unlink("go");
    ok(dualpipe_ask(dp,
                    &(struct dualpipe_request){
                        .data = late, .size = strlen(late), .rule = fence, .timeout = scaled(300)},
                    &got) == 0 &&
           got.outcome == DUALPIPE_OUTCOME_TIMED_OUT,
       "a late one");
    make_file("go");
    ok(ask_by_rule_gets(dp, fence, "echo next\n", "next\n"), "which the fence tells from the next");
    ok(ask_by_rule_gets(dp, prompt, "echo p; printf '$ '\n", "p\n"),
       "by a prompt, which is cut off");
    dualpipe_stop(dp, SIGKILL);
    finish(dp);
    dualpipe_rule_free(fence);
    dualpipe_rule_free(prompt);
    dualpipe_rule_free(none);
}

static void by_prompt(void) {
    dualpipe_rule *prompt = rule_of((struct dualpipe_rule_options){.prompt = "^> $"});
    dualpipe *dp = shell("printf 'hello\\n> '; while read -r a; do printf '%s\\n> ' \"$a\"; done");
    ok(ask_by_rule_gets(dp, prompt, "", "hello\n"), "an empty request awaits the first prompt");
    ok(ask_by_rule_gets(dp, prompt, "a\n", "a\n") && ask_by_rule_gets(dp, prompt, "b\n", "b\n"),
       "then each");
    finish(dp);
    dualpipe_rule_free(prompt);
}

static void errors_kept(void) {
    char *argv[] = SHELL("while read -r a; do echo \"e$a\" >&2; echo $a; done");
    dualpipe *dp = launch((struct dualpipe_options){.argv = argv, .err = DUALPIPE_STDERR_RELAY});
    ok(ask_gets(dp, "a\n", "a\n") && is_text(got.err, got.err_size, "ea\n"),
       "a stderr that is relayed comes with the reply");
    ok(ask_gets(dp, "b\n", "b\n") && is_text(got.err, got.err_size, "eb\n"), "each its own");
    finish(dp);
}

static void real_bc(void) {
    char *argv[] = {WORD("bc"), NULL};
    dualpipe *dp;
    if (system("command -v bc >/dev/null") != 0) {
        skip("bc", "there is none");
        return;
    }
    dp = launch((struct dualpipe_options){.argv = argv});
    ok(ask_gets(dp, "6*7\n", "42\n"), "bc");
    ok(ask_for(dp, "x=5\n", scaled(300)) == 0 && got.outcome == DUALPIPE_OUTCOME_TIMED_OUT,
       "its x=5 says nothing");
    ok(ask_for(dp, "x\n", scaled(300)) == -ESTALE, "which nothing can tell from a late one");
    dualpipe_stop(dp, 0);
    finish(dp);
}

int main(void) {
    int fds = open_fds();
    begin();
    simple();
    ended_before();
    late_reply();
    lost_reply();
    half_sent();
    beside_reading();
    peeked();
    by_rules();
    by_prompt();
    errors_kept();
    real_bc();
    ok(is_left_clean(fds), "no descriptor and no child is left");
    return done();
}
