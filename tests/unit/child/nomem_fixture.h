/* nomem_fixture.h: makes allocation k fail and tries a scenario with every k.
 *
 * The tests that include it are linked with --wrap of the functions below (WRAPPED in the
 * Makefile). A scenario returns 0 if all went well, a negative errno if it reported the failure,
 * and 1 if it gave a wrong result. It must leave no memory, descriptor or child. */
#ifndef NOMEM_FIXTURE_H
#define NOMEM_FIXTURE_H
#include "../harness.h"
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void __wrap_free(void *p);
char *__wrap_strndup(const char *s, size_t n);
char *__wrap_strdup(const char *s);

#ifdef __GLIBC__
enum { COUNTS = 1 };
#else
enum { COUNTS = 0 }; /* in a static program only some of the calls inside libc are wrapped */
#endif

static long countdown; /* number of the allocation that will fail; 0: none */
static bool from_then_on;
static long failures, live;

static inline bool fails_now(void) {
    if (countdown == 0 || (countdown > 1 && countdown--))
        return false;
    countdown = from_then_on ? 1 : 0;
    failures++;
    errno = ENOMEM;
    return true;
}

static inline void *counted(void *p) {
    live += p != NULL;
    return p;
}

void *__wrap_malloc(size_t n) {
    return fails_now() ? NULL : counted(__real_malloc(n));
}

void *__wrap_calloc(size_t n, size_t size) {
    return fails_now() ? NULL : counted(__real_calloc(n, size));
}

void *__wrap_realloc(void *p, size_t n) {
    if (fails_now())
        return NULL;
    return p ? __real_realloc(p, n) : counted(__real_realloc(p, n));
}

void __wrap_free(void *p) {
    live -= p != NULL;
    __real_free(p);
}

char *__wrap_strndup(const char *s, size_t n) {
    size_t length = strnlen(s, n);
    char *copy = __wrap_malloc(length + 1);
    if (copy) {
        memcpy(copy, s, length);
        copy[length] = 0;
    }
    return copy;
}

char *__wrap_strdup(const char *s) {
    return __wrap_strndup(s, strlen(s));
}

static inline int sane(long r) {
    return r >= 0 || r == -ENOMEM || r == -ENOBUFS;
}

/* Keeps the first of several errors. */
static inline void keep_error(int *told, long r) {
    if (*told == 0 && r < 0)
        *told = (int)r;
}

/* Starts a command: a forked function would inherit the failing allocator. */
static inline dualpipe *try_start(const char *script, int *error) {
    char *argv[] = SHELL(script);
    struct dualpipe_options o = {.argv = argv, .err = DUALPIPE_STDERR_RELAY, .grace = scaled(1000)};
    struct dualpipe_error why = {0};
    dualpipe *dp = (dualpipe *)&o;
    *error = dualpipe_start(&dp, &o, &why);
    if (*error < 0 && (dp || !why.operation))
        *error = 1;
    return *error != 0 ? NULL : dp;
}

/* Returns 0, a negative errno that was reported, or 1 for a wrong result. */
typedef int scenario(void);

static inline int children_left(void) {
    return waitpid(-1, NULL, WNOHANG) >= 0;
}

/* Runs a scenario in which allocation k fails; *bad: it gave a wrong result, or left something. */
static inline int attempt(scenario *run, long k, bool *bad) {
    int fds = open_fds(), r, left;
    long before = live, failed_before = failures;
    countdown = k;
    r = run();
    countdown = 0;
    left = children_left();
    *bad = !sane(r) || r > 0 || (r != 0 && failures == failed_before) ||
           (COUNTS && live != before) || open_fds() != fds || left;
    if (*bad)
        printf("# allocation %ld: result %d, left: %ld allocations, %d fds, %d children\n", k,
               r, live - before, open_fds() - fds, left);
    return r;
}

static inline void torture(const char *what, scenario *run, bool ever) {
    int told = 0, wrong = 0, k;
    bool bad;
    from_then_on = ever;
    for (k = 0; k < 2000;
         k++) { /* k = 0: none fails, and what is allocated once only is allocated */
        long before = failures;
        told += attempt(run, k, &bad) < 0;
        wrong += bad;
        if (k > 0 && failures == before)
            break;
    }
    ok(wrong == 0 && k > 1 && k < 2000, "%s, allocation k fails%s: %d of %d told", what,
       ever ? " and all after it" : "", told, k - 1);
}
#endif
