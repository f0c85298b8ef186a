/* Tests what belongs to dualpipe_relay: taps, stderr, events of the host, counters, bytes that
 * were read before, and 100 MB in both directions through small pipes. */
#include "../harness.h"
#include <signal.h>
#include <sys/wait.h>

static int relay_all(dualpipe *child, dualpipe *host) {
    int r;
    long limit = now_ms() + 2 * SOON;
    while ((r = dualpipe_relay(child, host, NULL, 0, 1000)) > 0 && now_ms() < limit)
        ;
    return r;
}

static dualpipe *attach(int in, int out, int err) {
    dualpipe *host = NULL;
    dualpipe_attach(&host, in, out, err, 0, 0);
    return host;
}

struct seen {
    char text[2][64];
    size_t n[2];
};

static void watch(void *data, int from_child, const char *p, size_t n) {
    struct seen *s = data;
    if (s->n[from_child] + n < sizeof s->text[0])
        memcpy(s->text[from_child] + s->n[from_child], p, n);
    s->n[from_child] += n;
}

static void watched(void) {
    struct seen s = {0};
    int in[2], out[2];
    char got[64] = "";
    dualpipe *child = shell("while read -r l; do echo \"<$l>\"; done"), *host;
    if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
        return;
    host = attach(in[0], out[1], -1);
    dualpipe_relay_tap(child, watch, &s);
    ok(write(in[1], "one\ntwo\n", 8) == 8, "two lines");
    close(in[1]);
    is(relay_all(child, host), 0, "relayed with a watcher");
    ok(s.n[0] == 8 && !strcmp(s.text[0], "one\ntwo\n"), "it sees the input");
    ok(s.n[1] == 12 && !strcmp(s.text[1], "<one>\n<two>\n"), "and the output");
    ok(read(out[0], got, sizeof got) == 12 && !strcmp(got, "<one>\n<two>\n"), "which arrives");
    dualpipe_close(host, NULL);
    finish(child);
    close(in[0]), close(out[0]), close(out[1]);
}

static dualpipe *both_streams(const char *script) {
    char *argv[] = SHELL(script);
    return launch((struct dualpipe_options){.argv = argv, .err = DUALPIPE_STDERR_RELAY});
}

static void errors(void) {
    static const char much[] = "i=0; while [ $i -lt 20000 ]; do echo 0123456789 >&2 || exit 3; "
                               "i=$((i+1)); done; echo done";
    int out[2], err[2];
    char got[64] = "";
    dualpipe *child = both_streams("echo out; echo err >&2"), *host;
    if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
        return;
    host = attach(-1, out[1], err[1]);
    is(relay_all(child, host), 0, "stdout and stderr relayed");
    ok(read(out[0], got, sizeof got) == 4 && !memcmp(got, "out\n", 4), "stdout to stdout");
    ok(read(err[0], got, sizeof got) == 4 && !memcmp(got, "err\n", 4), "stderr to stderr");
    dualpipe_close(host, NULL);
    finish(child);
    close(err[0]);
    child = both_streams(much);
    host = attach(-1, out[1], err[1]);
    is(relay_all(child, host), 0, "a stderr without a reader stops nothing");
    dualpipe_close(host, NULL);
    finish(child);
    child = both_streams(much);
    host = attach(-1, out[1], -1);
    is(relay_all(child, host), 0, "nor one that goes nowhere");
    dualpipe_close(host, NULL);
    finish(child);
    close(out[0]), close(out[1]), close(err[1]);
}

static void events(void) {
    int in[2], wake[2], null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dualpipe *child = shell("cat"), *host;
    struct dualpipe_pollitem more = {.events = DUALPIPE_POLL_STDOUT};
    if (pipe2(in, O_CLOEXEC) < 0 || pipe2(wake, O_CLOEXEC) < 0)
        return;
    host = attach(in[0], null, -1);
    more.fd = wake[0];
    is(dualpipe_relay(child, host, &more, 1, 10), 2, "an event that has not come");
    is(more.revents, 0, "has nothing");
    ok(write(wake[1], "x", 1) == 1, "then it comes");
    is(dualpipe_relay(child, host, &more, 1, SOON), 2, "and the wait ends");
    is(more.revents, DUALPIPE_POLL_STDOUT, "by it");
    ok(read(wake[0], &(char){0}, 1) == 1, "taken away");
    dualpipe_signal(child, SIGTERM);
    for (int i = 0; i < 100 && dualpipe_relay(child, host, NULL, 0, 100) > 0; i++)
        ;
    is(dualpipe_relay(child, host, NULL, 0, SOON), 0, "a child that dies ends it");
    is(finish(child).signal, SIGTERM, "its status is told");
    dualpipe_close(host, NULL);
    close(in[0]), close(in[1]), close(wake[0]), close(wake[1]), close(null);
}

/* No byte that an earlier call has read is lost, and all bytes are counted. */
static void taken_in_before(void) {
    int out[2], in[2];
    char got[64] = "";
    struct dualpipe_diagnosis s = {0};
    dualpipe *child = shell("echo one; echo two; cat"), *host;
    if (pipe2(out, O_CLOEXEC) < 0 || pipe2(in, O_CLOEXEC) < 0)
        return;
    host = attach(in[0], out[1], -1);
    ok(write(in[1], "first\nsecond\n", 13) == 13 && says_line(host, "first\n"), "a line of ours");
    close(in[1]);
    ok(says_line(child, "one\n"), "a line of the child's");
    is(relay_all(child, host), 0, "then relay");
    ok(read(out[0], got, sizeof got) == 11 && !strcmp(got, "two\nsecond\n"), "the rest is whole");
    dualpipe_diagnose(child, &s, 0);
    is((long)s.received, 15, "all that came is counted");
    dualpipe_close(host, NULL);
    finish(child);
    close(in[0]), close(out[0]), close(out[1]);
}

enum { PIECE = 65536 };
static size_t total; /* bytes in each direction */

static char byte_at(size_t i) {
    return (char)((i * 2654435761U) >> 13);
}

static int write_much(int argc, char **argv, void *data) {
    static char p[PIECE];
    (void)argc, (void)argv, (void)data;
    for (size_t at = 0; at < total;) {
        size_t n = total - at < PIECE ? total - at : PIECE;
        for (size_t i = 0; i < n; i++)
            p[i] = byte_at(at + i);
        for (size_t done = 0; done < n;) {
            ssize_t r = write(1, p + done, n - done);
            if (r <= 0)
                return 1;
            done += (size_t)r;
        }
        at += n;
    }
    return 0;
}

static int read_much(int argc, char **argv, void *data) {
    static char p[PIECE];
    size_t at = 0;
    ssize_t r;
    (void)argc, (void)argv, (void)data;
    while ((r = read(0, p, PIECE)) > 0)
        for (ssize_t i = 0; i < r; i++)
            if (p[i] != byte_at(at++))
                return 1;
    return at == total ? 0 : 2;
}

/* Returns the descriptor that a handle is polled by for these events. */
static int fd_of(dualpipe *dp, short wants) {
    struct dualpipe_pollitem e = {.dp = dp, .events = wants};
    struct pollfd p = {.fd = -1};
    dualpipe_pollfds(&e, 1, &p, 1, &(int){0});
    return p.fd;
}

static void relay_much(void) {
    dualpipe *writer = call(write_much, NULL), *reader = call(read_much, NULL), *child, *host;
    char *argv[] = {WORD("cat"), NULL};
    int to, from, r;
    child = launch((struct dualpipe_options){.argv = argv});
    to = fd_of(reader, DUALPIPE_POLL_STDIN);
    from = fd_of(writer, DUALPIPE_POLL_STDOUT);
    fcntl(from, F_SETPIPE_SZ, 4096);
    fcntl(to, F_SETPIPE_SZ, 4096);
    fcntl(fd_of(child, DUALPIPE_POLL_STDOUT), F_SETPIPE_SZ, 4096);
    fcntl(fd_of(child, DUALPIPE_POLL_STDIN), F_SETPIPE_SZ, 4096);
    host = attach(from, to, -1);
    r = relay_all(child, host);
    ok(r == 0, "%zu MB in both directions through cat and pipes of 4 KiB", total / 1000000);
    dualpipe_close(host, NULL);
    is(finish(child).code, 0, "cat ends");
    is(finish(writer).code, 0, "all is taken");
    dualpipe_close_stdin(reader);
    ok(dualpipe_wait(reader, NULL, SOON) == 0 && finish(reader).code == 0, "all arrives, in order");
}

int main(void) {
    begin();
    watched();
    errors();
    events();
    taken_in_before();
    total = (size_t)fewer(100) * 1000000;
    relay_much();
    is(waitpid(-1, NULL, WNOHANG), -1, "no process is left");
    return done();
}
