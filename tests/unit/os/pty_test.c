/* Tests lib/os/pty.c and how terminals change lib/child/handle.c: what the child finds, that no
 * byte is altered, window sizes, end of file, and lines that are too long. More is in
 * pty_load_test.c. */
#include "os/pty.h"
#include "child/handle.h"
#include "pty_fixture.h"
#include <signal.h>
#include <sys/wait.h>

static const char streams[] =
    "for fd in 0 1 2; do if test -t $fd; then printf 't '; else printf '. '; fi; done;"
    "if (: </dev/tty) 2>/dev/null; then echo controlled; else echo free; fi";

static void what_it_finds(void) {
    dualpipe *dp = start_on(DUALPIPE_TRANSPORT_PTY, streams);
    ok(says_line(dp, "t t t controlled\n"), "its streams are its controlling terminal");
    ok(says_no_more(dp), "the end of which is an end of file");
    dualpipe_wait(dp, NULL, SOON);
    is((long)dualpipe_write(dp, "x", 1, SOON), -EPIPE, "and takes nothing any more");
    is(finish(dp).code, 0, "status");
    dp = start_on(DUALPIPE_TRANSPORT_PTY_COOKED, streams);
    ok(says_line(dp, "t t t controlled\n"), "the same if it is cooked");
    finish(dp);
    dp = start_on(DUALPIPE_TRANSPORT_UNBUFFER, streams);
    ok(says_line(dp, ". t . free\n") || isatty(2), "unbuffered: stdout alone, and not controlling");
    is(finish(dp).code, 0, "status");
    dp = start_on(DUALPIPE_TRANSPORT_PTY, "stty -a");
    ok(strstr(all_of(dp), "-icanon") != NULL, "raw");
    kill_and_close(dp);
    dp = start_on(DUALPIPE_TRANSPORT_PTY_COOKED, "stty -a");
    ok(strstr(all_of(dp), " icanon") != NULL, "cooked");
    finish(dp);
}

static void where_stderr_goes(void) {
    char *argv[] = SHELL("echo out; if test -t 2; then echo terminal >&2; else echo err >&2; fi");
    struct dualpipe_options o = {.argv = argv, .transport = DUALPIPE_TRANSPORT_PTY};
    int ends[2];
    char got[8] = "";
    dualpipe *dp;
    o.err = DUALPIPE_STDERR_STDOUT;
    dp = launch(o);
    ok(says(dp, "out\nterminal\n") && says_no_more(dp), "stderr is the terminal if it is stdout");
    finish(dp);
    o.err = DUALPIPE_STDERR_RELAY;
    dp = launch(o);
    ok(says(dp, "out\n") && says_no_more(dp), "relayed it is apart");
    ok(dualpipe_read_stderr(dp, got, 4, SOON) == 4 && !memcmp(got, "err\n", 4), "and read so");
    finish(dp);
    o.err = DUALPIPE_STDERR_FD;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return;
    o.err_fd = ends[1];
    dp = launch(o);
    ok(says(dp, "out\n") && read(ends[0], got, 4) == 4 && !memcmp(got, "err\n", 4),
       "so is a descriptor of the host's");
    finish(dp);
    ok(fcntl(ends[1], F_GETFD) >= 0, "which stays open");
    close(ends[0]), close(ends[1]);
    o.transport = DUALPIPE_TRANSPORT_UNBUFFER;
    o.err = DUALPIPE_STDERR_STDOUT;
    dp = launch(o);
    ok(says(dp, "out\nterminal\n"), "unbuffered it may be one with stdout");
    finish(dp);
}

/* A session leader without a terminal must not acquire the child's as its own. */
static int lead(int argc, char **argv, void *data) {
    dualpipe *dp = start_on(DUALPIPE_TRANSPORT_PTY, "read -r _");
    int got = open("/dev/tty", O_RDWR);
    (void)argc, (void)argv, (void)data;
    kill_and_close(dp);
    return !dp || got >= 0;
}

static void session(void) {
    char *argv[] = SHELL("exit 0");
    struct dualpipe_options o = {
        .argv = argv, .transport = DUALPIPE_TRANSPORT_PTY, .flags = DUALPIPE_START_SAME_SESSION};
    struct dualpipe_error why = {0};
    dualpipe *dp = (dualpipe *)&o;
    is(dualpipe_start(&dp, &o, &why), -EINVAL, "a terminal of its own in our session is refused");
    ok(!dp && why.operation && why.hint, "with advice");
    o.transport = DUALPIPE_TRANSPORT_UNBUFFER;
    dp = launch(o);
    is(finish(dp).code, 0, "unbuffered it may stay in it");
    is(finish(call(lead, NULL)).code, 0, "a host without a terminal is given none");
}

static void sizes(void) {
    char *argv[] = SHELL("trap 'stty size' WINCH; stty size; while read -r _ || :; do :; done");
    struct dualpipe_options o = {.argv = argv,
                                 .transport = DUALPIPE_TRANSPORT_PTY,
                                 .grace = LONG_GRACE,
                                 .err = DUALPIPE_STDERR_STDOUT};
    dualpipe *dp = launch(o);
    ok(says_line(dp, "24 80\n"), "24 rows of 80 columns");
    is(dualpipe_resize(dp, 50, 132), 0, "resize");
    ok(takes(dp, "\n") && says_line(dp, "50 132\n"), "it is told");
    kill_and_close(dp);
    o.rows = 7;
    o.columns = 200;
    o.transport = DUALPIPE_TRANSPORT_UNBUFFER;
    argv[2] = WORD("stty size <&1; read -r _; stty size <&1");
    dp = launch(o);
    ok(says_line(dp, "7 200\n"), "sizes given");
    is(dualpipe_resize(dp, 0, 0), 0, "resize to the usual");
    ok(takes(dp, "\n") && says_line(dp, "24 80\n"), "it has it");
    is(finish(dp).code, 0, "status");
    dp = shell("read -r _");
    is(dualpipe_resize(dp, 1, 1), -ENOTTY, "a pipe has no size");
    finish(dp);
}

/* Sends every byte except those of the text, and expects them back. */
static bool echoes_all_but(dualpipe *dp, const char *text) {
    char sent[257], got[257];
    size_t n = 0, back = 0;
    for (int c = 0; c < 256; c++)
        if (c == 0 || !strchr(text, c))
            sent[n++] = (char)c;
    sent[n++] = '\n';
    if (dualpipe_write(dp, sent, n, SOON) != (ssize_t)n)
        return false;
    while (back < n) {
        ssize_t r = dualpipe_read(dp, got + back, n - back, SOON);
        if (r <= 0)
            return false;
        back += (size_t)r;
    }
    return memcmp(sent, got, n) == 0;
}

static void bytes(void) {
    dualpipe *dp = start_on(DUALPIPE_TRANSPORT_PTY, "exec cat");
    ok(echoes_all_but(dp, ""), "raw: no byte is altered");
    kill_and_close(dp);
    dp = start_on(DUALPIPE_TRANSPORT_PTY_COOKED, "exec cat");
    ok(echoes_all_but(dp, "\4"), "cooked: none but the end-of-file character");
    dualpipe_close_stdin(dp);
    ok(says_no_more(dp), "and none is added");
    is(finish(dp).code, 0, "status");
    dp = start_on(DUALPIPE_TRANSPORT_UNBUFFER, "exec cat");
    ok(echoes_all_but(dp, ""), "unbuffered: none");
    is(finish(dp).code, 0, "status");
}

static void ends_of_file(void) {
    char c;
    dualpipe *dp = start_on(DUALPIPE_TRANSPORT_PTY, "read -r l; echo \"$l\"");
    is(dualpipe_close_stdin(dp), -ENOTSUP, "a raw terminal has no end of file");
    ok(takes(dp, "goes on\n") && says_line(dp, "goes on\n"), "nothing has changed");
    ok(says_no_more(dp), "it ends");
    is(finish(dp).code, 0, "by itself");
    dp = start_on(DUALPIPE_TRANSPORT_PTY_COOKED, "cat; echo end");
    ok(takes(dp, "line\n") && dualpipe_close_stdin(dp) == 0, "a cooked one has");
    is((long)dualpipe_write(dp, "x", 1, SOON), -EBADF, "no more can be written");
    is(dualpipe_close_stdin(dp), 0, "end twice");
    ok(says(dp, "line\nend\n") && says_no_more(dp), "it has come");
    is(finish(dp).code, 0, "status");
    dp = start_on(DUALPIPE_TRANSPORT_PTY_COOKED, "cat; echo; cat; echo end");
    ok(takes(dp, "line\nunfini") && takes(dp, "shed") && dualpipe_close_stdin(dp) == 0,
       "after a part");
    is((long)dualpipe_read(dp, &c, 0, SOON), 0, "of a line");
    ok(says(dp, "line\nunfinished\n"), "it is a second one");
    dualpipe_stop(dp, SIGKILL);
    finish(dp);
    dp = start_on(DUALPIPE_TRANSPORT_PTY_COOKED, "exec cat");
    is(dualpipe_close_stdin(dp), 0, "of nothing at all");
    ok(says_no_more(dp), "it comes");
    is(finish(dp).code, 0, "status");
    dp = start_on(DUALPIPE_TRANSPORT_UNBUFFER, "cat; echo end");
    ok(takes(dp, "part") && dualpipe_close_stdin(dp) == 0, "unbuffered it is a pipe's");
    ok(says(dp, "partend\n"), "it comes");
    is((long)dualpipe_write(dp, "x", 1, SOON), -EBADF, "no more can be written");
    is(finish(dp).code, 0, "status");
}

static void long_lines(void) {
    static char text[5001], got[5001];
    dualpipe *dp = start_on(DUALPIPE_TRANSPORT_PTY, "exec cat");
    ssize_t n = 0, r;
    memset(text, 'a', sizeof text);
    text[5000] = '\n';
    is((long)dualpipe_write(dp, text, 5001, SOON), 5001, "raw: a line of 5000 bytes goes");
    while (n < 5001 && (r = dualpipe_read(dp, got + n, (size_t)(5001 - n), SOON)) > 0)
        n += r;
    ok(n == 5001 && !memcmp(text, got, 5001), "and comes back");
    kill_and_close(dp);
    dp = start_on(DUALPIPE_TRANSPORT_PTY_COOKED, "exec cat");
    is((long)dualpipe_write(dp, text, 5001, SOON), -EMSGSIZE, "cooked: it is refused");
    text[4096] = '\n';
    is((long)dualpipe_write(dp, text, 4097, SOON), -EMSGSIZE, "so is one of 4096");
    is((long)dualpipe_write(dp, text, 4096, SOON), -EMSGSIZE, "and what can only become one");
    is((long)dualpipe_write(dp, text + 1, 4096, SOON), 4096, "one of 4095 goes");
    text[4095] = '\n';
    ok(dualpipe_read(dp, got, 1, SOON) == 1 && *got == 'a', "nothing came before it");
    for (n = 1; n < 4096 && (r = dualpipe_read(dp, got + n, (size_t)(4096 - n), SOON)) > 0;)
        n += r;
    ok(n == 4096 && !memcmp(text, got, 4096), "and it is whole");
    is((long)dualpipe_write(dp, text, 4000, SOON), 4000, "a part of one");
    is((long)dualpipe_write(dp, text, 96, SOON), -EMSGSIZE, "counts when another follows");
    is((long)dualpipe_write(dp, text, 95, SOON), 95, "until it is as long as can be");
    is((long)dualpipe_write(dp, "\n", 1, SOON), 1, "its end goes");
    dualpipe_close_stdin(dp);
    for (n = 0; (r = dualpipe_read(dp, got + n, sizeof got - (size_t)n, SOON)) > 0;)
        n += r;
    ok(n == 4096 && !memcmp(text, got, 4096), "it is whole");
    is(finish(dp).code, 0, "status");
    dp = start_on(DUALPIPE_TRANSPORT_PTY_COOKED, "exec cat");
    is((long)dualpipe_write(dp, text, 4095, SOON), 4095, "the longest unfinished one");
    dualpipe_close_stdin(dp);
    for (n = 0; (r = dualpipe_read(dp, got + n, sizeof got - (size_t)n, SOON)) > 0;)
        n += r;
    ok(n == 4095 && !memcmp(text, got, 4095), "is whole before the end of file");
    is(finish(dp).code, 0, "status");
}

/* Only LF ends a line, and an unfinished line counts together with what was sent before. */
static void lines(void) {
    static char t[8192];
    bool too_long = true;
    memset(t, 'a', sizeof t);
    ok(pty_sendable_lines("", 0, 0, &too_long) == 0 && !too_long, "nothing");
    ok(pty_sendable_lines("\n\n", 2, 4095, &too_long) == 2 && !too_long, "empty lines");
    ok(pty_sendable_lines("a\nb\nc", 5, 0, &too_long) == 4 && !too_long, "a rest");
    ok(pty_sendable_lines(t, 4095, 0, &too_long) == 0 && !too_long, "the longest rest");
    ok(pty_sendable_lines(t, 4096, 0, &too_long) == 0 && too_long, "one more");
    ok(pty_sendable_lines("a", 1, 4095, &too_long) == 0 && too_long,
       "one more with what went before");
    t[10] = t[4106] = '\n';
    ok(pty_sendable_lines(t, 8192, 0, &too_long) == 4107 && !too_long,
       "the longest line and a rest");
    t[4106] = 'a';
    ok(pty_sendable_lines(t, 8192, 0, &too_long) == 11 && too_long,
       "one byte too many after a line");
    ok(pty_unfinished_len("a\nbc", 4, 7) == 2 && pty_unfinished_len("abc", 3, 7) == 10 &&
           pty_unfinished_len("abc\n", 4, 7) == 0,
       "how long an unfinished one is");
}

int main(void) {
    int fds;
    begin();
    fds = open_fds();
    lines();
    what_it_finds();
    where_stderr_goes();
    session();
    sizes();
    bytes();
    ends_of_file();
    long_lines();
    is(open_fds(), fds, "no descriptor is left");
    is(waitpid(-1, NULL, WNOHANG), -1, "no process is left");
    return done();
}
