/* Tests the limits of a child (lib/sandbox/rlimits.c, cgroup.c, cputime.c): that each holds for a
 * command and for a function, which one is reported to have ended the child, how much output can
 * be read, and that nothing is left. */
#include "sandbox/cgroup.h"
#include "sandbox/cputime.h"
#include "../harness.h"
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>

static dualpipe *limited(const char *text, const struct dualpipe_limits *l) {
    char *argv[] = SHELL(text);
    return launch((struct dualpipe_options){
        .argv = argv, .err = DUALPIPE_STDERR_RELAY, .grace = SOON / 2, .limits = l});
}

/* Waits for the child to end by itself, discarding its output. */
static struct dualpipe_status await_end(dualpipe *dp) {
    struct dualpipe_status s = {.code = -2};
    char some[512];
    while (dualpipe_wait(dp, &s, SOON) == -ENOBUFS)
        dualpipe_read(dp, some, sizeof some, 0);
    dualpipe_close(dp, NULL);
    return s;
}

static int spin(int argc, char **argv, void *data) {
    (void)argc, (void)argv, (void)data;
    for (;;)
        getppid();
    return 0;
}

static void processor_time(void) {
    struct dualpipe_limits l = {.cpu_ms = 100};
    char *argv[] = {WORD("spin"), NULL};
    struct dualpipe_status s = await_end(limited("while :; do :; done", &l));
    ok(s.limit == DUALPIPE_LIMIT_CPU && s.signal == SIGXCPU, "a command is held to its time");
    ok(s.cpu_ms >= 99, "of which it was given all");
    s = await_end(launch((struct dualpipe_options){.argv = argv, .function = spin, .limits = &l}));
    ok(s.limit == DUALPIPE_LIMIT_CPU && s.signal == SIGXCPU, "and a function to its");
    l.cpu_ms = 1000;
    s = await_end(limited("exec sh -c 'while :; do :; done'", &l));
    ok(s.limit == DUALPIPE_LIMIT_CPU && s.signal == SIGXCPU, "whole seconds too");
    s = await_end(limited("exit 0", &l));
    ok(s.limit == DUALPIPE_LIMIT_NONE && s.near_limits == 0 && s.code == 0,
       "one that needs little may go");
    s = await_end(limited("kill -KILL $$", &l));
    ok(s.limit == DUALPIPE_LIMIT_NONE && s.signal == SIGKILL, "another's SIGKILL is no limit");
}

static bool is_zombie(void *data) {
    struct dualpipe_diagnosis d;
    return dualpipe_diagnose(data, &d, 0) == 0 && (d.state == 'Z' || d.state == 0);
}

/* The kernel enforces its own limit even if the library never looks at the child. */
static void unattended(void) {
    struct dualpipe_limits l = {.cpu_ms = 1000};
    dualpipe *dp = limited("trap '' XCPU; echo on; while :; do :; done", &l);
    struct dualpipe_status s;
    says_line(dp, "on\n");
    until(is_zombie, dp);
    s = await_end(dp);
    ok(s.limit == DUALPIPE_LIMIT_CPU && s.signal == SIGKILL && !s.stopped,
       "the kernel kills a child that ignores SIGXCPU, even if the library never looks");
}

static void its_output(void) {
    struct dualpipe_limits l = {.output = 10};
    dualpipe *dp = limited("echo 1234; echo abc >&2; while :; do echo more; done", &l);
    char got[64];
    size_t n = 0, errors = 0;
    ssize_t r;
    struct dualpipe_status s;
    while ((r = dualpipe_read(dp, got, sizeof got, SOON)) > 0)
        n += (size_t)r;
    is((long)r, 0, "past its limit its output ends");
    while ((r = dualpipe_read_stderr(dp, got, sizeof got, SOON)) > 0)
        errors += (size_t)r;
    is((long)r, 0, "that of stderr too");
    is((long)(n + errors), 10, "both together have as many bytes as it allows");
    s = await_end(dp);
    ok(s.limit == DUALPIPE_LIMIT_OUTPUT && s.stopped, "and it was stopped for it");
    dp = limited("printf 1234567890", &l);
    ok(says(dp, "1234567890") && says_no_more(dp), "all that is allowed may be used");
    s = await_end(dp);
    ok(s.limit == DUALPIPE_LIMIT_NONE && s.code == 0, "which is not past it");
}

static void output_of_requests(void) {
    struct dualpipe_limits l = {.output = 6};
    struct dualpipe_request q = {.data = "x\n", .size = 2};
    struct dualpipe_reply reply = {0};
    dualpipe *dp = limited("read -r l; echo abc; read -r l; echo def; exec sleep 1000", &l);
    is(dualpipe_ask(dp, &q, &reply), 0, "one is asked");
    ok(reply.outcome == DUALPIPE_OUTCOME_ANSWERED && reply.size == 4,
       "and answers, within its limit");
    is(dualpipe_ask(dp, &q, &reply), 0, "asked again");
    ok(reply.outcome == DUALPIPE_OUTCOME_LIMIT && reply.status.limit == DUALPIPE_LIMIT_OUTPUT,
       "it passes that");
    ok(reply.size == 2 && memcmp(reply.data, "de", 2) == 0, "and what came until then is there");
    ok(await_end(dp).limit == DUALPIPE_LIMIT_OUTPUT, "which its status tells too");
}

static int count_files(int argc, char **argv, void *data) {
    struct rlimit r;
    (void)argc, (void)argv, (void)data;
    return getrlimit(RLIMIT_NOFILE, &r) == 0 ? (int)r.rlim_max : 0;
}

static void the_rest(void) {
    struct dualpipe_limits l = {.files = 33, .filesize = 4096};
    char *argv[] = {WORD("files"), NULL}, name[] = "limits.XXXXXX", text[128];
    int fd = mkstemp(name);
    struct dualpipe_status s = await_end(launch((struct dualpipe_options){
        .argv = argv, .function = count_files, .limits = &l}));
    is(s.code, 33, "a function has its limit of descriptors");
    snprintf(text, sizeof text, "exec head -c 9999 /dev/zero >%s", name);
    s = await_end(limited(text, &l));
    ok(s.limit == DUALPIPE_LIMIT_FILESIZE && s.signal == SIGXFSZ, "a file grows no further");
    is((long)lseek(fd, 0, SEEK_END), 4096, "than to its limit");
    close(fd);
    unlink(name);
    l = (struct dualpipe_limits){0};
    s = await_end(limited("ulimit -c unlimited 2>/dev/null; exit 3", &l));
    ok(s.code == 3 && s.limit == DUALPIPE_LIMIT_NONE, "none that is set is none");
}

static void refusals(void) {
    struct dualpipe_limits l = {.sandbox = DUALPIPE_SANDBOX_STRICT};
    char *argv[] = SHELL("exit 0");
    struct dualpipe_options o = {.argv = argv, .limits = &l};
    struct dualpipe_error why = {0};
    struct cgroup none = {.count = 1, .groups[0].procs_fd = -1};
    dualpipe *dp;
    is(dualpipe_start(&dp, &o, &why), -EINVAL, "a sandbox is not given our stderr");
    ok(dp == NULL && why.operation && why.hint, "which is told");
    ok(cgroup_enter(&none) < 0 && errno == EBADF, "a cgroup that can't be entered");
}

/* Measures this process itself. */
static void measures(void) {
    struct cputime m;
    long limit = now_ms() + SOON;
    int64_t first;
    cputime_start(&m, 3600000);
    ok(!cputime_check(&m, getpid(), 0), "an hour is not looked at at once");
    cputime_start(&m, 1);
    while (!cputime_check(&m, getpid(), 0) && now_ms() < limit)
        ;
    ok(now_ms() < limit, "a millisecond has soon passed");
    ok(!cputime_check(&m, getpid(), 0), "which is told once");
    cputime_start(&m, 1000000);
    m.used_ns = INT64_MAX / 4; /* so that no further use shows */
    m.limit_ns = INT64_MAX / 2;
    m.interval_ns = first = 10000000;
    for (int i = 0; i < 3; i++) {
        m.check_at = 0;
        cputime_check(&m, getpid(), 0);
    }
    ok(m.interval_ns > first, "one that uses nothing is looked at more and more rarely");
}

int main(void) {
    int fds;
    begin();
    fds = open_fds();
    processor_time();
    unattended();
    its_output();
    output_of_requests();
    the_rest();
    refusals();
    measures();
    is(open_fds(), fds, "no descriptor is left");
    return done();
}
