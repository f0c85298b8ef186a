/* exec.h: what runs between fork and exec. Only async-signal-safe calls: the memory may be
 * the parent's (vfork), and another thread of it may hold any lock. */
#ifndef CHILD_H
#define CHILD_H
#include "dualpipe.h"
#include "sandbox/sandbox_enter.h"
#include <stdbool.h>
#include <sys/types.h>

enum child_step {
    CHILD_STREAMS,
    CHILD_SESSION,
    CHILD_TERMINAL,
    CHILD_DESCRIPTORS,
    CHILD_DIRECTORY,
    CHILD_SIGNALS,
    CHILD_PARENT,
    CHILD_GROUP,
    CHILD_LIMIT, /* of core dumps; behind it one for each of enum dualpipe_limit */
    CHILD_SANDBOX = CHILD_LIMIT + DUALPIPE_OUTPUT + 1,
    CHILD_EXEC,
    CHILD_FORK,    /* a keeper's */
    CHILD_PRESENT, /* no failure: this is the child, about to be run; */
    CHILD_STARTED, /* it has been */
};

/* What the child writes when a step fails, in one piece. */
struct child_report {
    int step, error;
    struct sandbox_fault fault; /* of CHILD_SANDBOX */
};

/* All that it needs, made ready before the fork. */
struct child_plan {
    const struct dualpipe_options *options;
    const struct dualpipe_limits *limits; /* NULL: none is set */
    const struct cgroup *group;           /* which it enters; with limits */
    struct sandbox *sandbox;              /* NULL: none */
    const char *path;     /* of the command, found in PATH */
    char *const *env;
    char **by_shell;      /* sh, path, arguments: for a script without #! */
    int in, out, err;     /* to become 0, 1, 2; err < 0: stays, or follows out */
    int report;           /* close-on-exec pipe; of a keeper one of two sockets */
    int other_end;        /* of these the other */
    bool trial;           /* of a sandbox: nothing is run */
    int descriptors;      /* limit of their number */
    int argc;
    pid_t parent;
};

/* Starts it, all signals being blocked. Its number, or a negative errno. */
pid_t child_start(struct child_plan *plan);
/* Tells what its sandbox failed at, with errno, and ends. */
_Noreturn void child_refuse(const struct child_plan *plan, const struct sandbox_fault *fault);
#endif
