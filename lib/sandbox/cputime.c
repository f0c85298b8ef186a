/* cputime.c: measures the CPU time of a child and its descendants, and decides when to measure
 * next.
 *
 * RLIMIT_CPU holds each process to the limit by itself; a child that starts many short processes
 * would never reach it. So the parent adds up the whole tree from /proc whenever cputime_check() is
 * due, and the limit applies to the sum. There is no thread or timer of its own: the code that
 * waits for the child (child/poll.c, child/relay.c) includes cputime_next_check() in its timeout.
 *
 * The interval between two measurements is the shortest time in which the rest of the limit could
 * be used up if every CPU ran for the child. It doubles while the child is idle, up to a minute,
 * and shrinks again after input or output (had_io), since an idle child starts to work on a
 * request. An interval is also at least 32 times as long as the measurement before it took, so that
 * measuring a large tree costs at most some 3 % of one CPU. */
#include "sandbox/cputime.h"
#include "base/clock.h"
#include "os/fd.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* An interval is at least CHECK_COST_FACTOR times as long as the last measurement took. */
enum { MAX_PROCESSES = 4096, CHECK_COST_FACTOR = 32 };
/* In nanoseconds: 10 ms and one minute. */
static const int64_t min_interval = 10000000, max_interval = 60000000000;

/* --- measuring a process tree ------------------------------------------------------------ */

/* The processes to measure; each one comes after its parent. */
struct process_tree {
    pid_t pids[MAX_PROCESSES];
    int count;
};

static int64_t process_time(pid_t pid) {
    struct timespec t;
    clockid_t clock;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) < 0)
        return 0;
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

#ifdef __linux__
/* The time of the children that a process has waited for: fields 16 and 17 of /proc/PID/stat,
 * counted from the closing parenthesis of the name, which may itself contain blanks. */
static int64_t waited_children_time(pid_t pid) {
    char path[64], text[1024], *fields;
    long long user, system;
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    if (fd_read_file(path, text, sizeof text) == 0 || !(fields = strrchr(text, ')')) ||
        sscanf(fields + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %lld %lld", &user,
               &system) != 2)
        return 0;
    return (user + system) * (1000000000 / sysconf(_SC_CLK_TCK));
}

static void add_thread_children(struct process_tree *tree, const char *task_directory,
                                const char *thread) {
    char path[352], text[4096], *next, *end;
    snprintf(path, sizeof path, "%s/%s/children", task_directory, thread);
    if (fd_read_file(path, text, sizeof text) == 0)
        return;
    for (next = text; tree->count < MAX_PROCESSES; next = end) {
        long pid = strtol(next, &end, 10);
        if (end == next || pid <= 0)
            return;
        if (pid != tree->pids[0])
            tree->pids[tree->count++] = (pid_t)pid;
    }
}

/* /proc lists children for each thread separately. */
static void add_process_children(struct process_tree *tree, pid_t pid) {
    struct dirent *entry;
    char task_directory[64];
    DIR *threads;
    snprintf(task_directory, sizeof task_directory, "/proc/%ld/task", (long)pid);
    if (!(threads = opendir(task_directory)))
        return;
    while ((entry = readdir(threads)))
        if (*entry->d_name != '.')
            add_thread_children(tree, task_directory, entry->d_name);
    closedir(threads);
}

int64_t cputime_of_process(pid_t pid) {
    return process_time(pid) + waited_children_time(pid);
}

/* Reads the time of waited-for children before listing the living ones: a child that ends in
 * between is then missed once, but never counted twice. */
static int64_t measure_tree(pid_t pid, pid_t init_pid) {
    struct process_tree tree = {.pids = {pid}, .count = 1};
    int64_t used_ns = init_pid ? waited_children_time(init_pid) : 0;
    if (init_pid)
        add_process_children(&tree, init_pid);
    for (int i = 0; i < tree.count; i++) {
        used_ns += cputime_of_process(tree.pids[i]);
        add_process_children(&tree, tree.pids[i]);
    }
    return used_ns;
}
#else
int64_t cputime_of_process(pid_t pid) {
    return process_time(pid);
}

static int64_t measure_tree(pid_t pid, pid_t init_pid) {
    (void)init_pid;
    return process_time(pid);
}
#endif

/* --- choosing the next time -------------------------------------------------------------- */

/* The time in which the limit would be reached if all CPUs worked for the child from now on. */
static int64_t soonest_interval(const struct cputime *c) {
    int64_t interval = (c->limit_ns - c->used_ns) / c->cpus;
    return interval > min_interval ? interval : min_interval;
}

void cputime_start(struct cputime *c, int limit_ms) {
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    *c = (struct cputime){.limit_ns = (int64_t)limit_ms * 1000000, .check_at = CLOCK_NEVER};
    c->cpus = cpus > 0 ? cpus : 1;
    c->interval_ns = soonest_interval(c);
    if (limit_ms > 0)
        c->check_at = clock_now_ns() + c->interval_ns;
}

int64_t cputime_next_check(struct cputime *c) {
    int64_t soonest;
    if (!c->had_io || c->check_at == CLOCK_NEVER)
        return c->check_at;
    c->had_io = false;
    soonest = soonest_interval(c);
    if (c->interval_ns > soonest && clock_now_ns() + soonest < c->check_at) {
        c->interval_ns = soonest;
        c->check_at = clock_now_ns() + soonest;
    }
    return c->check_at;
}

/* Doubles while next to nothing is used; never lets measuring cost more than a small part of a
 * CPU. */
static int64_t next_interval(const struct cputime *c, bool is_idle, int64_t cost_ns) {
    int64_t soonest = soonest_interval(c),
            interval = is_idle && 2 * c->interval_ns > soonest ? 2 * c->interval_ns : soonest;
    interval = interval < max_interval ? interval : max_interval;
    return interval > CHECK_COST_FACTOR * cost_ns ? interval : CHECK_COST_FACTOR * cost_ns;
}

bool cputime_check(struct cputime *c, pid_t pid, pid_t init_pid) {
    int64_t due = cputime_next_check(c), now, used_ns;
    bool is_idle;
    if (due == CLOCK_NEVER || (now = clock_now_ns()) < due)
        return false;
    used_ns = measure_tree(pid, init_pid);
    is_idle = used_ns - c->used_ns < c->interval_ns / 64;
    c->used_ns = used_ns > c->used_ns ? used_ns : c->used_ns;
    if (c->used_ns >= c->limit_ns) {
        c->check_at = CLOCK_NEVER;
        return true;
    }
    c->interval_ns = next_interval(c, is_idle, clock_now_ns() - now);
    c->check_at = now + c->interval_ns;
    return false;
}
