/* exec.c: what runs between fork and exec. Only async-signal-safe calls: the memory may be
 * the parent's (vfork), and another thread of it may hold any lock. */
#include "process/exec.h"
#include "sandbox/rlimits.h"
#include "os/pty.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#include <sys/prctl.h>
#endif

#ifdef __has_feature
#define HAS(what) __has_feature(what)
#else
#define HAS(what) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || HAS(address_sanitizer)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_UNPOISON_MEMORY_REGION(place, size) ((void)(place), (void)(size))
#endif

extern char **environ;

static void tell(const struct child_plan *plan, const struct child_report *report) {
    ssize_t r;
    do
        r = write(plan->report, report, sizeof *report);
    while (r < 0 && errno == EINTR);
}

static _Noreturn void give_up(const struct child_plan *plan, enum child_step step) {
    struct child_report report = {.step = (int)step, .error = errno};
    tell(plan, &report);
    _exit(127);
}

_Noreturn void child_refuse(const struct child_plan *plan, const struct sandbox_fault *fault) {
    struct child_report report = {.step = CHILD_SANDBOX, .error = errno, .fault = *fault};
    tell(plan, &report);
    _exit(127);
}

/* stderr first: it may be the caller's 0 or 1. None of ours is below 3, so that dup2 always
 * makes a copy, which no flag closes on exec. */
static int connect_streams(const struct child_plan *plan) {
    if (plan->err >= 0 && plan->err != 2 && dup2(plan->err, 2) < 0)
        return -1;
    if (dup2(plan->in, 0) < 0 || dup2(plan->out, 1) < 0)
        return -1;
    return plan->options->err == DUALPIPE_STDOUT && dup2(1, 2) < 0 ? -1 : 0;
}

static int close_between(const struct child_plan *plan, int first, unsigned last) {
    bool marks = !plan->options->function && !plan->sandbox; /* room below a limit may be needed */
#ifdef SYS_close_range
    enum { CLOEXEC = 4 }; /* CLOSE_RANGE_CLOEXEC, Linux 5.11 */
    if ((unsigned)first > last || syscall(SYS_close_range, first, last, marks ? CLOEXEC : 0) == 0)
        return 0;
    if (plan->sandbox && !(plan->sandbox->without & 1U << LAYER_DESCRIPTORS))
        return -1; /* what is beyond the limit by now would stay open */
#endif
    for (int fd = first; fd < plan->descriptors && (unsigned)fd <= last; fd++)
        if (fd != plan->report)
            marks ? fcntl(fd, F_SETFD, FD_CLOEXEC) : close(fd);
    return 0;
}

/* What exec does for a command: those marked close-on-exec go. */
static int close_marked(const struct child_plan *plan) {
    struct dirent *entry;
    int failed;
    DIR *all = opendir("/proc/self/fd");
    if (!all)
        return -1;
    while (errno = 0, (entry = readdir(all))) {
        int fd = atoi(entry->d_name);
        if (fd > 2 && fd != dirfd(all) && fd != plan->report && fcntl(fd, F_GETFD) & FD_CLOEXEC)
            close(fd);
    }
    failed = errno;
    closedir(all);
    errno = failed;
    return failed ? -1 : 0;
}

static int close_others(const struct child_plan *plan) {
    if (plan->options->flags & DUALPIPE_KEEP_FDS)
        return plan->options->function ? close_marked(plan) : 0;
    if (!plan->options->function && !plan->sandbox)
        return close_between(plan, 3, ~0U);
    return close_between(plan, 3, (unsigned)plan->report - 1) |
           close_between(plan, plan->report + 1, ~0U);
}

static int is_ours_to_reset(const struct child_plan *plan, int signo, const struct sigaction *now) {
    unsigned flags = plan->options->flags;
    if (now->sa_handler == SIG_DFL)
        return 0;
    if (now->sa_handler != SIG_IGN)
        return 1;
    return signo == SIGPIPE && flags & DUALPIPE_SIGPIPE_IGNORED && !(flags & DUALPIPE_SIGPIPE_KEPT);
}

/* The host's handlers must not run here, where its memory may be shared: back to the default
 * before the mask is lifted. */
static int reset_signals(const struct child_plan *plan) {
    struct sigaction now, plain = {.sa_handler = SIG_DFL};
    sigset_t none;
    for (int signo = 1; signo <= SIGRTMAX; signo++)
        if (sigaction(signo, NULL, &now) == 0 && is_ours_to_reset(plan, signo, &now))
            sigaction(signo, &plain, NULL);
    sigemptyset(&none);
    return sigprocmask(SIG_SETMASK, &none, NULL);
}

static int die_with_parent(const struct child_plan *plan) {
#ifdef __linux__
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        return -1;
    if (getppid() != plan->parent)
        _exit(127);
#else
    (void)plan;
#endif
    return 0;
}

static void run_command(const struct child_plan *plan) {
    execve(plan->path, plan->options->argv, plan->env);
    if (errno == ENOEXEC)
        execve("/bin/sh", plan->by_shell, plan->env);
}

static _Noreturn void run_function(const struct child_plan *plan) {
    int status;
    close(plan->report);
    if (plan->options->env || plan->sandbox)
        environ = (char **)(uintptr_t)plan->env;
    __fpurge(stdin); /* what the host has read ahead is not the function's */
    clearerr_unlocked(stdin);
    status = plan->options->function(plan->argc, (char **)(uintptr_t)plan->options->argv,
                                     plan->options->data);
    fflush(NULL);
    _exit(status & 255);
}

/* Nothing that was said in the sandbox could be taken back: it comes last. */
static void shut_in(const struct child_plan *plan) {
    const struct child_report present = {.step = CHILD_PRESENT};
    struct sandbox_fault fault = {0};
    if (sandbox_restrict(plan->sandbox, &fault) < 0)
        child_refuse(plan, &fault);
    if (plan->sandbox->namespaces)
        tell(plan, &present);
    if (plan->sandbox->trial)
        _exit(0);
}

static void close_or_refuse(const struct child_plan *plan) {
    const struct sandbox_fault fault = {.layer = LAYER_DESCRIPTORS};
    if (close_others(plan) == 0)
        return;
    if (plan->sandbox)
        child_refuse(plan, &fault);
    give_up(plan, CHILD_DESCRIPTORS);
}

static void set_limits(const struct child_plan *plan) {
    enum dualpipe_limit which;
    if (plan->limits && bounds_set(plan->limits, plan->group, &which) < 0)
        give_up(plan, CHILD_LIMIT + (enum child_step)which);
}

/* Sets up and runs the command or function; never returns. The int is for clone(2). */
static int child_main(void *data) {
    const struct child_plan *plan = data;
    const struct dualpipe_options *o = plan->options;
    bool kept = plan->sandbox && plan->sandbox->namespaces; /* by who dies with our host */
    if (plan->limits && cgroup_enter(plan->group) < 0)
        give_up(plan, CHILD_GROUP);
    if (connect_streams(plan) < 0)
        give_up(plan, CHILD_STREAMS);
    if (!(o->flags & DUALPIPE_SAME_SESSION) && setsid() < 0)
        give_up(plan, CHILD_SESSION);
    if (terminal_controls(o) && ioctl(0, TIOCSCTTY, 0) < 0)
        give_up(plan, CHILD_TERMINAL);
    close_or_refuse(plan);
    if (o->directory && chdir(o->directory) < 0)
        give_up(plan, CHILD_DIRECTORY);
    if (reset_signals(plan) < 0)
        give_up(plan, CHILD_SIGNALS);
    if (!kept && o->flags & DUALPIPE_DIE_WITH_THREAD && die_with_parent(plan) < 0)
        give_up(plan, CHILD_PARENT);
    set_limits(plan);
    if (plan->sandbox)
        shut_in(plan);
    if (o->function)
        run_function(plan);
    run_command(plan);
    give_up(plan, CHILD_EXEC);
}

#ifdef __linux__
/* As vfork(2), with a stack of the child's own: what it does to its locals is its affair, and what
 * ASan has marked there of calls that never returned is forgotten. */
static pid_t start_sharing_memory(struct child_plan *plan) {
    _Alignas(64) char stack[32768];
    pid_t pid = clone(child_main, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, plan);
    ASAN_UNPOISON_MEMORY_REGION(stack, sizeof stack);
    return pid;
}
#endif

pid_t child_start(struct child_plan *plan) {
    pid_t pid;
#ifdef __linux__
    if (!plan->options->function)
        pid = start_sharing_memory(plan);
    else
#endif
        pid = fork();
    if (pid == 0)
        child_main(plan);
    return pid < 0 ? -errno : pid;
}
