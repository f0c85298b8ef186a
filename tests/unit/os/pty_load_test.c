/* Tests terminals under load and at their end: a full one, output of a child that has exited, how
 * a child is stopped, relays, and too few descriptors. What a terminal is to the child is in
 * pty_test.c. */
#include "child/handle.h"
#include "pty_fixture.h"
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static bool is_stopped(void *data) {
    struct dualpipe_diagnosis s;
    return dualpipe_diagnose(data, &s, 0) == 0 && s.state == 'T';
}

/* A full terminal gets its end of file later, while the host waits for anything. */
static void late_end_of_file(void) {
    char line[4000];
    const char *answer;
    size_t sent = 0;
    ssize_t r;
    dualpipe *dp = start_on(DUALPIPE_TRANSPORT_PTY_COOKED, "kill -STOP $$; wc -c");
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\n';
    while ((r = dualpipe_write(dp, line + sent % sizeof line, sizeof line - sent % sizeof line,
                               200)) > 0)
        sent += (size_t)r;
    is((long)r, -ETIMEDOUT, "a full terminal takes no more");
    is(dualpipe_close_stdin(dp), 0, "its end of file");
    ok(dp->eof_chars_due > 0, "has to wait");
    is((long)dualpipe_write(dp, "x", 1, SOON), -EBADF, "nothing else goes");
    until(is_stopped, dp);
    dualpipe_signal(dp, SIGCONT);
    ok(dualpipe_readline(dp, &answer, SOON) > 0 && (size_t)atol(answer) == sent,
       "it comes after all lines that were sent");
    ok(says_no_more(dp) && dp->eof_chars_due == 0 && dp->in.fd < 0, "and that is all");
    is(finish(dp).code, 0, "status");
}

static bool is_zombie(void *data) {
    struct dualpipe_diagnosis s;
    return dualpipe_diagnose(data, &s, 0) == 0 && s.state == 'Z';
}

static void outputs_of_the_dead(void) {
    struct dualpipe_status s = {0};
    size_t n = 0;
    ssize_t r;
    char got[4096];
    dualpipe *dp = start_on(DUALPIPE_TRANSPORT_PTY, "head -c 65536 /dev/zero; exit 7");
    ok(dualpipe_wait(dp, &s, SOON) == 0 && s.code == 7, "one writes 64 KiB and ends");
    while ((r = dualpipe_read(dp, got, sizeof got, SOON)) > 0)
        n += (size_t)r;
    ok(r == 0 && n == 65536, "all of it is read, then its end");
    ok(finish(dp).code == 7, "status");
    dp = start_on(DUALPIPE_TRANSPORT_PTY, "head -c 8000 /dev/zero; exit 8");
    ok(until(is_zombie, dp), "one has ended");
    for (n = 0; (r = dualpipe_read(dp, got, sizeof got, SOON)) > 0;)
        n += (size_t)r;
    ok(r == 0 && n == 8000, "output that wasn't read before its end too");
    is(finish(dp).code, 8, "status");
}

static bool is_drained(void *data) {
    dualpipe *dp = data;
    struct dualpipe_pollitem e = {.dp = dp, .events = DUALPIPE_POLL_STDOUT};
    dualpipe_poll(&e, 1, 0);
    return dp->out.drained && buffer_len(&dp->out.buf) > 0;
}

static void drained(void) {
    static const enum dualpipe_transport all[] = {DUALPIPE_TRANSPORT_PIPE, DUALPIPE_TRANSPORT_PTY};
    for (int i = 0; i < 2; i++) {
        dualpipe *dp = start_on(all[i], "head -c 10000 /dev/zero; exec sleep 1000");
        size_t n = 0;
        ok(until(is_drained, dp), "what has been read is known to be all there was");
        while (n < 10000 && dualpipe_read(dp, (char[1]){0}, 1, SOON) == 1)
            n++;
        ok(n == 10000, "it was");
        kill_and_close(dp);
    }
}

static void stopping(void) {
    dualpipe *dp =
        start_on(DUALPIPE_TRANSPORT_PTY, "trap '' TERM; echo ready; while :; do sleep 0.01; done");
    struct dualpipe_status s;
    ok(says_line(dp, "ready\n"), "one that ignores SIGTERM");
    s = finish(dp);
    ok(s.signal == SIGHUP && s.stopped, "is hung up, and not waited for before");
    dp = start_on(DUALPIPE_TRANSPORT_PTY,
            "trap 'echo hup' HUP; trap 'echo term; exit 3' TERM; echo ready; while "
            ":; do :; done");
    says_line(dp, "ready\n");
    dualpipe_stop(dp, 0);
    is((long)dualpipe_write(dp, "x", 1, SOON), -EBADF, "one that is stopped takes nothing");
    ok(says(dp, "hup\nterm\n"), "the signals come in order");
    is(finish(dp).code, 3, "status");
    dp = start_on(DUALPIPE_TRANSPORT_PTY, "exit 5");
    ok(until(is_zombie, dp), "one has ended");
    s = finish(dp);
    ok(s.code == 5 && !s.stopped, "one that has ended is sent no signal");
    dp = start_on(DUALPIPE_TRANSPORT_PTY_COOKED, "cat >/dev/null; exit 6");
    s = finish(dp);
    ok(s.code == 6 && !s.stopped, "nor is one that ends at its end of file");
    dp = start_on(DUALPIPE_TRANSPORT_UNBUFFER,
                  "trap '' HUP; echo ready; while :; do sleep 0.01; done");
    says_line(dp, "ready\n");
    dualpipe_stop(dp, 0);
    s = finish(dp);
    ok(s.signal == SIGTERM, "one that is not controlled by its terminal is not hung up");
}

static void interactive_shell(void) {
    char *argv[] = {WORD("sh"), WORD("-i"), NULL};
    char *env[] = {WORD("PS1=@> "), WORD("PATH=/usr/bin:/bin"), NULL};
    dualpipe *dp = launch((struct dualpipe_options){
        .argv = argv, .env = env, .transport = DUALPIPE_TRANSPORT_PTY, .grace = LONG_GRACE});
    ok(says(dp, "@> "), "an interactive shell prompts");
    ok(takes(dp, "echo $((6*7))\n") && says(dp, "42\n@> "), "answers");
    dualpipe_stop(dp, 0);
    ok(finish(dp).stopped, "and ends when it is hung up");
}

static bool is_silent(void *data) {
    return dualpipe_echo(data) == 0;
}

static bool edits(void *data) {
    return dualpipe_echo(data) == 2;
}

static void echo_states(void) {
    char *argv[] = {WORD("sh"), WORD("-c"), WORD("read -r a; stty -echo; read -r a; stty echo; "
                    "echo $a; stty -icrnl; read -r a"), NULL};
    dualpipe *dp = launch((struct dualpipe_options){.argv = argv,
                                                    .transport = DUALPIPE_TRANSPORT_PTY,
                                                    .flags = DUALPIPE_START_CLAIM_ECHO,
                                                    .grace = LONG_GRACE});
    is(dualpipe_echo(dp), 1, "typing is to be shown");
    ok(takes(dp, "x\n") && until(is_silent, dp), "now it is not");
    ok(takes(dp, "secret\n") && says_line(dp, "secret\n"), "nothing is shown by the terminal");
    ok(until(edits, dp), "now the child edits lines");
    dualpipe_stop(dp, 0);
    finish(dp);
    dp = start_on(DUALPIPE_TRANSPORT_PTY, "stty -echo; echo; read -r a");
    ok(says_line(dp, "\n") && dualpipe_echo(dp) == 1, "without the claim it can't be known");
    dualpipe_stop(dp, 0);
    finish(dp);
    dp = start_on(DUALPIPE_TRANSPORT_UNBUFFER, "exit 0");
    is(dualpipe_echo(dp), -ENOTTY, "no terminal to type at");
    finish(dp);
}

static bool is_holder_known(void *data) {
    struct dualpipe_diagnosis s;
    dualpipe_diagnose(data, &s, 1);
    return s.pipe_holder > 0 && !strcmp(s.holder_name, "sleep");
}

static void inspected(void) {
    struct dualpipe_diagnosis s = {0};
    dualpipe *dp = start_on(DUALPIPE_TRANSPORT_PTY, "read -r _; exit 0"), *other;
    ok(takes(dp, "x") && dualpipe_diagnose(dp, &s, 1) == 0, "inspect");
    ok(s.unread == 0, "what a terminal's child has not read can't be known");
    other = start_on(DUALPIPE_TRANSPORT_PTY, "read -r _; exit 0");
    dualpipe_diagnose(dp, &s, 1);
    is(s.pipe_holder, 0, "another terminal is not taken for this one");
    kill_and_close(other);
    kill_and_close(dp);
    dp = start_on(DUALPIPE_TRANSPORT_UNBUFFER, "sleep 1000 & exec sleep 1000");
    ok(until(is_holder_known, dp), "who else has it open is");
    kill_and_close(dp);
}

static int relay_all(dualpipe *child, dualpipe *host) {
    int r;
    long limit = now_ms() + SOON;
    while ((r = dualpipe_relay(child, host, NULL, 0, 1000)) > 0 && now_ms() < limit)
        ;
    return r;
}

/* Relays a text to a child and back into got; returns the result of the relay. */
static int relay_text(dualpipe *child, const char *text, size_t n, char *got, ssize_t *size) {
    char in_name[] = "in.XXXXXX", out_name[] = "out.XXXXXX";
    int in = mkstemp(in_name), out = mkstemp(out_name), r;
    dualpipe *host = NULL;
    unlink(in_name), unlink(out_name);
    *size = -1;
    if (pwrite(in, text, n, 0) != (ssize_t)n || dualpipe_attach(&host, in, out, -1, 0, 0) < 0)
        return 9999;
    r = relay_all(child, host);
    dualpipe_close(host, NULL);
    *size = pread(out, got, n + 1, 0);
    close(in), close(out);
    return r;
}

enum { RELAYED = 1 << 20 };
static char text[RELAYED], back[RELAYED + 1];

static void relayed(void) {
    ssize_t n = 0;
    dualpipe *dp = start_on(DUALPIPE_TRANSPORT_PTY_COOKED, "exec cat");
    for (size_t i = 0; i < RELAYED; i++)
        text[i] = i % 1000 == 0 ? '\n' : (char)('a' + i % 26);
    is(relay_text(dp, text, RELAYED, back, &n), 0, "lines and a rest relayed to a cooked one");
    ok(n == RELAYED && !memcmp(text, back, RELAYED), "and back");
    is(finish(dp).code, 0, "status");
    dp = start_on(DUALPIPE_TRANSPORT_UNBUFFER, "exec cat");
    is(relay_text(dp, text, RELAYED, back, &n), 0, "to an unbuffered one");
    ok(n == RELAYED && !memcmp(text, back, RELAYED), "and back");
    is(finish(dp).code, 0, "status");
    dp = start_on(DUALPIPE_TRANSPORT_PTY, "exec head -c 1048576");
    is(relay_text(dp, text, RELAYED, back, &n), 0, "to a raw one");
    ok(n == RELAYED && !memcmp(text, back, RELAYED), "and back");
    is(finish(dp).code, 0, "status");
}

/* The input ends while the terminal is full. */
static void relayed_late_end(void) {
    dualpipe *dp = start_on(DUALPIPE_TRANSPORT_PTY_COOKED, "kill -STOP $$; wc -l"), *host = NULL;
    int in = open("/dev/null", O_RDONLY);
    long lines = 0;
    const char *answer;
    dualpipe_attach(&host, in, -1, -1, 0, 0);
    while (dualpipe_write(dp, "\n", 1, 0) == 1 || dualpipe_write(dp, "\n", 1, 100) == 1)
        lines++;
    while (dualpipe_relay(dp, host, NULL, 0, 100) == 1)
        ;
    ok(dp->eof_chars_due > 0, "a full terminal's end of file waits");
    until(is_stopped, dp);
    dualpipe_signal(dp, SIGCONT);
    is(relay_all(dp, host), 0, "and is sent by the relay");
    dualpipe_close(host, NULL);
    close(in);
    ok(dualpipe_readline(dp, &answer, SOON) > 0 && atol(answer) == lines, "after all lines");
    is(finish(dp).code, 0, "status");
}

/* The lines before the one that is too long are sent, and none of its bytes. */
static void relayed_too_long(void) {
    ssize_t n = 0;
    dualpipe *dp, *host = NULL;
    int in[2];
    memset(text, 'a', RELAYED);
    text[99999] = '\n';
    for (size_t i = 999; i < 90000; i += 1000)
        text[i] = '\n';
    dp = start_on(DUALPIPE_TRANSPORT_PTY_COOKED, "exec cat");
    is(relay_text(dp, text, 100000, back, &n), -EMSGSIZE, "a line that is too long is told");
    is((long)dp->unfinished_len, 0, "none of it has gone");
    dualpipe_stop(dp, SIGKILL);
    finish(dp);
    dp = start_on(DUALPIPE_TRANSPORT_PTY_COOKED, "exec cat");
    if (pipe2(in, O_CLOEXEC) < 0 || dualpipe_attach(&host, in[0], -1, -1, 0, 0) < 0)
        return;
    n = write(in[1], text, 3000);
    is(dualpipe_relay(dp, host, NULL, 0, SOON), 1, "lines go");
    while (dualpipe_relay(dp, host, NULL, 0, 0) == 1)
        ;
    n = write(in[1], text + 95000, 2000);
    while (dualpipe_relay(dp, host, NULL, 0, 0) == 1)
        ;
    is((long)dp->unfinished_len, 0, "the beginning of one is held back");
    n = write(in[1], text + 95000, 2500);
    is(relay_all(dp, host), -EMSGSIZE, "until it is known to be too long");
    is(relay_all(dp, host), -EMSGSIZE, "which stays");
    is((long)dp->unfinished_len, 0, "none of it has gone");
    dualpipe_close(host, NULL);
    close(in[0]), close(in[1]);
    kill_and_close(dp);
}

/* Every limit of descriptors that is too small is reported, and nothing is left. */
static int few_descriptors(int argc, char **argv, void *data) {
    char *words[] = SHELL("exit 0");
    struct dualpipe_options o = {.argv = words, .transport = *(enum dualpipe_transport *)data,
                                 .err = DUALPIPE_STDERR_RELAY};
    struct rlimit limit;
    int refused = 0, before = open_fds();
    (void)argc, (void)argv;
    getrlimit(RLIMIT_NOFILE, &limit);
    for (limit.rlim_cur = 3; limit.rlim_cur < 64; limit.rlim_cur++) {
        struct dualpipe_error why = {0};
        dualpipe *dp = NULL;
        int r;
        setrlimit(RLIMIT_NOFILE, &limit);
        r = dualpipe_start(&dp, &o, &why);
        if (r == 0)
            dualpipe_close(dp, NULL);
        else if (r != -EMFILE || dp || !why.operation ||
                 strncmp(why.operation, "making a ", 9) != 0)
            return 100;
        refused += r < 0;
        limit.rlim_cur += r == 0 ? 64 : 0;
    }
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    return open_fds() == before && limit.rlim_cur > 64 ? refused : 101;
}

/* Descriptors that would land on 0 to 2 must be moved up. */
static int closed_streams(int argc, char **argv, void *data) {
    char *words[] = SHELL("read -r l; echo \"$l\"");
    struct dualpipe_options o = {.argv = words, .transport = *(enum dualpipe_transport *)data,
                                 .err = DUALPIPE_STDERR_RELAY, .grace = LONG_GRACE};
    dualpipe *dp;
    int good;
    (void)argc, (void)argv;
    close(0), close(1), close(2);
    dp = launch(o);
    good = dp && dp->in.fd > 2 && dp->out.fd > 2 && dp->err.fd > 2;
    good = good && takes(dp, "abc\n") && says_line(dp, "abc\n") && says_no_more(dp);
    good = good && fcntl(0, F_GETFD) < 0 && fcntl(1, F_GETFD) < 0 && fcntl(2, F_GETFD) < 0;
    return good ? finish(dp).code : 1;
}

static void descriptors(void) {
    for (enum dualpipe_transport t = DUALPIPE_TRANSPORT_UNBUFFER;
         t <= DUALPIPE_TRANSPORT_PTY_COOKED; t++) {
        int refused = finish(call(few_descriptors, &t)).code, fds = open_fds();
        ok(refused >= 4 && refused < 64, "too few descriptors are told at each point: %d", refused);
        is(finish(call(closed_streams, &t)).code, 0, "a host without 0, 1 and 2 can start one");
        is(open_fds(), fds, "no descriptor is left");
    }
}

static int shout(int argc, char **argv, void *data) {
    char c;
    (void)argc, (void)argv, (void)data;
    while (read(0, &c, 1) == 1)
        if (write(1, &c, 1) != 1)
            return 1;
    return isatty(0) && isatty(1) && isatty(2) ? 4 : 5;
}

static void functions(void) {
    char *argv[] = {WORD("shout"), NULL};
    dualpipe *dp = launch((struct dualpipe_options){.argv = argv,
                                                    .function = shout,
                                                    .transport = DUALPIPE_TRANSPORT_PTY_COOKED,
                                                    .grace = LONG_GRACE});
    ok(takes(dp, "to a function\n") && says_line(dp, "to a function\n"), "a function has one too");
    is(finish(dp).code, 4, "status");
}

int main(void) {
    int fds;
    begin();
    fds = open_fds();
    late_end_of_file();
    outputs_of_the_dead();
    drained();
    stopping();
    interactive_shell();
    echo_states();
    inspected();
    relayed();
    relayed_late_end();
    relayed_too_long();
    descriptors();
    functions();
    is(open_fds(), fds, "no descriptor is left");
    is(waitpid(-1, NULL, WNOHANG), -1, "no process is left");
    return done();
}
