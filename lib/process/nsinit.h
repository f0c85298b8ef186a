/* nsinit.h: the first process of a child's own namespaces: it shuts itself in, starts the child,
 * and tells how that has ended. When it ends the kernel kills all that is left there. */
#ifndef NSINIT_H
#define NSINIT_H
#include "process/exec.h"
#include <sys/resource.h>

/* What it tells once, of the child. */
struct nsinit_exit {
    int code, status; /* as in siginfo_t */
    struct rusage usage;
};

/* Starts it, all signals being blocked. What it and the child tell comes from the other end of
 * plan->report, a pair of sockets: reports, of which the kernel says who wrote them, then the end.
 * It ends when that end is closed. Its number, or a negative errno. */
pid_t nsinit_start(struct exec_plan *plan);
/* Says who it is and lets it go on: -1, errno. */
int nsinit_release(pid_t keeper, const struct sandbox *s, int fd);
/* The next report, and its writer. 0: it has ended. */
int nsinit_read_report(int fd, struct exec_report *report, pid_t *writer);
/* 1: *end is filled; 0: not yet; -1: it has ended itself. Never waits. */
int nsinit_read_exit(int fd, struct nsinit_exit *end);
#endif
