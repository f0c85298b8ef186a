/* attack.c: runs one attack on the world outside the sandbox.
 *
 * attack NAME|- [FACT=VALUE]... runs it (-: the name is the first line of stdin), attack --names
 * lists all names. It prints "began NAME", "got ..." for each thing it read, and "ended ERRNO".
 * tests/attacks/judge.py trusts what it can see outside more than these lines. */
#include "attack.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char **facts;

const char *fact(const char *name) {
    size_t size = strlen(name);
    for (char **f = facts; *f; f++)
        if (strncmp(*f, name, size) == 0 && (*f)[size] == '=')
            return *f + size + 1;
    return "";
}

long fact_number(const char *name) {
    return strtol(fact(name), NULL, 0);
}

const char *in_home(const char *name) {
    static char paths[4][512];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", fact("home"), name);
    return path;
}

int refused(long result) {
    return result < 0 ? errno : 0;
}

void show(const void *data, size_t size) {
    const unsigned char *bytes = data;
    fputs("got ", stdout);
    for (size_t i = 0; i < size; i++)
        putchar(bytes[i] >= ' ' && bytes[i] <= '~' ? bytes[i] : '.');
    putchar('\n');
    fflush(stdout);
}

int show_fd(int fd) {
    char text[16384];
    ssize_t n = read(fd, text, sizeof text);
    if (n > 0)
        show(text, (size_t)n);
    return n == 0 ? ENODATA : refused(n);
}

int show_file(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC), error;
    if (fd < 0)
        return errno;
    error = show_fd(fd);
    close(fd);
    return error;
}

int in_child(int (*act)(void)) {
    int status;
    pid_t pid = fork();
    if (pid < 0)
        return errno;
    if (pid == 0)
        _exit(act());
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

static const struct attack *find_attack(const char *name) {
    static const struct attack *const all[] = {file_attacks,    change_attacks,   process_attacks,
                                               network_attacks, resource_attacks, kernel_attacks,
                                               terminal_attacks};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        for (const struct attack *a = all[i]; a->name; a++) {
            if (strcmp(name, "--names") == 0)
                puts(a->name);
            if (strcmp(name, a->name) == 0)
                return a;
        }
    return NULL;
}

int main(int argc, char **argv) {
    static char line[64];
    const char *name = argc > 1 ? argv[1] : "";
    const struct attack *attack;
    int result;
    alarm(60);
    facts = argv + (argc > 2 ? 2 : argc);
    if (strcmp(name, "-") == 0) {
        name = fgets(line, sizeof line, stdin) ? line : "";
        line[strcspn(line, "\r\n")] = 0;
    }
    if (!(attack = find_attack(name)))
        return strcmp(name, "--names") == 0 ? 0 : 2;
    printf("began %s\n", name);
    fflush(stdout);
    printf("ended %d\n", result = attack->run());
    fflush(stdout);
    while (argc > 1 && strcmp(argv[1], "-") == 0 && getchar() != EOF) {
    }
    return result;
}
