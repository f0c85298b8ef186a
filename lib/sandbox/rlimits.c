/* rlimits.c: what a child may use: set before it runs, and what its end tells of it. */
#include "sandbox/rlimits.h"
#include "base/error.h"
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

bool bounds_are_set(const struct dualpipe_limits *l) {
    return l && (l->cpu_ms > 0 || l->files > 0 || l->processes > 0 || l->memory > 0 ||
                 l->filesize > 0 || l->output > 0);
}

int bounds_check(const struct dualpipe_limits *l, const struct cgroup *group, const char *subject,
                 struct dualpipe_failure *why) {
    if (l->processes > 0 && !group->counts && geteuid() == 0 && !l->sandbox)
        return failed(why, "limiting the processes of", subject, "root is not bound by it: ask as "
                      "another user, or where a cgroup can be made", -EPERM);
#ifndef RLIMIT_NPROC
    if (l->processes > 0 && !group->counts)
        return failed(why, "limiting the processes of", subject, NULL, -ENOSYS);
#endif
    return 0;
}

/* --- in the child ------------------------------------------------------------------------ */

static rlim_t lower(rlim_t a, rlim_t b) {
    return a < b ? a : b;
}

/* Never raises what it has. */
static void lower_both(struct rlimit *r, uint64_t soft, uint64_t hard) {
    uint64_t most = (rlim_t)-1;
    r->rlim_max = lower(r->rlim_max, (rlim_t)(hard < most ? hard : most));
    r->rlim_cur = lower(lower(r->rlim_cur, (rlim_t)(soft < most ? soft : most)), r->rlim_max);
}

/* What names a resource is an int in one C library and an enum in another. */
#define LOWER(resource, r, soft, hard)                                                             \
    (getrlimit(resource, r) < 0 ? -1 : (lower_both(r, soft, hard), setrlimit(resource, r)))

/* The soft limit of time is whole seconds: SIGXCPU, which tells why; the hard one a second more. */
static int limit_time(struct rlimit *r, int ms) {
    uint64_t seconds = ((uint64_t)ms + 999) / 1000;
    return LOWER(RLIMIT_CPU, r, seconds, seconds + 1);
}

static int limit_processes(struct rlimit *r, uint64_t n) {
#ifdef RLIMIT_NPROC
    return LOWER(RLIMIT_NPROC, r, n, n);
#else
    (void)r, (void)n;
    return 0;
#endif
}

static int set_one(const struct dualpipe_limits *l, const struct cgroup *group,
                   enum dualpipe_limit which) {
    struct rlimit r;
    switch (which) {
    case DUALPIPE_NO_LIMIT: return LOWER(RLIMIT_CORE, &r, 0, 0);
    case DUALPIPE_CPU: return l->cpu_ms > 0 ? limit_time(&r, l->cpu_ms) : 0;
    case DUALPIPE_MEMORY:
        return l->memory > 0 && !group->weighs ? LOWER(RLIMIT_DATA, &r, l->memory, l->memory) : 0;
    case DUALPIPE_FILES:
        return l->files > 0 ? LOWER(RLIMIT_NOFILE, &r, (uint64_t)l->files, (uint64_t)l->files) : 0;
    case DUALPIPE_PROCESSES:
        return l->processes > 0 && !group->counts ? limit_processes(&r, (uint64_t)l->processes) : 0;
    case DUALPIPE_FILESIZE:
        return l->filesize > 0 ? LOWER(RLIMIT_FSIZE, &r, l->filesize, l->filesize) : 0;
    case DUALPIPE_OUTPUT: return 0; /* we count that */
    }
    return 0;
}

int bounds_set(const struct dualpipe_limits *l, const struct cgroup *group,
               enum dualpipe_limit *which) {
    for (int i = DUALPIPE_NO_LIMIT; i <= DUALPIPE_OUTPUT; i++) {
        *which = (enum dualpipe_limit)i;
        if (set_one(l, group, *which) < 0)
            return -1;
    }
    return 0;
}

/* --- its end ----------------------------------------------------------------------------- */

/* As the kernel tells it, or a shell of what it has run. */
static bool died_of(const struct dualpipe_status *s, int signo) {
    return s->signal == signo || s->code == 128 + signo;
}

static bool is_near(uint64_t used, uint64_t limit) {
    return limit > 0 && used >= limit - limit / 10;
}

static enum dualpipe_limit find_cause(const struct dualpipe_limits *l, const struct cgroup *group,
                                      const struct dualpipe_status *s) {
    long whole_ms = ((long)l->cpu_ms + 999) / 1000 * 1000;
    if (s->code == 0)
        return DUALPIPE_NO_LIMIT;
    if (l->cpu_ms > 0 && died_of(s, SIGXCPU) && 2 * s->cpu_ms >= whole_ms) /* or so it says */
        return DUALPIPE_CPU;
    if (l->cpu_ms > 0 && s->signal == SIGKILL && !s->stopped && s->cpu_ms >= whole_ms)
        return DUALPIPE_CPU; /* it did not mind the first signal */
    if (l->filesize > 0 && died_of(s, SIGXFSZ))
        return DUALPIPE_FILESIZE;
    return cgroup_kills(group) > 0 ? DUALPIPE_MEMORY : DUALPIPE_NO_LIMIT;
}

void bounds_explain(const struct dualpipe_limits *l, const struct cgroup *group, long seen_kb,
                    struct dualpipe_status *s) {
    if (!s->limit)
        s->limit = find_cause(l, group, s);
    if (is_near((uint64_t)s->cpu_ms, (uint64_t)l->cpu_ms))
        s->near |= 1U << DUALPIPE_CPU;
    if ((s->maxrss_kb > seen_kb && is_near((uint64_t)s->maxrss_kb * 1024, l->memory)) ||
        cgroup_kills(group) > 0)
        s->near |= 1U << DUALPIPE_MEMORY;
    if (cgroup_refusals(group) > 0)
        s->near |= 1U << DUALPIPE_PROCESSES;
    s->near &= ~(1U << s->limit);
}
