/* Meters: the processor time of one process, without its children or with them, and the memory of
 * a peer's processes, idle and after much has passed through. */
#define _GNU_SOURCE
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The whole small file /proc/PID/NAME as a string; empty if the process has gone. */
static const char *proc_text(pid_t pid, const char *name)
{
    static char text[8192];
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    FILE *file = fopen(path, "re");
    size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file)
        fclose(file);
    text[size] = '\0';
    return text;
}

/* Two clocks: ticks of all threads, and nanoseconds of the first; the larger is the truer. */
static double processor_seconds(pid_t pid)
{
    unsigned long user = 0, system = 0;
    const char *fields = strrchr(proc_text(pid, "stat"), ')');

    if (fields)
        sscanf(fields, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    double ticks = (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
    double exact = strtod(proc_text(pid, "schedstat"), NULL) / 1e9;
    return ticks > exact ? ticks : exact;
}

static pid_t start(char **argv)
{
    pid_t pid = fork();

    if (pid < 0)
        fail("fork");
    if (pid == 0) {
        execvp(argv[0], argv);
        fail(argv[0]);
    }
    return pid;
}

int verb_cpuof(char **argv)
{
    if (!argv[0] || !argv[1] || !argv[2]) {
        errno = EINVAL;
        fail("cpuof");
    }
    double amount = strtod(argv[1], NULL);
    siginfo_t end;
    int status;
    pid_t pid = start(argv + 2);

    close(0);
    close(1);
    if (waitid(P_PID, (id_t)pid, &end, WEXITED | WNOWAIT) < 0)
        fail("waitid");
    char line[64];
    int length = snprintf(line, sizeof line, "%.9f\n", processor_seconds(pid) / amount);
    int report = open(argv[0], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (report < 0)
        fail(argv[0]);
    write_all(report, line, (size_t)length);
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int verb_cputree(char **argv)
{
    if (!argv[0] || !argv[1] || !argv[2]) {
        errno = EINVAL;
        fail("cputree");
    }
    double count = strtod(argv[1], NULL);
    struct rusage used;
    int status;
    pid_t pid = start(argv + 2);

    if (wait4(pid, &status, 0, &used) < 0)
        fail("wait4");
    double us = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
                (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
    char line[64];
    int length = snprintf(line, sizeof line, "%.9f\n", us / count);
    int report = open(argv[0], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (report < 0)
        fail(argv[0]);
    write_all(report, line, (size_t)length);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* KiB after LABEL in /proc/PID/NAME. */
static unsigned long proc_kib(pid_t pid, const char *name, const char *label)
{
    const char *found = strstr(proc_text(pid, name), label);

    return found ? strtoul(found + strlen(label), NULL, 10) : 0;
}

/* The sum over PID and all its descendants but the shell that starts them and the child. */
static unsigned long tree_kib(pid_t pid, const char *name, const char *label)
{
    char path[64], *list, *next;
    unsigned long sum = 0;
    const char *comm = proc_text(pid, "comm");

    if (strcmp(comm, "child\n") != 0 && strcmp(comm, "sh\n") != 0)
        sum = proc_kib(pid, name, label);
    snprintf(path, sizeof path, "task/%d/children", (int)pid);
    list = strdup(proc_text(pid, path));
    if (!list)
        fail("memory");
    char *at = list;
    for (long child; child = strtol(at, &next, 10), next != at; at = next)
        sum += tree_kib((pid_t)child, name, label);
    free(list);
    return sum;
}

static void read_exactly(int fd, unsigned long long bytes)
{
    static char block[BLOCK];

    while (bytes > 0) {
        ssize_t n = read(fd, block, bytes < BLOCK ? (size_t)bytes : BLOCK);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            fprintf(stderr, "memory: %llu bytes did not come back\n", bytes);
            exit(1);
        }
        bytes -= (unsigned long long)n;
    }
}

/* The bytes, line ends, go in from a process of their own, so that both directions flow. */
static void pass_through(const struct child *peer, unsigned long long bytes)
{
    static char ends[BLOCK];
    pid_t writer = fork();

    if (writer < 0)
        fail("fork");
    if (writer == 0) {
        memset(ends, '\n', sizeof ends);
        for (unsigned long long left = bytes; left > 0;) {
            size_t size = left < BLOCK ? (size_t)left : BLOCK;
            write_all(peer->in, ends, size);
            left -= size;
        }
        _exit(0);
    }
    read_exactly(peer->out, bytes);
    waitpid(writer, NULL, 0);
}

int verb_memory(char **argv)
{
    unsigned long long bytes = number(argv[0]);
    char shell[] = "/bin/sh", option[] = "-c";
    char *words[] = {shell, option, argv[1], NULL};
    struct child peer = exec_start(words);

    write_all(peer.in, "a line\n", 7);
    read_exactly(peer.out, 7);
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    unsigned long idle = tree_kib(peer.pid, "smaps_rollup", "\nPss:");
    pass_through(&peer, bytes);
    unsigned long peak = tree_kib(peer.pid, "status", "\nVmHWM:");
    close(peer.in);
    printf("%lu %lu\n", idle, peak);
    return child_wait(&peer);
}
