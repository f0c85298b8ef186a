/* The ground under the benchmark's programs: children, whole writes, numbers, the clock.
 * Declared in bench.h. */
#define _GNU_SOURCE
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

void fail(const char *what)
{
    fprintf(stderr, "limit: %s: %s\n", what, strerror(errno));
    exit(125);
}

struct child exec_start(char **argv)
{
    int to[2], from[2];
    struct child child;
    posix_spawn_file_actions_t actions;

    if (!argv[0]) {
        errno = EINVAL;
        fail("no command");
    }
    if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0)
        fail("pipe");
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], 0);
    posix_spawn_file_actions_adddup2(&actions, from[1], 1);
    errno = posix_spawnp(&child.pid, argv[0], &actions, NULL, argv, environ);
    if (errno)
        fail(argv[0]);
    posix_spawn_file_actions_destroy(&actions);
    close(to[0]);
    close(from[1]);
    child.in = to[1];
    child.out = from[0];
    return child;
}

int child_wait(const struct child *child)
{
    int status;

    while (waitpid(child->pid, &status, 0) < 0)
        if (errno != EINTR)
            fail("waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            fail("write");
        bytes += n;
        size -= (size_t)n;
    }
}

void set_nonblocking(int fd)
{
    if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
        fail("fcntl");
}

long long nanoseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

unsigned long long number(const char *text)
{
    char *end;

    errno = EINVAL;
    if (!text)
        fail("a number is missing");
    unsigned long long value = strtoull(text, &end, 10);
    if (end == text || *end) {
        errno = EINVAL;
        fail(text);
    }
    return value;
}
