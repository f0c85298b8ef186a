/* Tests lib/process/exec.c: what a child inherits and what not: streams, descriptors, signals,
 * session, environment, directory, stdio buffers, and the death of its parent. */
#include "../harness.h"
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

enum { CARRIED = 50, MARKED = 51 };

static dualpipe *script(const char *text, struct dualpipe_options o) {
    char *argv[] = SHELL(text);
    o.argv = argv;
    return launch(o);
}

static dualpipe *function(dualpipe_function *f, void *data, struct dualpipe_options o) {
    char *argv[] = {WORD("function"), NULL};
    o.argv = argv;
    o.function = f;
    o.data = data;
    return launch(o);
}

static bool output_is(dualpipe *dp, const char *text) {
    const char *all = all_of(dp);
    bool good = strcmp(all, text) == 0;
    if (!good)
        printf("# got %s\n", all);
    return finish(dp).code == 0 && good;
}

/* A child function that prints which of the descriptors 3 to 99 are open. */
static int list_fds(int argc, char **argv, void *data) {
    (void)argc, (void)argv, (void)data;
    for (int fd = 3; fd < 100; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            printf("%d\n", fd);
    return 0;
}

static void descriptors(void) {
    static const char which[] = "for f in 50 51; do test -e /proc/self/fd/$f && echo $f; done; :";
    struct dualpipe_options closed = {0}, kept = {.flags = DUALPIPE_START_KEEP_FDS};
    fcntl(2, F_DUPFD, CARRIED);
    fcntl(2, F_DUPFD_CLOEXEC, MARKED);
    ok(output_is(script(which, closed), ""), "a command has no descriptor from 3 up");
    ok(output_is(script(which, kept), "50\n"), "KEEP_FDS: those that may be inherited");
    ok(output_is(function(list_fds, NULL, closed), ""), "a function has none");
    ok(output_is(function(list_fds, NULL, kept), "50\n"), "KEEP_FDS: the same, ours apart");
    ok(fcntl(CARRIED, F_GETFD) == 0 && fcntl(MARKED, F_GETFD) == FD_CLOEXEC, "the host's stay");
    close(CARRIED);
    close(MARKED);
}

static void error_streams(void) {
    static const char both[] = "echo out; echo err >&2";
    struct dualpipe_options o = {.err = DUALPIPE_STDERR_STDOUT};
    int ends[2];
    char text[16] = "";
    dualpipe *dp;
    ok(output_is(script(both, o), "out\nerr\n"), "stderr in one stream with stdout");
    if (pipe2(ends, O_CLOEXEC) < 0)
        return;
    o = (struct dualpipe_options){.err = DUALPIPE_STDERR_FD, .err_fd = ends[1]};
    ok(output_is(script(both, o), "out\n"), "stderr to a descriptor: stdout has the rest");
    close(ends[1]);
    ok(read(ends[0], text, sizeof text) == 4 && !strcmp(text, "err\n"), "the descriptor has it");
    close(ends[0]);
    o = (struct dualpipe_options){.err = DUALPIPE_STDERR_RELAY};
    dp = script(both, o);
    ok(says(dp, "out\n") && says_no_more(dp), "stderr apart: stdout has its own");
    memset(text, 0, sizeof text);
    ok(dualpipe_read_stderr(dp, text, sizeof text, SOON) == 4 && !strcmp(text, "err\n"),
       "and stderr its own");
    is((long)dualpipe_read_stderr(dp, text, sizeof text, SOON), 0, "and its end");
    finish(dp);
    dp = shell("exit 0");
    is((long)dualpipe_read_stderr(dp, text, sizeof text, 0), -EINVAL, "inherited it can't be read");
    finish(dp);
}

static int show_environment(int argc, char **argv, void *data) {
    (void)argc, (void)argv, (void)data;
    printf("%s %s\n", getenv("A") ? getenv("A") : "-", getenv("B") ? getenv("B") : "-");
    return 0;
}

static void environment(void) {
    char *env[] = {WORD("A=1"), WORD("B=two"), NULL};
    struct dualpipe_options o = {.env = env}, ours = {0};
    setenv("B", "host", 1);
    unsetenv("A");
    ok(output_is(script("echo $A $B", o), "1 two\n"), "a command's environment");
    ok(output_is(function(show_environment, NULL, o), "1 two\n"), "a function's");
    ok(output_is(script("echo ${A--} $B", ours), "- host\n"), "NULL is the host's");
    ok(output_is(function(show_environment, NULL, ours), "- host\n"), "for a function too");
    ok(!getenv("A"), "the host's own stays");
    o = (struct dualpipe_options){.directory = "/usr"};
    ok(output_is(script("pwd", o), "/usr\n"), "its directory");
}

static int signals_differ(int argc, char **argv, void *data) {
    sigset_t mask;
    struct sigaction a;
    int bad = 0;
    (void)argc, (void)argv;
    sigprocmask(SIG_SETMASK, NULL, &mask);
    bad |= sigismember(&mask, SIGUSR2) || sigismember(&mask, SIGTERM);
    bad |= (sigaction(SIGUSR1, NULL, &a) < 0 || a.sa_handler != SIG_DFL) << 1;
    bad |= (sigaction(SIGPIPE, NULL, &a) < 0 || (a.sa_handler == SIG_IGN) != (data != NULL)) << 2;
    return bad;
}

static void on_signal(int signo) {
    (void)signo;
}

/* Checks SigBlk and a signal's bit of SigIgn of a command, see proc_pid_status(5). */
static bool command_ignores(int signo, struct dualpipe_options o, bool ignored) {
    dualpipe *dp = script("exec cat /proc/self/status", o);
    const char *text = all_of(dp), *blocked = strstr(text, "SigBlk:");
    const char *ign = strstr(text, "SigIgn:");
    bool good = blocked && ign && strtoull(blocked + 7, NULL, 16) == 0 &&
                (strtoull(ign + 7, NULL, 16) >> (signo - 1) & 1) == ignored;
    finish(dp);
    return good;
}

static bool command_has(unsigned flags, bool ignored) {
    return command_ignores(SIGPIPE, (struct dualpipe_options){.flags = flags}, ignored);
}

static void signals(void) {
    struct sigaction old, now;
    sigset_t all, before, after;
    struct dualpipe_options plain = {0}, given = {.flags = DUALPIPE_START_SIGPIPE_IGNORED};
    struct dualpipe_options kept = {.flags = DUALPIPE_START_SIGPIPE_IGNORED |
                                             DUALPIPE_START_SIGPIPE_KEPT};
    struct dualpipe_options wanted = {.default_signal = SIGINT};
    int yes = 1;
    sigfillset(&all);
    sigdelset(&all, SIGALRM);
    signal(SIGUSR1, on_signal);
    sigprocmask(SIG_SETMASK, &all, &before);
    sigprocmask(SIG_SETMASK, NULL, &all);
    is(finish(function(signals_differ, NULL, plain)).code, 0, "a function has no mask, no handler");
    ok(command_has(0, false), "a command has none blocked");
    sigprocmask(SIG_SETMASK, NULL, &after);
    ok(sigismember(&after, SIGTERM) && !sigismember(&after, SIGALRM), "the host's mask stays");
    sigprocmask(SIG_SETMASK, &before, NULL);
    sigaction(SIGUSR1, NULL, &now);
    ok(!KEEPS_HANDLERS || now.sa_handler == on_signal, "and its handler");
    sigaction(SIGPIPE, NULL, &old);
    signal(SIGPIPE, SIG_IGN);
    is(finish(function(signals_differ, NULL, given)).code, 0,
       "SIGPIPE ignored: the default is back");
    ok(command_has(DUALPIPE_START_SIGPIPE_IGNORED, false), "for a command too");
    is(finish(function(signals_differ, &yes, kept)).code, 0, "SIGPIPE kept: it is ignored");
    ok(command_has(kept.flags, true), "by a command too");
    sigaction(SIGPIPE, &old, NULL);
    sigaction(SIGINT, NULL, &old);
    signal(SIGINT, SIG_IGN);
    ok(command_ignores(SIGINT, plain, true), "SIGINT ignored: it stays so");
    ok(command_ignores(SIGINT, wanted, false), "but as default_signal it is back");
    sigaction(SIGINT, &old, NULL);
    signal(SIGUSR1, SIG_DFL);
}

static int show_session(int argc, char **argv, void *data) {
    (void)argc, (void)argv, (void)data;
    printf("%d %d\n", getsid(0) == getpid(), getpgrp() == getpid());
    return 0;
}

static void sessions(void) {
    struct dualpipe_options same = {.flags = DUALPIPE_START_SAME_SESSION}, own = {0};
    dualpipe *dp;
    ok(output_is(function(show_session, NULL, own), "1 1\n"), "a session and group of its own");
    ok(output_is(function(show_session, NULL, same), "0 0\n"), "or the host's");
    dp = script("exec sleep 100", same);
    is(dualpipe_stop(dp, 0), 0, "a stop of one in our session");
    ok(finish(dp).stopped, "reaches it, and not us");
}

static int print_twice(int argc, char **argv, void *data) {
    (void)argc, (void)argv, (void)data;
    printf("mine");
    return 0;
}

/* Text in the stdio buffers of the host must be written once only. */
static void buffers(void) {
    int ends[2], saved;
    char text[64] = "";
    dualpipe *dp;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return;
    fflush(stdout);
    saved = dup(1);
    dup2(ends[1], 1);
    setvbuf(stdout, NULL, _IOFBF, 4096);
    printf("once");
    dp = call(print_twice, NULL);
    fflush(stdout);
    dup2(saved, 1);
    close(saved);
    close(ends[1]);
    setvbuf(stdout, NULL, _IOLBF, 0);
    ok(read(ends[0], text, sizeof text - 1) == 4 && !strcmp(text, "once"), "the host's goes once");
    ok(output_is(dp, "mine"), "the function's goes to its stdout");
    close(ends[0]);
}

static _Noreturn int sleep_for_ever(int argc, char **argv, void *data) {
    (void)argc, (void)argv, (void)data;
    for (;;)
        pause();
}

static void *start_and_end(void *command) {
    struct dualpipe_options o = {.flags = DUALPIPE_START_DIE_WITH_THREAD};
    return command ? script("exec sleep 1000", o) : function(sleep_for_ever, NULL, o);
}

static void dies_with_thread(void *command, const char *what) {
    struct dualpipe_status s = {0};
    pthread_t thread;
    void *dp = NULL;
    pthread_create(&thread, NULL, start_and_end, command);
    pthread_join(thread, &dp);
    ok(dualpipe_wait(dp, &s, SOON) == 0 && s.signal == SIGKILL && !s.stopped,
       "%s dies with the thread that started it", what);
    finish(dp);
}

/* A process starts a child and exits; the pipe that only the child holds open must reach its end.
 */
static void dies_with_process(void) {
    int ends[2], status;
    char c;
    struct pollfd p;
    pid_t pid;
    if (pipe(ends) < 0)
        return;
    if ((pid = fork()) == 0) {
        close(ends[0]);
        script("exec sleep 1000",
               (struct dualpipe_options){.flags = DUALPIPE_START_DIE_WITH_THREAD |
                                                  DUALPIPE_START_KEEP_FDS});
        _exit(0);
    }
    close(ends[1]);
    waitpid(pid, &status, 0);
    p = (struct pollfd){.fd = ends[0], .events = POLLIN};
    ok(poll(&p, 1, SOON) == 1 && read(ends[0], &c, 1) == 0, "it dies with the process too");
    close(ends[0]);
}

int main(void) {
    begin();
    for (int fd = 3; fd < 100; fd++)
        close(fd);
    descriptors();
    error_streams();
    environment();
    signals();
    sessions();
    buffers();
    dies_with_thread(NULL, "a function");
    dies_with_thread(&(int){1}, "a command");
    dies_with_process();
    return done();
}
