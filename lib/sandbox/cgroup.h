/* cgroup.h: a control group of a child's own, for what the kernel counts of all its processes
 * together. Linux, where one can be made. */
#ifndef CGROUP_H
#define CGROUP_H
#include "dualpipe.h"
#include <stdbool.h>

enum { CGROUP_MOST = 2 }; /* of version 1 each controller has one */

struct cgroup {
    struct {
        char *path;
        int procs; /* where a process enters it; -1 */
    } all[CGROUP_MOST];
    int n;
    const char *memory, *processes; /* of those the paths that count; NULL: none do */
    bool unified;                   /* of version 2 */
    bool weighs, counts;            /* it holds to memory; to processes */
};

/* Makes what can be made of it: none at all is no failure. */
void cgroup_open(struct cgroup *g, const struct dualpipe_limits *l);
/* In the child: async-signal-safe. -1: errno. */
int cgroup_enter(const struct cgroup *g);
/* It is entered: no more will be. */
void cgroup_seal(struct cgroup *g);
/* How many processes were killed for memory; how many could not be started. */
long cgroup_kills(const struct cgroup *g);
long cgroup_refusals(const struct cgroup *g);
/* Kills what is left in it, and removes it. A zeroed one is none. */
void cgroup_close(struct cgroup *g);
#endif
