/* shim.so.c: preloaded by tests/tools/shimmed to make system calls behave badly, as the
 * environment says: SHORT=N lets reads and writes move at most N bytes, EVERY=N fails every Nth
 * call with EINTR, STORM=US interrupts by a timer every US microseconds, REFUSE=NAME fails
 * setrlimit of that limit. It affects this process and its forks, but not programs that they
 * execute. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

static size_t most;
static long every, calls;
static const char *refused;

static void on_alarm(int signo) {
    (void)signo;
}

static long number(const char *name) {
    const char *text = getenv(name);
    return text ? atol(text) : 0;
}

__attribute__((constructor)) static void begin(void) {
    struct sigaction action = {.sa_handler = on_alarm};
    long us = number("STORM");
    struct itimerval storm = {{0, us}, {0, us}};
    most = (size_t)number("SHORT");
    every = number("EVERY");
    refused = getenv("REFUSE");
    unsetenv("LD_PRELOAD");
    if (us > 0) {
        sigaction(SIGALRM, &action, NULL);
        setitimer(ITIMER_REAL, &storm, NULL);
    }
}

static size_t shorten(size_t n) {
    return most > 0 && n > most ? most : n;
}

static int interrupted(void) {
    if (every == 0 || ++calls % every != 0)
        return 0;
    errno = EINTR;
    return 1;
}

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) \
        *(void **)&real = dlsym(RTLD_NEXT, name); \
    if (interrupted()) \
        return -1

__attribute__((visibility("default"))) ssize_t read(int fd, void *p, size_t n) {
    REAL(ssize_t, "read", int, void *, size_t);
    return real(fd, p, shorten(n));
}

__attribute__((visibility("default"))) ssize_t write(int fd, const void *p, size_t n) {
    REAL(ssize_t, "write", int, const void *, size_t);
    return real(fd, p, shorten(n));
}

__attribute__((visibility("default"))) ssize_t pwritev2(int fd, const struct iovec *v, int count,
                                                        off_t at, int flags) {
    struct iovec first = v[0];
    REAL(ssize_t, "pwritev2", int, const struct iovec *, int, off_t, int);
    first.iov_len = shorten(first.iov_len);
    return real(fd, most ? &first : v, most ? 1 : count, at, flags);
}

__attribute__((visibility("default"))) ssize_t splice(int in, off64_t *from, int out, off64_t *to,
                                                      size_t n, unsigned flags) {
    REAL(ssize_t, "splice", int, off64_t *, int, off64_t *, size_t, unsigned);
    return real(in, from, out, to, shorten(n), flags);
}

__attribute__((visibility("default"))) int poll(struct pollfd *fds, nfds_t n, int ms) {
    REAL(int, "poll", struct pollfd *, nfds_t, int);
    return real(fds, n, ms);
}

__attribute__((visibility("default"))) int ppoll(struct pollfd *fds, nfds_t n,
                                                 const struct timespec *t, const sigset_t *mask) {
    REAL(int, "ppoll", struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
    return real(fds, n, t, mask);
}

/* Defined under another name because the first parameter's type differs between C libraries. */
__attribute__((visibility("default"))) int refuse_limit(int which, const struct rlimit *r)
    __asm__("setrlimit");

int refuse_limit(int which, const struct rlimit *r) {
    static const struct {
        const char *name;
        int which;
    } all[] = {{"core", RLIMIT_CORE}, {"cpu", RLIMIT_CPU},       {"memory", RLIMIT_DATA},
               {"files", RLIMIT_NOFILE}, {"processes", RLIMIT_NPROC}, {"filesize", RLIMIT_FSIZE}};
    for (size_t i = 0; refused && i < sizeof all / sizeof *all; i++)
        if (which == all[i].which && strcmp(refused, all[i].name) == 0) {
            errno = EPERM;
            return -1;
        }
    REAL(int, "setrlimit", int, const struct rlimit *);
    return real(which, r);
}
