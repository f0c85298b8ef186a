/* spawn.c: how a child is started: its command found, its process made, and what has failed there
 * told in words. */
#include "process/spawn.h"
#include "base/error.h"
#include "os/fd.h"
#include "process/nsinit.h"
#include "sandbox/sandbox_plan.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int check_executable(const char *path) {
    struct stat st;
    if (stat(path, &st) < 0)
        return -errno;
    if (S_ISDIR(st.st_mode))
        return -EISDIR;
    return access(path, X_OK) < 0 ? -errno : 0;
}

/* As execvp(3) searches: the first that can be run; else the first reason but absence. What a
 * sandbox hides is passed over. */
static int search_path(const struct sandbox *s, const char *name, char *found, size_t size) {
    const char *path = getenv("PATH"), *next;
    int reason = -ENOENT, r;
    for (path = path ? path : "/bin:/usr/bin"; path; path = next ? next + 1 : NULL) {
        int length;
        next = strchr(path, ':');
        length = next ? (int)(next - path) : (int)strlen(path);
        if (snprintf(found, size, "%.*s%s%s", length, path, length ? "/" : "", name) >= (int)size)
            continue;
        if ((r = check_executable(found)) == 0 && s && !sandbox_plan_shows(s, found))
            r = -EACCES;
        if (r == 0)
            return 0;
        if (r == -EACCES && reason == -ENOENT)
            reason = r;
    }
    return reason;
}

/* argv with sh and the path in front, for a script without #!. */
static char **make_shell_argv(char *const *argv, const char *path) {
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

static pid_t start_with_signals_blocked(struct exec_plan *plan) {
    sigset_t all, before;
    pid_t pid;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid = plan->sandbox && plan->sandbox->has_namespaces ? nsinit_start(plan) : exec_start(plan);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pid;
}

static int read_report(int fd, struct exec_report *report) {
    ssize_t r;
    do
        r = read(fd, report, sizeof *report);
    while (r < 0 && errno == EINTR);
    return r == (ssize_t)sizeof *report;
}

static const char *const step_texts[] = {
    [EXEC_STEP_STREAMS] = "connecting the child's streams",
    [EXEC_STEP_SESSION] = "making a session for the child",
    [EXEC_STEP_TERMINAL] = "giving the child its terminal",
    [EXEC_STEP_DESCRIPTORS] = "closing descriptors for the child",
    [EXEC_STEP_DIRECTORY] = "changing directory",
    [EXEC_STEP_SIGNALS] = "resetting the child's signals",
    [EXEC_STEP_DEATH_SIGNAL] = "tying the child to its parent",
    [EXEC_STEP_CGROUP] = "entering a cgroup with",
    [EXEC_STEP_LIMIT] = "forbidding core dumps to",
    [EXEC_STEP_LIMIT + DUALPIPE_LIMIT_CPU] = "limiting the processor time of",
    [EXEC_STEP_LIMIT + DUALPIPE_LIMIT_MEMORY] = "limiting the memory of",
    [EXEC_STEP_LIMIT + DUALPIPE_LIMIT_FILES] = "limiting the descriptors of",
    [EXEC_STEP_LIMIT + DUALPIPE_LIMIT_PROCESSES] = "limiting the processes of",
    [EXEC_STEP_LIMIT + DUALPIPE_LIMIT_FILESIZE] = "limiting the file size of",
    [EXEC_STEP_EXEC] = "running",
    [EXEC_STEP_FORK] = "starting a process for",
};

static const char *command_name(const struct dualpipe_options *o) {
    return o->argv ? o->argv[0] : NULL;
}

/* A name relative to a directory of the child's is exec's to look up. */
static bool is_resolved_here(const struct dualpipe_options *o, const char *name) {
    return *name == '/' || !o->directory;
}

static int explain_report(const struct exec_plan *plan, const struct exec_report *report,
                          struct dualpipe_error *why) {
    const char *subject = command_name(plan->options);
    if (report->step == EXEC_STEP_SANDBOX)
        return sandbox_plan_explain(plan->sandbox, &report->fault, report->error, why);
    if (report->step == EXEC_STEP_DIRECTORY)
        subject = plan->options->directory;
    if (report->step != EXEC_STEP_EXEC)
        return error_set(why, step_texts[report->step], subject, NULL, -report->error);
    if (plan->sandbox && (report->error == ENOENT || report->error == EACCES))
        return error_set(why, step_texts[EXEC_STEP_EXEC], subject,
                         "it, or the interpreter that it names, "
                         "can't be seen in the sandbox",
                         -report->error);
    if (report->error == ENOENT && is_resolved_here(plan->options, plan->path) &&
        access(plan->path, F_OK) == 0)
        return error_set(why, step_texts[EXEC_STEP_EXEC], subject,
                         "the interpreter it names is missing", -ENOEXEC);
    return error_set(why, step_texts[EXEC_STEP_EXEC], subject, NULL, -report->error);
}

void spawn_wait_exit(pid_t pid) {
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

int spawn_find_command(struct exec_plan *plan, char *found, size_t size) {
    const char *name = plan->options->argv[0];
    int r = 0;
    if (*name == 0)
        return -ENOENT;
    if (plan->sandbox && plan->sandbox->command_path)
        name = plan->sandbox->command_path;
    plan->path = strchr(name, '/') ? name : found;
    if (plan->path != name)
        r = search_path(plan->sandbox, name, found, size);
    else if (is_resolved_here(plan->options, name))
        r = check_executable(name);
    if (r < 0)
        return r;
    plan->shell_argv = make_shell_argv(plan->options->argv, plan->path);
    return plan->shell_argv ? 0 : -ENOMEM;
}

static int await_exec(struct exec_plan *plan, const int ends[2], struct spawn_result *l,
                      struct dualpipe_error *why) {
    struct exec_report report;
    if (!read_report(ends[0], &report))
        return 0;
    spawn_wait_exit(l->pid);
    return explain_report(plan, &report, why);
}

/* The keeper of one that fails ends when our end is closed. */
static int await_nsinit(struct exec_plan *plan, int ends[2], struct spawn_result *l,
                        struct dualpipe_error *why) {
    const struct sandbox_fault fault = {.layer = LAYER_IDENTITY};
    struct exec_report report = {.step = EXEC_STEP_READY};
    pid_t writer;
    int r = 0;
    l->init_pid = l->pid;
    if (nsinit_release(l->init_pid, plan->sandbox, ends[0]) < 0)
        r = sandbox_plan_explain(plan->sandbox, &fault, errno, why);
    while (r == 0 && report.step == EXEC_STEP_READY) {
        if (!nsinit_read_report(ends[0], &report, &writer) ||
            (report.step == EXEC_STEP_STARTED && l->pid == l->init_pid))
            r = error_set(why, "starting a process for", command_name(plan->options),
                          "it was killed", -ECHILD);
        else if (report.step == EXEC_STEP_READY)
            l->pid = writer;
        else if (report.step != EXEC_STEP_STARTED)
            r = explain_report(plan, &report, why);
    }
    if (r == 0) {
        l->exit_fd = ends[0];
        return 0;
    }
    fd_close(&ends[0]);
    kill(l->init_pid, SIGKILL);
    spawn_wait_exit(l->init_pid);
    return r;
}

/* Of two sockets the one says who wrote. */
static int make_report_channel(bool kept, int ends[2]) {
    int r, on = 1;
    if (!kept)
        return fd_pipe(ends);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return -errno;
    if ((r = fd_move_above_stdio(&ends[0])) == 0)
        r = fd_move_above_stdio(&ends[1]);
#ifdef SO_PASSCRED
    if (r == 0 && setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0)
        r = -errno;
#endif
    if (r < 0) {
        fd_close(&ends[0]);
        fd_close(&ends[1]);
    }
    return r;
}

static int explain_fork_failure(const struct exec_plan *plan, bool kept, int error,
                                struct dualpipe_error *why) {
    const struct sandbox_fault fault = {.layer = LAYER_NAMESPACES};
    if (kept && error != ENOMEM && error != EAGAIN)
        return sandbox_plan_explain(plan->sandbox, &fault, error, why);
    return error_set(why, "starting a process for", command_name(plan->options), NULL, -error);
}

int spawn_child(struct exec_plan *plan, struct spawn_result *l, struct dualpipe_error *why) {
    bool kept = plan->sandbox && plan->sandbox->has_namespaces;
    int ends[2], r = make_report_channel(kept, ends);
    *l = (struct spawn_result){.exit_fd = -1};
    if (r < 0)
        return error_set(why, "making a pipe for", command_name(plan->options), NULL, r);
    plan->report_fd = ends[1];
    plan->parent_report_fd = ends[0];
    l->pid = start_with_signals_blocked(plan);
    fd_close(&ends[1]);
    if (l->pid < 0)
        r = explain_fork_failure(plan, kept, -l->pid, why);
    else
        r = kept ? await_nsinit(plan, ends, l, why) : await_exec(plan, ends, l, why);
    if (l->exit_fd < 0)
        fd_close(&ends[0]);
    return r;
}
