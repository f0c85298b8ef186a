/* exec.h: what a child does between fork and exec.
 *
 * spawn.c fills a struct exec_plan and calls exec_start() with all signals blocked, directly or (in
 * a sandbox with namespaces) from within nsinit. The child sends a struct exec_report if a step
 * fails. */
#ifndef EXEC_H
#define EXEC_H
#include "dualpipe.h"
#include "sandbox/sandbox.h"
#include <stdbool.h>
#include <sys/types.h>

/* The steps that can fail, in the order in which the child takes them, except CGROUP, which comes
 * first, and the last three, which occur only with nsinit. */
enum exec_step {
    EXEC_STEP_STREAMS,
    EXEC_STEP_SESSION,
    EXEC_STEP_TERMINAL,
    EXEC_STEP_DESCRIPTORS,
    EXEC_STEP_DIRECTORY,
    EXEC_STEP_SIGNALS,
    EXEC_STEP_DEATH_SIGNAL,
    EXEC_STEP_CGROUP,
    /* Forbidding core dumps; then one step for each of enum dualpipe_limit follows. */
    EXEC_STEP_LIMIT,
    EXEC_STEP_SANDBOX = EXEC_STEP_LIMIT + DUALPIPE_LIMIT_OUTPUT + 1,
    EXEC_STEP_EXEC,
    EXEC_STEP_FORK,    /* nsinit could not start the child */
    EXEC_STEP_READY,   /* not a failure: the sender is the child, about to run */
    EXEC_STEP_STARTED, /* not a failure: sent by nsinit once the child runs */
};

/* A message of the child (or nsinit) to the parent, written in one piece. error is an errno
 * value. */
struct exec_report {
    int step, error;
    struct sandbox_fault fault; /* for EXEC_STEP_SANDBOX: which layer */
};

/* Everything that the child needs, prepared before the fork. The plan only borrows what it points
 * to, except shell_argv. */
struct exec_plan {
    const struct dualpipe_options *options;
    const struct dualpipe_limits *limits; /* NULL: no limit is set */
    const struct cgroup *cgroup;          /* for the child to enter; NULL without limits */
    struct sandbox *sandbox;              /* NULL: no sandbox */
    const char *path;                     /* the file of the command, as found in PATH */
    char *const *env;
    char **shell_argv; /* for a script without "#!": sh, path, arguments */
    /* To become 0, 1 and 2. A negative stderr_fd leaves 2 as it is, or makes it follow stdout, by
     * options. */
    int stdin_fd, stdout_fd, stderr_fd;
    int report_fd;        /* a close-on-exec pipe; with nsinit one of two sockets */
    int parent_report_fd; /* the other socket; nsinit closes its copy */
    bool is_trial;        /* only tries out the sandbox; runs nothing */
    int max_fds;          /* limit on descriptors, for closing them one by one */
    int argc;
    pid_t parent_pid;
};

/* Starts the child; call it with all signals blocked. Returns the PID or a negative errno. */
pid_t exec_start(struct exec_plan *plan);
/* Reports the sandbox's layer that failed, with errno, and exits. For nsinit and the child. */
_Noreturn void exec_fail_sandbox(const struct exec_plan *plan, const struct sandbox_fault *fault);
#endif
