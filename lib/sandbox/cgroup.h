/* cgroup.h: a control group of a child's own, for what the kernel counts of all its processes
 * together. Linux, where one can be made. */
#ifndef CGROUP_H
#define CGROUP_H
#include "dualpipe.h"
#include <stdbool.h>

enum { CGROUP_MAX = 2 }; /* of version 1 each controller has one */

struct cgroup {
    struct {
        char *path;
        int procs_fd; /* where a process enters it; -1 */
    } groups[CGROUP_MAX];
    int count;
    const char *memory_path, *pids_path;  /* of those the paths that count; NULL: none do */
    bool is_v2;                           /* of version 2 */
    bool limits_memory, limits_processes; /* it holds to memory; to processes */
};

/* Makes what can be made of it: none at all is no failure. */
void cgroup_create(struct cgroup *g, const struct dualpipe_limits *l);
/* In the child: async-signal-safe. -1: errno. */
int cgroup_enter(const struct cgroup *g);
/* It is entered: no more will be. */
void cgroup_close_entry(struct cgroup *g);
/* How many processes were killed for memory; how many could not be started. */
long cgroup_oom_kills(const struct cgroup *g);
long cgroup_fork_failures(const struct cgroup *g);
/* Kills what is left in it, and removes it. A zeroed one is none. */
void cgroup_destroy(struct cgroup *g);
#endif
