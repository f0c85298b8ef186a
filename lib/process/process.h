/* process.h: a child process: its start, its end, and how it is made to end. */
#ifndef PROCESS_H
#define PROCESS_H
#include "dualpipe.h"
#include "sandbox/cgroup.h"
#include "sandbox/cputime.h"
#include "sandbox/sandbox.h"
#include <stdbool.h>
#include <sys/types.h>

struct process {
    pid_t pid;            /* 0: none, or reaped */
    pid_t init_pid;         /* of its namespaces, a child of ours as it is none; 0: none */
    int exit_fd;            /* readable once it has ended: a keeper's word; -1 if none is here */
    bool shares_group;           /* not a group of its own */
    bool has_terminal;        /* it has a controlling terminal of ours */
    bool has_ended, status_lost;     /* it has; and its status went to nobody */
    bool pid_released;           /* its keeper is gone too: its number may be a stranger's */
    bool is_stopping;
    int64_t kill_deadline;      /* when SIGKILL is due; CLOCK_NEVER */
    struct dualpipe_status status;
    const struct dualpipe_limits *limits; /* the host's, or its own; NULL: none is set */
    struct dualpipe_limits sandbox_limits;    /* of a sandbox */
    struct cgroup cgroup;
    struct cputime cputime;
    long pre_exec_rss_kb; /* how large it was before it ran: it was we */
};

/* The child's ends of the pipes; the caller closes its copies afterwards. */
struct process_streams {
    int stdin_fd, stdout_fd, stderr_fd;
};

int process_start(struct process *p, const struct dualpipe_options *o,
                  const struct process_streams *streams, struct dualpipe_error *why);
/* Whether a sandbox can be had, without some of its layers: *s says which can't. null: open. */
int process_try_sandbox(const struct dualpipe_limits *l, int null, unsigned without,
                        struct sandbox *s, struct dualpipe_error *why);
/* Whether it has ended; notes its status. Never waits. */
bool process_poll_exit(struct process *p);
int process_signal(struct process *p, int signo);
/* signo and SIGCONT now, SIGKILL when grace milliseconds have passed. With a terminal SIGHUP comes
 * first, as when it hangs up: interactive shells ignore SIGTERM. */
int process_stop(struct process *p, int signo, int grace);
/* Sends what is due. */
void process_kill_if_due(struct process *p);
/* It has passed a limit: it is stopped, if it is not already. */
void process_limit_exceeded(struct process *p, enum dualpipe_limit limit, int grace);
/* Looks at the time that it uses, if that is due. */
void process_check_cputime(struct process *p, int grace);
void process_reap(struct process *p);
#endif
