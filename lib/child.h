/* child.h: what runs between fork and exec. Only async-signal-safe calls: the memory may be
 * the parent's (vfork), and another thread of it may hold any lock. */
#ifndef CHILD_H
#define CHILD_H
#include "dualpipe.h"
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
    CHILD_EXEC = CHILD_LIMIT + DUALPIPE_OUTPUT + 1,
};

/* What the child writes when a step fails, in one piece. */
struct child_report {
    int step, error;
};

/* All that it needs, made ready before the fork. */
struct child_plan {
    const struct dualpipe_options *options;
    const struct dualpipe_limits *limits; /* NULL: none is set */
    const struct cgroup *group;           /* which it enters; with limits */
    const char *path;     /* of the command, found in PATH */
    char *const *env;
    char **by_shell;      /* sh, path, arguments: for a script without #! */
    int in, out, err;     /* to become 0, 1, 2; err < 0: stays, or follows out */
    int report;           /* close-on-exec pipe */
    int descriptors;      /* limit of their number */
    int argc;
    pid_t parent;
};

/* Sets up and runs the command or function; never returns. The int is for clone(2). */
int child_main(void *plan);
#endif
