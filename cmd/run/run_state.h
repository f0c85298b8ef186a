/* run_state.h: struct run, the context that one run of the command hands to every mode. run.c
 * creates and ends it, exit_status.c decides how it ends, and the modes keep their child or pool
 * and the statistics in it. */
#ifndef RUN_STATE_H
#define RUN_STATE_H
#include "options/settings.h"

struct run;

/* The numbers of requests, for --status-fd and the last line on stderr. */
struct run_stats {
    long long submitted, answered, failed;
    long long not_sent; /* requests that were read, but never sent to a child */
    long long unexpected; /* bytes that no request asked for, of those that fail the run */
    bool stdin_left;    /* stdin held more requests, which were not read */
};

/* Interactive mode sets these functions, to handle what depends on the person at the terminal. */
struct terminal_ops {
    /* Handles a signal. Returns false to leave it to the run. */
    bool (*take_signal)(struct run *r, int signo);
    /* Give the terminal back to the shell while we are stopped, and take it again. */
    void (*leave_terminal)(void), (*enter_terminal)(void);
    /* Shows output of the child; as run_write. */
    int (*write_output)(struct run *r, bool err, const char *p, size_t n);
};

typedef bool run_name_test(const char *name);

struct run {
    const struct settings *s;
    const struct terminal_ops *terminal; /* NULL unless in interactive mode */
    /* Writes the output of a child that must not control our terminal; as run_write. NULL: output
     * is written as it is. */
    int (*sanitizer)(struct run *r, bool err, const char *p, size_t n);
    dualpipe *child;       /* the child of stream mode, or of interactive mode without a reply
                              rule; NULL: none */
    dualpipe_pool *pool;   /* the workers that requests go to; NULL: none */
    dualpipe *stdio;       /* our own stdin, stdout and stderr */
    int signal_fd;         /* readable when a signal has come */
    int64_t started_at;    /* both are points of run_now, in microseconds */
    int64_t deadline;      /* UNITS_FOREVER: no --deadline */
    int64_t paused_us;     /* how long we have been stopped by SIGTSTP in all */
    struct run_stats stats;

    /* How the run ends. The first cause decides: see exit_status.c. */
    const char *outcome;   /* its name for --status-fd; NULL as long as nothing went wrong */
    int status;            /* the exit status */
    int death_signal;      /* the signal that we end by instead; 0: none */
    int stop_signal;       /* the signal that children must be stopped with; 0 as long as the run
                              goes on */
    bool kill_requested;   /* a second signal came: SIGKILL at once */
    bool signal_arrived;   /* a signal came since the last wait, and may have changed what the
                              caller wants to wait for: the next wait only looks */
    enum dualpipe_limit limit_hit; /* of the outcome "limit" */
    struct dualpipe_status last_status; /* of the last child that ended */
    bool had_child;        /* a child has run: child_start or the pool reported one */
    bool stalled;          /* the reason why nothing comes was reported once */
    int status_fd_error;   /* the errno of the first write to --status-fd that failed; 0: none */
    run_name_test *is_session; /* for a command that was not found: whether a session has that name;
                                  NULL: it can't be told */
};
#endif
