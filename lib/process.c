/* process.c: a child process: its start, its end, and how it is made to end. */
#include "process.h"
#include "child.h"
#include "clock.h"
#include "error.h"
#include "fd.h"
#include "bounds.h"
#include "terminal.h"
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#endif

extern char **environ;

static int check_runnable(const char *path) {
    struct stat st;
    if (stat(path, &st) < 0)
        return -errno;
    if (S_ISDIR(st.st_mode))
        return -EISDIR;
    return access(path, X_OK) < 0 ? -errno : 0;
}

/* As execvp(3) searches: the first that can be run; else the first reason but absence. */
static int search_path(const char *name, char *found, size_t size) {
    const char *path = getenv("PATH"), *next;
    int reason = -ENOENT, r;
    for (path = path ? path : "/bin:/usr/bin"; path; path = next ? next + 1 : NULL) {
        int length;
        next = strchr(path, ':');
        length = next ? (int)(next - path) : (int)strlen(path);
        if (snprintf(found, size, "%.*s%s%s", length, path, length ? "/" : "", name) >= (int)size)
            continue;
        if ((r = check_runnable(found)) == 0)
            return 0;
        if (r == -EACCES && reason == -ENOENT)
            reason = r;
    }
    return reason;
}

/* argv with sh and the path in front, for a script without #!. */
static char **shell_arguments(char *const *argv, const char *path) {
    size_t n = 0;
    char **by_shell;
    while (argv[n])
        n++;
    if (!(by_shell = malloc((n + 2) * sizeof *by_shell)))
        return NULL;
    by_shell[0] = (char *)(uintptr_t)"sh";
    by_shell[1] = (char *)(uintptr_t)path;
    memcpy(by_shell + 2, argv + 1, n * sizeof *argv);
    return by_shell;
}

#ifdef __linux__
/* As vfork(2), with a stack of the child's own: what it does to its locals is its affair. */
static pid_t start_sharing_memory(struct child_plan *plan) {
    _Alignas(64) char stack[32768];
    return clone(child_main, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, plan);
}
#endif

static pid_t start_process(struct child_plan *plan) {
    sigset_t all, before;
    pid_t pid;
    int error;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
#ifdef __linux__
    if (!plan->options->function)
        pid = start_sharing_memory(plan);
    else
#endif
        pid = fork();
    if (pid == 0)
        child_main(plan);
    error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pid < 0 ? -error : pid;
}

static int read_report(int fd, struct child_report *report) {
    ssize_t r;
    do
        r = read(fd, report, sizeof *report);
    while (r < 0 && errno == EINTR);
    return r == (ssize_t)sizeof *report;
}

static const char *const step_words[] = {
    [CHILD_STREAMS] = "connecting the child's streams",
    [CHILD_SESSION] = "making a session for the child",
    [CHILD_TERMINAL] = "giving the child its terminal",
    [CHILD_DESCRIPTORS] = "closing descriptors for the child",
    [CHILD_DIRECTORY] = "changing directory",
    [CHILD_SIGNALS] = "resetting the child's signals",
    [CHILD_PARENT] = "tying the child to its parent",
    [CHILD_GROUP] = "entering a cgroup with",
    [CHILD_LIMIT] = "forbidding core dumps to",
    [CHILD_LIMIT + DUALPIPE_CPU] = "limiting the processor time of",
    [CHILD_LIMIT + DUALPIPE_MEMORY] = "limiting the memory of",
    [CHILD_LIMIT + DUALPIPE_FILES] = "limiting the descriptors of",
    [CHILD_LIMIT + DUALPIPE_PROCESSES] = "limiting the processes of",
    [CHILD_LIMIT + DUALPIPE_FILESIZE] = "limiting the file size of",
    [CHILD_EXEC] = "running",
};

static const char *name_of(const struct dualpipe_options *o) {
    return o->argv ? o->argv[0] : NULL;
}

/* A name relative to a directory of the child's is exec's to look up. */
static bool is_found_here(const struct dualpipe_options *o, const char *name) {
    return *name == '/' || !o->directory;
}

static int explain(const struct child_plan *plan, const struct child_report *report,
                   struct dualpipe_failure *why) {
    const char *subject = name_of(plan->options);
    if (report->step == CHILD_DIRECTORY)
        subject = plan->options->directory;
    if (report->step != CHILD_EXEC)
        return failed(why, step_words[report->step], subject, NULL, -report->error);
    if (report->error == ENOENT && is_found_here(plan->options, plan->path) &&
        access(plan->path, F_OK) == 0)
        return failed(why, step_words[CHILD_EXEC], subject, "the interpreter it names is missing",
                      -ENOEXEC);
    return failed(why, step_words[CHILD_EXEC], subject, NULL, -report->error);
}

static void forget(struct process *p, pid_t pid) {
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    p->pid = 0;
}

static int limit_of_descriptors(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur > 1 << 20)
        return 1 << 20;
    return (int)limit.rlim_cur;
}

static int launch(struct process *p, struct child_plan *plan, struct dualpipe_failure *why) {
    struct child_report report;
    const char *subject = name_of(plan->options);
    int ends[2], r = fd_pipe(ends);
    pid_t pid;
    if (r < 0)
        return failed(why, "making a pipe for", subject, NULL, r);
    plan->report = ends[1];
    pid = start_process(plan);
    fd_close(&ends[1]);
    if (pid < 0)
        r = failed(why, "starting a process for", subject, NULL, pid);
    else if (read_report(ends[0], &report)) {
        r = explain(plan, &report, why);
        forget(p, pid);
    } else {
        p->pid = pid;
    }
    fd_close(&ends[0]);
    return r;
}

static int find_command(struct child_plan *plan, char *found, size_t size) {
    const char *name = plan->options->argv[0];
    int r = 0;
    if (*name == 0)
        return -ENOENT;
    plan->path = strchr(name, '/') ? name : found;
    if (plan->path != name)
        r = search_path(name, found, size);
    else if (is_found_here(plan->options, name))
        r = check_runnable(name);
    if (r < 0)
        return r;
    plan->by_shell = shell_arguments(plan->options->argv, plan->path);
    return plan->by_shell ? 0 : -ENOMEM;
}

static void watch_end(struct process *p) {
#ifdef SYS_pidfd_open
    p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
    if (p->pidfd >= 0 && fd_move_up(&p->pidfd) < 0)
        fd_close(&p->pidfd);
#endif
}

static int prepare_limits(struct process *p, struct child_plan *plan,
                          struct dualpipe_failure *why) {
    const struct dualpipe_options *o = plan->options;
    struct rusage ours;
    if (!bounds_are_set(o->limits))
        return 0;
    p->limits = plan->limits = o->limits;
    plan->group = &p->group;
    cgroup_open(&p->group, o->limits);
    if (getrusage(RUSAGE_SELF, &ours) == 0)
        p->seen_kb = ours.ru_maxrss;
    return bounds_check(o->limits, &p->group, name_of(o), why);
}

int process_start(struct process *p, const struct dualpipe_options *o,
                  const struct process_streams *streams, struct dualpipe_failure *why) {
    struct child_plan plan = {.options = o, .in = streams->in, .out = streams->out};
    char found[PATH_MAX];
    int r = 0;
    *p = (struct process){.pidfd = -1, .kill_at = CLOCK_NEVER,
                          .status = {.code = -1, .signal = -1}, .meter.look_at = CLOCK_NEVER};
    p->alone = o->flags & DUALPIPE_SAME_SESSION;
    p->hangs_up = terminal_controls(o);
    plan.err = streams->err;
    plan.env = o->env ? o->env : environ;
    plan.parent = getpid();
    plan.descriptors = limit_of_descriptors();
    if (o->function) {
        while (o->argv && o->argv[plan.argc])
            plan.argc++;
        fflush(NULL); /* or the copy would write it again */
    } else if ((r = find_command(&plan, found, sizeof found)) < 0) {
        return failed(why, r == -ENOENT ? "finding the command" : "running", o->argv[0], NULL, r);
    }
    if ((r = prepare_limits(p, &plan, why)) == 0)
        r = launch(p, &plan, why);
    free(plan.by_shell);
    cgroup_seal(&p->group);
    if (r < 0) {
        cgroup_close(&p->group);
        return r;
    }
    if (p->limits)
        meter_begin(&p->meter, p->limits->cpu_ms);
    watch_end(p);
    return 0;
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
    if (p->pid != 0 && !p->lost && !p->alone)
        kill(-p->pid, SIGKILL);
}

static void explain_end(struct process *p) {
    if (!p->limits)
        return;
    bounds_explain(p->limits, &p->group, p->seen_kb, &p->status);
    if (p->status.limit)
        kill_group(p);
}

bool process_check(struct process *p) {
    siginfo_t info = {0};
    struct rusage usage = {0};
    if (p->ended || p->pid == 0)
        return p->ended;
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
    if (p->pid == 0 || p->lost)
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
    if (p->meter.limit > 0 && !p->ended && meter_look(&p->meter, p->pid))
        process_exceed(p, DUALPIPE_CPU, grace);
}

/* A leader that was stopped may leave some of its group behind: they had its signal, and go. */
void process_reap(struct process *p) {
    if (p->stopping && p->ended)
        process_signal(p, SIGKILL);
    if (p->pid != 0 && p->ended && !p->lost)
        forget(p, p->pid);
    p->pid = 0;
    fd_close(&p->pidfd);
    cgroup_close(&p->group);
}
