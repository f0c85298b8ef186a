/* cgroup.h: a control group of one child (Linux, where the user may create one).
 *
 * In this order: cgroup_create() before the fork, cgroup_enter() in the child, cgroup_close_entry()
 * in the parent once the child runs, cgroup_oom_kills() and cgroup_fork_failures() after its end,
 * cgroup_destroy(). A zeroed struct cgroup is valid and stands for no group. */
#ifndef CGROUP_H
#define CGROUP_H
#include "dualpipe.h"
#include <stdbool.h>

enum { CGROUP_MAX = 2 }; /* version 1 has a tree for each of two controllers */

struct cgroup {
    struct {
        char *path;
        int procs_fd; /* of cgroup.procs, by which a process enters; -1 once closed */
    } groups[CGROUP_MAX];
    int count;
    /* Which of the paths in groups holds the counters of each limit; NULL if none does. */
    const char *memory_path, *pids_path;
    bool is_v2;                           /* cgroup version 2: one group for both controllers */
    bool limits_memory, limits_processes; /* whether the group enforces this limit */
};

/* Creates what can be created for the limits on memory and processes. Failure isn't reported: look
 * at limits_memory and limits_processes. */
void cgroup_create(struct cgroup *g, const struct dualpipe_limits *l);
/* Moves the calling process into the group: 0, or -1 with errno. Async-signal-safe. */
int cgroup_enter(const struct cgroup *g);
/* Closes the descriptors by which processes enter, once the child has entered or failed. */
void cgroup_close_entry(struct cgroup *g);
/* The number of processes that were killed for memory, and of forks that were refused. */
long cgroup_oom_kills(const struct cgroup *g);
long cgroup_fork_failures(const struct cgroup *g);
/* Kills the processes that are left in the group, waiting up to a second for them to go, and
 * removes it. Version 1: this for each of two. */
void cgroup_destroy(struct cgroup *g);
#endif
