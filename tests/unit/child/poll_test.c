/* Tests lib/child/poll.c: dualpipe_poll over several handles and plain descriptors, the same in a
 * poll loop of the host, time limits, and a storm of signals. */
#include "../harness.h"
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

enum { CHILDREN = 20 };

static int echo_lines(int argc, char **argv, void *data) {
    char line[256];
    (void)argc, (void)argv, (void)data;
    while (fgets(line, sizeof line, stdin)) {
        fputs(line, stdout);
        fflush(stdout);
    }
    return 0;
}

/* Reads available lines of each child; returns how many children have sent all of theirs. */
static int harvest(struct dualpipe_pollitem *e, int n, int *lines) {
    const char *line;
    int finished = 0;
    for (int i = 0; i < n; i++) {
        while (dualpipe_readline(e[i].dp, &line, 0) > 0)
            lines[i]++;
        finished += lines[i] == i + 1;
    }
    return finished;
}

/* Child i is sent i + 1 lines; all children are waited for together. */
static void many_at_once(void) {
    struct dualpipe_pollitem e[CHILDREN] = {{0}};
    int lines[CHILDREN] = {0}, r = 1;
    for (int i = 0; i < CHILDREN; i++) {
        e[i] = (struct dualpipe_pollitem){.dp = call(echo_lines, NULL),
                                          .events = DUALPIPE_POLL_STDOUT};
        for (int k = 0; k <= i; k++)
            takes(e[i].dp, "line\n");
    }
    while (r > 0 && harvest(e, CHILDREN, lines) < CHILDREN)
        r = dualpipe_poll(e, CHILDREN, SOON);
    is(harvest(e, CHILDREN, lines), CHILDREN, "many children answer, waited for together");
    is(dualpipe_poll(e, CHILDREN, 0), 0, "then there is no more, asked without waiting");
    is(dualpipe_poll(e, CHILDREN, 20), 0, "or with a limit");
    for (int i = 0; i < CHILDREN; i++)
        dualpipe_close_stdin(e[i].dp), e[i].events = DUALPIPE_POLL_EXIT;
    ok(dualpipe_poll(e, CHILDREN, SOON) > 0, "they end");
    r = 0;
    for (int i = 0; i < CHILDREN; i++)
        r += dualpipe_wait(e[i].dp, NULL, SOON) == 0 && finish(e[i].dp).code == 0;
    is(r, CHILDREN, "all of them");
}

static void streams(void) {
    char *argv[] = SHELL("read -r _; echo err >&2; read -r _; echo out; read -r _; exit 3");
    dualpipe *dp = launch((struct dualpipe_options){.argv = argv, .err = DUALPIPE_STDERR_RELAY});
    struct dualpipe_pollitem e = {.dp = dp, .events = DUALPIPE_POLL_STDIN};
    struct dualpipe_status s;
    char c[8];
    is(dualpipe_poll(&e, 1, SOON), 1, "a child takes bytes");
    is(e.revents, DUALPIPE_POLL_STDIN, "OUT");
    e.events = DUALPIPE_POLL_STDOUT | DUALPIPE_POLL_STDERR | DUALPIPE_POLL_EXIT;
    is(dualpipe_poll(&e, 1, 20), 0, "nothing of it yet");
    is(e.revents, 0, "and has is none");
    takes(dp, "\n");
    ok(dualpipe_poll(&e, 1, SOON) == 1 && e.revents == DUALPIPE_POLL_STDERR, "ERR");
    is((long)dualpipe_read_stderr(dp, c, sizeof c, 0), 4, "it has been taken in");
    takes(dp, "\n");
    ok(dualpipe_poll(&e, 1, SOON) == 1 && e.revents == DUALPIPE_POLL_STDOUT, "IN");
    is((long)dualpipe_read(dp, c, sizeof c, 0), 4, "it has been taken in");
    takes(dp, "\n");
    e.events = DUALPIPE_POLL_EXIT;
    ok(dualpipe_poll(&e, 1, SOON) == 1 && e.revents == DUALPIPE_POLL_EXIT, "ENDED");
    ok(dualpipe_wait(dp, &s, 0) == 0 && s.code == 3, "it has");
    ok(dualpipe_poll(&e, 1, SOON) == 1 && e.revents == DUALPIPE_POLL_EXIT, "an end that is known");
    e.events = DUALPIPE_POLL_HUP;
    ok(dualpipe_poll(&e, 1, SOON) == 1 && e.revents == DUALPIPE_POLL_HUP, "GONE");
    e.events = DUALPIPE_POLL_STDOUT | DUALPIPE_POLL_STDERR;
    ok(dualpipe_poll(&e, 1, SOON) == 1 && e.revents & DUALPIPE_POLL_STDOUT,
       "the end of its stdout is IN");
    ok(says_no_more(dp), "it is the end");
    dualpipe_poll(&e, 1, 0);
    is(dualpipe_poll(&e, 1, 20), 0, "ended streams are not waited for");
    finish(dp);
}

static void plain_fds(void) {
    int a[2], b[2];
    dualpipe *dp = shell("read -r _");
    struct dualpipe_pollitem e[3] = {{.dp = dp, .events = DUALPIPE_POLL_STDOUT}};
    if (pipe(a) < 0 || pipe(b) < 0)
        return;
    e[1] = (struct dualpipe_pollitem){.fd = a[0], .events = DUALPIPE_POLL_STDOUT};
    e[2] = (struct dualpipe_pollitem){.fd = b[1], .events = DUALPIPE_POLL_STDIN};
    ok(dualpipe_poll(e, 3, SOON) == 1 && e[2].revents == DUALPIPE_POLL_STDIN && !e[1].revents,
       "room is OUT");
    ok(write(a[1], "x", 1) == 1 && dualpipe_poll(e, 2, SOON) == 1 &&
           e[1].revents == DUALPIPE_POLL_STDOUT,
       "a byte is IN");
    ok(dualpipe_poll(e, 2, 0) == 1 && e[1].revents == DUALPIPE_POLL_STDOUT, "and stays there");
    close(a[1]);
    ok(read(a[0], &(char){0}, 1) == 1 && dualpipe_poll(e, 2, SOON) == 1 &&
           e[1].revents & DUALPIPE_POLL_STDOUT,
       "the end is IN");
    close(b[0]);
    e[2].events = DUALPIPE_POLL_HUP;
    ok(dualpipe_poll(e, 3, SOON) >= 1 && e[2].revents == DUALPIPE_POLL_HUP,
       "a reader gone is GONE");
    e[2].events = DUALPIPE_POLL_STDOUT;
    ok(dualpipe_poll(e + 2, 1, SOON) == 1 && e[2].revents, "an error alone is not passed over");
    close(a[0]), close(b[1]);
    finish(dp);
}

/* dualpipe_pollfds and dualpipe_step around a poll(2) of the host. */
static void own_loop(void) {
    dualpipe *dp = call(echo_lines, NULL);
    struct dualpipe_pollitem e[2] = {
        {.dp = dp, .events = DUALPIPE_POLL_STDOUT | DUALPIPE_POLL_EXIT},
        {.fd = -1, .events = DUALPIPE_POLL_STDOUT}};
    struct pollfd fds[8];
    const char *line;
    int limit = 12345, lines = 0, ended = 0, n = dualpipe_pollfds(e, 2, NULL, 0, &limit);
    ok(n >= 2 && n <= 8, "pollfds without room tells how many: %d", n);
    is(limit, 12345, "nothing is due");
    takes(dp, "1\n2\n3\n");
    for (int i = 0; i < 1000 && !ended; i++) {
        limit = SOON;
        n = dualpipe_pollfds(e, 2, fds, 8, &limit);
        if (n > 8 || poll(fds, (nfds_t)n, limit) < 0)
            break;
        if (dualpipe_step(e, 2, fds, n) > 0 && e[0].revents & DUALPIPE_POLL_STDOUT)
            while (dualpipe_readline(dp, &line, 0) > 0)
                lines++;
        if (lines == 3)
            dualpipe_close_stdin(dp);
        ended = e[0].revents & DUALPIPE_POLL_EXIT;
    }
    is(lines, 3, "three lines come by step");
    ok(ended, "and the end");
    finish(dp);
}

/* After a stop the limit is lowered to the time when SIGKILL is due, and dualpipe_step sends it. */
static void due_in_own_loop(void) {
    char *argv[] = SHELL("trap '' TERM; echo; while :; do sleep 0.01; done");
    dualpipe *dp = launch((struct dualpipe_options){.argv = argv, .grace = scaled(300)});
    struct dualpipe_pollitem e = {.dp = dp, .events = DUALPIPE_POLL_EXIT};
    struct dualpipe_status s = {0};
    struct pollfd fds[4];
    int limit = 100000, n;
    says_line(dp, "\n");
    dualpipe_stop(dp, 0);
    n = dualpipe_pollfds(&e, 1, fds, 4, &limit);
    ok(limit > 0 && limit <= scaled(300), "the limit is when SIGKILL is due: %d", limit);
    for (int i = 0; i < 1000 && !(e.revents & DUALPIPE_POLL_EXIT); i++) {
        limit = SOON;
        n = dualpipe_pollfds(&e, 1, fds, 4, &limit);
        poll(fds, (nfds_t)n, limit);
        dualpipe_step(&e, 1, fds, n);
    }
    ok(dualpipe_wait(dp, &s, 0) == 0 && s.signal == SIGKILL, "step has sent it");
    finish(dp);
}

static volatile sig_atomic_t storms;
static void on_alarm(int signo) {
    (void)signo;
    storms = storms + 1;
}

/* At ten thousand interruptions a second nothing is lost, and no time limit is cut short. */
static void storm(void) {
    struct itimerval every = {{0, 100}, {0, 100}}, none = {0};
    struct sigaction a = {.sa_handler = on_alarm}; /* no SA_RESTART */
    dualpipe *dp;
    char line[32];
    bool good = true;
    long before;
    int r;
    struct dualpipe_pollitem e = {.fd = -1, .events = DUALPIPE_POLL_STDOUT};
    sigaction(SIGALRM, &a, NULL); /* the timer of the storm replaces the alarm of the harness */
    setitimer(ITIMER_REAL, &every, NULL);
    dp = call(echo_lines, NULL);
    for (int i = 0; good && i < 2000; i++) {
        snprintf(line, sizeof line, "line %d\n", i);
        good = takes(dp, line) && says_line(dp, line);
    }
    before = now_ms();
    r = dualpipe_poll(&e, 1, 100);
    before = now_ms() - before;
    setitimer(ITIMER_REAL, &none, NULL);
    signal(SIGALRM, SIG_DFL);
    is(r, 0, "a limit in a storm of signals");
    ok(before >= 99, "is waited for");
    ok(good, "2000 lines to and fro in it");
    ok(!KEEPS_HANDLERS || storms > 0, "there was one: %d signals", (int)storms);
    is(finish(dp).code, 0, "status");
}

static void limits(void) {
    struct dualpipe_pollitem e = {.dp = shell("read -r _"), .events = DUALPIPE_POLL_STDOUT};
    int good = 1;
    for (int limit = 1; limit < 30; limit += 4) {
        struct timespec a, b;
        clock_gettime(CLOCK_MONOTONIC, &a);
        good = good && dualpipe_poll(&e, 1, limit) == 0;
        clock_gettime(CLOCK_MONOTONIC, &b);
        good = good && (b.tv_sec - a.tv_sec) * 1000000000 + b.tv_nsec - a.tv_nsec >=
                           limit * 1000000;
    }
    ok(good, "it returns not before its limit");
    is(dualpipe_poll(NULL, 0, 5), 0, "without any event too");
    finish(e.dp);
}

int main(void) {
    int fds;
    begin();
    fds = open_fds();
    many_at_once();
    streams();
    plain_fds();
    own_loop();
    due_in_own_loop();
    limits();
    storm();
    is(open_fds(), fds, "no descriptor is left");
    is(waitpid(-1, NULL, WNOHANG), -1, "no process is left");
    return done();
}
