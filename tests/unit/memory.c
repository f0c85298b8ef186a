/* Tests what happens when memory is used up: the k-th allocation fails, for every k, once or from
 * then on. Each call works or returns an error; none crashes, and nothing is left open. */
#include "help.h"
#include "tap.h"
#include <signal.h>
#include <sys/wait.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

#if defined(__GLIBC__) && !defined(SANITIZED)
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

static long countdown; /* the allocation that fails; 0: none does */
static bool for_ever;
static long failures;

static bool fails_now(void) {
    if (countdown == 0 || (countdown > 1 && countdown--))
        return false;
    countdown = for_ever ? 1 : 0;
    failures++;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t n) {
    return fails_now() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size) {
    return fails_now() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n) {
    return fails_now() ? NULL : __libc_realloc(p, n);
}

/* A child that is sure to end: a command, so that it has none of our failures. */
static dualpipe *try_start(const char *script, int *error) {
    char *argv[] = SHELL(script);
    struct dualpipe_options o = {.argv = argv, .err = DUALPIPE_RELAY, .grace = 1000};
    struct dualpipe_failure why = {0};
    dualpipe *dp = (dualpipe *)&o;
    *error = dualpipe_start(&dp, &o, &why);
    if (*error < 0 && (dp || !why.step))
        *error = -9999;
    return *error < 0 ? NULL : dp;
}

static int sane(long r) {
    return r >= 0 || r == -ENOMEM || r == -ENOBUFS;
}

/* Each scenario: 0 all as without a failure, a negative errno that it was told, 1 wrong. */
typedef int scenario(void);

static int converse(void) {
    const char *line = "";
    char c[8];
    struct dualpipe_status s = {.code = -5};
    int r, told = 0;
    dualpipe *dp = try_start("read -r l; echo \"$l\"; echo err >&2", &r);
    ssize_t n;
    if (!dp)
        return r;
    n = dualpipe_write(dp, "abc\n", 4, SOON);
    told = n < 0 ? (int)n : 0;
    n = dualpipe_readline(dp, &line, SOON);
    told = n < 0 ? (int)n : told;
    if (n == 0 || (n > 0 && (n != 4 || memcmp(line, "abc\n", 4) != 0)))
        told = 1;
    n = dualpipe_read_stderr(dp, c, sizeof c, SOON);
    told = n < 0 && told <= 0 ? (int)n : told;
    dualpipe_close(dp, &s);
    if (!sane(told) || (s.code != 0 && s.signal != SIGPIPE && told == 0))
        return 1;
    return told;
}

static int wait_for_it(void) {
    struct dualpipe_status s = {.code = -5};
    int r;
    char c[8];
    dualpipe *dp = try_start("echo out || exit; exit 6", &r);
    if (!dp)
        return r;
    r = dualpipe_wait(dp, &s, SOON);
    if (r == 0 && s.code != 6) /* it could not write: then reading says why */
        r = dualpipe_read(dp, c, sizeof c, SOON) == -ENOMEM ? -ENOMEM : 1;
    dualpipe_close(dp, NULL);
    return r;
}

static int relay_it(void) {
    int out[2], r, null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    char got[16];
    dualpipe *host = NULL, *child = try_start("echo out; echo err >&2", &r);
    if (!child || pipe2(out, O_CLOEXEC) < 0) {
        close(null);
        return r;
    }
    if ((r = dualpipe_attach(&host, -1, out[1], null, 0, 0)) == 0)
        for (int i = 0; i < 1000; i++)
            if ((r = dualpipe_relay(child, host, NULL, 0, 1000)) <= 0)
                break;
    if (!sane(r) || (r == 0 && read(out[0], got, sizeof got) != 4))
        r = 1;
    dualpipe_close(host, NULL);
    dualpipe_close(child, NULL);
    close(out[0]), close(out[1]), close(null);
    return r > 0 ? 1 : r;
}

static int compile(void) {
    static const char *const until[] = {"^[a-c]+(x|yy)$", "a\\nb", NULL};
    static const char *const no_reply[] = {"^$", NULL};
    struct dualpipe_rule_options o = {.until = until, .no_reply = no_reply, .async = no_reply,
                                      .prompt = "^> ", .fence = "echo {}"};
    struct dualpipe_failure why = {0};
    struct dualpipe_scan s = {0};
    dualpipe_rule *rule = (dualpipe_rule *)&o;
    int r = dualpipe_rule_new(&rule, &o, &why);
    if (r < 0)
        return r == -ENOMEM && !rule && why.step ? r : 1;
    r = dualpipe_rule_scan(rule, &s, "a\nabcyy\n", 8, 0) == DUALPIPE_WHOLE && s.next == 8 ? 0 : 1;
    dualpipe_rule_free(rule);
    return r;
}

static int poll_many(void) {
    struct dualpipe_event e[40] = {{0}};
    for (int i = 0; i < 40; i++)
        e[i] = (struct dualpipe_event){.fd = -1, .wants = DUALPIPE_IN};
    return dualpipe_poll(e, 40, 1);
}

/* Fails allocation k for k = 1, 2, ... until the scenario needs fewer. */
static void torture(const char *what, scenario *run, bool ever, bool must_tell) {
    int fds, told = 0, wrong = 0, k, r = 0;
    long before;
    for_ever = ever;
    countdown = 0;
    r = run();
    fds = open_fds();
    for (k = 1; k < 2000; k++) {
        before = failures;
        countdown = k;
        r = run();
        countdown = 0;
        told += r < 0;
        if (r > 0 || !sane(r) || (r != 0 && failures == before) || open_fds() != fds) {
            printf("# k %d: %d, descriptors %d, before %d\n", k, r, open_fds(), fds);
            wrong++;
        }
        if (failures == before)
            break;
    }
    ok(wrong == 0 && r == 0 && (told > 0 || !must_tell), "%s, allocation k fails%s: %d of %d told",
       what, ever ? " and all after it" : "", told, k - 1);
}

int main(void) {
    begin();
    for (int ever = 0; ever < 2; ever++) {
        torture("start, write, readline, close", converse, ever, true);
        torture("start, wait, close", wait_for_it, ever, true);
        torture("relay", relay_it, ever, true);
        torture("rule_new", compile, ever, false);
        torture("poll of many", poll_many, ever, true);
    }
    is(waitpid(-1, NULL, WNOHANG), -1, "no process is left");
    return done();
}
#else
int main(void) {
    begin();
    skip("memory that is used up", "no __libc_malloc here, or a sanitizer's");
    return done();
}
#endif
