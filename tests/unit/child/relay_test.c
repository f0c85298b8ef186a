/* Tests lib/child/relay.c: bytes in both directions between a child and pipes, files, sockets and
 * terminals of the host arrive complete and in order; half closes, back-pressure, and readers
 * that disappear. */
#include "../harness.h"
#include <pty.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>

static char *const cat_argv[] = {WORD("cat"), NULL};

/* Calls dualpipe_relay until it is done or fails; returns the last result. */
static int relay_all(dualpipe *child, dualpipe *host) {
    int r;
    long limit = now_ms() + 2 * SOON;
    while ((r = dualpipe_relay(child, host, NULL, 0, 1000)) > 0 && now_ms() < limit)
        ;
    return r;
}

static struct dualpipe_status last;

static int relay_cat(int in, int out) {
    dualpipe *child = launch((struct dualpipe_options){.argv = cat_argv}), *host = NULL;
    int r;
    dualpipe_attach(&host, in, out, -1, 0, 0);
    r = relay_all(child, host);
    dualpipe_close(host, NULL);
    last = finish(child);
    return last.code == 0 || r < 0 ? r : -9999;
}

static int temporary_file(void) {
    char name[] = "relay.XXXXXX";
    int fd = mkstemp(name);
    unlink(name);
    return fd;
}

enum { SIZE = 300000 };
static char text[SIZE], back[SIZE + 1];

static int text_file(void) {
    int fd = temporary_file();
    for (size_t i = 0; i < SIZE; i++)
        text[i] = "abcdefgh\n"[i % 9];
    if (pwrite(fd, text, SIZE, 0) != SIZE)
        perror("write");
    return fd;
}

static bool holds_text(int fd, off_t from) {
    struct stat st;
    return fstat(fd, &st) == 0 && st.st_size == from + SIZE &&
           pread(fd, back, SIZE, from) == SIZE && memcmp(back, text, SIZE) == 0;
}

static void files(void) {
    int in = text_file(), out = temporary_file();
    is(relay_cat(in, out), 0, "file to file");
    ok(holds_text(out, 0), "whole");
    lseek(in, 0, SEEK_SET);
    fcntl(out, F_SETFL, O_APPEND);
    is(relay_cat(in, out), 0, "file to a file opened to append");
    ok(holds_text(out, SIZE), "after what was there");
    lseek(in, 0, SEEK_SET);
    fcntl(out, F_SETFL, 0);
    if (ftruncate(out, 0) == 0)
        lseek(out, 100, SEEK_SET);
    is(relay_cat(in, out), 0, "file to a file at an offset");
    ok(holds_text(out, 100), "from there");
    close(out);
    lseek(in, 0, SEEK_SET);
    out = open("/dev/null", O_WRONLY);
    is(relay_cat(in, out), 0, "file to /dev/null");
    close(out);
    lseek(in, 0, SEEK_SET);
    out = open("/dev/full", O_WRONLY);
    is(relay_cat(in, out) == -ENOSPC, 1, "a full device is -ENOSPC");
    is(last.stopped, 0, "and a child that would say more can end by itself");
    close(out);
    out = temporary_file();
    close(in);
    in = open("/dev/null", O_RDONLY);
    is(relay_cat(in, out), 0, "no input, no output");
    close(in), close(out);
}

/* Child functions at the other end of a descriptor: one writes the text and closes, the other
 * reads. */
static int write_text(int argc, char **argv, void *data) {
    size_t done = 0;
    ssize_t r;
    (void)argc, (void)argv;
    while (done < SIZE && (r = write(*(int *)data, text + done, SIZE - done)) > 0)
        done += (size_t)r;
    return done == SIZE ? 0 : 1;
}

static int read_text(int argc, char **argv, void *data) {
    size_t done = 0;
    ssize_t r;
    (void)argc, (void)argv;
    while ((r = read(*(int *)data, back + done, SIZE + 1 - done)) > 0)
        done += (size_t)r;
    return done == SIZE && memcmp(text, back, SIZE) == 0 ? 0 : 1;
}

static dualpipe *other_end(dualpipe_function *f, int *fd) {
    char *argv[] = {WORD("f"), NULL};
    fcntl(*fd, F_SETFD, 0);
    return launch((struct dualpipe_options){
        .argv = argv, .function = f, .data = fd, .flags = DUALPIPE_START_KEEP_FDS});
}

/* Relays from in[0], whose other end is in[1], to out[1], which is read from out[0]. */
static void through(const char *what, const int in[2], const int out[2]) {
    int in_end = in[1], out_end = out[0], r, flags_in = fcntl(in[0], F_GETFL);
    int flags_out = fcntl(out[1], F_GETFL);
    dualpipe *writer = other_end(write_text, &in_end), *reader;
    close(in_end);
    fcntl(out[1], F_SETFD, FD_CLOEXEC);
    reader = other_end(read_text, &out_end);
    close(out_end);
    r = relay_cat(in[0], out[1]);
    is(r, 0, what);
    ok(fcntl(in[0], F_GETFL) == flags_in && fcntl(out[1], F_GETFL) == flags_out,
       "%s: flags as they were", what);
    close(in[0]);
    close(out[1]);
    ok(finish(writer).code == 0, "%s: all is taken", what);
    ok(dualpipe_wait(reader, NULL, SOON) == 0 && finish(reader).code == 0, "%s: all arrives", what);
}

static void pipes_and_sockets(void) {
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0)
        through("pipe to pipe", in, out);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) == 0 && pipe2(out, O_CLOEXEC) == 0)
        through("socket to pipe", in, out);
    if (pipe2(in, O_CLOEXEC) == 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, out) == 0)
        through("pipe to socket", in, out);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) == 0 &&
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, out) == 0)
        through("socket to socket", in, out);
}

/* With a terminal on both sides, lines typed at its master are answered there, and ^D ends them. */
static void terminals(void) {
    int master, slave, r;
    struct termios t;
    char got[64] = "";
    dualpipe *child, *host = NULL;
    if (openpty(&master, &slave, NULL, NULL, NULL) < 0) {
        skip("terminals", "no pty");
        return;
    }
    tcgetattr(slave, &t);
    t.c_lflag &= ~(tcflag_t)ECHO;
    t.c_oflag &= ~(tcflag_t)OPOST;
    tcsetattr(slave, TCSANOW, &t);
    child = launch((struct dualpipe_options){.argv = cat_argv});
    dualpipe_attach(&host, slave, slave, -1, 0, 0);
    is((long)write(master, "one\ntwo\n\004", 9), 9, "typed at a terminal");
    r = relay_all(child, host);
    is(r, 0, "relayed to its end");
    for (size_t n = 0; n < 8 && (r = (int)read(master, got + n, sizeof got - 1 - n)) > 0;)
        n += (size_t)r; /* the lines may arrive in pieces */
    ok(strcmp(got, "one\ntwo\n") == 0, "the answers are there");
    ok((fcntl(slave, F_GETFL) & O_NONBLOCK) == 0, "its flags are as they were");
    dualpipe_close(host, NULL);
    finish(child);
    close(master), close(slave);
}

static void half_closes(void) {
    int in[2], out[2], zero;
    char got[32] = "";
    char *argv[] = SHELL("cat >/dev/null; echo after the end");
    dualpipe *child = launch((struct dualpipe_options){.argv = argv}), *host = NULL;
    if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
        return;
    dualpipe_attach(&host, in[0], out[1], -1, 0, 0);
    is(dualpipe_relay(child, host, NULL, 0, 20), 2, "nothing to do within the limit is 2");
    if (write(in[1], "x", 1) != 1)
        perror("write");
    close(in[1]);
    is(relay_all(child, host), 0, "the end of input is passed on");
    ok(read(out[0], got, sizeof got) == 14, "what comes after it too");
    dualpipe_close(host, NULL);
    finish(child);
    child = shell("exec <&-; sleep 0.05; echo no input");
    zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    dualpipe_attach(&host, zero, out[1], -1, 0, 0);
    is(relay_all(child, host), 0, "a child that closes its stdin is relayed to its end");
    ok(read(out[0], got, sizeof got) == 9 && !memcmp(got, "no input\n", 9), "with all it says");
    dualpipe_close(host, NULL);
    finish(child);
    close(in[0]), close(out[0]), close(out[1]), close(zero);
}

/* A reader that stops reading blocks the child, not the host; then the reader disappears. */
static void reader_goes(const char *what, int out, int end) {
    dualpipe *child = shell("exec yes"), *host = NULL;
    int r = 1, moved = 0;
    dualpipe_attach(&host, -1, out, -1, 0, 0);
    while ((r = dualpipe_relay(child, host, NULL, 0, 100)) == 1 && moved < 1000000)
        moved++;
    is(r, 2, what);
    ok(moved < 1000000, "%s: not moved is not said to be", what);
    close(end);
    is(relay_all(child, host), -EPIPE, "its reader gone is -EPIPE");
    dualpipe_close(host, NULL);
    dualpipe_stop(child, SIGKILL);
    finish(child);
    close(out);
}

/* The same with a child that prints nothing. */
static void reader_of_silence(const char *what, int out, int end) {
    dualpipe *child = shell("exec sleep 1000"), *host = NULL;
    int r = 1, calls = 0;
    dualpipe_attach(&host, -1, out, -1, 0, 0);
    dualpipe_relay(child, host, NULL, 0, 10);
    close(end);
    while (r > 0 && calls++ < 1000)
        r = dualpipe_relay(child, host, NULL, 0, 1000);
    is(r, -EPIPE, what);
    dualpipe_close(host, NULL);
    dualpipe_stop(child, SIGKILL);
    finish(child);
    close(out);
}

static void readers_go(void) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) == 0)
        reader_goes("a pipe that is full", ends[1], ends[0]);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0)
        reader_goes("a socket that is full", ends[1], ends[0]);
    if (pipe2(ends, O_CLOEXEC) == 0)
        reader_of_silence("a pipe's reader gone while nothing comes", ends[1], ends[0]);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0)
        reader_of_silence("a socket's reader gone while nothing comes", ends[1], ends[0]);
    if (openpty(&ends[0], &ends[1], NULL, NULL, NULL) == 0)
        reader_of_silence("a terminal that hangs up", ends[1], ends[0]);
}

int main(void) {
    int fds;
    begin();
    fds = open_fds();
    signal(SIGPIPE, SIG_DFL);
    files();
    pipes_and_sockets();
    terminals();
    half_closes();
    readers_go();
    is(open_fds(), fds, "no descriptor is left");
    is(waitpid(-1, NULL, WNOHANG), -1, "no process is left");
    return done();
}
