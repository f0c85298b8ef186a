/* Tests lib/child/diagnose.c: what is reported about a child that doesn't move: unread bytes,
 * buffered bytes, its state, and which process holds its stdout. */
#include "../harness.h"
#include <signal.h>

struct sight {
    dualpipe *dp;
    struct dualpipe_diagnosis s;
    char state;
    int look;
};

static bool in_state(void *data) {
    struct sight *v = data;
    return dualpipe_diagnose(v->dp, &v->s, v->look) == 0 && v->s.state == v->state;
}

static void states(void) {
    struct sight v = {.dp = shell("read -r _; exit 0"), .state = 'S'};
    ok(until(in_state, &v), "a child that waits sleeps");
    ok(v.s.pid > 0 && kill(v.s.pid, 0) == 0, "its number");
    is(v.s.pipe_holder, -1, "its stdout's holder is not looked for unasked");
    dualpipe_signal(v.dp, SIGSTOP);
    v.state = 'T';
    ok(until(in_state, &v), "one that is stopped is");
    dualpipe_signal(v.dp, SIGCONT);
    dualpipe_close_stdin(v.dp);
    v.state = 'Z';
    ok(until(in_state, &v), "one that has ended is a zombie until close");
    finish(v.dp);
}

static void amounts(void) {
    struct dualpipe_diagnosis s = {0};
    dualpipe *dp = shell("printf 0123456789; exec sleep 1000");
    char c[4];
    ok(takes(dp, "unread"), "write");
    says(dp, "012");
    is(dualpipe_diagnose(dp, &s, 0), 0, "inspect");
    is((long)s.unread, 6, "bytes the child has not read");
    is((long)s.buffered, 7, "bytes the host has not");
    is((long)s.received, 10, "all that ever came");
    dualpipe_read(dp, c, 4, SOON);
    dualpipe_diagnose(dp, &s, 0);
    ok(s.buffered == 3 && s.received == 10, "reading lessens what is held");
    dualpipe_stop(dp, SIGKILL);
    finish(dp);
}

/* The holder has its own name only after its exec. */
static bool is_held_by_sleep(void *data) {
    struct sight *v = data;
    return dualpipe_diagnose(v->dp, &v->s, 1) == 0 && !strcmp(v->s.holder_name, "sleep");
}

static void holders(void) {
    struct sight v = {0};
    dualpipe *dp = shell("sleep 1000 & echo $!; exit 0");
    const char *line;
    pid_t pid = 0;
    if (dualpipe_readline(dp, &line, SOON) > 0)
        pid = (pid_t)atoi(line);
    dualpipe_wait(dp, NULL, SOON);
    v.dp = dp;
    ok(until(is_held_by_sleep, &v), "who holds the stdout of one that has ended, by name");
    is(v.s.pipe_holder, pid, "and number");
    if (pid > 0)
        kill(pid, SIGKILL);
    ok(says_no_more(dp), "when it has gone its end comes");
    dualpipe_diagnose(dp, &v.s, 1);
    is(v.s.pipe_holder, 0, "and no process holds it");
    finish(dp);
}

static void not_a_child(void) {
    struct dualpipe_diagnosis s = {0};
    dualpipe *dp = NULL;
    int ends[2];
    if (pipe(ends) < 0)
        return;
    dualpipe_attach(&dp, ends[0], -1, -1, 0, 0);
    is(dualpipe_diagnose(dp, &s, 1), 0, "of descriptors of the host's own");
    ok(s.pid == 0 && s.state == 0 && s.unread == 0 && s.buffered == 0, "there is no process");
    dualpipe_close(dp, NULL);
    close(ends[0]), close(ends[1]);
}

int main(void) {
    int fds;
    begin();
    fds = open_fds();
    states();
    amounts();
    holders();
    not_a_child();
    is(open_fds(), fds, "no descriptor is left");
    return done();
}
