/* Tests the sandbox as a host of the library sees it (lib/sandbox/sandbox_enter.c,
 * sandbox_plan.c, lib/process/nsinit.c): what a sandboxed child can do, how it ends, and what is
 * refused before it starts. */
#include "../harness.h"
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static const struct dualpipe_limits strict = {.sandbox = DUALPIPE_SANDBOX_STRICT};

static dualpipe *shut_in(const char *script, const struct dualpipe_limits *l) {
    char *argv[] = SHELL(script);
    return launch(
        (struct dualpipe_options){.argv = argv, .err = DUALPIPE_STDERR_RELAY, .limits = l});
}

static void same_status(void) {
    int good = 1;
    for (int code = 0; code < 256; code += 15) {
        char script[32];
        struct dualpipe_status s;
        snprintf(script, sizeof script, "exit %d", code);
        s = finish(shut_in(script, &strict));
        good = good && s.code == code && s.signal == -1 && !s.stopped && s.maxrss_kb > 0;
    }
    ok(good, "a child's exit codes");
    good = 1;
    for (int signo = 1; signo < 16; signo++) {
        char script[32];
        struct dualpipe_status s;
        snprintf(script, sizeof script, "kill -%d $$", signo);
        s = finish(shut_in(script, &strict));
        good = good && s.signal == signo && s.code == -1 && !s.stopped && !s.core;
    }
    ok(good, "and signals");
}

static void in_and_out(void) {
    dualpipe *dp = shut_in("while read -r a; do echo $((a * 2)); echo no >&2; done", &strict);
    const char *line;
    char err[16];
    ssize_t n;
    is(dualpipe_write(dp, "21\n", 3, SOON), 3, "it is written to");
    n = dualpipe_readline(dp, &line, SOON);
    ok(n == 3 && memcmp(line, "42\n", 3) == 0, "and read from");
    is(dualpipe_read_stderr(dp, err, sizeof err, SOON), 3, "its stderr too");
    is(finish(dp).code, 0, "it ends when its input does");
}

static bool has_ended(void *dp) {
    return dualpipe_wait(dp, NULL, 0) == 0;
}

static void signals(void) {
    struct dualpipe_status s;
    struct dualpipe_diagnosis state;
    dualpipe *dp = shut_in("trap 'exit 5' USR1; echo up; while :; do sleep 1 & wait; done",
                           &strict);
    const char *line;
    is(dualpipe_readline(dp, &line, SOON), 3, "it is up");
    is(dualpipe_diagnose(dp, &state, 0), 0, "it is looked at");
    ok(state.pid > 2 && kill(state.pid, 0) == 0 && state.state, "by the number that it has here");
    is(dualpipe_signal(dp, SIGUSR1), 0, "a signal goes to it");
    ok(until(has_ended, dp), "and it ends");
    is(dualpipe_signal(dp, 0), 0, "its number stays its own until it is closed");
    dualpipe_close(dp, &s);
    ok(s.code == 5 && s.stopped, "as it says");
    ok(kill(state.pid, 0) < 0 && errno == ESRCH, "then it is gone");
    dp = shut_in("trap '' TERM; echo up; sleep 1000 & sleep 1000", &strict);
    dualpipe_readline(dp, &line, SOON);
    is(dualpipe_stop(dp, SIGKILL), 0, "it is killed");
    is(dualpipe_wait(dp, &s, SOON), 0, "and told");
    ok(s.signal == SIGKILL && s.stopped, "as killed");
    dualpipe_close(dp, NULL);
}

/* A process that the child left behind would hold the pipe open for as long as it sleeps. */
static void nothing_is_left(void) {
    char *argv[] = SHELL("setsid sleep 1000 & echo one");
    dualpipe *dp = launch(
        (struct dualpipe_options){.argv = argv, .err = DUALPIPE_STDERR_STDOUT, .limits = &strict});
    const char *line;
    is(dualpipe_readline(dp, &line, SOON), 4, "it says something, and leaves a process");
    is(dualpipe_readline(dp, &line, SOON), 0, "which ends with it");
    is(finish(dp).code, 0, "nothing is wrong with that");
}

static int start_error(struct dualpipe_options o, struct dualpipe_error *why) {
    char *argv[] = SHELL("exit 0");
    dualpipe *dp = (dualpipe *)&o;
    int fds = open_fds(), r;
    o.argv = argv;
    *why = (struct dualpipe_error){0};
    r = dualpipe_start(&dp, &o, why);
    if (r == 0)
        return 1000 + finish(dp).code;
    return dp || open_fds() != fds || waitpid(-1, NULL, WNOHANG) != -1 ? -9999 : r;
}

static void refusals(void) {
    const char *const none[] = {"/none/there", NULL}, *const all[] = {"/", NULL};
    struct dualpipe_limits l = strict;
    struct dualpipe_error why;
    is(start_error((struct dualpipe_options){.limits = &l}, &why), -EINVAL,
       "our stderr is not given");
    ok(strcmp(why.operation, "sandbox") == 0 && strcmp(why.object, "stderr") == 0 && !why.offset,
       "and that is said");
    is(start_error((struct dualpipe_options){.limits = &l, .err = DUALPIPE_STDERR_FD, .err_fd = 1},
               &why),
       -EINVAL, "nor is another descriptor");
    is(start_error((struct dualpipe_options){.limits = &l,
                                         .err = DUALPIPE_STDERR_RELAY,
                                         .flags = DUALPIPE_START_KEEP_FDS},
               &why),
       -EINVAL, "nor those kept");
    is(start_error((struct dualpipe_options){.limits = &l,
                                         .err = DUALPIPE_STDERR_RELAY,
                                         .flags = DUALPIPE_START_SAME_SESSION},
               &why),
       -EINVAL, "nor our session");
    l.read = none;
    is(start_error((struct dualpipe_options){.limits = &l, .err = DUALPIPE_STDERR_RELAY}, &why),
       -ENOENT, "a path that is not there");
    l.read = all;
    is(start_error((struct dualpipe_options){.limits = &l, .err = DUALPIPE_STDERR_RELAY}, &why),
       -EINVAL, "all that there is");
    l = (struct dualpipe_limits){.sandbox = DUALPIPE_SANDBOX_STRICT,
                                 .user = geteuid() ? "0" : "root"};
    is(start_error((struct dualpipe_options){.limits = &l, .err = DUALPIPE_STDERR_RELAY}, &why),
       -EINVAL, "a user who is root, or no number");
}

static int look_around(int argc, char **argv, void *data) {
    (void)argc, (void)argv, (void)data;
    return open("/dev/null", O_RDONLY) >= 0;
}

static int echo_one(int argc, char **argv, void *data) {
    char line[100];
    (void)argc, (void)argv, (void)data;
    if (!fgets(line, sizeof line, stdin))
        return 1;
    fputs(line, stdout);
    return getenv("HOME") && !getenv("USER_OF_HOST") ? 3 : 4;
}

static void functions(void) {
    struct dualpipe_options o = {
        .function = look_around, .err = DUALPIPE_STDERR_RELAY, .limits = &strict};
    dualpipe *dp;
    const char *line;
    if (SANITIZED) {
        skip("functions", "a sanitizer's own calls are not allowed");
        return;
    }
    setenv("USER_OF_HOST", "1", 1);
    is(finish(launch(o)).signal, SIGSYS, "a function that opens a file is killed");
    o.function = echo_one;
    dp = launch(o);
    dualpipe_write(dp, "a\n", 2, SOON);
    is(dualpipe_readline(dp, &line, SOON), 2, "one that reads and writes is not");
    is(finish(dp).code, 3, "and knows hardly anything of our environment");
}

static void check(void) {
    struct dualpipe_sandbox_layer layers[16];
    int n = dualpipe_sandbox_check(NULL, layers, 16), fds = open_fds(), missing = 0;
    ok(n > 5 && n <= 16, "%d layers are told of", n);
    for (int i = 0; i < n; i++) {
        missing += layers[i].error != 0;
        if (layers[i].error)
            printf("# %s: %s %s\n", layers[i].name, strerror(-layers[i].error), layers[i].cause);
    }
    is(missing, 0, "each can be had");
    is(dualpipe_sandbox_check(NULL, NULL, 0), n, "no room is none too");
    is(open_fds(), fds, "nothing stays open");
    is(waitpid(-1, NULL, WNOHANG), -1, "and no process is left");
}

static void limits(void) {
    struct dualpipe_limits l = {.sandbox = DUALPIPE_SANDBOX_STRICT, .cpu_ms = 1};
    dualpipe_sandbox_limits(&l);
    ok(l.cpu_ms == 1 && l.processes == 32 && l.files == 64 && l.memory && l.filesize && l.output,
       "limits are filled in, but for those that are set");
    ok(finish(shut_in("for i in $(seq 50); do sleep 100 & done; exit 9", &strict)).code != 9,
       "no more than so many processes");
}

int main(void) {
    struct dualpipe_sandbox_layer layers[16];
    begin();
    for (int i = 0, n = dualpipe_sandbox_check(NULL, layers, 16); i < n; i++)
        if (layers[i].error) {
            skip("the sandbox", layers[i].name);
            return done();
        }
    same_status();
    in_and_out();
    signals();
    nothing_is_left();
    refusals();
    functions();
    check();
    limits();
    return done();
}
