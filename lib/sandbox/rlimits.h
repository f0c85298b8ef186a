/* rlimits.h: what a child may use: set before it runs, and what its end tells of it. */
#ifndef RLIMITS_H
#define RLIMITS_H
#include "sandbox/cgroup.h"

/* Whether any is set; l may be NULL. */
bool rlimits_any_set(const struct dualpipe_limits *l);
/* Whether they can hold the child at all; else says why not. */
int rlimits_check(const struct dualpipe_limits *l, const struct cgroup *group, const char *subject,
                  struct dualpipe_error *why);
/* In the child, after its last step that needs a descriptor. -1: errno, and *which can't be set;
 * DUALPIPE_LIMIT_NONE: that no core is dumped. */
int rlimits_apply(const struct dualpipe_limits *l, const struct cgroup *group,
                  enum dualpipe_limit *which);
/* Which of them its end tells of, and which it came close to. seen: how large it was before it
 * ran, which the kernel counts too. */
void rlimits_explain_exit(const struct dualpipe_limits *l, const struct cgroup *group, long seen_kb,
                          struct dualpipe_status *s);
#endif
