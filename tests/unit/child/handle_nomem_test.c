/* Tests handles when memory runs out: allocation k fails, for every k, once or from then on. Each
 * call must work or return an error; no memory, descriptor or child may be left. */
#include "nomem_fixture.h"

static int converse(void) {
    const char *line = "";
    char c[8];
    struct dualpipe_status s = {.code = -5};
    int r, told = 0;
    dualpipe *dp = try_start("read -r l; echo \"$l\"; echo err >&2", &r);
    ssize_t n;
    if (!dp)
        return r;
    keep_error(&told, dualpipe_write(dp, "abc\n", 4, SOON));
    keep_error(&told, n = dualpipe_readline(dp, &line, SOON));
    if (n == 0 || (n > 0 && (n != 4 || memcmp(line, "abc\n", 4) != 0)))
        told = 1;
    keep_error(&told, dualpipe_read_stderr(dp, c, sizeof c, SOON));
    dualpipe_close(dp, &s);
    return s.code != 0 && s.signal != SIGPIPE && told == 0 ? 1 : told;
}

/* Reads a line for which the buffer grows several times. */
static int long_line(void) {
    const char *line = "";
    int r;
    ssize_t n;
    dualpipe *dp = try_start("head -c 999999 /dev/zero; echo", &r);
    if (!dp)
        return r;
    n = dualpipe_readline(dp, &line, SOON);
    if (n > 0 && line[n - 1] != '\n') /* all that fits; the next call tells the error */
        n = dualpipe_readline(dp, &line, SOON);
    dualpipe_close(dp, NULL);
    return n < 0 ? (int)n : n == 1000000 ? 0 : 1;
}

static int wait_for_it(void) {
    struct dualpipe_status s = {.code = -5};
    int r;
    char c[8];
    dualpipe *dp = try_start("echo out || exit; exit 6", &r);
    if (!dp)
        return r;
    r = dualpipe_wait(dp, &s, SOON);
    if (r == 0 && s.code != 6) /* it could not write: a read reports why */
        r = dualpipe_read(dp, c, sizeof c, SOON) == -ENOMEM ? -ENOMEM : 1;
    dualpipe_close(dp, NULL);
    return r;
}

static int stop_it(void) {
    struct dualpipe_status s = {.code = -5};
    int r;
    dualpipe *dp = try_start("echo a; exec sleep 100", &r);
    if (!dp)
        return r;
    r = dualpipe_stop(dp, SIGTERM);
    dualpipe_close(dp, &s);
    return r == 0 && s.signal != SIGTERM ? 1 : r;
}

static int start_nothing(void) {
    char *argv[] = {WORD("/no/such/command"), NULL};
    struct dualpipe_options o = {.argv = argv, .err = DUALPIPE_STDERR_RELAY};
    struct dualpipe_error why = {0};
    dualpipe *dp = (dualpipe *)&o;
    int r = dualpipe_start(&dp, &o, &why);
    return dp || !why.operation ? 1 : r == -ENOENT ? 0 : r;
}

static int reply_done(int argc, char **argv, void *data) {
    (void)argv, (void)data;
    char c;
    while (read(0, &c, 1) == 1)
        if (c == '\n' && write(1, "done\n", 5) != 5)
            return 1;
    return argc;
}

static int call_function(void) {
    char *argv[] = {WORD("reply_done"), NULL};
    struct dualpipe_options o = {.argv = argv, .function = reply_done, .grace = scaled(1000)};
    struct dualpipe_status s = {.code = -5};
    const char *line = "";
    int r, told = 0;
    dualpipe *dp = NULL;
    if ((r = dualpipe_start(&dp, &o, NULL)) < 0)
        return dp ? 1 : r;
    keep_error(&told, dualpipe_write(dp, "x\n", 2, SOON));
    keep_error(&told, dualpipe_readline(dp, &line, SOON));
    dualpipe_close(dp, &s);
    return told == 0 && s.code != 1 ? 1 : told;
}

static int limited(void) {
    const struct dualpipe_limits l = {.memory = 1 << 30, .files = 99, .output = 3};
    char *argv[] = SHELL("echo abcdef; exec sleep 1000");
    struct dualpipe_options o = {.argv = argv, .grace = scaled(1000), .limits = &l};
    struct dualpipe_status s = {.code = -5};
    char got[16];
    dualpipe *dp = NULL;
    ssize_t n;
    int r = dualpipe_start(&dp, &o, NULL);
    if (r < 0)
        return dp ? 1 : r;
    n = dualpipe_read(dp, got, sizeof got, SOON);
    dualpipe_close(dp, &s);
    return n < 0 ? (int)n : n != 3 || s.limit != DUALPIPE_LIMIT_OUTPUT;
}

static void count_bytes(void *data, int from_child, const char *p, size_t n) {
    (void)p, (void)from_child;
    *(size_t *)data += n;
}

static int relay_through(bool watched) {
    int out[2], r, null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    char got[16];
    size_t seen = 0;
    dualpipe *host = NULL, *child = try_start("echo out; echo err >&2", &r);
    if (!child || pipe2(out, O_CLOEXEC) < 0) {
        close(null);
        return r;
    }
    if (watched)
        dualpipe_relay_tap(child, count_bytes, &seen);
    if ((r = dualpipe_attach(&host, -1, out[1], null, 0, 0)) == 0)
        for (int i = 0; i < 1000; i++)
            if ((r = dualpipe_relay(child, host, NULL, 0, 1000)) <= 0)
                break;
    if (r == 0 && (read(out[0], got, sizeof got) != 4 || (watched && seen != 8)))
        r = 1;
    dualpipe_close(host, NULL);
    dualpipe_close(child, NULL);
    close(out[0]), close(out[1]), close(null);
    return r;
}

static int relay_it(void) {
    return relay_through(false);
}

static int relay_watched(void) {
    return relay_through(true);
}

static int inspect(void) {
    struct dualpipe_diagnosis s = {0};
    int r;
    dualpipe *dp = try_start("read -r a", &r);
    if (!dp)
        return r;
    r = dualpipe_diagnose(dp, &s, 1);
    if (r == 0 && s.pid <= 0)
        r = 1;
    dualpipe_close(dp, NULL);
    return r;
}

static int compile(void) {
    static const char *const until[] = {"^[a-c]+(x|yy)$", "a\\nb", "last\\n*", NULL};
    static const char *const no_reply[] = {"^$", "^#", NULL};
    struct dualpipe_rule_options o = {.end_patterns = until,
                                      .no_reply = no_reply,
                                      .notifications = no_reply,
                                      .prompt = "^> ",
                                      .fence = "echo {}",
                                      .count = 3};
    struct dualpipe_error why = {0};
    struct dualpipe_scan s = {0};
    dualpipe_rule *rule = (dualpipe_rule *)&o;
    int r = dualpipe_rule_new(&rule, &o, &why);
    if (r < 0)
        return r == -ENOMEM && !rule && why.operation ? r : 1;
    countdown = 0; /* a search needs memory too, which is not tested here */
    r = dualpipe_rule_expects_reply(rule, "# no\n", 5) == 0 &&
        dualpipe_rule_expects_reply(rule, "a\n", 2) == 1;
    r = r && dualpipe_rule_scan(rule, &s, "a\nabcyy\n", 8, 0) == DUALPIPE_SCAN_COMPLETE &&
        s.next == 8;
    dualpipe_rule_free(rule);
    return !r;
}

static int compile_wrong(void) {
    static const char *const until[] = {"^a", "b[", NULL};
    struct dualpipe_rule_options o = {.end_patterns = until};
    struct dualpipe_error why = {0};
    dualpipe_rule *rule = (dualpipe_rule *)&o;
    int r = dualpipe_rule_new(&rule, &o, &why);
    return rule ? 1 : r == -EINVAL ? 0 : r;
}

static int poll_many(void) {
    struct dualpipe_pollitem e[40] = {{0}};
    for (int i = 0; i < 40; i++)
        e[i] = (struct dualpipe_pollitem){.fd = -1, .events = DUALPIPE_POLL_STDOUT};
    return dualpipe_poll(e, 40, 1);
}

int main(void) {
    begin();
    for (int ever = 0; ever < 2; ever++) {
        torture("start, write, readline, close", converse, ever);
        torture("a long line", long_line, ever);
        torture("start, wait, close", wait_for_it, ever);
        torture("start, stop, close", stop_it, ever);
        torture("start of what is not there", start_nothing, ever);
        torture("a function", call_function, ever);
        torture("one with limits", limited, ever);
        torture("relay", relay_it, ever);
        torture("watched relay", relay_watched, ever);
        torture("inspect", inspect, ever);
        torture("rule_new", compile, ever);
        torture("rule_new of a wrong pattern", compile_wrong, ever);
        torture("poll of many", poll_many, ever);
    }
    return done();
}
