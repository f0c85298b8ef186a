/* Tests how dualpipe_close and dualpipe_stop end a child (lib/child/handle.c): end of file,
 * SIGTERM, SIGKILL, each at its time, together with its process group; and that every wait ends. */
#include "../harness.h"
#include <signal.h>
#include <sys/wait.h>

/* Starts a shell with a grace of so many milliseconds, scaled. */
static dualpipe *graced(const char *text, int grace) {
    char *argv[] = SHELL(text);
    return launch((struct dualpipe_options){.argv = argv, .grace = scaled(grace)});
}

/* Closes the child once it has printed "ready". */
static struct dualpipe_status close_ready(const char *text, int grace) {
    dualpipe *dp = graced(text, grace);
    if (!says_line(dp, "ready\n"))
        printf("# it is not ready\n");
    return finish(dp);
}

static void ladder(void) {
    struct dualpipe_status s = close_ready("echo ready; read -r _; exit 4", 10000);
    ok(s.code == 4 && !s.stopped, "one that ends at its end of file is sent no signal");
    s = close_ready("echo ready; while :; do sleep 0.01; done", 50);
    ok(s.signal == SIGTERM && s.stopped, "one that does not is sent SIGTERM");
    s = close_ready("trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done", 200);
    ok(s.code == 7 && s.signal == -1 && s.stopped, "which it may catch");
    s = close_ready("trap '' TERM; echo ready; while :; do sleep 0.01; done", 50);
    ok(s.signal == SIGKILL && s.stopped, "one that ignores it is killed");
    s = close_ready("echo ready; kill -STOP $$", 50);
    ok(s.signal == SIGTERM && s.stopped, "one that is stopped gets SIGCONT with it");
    s = close_ready("trap '' TERM; echo ready; kill -STOP $$; while :; do kill -STOP $$; done", 50);
    ok(s.signal == SIGKILL, "one that stops again and again is killed");
    s = close_ready("echo ready; while :; do echo flood flood flood flood; done", 50);
    ok(s.signal == SIGPIPE || (s.signal == SIGTERM && s.stopped),
       "one that floods comes to an end");
    s = close_ready("trap '' TERM; echo ready; while :; do echo flood flood flood; done", 50);
    ok(s.signal == SIGKILL || s.signal == SIGPIPE, "and so does one that ignores SIGTERM");
}

static void stopping(void) {
    static const char patient[] = "trap '' TERM; echo ready; while :; do sleep 0.01; done";
    struct dualpipe_status s = {0};
    dualpipe *dp = graced(patient, 50);
    says_line(dp, "ready\n");
    is(dualpipe_stop(dp, 0), 0, "a stop returns at once");
    is((long)dualpipe_write(dp, "x", 1, 0), -EBADF, "its stdin is closed");
    ok(dualpipe_wait(dp, &s, SOON) == 0 && s.signal == SIGKILL, "wait sees to the SIGKILL");
    finish(dp);
    dp = graced(patient, 100000);
    says_line(dp, "ready\n");
    dualpipe_stop(dp, 0);
    is(dualpipe_wait(dp, &s, 20), -ETIMEDOUT, "not before grace has passed");
    is(dualpipe_stop(dp, SIGKILL), 0, "again with SIGKILL");
    ok(dualpipe_wait(dp, &s, SOON) == 0 && s.signal == SIGKILL && s.stopped, "is at once");
    finish(dp);
    dp = graced("echo ready; exec sleep 1000", 100000);
    says_line(dp, "ready\n");
    dualpipe_stop(dp, SIGINT);
    ok(dualpipe_wait(dp, &s, SOON) == 0 && s.signal == SIGINT, "with a signal of the caller's");
    is(dualpipe_stop(dp, SIGINT) <= 0, 1, "a stop of one that has ended does nothing");
    finish(dp);
}

static void waiting(void) {
    struct dualpipe_status s = {0}, again = {0};
    dualpipe *dp = shell("read -r _; exit 9");
    is(dualpipe_wait(dp, &s, 0), -ETIMEDOUT, "limit 0 does not wait");
    is(dualpipe_wait(dp, &s, 30), -ETIMEDOUT, "nor does another wait past itself");
    is(dualpipe_wait(dp, NULL, 1), -ETIMEDOUT, "without a place for the status");
    dualpipe_close_stdin(dp);
    ok(dualpipe_wait(dp, &s, SOON) == 0 && s.code == 9 && s.signal == -1, "then it has ended");
    ok(dualpipe_wait(dp, &again, 0) == 0 && again.code == 9, "and ever after");
    is(dualpipe_signal(dp, SIGTERM) == 0 || dualpipe_signal(dp, SIGTERM) == -ESRCH, 1,
       "a signal then hits no process");
    s = finish(dp);
    ok(s.code == 9 && !s.stopped, "and does not count as a stop");
    dp = shell("read -r _");
    is(dualpipe_signal(dp, 0), 0, "signal 0 asks");
    is(dualpipe_signal(dp, 12345), -EINVAL, "there is no such signal");
    is(dualpipe_signal(dp, SIGUSR1), 0, "a signal is sent");
    ok(dualpipe_wait(dp, &s, SOON) == 0 && s.signal == SIGUSR1 && s.stopped,
       "and is what it died of");
    finish(dp);
    ok(dualpipe_close(NULL, NULL) == NULL, "close of NULL does nothing");
}

/* A grandchild holds the streams open; the child prints its process number. */
static void grandchildren(void) {
    struct dualpipe_status s = {0};
    const char *line;
    char c;
    dualpipe *dp = graced("sleep 1000 & echo $!; exit 3", 100);
    pid_t pid = 0;
    if (dualpipe_readline(dp, &line, SOON) > 0)
        pid = (pid_t)atoi(line);
    ok(dualpipe_wait(dp, &s, SOON) == 0 && s.code == 3, "a child that ends before its own child");
    is((long)dualpipe_read(dp, &c, 1, 20), -ETIMEDOUT, "leaves its stdout open");
    s = finish(dp);
    ok(s.code == 3 && !s.stopped, "close does not wait for that");
    ok(pid > 0 && kill(pid, 0) == 0, "nor send it a signal");
    if (pid > 0)
        kill(pid, SIGKILL);
    dp = graced("trap '' TERM; sleep 1000 & echo ready; wait; while :; do sleep 1000; done", 50);
    says_line(dp, "ready\n");
    dualpipe_stop(dp, 0);
    ok(dualpipe_wait(dp, &s, SOON) == 0 && s.signal == SIGKILL, "a stop is for its whole group");
    ok(says_no_more(dp), "no process is left to hold its stdout");
    finish(dp);
}

static bool is_gone(void *data) {
    return kill(*(pid_t *)data, 0) < 0 && errno == ESRCH;
}

/* The leader of the group dies of SIGTERM; a process of the group that ignores it must not
 * outlive the close. */
static void left_behind(void) {
    dualpipe *dp = graced("(trap '' TERM; echo ready; while :; do sleep 0.01; done) & "
                          "while :; do sleep 0.01; done", 50);
    struct pollfd p = {.events = POLLIN};
    int copy;
    const char *line;
    struct dualpipe_pollitem e = {.dp = dp, .events = DUALPIPE_POLL_STDOUT};
    dualpipe_readline(dp, &line, SOON);
    dualpipe_pollfds(&e, 1, &p, 1, &(int){0});
    copy = dup(p.fd);
    is(finish(dp).signal, SIGTERM, "a leader that goes at SIGTERM");
    p = (struct pollfd){.fd = copy, .events = POLLIN};
    ok(poll(&p, 1, SOON) == 1, "takes with it those of its group that do not");
    close(copy);
}

/* A host that ignores SIGCHLD can't get exit statuses. */
static void ignored_sigchld(void) {
    struct dualpipe_status s = {0};
    dualpipe *dp;
    pid_t gone;
    struct dualpipe_diagnosis state;
    signal(SIGCHLD, SIG_IGN);
    dp = shell("echo ready; read -r _; exit 3");
    ok(says_line(dp, "ready\n"), "with SIGCHLD ignored it runs");
    dualpipe_diagnose(dp, &state, 0);
    gone = state.pid;
    dualpipe_close_stdin(dp);
    is(dualpipe_wait(dp, &s, SOON), -ECHILD, "its status is lost");
    ok(s.code == -1 && s.signal == -1, "and not told as success");
    ok(gone > 0 && until(is_gone, &gone), "it has gone");
    is(dualpipe_signal(dp, SIGTERM), -ESRCH, "its number is sent no signal");
    s = finish(dp);
    ok(s.code == -1 && s.signal == -1 && !s.stopped, "close says the same");
    signal(SIGCHLD, SIG_DFL);
}

int main(void) {
    int fds;
    begin();
    fds = open_fds();
    ladder();
    stopping();
    waiting();
    grandchildren();
    left_behind();
    ignored_sigchld();
    is(open_fds(), fds, "no descriptor is left");
    is(waitpid(-1, NULL, WNOHANG), -1, "no process is left");
    return done();
}
