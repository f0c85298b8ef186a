/* process.h: a child process.
 *
 * process_start(); then process_poll_exit(), process_signal() and process_stop() as needed, with
 * process_kill_if_due() and process_check_cputime() whenever time has passed; process_reap() at the
 * end. The functions return 0 or a negative errno unless they say otherwise. */
#ifndef PROCESS_H
#define PROCESS_H
#include "dualpipe.h"
#include "sandbox/cgroup.h"
#include "sandbox/cputime.h"
#include "sandbox/sandbox.h"
#include <stdbool.h>
#include <sys/types.h>

struct process {
    pid_t pid;      /* 0: none, or already reaped */
    pid_t init_pid; /* PID of nsinit, our child and the child's parent; 0: none */
    /* Readable once the child has ended: a pidfd, or the socket on which nsinit reports; -1:
     * neither. */
    int exit_fd;
    bool shares_group; /* in our own process group: signal the PID alone */
    bool has_terminal; /* its controlling terminal is a pty of ours */
    /* status_lost: it has ended, but the host ignores SIGCHLD, so its status is unknown. */
    bool has_ended, status_lost;
    bool pid_released; /* nsinit has gone too, so the PID may be reused */
    /* process_stop() was called. */
    bool is_stopping;
    int64_t kill_deadline; /* when to send SIGKILL; CLOCK_NEVER */
    struct dualpipe_status status;
    const struct dualpipe_limits *limits; /* own_limits; NULL: none is set */
    struct dualpipe_limits own_limits;    /* copied, with a sandbox's defaults */
    struct cgroup cgroup;
    struct cputime cputime;
    long pre_exec_rss_kb; /* our own size in KiB at the fork, which the kernel counts too */
};

/* The child's ends of its pipes. The caller closes its copies after process_start(). */
struct process_streams {
    int stdin_fd, stdout_fd, stderr_fd;
};

/* Starts the command or function. What o points to is needed during the call alone. */
int process_start(struct process *p, const struct dualpipe_options *o,
                  const struct process_streams *streams, struct dualpipe_error *why);
/* Tries to start a sandbox without the layers in skipped_layers, running nothing. *s tells which
 * layer failed. null_fd is an open /dev/null, at 3 or above. */
int process_try_sandbox(const struct dualpipe_limits *l, int null_fd, unsigned skipped_layers,
                        struct sandbox *s, struct dualpipe_error *why);
/* Notices the end of the child, and fills p->status. Returns whether it has ended. Never waits. */
bool process_poll_exit(struct process *p);
/* Sends a signal to the child's group. -ESRCH once the PID might belong to another process. */
int process_signal(struct process *p, int signo);
/* The child goes on after a signal of ours: it was not meant to end it. */
void process_note_survival(struct process *p);
/* Starts to end the child: sends signo (0: SIGTERM) and SIGCONT now, and SIGKILL after grace
 * milliseconds. A child that has a terminal of ours gets SIGHUP first, since interactive shells
 * ignore SIGTERM. */
int process_stop(struct process *p, int signo, int grace);
/* Sends SIGKILL if its deadline has passed. */
void process_kill_if_due(struct process *p);
/* Notes that the child has passed a limit, and stops it unless it is already stopping. */
void process_limit_exceeded(struct process *p, enum dualpipe_limit limit, int grace);
/* Measures the CPU time that the child has used, if that is due, and acts if it is over the
 * limit. */
void process_check_cputime(struct process *p, int grace);
/* Fills in s->cpu_ms and s->maxrss_kb with what the child has used so far; unless that is unknown:
 * then they stay as they are. Reads two small files of /proc while it runs. */
void process_measure(struct process *p, struct dualpipe_status *s);
/* Frees what is left: reaps the zombie (or ends nsinit), closes exit_fd, removes the cgroup. A
 * child that still runs must have been ended before. */
void process_reap(struct process *p);
#endif
