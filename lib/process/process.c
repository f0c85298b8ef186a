/* process.c: a child process: its start, its end, and how it is made to end. */
#include "process/process.h"
#include "sandbox/rlimits.h"
#include "base/clock.h"
#include "base/error.h"
#include "os/fd.h"
#include "process/nsinit.h"
#include "process/spawn.h"
#include "os/pty.h"
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEEPER_ENDS_WITHIN = 2000 };

extern char **environ;

static int limit_of_descriptors(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur > 1 << 20)
        return 1 << 20;
    return (int)limit.rlim_cur;
}

static void watch_end(struct process *p) {
#ifdef SYS_pidfd_open
    p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
    if (p->pidfd >= 0 && fd_move_up(&p->pidfd) < 0)
        fd_close(&p->pidfd);
#endif
}

/* Those of a sandbox are its own. */
static int prepare_limits(struct process *p, struct child_plan *plan,
                          struct dualpipe_failure *why) {
    const struct dualpipe_options *o = plan->options;
    struct rusage ours;
    p->limits = o->limits;
    if (plan->sandbox) {
        p->own_limits = plan->sandbox->limits;
        p->limits = &p->own_limits;
    }
    if (!bounds_are_set(p->limits)) {
        p->limits = NULL;
        return 0;
    }
    plan->limits = p->limits;
    plan->group = &p->group;
    cgroup_open(&p->group, p->limits);
    if (getrusage(RUSAGE_SELF, &ours) == 0)
        p->seen_kb = ours.ru_maxrss;
    return bounds_check(p->limits, &p->group, o->argv ? o->argv[0] : NULL, why);
}

static int prepare_command(struct child_plan *plan, char *found, size_t size,
                           struct dualpipe_failure *why) {
    const struct dualpipe_options *o = plan->options;
    int r;
    if (o->function) {
        while (o->argv && o->argv[plan->argc])
            plan->argc++;
        fflush(NULL); /* or the copy would write it again */
        return 0;
    }
    if ((plan->sandbox && plan->sandbox->trial) || (r = launch_find(plan, found, size)) == 0)
        return 0;
    return failed(why, r == -ENOENT ? "finding the command" : "running", o->argv[0], NULL, r);
}

static int start(struct process *p, struct child_plan *plan, struct dualpipe_failure *why) {
    struct launched l = {.watch = -1};
    char found[PATH_MAX];
    int r = prepare_command(plan, found, sizeof found, why);
    if (r == 0 && (r = prepare_limits(p, plan, why)) == 0)
        r = launch_child(plan, &l, why);
    free(plan->by_shell);
    plan->by_shell = NULL;
    cgroup_seal(&p->group);
    if (r < 0) {
        cgroup_close(&p->group);
        return r;
    }
    p->pid = l.pid;
    p->keeper = l.keeper;
    p->pidfd = l.watch;
    if (p->limits)
        meter_begin(&p->meter, p->limits->cpu_ms);
    if (!p->keeper)
        watch_end(p);
    return 0;
}

/* At best it is tried again without the layer that can't be had. */
static int start_shut_in(struct process *p, struct child_plan *plan, unsigned without,
                         struct sandbox *s, struct dualpipe_failure *why) {
    const struct dualpipe_options *o = plan->options;
    bool retry;
    int r;
    do {
        plan->sandbox = s;
        if ((r = sandbox_open(s, o, without, why)) == 0) {
            s->trial = plan->trial;
            plan->env = s->env;
            r = start(p, plan, why);
        }
        sandbox_close(s);
        retry = r < 0 && s->limits.sandbox == DUALPIPE_BEST_EFFORT && s->missing < LAYERS &&
                !plan->trial && !(without & sandbox_lost_with(s->missing));
        if (retry)
            without |= sandbox_lost_with(s->missing);
    } while (retry);
    plan->sandbox = NULL;
    return r;
}

static void prepare(struct process *p, struct child_plan *plan, const struct dualpipe_options *o,
                    const struct process_streams *streams) {
    *p = (struct process){.pidfd = -1, .kill_at = CLOCK_NEVER,
                          .status = {.code = -1, .signal = -1}, .meter.look_at = CLOCK_NEVER};
    *plan = (struct child_plan){.options = o, .in = streams->in, .out = streams->out,
                                .err = streams->err, .parent = getpid()};
    p->alone = o->flags & DUALPIPE_SAME_SESSION;
    p->hangs_up = terminal_controls(o);
    plan->env = o->env ? o->env : environ;
    plan->descriptors = limit_of_descriptors();
}

int process_start(struct process *p, const struct dualpipe_options *o,
                  const struct process_streams *streams, struct dualpipe_failure *why) {
    struct child_plan plan;
    struct sandbox s;
    prepare(p, &plan, o, streams);
    return o->limits && o->limits->sandbox ? start_shut_in(p, &plan, 0, &s, why)
                                           : start(p, &plan, why);
}

int process_try(const struct dualpipe_limits *l, int null, unsigned without, struct sandbox *s,
                struct dualpipe_failure *why) {
    char *argv[] = {(char *)(uintptr_t)"/", NULL};
    const struct dualpipe_options o = {.argv = argv, .err = DUALPIPE_RELAY, .limits = l};
    const struct process_streams streams = {null, null, null};
    struct child_plan plan;
    struct process p;
    int r;
    prepare(&p, &plan, &o, &streams);
    plan.trial = true;
    if ((r = start_shut_in(&p, &plan, without, s, why)) < 0)
        return r;
    while (!process_check(&p))
        poll(&(struct pollfd){.fd = p.pidfd, .events = POLLIN}, 1, p.pidfd < 0 ? 1 : -1);
    process_reap(&p);
    return p.status.code == 0 ? 0 : -ECHILD;
}

/* WNOWAIT leaves a zombie that keeps the number of the process and its group ours. */
static int look_for_end(pid_t pid, siginfo_t *info, struct rusage *usage) {
#ifdef __linux__
    return (int)syscall(SYS_waitid, P_PID, pid, info, WEXITED | WNOHANG | WNOWAIT, usage);
#else
    (void)usage;
    return waitid(P_PID, (id_t)pid, info, WEXITED | WNOHANG | WNOWAIT);
#endif
}

static void note_end(struct process *p, const siginfo_t *info, const struct rusage *usage) {
    struct dualpipe_status *s = &p->status;
    p->ended = true;
    if (info->si_code == CLD_EXITED)
        s->code = info->si_status & 255;
    else
        s->signal = info->si_status;
    s->core = info->si_code == CLD_DUMPED;
    s->maxrss_kb = usage->ru_maxrss;
    s->cpu_ms = (long)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000 +
                (long)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1000;
}

/* What a limit has ended is not gone on with by those that it has started. */
static void kill_group(const struct process *p) {
    if (p->pid != 0 && !p->lost && !p->freed && !p->alone)
        kill(-p->pid, SIGKILL);
}

static void explain_end(struct process *p) {
    if (!p->limits)
        return;
    bounds_explain(p->limits, &p->group, p->seen_kb, &p->status);
    if (p->status.limit)
        kill_group(p);
}

/* A keeper that says nothing was killed, and with it all that it kept. */
static bool check_kept(struct process *p) {
    struct keeper_end end = {.code = CLD_KILLED, .status = SIGKILL};
    siginfo_t info = {0};
    int r = keeper_end(p->pidfd, &end);
    if (r == 0)
        return false;
    p->freed = r < 0;
    info.si_code = end.code;
    info.si_status = end.status;
    note_end(p, &info, &end.usage);
    explain_end(p);
    return true;
}

bool process_check(struct process *p) {
    siginfo_t info = {0};
    struct rusage usage = {0};
    if (p->ended || p->pid == 0)
        return p->ended;
    if (p->keeper)
        return check_kept(p);
    if (look_for_end(p->pid, &info, &usage) < 0) {
        if (errno == ECHILD)
            p->ended = p->lost = true;
    } else if (info.si_pid != 0) {
        note_end(p, &info, &usage);
        explain_end(p);
    }
    return p->ended;
}

int process_signal(struct process *p, int signo) {
    bool running = !process_check(p);
    if (p->pid == 0 || p->lost || p->freed)
        return -ESRCH;
    if (kill(p->alone ? p->pid : -p->pid, signo) < 0)
        return -errno;
    if (running && signo != SIGCONT && signo != SIGSTOP && signo != 0)
        p->status.stopped = 1;
    return 0;
}

int process_stop(struct process *p, int signo, int grace) {
    int r;
    if (p->hangs_up && signo != SIGKILL)
        process_signal(p, SIGHUP);
    r = process_signal(p, signo ? signo : SIGTERM);
    if (r == 0)
        process_signal(p, SIGCONT);
    if (!p->stopping && signo != SIGKILL)
        p->kill_at = clock_after(grace);
    p->stopping = true;
    return r;
}

void process_tick(struct process *p) {
    if (p->kill_at == CLOCK_NEVER || clock_left(p->kill_at) > 0)
        return;
    p->kill_at = CLOCK_NEVER;
    process_signal(p, SIGKILL);
}

/* What it has written too much it may have left behind. */
void process_exceed(struct process *p, enum dualpipe_limit limit, int grace) {
    bool ended = process_check(p), counts = limit == DUALPIPE_OUTPUT || !(ended || p->stopping);
    if (p->status.limit || !counts)
        return;
    p->status.limit = limit;
    if (ended)
        kill_group(p);
    else if (!p->stopping)
        process_stop(p, limit == DUALPIPE_CPU ? SIGXCPU : 0, grace);
}

void process_look(struct process *p, int grace) {
    if (p->meter.limit > 0 && !p->ended && meter_look(&p->meter, p->pid, p->keeper))
        process_exceed(p, DUALPIPE_CPU, grace);
}

/* The kernel ends it when it has killed all that it kept, which may wait for a device. */
static void release_keeper(struct process *p) {
    int64_t until = clock_after(KEEPER_ENDS_WITHIN);
    struct pollfd end = {.fd = -1, .events = POLLIN};
    fd_close(&p->pidfd);
    kill(p->keeper, SIGKILL);
#ifdef SYS_pidfd_open
    end.fd = (int)syscall(SYS_pidfd_open, p->keeper, 0);
#endif
    while (poll(&end, 1, clock_left(until)) < 0 && errno == EINTR)
        ;
    fd_close(&end.fd);
    waitpid(p->keeper, NULL, WNOHANG);
    p->keeper = 0;
}

/* A leader that was stopped may leave some of its group behind: they had its signal, and go. */
void process_reap(struct process *p) {
    if (p->stopping && p->ended)
        process_signal(p, SIGKILL);
    if (p->keeper)
        release_keeper(p);
    else if (p->pid != 0 && p->ended && !p->lost)
        launch_forget(p->pid);
    p->pid = 0;
    fd_close(&p->pidfd);
    cgroup_close(&p->group);
}
