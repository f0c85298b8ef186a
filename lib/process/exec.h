/* exec.h: what runs between fork and exec. Only async-signal-safe calls: the memory may be
 * the parent's (vfork), and another thread of it may hold any lock. */
#ifndef EXEC_H
#define EXEC_H
#include "dualpipe.h"
#include "sandbox/sandbox.h"
#include <stdbool.h>
#include <sys/types.h>

enum exec_step {
    EXEC_STEP_STREAMS,
    EXEC_STEP_SESSION,
    EXEC_STEP_TERMINAL,
    EXEC_STEP_DESCRIPTORS,
    EXEC_STEP_DIRECTORY,
    EXEC_STEP_SIGNALS,
    EXEC_STEP_DEATH_SIGNAL,
    EXEC_STEP_CGROUP,
    EXEC_STEP_LIMIT, /* of core dumps; behind it one for each of enum dualpipe_limit */
    EXEC_STEP_SANDBOX = EXEC_STEP_LIMIT + DUALPIPE_LIMIT_OUTPUT + 1,
    EXEC_STEP_EXEC,
    EXEC_STEP_FORK,    /* a keeper's */
    EXEC_STEP_READY, /* no failure: this is the child, about to be run; */
    EXEC_STEP_STARTED, /* it has been */
};

/* What the child writes when a step fails, in one piece. */
struct exec_report {
    int step, error;
    struct sandbox_fault fault; /* of EXEC_STEP_SANDBOX */
};

/* All that it needs, made ready before the fork. */
struct exec_plan {
    const struct dualpipe_options *options;
    const struct dualpipe_limits *limits; /* NULL: none is set */
    const struct cgroup *cgroup;           /* which it enters; with limits */
    struct sandbox *sandbox;              /* NULL: none */
    const char *path;     /* of the command, found in PATH */
    char *const *env;
    char **shell_argv;      /* sh, path, arguments: for a script without #! */
    int stdin_fd, stdout_fd, stderr_fd;     /* to become 0, 1, 2; err < 0: stays, or follows out */
    int report_fd;           /* close-on-exec pipe; of a keeper one of two sockets */
    int parent_report_fd;        /* of these the other */
    bool is_trial;           /* of a sandbox: nothing is run */
    int max_fds;      /* limit of their number */
    int argc;
    pid_t parent_pid;
};

/* Starts it, all signals being blocked. Its number, or a negative errno. */
pid_t exec_start(struct exec_plan *plan);
/* Tells what its sandbox failed at, with errno, and ends. */
_Noreturn void exec_fail_sandbox(const struct exec_plan *plan, const struct sandbox_fault *fault);
#endif
