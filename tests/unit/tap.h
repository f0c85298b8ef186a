/* tap.h: results in TAP, the plan last: a program that dies early has none and has failed.
 * A test waits for conditions; only a hang is ended by the clock, by SIGALRM. */
#ifndef TAP_H
#define TAP_H
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
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
#endif
