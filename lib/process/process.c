/* process.c: the life of one child process: start, signals, end, limits.
 *
 * struct process is embedded in the public handle (child/handle.c), which calls everything here;
 * there is no thread and no timer. process_poll_exit() notices the end without waiting, and
 * process_kill_if_due() and process_check_cputime() do what has become due, so the code that waits
 * must call them (child/poll.c does).
 *
 * A child without a sandbox is our own child, watched by a pidfd. With a sandbox's namespaces the
 * child is a child of nsinit, which is ours, and exit_fd is the socket on which nsinit reports
 * (nsinit.c).
 *
 * The invariant is that a signal never hits a stranger. The ended child is left a zombie (WNOWAIT)
 * until process_reap(), which reserves its PID and process group, and process_signal() refuses once
 * the PID could be reused: after process_reap(), if the host ignores SIGCHLD (status_lost), or if
 * nsinit was killed (pid_released). Signals go to the child's process group unless it shares ours.
 *
 * Ending a child has steps: SIGHUP if it has our terminal, the signal, SIGCONT (a stopped process
 * would never see the signal), and SIGKILL when kill_deadline has passed. */
#include "process/process.h"
#include "base/clock.h"
#include "base/error.h"
#include "os/fd.h"
#include "os/pty.h"
#include "process/nsinit.h"
#include "process/find_command.h"
#include "process/spawn.h"
#include "sandbox/rlimits.h"
#include "sandbox/sandbox_plan.h"
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

enum { NSINIT_EXIT_TIMEOUT_MS = 2000 };

extern char **environ;

/* --- starting ---------------------------------------------------------------------------- */

static int max_descriptors(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur > 1 << 20)
        return 1 << 20;
    return (int)limit.rlim_cur;
}

/* Without pidfds (before Linux 5.3) exit_fd stays -1, and the end is found by polling. */
static void open_pidfd(struct process *p) {
#ifdef SYS_pidfd_open
    p->exit_fd = (int)syscall(SYS_pidfd_open, p->pid, 0);
    if (p->exit_fd >= 0 && fd_move_above_stdio(&p->exit_fd) < 0)
        fd_close(&p->exit_fd);
#endif
}

/* A sandbox brings its own default limits. The cgroup is made here, before the fork. */
static int prepare_limits(struct process *p, struct exec_plan *plan, struct dualpipe_error *why) {
    const struct dualpipe_options *o = plan->options;
    const struct dualpipe_limits *limits = plan->sandbox ? &plan->sandbox->limits : o->limits;
    struct rusage own_usage;
    p->limits = NULL;
    if (!rlimits_any_set(limits))
        return 0;
    p->own_limits = *limits;
    p->limits = &p->own_limits;
    plan->limits = p->limits;
    plan->cgroup = &p->cgroup;
    cgroup_create(&p->cgroup, p->limits);
    if (getrusage(RUSAGE_SELF, &own_usage) == 0)
        p->pre_exec_rss_kb = own_usage.ru_maxrss;
    return rlimits_check(p->limits, &p->cgroup, o->argv ? o->argv[0] : NULL, why);
}

static int prepare_command(struct exec_plan *plan, char *found, size_t size,
                           struct dualpipe_error *why) {
    const struct dualpipe_options *o = plan->options;
    int r;
    if (o->function) {
        while (o->argv && o->argv[plan->argc])
            plan->argc++;
        fflush(NULL); /* else the forked function would write the buffered output again */
        return 0;
    }
    if ((plan->sandbox && plan->sandbox->is_trial) ||
        (r = find_command(plan, found, size)) == 0)
        return 0;
    return error_set(why, r == -ENOENT ? "finding the command" : "running", o->argv[0], NULL, r);
}

/* Finds the command, sets up limits, and spawns the child. After a failure nothing is left of
 * it. */
static int start_once(struct process *p, struct exec_plan *plan, struct dualpipe_error *why) {
    struct spawn_result result = {.exit_fd = -1};
    char found[PATH_MAX];
    int r = prepare_command(plan, found, sizeof found, why);
    if (r == 0 && (r = prepare_limits(p, plan, why)) == 0)
        r = spawn_child(plan, &result, why);
    free(plan->shell_argv);
    plan->shell_argv = NULL;
    cgroup_close_entry(&p->cgroup);
    if (r < 0) {
        cgroup_destroy(&p->cgroup);
        return r;
    }
    p->pid = result.pid;
    p->init_pid = result.init_pid;
    p->exit_fd = result.exit_fd;
    if (p->limits)
        cputime_start(&p->cputime, p->limits->cpu_ms);
    if (!p->init_pid)
        open_pidfd(p);
    return 0;
}

/* With DUALPIPE_SANDBOX_BEST_EFFORT a failed start is repeated without the layer that failed. */
static int start_sandboxed(struct process *p, struct exec_plan *plan, unsigned skipped_layers,
                           struct sandbox *s, struct dualpipe_error *why) {
    const struct dualpipe_options *o = plan->options;
    bool retry;
    int r;
    do {
        plan->sandbox = s;
        if ((r = sandbox_plan_init(s, o, skipped_layers, why)) == 0) {
            s->is_trial = plan->is_trial;
            plan->env = s->env;
            r = start_once(p, plan, why);
        }
        sandbox_plan_free(s);
        retry = r < 0 && s->limits.sandbox == DUALPIPE_SANDBOX_BEST_EFFORT &&
                s->failed_layer < LAYER_COUNT && !plan->is_trial &&
                !(skipped_layers & sandbox_plan_lost_layers(s->failed_layer));
        if (retry)
            skipped_layers |= sandbox_plan_lost_layers(s->failed_layer);
    } while (retry);
    plan->sandbox = NULL;
    return r;
}

/* Fills *p and *plan for a start with these options. */
static void init_plan(struct process *p, struct exec_plan *plan, const struct dualpipe_options *o,
                      const struct process_streams *streams) {
    *p = (struct process){.exit_fd = -1,
                          .kill_deadline = CLOCK_NEVER,
                          .status = {.code = -1, .signal = -1},
                          .cputime.check_at = CLOCK_NEVER};
    *plan = (struct exec_plan){.options = o,
                               .stdin_fd = streams->stdin_fd,
                               .stdout_fd = streams->stdout_fd,
                               .stderr_fd = streams->stderr_fd,
                               .parent_pid = getpid()};
    p->shares_group = o->flags & DUALPIPE_START_SAME_SESSION;
    p->has_terminal = pty_is_controlling(o);
    plan->env = o->env ? o->env : environ;
    plan->max_fds = max_descriptors();
}

int process_start(struct process *p, const struct dualpipe_options *o,
                  const struct process_streams *streams, struct dualpipe_error *why) {
    struct exec_plan plan;
    struct sandbox s;
    init_plan(p, &plan, o, streams);
    return o->limits && o->limits->sandbox ? start_sandboxed(p, &plan, 0, &s, why)
                                           : start_once(p, &plan, why);
}

int process_try_sandbox(const struct dualpipe_limits *l, int null_fd, unsigned skipped_layers,
                        struct sandbox *s, struct dualpipe_error *why) {
    char *argv[] = {(char *)(uintptr_t) "/", NULL};
    const struct dualpipe_options o = {.argv = argv, .err = DUALPIPE_STDERR_RELAY, .limits = l};
    const struct process_streams streams = {null_fd, null_fd, null_fd};
    struct exec_plan plan;
    struct process p;
    int r;
    init_plan(&p, &plan, &o, &streams);
    plan.is_trial = true;
    if ((r = start_sandboxed(&p, &plan, skipped_layers, s, why)) < 0)
        return r;
    while (!process_poll_exit(&p))
        poll(&(struct pollfd){.fd = p.exit_fd, .events = POLLIN}, 1, p.exit_fd < 0 ? 1 : -1);
    process_reap(&p);
    return p.status.code == 0 ? 0 : -ECHILD;
}

/* --- noticing the end -------------------------------------------------------------------- */

/* WNOWAIT leaves a zombie, which reserves the PID and the process group. */
static int peek_exit(pid_t pid, siginfo_t *info, struct rusage *usage) {
#ifdef __linux__
    return (int)syscall(SYS_waitid, P_PID, pid, info, WEXITED | WNOHANG | WNOWAIT, usage);
#else
    (void)usage;
    return waitid(P_PID, (id_t)pid, info, WEXITED | WNOHANG | WNOWAIT);
#endif
}

static void record_exit(struct process *p, const siginfo_t *info, const struct rusage *usage) {
    struct dualpipe_status *s = &p->status;
    p->has_ended = true;
    if (info->si_code == CLD_EXITED)
        s->code = info->si_status & 255;
    else
        s->signal = info->si_status;
    s->core = info->si_code == CLD_DUMPED;
    s->maxrss_kb = usage->ru_maxrss;
    s->cpu_ms = (long)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000 +
                (long)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1000;
}

/* When a limit ended the child, its descendants must not go on. */
static void kill_group(const struct process *p) {
    if (p->pid != 0 && !p->status_lost && !p->pid_released && !p->shares_group)
        kill(-p->pid, SIGKILL);
}

static void explain_exit(struct process *p) {
    if (!p->limits)
        return;
    rlimits_explain_exit(p->limits, &p->cgroup, p->pre_exec_rss_kb, &p->status);
    if (p->status.limit)
        kill_group(p);
}

/* If nsinit ends without a report it was killed, and everything in its namespaces with it. */
static bool poll_nsinit_exit(struct process *p) {
    struct nsinit_exit result = {.code = CLD_KILLED, .status = SIGKILL};
    siginfo_t info = {0};
    int r = nsinit_read_exit(p->exit_fd, &result);
    if (r == 0)
        return false;
    p->pid_released = r < 0;
    info.si_code = result.code;
    info.si_status = result.status;
    record_exit(p, &info, &result.usage);
    explain_exit(p);
    return true;
}

bool process_poll_exit(struct process *p) {
    siginfo_t info = {0};
    struct rusage usage = {0};
    if (p->has_ended || p->pid == 0)
        return p->has_ended;
    if (p->init_pid)
        return poll_nsinit_exit(p);
    if (peek_exit(p->pid, &info, &usage) < 0) {
        if (errno == ECHILD)
            p->has_ended = p->status_lost = true;
    } else if (info.si_pid != 0) {
        record_exit(p, &info, &usage);
        explain_exit(p);
    }
    return p->has_ended;
}

/* --- what it has used -------------------------------------------------------------------- */

#ifdef __linux__
/* The most memory that a process has held at a time, in KiB, itself alone; 0: unknown. */
static long peak_memory(pid_t pid) {
    char name[64], text[4096], *at;
    snprintf(name, sizeof name, "/proc/%ld/status", (long)pid);
    if (fd_read_file(name, text, sizeof text) == 0 || !(at = strstr(text, "\nVmHWM:")))
        return 0;
    return atol(at + sizeof "\nVmHWM:" - 1);
}
#else
static long peak_memory(pid_t pid) {
    (void)pid;
    return 0;
}
#endif

/* A child that has ended just now has no memory in /proc any more. */
void process_measure(struct process *p, struct dualpipe_status *s) {
    long peak_kb = p->pid != 0 && !p->has_ended ? peak_memory(p->pid) : 0;
    if (peak_kb > 0) {
        s->maxrss_kb = peak_kb;
        s->cpu_ms = (long)(cputime_of_process(p->pid) / 1000000);
    } else if (process_poll_exit(p)) {
        s->maxrss_kb = p->status.maxrss_kb;
        s->cpu_ms = p->status.cpu_ms;
    }
}

/* --- signals, limits and reaping --------------------------------------------------------- */

int process_signal(struct process *p, int signo) {
    bool running = !process_poll_exit(p);
    if (p->pid == 0 || p->status_lost || p->pid_released)
        return -ESRCH;
    if (kill(p->shares_group ? p->pid : -p->pid, signo) < 0)
        return -errno;
    if (running && signo != SIGCONT && signo != SIGSTOP && signo != 0)
        p->status.stopped = 1;
    return 0;
}

void process_note_survival(struct process *p) {
    if (!p->is_stopping && !p->status.limit && !process_poll_exit(p))
        p->status.stopped = 0;
}

int process_stop(struct process *p, int signo, int grace) {
    int r;
    if (p->has_terminal && signo != SIGKILL)
        process_signal(p, SIGHUP);
    r = process_signal(p, signo ? signo : SIGTERM);
    if (r == 0)
        process_signal(p, SIGCONT);
    if (!p->is_stopping && signo != SIGKILL)
        p->kill_deadline = clock_deadline(grace);
    p->is_stopping = true;
    return r;
}

void process_kill_if_due(struct process *p) {
    if (p->kill_deadline == CLOCK_NEVER || clock_remaining_ms(p->kill_deadline) > 0)
        return;
    p->kill_deadline = CLOCK_NEVER;
    process_signal(p, SIGKILL);
}

/* The limit on output counts even for a child that has ended, since it may have left too much in
 * the pipe. */
void process_limit_exceeded(struct process *p, enum dualpipe_limit limit, int grace) {
    bool ended = process_poll_exit(p),
         counts = limit == DUALPIPE_LIMIT_OUTPUT || !(ended || p->is_stopping);
    if (p->status.limit || !counts)
        return;
    p->status.limit = limit;
    if (ended)
        kill_group(p);
    else if (!p->is_stopping)
        process_stop(p, limit == DUALPIPE_LIMIT_CPU ? SIGXCPU : 0, grace);
}

void process_check_cputime(struct process *p, int grace) {
    if (p->cputime.limit_ns > 0 && !p->has_ended && cputime_check(&p->cputime, p->pid, p->init_pid))
        process_limit_exceeded(p, DUALPIPE_LIMIT_CPU, grace);
}

/* nsinit's exit is complete only when the kernel has killed everything in the namespace, and a
 * process may be stuck in a device: wait for a limited time. */
static void reap_nsinit(struct process *p) {
    int64_t deadline = clock_deadline(NSINIT_EXIT_TIMEOUT_MS);
    struct pollfd exit_poll = {.fd = -1, .events = POLLIN};
    fd_close(&p->exit_fd);
    kill(p->init_pid, SIGKILL);
#ifdef SYS_pidfd_open
    exit_poll.fd = (int)syscall(SYS_pidfd_open, p->init_pid, 0);
#endif
    while (poll(&exit_poll, 1, clock_remaining_ms(deadline)) < 0 && errno == EINTR)
        ;
    fd_close(&exit_poll.fd);
    waitpid(p->init_pid, NULL, WNOHANG);
    p->init_pid = 0;
}

/* After a stop, members of the group that ignored the signal are killed. The zombie still reserves
 * the group's number here. */
void process_reap(struct process *p) {
    if (p->is_stopping && p->has_ended)
        process_signal(p, SIGKILL);
    if (p->init_pid)
        reap_nsinit(p);
    else if (p->pid != 0 && p->has_ended && !p->status_lost)
        spawn_wait_exit(p->pid);
    p->pid = 0;
    fd_close(&p->exit_fd);
    cgroup_destroy(&p->cgroup);
}
