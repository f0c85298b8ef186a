/* rlimits.h: what a child may use: set before it runs, and what its end tells of it. */
#ifndef RLIMITS_H
#define RLIMITS_H
#include "sandbox/cgroup.h"
#include <stdint.h>
#include <sys/resource.h>

/* Whether any is set; l may be NULL. */
bool rlimits_any_set(const struct dualpipe_limits *l);
/* Whether they can hold the child at all; else says why not. */
int rlimits_check(const struct dualpipe_limits *l, const struct cgroup *cgroup, const char *command,
                  struct dualpipe_error *why);
/* In the child, after its last step that needs a descriptor. -1: errno, and *which can't be set;
 * DUALPIPE_LIMIT_NONE: that no core is dumped. */
int rlimits_apply(const struct dualpipe_limits *l, const struct cgroup *cgroup,
                  enum dualpipe_limit *which);
/* Which of them its end tells of, and which it came close to. seen: how large it was before it
 * ran, which the kernel counts too. */
void rlimits_explain_exit(const struct dualpipe_limits *l, const struct cgroup *cgroup,
                          long pre_exec_rss_kb, struct dualpipe_status *s);
/* Lowers what getrlimit has found. */
void rlimits_lower(struct rlimit *r, uint64_t soft, uint64_t hard);
/* What names a resource is an int in one C library and an enum in another. */
#define RLIMITS_LOWER(resource, r, soft, hard)                                                     \
    (getrlimit(resource, r) < 0 ? -1 : (rlimits_lower(r, soft, hard), setrlimit(resource, r)))
#endif
