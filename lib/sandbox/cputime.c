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
static const int64_t least_pause = 10000000, most_pause = 60000000000;

/* --- what is used ------------------------------------------------------------------------ */

/* Those to be looked at, each behind what has started it. */
struct family {
    pid_t all[MOST_PROCESSES];
    int n;
};

static int64_t own_time(pid_t pid) {
    struct timespec t;
    clockid_t clock;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) < 0)
        return 0;
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

#ifdef __linux__
/* Of those that it has waited for: fields 16 and 17, counted behind the name's parenthesis. */
static int64_t time_of_waited(pid_t pid) {
    char name[64], text[1024], *at;
    long long user, system;
    snprintf(name, sizeof name, "/proc/%ld/stat", (long)pid);
    if (fd_read_text(name, text, sizeof text) == 0 || !(at = strrchr(text, ')')) ||
        sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %lld %lld", &user,
               &system) != 2)
        return 0;
    return (user + system) * (1000000000 / sysconf(_SC_CLK_TCK));
}

static void add_children(struct family *f, const char *task, const char *thread) {
    char name[352], text[4096], *at, *end;
    snprintf(name, sizeof name, "%s/%s/children", task, thread);
    if (fd_read_text(name, text, sizeof text) == 0)
        return;
    for (at = text; f->n < MOST_PROCESSES; at = end) {
        long pid = strtol(at, &end, 10);
        if (end == at || pid <= 0)
            return;
        if (pid != f->all[0])
            f->all[f->n++] = (pid_t)pid;
    }
}

/* A thread's children are told apart from another's. */
static void add_children_of(struct family *f, pid_t pid) {
    struct dirent *entry;
    char task[64];
    DIR *all;
    snprintf(task, sizeof task, "/proc/%ld/task", (long)pid);
    if (!(all = opendir(task)))
        return;
    while ((entry = readdir(all)))
        if (*entry->d_name != '.')
            add_children(f, task, entry->d_name);
    closedir(all);
}

/* What it has waited for is read before who is still there, so that none counts twice. */
static int64_t measure(pid_t pid, pid_t keeper) {
    struct family f = {.all = {pid}, .n = 1};
    int64_t used = keeper ? time_of_waited(keeper) : 0;
    if (keeper)
        add_children_of(&f, keeper);
    for (int i = 0; i < f.n; i++) {
        used += own_time(f.all[i]) + time_of_waited(f.all[i]);
        add_children_of(&f, f.all[i]);
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
static int64_t earliest(const struct meter *m) {
    int64_t pause = (m->limit - m->used) / m->processors;
    return pause > least_pause ? pause : least_pause;
}

void meter_begin(struct meter *m, int limit_ms) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    *m = (struct meter){.limit = (int64_t)limit_ms * 1000000, .look_at = CLOCK_NEVER};
    m->processors = processors > 0 ? processors : 1;
    m->pause = earliest(m);
    if (limit_ms > 0)
        m->look_at = clock_ns() + m->pause;
}

int64_t meter_due(struct meter *m) {
    int64_t soon;
    if (!m->stirred || m->look_at == CLOCK_NEVER)
        return m->look_at;
    m->stirred = false;
    soon = earliest(m);
    if (m->pause > soon && clock_ns() + soon < m->look_at) {
        m->pause = soon;
        m->look_at = clock_ns() + soon;
    }
    return m->look_at;
}

/* Ever longer while next to nothing is used; a look must not cost much of what it looks at. */
static int64_t next_pause(const struct meter *m, bool idle, int64_t cost) {
    int64_t soon = earliest(m), pause = idle && 2 * m->pause > soon ? 2 * m->pause : soon;
    pause = pause < most_pause ? pause : most_pause;
    return pause > LOOK_COSTS * cost ? pause : LOOK_COSTS * cost;
}

bool meter_look(struct meter *m, pid_t pid, pid_t keeper) {
    int64_t due = meter_due(m), now, used;
    bool idle;
    if (due == CLOCK_NEVER || (now = clock_ns()) < due)
        return false;
    used = measure(pid, keeper);
    idle = used - m->used < m->pause / 64;
    m->used = used > m->used ? used : m->used;
    if (m->used >= m->limit) {
        m->look_at = CLOCK_NEVER;
        return true;
    }
    m->pause = next_pause(m, idle, clock_ns() - now);
    m->look_at = now + m->pause;
    return false;
}
