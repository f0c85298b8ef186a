/* harness.h: what every unit test uses: results in TAP, and helpers that start a child, read what it
 * says, wait for a condition and count what is open. The plan is printed last: a program that dies
 * early has none and has failed. A test waits for conditions; only a hang is ended by the clock, by
 * SIGALRM. */
#ifndef HARNESS_H
#define HARNESS_H
#include "dualpipe.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Built with what watches memory or threads, and makes calls and takes memory of its own. */
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

/* TSan notes handlers in memory that a vforked child shares: it loses the host's own. */
#if defined(__SANITIZE_THREAD__)
enum { KEEPS_HANDLERS = 0 };
#else
enum { KEEPS_HANDLERS = 1 };
#endif

static int tap_count, tap_failures;

/* Seconds that a test may take. TAP_ALARM: for runs under something slow. */
static inline unsigned tap_seconds(void) {
    const char *seconds = getenv("TAP_ALARM");
    return seconds ? (unsigned)atoi(seconds) : 60;
}

static inline void begin(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    alarm(tap_seconds());
}

__attribute__((format(printf, 2, 3))) static inline int ok(int good, const char *text, ...) {
    va_list words;
    printf("%sok %d - ", good ? "" : "not ", ++tap_count);
    va_start(words, text);
    vprintf(text, words);
    va_end(words);
    putchar('\n');
    tap_failures += !good;
    return good;
}

/* A result that is a number: shown when it is another. */
static inline int is(long got, long want, const char *text) {
    int good = ok(got == want, "%s", text);
    if (!good)
        printf("# got %ld, wanted %ld\n", got, want);
    return good;
}

static inline void skip(const char *text, const char *reason) {
    printf("ok %d - %s # SKIP %s\n", ++tap_count, text, reason);
}

static inline int done(void) {
    printf("1..%d\n", tap_count);
    return tap_failures != 0;
}

/* --- children and conditions ------------------------------------------------------------- */

enum { SOON = 20000 }; /* milliseconds: far more than anything here takes */

#define WORD(text) ((char *)(uintptr_t)(text))
#define SHELL(text) {WORD("sh"), WORD("-c"), WORD(text), NULL}

static inline long now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

typedef bool condition(void *data);
static inline bool until(condition *holds, void *data) {
    for (long limit = now_ms() + tap_seconds() * 1000L / 3; now_ms() < limit; poll(NULL, 0, 1))
        if (holds(data))
            return true;
    return holds(data);
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

/* A child that ends by itself has the time for it, however busy the machine is. */
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
    char *argv[] = {(char *)(uintptr_t)"function", NULL};
    return launch((struct dualpipe_options){.argv = argv, .function = f, .data = data});
}

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

/* What the whole of its output is, as a string. */
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
