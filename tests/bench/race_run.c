/* Running: one contestant at a time, until it and everything it started have ended; what stays
 * longer than the limit is killed. Checks and meters are read between the runs. */
#define _GNU_SOURCE
#include "race.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static volatile sig_atomic_t expired;

static void on_alarm(int signal)
{
    (void)signal;
    expired = 1;
}

static void set_alarm(int seconds)
{
    struct itimerval timer = {{0, 50000}, {seconds, 0}};

    if (seconds == 0)
        timer.it_interval.tv_usec = 0;
    setitimer(ITIMER_REAL, &timer, NULL);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Orphans become our children, so that repeated calls reach every descendant. */
static void kill_children(void)
{
    char path[64];
    int pid;

    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *children = fopen(path, "re");
    while (children && fscanf(children, "%d", &pid) == 1)
        kill(pid, SIGKILL);
    if (children)
        fclose(children);
}

/* The status of PID, once no descendant is left. */
static int reap_all(pid_t pid)
{
    int status, result = 0;

    for (;;) {
        pid_t ended = waitpid(-1, &status, 0);
        if (ended == pid)
            result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        else if (ended < 0 && errno == ECHILD)
            return result;
        else if (ended < 0 && expired)
            kill_children();
    }
}

/* stdin and stdout are /dev/null, stderr is a file of its own. */
static int spawn_and_wait(const char *path, char **words, int null, int errors)
{
    posix_spawn_file_actions_t actions;
    pid_t pid;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, null, 0);
    posix_spawn_file_actions_adddup2(&actions, null, 1);
    posix_spawn_file_actions_adddup2(&actions, errors, 2);
    int error = posix_spawn(&pid, path, &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error ? 127 : reap_all(pid);
}

/* Where the shell would find NAME, so that the search is not in the time. */
static const char *find_program(const char *name)
{
    static char path[4096];
    const char *list = getenv("PATH");

    while (list && *list && !strchr(name, '/')) {
        size_t length = strcspn(list, ":");
        snprintf(path, sizeof path, "%.*s/%s", (int)length, list, name);
        if (access(path, X_OK) == 0)
            return path;
        list += length + (list[length] == ':');
    }
    return name;
}

static double run_spawns(struct row *row, int times, int null, int errors)
{
    char *copy = strdup(row->command), *rest = copy, *words[WORDS_MAX] = {NULL};
    double *taken = calloc((size_t)times, sizeof *taken);

    if (!copy || !taken)
        exit(125);
    for (size_t i = 0; i < WORDS_MAX - 1 && rest; i++)
        words[i] = strsep(&rest, " ");
    const char *path = find_program(words[0]);
    for (int i = 0; i < times && row->status == 0; i++) {
        double start = now();
        row->status = spawn_and_wait(path, words, null, errors);
        taken[i] = now() - start;
    }
    double result = median(taken, (size_t)times);
    free(taken);
    free(copy);
    return result;
}

static double run_command(struct row *row, int null, int errors)
{
    char shell[] = "/bin/sh", option[] = "-c";
    char *words[] = {shell, option, row->command, NULL};
    double start = now();

    row->status = spawn_and_wait(shell, words, null, errors);
    return now() - start;
}

static double take_meter(const char *path)
{
    double sum = -1, value;
    FILE *file = path ? fopen(path, "re") : NULL;

    while (file && fscanf(file, "%lf", &value) == 1)
        sum = sum < 0 ? value : sum + value;
    if (file)
        fclose(file);
    if (path)
        unlink(path);
    return sum;
}

static void show_errors(const struct row *row)
{
    char line[256];
    FILE *errors = fopen("stderr", "re");

    fprintf(stderr, "race: %s: status %d", row->name, row->status);
    if (errors && fgets(line, sizeof line, errors))
        fprintf(stderr, ": %.*s", (int)strcspn(line, "\n"), line);
    fputc('\n', stderr);
    if (errors)
        fclose(errors);
}

static void run_row(struct race *race, struct row *row, int round)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int errors = open("stderr", O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);

    if (null < 0 || errors < 0) {
        perror("race: open");
        exit(125);
    }
    expired = 0;
    set_alarm(race->limit_seconds);
    double seconds =
        race->times ? run_spawns(row, race->times, null, errors) : run_command(row, null, errors);
    set_alarm(0);
    close(null);
    close(errors);
    row->seconds[round] = seconds * row->scale;
    row->meter[round] = take_meter(race->meter);
    if (expired)
        row->fate = HUNG;
    else if (row->status != 0)
        row->fate = FAILED;
    else if (*row->check && system(row->check) != 0)
        row->fate = WRONG;
    if (row->fate == FAILED || row->fate == WRONG)
        show_errors(row);
}

/* Processor seconds of the whole machine, and of us and what we have waited for. */
static double all_seconds(void)
{
    unsigned long user = 0, nice = 0, system = 0, irq = 0, softirq = 0;
    FILE *stat = fopen("/proc/stat", "re");

    if (stat) {
        if (fscanf(stat, "cpu %lu %lu %lu %*u %*u %lu %lu", &user, &nice, &system, &irq,
                   &softirq) != 5)
            user = 0;
        fclose(stat);
    }
    return (double)(user + nice + system + irq + softirq) / (double)sysconf(_SC_CLK_TCK);
}

static double usage_seconds(int who)
{
    struct rusage used;

    getrusage(who, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static double own_seconds(void)
{
    return usage_seconds(RUSAGE_SELF) + usage_seconds(RUSAGE_CHILDREN);
}

/* A B C, then C B A. */
void race_run(struct race *race)
{
    struct sigaction action = {.sa_handler = on_alarm};
    double start = now(), all = all_seconds(), own = own_seconds();

    sigaction(SIGALRM, &action, NULL);
    for (int round = 0; round < race->rounds; round++)
        for (size_t i = 0; i < race->count; i++) {
            struct row *row = &race->rows[round % 2 ? race->count - 1 - i : i];
            if (row->fate == RAN)
                run_row(race, row, round);
        }
    race->others = (all_seconds() - all - (own_seconds() - own)) / (now() - start);
}
