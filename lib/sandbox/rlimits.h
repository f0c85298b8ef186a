/* rlimits.h: resource limits of a child.
 *
 * Before the fork: rlimits_any_set(), then (with a cgroup made for the child, if possible)
 * rlimits_check(). In the child: rlimits_apply(). After its end: rlimits_explain_exit(). */
#ifndef RLIMITS_H
#define RLIMITS_H
#include "sandbox/cgroup.h"
#include <stdint.h>
#include <sys/resource.h>

/* Tells whether any limit is set. l may be NULL. */
bool rlimits_any_set(const struct dualpipe_limits *l);
/* Fails with *why set if a limit could not bind the child: without a cgroup, the number of
 * processes can't be limited for root (unless a sandbox makes it another user), nor where
 * RLIMIT_NPROC doesn't exist. Returns 0 or a negative errno. */
int rlimits_check(const struct dualpipe_limits *l, const struct cgroup *cgroup, const char *command,
                  struct dualpipe_error *why);
/* Sets the limits in the child; call it after the last step that needs to open a descriptor. On
 * failure returns -1 with errno, and *which names the limit that can't be set (DUALPIPE_LIMIT_NONE
 * stands for forbidding core dumps). Async-signal-safe. */
int rlimits_apply(const struct dualpipe_limits *l, const struct cgroup *cgroup,
                  enum dualpipe_limit *which);
/* Fills s->limit and s->near_limits from how the child ended. pre_exec_rss_kb is the size in KiB of
 * our own process when it forked: the kernel counts it in the child's peak size. */
void rlimits_explain_exit(const struct dualpipe_limits *l, const struct cgroup *cgroup,
                          long pre_exec_rss_kb, struct dualpipe_status *s);
/* Lowers *r, as read by getrlimit(2), to soft and hard; it never raises a limit. */
void rlimits_lower(struct rlimit *r, uint64_t soft, uint64_t hard);
/* Lowers one limit of the calling process: 0, or -1 with errno. This is a macro because the type
 * that names a resource is int in one C library and an enum in another. */
#define RLIMITS_LOWER(resource, r, soft, hard)                                                     \
    (getrlimit(resource, r) < 0 ? -1 : (rlimits_lower(r, soft, hard), setrlimit(resource, r)))
#endif
