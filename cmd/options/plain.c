/* plain.c: the environment of a child behind a terminal that nobody looks at (--unbuffer): no
 * colours, no pager, no screen. */
#include "options/plain.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

static const char *const plain_variables[] = {"TERM=dumb", "NO_COLOR=1", "PAGER=cat",
                                              "PYTHONUNBUFFERED=1"};
enum { PLAIN_COUNT = sizeof plain_variables / sizeof *plain_variables };

static bool is_plain_variable(const char *variable) {
    for (int i = 0; i < PLAIN_COUNT; i++)
        if (strncmp(variable, plain_variables[i], strcspn(plain_variables[i], "=") + 1) == 0)
            return true;
    return false;
}

/* In a sandbox hardly anything of ours is known. */
static bool is_hidden_in_sandbox(const char *variable) {
    return strncmp(variable, "PATH=", 5) != 0 && strncmp(variable, "LANG=", 5) != 0;
}

char **build_child_environment(bool shut_in) {
    char **all, **to;
    size_t n = 0;
    while (environ && environ[n])
        n++;
    if (!(all = to = malloc((n + PLAIN_COUNT + 1) * sizeof *all)))
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (!is_plain_variable(environ[i]) && !(shut_in && is_hidden_in_sandbox(environ[i])))
            *to++ = environ[i];
    for (int i = 0; i < PLAIN_COUNT; i++)
        *to++ = (char *)(uintptr_t)plain_variables[i];
    *to = NULL;
    return all;
}
