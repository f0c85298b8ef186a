/* starve.so.c: preloaded to make memory run out. FAIL=N fails the Nth allocation of this process,
 * FAIL=N+ all later ones too; COUNT=FILE writes the number of allocations to FILE at exit. Children
 * are not affected. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

static long made, first;
static int fail_all;
static pid_t ours;

__attribute__((constructor)) static void begin(void) {
    const char *fail = getenv("FAIL");
    ours = getpid();
    unsetenv("LD_PRELOAD");
    made = 0;
    first = fail ? atol(fail) : 0;
    fail_all = fail && strchr(fail, '+');
}

__attribute__((destructor)) static void end(void) {
    const char *name = getenv("COUNT");
    FILE *file = name && getpid() == ours ? fopen(name, "w") : NULL;
    if (file) {
        fprintf(file, "%ld\n", made - 1);
        fclose(file);
    }
}

static int alloc_fails(void) {
    made++;
    if (first == 0 || made < first || (made > first && !fail_all) || getpid() != ours)
        return 0;
    errno = ENOMEM;
    return 1;
}

__attribute__((visibility("default"))) void *malloc(size_t n) {
    return alloc_fails() ? NULL : __libc_malloc(n);
}

__attribute__((visibility("default"))) void *calloc(size_t n, size_t size) {
    return alloc_fails() ? NULL : __libc_calloc(n, size);
}

__attribute__((visibility("default"))) void *realloc(void *p, size_t n) {
    return alloc_fails() ? NULL : __libc_realloc(p, n);
}
