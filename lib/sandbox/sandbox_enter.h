/* sandbox_enter.h: applies a sandbox in the new processes.
 *
 * The plan is a struct sandbox that sandbox_plan_init() filled before the fork. With namespaces
 * nsinit calls sandbox_enter_namespaces(), then starts the child; the child calls
 * sandbox_enter_restrictions() in any case. Both are async-signal-safe; on failure they return -1
 * with errno and *fault set. */
#ifndef SANDBOX_ENTER_H
#define SANDBOX_ENTER_H
#include "sandbox/sandbox.h"

/* The system's paths that a sandboxed command sees (read-only), ending in NULL. */
extern const char *const sandbox_enter_system_paths[];
/* The version of Landlock that the kernel supports, or a negative errno. */
int sandbox_enter_landlock_abi(void);

/* In the first process of the new namespaces: replaces the file system, changes the user, drops all
 * capabilities. */
int sandbox_enter_namespaces(struct sandbox *s, struct sandbox_fault *fault);
/* In the child, as its last step before it runs the command or function: no_new_privs, Landlock,
 * seccomp, and the self-test. */
int sandbox_enter_restrictions(const struct sandbox *s, struct sandbox_fault *fault);
#endif
