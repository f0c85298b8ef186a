/* cputime.c: the processor time of a child and all that it has started, and when to look at it. */
#include "sandbox/cputime.h"
#include "base/clock.h"
#include "os/fd.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MOST_PROCESSES = 4096, LOOK_COSTS = 32 }; /* so much longer than a look is the pause */
static const int64_t min_interval = 10000000, max_interval = 60000000000;

/* --- what is used ------------------------------------------------------------------------ */

/* Those to be looked at, each behind what has started it. */
struct process_tree {
    pid_t pids[MOST_PROCESSES];
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
/* Of those that it has waited for: fields 16 and 17, counted behind the name's parenthesis. */
static int64_t waited_children_time(pid_t pid) {
    char name[64], text[1024], *at;
    long long user, system;
    snprintf(name, sizeof name, "/proc/%ld/stat", (long)pid);
    if (fd_read_file(name, text, sizeof text) == 0 || !(at = strrchr(text, ')')) ||
        sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %lld %lld", &user,
               &system) != 2)
        return 0;
    return (user + system) * (1000000000 / sysconf(_SC_CLK_TCK));
}

static void add_thread_children(struct process_tree *f, const char *task, const char *thread) {
    char name[352], text[4096], *at, *end;
    snprintf(name, sizeof name, "%s/%s/children", task, thread);
    if (fd_read_file(name, text, sizeof text) == 0)
        return;
    for (at = text; f->count < MOST_PROCESSES; at = end) {
        long pid = strtol(at, &end, 10);
        if (end == at || pid <= 0)
            return;
        if (pid != f->pids[0])
            f->pids[f->count++] = (pid_t)pid;
    }
}

/* A thread's children are told apart from another's. */
static void add_process_children(struct process_tree *f, pid_t pid) {
    struct dirent *entry;
    char task[64];
    DIR *all;
    snprintf(task, sizeof task, "/proc/%ld/task", (long)pid);
    if (!(all = opendir(task)))
        return;
    while ((entry = readdir(all)))
        if (*entry->d_name != '.')
            add_thread_children(f, task, entry->d_name);
    closedir(all);
}

/* What it has waited for is read before who is still there, so that none counts twice. */
static int64_t measure_tree(pid_t pid, pid_t keeper) {
    struct process_tree f = {.pids = {pid}, .count = 1};
    int64_t used = keeper ? waited_children_time(keeper) : 0;
    if (keeper)
        add_process_children(&f, keeper);
    for (int i = 0; i < f.count; i++) {
        used += process_time(f.pids[i]) + waited_children_time(f.pids[i]);
        add_process_children(&f, f.pids[i]);
    }
    return used;
}
#else
static int64_t measure(pid_t pid, pid_t keeper) {
    (void)keeper;
    return own_time(pid);
}
#endif

/* --- when -------------------------------------------------------------------------------- */

/* If all processors were used from now on. */
static int64_t soonest_interval(const struct cputime *m) {
    int64_t pause = (m->limit_ns - m->used_ns) / m->cpus;
    return pause > min_interval ? pause : min_interval;
}

void cputime_start(struct cputime *m, int units_timeout_ms) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    *m = (struct cputime){.limit_ns = (int64_t)units_timeout_ms * 1000000, .check_at = CLOCK_NEVER};
    m->cpus = processors > 0 ? processors : 1;
    m->interval_ns = soonest_interval(m);
    if (units_timeout_ms > 0)
        m->check_at = clock_now_ns() + m->interval_ns;
}

int64_t cputime_next_check(struct cputime *m) {
    int64_t soon;
    if (!m->had_io || m->check_at == CLOCK_NEVER)
        return m->check_at;
    m->had_io = false;
    soon = soonest_interval(m);
    if (m->interval_ns > soon && clock_now_ns() + soon < m->check_at) {
        m->interval_ns = soon;
        m->check_at = clock_now_ns() + soon;
    }
    return m->check_at;
}

/* Ever longer while next to nothing is used; a look must not cost much of what it looks at. */
static int64_t next_interval(const struct cputime *m, bool idle, int64_t cost) {
    int64_t soon = soonest_interval(m),
            pause = idle && 2 * m->interval_ns > soon ? 2 * m->interval_ns : soon;
    pause = pause < max_interval ? pause : max_interval;
    return pause > LOOK_COSTS * cost ? pause : LOOK_COSTS * cost;
}

bool cputime_check(struct cputime *m, pid_t pid, pid_t keeper) {
    int64_t due = cputime_next_check(m), now, used;
    bool idle;
    if (due == CLOCK_NEVER || (now = clock_now_ns()) < due)
        return false;
    used = measure_tree(pid, keeper);
    idle = used - m->used_ns < m->interval_ns / 64;
    m->used_ns = used > m->used_ns ? used : m->used_ns;
    if (m->used_ns >= m->limit_ns) {
        m->check_at = CLOCK_NEVER;
        return true;
    }
    m->interval_ns = next_interval(m, idle, clock_now_ns() - now);
    m->check_at = now + m->interval_ns;
    return false;
}
