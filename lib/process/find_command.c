/* find_command.c: finds a child's command in PATH, before the fork.
 *
 * The parent searches, so that the child needs to make only the one execve(2), and a missing
 * command is found before any process is made. */
#include "process/find_command.h"
#include "sandbox/sandbox_plan.h"
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int check_executable(const char *path) {
    struct stat st;
    if (stat(path, &st) < 0)
        return -errno;
    if (S_ISDIR(st.st_mode))
        return -EISDIR;
    return access(path, X_OK) < 0 ? -errno : 0;
}

/* Searches PATH as execvp(3) does: the first file that can be executed wins. If there is none, a
 * file that lacks permission makes the error EACCES, not ENOENT. Files that the sandbox hides are
 * skipped. */
static int search_path(const struct sandbox *s, const char *name, char *found, size_t size) {
    const char *path = getenv("PATH"), *next;
    int error = -ENOENT, r;
    for (path = path ? path : "/bin:/usr/bin"; path; path = next ? next + 1 : NULL) {
        int length;
        next = strchr(path, ':');
        length = next ? (int)(next - path) : (int)strlen(path);
        if (snprintf(found, size, "%.*s%s%s", length, path, length ? "/" : "", name) >= (int)size)
            continue;
        if ((r = check_executable(found)) == 0 && s && !sandbox_plan_shows(s, found))
            r = -EACCES;
        if (r == 0)
            return 0;
        if (r == -EACCES && error == -ENOENT)
            error = r;
    }
    return error;
}

/* Returns argv for /bin/sh running the file, for a script without "#!". The caller frees it. */
static char **make_shell_argv(char *const *argv, const char *path) {
    size_t n = 0;
    char **shell_argv;
    while (argv[n])
        n++;
    if (!(shell_argv = malloc((n + 2) * sizeof *shell_argv)))
        return NULL;
    shell_argv[0] = (char *)(uintptr_t) "sh";
    shell_argv[1] = (char *)(uintptr_t)path;
    memcpy(shell_argv + 2, argv + 1, n * sizeof *argv);
    return shell_argv;
}

bool find_command_is_here(const struct dualpipe_options *o, const char *name) {
    return *name == '/' || !o->directory;
}

int find_command(struct exec_plan *plan, char *found, size_t size) {
    const char *name = plan->options->argv[0];
    int r = 0;
    if (*name == 0)
        return -ENOENT;
    if (plan->sandbox && plan->sandbox->command_path)
        name = plan->sandbox->command_path;
    plan->path = strchr(name, '/') ? name : found;
    if (plan->path != name)
        r = search_path(plan->sandbox, name, found, size);
    else if (find_command_is_here(plan->options, name))
        r = check_executable(name);
    if (r < 0)
        return r;
    plan->shell_argv = make_shell_argv(plan->options->argv, plan->path);
    return plan->shell_argv ? 0 : -ENOMEM;
}
