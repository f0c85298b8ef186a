/* Preloaded: allocation FAIL of this process fails; with a + behind the number all after it too.
 * COUNT names a file that gets the number of allocations at exit. Not for its children. regcomp
 * fails as a whole: glibc's frees twice what it could not finish. */
#include <dlfcn.h>
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

static long made, first;
static int for_ever, sheltered;
static pid_t ours;

__attribute__((constructor)) static void begin(void) {
    const char *fail = getenv("FAIL");
    ours = getpid();
    unsetenv("LD_PRELOAD");
    made = 0;
    first = fail ? atol(fail) : 0;
    for_ever = fail && strchr(fail, '+');
}

__attribute__((destructor)) static void end(void) {
    const char *name = getenv("COUNT");
    FILE *file = name && getpid() == ours ? fopen(name, "w") : NULL;
    if (file) {
        fprintf(file, "%ld\n", made - 1);
        fclose(file);
    }
}

static int fails(void) {
    if (sheltered)
        return 0;
    made++;
    if (first == 0 || made < first || (made > first && !for_ever) || getpid() != ours)
        return 0;
    errno = ENOMEM;
    return 1;
}

__attribute__((visibility("default"))) void *malloc(size_t n) {
    return fails() ? NULL : __libc_malloc(n);
}

__attribute__((visibility("default"))) void *calloc(size_t n, size_t size) {
    return fails() ? NULL : __libc_calloc(n, size);
}

__attribute__((visibility("default"))) void *realloc(void *p, size_t n) {
    return fails() ? NULL : __libc_realloc(p, n);
}

__attribute__((visibility("default"))) int regcomp(regex_t *r, const char *pattern, int flags) {
    static int (*real)(regex_t *, const char *, int);
    int error;
    if (fails())
        return REG_ESPACE;
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "regcomp");
    sheltered = 1;
    error = real(r, pattern, flags);
    sheltered = 0;
    return error;
}
