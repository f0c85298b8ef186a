/* rlimits.h: what a child may use: set before it runs, and what its end tells of it. */
#ifndef BOUNDS_H
#define BOUNDS_H
#include "sandbox/cgroup.h"

/* Whether any is set; l may be NULL. */
bool bounds_are_set(const struct dualpipe_limits *l);
/* Whether they can hold the child at all; else says why not. */
int bounds_check(const struct dualpipe_limits *l, const struct cgroup *group, const char *subject,
                 struct dualpipe_failure *why);
/* In the child, after its last step that needs a descriptor. -1: errno, and *which can't be set;
 * DUALPIPE_NO_LIMIT: that no core is dumped. */
int bounds_set(const struct dualpipe_limits *l, const struct cgroup *group,
               enum dualpipe_limit *which);
/* Which of them its end tells of, and which it came close to. seen: how large it was before it
 * ran, which the kernel counts too. */
void bounds_explain(const struct dualpipe_limits *l, const struct cgroup *group, long seen_kb,
                    struct dualpipe_status *s);
#endif
