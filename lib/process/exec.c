/* exec.c: everything that a child does between fork and exec.
 *
 * exec_start() creates the process; child_main() then connects the streams, closes descriptors,
 * resets signals, sets limits, enters the sandbox, and finally runs the command or calls the
 * function. Only async-signal-safe calls are allowed: a command's process shares our memory until
 * exec (as with vfork), and in any case another thread of the host may have held a lock at the
 * fork. For the same reason everything that the child needs is prepared in struct exec_plan
 * beforehand.
 *
 * When a step fails the child writes one struct exec_report with the step and errno to report_fd,
 * and exits with 127; spawn.c makes an error message of it. Success shows itself without a report:
 * report_fd is close-on-exec (a function closes it), so the parent reads end of file. With nsinit
 * the child runs in a PID namespace; there it also sends EXEC_STEP_READY, from which the parent
 * learns its PID.
 *
 * The order in child_main() matters. The cgroup comes first so that all else is counted in it;
 * signals are reset before the mask is lifted; limits come after the last step that opens a
 * descriptor; and the sandbox comes last, since nothing can lift its restrictions again. */
#include "process/exec.h"
#include "os/pty.h"
#include "sandbox/rlimits.h"
#include "sandbox/sandbox_enter.h"
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
#define HAS_FEATURE(what) __has_feature(what)
#else
#define HAS_FEATURE(what) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || HAS_FEATURE(address_sanitizer)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_UNPOISON_MEMORY_REGION(place, size) ((void)(place), (void)(size))
#endif

extern char **environ;

/* One write; a struct exec_report fits into a pipe's atomic size. */
static void send_report(const struct exec_plan *plan, const struct exec_report *report) {
    ssize_t r;
    do
        r = write(plan->report_fd, report, sizeof *report);
    while (r < 0 && errno == EINTR);
}

static _Noreturn void fail_step(const struct exec_plan *plan, enum exec_step step) {
    struct exec_report report = {.step = (int)step, .error = errno};
    send_report(plan, &report);
    _exit(127);
}

_Noreturn void exec_fail_sandbox(const struct exec_plan *plan, const struct sandbox_fault *fault) {
    struct exec_report report = {.step = EXEC_STEP_SANDBOX, .error = errno, .fault = *fault};
    send_report(plan, &report);
    _exit(127);
}

/* stderr comes first, since its descriptor may be the host's own 0 or 1. stdin_fd and stdout_fd are
 * never below 3, so that dup2(2) always makes a copy, without the close-on-exec flag. */
static int connect_streams(const struct exec_plan *plan) {
    if (plan->stderr_fd >= 0 && plan->stderr_fd != 2 && dup2(plan->stderr_fd, 2) < 0)
        return -1;
    if (dup2(plan->stdin_fd, 0) < 0 || dup2(plan->stdout_fd, 1) < 0)
        return -1;
    return plan->options->err == DUALPIPE_STDERR_STDOUT && dup2(1, 2) < 0 ? -1 : 0;
}

static int close_fd_range(const struct exec_plan *plan, int first, unsigned last) {
    bool only_marks =
        /* For a command it is enough to mark descriptors; exec closes them. A sandbox closes them
         * now, since it may need descriptors of its own below the limit on their number. */
        !plan->options->function && !plan->sandbox;
#ifdef SYS_close_range
    enum { CLOEXEC = 4 }; /* CLOSE_RANGE_CLOEXEC, Linux 5.11 */
    if ((unsigned)first > last ||
        syscall(SYS_close_range, first, last, only_marks ? CLOEXEC : 0) == 0)
        return 0;
    if (plan->sandbox && !(plan->sandbox->skipped_layers & 1U << LAYER_DESCRIPTORS))
        return -1; /* descriptors above the current limit could stay open unnoticed */
#endif
    for (int fd = first; fd < plan->max_fds && (unsigned)fd <= last; fd++)
        if (fd != plan->report_fd)
            only_marks ? fcntl(fd, F_SETFD, FD_CLOEXEC) : close(fd);
    return 0;
}

/* For a function: closes the descriptors marked close-on-exec, as exec does for a command.
 * opendir(3) allocates memory, which the function may do as well. */
static int close_cloexec_fds(const struct exec_plan *plan) {
    struct dirent *entry;
    int error;
    DIR *directory = opendir("/proc/self/fd");
    if (!directory)
        return -1;
    while (errno = 0, (entry = readdir(directory))) {
        int fd = atoi(entry->d_name);
        if (fd > 2 && fd != dirfd(directory) && fd != plan->report_fd &&
            fcntl(fd, F_GETFD) & FD_CLOEXEC)
            close(fd);
    }
    error = errno;
    closedir(directory);
    errno = error;
    return error ? -1 : 0;
}

static int close_inherited_fds(const struct exec_plan *plan) {
    if (plan->options->flags & DUALPIPE_START_KEEP_FDS)
        return plan->options->function ? close_cloexec_fds(plan) : 0;
    if (!plan->options->function && !plan->sandbox)
        return close_fd_range(plan, 3, ~0U);
    return close_fd_range(plan, 3, (unsigned)plan->report_fd - 1) |
           close_fd_range(plan, plan->report_fd + 1, ~0U);
}

/* Ignored signals stay ignored, as with any exec, except SIGPIPE where only the host ignores it for
 * its own sake, and the one that is to reach the child: shells can't catch a signal that was
 * ignored when they were started. */
static int needs_signal_reset(const struct exec_plan *plan, int signo,
                              const struct sigaction *action) {
    unsigned flags = plan->options->flags;
    if (action->sa_handler == SIG_DFL)
        return 0;
    if (action->sa_handler != SIG_IGN)
        return 1;
    if (signo == plan->options->default_signal)
        return 1;
    return signo == SIGPIPE && flags & DUALPIPE_START_SIGPIPE_IGNORED &&
           !(flags & DUALPIPE_START_SIGPIPE_KEPT);
}

/* The host's handlers must not run in the child, which may share the host's memory: set them to the
 * default before the mask is lifted. */
static int reset_signals(const struct exec_plan *plan) {
    struct sigaction action, default_action = {.sa_handler = SIG_DFL};
    sigset_t none;
    for (int signo = 1; signo <= SIGRTMAX; signo++)
        if (sigaction(signo, NULL, &action) == 0 && needs_signal_reset(plan, signo, &action))
            sigaction(signo, &default_action, NULL);
    sigemptyset(&none);
    return sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The parent may have died before prctl(2) took effect: compare its PID afterwards. */
static int set_parent_death_signal(const struct exec_plan *plan) {
#ifdef __linux__
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        return -1;
    if (getppid() != plan->parent_pid)
        _exit(127);
#else
    (void)plan;
#endif
    return 0;
}

/* A script without "#!" gets a shell, as execvp(3) would give it. */
static void exec_command(const struct exec_plan *plan) {
    execve(plan->path, plan->options->argv, plan->env);
    if (errno == ENOEXEC)
        execve("/bin/sh", plan->shell_argv, plan->env);
}

static _Noreturn void run_function(const struct exec_plan *plan) {
    int status;
    close(plan->report_fd);
    if (plan->options->env || plan->sandbox)
        environ = (char **)(uintptr_t)plan->env;
    __fpurge(stdin); /* input that the host has read ahead isn't the function's */
    clearerr_unlocked(stdin);
    status = plan->options->function(plan->argc, (char **)(uintptr_t)plan->options->argv,
                                     plan->options->data);
    fflush(NULL);
    _exit(status & 255);
}

/* Enters the sandbox; the last step, since its restrictions can't be lifted again. READY tells the
 * parent the child's PID, which the kernel attaches to the message. */
static void enter_sandbox(const struct exec_plan *plan) {
    const struct exec_report ready = {.step = EXEC_STEP_READY};
    struct sandbox_fault fault = {0};
    if (sandbox_enter_restrictions(plan->sandbox, &fault) < 0)
        exec_fail_sandbox(plan, &fault);
    if (plan->sandbox->has_namespaces)
        send_report(plan, &ready);
    if (plan->sandbox->is_trial)
        _exit(0);
}

static void close_inherited_or_fail(const struct exec_plan *plan) {
    const struct sandbox_fault fault = {.layer = LAYER_DESCRIPTORS};
    if (close_inherited_fds(plan) == 0)
        return;
    if (plan->sandbox)
        exec_fail_sandbox(plan, &fault);
    fail_step(plan, EXEC_STEP_DESCRIPTORS);
}

static void apply_limits_or_fail(const struct exec_plan *plan) {
    enum dualpipe_limit which;
    long files = plan->options->open_files;
    struct rlimit r;
    if (files > 0 && RLIMITS_LOWER(RLIMIT_NOFILE, &r, (uint64_t)files, UINT64_MAX) < 0)
        fail_step(plan, EXEC_STEP_LIMIT + DUALPIPE_LIMIT_FILES);
    if (plan->limits && rlimits_apply(plan->limits, plan->cgroup, &which) < 0)
        fail_step(plan, EXEC_STEP_LIMIT + (enum exec_step)which);
}

/* Sets up and runs the command or function; never returns. The int is there for clone(2). */
static int child_main(void *data) {
    const struct exec_plan *plan = data;
    const struct dualpipe_options *o = plan->options;
    bool has_nsinit =
        /* nsinit asks for the death signal itself, and takes the child with it. */
        plan->sandbox && plan->sandbox->has_namespaces;
    if (plan->limits && cgroup_enter(plan->cgroup) < 0)
        fail_step(plan, EXEC_STEP_CGROUP);
    if (connect_streams(plan) < 0)
        fail_step(plan, EXEC_STEP_STREAMS);
    if (!(o->flags & DUALPIPE_START_SAME_SESSION) && setsid() < 0)
        fail_step(plan, EXEC_STEP_SESSION);
    if (pty_is_controlling(o) && ioctl(0, TIOCSCTTY, 0) < 0)
        fail_step(plan, EXEC_STEP_TERMINAL);
    close_inherited_or_fail(plan);
    if (o->directory && chdir(o->directory) < 0)
        fail_step(plan, EXEC_STEP_DIRECTORY);
    if (reset_signals(plan) < 0)
        fail_step(plan, EXEC_STEP_SIGNALS);
    if (!has_nsinit && o->flags & DUALPIPE_START_DIE_WITH_THREAD &&
        set_parent_death_signal(plan) < 0)
        fail_step(plan, EXEC_STEP_DEATH_SIGNAL);
    apply_limits_or_fail(plan);
    if (plan->sandbox)
        enter_sandbox(plan);
    if (o->function)
        run_function(plan);
    exec_command(plan);
    fail_step(plan, EXEC_STEP_EXEC);
}

#ifdef __linux__
/* Starts the child as vfork(2) does, but on a stack of its own, so that nothing it does to its
 * local variables reaches ours. It never returns from its calls, so tell ASan to forget their red
 * zones. */
static pid_t clone_sharing_memory(struct exec_plan *plan) {
    _Alignas(64) char stack[32768];
    pid_t pid = clone(child_main, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, plan);
    ASAN_UNPOISON_MEMORY_REGION(stack, sizeof stack);
    return pid;
}
#endif

pid_t exec_start(struct exec_plan *plan) {
    pid_t pid;
#ifdef __linux__
    if (!plan->options->function)
        pid = clone_sharing_memory(plan);
    else
#endif
        pid = fork();
    if (pid == 0)
        child_main(plan);
    return pid < 0 ? -errno : pid;
}
