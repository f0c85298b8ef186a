/* sandbox_enter.h: the layers that shut a child in: each is asked of the kernel between fork and
 * exec, and each can be refused by itself. */
#ifndef SANDBOX_ENTER_H
#define SANDBOX_ENTER_H
#include "sandbox/sandbox.h"

/* What of the system is seen, up to a NULL. */
extern const char *const sandbox_enter_system_paths[];
/* The version of Landlock, or a negative errno. */
int sandbox_enter_landlock_abi(void);

/* In the first process of new namespaces: its identity, its file system, no capabilities. -1:
 * errno, and which layer. This and the next are async-signal-safe. */
int sandbox_enter_namespaces(struct sandbox *s, struct sandbox_fault *fault);
/* In the child, last of all. */
int sandbox_enter_restrictions(const struct sandbox *s, struct sandbox_fault *fault);
#endif
