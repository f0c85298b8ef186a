/* spawn.h: how a child is started: its command found, its process made, and what has failed there
 * told in words. */
#ifndef SPAWN_H
#define SPAWN_H
#include "process/exec.h"

struct spawn_result {
    pid_t pid;
    pid_t init_pid; /* 0: none */
    int exit_fd;    /* what the keeper tells; -1 */
};

/* Finds the command of plan->options in PATH: plan->path, in found or not, and plan->by_shell,
 * which is to be freed. 0, or a negative errno. */
int spawn_find_command(struct exec_plan *plan, char *found, size_t size);
/* 0, or a negative errno, and nothing is left behind. */
int spawn_child(struct exec_plan *plan, struct spawn_result *l, struct dualpipe_error *why);
/* Waits for the end of a process that ends. */
void spawn_wait_exit(pid_t pid);
#endif
