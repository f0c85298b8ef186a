/* nsinit.h: the init process of a sandboxed child's namespaces, which starts the child and reports
 * its end. When it ends the kernel kills everything that is left in the namespaces.
 *
 * nsinit_start(), nsinit_release(), nsinit_read_report() until EXEC_STEP_STARTED or a failure;
 * later nsinit_read_exit() when the socket is readable. Closing the socket ends it. */
#ifndef NSINIT_H
#define NSINIT_H
#include "process/exec.h"
#include <sys/resource.h>

/* The end of the child, sent once. */
struct nsinit_exit {
    int code, status; /* si_code and si_status of waitid(2) */
    struct rusage usage;
};

/* Starts nsinit in new namespaces; call it with all signals blocked. plan->report_fd and
 * plan->parent_report_fd are a pair of SOCK_SEQPACKET sockets; messages arrive at the second.
 * Returns the PID or a negative errno. */
pid_t nsinit_start(struct exec_plan *plan);
/* Maps the sandbox's user and group into the namespace, and lets nsinit go on. fd is the host's
 * socket. Returns 0, or -1 with errno. */
int nsinit_release(pid_t init_pid, const struct sandbox *s, int fd);
/* Waits for the next report. Returns 1 with *report and the PID of its sender, 0 if nsinit has
 * ended. */
int nsinit_read_report(int fd, struct exec_report *report, pid_t *sender);
/* Returns 1 with *result filled, 0 if the child still runs, -1 if nsinit itself has ended. Never
 * waits. */
int nsinit_read_exit(int fd, struct nsinit_exit *result);
#endif
