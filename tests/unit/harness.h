/* harness.h: what every unit test uses.
 *
 * Results are printed in TAP, with the plan last: a program that dies early prints none, and so has
 * failed. begin() enters an empty scratch folder, which done() removes: tests use relative names.
 *
 * A test never sleeps. It waits for a condition by until(), or passes SOON as the time limit of a
 * call. Where it has to choose a time, it passes the milliseconds that suffice on an idle machine
 * through scaled(), which multiplies them by how slow this machine is at the moment. Only a hang is
 * ended by the clock: SIGALRM kills a test that gives no result for tap_seconds(), scaled. */
#ifndef HARNESS_H
#define HARNESS_H
#include "dualpipe.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* SANITIZED: built with a sanitizer, which makes system calls and takes memory of its own. */
#ifdef __has_feature
#define TAP_HAS(what) __has_feature(what)
#else
#define TAP_HAS(what) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                               \
    TAP_HAS(address_sanitizer) || TAP_HAS(thread_sanitizer) || TAP_HAS(memory_sanitizer)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/* TSan records signal handlers in memory that a vforked child shares, so the host loses its own. */
#if defined(__SANITIZE_THREAD__)
enum { KEEPS_HANDLERS = 0 };
#else
enum { KEEPS_HANDLERS = 1 };
#endif

/* --- time -------------------------------------------------------------------------------- */

static inline int64_t harness_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static inline long now_ms(void) {
    return (long)(harness_us() / 1000);
}

/* The calibrated step: a shell is started and waited for. On an idle machine it takes 1 to 3 ms,
 * and the times in the tests are more than long enough for that: only beyond USUAL_STEP
 * microseconds are they scaled. slow_percent is how long a step took lately, in percent of
 * USUAL_STEP. */
enum { USUAL_STEP = 10000, CALIBRATE_EVERY = 250000, MOST_PERCENT = 6000 };
static _Atomic int slow_percent = 100;
static int64_t calibrated_at; /* microseconds; 0: never */

static inline int64_t harness_step(void) {
    int64_t began = harness_us();
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", ":", (char *)NULL);
        _exit(127);
    }
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    return harness_us() - began;
}

/* Takes the slowest of three steps; a machine that was slow just now counts as slow for a while. */
static inline void harness_calibrate(void) {
    int64_t slowest = 0;
    int percent;
    if (calibrated_at > 0 && harness_us() - calibrated_at < CALIBRATE_EVERY)
        return;
    for (int i = 0; i < 3; i++) {
        int64_t us = harness_step();
        slowest = us > slowest ? us : slowest;
    }
    percent = (int)(slowest * 100 / USUAL_STEP);
    if (percent < slow_percent * 7 / 8)
        percent = slow_percent * 7 / 8;
    percent = percent < 100 ? 100 : percent;
    slow_percent = percent < MOST_PERCENT ? percent : MOST_PERCENT; /* threads may read it */
    calibrated_at = harness_us();
}

/* Milliseconds that stand here and now for so many on an idle machine; never fewer. */
static inline int scaled(int ms) {
    int64_t here = (int64_t)ms * slow_percent / 100;
    return here > INT_MAX ? INT_MAX : (int)here;
}

/* How much of n rounds or bytes to do: all of it, or on a slow machine less, but a tenth at least.
 */
static inline long fewer(long n) {
    long least = n / 10 > 0 ? n / 10 : 1, some = (long)((int64_t)n * 100 / slow_percent);
    return some > least ? some : least;
}

/* Seconds without a result after which a test counts as hung. TAP_ALARM sets them for runs under
 * something slow, such as a sanitizer. */
static inline unsigned tap_seconds(void) {
    const char *seconds = getenv("TAP_ALARM");
    return seconds ? (unsigned)atoi(seconds) : 60;
}

/* Milliseconds within which anything must happen that happens at all. */
#define SOON soon_ms()
static inline int soon_ms(void) {
    return scaled((int)tap_seconds() * 1000 / 3);
}

static inline void harness_alarm(void) {
    alarm((unsigned)(scaled((int)tap_seconds() * 1000) / 1000));
}

typedef bool condition(void *data);
static inline bool until(condition *holds, void *data) {
    for (long end = now_ms() + SOON; now_ms() < end; poll(NULL, 0, 1))
        if (holds(data))
            return true;
    return holds(data);
}

/* --- results ----------------------------------------------------------------------------- */

static int tap_count, tap_failures;
static char scratch[PATH_MAX]; /* the scratch folder */

/* Must be called first: it enters the scratch folder, below $TMPDIR or /tmp. */
static inline void begin(void) {
    const char *place = getenv("TMPDIR");
    char name[PATH_MAX];
    setvbuf(stdout, NULL, _IOLBF, 0);
    harness_calibrate();
    harness_alarm();
    snprintf(name, sizeof name, "%s/unit.XXXXXX", place && *place ? place : "/tmp");
    if (!mkdtemp(name) || chmod(name, 0755) < 0 || chdir(name) < 0 ||
        !getcwd(scratch, sizeof scratch)) {
        printf("Bail out! no scratch folder %s: %s\n", name, strerror(errno));
        exit(1);
    }
}

__attribute__((format(printf, 2, 3))) static inline int ok(int good, const char *text, ...) {
    va_list words;
    printf("%sok %d - ", good ? "" : "not ", ++tap_count);
    va_start(words, text);
    vprintf(text, words);
    va_end(words);
    putchar('\n');
    tap_failures += !good;
    harness_calibrate();
    harness_alarm();
    return good;
}

/* A result that is a number; shown if it is not the wanted one. */
static inline int is(long got, long want, const char *text) {
    int good = ok(got == want, "%s", text);
    if (!good)
        printf("# got %ld, wanted %ld\n", got, want);
    return good;
}

static inline void skip(const char *text, const char *reason) {
    printf("ok %d - %s # SKIP %s\n", ++tap_count, text, reason);
}

static inline int harness_remove(const char *path, const struct stat *st, int type,
                                 struct FTW *where) {
    (void)st, (void)type, (void)where;
    return remove(path);
}

/* Removes a file, or a folder with all that is in it. */
static inline void remove_all(const char *path) {
    nftw(path, harness_remove, 8, FTW_DEPTH | FTW_PHYS);
}

static inline int done(void) {
    if (chdir("/") == 0)
        remove_all(scratch);
    printf("1..%d\n", tap_count);
    return tap_failures != 0;
}

/* --- files and descriptors --------------------------------------------------------------- */

static inline void make_file(const char *name) {
    close(open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static inline bool file_exists(void *name) {
    return access(name, F_OK) == 0;
}

static inline int open_fds(void) {
    DIR *all = opendir("/proc/self/fd");
    int n = -1;
    if (!all)
        return 0;
    while (readdir(all))
        n++;
    closedir(all);
    return n;
}

/* --- children ---------------------------------------------------------------------------- */

#define WORD(text) ((char *)(uintptr_t)(text))
#define SHELL(text) {WORD("sh"), WORD("-c"), WORD(text), NULL}

/* Starts a child. Unless the options say otherwise it is given much time to end by itself. */
static inline dualpipe *launch(struct dualpipe_options o) {
    struct dualpipe_error why = {0};
    dualpipe *dp = NULL;
    int r;
    o.grace = o.grace ? o.grace : SOON / 2;
    r = dualpipe_start(&dp, &o, &why);
    if (r < 0)
        printf("# start: %s %s: %s\n", why.operation ? why.operation : "?",
               why.object ? why.object : "", strerror(-r));
    return dp;
}

static inline dualpipe *shell(const char *script) {
    char *argv[] = SHELL(script);
    return launch((struct dualpipe_options){.argv = argv});
}

static inline dualpipe *call(dualpipe_function *f, void *data) {
    char *argv[] = {WORD("function"), NULL};
    return launch((struct dualpipe_options){.argv = argv, .function = f, .data = data});
}

/* Whether the next output is this text. */
static inline bool says(dualpipe *dp, const char *text) {
    char got[512];
    size_t n = 0, want = strlen(text);
    while (n < want) {
        ssize_t r = dualpipe_read(dp, got + n, want - n, SOON);
        if (r <= 0)
            break;
        n += (size_t)r;
    }
    if (n == want && memcmp(got, text, n) == 0)
        return true;
    printf("# got %zu bytes, wanted %zu: %.*s\n", n, want, (int)n, got);
    return false;
}

static inline bool says_line(dualpipe *dp, const char *text) {
    const char *line = "";
    ssize_t n = dualpipe_readline(dp, &line, SOON);
    if (n == (ssize_t)strlen(text) && memcmp(line, text, (size_t)n) == 0)
        return true;
    printf("# got %zd: %.*s", n, n > 0 ? (int)n : 0, line);
    return false;
}

static inline bool says_no_more(dualpipe *dp) {
    char c;
    return dualpipe_read(dp, &c, 1, SOON) == 0;
}

static inline bool takes(dualpipe *dp, const char *text) {
    return dualpipe_write(dp, text, strlen(text), SOON) == (ssize_t)strlen(text);
}

static inline struct dualpipe_status finish(dualpipe *dp) {
    struct dualpipe_status s = {.code = -2};
    dualpipe_close(dp, &s);
    return s;
}

/* Closes its stdin and returns all of its output. */
static inline const char *all_of(dualpipe *dp) {
    static _Thread_local char text[4096];
    size_t n = 0;
    ssize_t r;
    dualpipe_close_stdin(dp);
    while (n < sizeof text - 1 && (r = dualpipe_read(dp, text + n, sizeof text - 1 - n, SOON)) > 0)
        n += (size_t)r;
    text[n] = 0;
    return text;
}
#endif
