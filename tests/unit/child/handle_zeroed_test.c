/* Tests that a zeroed struct is right everywhere in the public interface: it means the defaults, or
 * nothing, or is refused with -EINVAL; and that options of other versions' callers are understood.
 * No call may crash, wait, or touch the host's descriptor 0. */
#include "../harness.h"
#include <poll.h>

static int no_reply(void *data, const char *p, size_t n, char **made, size_t *size) {
    (void)data, (void)p, (void)n, (void)made, (void)size;
    return -EINVAL;
}

static void starts(void) {
    struct dualpipe_options options = {0};
    struct dualpipe_error why = {0};
    char *none[] = {NULL};
    dualpipe *dp = NULL;
    is(dualpipe_start(&dp, &options, &why), -EINVAL, "dualpipe_start: no command is given");
    ok(!dp && why.operation, "which is told, and nothing is started");
    is(dualpipe_start(&dp, &options, NULL), -EINVAL, "also where nobody asks why");
    is(dualpipe_start(&dp, NULL, &why), -EINVAL, "no options at all");
    options.argv = none;
    is(dualpipe_start(&dp, &options, &why), -EINVAL, "a command without a word");
}

static void sized_options(void) {
    struct {
        struct dualpipe_options known;
        long later;
    } newer = {.known = {.size = sizeof newer}};
    char *argv[] = {"true", NULL};
    struct dualpipe_status status;
    struct dualpipe_options options = {.argv = argv, .size = sizeof options};
    struct dualpipe_limits limits = {.size = sizeof limits, .files = 64};
    struct dualpipe_error why;
    dualpipe *dp;
    if (is(dualpipe_start(&dp, &options, &why), 0, "options with their size"))
        dualpipe_close(dp, NULL);
    newer.known.argv = argv;
    if (is(dualpipe_start(&dp, &newer.known, &why), 0, "options of a newer caller"))
        dualpipe_close(dp, NULL);
    newer.later = 1;
    is(dualpipe_start(&dp, &newer.known, &why), -E2BIG, "that asks for what is unknown: -E2BIG");
    options.size = offsetof(struct dualpipe_options, limits); /* a caller without limits */
    limits.files = -1;
    options.limits = &limits;
    if (is(dualpipe_start(&dp, &options, &why), 0, "options of an older caller"))
        dualpipe_close(dp, &status);
    options.size = 0;
    limits.size = sizeof limits + 8;
    struct {
        struct dualpipe_limits known;
        uint64_t later;
    } wide = {.known = {.size = sizeof wide}, .later = 1};
    options.limits = &wide.known;
    is(dualpipe_start(&dp, &options, &why), -E2BIG, "unknown limits are refused");
    wide.later = 0;
    if (is(dualpipe_start(&dp, &options, &why), 0, "limits of a newer caller"))
        dualpipe_close(dp, NULL);
}

static void pools(void) {
    char *cat[] = {"cat", NULL};
    struct dualpipe_options child = {0}, several[2] = {{0}};
    struct dualpipe_pool_options options = {0};
    struct dualpipe_request request = {.data = "x\n", .size = 2, .timeout = 10000};
    struct dualpipe_error why = {0};
    struct dualpipe_reply reply;
    dualpipe_pool *pool = NULL;
    is(dualpipe_pool_open(&pool, &options, &why), -EINVAL, "dualpipe_pool_open: no child is given");
    ok(!pool && why.operation && why.hint, "which is told");
    is(dualpipe_pool_open(&pool, &options, NULL), -EINVAL, "also where nobody asks why");
    is(dualpipe_pool_open(&pool, NULL, &why), -EINVAL, "no options at all");
    options.child = &child;
    is(dualpipe_pool_open(&pool, &options, &why), -EINVAL, "a child without a command");
    options.flags = DUALPIPE_POOL_ONE_SHOT;
    is(dualpipe_pool_open(&pool, &options, &why), -EINVAL, "also where none is started yet");
    options = (struct dualpipe_pool_options){.workers = 2, .worker_options = several};
    several[0].argv = cat;
    is(dualpipe_pool_open(&pool, &options, &why), -EINVAL, "one of several without a command");
    several[1].argv = cat;
    if (!is(dualpipe_pool_open(&pool, &options, &why), 0, "all with one"))
        return;
    is(dualpipe_pool_put(pool, NULL), -EINVAL, "dualpipe_pool_put: no request");
    is(dualpipe_pool_put(pool, &request), 0, "a request");
    is(dualpipe_pool_get(pool, &reply, 10000), 1, "and its reply");
    pool = dualpipe_pool_close(pool);
    struct {
        struct dualpipe_options known;
        long later;
    } wide[2] = {{.known = {.size = sizeof wide[0], .argv = cat}},
                 {.known = {.size = sizeof wide[0], .argv = cat}}};
    options.worker_options = &wide[0].known;
    if (!is(dualpipe_pool_open(&pool, &options, &why), 0, "an array of a newer caller's options"))
        return;
    for (int i = 0; i < 2; i++) {
        is(dualpipe_pool_put(pool, &request), 0, "a request to each");
    }
    is(dualpipe_pool_get(pool, &reply, 10000), 1, "and the reply of the first");
    is(dualpipe_pool_get(pool, &reply, 10000), 1, "and of the second");
    pool = dualpipe_pool_close(pool);
}

static void servers(void) {
    struct dualpipe_server_options options = {0};
    struct dualpipe_pool_options pool = {0};
    struct dualpipe_error why = {0};
    dualpipe_server *server = NULL;
    is(dualpipe_server_open(&server, &options, &why), -EINVAL, "dualpipe_server_open: no pool");
    ok(!server && why.operation, "which is told");
    is(dualpipe_server_open(&server, &options, NULL), -EINVAL, "also where nobody asks why");
    is(dualpipe_server_open(&server, NULL, &why), -EINVAL, "no options at all");
    options.pool = &pool;
    options.path = "handle_zeroed.socket";
    options.to_child = no_reply;
    is(dualpipe_server_open(&server, &options, &why), -EINVAL, "a pool without a child");
    ok(access(options.path, F_OK) != 0, "and no socket is left");
}

static void rules_and_frames(void) {
    struct dualpipe_rule_options options = {0};
    struct dualpipe_frame_view view = {0};
    struct dualpipe_frame_envelope envelope = {0};
    struct dualpipe_scan scan = {0};
    struct dualpipe_error why = {0};
    dualpipe_rule *rule = NULL;
    is(dualpipe_rule_new(&rule, &options, &why), 0, "a zeroed rule is one line");
    is(dualpipe_rule_scan(rule, &scan, "a\nb", 3, 0), DUALPIPE_SCAN_COMPLETE, "and finds it");
    is((long)scan.to, 2, "with its end");
    rule = dualpipe_rule_free(rule);
    is(dualpipe_rule_new(&rule, NULL, &why), -EINVAL, "no rule options at all");
    is(dualpipe_rule_new(&rule, NULL, NULL), -EINVAL, "also where nobody asks why");
    is((long)dualpipe_frame_decode(0, "ab\nc", 4, 100, &view), 3, "frame kind 0 is a line");
    is(dualpipe_frame_encode(0, "ab", 2, &envelope), 0, "both ways");
}

/* Descriptor 0 is a pipe whose writer has gone here: any poll of it reports POLLHUP. */
static void items(void) {
    struct dualpipe_pollitem item[2] = {{0}, {0}};
    struct pollfd fds[8];
    int ends[2], timeout = DUALPIPE_FOREVER;
    int kept = dup(0);
    if (pipe(ends) < 0)
        return;
    close(ends[1]);
    dup2(ends[0], 0);
    close(ends[0]);
    is(dualpipe_poll(item, 2, 0), 0, "a zeroed item has no event");
    is(item[0].revents, 0, "and reports none");
    is(dualpipe_pollfds(item, 2, fds, 8, &timeout), 0, "it polls no descriptor of the host's");
    is(timeout, DUALPIPE_FOREVER, "and nothing is due");
    item[1].events = DUALPIPE_POLL_STDOUT;
    is(dualpipe_poll(item, 2, 0), 1, "one that asks for descriptor 0 has it");
    ok(item[0].revents == 0 && item[1].revents != 0, "and it alone");
    dup2(kept, 0);
    close(kept);
}

/* What no version knows is refused before anything is done. */
static void wrong_values(void) {
    char *cat[] = {"cat", NULL};
    struct dualpipe_options child = {.argv = cat, .transport = (enum dualpipe_transport)77};
    struct dualpipe_limits limits = {.sandbox = (enum dualpipe_sandbox)77};
    struct dualpipe_pool_options pool_options = {.child = &child, .setup_count = 1};
    struct dualpipe_rule_options rule_options = {.kind = (enum dualpipe_frame_kind)77};
    struct dualpipe_frame_view view = {0};
    struct dualpipe_frame_envelope envelope = {0};
    struct dualpipe_error why;
    const char *p;
    dualpipe_pool *pool;
    dualpipe_rule *rule;
    dualpipe *dp;
    is(dualpipe_start(&dp, &child, &why), -EINVAL, "an unknown transport");
    child.transport = DUALPIPE_TRANSPORT_PIPE;
    child.err = (enum dualpipe_stderr)77;
    is(dualpipe_start(&dp, &child, &why), -EINVAL, "an unknown way of stderr");
    child.err = DUALPIPE_STDERR_INHERIT;
    child.limits = &limits;
    is(dualpipe_start(&dp, &child, &why), -EINVAL, "an unknown sandbox");
    child.limits = NULL;
    is(dualpipe_pool_open(&pool, &pool_options, &why), -EINVAL,
       "texts that are counted, not given");
    pool_options.setup_count = -1;
    is(dualpipe_pool_open(&pool, &pool_options, &why), -EINVAL, "a negative count");
    is(dualpipe_rule_new(&rule, &rule_options, &why), -EINVAL, "a rule of unknown frames");
    is((long)dualpipe_frame_decode(rule_options.kind, "a", 1, 9, &view), -EINVAL,
       "a frame of an unknown kind");
    is(dualpipe_frame_encode(rule_options.kind, "a", 1, &envelope), -EINVAL, "written too");
    is(dualpipe_session_connect(&dp, NULL, 0, &why), -EINVAL, "a session without a path");
    if (!is(dualpipe_start(&dp, &child, &why), 0, "a child"))
        return;
    is(dualpipe_session_command(dp, (enum dualpipe_session_verb)99, 0), -EINVAL, "an unknown verb");
    is((long)dualpipe_write(dp, "abc\n", 4, 10000), 4, "four bytes");
    while (dualpipe_peek(dp, &p, NULL) < 4) {
        struct dualpipe_pollitem item = {.dp = dp, .events = DUALPIPE_POLL_STDOUT};
        if (dualpipe_poll(&item, 1, 10000) <= 0)
            break;
    }
    dualpipe_consume(dp, 1000);
    is((long)dualpipe_peek(dp, &p, NULL), 0, "more than is there can't be consumed");
    is((long)dualpipe_write(dp, "d\n", 2, 10000), 2, "and all goes on");
    is((long)dualpipe_readline(dp, &p, 10000), 2, "as before");
    dualpipe_close(dp, NULL);
}

static void null_handles(void) {
    int number = -1;
    ok(dualpipe_close(NULL, NULL) == NULL, "dualpipe_close of NULL");
    ok(dualpipe_pool_close(NULL) == NULL, "dualpipe_pool_close of NULL");
    ok(dualpipe_server_close(NULL) == NULL, "dualpipe_server_close of NULL");
    ok(dualpipe_rule_free(NULL) == NULL, "dualpipe_rule_free of NULL");
    ok(strcmp(dualpipe_version(NULL), DUALPIPE_VERSION) == 0, "the version as text");
    ok(dualpipe_version(&number) && number == DUALPIPE_VERSION_NUMBER, "and as a number");
}

int main(void) {
    begin();
    starts();
    sized_options();
    pools();
    servers();
    rules_and_frames();
    items();
    wrong_values();
    null_handles();
    return done();
}
