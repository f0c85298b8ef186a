/* run_state.h: one run of the command: its settings, its children, how it ends. */
#ifndef RUN_STATE_H
#define RUN_STATE_H
#include "options/settings.h"

struct run;

struct run_stats {
    long long submitted, answered, failed, not_sent;
    bool stdin_left; /* more of stdin was not begun */
};

/* What stands between the run and a person at a terminal. */
struct terminal_ops {
    bool (*take_signal)(struct run *r, int signo); /* whether the signal is its, and seen to */
    void (*leave_terminal)(void),
        (*enter_terminal)(void); /* the terminal is the shell's for a while; ours */
    int (*write_output)(struct run *r, bool err, const char *p, size_t n); /* as run_write */
};

struct run {
    const struct settings *s;
    const struct terminal_ops *terminal; /* NULL: nobody is there */
    int (*sanitizer)(struct run *r, bool err, const char *p,
                     size_t n); /* without one; NULL: run_write_raw */
    dualpipe *child; /* the one that runs in stream mode, NULL: none */
    dualpipe_pool *pool; /* those that are asked, NULL: none */
    dualpipe *stdio; /* our own stdin, stdout, stderr */
    int signal_fd;
    int64_t started_at, deadline,
        paused_us; /* points of run_now, but paused: how long we were stopped */
    struct run_stats stats;
    /* How it ends: the first cause decides. */
    const char *outcome; /* NULL: nothing is amiss */
    int status, death_signal;   /* death: the signal to die by */
    int stop_signal;     /* what a child must be stopped with; 0: nothing has happened */
    bool kill_requested;        /* a second signal came */
    bool signal_arrived; /* one came since the last wait, which may have changed what to wait for */
    enum dualpipe_limit limit_hit; /* of outcome "limit" */
    struct dualpipe_status last_status; /* of the last child that ended */
    bool had_child, stalled;
};
#endif
