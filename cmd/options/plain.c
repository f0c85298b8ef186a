/* plain.c: the environment of a child behind a terminal that nobody looks at (--unbuffer): no
 * colours, no pager, no screen. */
#include "options/plain.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

static const char *const plain[] = {"TERM=dumb", "NO_COLOR=1", "PAGER=cat", "PYTHONUNBUFFERED=1"};
enum { PLAIN = sizeof plain / sizeof *plain };

static bool is_replaced(const char *variable) {
    for (int i = 0; i < PLAIN; i++)
        if (strncmp(variable, plain[i], strcspn(plain[i], "=") + 1) == 0)
            return true;
    return false;
}

/* In a sandbox hardly anything of ours is known. */
static bool is_hidden(const char *variable) {
    return strncmp(variable, "PATH=", 5) != 0 && strncmp(variable, "LANG=", 5) != 0;
}

char **plain_environment(bool shut_in) {
    char **all, **to;
    size_t n = 0;
    while (environ && environ[n])
        n++;
    if (!(all = to = malloc((n + PLAIN + 1) * sizeof *all)))
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (!is_replaced(environ[i]) && !(shut_in && is_hidden(environ[i])))
            *to++ = environ[i];
    for (int i = 0; i < PLAIN; i++)
        *to++ = (char *)(uintptr_t)plain[i];
    *to = NULL;
    return all;
}
