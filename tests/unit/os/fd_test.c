/* Tests lib/os/fd.c and the nonblocking writer, lib/child/writer.c: to a pipe, fifo, terminal,
 * socket and file it writes what fits without waiting, changes no flag of a shared description,
 * raises no SIGPIPE, and puts no descriptor on 0, 1 or 2. */
#include "child/writer.h"
#include "os/fd.h"
#include "../harness.h"
#include <pty.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>

enum { CHUNK = 65536 };

/* Writes until the writer would wait; returns the number of bytes. */
static ssize_t fill(int fd, bool mask) {
    static char bytes[CHUNK];
    struct writer o;
    size_t total = 0;
    ssize_t r;
    memset(bytes, 'x', sizeof bytes);
    writer_init(&o, fd, FD_UNKNOWN, mask);
    while ((r = writer_write(&o, bytes, sizeof bytes)) > 0 && total < 64 << 20)
        total += (size_t)r;
    writer_close(&o);
    return r == -EAGAIN ? (ssize_t)total : r;
}

/* Reads up to n bytes from fd, and then all that is there; returns the number of bytes. */
static size_t drain(int fd, size_t n) {
    char bytes[4096];
    struct pollfd p = {.fd = fd, .events = POLLIN};
    size_t total = 0;
    ssize_t r;
    while (poll(&p, 1, total < n ? SOON : 0) == 1 && (r = read(fd, bytes, sizeof bytes)) > 0)
        total += (size_t)r;
    return total;
}

/* Fills the descriptor fd, then reads from the other end. */
static void never_waits(const char *what, int fd, int other) {
    int flags = fcntl(fd, F_GETFL), fds = open_fds();
    ssize_t went = fill(fd, true);
    ok(went > 0, "%s: a full one is -EAGAIN, after %zd bytes", what, went);
    ok(fcntl(fd, F_GETFL) == flags, "%s: its flags are as they were", what);
    ok(went <= 0 || drain(other, (size_t)went) == (size_t)went, "%s: what went arrives", what);
    ok(fcntl(fd, F_GETFD) >= 0 && open_fds() == fds, "%s: closing the outlet leaves only fd", what);
}

static void to_pipes(void) {
    int ends[2], r, w;
    if (pipe(ends) == 0)
        never_waits("pipe", ends[1], ends[0]);
    close(ends[0]);
    close(ends[1]);
    mkfifo("fifo", 0600);
    r = open("fifo", O_RDONLY | O_NONBLOCK);
    w = open("fifo", O_WRONLY);
    fcntl(r, F_SETFL, 0);
    never_waits("fifo", w, r);
    close(r);
    close(w);
}

/* A half-full pipe takes what fits, as a nonblocking write does. */
static void to_half_full_pipe(void) {
    char bytes[CHUNK] = {0};
    struct writer o;
    int ends[2];
    ssize_t r, rest;
    if (pipe(ends) < 0)
        return;
    writer_init(&o, ends[1], FD_UNKNOWN, true);
    r = writer_write(&o, bytes, 60000);
    rest = writer_write(&o, bytes, sizeof bytes);
    is((long)r, 60000, "what has room goes whole");
    ok(rest == -EAGAIN || (rest > 0 && rest < CHUNK), "what has not goes in part, or not at all");
    writer_close(&o);
    close(ends[0]);
    close(ends[1]);
}

static void to_socket(void) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
        return;
    is(fd_kind(ends[0]), FD_SOCKET, "a socket is a socket");
    never_waits("socket", ends[0], ends[1]);
    close(ends[1]);
    signal(SIGPIPE, SIG_DFL);
    is((long)fill(ends[0], false), -EPIPE, "a socket without a peer is -EPIPE, unmasked too");
    close(ends[0]);
}

static void to_terminal(void) {
    int master, slave;
    struct termios raw;
    if (openpty(&master, &slave, NULL, NULL, NULL) < 0) {
        skip("terminal", "no pty");
        return;
    }
    tcgetattr(slave, &raw);
    cfmakeraw(&raw);
    tcsetattr(slave, TCSANOW, &raw);
    is(fd_kind(slave), FD_TTY, "a terminal is a terminal");
    never_waits("terminal", slave, master);
    never_waits("the master of a pty", master, slave);
    close(slave);
    close(master);
}

static void to_file(void) {
    char back[8] = {0};
    int fd = open("file", O_RDWR | O_CREAT, 0600);
    struct writer o;
    writer_init(&o, fd, FD_UNKNOWN, true);
    is(fd_kind(fd), FD_FILE, "a file is a file");
    ok(writer_write(&o, "abc", 3) == 3 && writer_write(&o, "def", 3) == 3, "a file takes all");
    ok(pread(fd, back, 6, 0) == 6 && strcmp(back, "abcdef") == 0, "in order, at its offset");
    writer_close(&o);
    ok(fcntl(fd, F_GETFD) >= 0, "the file stays open");
    close(fd);
    fd = open("/dev/full", O_WRONLY);
    writer_init(&o, fd, FD_UNKNOWN, true);
    is((long)writer_write(&o, "a", 1), -ENOSPC, "a full device says so");
    writer_close(&o);
    close(fd);
    writer_init(&o, 999, FD_UNKNOWN, true);
    is((long)writer_write(&o, "a", 1), -EBADF, "a closed descriptor is -EBADF");
    writer_init(&o, -1, FD_UNKNOWN, true);
    is((long)writer_write(&o, "a", 1), -EPIPE, "none is -EPIPE");
}

static void masks_sigpipe(void) {
    int ends[2];
    sigset_t pending, only, before, after;
    if (pipe(ends) < 0)
        return;
    close(ends[0]);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, NULL, &before);
    is((long)fill(ends[1], true), -EPIPE, "no reader: -EPIPE, and no SIGPIPE");
    sigpending(&pending);
    ok(!sigismember(&pending, SIGPIPE), "none is pending afterwards");
    sigprocmask(SIG_SETMASK, NULL, &after);
    ok(sigismember(&after, SIGPIPE) == sigismember(&before, SIGPIPE), "the mask is the host's");
    sigemptyset(&only);
    sigaddset(&only, SIGPIPE);
    sigprocmask(SIG_BLOCK, &only, NULL);
    raise(SIGPIPE);
    is((long)fill(ends[1], true), -EPIPE, "with one of the host's pending too");
    sigpending(&pending);
    ok(sigismember(&pending, SIGPIPE), "which stays pending");
    signal(SIGPIPE, SIG_IGN);
    sigprocmask(SIG_UNBLOCK, &only, NULL);
    is((long)fill(ends[1], false), -EPIPE, "ignored by the host, unmasked: -EPIPE");
    signal(SIGPIPE, SIG_DFL);
    close(ends[1]);
}

/* Runs in a forked process, so that this one keeps its descriptors. Bit k of `which`: descriptor
 * k is closed. */
static int ends_with_closed(int which) {
    pid_t pid = fork();
    int status = -1;
    if (pid == 0) {
        int ends[2], good;
        for (int fd = 0; fd < 3; fd++)
            if (which >> fd & 1)
                close(fd);
        good = fd_pipe(ends) == 0 && ends[0] > 2 && ends[1] > 2 &&
               fcntl(ends[0], F_GETFD) == FD_CLOEXEC && fcntl(ends[1], F_GETFD) == FD_CLOEXEC;
        for (int fd = 0; fd < 3; fd++)
            good = good && (fcntl(fd, F_GETFD) < 0) == (which >> fd & 1);
        _exit(good ? 0 : 1);
    }
    waitpid(pid, &status, 0);
    return status == 0;
}

static void makes_pipes(void) {
    int good = 1, fds = open_fds(), ends[2] = {-1, -1};
    for (int which = 0; which < 8; which++)
        good = good && ends_with_closed(which);
    ok(good, "ends are close-on-exec and above 2, whatever of 0, 1, 2 is closed");
    fd_pipe(ends);
    fd_set_nonblocking(ends[0]);
    ok(fcntl(ends[0], F_GETFL) & O_NONBLOCK, "fd_set_nonblocking");
    is(fd_set_nonblocking(999), -EBADF, "fd_set_nonblocking of a closed descriptor is -EBADF");
    is((long)fd_read(ends[0], FD_NONBLOCKING, &good, 1), -EAGAIN,
       "an empty pipe of ours is -EAGAIN");
    fd_close(&ends[1]);
    is(ends[1], -1, "fd_close leaves -1");
    fd_close(&ends[1]);
    is((long)fd_read(ends[0], FD_NONBLOCKING, &good, 1), 0, "the end of file is 0");
    fd_close(&ends[0]);
    is(open_fds(), fds, "nothing stays open");
    is(fd_kind(999), FD_UNKNOWN, "a closed descriptor is of no kind");
}

int main(void) {
    begin();
    makes_pipes();
    to_pipes();
    to_half_full_pipe();
    to_socket();
    to_terminal();
    to_file();
    masks_sigpipe();
    return done();
}
