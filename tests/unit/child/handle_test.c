/* Tests the blocking calls on a handle (lib/child/io.c): write, read, readline, peek, close of
 * stdin: what they return, what they keep, and what they report when nothing is there. Large
 * amounts are in handle_bulk_test.c. */
#include "../harness.h"
#include <ctype.h>
#include <signal.h>
#include <sys/wait.h>

static int reply_in_capitals(int argc, char **argv, void *data) {
    int c;
    (void)argc, (void)argv, (void)data;
    setvbuf(stdout, NULL, _IOLBF, 0);
    while ((c = getchar()) != EOF)
        putchar(toupper(c));
    return 0;
}

/* A conversation with a child that answers in capitals. */
static void example(void) {
    const char *line = NULL;
    dualpipe *dp = call(reply_in_capitals, NULL);
    ok(takes(dp, "Hello, world!\n"), "write a line");
    ok(dualpipe_readline(dp, &line, SOON) == 14 && !memcmp(line, "HELLO, WORLD!\n", 14),
       "read its answer");
    ok(takes(dp, "again\nand ") && says_line(dp, "AGAIN\n"), "and another");
    is((long)dualpipe_readline(dp, &line, 0), -ETIMEDOUT, "none is there before it is whole");
    ok(takes(dp, "again\nrest") && says_line(dp, "AND AGAIN\n"), "a line of two writes");
    dualpipe_close_stdin(dp);
    ok(says_line(dp, "REST"), "the last one, unfinished");
    is((long)dualpipe_readline(dp, &line, SOON), 0, "then the end");
    is((long)dualpipe_readline(dp, &line, 0), 0, "which stays");
    is(finish(dp).code, 0, "status");
}

static int fail_after_output(int argc, char **argv, void *data) {
    (void)argc, (void)argv, (void)data;
    printf("no newline");
    return 42;
}

static void outputs_of_the_dead(void) {
    struct dualpipe_status s = {0};
    const char *line;
    dualpipe *dp = call(fail_after_output, NULL);
    ok(dualpipe_wait(dp, &s, SOON) == 0 && s.code == 42, "a failing function's status");
    ok(dualpipe_readline(dp, &line, SOON) == 10 && !memcmp(line, "no newline", 10),
       "what it wrote is read when it is dead");
    ok(says_no_more(dp), "and then its end");
    is((long)dualpipe_write(dp, "x", 1, SOON), -EPIPE, "nothing can be written to the dead");
    is(finish(dp).code, 42, "close has the status too");
}

static void timeouts_keep(void) {
    const char *line;
    char c[16];
    dualpipe *dp = shell("printf half; read -r _; echo ' and half'; printf xyz; read -r _");
    is((long)dualpipe_readline(dp, &line, 50), -ETIMEDOUT, "half a line is none");
    is((long)dualpipe_readline(dp, &line, 0), -ETIMEDOUT, "asked without waiting too");
    ok(takes(dp, "\n") && says_line(dp, "half and half\n"), "and is kept for the next call");
    is((long)dualpipe_readline(dp, &line, 20), -ETIMEDOUT, "half another line");
    ok(says(dp, "xyz"), "is what read gives");
    is((long)dualpipe_read(dp, c, sizeof c, 0), -ETIMEDOUT, "read without waiting: nothing");
    is((long)dualpipe_read(dp, c, sizeof c, 20), -ETIMEDOUT, "read with a limit: nothing");
    dualpipe_close_stdin(dp);
    ok(dualpipe_read(dp, c, sizeof c, DUALPIPE_FOREVER) == 0, "without one: the end of file");
    finish(dp);
}

static void limits_last(void) {
    dualpipe *dp = shell("read -r _");
    const char *line;
    char c;
    long before = now_ms();
    dualpipe_read(dp, &c, 1, 60);
    ok(now_ms() - before >= 59, "read's limit is waited for");
    before = now_ms();
    dualpipe_readline(dp, &line, 60);
    ok(now_ms() - before >= 59, "readline's");
    before = now_ms();
    dualpipe_wait(dp, NULL, 60);
    ok(now_ms() - before >= 59, "wait's");
    finish(dp);
}

static void pieces(void) {
    char c[8];
    const char *p;
    int ended = -1;
    dualpipe *dp = shell("printf abcdef; read -r _");
    ok(says(dp, "ab"), "read gives at most what is asked for");
    is((long)dualpipe_peek(dp, &p, &ended), 4, "the rest is there");
    ok(!memcmp(p, "cdef", 4) && ended == 0, "to be looked at");
    is((long)dualpipe_peek(dp, &p, NULL), 4, "twice");
    dualpipe_consume(dp, 2);
    ok(dualpipe_read(dp, c, sizeof c, 0) == 2 && !memcmp(c, "ef", 2), "what was consumed is read");
    is((long)dualpipe_peek(dp, &p, &ended), 0, "now nothing is there");
    dualpipe_close_stdin(dp);
    ok(says_no_more(dp) && dualpipe_peek(dp, &p, &ended) == 0 && ended == 1, "nor will there be");
    finish(dp);
}

static void close_stdin(void) {
    dualpipe *dp = shell("cat; echo end");
    ok(takes(dp, "line\n"), "write");
    is((long)dualpipe_write(dp, "", 0, SOON), 0, "nothing can be written");
    is(dualpipe_close_stdin(dp), 0, "end");
    is(dualpipe_close_stdin(dp), 0, "end twice");
    is((long)dualpipe_write(dp, "x", 1, SOON), -EBADF, "write after end");
    ok(says(dp, "line\nend\n") && says_no_more(dp), "the child has seen its end of file");
    is(finish(dp).code, 0, "status");
}

/* A child has closed its stdin: -EPIPE, no SIGPIPE, and its output is complete. */
static void closed_stdin(void) {
    ssize_t r = 0;
    dualpipe *dp = shell("exec <&-; echo closed; while test ! -e /proc/self/nothing; do "
                         "sleep 0.01; done & echo $!; wait");
    const char *line;
    pid_t pid = 0;
    ok(says_line(dp, "closed\n"), "a child closes its stdin");
    if (dualpipe_readline(dp, &line, SOON) > 0)
        pid = (pid_t)atoi(line);
    r = dualpipe_write(dp, "x", 1, SOON);
    ok(r == -EPIPE || r == 1, "a write is -EPIPE as soon as there is no reader");
    dualpipe_stop(dp, SIGKILL);
    finish(dp);
    ok(pid > 0, "it goes with its group");
    dp = shell("exec <&-; echo closed; exec sleep 1000");
    says_line(dp, "closed\n");
    is((long)dualpipe_write(dp, "x", 1, SOON), -EPIPE, "the write itself is -EPIPE");
    is((long)dualpipe_write(dp, "x", 1, 0), -EPIPE, "every time");
    dualpipe_stop(dp, SIGKILL);
    finish(dp);
}

static void long_lines(void) {
    char *argv[] = SHELL("printf 0123456789; echo; printf 0123456789; read -r _");
    dualpipe *dp = launch((struct dualpipe_options){.argv = argv, .max_buffer = 11});
    const char *line;
    ok(says_line(dp, "0123456789\n"), "a line of max bytes is a line");
    is((long)dualpipe_readline(dp, &line, 20), -ETIMEDOUT, "one less is half a line");
    finish(dp);
    dp = launch((struct dualpipe_options){.argv = argv, .max_buffer = 10});
    is((long)dualpipe_readline(dp, &line, SOON), -EMSGSIZE, "one more is too long");
    is((long)dualpipe_readline(dp, &line, SOON), -EMSGSIZE, "again");
    ok(says(dp, "0123456789"), "read gives it");
    ok(says_line(dp, "\n"), "and the line goes on");
    finish(dp);
}

static void attached(void) {
    int in[2], out[2], fds = open_fds();
    dualpipe *dp = NULL;
    char c[8];
    if (pipe(in) < 0 || pipe(out) < 0)
        return;
    is(dualpipe_attach(&dp, 999, 1, 2, 0, 0), -EBADF, "attach to what is not open");
    is(dualpipe_attach(&dp, in[0], out[1], -1, 0, 0), 0, "attach");
    ok(takes(dp, "hello") && read(out[0], c, sizeof c) == 5, "write");
    ok(write(in[1], "a\nb", 3) == 3 && says_line(dp, "a\n"), "readline");
    is((long)dualpipe_read(dp, c, sizeof c, 0), 1, "read");
    is((long)dualpipe_read(dp, c, sizeof c, 20), -ETIMEDOUT, "an empty one times out");
    ok((fcntl(in[0], F_GETFL) & O_NONBLOCK) == 0 && (fcntl(out[1], F_GETFL) & O_NONBLOCK) == 0,
       "no flag is changed");
    close(in[1]);
    ok(says_no_more(dp), "end of file");
    dualpipe_close(dp, NULL);
    ok(fcntl(in[0], F_GETFD) >= 0 && fcntl(out[1], F_GETFD) >= 0, "they stay open at close");
    close(in[0]), close(out[0]), close(out[1]);
    is(open_fds(), fds, "and nothing else does");
}

/* An error of read(2) comes after all bytes before it: a directory can't be read. */
static void read_errors(void) {
    int fd = open("/", O_RDONLY);
    dualpipe *dp = NULL;
    char c;
    const char *line;
    dualpipe_attach(&dp, fd, -1, -1, 0, 0);
    is((long)dualpipe_read(dp, &c, 1, SOON), -EISDIR, "what read(2) fails with is told");
    is((long)dualpipe_readline(dp, &line, SOON), -EISDIR, "and told again");
    dualpipe_close(dp, NULL);
    close(fd);
}

int main(void) {
    int fds;
    begin();
    fds = open_fds();
    example();
    outputs_of_the_dead();
    timeouts_keep();
    limits_last();
    pieces();
    close_stdin();
    closed_stdin();
    long_lines();
    attached();
    read_errors();
    is(open_fds(), fds, "no descriptor is left");
    is(waitpid(-1, NULL, WNOHANG), -1, "no process is left");
    return done();
}
