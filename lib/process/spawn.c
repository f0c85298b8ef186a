/* spawn.c: starts a child's process, and explains what went wrong.
 *
 * spawn_child() starts the child by exec_start(), or by nsinit_start() if the sandbox has
 * namespaces, and waits until exec has succeeded or a step failed. The command was found before
 * (find_command.c).
 *
 * The result comes over a channel that the child inherits. Usually it is a close-on-exec pipe: end
 * of file means that exec has closed it, so the command runs; a struct exec_report means a failure.
 * With nsinit it is a pair of sockets that stays open for as long as the child lives (see
 * nsinit.c).
 *
 * The child reports only a step and errno; the words are made here, from step_texts[], since a
 * child between fork and exec can't format a message. */
#include "process/spawn.h"
#include "base/error.h"
#include "os/fd.h"
#include "process/find_command.h"
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

/* --- explaining a failure ---------------------------------------------------------------- */

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

static int explain_report(const struct exec_plan *plan, const struct exec_report *report,
                          struct dualpipe_error *why) {
    const char *object = command_name(plan->options);
    if (report->step == EXEC_STEP_SANDBOX)
        return sandbox_plan_explain(plan->sandbox, &report->fault, report->error, why);
    if (report->step == EXEC_STEP_DIRECTORY)
        object = plan->options->directory;
    if (report->step != EXEC_STEP_EXEC)
        return error_set(why, step_texts[report->step], object, NULL, -report->error);
    if (plan->sandbox && (report->error == ENOENT || report->error == EACCES))
        return error_set(why, step_texts[EXEC_STEP_EXEC], object,
                         "it, or the interpreter that it names, "
                         "can't be seen in the sandbox",
                         -report->error);
    if (report->error == ENOENT && find_command_is_here(plan->options, plan->path) &&
        access(plan->path, F_OK) == 0)
        return error_set(why, step_texts[EXEC_STEP_EXEC], object,
                         "the interpreter it names is missing", -ENOEXEC);
    return error_set(why, step_texts[EXEC_STEP_EXEC], object, NULL, -report->error);
}

static int explain_fork_failure(const struct exec_plan *plan, bool has_nsinit, int error,
                                struct dualpipe_error *why) {
    const struct sandbox_fault fault = {.layer = LAYER_NAMESPACES};
    if (has_nsinit && error != ENOMEM && error != EAGAIN)
        return sandbox_plan_explain(plan->sandbox, &fault, error, why);
    return error_set(why, "starting a process for", command_name(plan->options), NULL, -error);
}

/* --- starting ---------------------------------------------------------------------------- */

/* With nsinit a socket is needed, on which the kernel tells who sent a message. */
static int make_report_channel(bool has_nsinit, int channel[2]) {
    int r, on = 1;
    if (!has_nsinit)
        return fd_pipe(channel);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) < 0)
        return -errno;
    if ((r = fd_move_above_stdio(&channel[0])) == 0)
        r = fd_move_above_stdio(&channel[1]);
#ifdef SO_PASSCRED
    if (r == 0 && setsockopt(channel[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0)
        r = -errno;
#endif
    if (r < 0) {
        fd_close(&channel[0]);
        fd_close(&channel[1]);
    }
    return r;
}

/* No handler of the host may run in the child before it has reset them. */
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

void spawn_wait_exit(pid_t pid) {
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

/* Waits for end of file, which means that the child runs, or for a report of what failed. */
static int await_exec(struct exec_plan *plan, const int channel[2], struct spawn_result *result,
                      struct dualpipe_error *why) {
    struct exec_report report;
    if (!read_report(channel[0], &report))
        return 0;
    spawn_wait_exit(result->pid);
    return explain_report(plan, &report, why);
}

/* Waits until the child runs. After a failure nsinit ends by itself, when our end of the channel is
 * closed. */
static int await_nsinit(struct exec_plan *plan, int channel[2], struct spawn_result *result,
                        struct dualpipe_error *why) {
    const struct sandbox_fault fault = {.layer = LAYER_IDENTITY};
    struct exec_report report = {.step = EXEC_STEP_READY};
    pid_t sender;
    int r = 0;
    result->init_pid = result->pid;
    if (nsinit_release(result->init_pid, plan->sandbox, channel[0]) < 0)
        r = sandbox_plan_explain(plan->sandbox, &fault, errno, why);
    while (r == 0 && report.step == EXEC_STEP_READY) {
        if (!nsinit_read_report(channel[0], &report, &sender) ||
            (report.step == EXEC_STEP_STARTED && result->pid == result->init_pid))
            r = error_set(why, "starting a process for", command_name(plan->options),
                          "it was killed", -ECHILD);
        else if (report.step == EXEC_STEP_READY)
            result->pid = sender;
        else if (report.step != EXEC_STEP_STARTED)
            r = explain_report(plan, &report, why);
    }
    if (r == 0) {
        result->exit_fd = channel[0];
        return 0;
    }
    fd_close(&channel[0]);
    kill(result->init_pid, SIGKILL);
    spawn_wait_exit(result->init_pid);
    return r;
}

int spawn_child(struct exec_plan *plan, struct spawn_result *result, struct dualpipe_error *why) {
    bool has_nsinit = plan->sandbox && plan->sandbox->has_namespaces;
    int channel[2], r = make_report_channel(has_nsinit, channel);
    *result = (struct spawn_result){.exit_fd = -1};
    if (r < 0)
        return error_set(why, "making a pipe for", command_name(plan->options), NULL, r);
    plan->report_fd = channel[1];
    plan->parent_report_fd = channel[0];
    result->pid = start_with_signals_blocked(plan);
    fd_close(&channel[1]);
    if (result->pid < 0)
        r = explain_fork_failure(plan, has_nsinit, -result->pid, why);
    else
        r = has_nsinit ? await_nsinit(plan, channel, result, why)
                       : await_exec(plan, channel, result, why);
    if (result->exit_fd < 0)
        fd_close(&channel[0]);
    return r;
}
