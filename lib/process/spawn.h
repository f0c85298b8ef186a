/* spawn.h: how a child is started: its command found, its process made, and what has failed there
 * told in words. */
#ifndef LAUNCH_H
#define LAUNCH_H
#include "process/exec.h"

struct launched {
    pid_t pid;
    pid_t keeper; /* 0: none */
    int watch;    /* what the keeper tells; -1 */
};

/* Finds the command of plan->options in PATH: plan->path, in found or not, and plan->by_shell,
 * which is to be freed. 0, or a negative errno. */
int launch_find(struct child_plan *plan, char *found, size_t size);
/* 0, or a negative errno, and nothing is left behind. */
int launch_child(struct child_plan *plan, struct launched *l, struct dualpipe_failure *why);
/* Waits for the end of a process that ends. */
void launch_forget(pid_t pid);
#endif
