/* rlimits.c: sets a child's resource limits, and says afterwards which one ended it.
 *
 * The child calls rlimits_apply() between fork and exec, so that part is async-signal-safe. Each
 * limit of struct dualpipe_limits becomes one rlimit. Two of them, memory and processes, are left
 * to a cgroup if the child has one: a cgroup counts all processes together, an rlimit each process
 * (memory) or all processes of the user (processes). The limit on output is no rlimit at all: the
 * parent counts the bytes as it reads them.
 *
 * The kernel reports only how a process ended, not why. rlimits_explain_exit() therefore infers the
 * limit from the signal, the CPU time used and the cgroup's counters, and additionally marks the
 * limits that the child came within a tenth of: a refused allocation or fork leaves no other
 * trace. */
#include "sandbox/rlimits.h"
#include "base/error.h"
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

bool rlimits_any_set(const struct dualpipe_limits *l) {
    return l && (l->cpu_ms > 0 || l->files > 0 || l->processes > 0 || l->memory > 0 ||
                 l->filesize > 0 || l->output > 0);
}

int rlimits_check(const struct dualpipe_limits *l, const struct cgroup *cgroup, const char *object,
                  struct dualpipe_error *why) {
    if (l->processes > 0 && !cgroup->limits_processes && geteuid() == 0 && !l->sandbox)
        return error_set(why, "limiting the processes of", object,
                         "root is not bound by it: ask as "
                         "another user, or where a cgroup can be made",
                         -EPERM);
#ifndef RLIMIT_NPROC
    if (l->processes > 0 && !cgroup->counts)
        return failed(why, "limiting the processes of", object, NULL, -ENOSYS);
#endif
    return 0;
}

/* --- setting limits, in the child -------------------------------------------------------- */

static rlim_t min_rlim(rlim_t a, rlim_t b) {
    return a < b ? a : b;
}

/* A limit that the child inherited stays if it is lower already: only root could raise it. */
void rlimits_lower(struct rlimit *r, uint64_t soft, uint64_t hard) {
    uint64_t max = (rlim_t)-1;
    r->rlim_max = min_rlim(r->rlim_max, (rlim_t)(hard < max ? hard : max));
    r->rlim_cur = min_rlim(min_rlim(r->rlim_cur, (rlim_t)(soft < max ? soft : max)), r->rlim_max);
}

/* The soft limit takes whole seconds, so round up. It sends SIGXCPU, by which we recognise the
 * cause. A child that ignores the signal is killed by the hard limit one second later. */
static int limit_cpu(struct rlimit *r, int ms) {
    uint64_t seconds = ((uint64_t)ms + 999) / 1000;
    return RLIMITS_LOWER(RLIMIT_CPU, r, seconds, seconds + 1);
}

static int limit_processes(struct rlimit *r, uint64_t n) {
#ifdef RLIMIT_NPROC
    return RLIMITS_LOWER(RLIMIT_NPROC, r, n, n);
#else
    (void)r, (void)n;
    return 0;
#endif
}

static int apply_limit(const struct dualpipe_limits *l, const struct cgroup *cgroup,
                       enum dualpipe_limit which) {
    struct rlimit r;
    switch (which) {
    case DUALPIPE_LIMIT_NONE: return RLIMITS_LOWER(RLIMIT_CORE, &r, 0, 0);
    case DUALPIPE_LIMIT_CPU: return l->cpu_ms > 0 ? limit_cpu(&r, l->cpu_ms) : 0;
    case DUALPIPE_LIMIT_MEMORY:
        return l->memory > 0 && !cgroup->limits_memory
                   ? RLIMITS_LOWER(RLIMIT_DATA, &r, l->memory, l->memory)
                   : 0;
    case DUALPIPE_LIMIT_FILES:
        return l->files > 0
                   ? RLIMITS_LOWER(RLIMIT_NOFILE, &r, (uint64_t)l->files, (uint64_t)l->files)
                   : 0;
    case DUALPIPE_LIMIT_PROCESSES:
        return l->processes > 0 && !cgroup->limits_processes
                   ? limit_processes(&r, (uint64_t)l->processes)
                   : 0;
    case DUALPIPE_LIMIT_FILESIZE:
        return l->filesize > 0 ? RLIMITS_LOWER(RLIMIT_FSIZE, &r, l->filesize, l->filesize) : 0;
    case DUALPIPE_LIMIT_OUTPUT: return 0; /* the parent counts it as it reads */
    }
    return 0;
}

int rlimits_apply(const struct dualpipe_limits *l, const struct cgroup *cgroup,
                  enum dualpipe_limit *which) {
    for (int i = DUALPIPE_LIMIT_NONE; i <= DUALPIPE_LIMIT_OUTPUT; i++) {
        *which = (enum dualpipe_limit)i;
        if (apply_limit(l, cgroup, *which) < 0)
            return -1;
    }
    return 0;
}

/* --- explaining the end ------------------------------------------------------------------ */

/* A shell reports the signal that ended its own child as exit status 128 + signal. */
static bool ended_by_signal(const struct dualpipe_status *s, int signo) {
    return s->signal == signo || s->code == 128 + signo;
}

/* Within a tenth of the limit counts as close. */
static bool is_close_to(uint64_t used, uint64_t limit) {
    return limit > 0 && used >= limit - limit / 10;
}

/* Returns the limit that ended the child, or DUALPIPE_LIMIT_NONE if it exited with 0 or for a
 * reason of its own. */
static enum dualpipe_limit find_limit_hit(const struct dualpipe_limits *l,
                                          const struct cgroup *cgroup,
                                          const struct dualpipe_status *s) {
    long rounded_ms = ((long)l->cpu_ms + 999) / 1000 * 1000;
    if (s->code == 0)
        return DUALPIPE_LIMIT_NONE;
    if (l->cpu_ms > 0 && ended_by_signal(s, SIGXCPU) &&
        /* Anything can send SIGXCPU or exit with 128 + SIGXCPU: ask for half the time too. */
        2 * s->cpu_ms >= rounded_ms)
        return DUALPIPE_LIMIT_CPU;
    if (l->cpu_ms > 0 && s->signal == SIGKILL && !s->stopped && s->cpu_ms >= rounded_ms)
        return DUALPIPE_LIMIT_CPU; /* the child ignored SIGXCPU, so the hard limit killed it */
    if (l->filesize > 0 && ended_by_signal(s, SIGXFSZ))
        return DUALPIPE_LIMIT_FILESIZE;
    return cgroup_oom_kills(cgroup) > 0 ? DUALPIPE_LIMIT_MEMORY : DUALPIPE_LIMIT_NONE;
}

void rlimits_explain_exit(const struct dualpipe_limits *l, const struct cgroup *cgroup,
                          long pre_exec_rss_kb, struct dualpipe_status *s) {
    if (!s->limit)
        s->limit = find_limit_hit(l, cgroup, s);
    if (is_close_to((uint64_t)s->cpu_ms, (uint64_t)l->cpu_ms))
        s->near_limits |= 1U << DUALPIPE_LIMIT_CPU;
    if ((s->maxrss_kb > pre_exec_rss_kb && is_close_to((uint64_t)s->maxrss_kb * 1024, l->memory)) ||
        cgroup_oom_kills(cgroup) > 0)
        s->near_limits |= 1U << DUALPIPE_LIMIT_MEMORY;
    if (cgroup_fork_failures(cgroup) > 0)
        s->near_limits |= 1U << DUALPIPE_LIMIT_PROCESSES;
    s->near_limits &= ~(1U << s->limit);
}
