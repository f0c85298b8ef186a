/* Tests large amounts in both directions: no size deadlocks, nothing is lost, a full buffer is
 * reported, and time limits hold while the child writes. */
#include "../harness.h"
#include <signal.h>
#include <sys/wait.h>

enum { MIB = 1 << 20, PIECE = 65536 };

static char byte_at(size_t i) {
    return (char)((i * 2654435761U) >> 13);
}

static void fill(char *p, size_t from, size_t n) {
    for (size_t i = 0; i < n; i++)
        p[i] = byte_at(from + i);
}

static bool write_all(int fd, size_t n) {
    static char p[PIECE];
    for (size_t at = 0; at < n; at += PIECE) {
        fill(p, at, PIECE);
        for (size_t done = 0; done < PIECE;) {
            ssize_t r = write(fd, p + done, PIECE - done);
            if (r <= 0)
                return false;
            done += (size_t)r;
        }
    }
    return true;
}

static bool read_all(int fd, size_t n) {
    static char p[PIECE];
    size_t at = 0;
    ssize_t r;
    while (at < n && (r = read(fd, p, PIECE)) > 0)
        for (ssize_t i = 0; i < r; i++)
            if (p[i] != byte_at(at++))
                return false;
    return at == n;
}

/* A child function: writes *data bytes before it reads any. */
static int speak_first(int argc, char **argv, void *data) {
    size_t n = *(size_t *)data;
    (void)argc, (void)argv;
    return write_all(1, n) && read_all(0, n) ? 0 : 1;
}

static int answer(int argc, char **argv, void *data) {
    static char p[PIECE];
    ssize_t r;
    (void)argc, (void)argv, (void)data;
    while ((r = read(0, p, PIECE)) > 0)
        for (ssize_t done = 0, w; done < r; done += w)
            if ((w = write(1, p + done, (size_t)(r - done))) <= 0)
                return 1;
    return r < 0;
}

/* Reads n bytes of the stream, starting with byte number `from`. */
static bool gives(dualpipe *dp, size_t from, size_t n) {
    static char p[PIECE];
    size_t at = 0;
    while (at < n) {
        ssize_t r = dualpipe_read(dp, p, n - at < PIECE ? n - at : PIECE, SOON);
        if (r <= 0) {
            printf("# after %zu of %zu: %zd\n", at, n, r);
            return false;
        }
        for (ssize_t i = 0; i < r; i++)
            if (p[i] != byte_at(from + at++))
                return false;
    }
    return true;
}

static void both_ways(void) {
    size_t n = 64 * MIB;
    char *bytes = malloc(n), *argv[] = {WORD("f"), NULL};
    dualpipe *dp = launch((struct dualpipe_options){
        .argv = argv, .function = speak_first, .data = &n, .max_buffer = 65 * MIB});
    fill(bytes, 0, n);
    is((long)dualpipe_write(dp, bytes, n, 3 * SOON), (long)n,
       "64 MiB to one that writes as much first");
    ok(gives(dp, 0, n), "and what it wrote, in order");
    dualpipe_close_stdin(dp);
    ok(says_no_more(dp), "and no more");
    is(finish(dp).code, 0, "it has read what we wrote");
    n = 5 * MIB;
    dp = call(answer, NULL);
    is((long)dualpipe_write(dp, bytes, n, SOON), (long)n, "more than a pipe to one that answers");
    ok(gives(dp, 0, n), "and the answers");
    finish(dp);
    free(bytes);
}

/* Returns byte number i of a text of lines that a cooked terminal leaves unchanged. */
static char line_byte_at(size_t i) {
    return i % 97 == 96 ? '\n' : (char)(byte_at(i) | 64);
}

/* Sends n bytes through a child on a terminal and back, with a small buffer, without waiting for
 * all of them to be written first. */
static bool through(enum dualpipe_transport transport, size_t n, char (*at)(size_t)) {
    static char p[PIECE];
    char *argv[] = {WORD("f"), NULL};
    struct dualpipe_pollitem e = {
        .dp = launch((struct dualpipe_options){
            .argv = argv, .function = answer, .transport = transport, .max_buffer = 100000})};
    size_t sent = 0, got = 0;
    bool good = true;
    while (good && got < n) {
        const char *back;
        size_t size;
        ssize_t r = 0;
        e.events = sent < n ? DUALPIPE_POLL_STDOUT | DUALPIPE_POLL_STDIN : DUALPIPE_POLL_STDOUT;
        good = dualpipe_poll(&e, 1, SOON) > 0;
        if (e.revents & DUALPIPE_POLL_STDIN) {
            for (size_t i = 0; i < PIECE; i++)
                p[i] = at(sent + i);
            r = dualpipe_write(e.dp, p, n - sent < PIECE ? n - sent : PIECE, 0);
            sent += r > 0 ? (size_t)r : 0;
        }
        size = dualpipe_peek(e.dp, &back, NULL);
        for (size_t i = 0; good && i < size; i++)
            good = back[i] == at(got++);
        dualpipe_consume(e.dp, size);
    }
    if (!good)
        printf("# %zu sent, %zu come\n", sent, got);
    dualpipe_stop(e.dp, SIGKILL);
    finish(e.dp);
    return good;
}

static void terminals(void) {
    size_t mib = (size_t)fewer(100), lines = (size_t)fewer(200000);
    ok(through(DUALPIPE_TRANSPORT_PTY, mib * MIB, byte_at), "%zu MiB through a raw terminal", mib);
    ok(through(DUALPIPE_TRANSPORT_UNBUFFER, mib / 5 * MIB, byte_at), "unbuffered");
    ok(through(DUALPIPE_TRANSPORT_PTY_COOKED, 97 * lines, line_byte_at),
       "%zu lines through a cooked one", lines);
}

/* Once the buffer is full the host must read; then the write goes on where it stopped. */
static void bounded(void) {
    size_t n = 4 * MIB, done = 0, got = 0;
    int bounds = 0;
    char *bytes = malloc(n), *argv[] = {WORD("f"), NULL};
    dualpipe *dp =
        launch((struct dualpipe_options){.argv = argv, .function = answer, .max_buffer = 100000});
    bool good = true;
    fill(bytes, 0, n);
    while (good && done < n) {
        ssize_t r = dualpipe_write(dp, bytes + done, n - done, SOON);
        const char *p;
        if (r > 0) {
            done += (size_t)r;
        } else if (r == -ENOBUFS) {
            size_t held = dualpipe_peek(dp, &p, NULL);
            bounds++;
            good = held == 100000 && gives(dp, got, held);
            got += held;
        } else {
            good = false;
        }
    }
    ok(good && bounds > 10, "full memory is -ENOBUFS, %d times, and not passed", bounds);
    dualpipe_close_stdin(dp);
    is(dualpipe_wait(dp, NULL, 0) == 0, 0, "it has still to write");
    ok(gives(dp, got, n - got) && says_no_more(dp), "nothing is lost by it");
    is(finish(dp).code, 0, "status");
    free(bytes);
}

static void bounded_wait(void) {
    size_t n = MIB;
    char *argv[] = {WORD("f"), NULL};
    char c[256];
    dualpipe *dp = launch((struct dualpipe_options){
        .argv = argv, .function = speak_first, .data = &n, .max_buffer = 1000});
    is(dualpipe_wait(dp, NULL, SOON), -ENOBUFS, "a wait with full memory says so");
    is((long)dualpipe_read(dp, c, sizeof c, 0), 256, "and it can be read");
    dualpipe_stop(dp, SIGKILL);
    is(finish(dp).signal, SIGKILL, "killed");
}

/* If stderr is not read, reading stdout reports it, and goes on once stderr has been read. */
static void full_stderr(void) {
    char *argv[] = SHELL("i=0; while [ $i -lt 9000 ]; do echo 0123456789012345678 >&2; "
                        "i=$((i+1)); done; echo done");
    dualpipe *dp = launch(
        (struct dualpipe_options){.argv = argv, .err = DUALPIPE_STDERR_RELAY, .max_buffer = 20000});
    char c[4096];
    size_t total = 0;
    ssize_t r = 0;
    is((long)dualpipe_read(dp, c, 1, SOON), -ENOBUFS, "a full stderr is to be read first");
    while (total < 180000 && (r = dualpipe_read_stderr(dp, c, sizeof c, SOON)) > 0)
        total += (size_t)r;
    is((long)total, 180000, "all of it can be");
    ok(says(dp, "done\n"), "then comes stdout");
    is((long)dualpipe_read_stderr(dp, c, sizeof c, SOON), 0, "and stderr's end");
    finish(dp);
}

/* A time limit holds even if bytes arrive all the time that the call doesn't wait for. */
static void limits_hold(void) {
    static const char drips[] = "while :; do echo x; sleep 0.002; done";
    char *argv[] = SHELL(drips);
    size_t n = MIB;
    char *bytes = calloc(1, n), c;
    dualpipe *dp = launch((struct dualpipe_options){.argv = argv, .err = DUALPIPE_STDERR_RELAY});
    ssize_t r = dualpipe_write(dp, bytes, n, 100);
    ok(r > 0 && r < (ssize_t)n, "a write to one that talks and never reads ends: %zd", r);
    is((long)dualpipe_write(dp, bytes, n, 100), -ETIMEDOUT, "the next says why");
    is((long)dualpipe_read_stderr(dp, &c, 1, 100), -ETIMEDOUT, "a read of its stderr ends");
    is(dualpipe_wait(dp, NULL, 100), -ETIMEDOUT, "a wait ends");
    dualpipe_stop(dp, SIGKILL);
    finish(dp);
    free(bytes);
}

int main(void) {
    int fds;
    begin();
    fds = open_fds();
    both_ways();
    terminals();
    bounded();
    bounded_wait();
    full_stderr();
    limits_hold();
    is(open_fds(), fds, "no descriptor is left");
    return done();
}
