/* spawn.h: starts a child's process.
 *
 * Fill a struct exec_plan, call find_command() for a command, then spawn_child(). */
#ifndef SPAWN_H
#define SPAWN_H
#include "process/exec.h"

/* What spawn_child() has started. */
struct spawn_result {
    pid_t pid;
    pid_t init_pid; /* PID of nsinit; 0: none */
    int exit_fd;    /* the socket on which nsinit reports the child's end; -1: none */
};

/* Starts the child and waits until it runs. Returns 0, or a negative errno with *why set; then no
 * process is left. */
int spawn_child(struct exec_plan *plan, struct spawn_result *result, struct dualpipe_error *why);
/* Waits for a process that has ended, or is about to. */
void spawn_wait_exit(pid_t pid);
#endif
