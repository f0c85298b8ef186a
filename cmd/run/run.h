/* run.h: one run of the command: its waits, what it writes, how it ends. */
#ifndef RUN_H
#define RUN_H
#include "options/settings.h"
#include "util/units.h"

enum {
    STATUS_NO_SESSION = 1, /* session to stop */
    STATUS_OUTPUT_FAILED = 120,
    STATUS_LIMIT = 121,
    STATUS_BAD_FRAME = 122,
    STATUS_REQUEST_FAILED = 123,
    STATUS_TIMED_OUT = 124,
    STATUS_DUALPIPE_FAILED = 125,
};

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

/* 0, or the status to end with. */
int run_open(struct run *r, const struct settings *s);
/* Returns the status, or dies by the signal that it ends with. */
int run_close(struct run *r);

/* Microseconds of a clock that stands still while we are stopped. */
int64_t run_now(const struct run *r);

/* As dualpipe_poll for limit microseconds, with signals and the deadline: -1 when the run must
 * stop for one, having decided so. A child's relayed stderr is passed on. events has room for
 * one more than n. */
int run_wait(struct run *r, struct dualpipe_pollitem *events, int n, int64_t limit);
/* Takes in what a child has written, without waiting, and passes its stderr on: as
 * dualpipe_poll. */
int run_poll(struct run *r, struct dualpipe_pollitem *e);
/* Passes on the stderr that a poll has found. 0, or -1: the run must stop. */
int run_relay_stderr(struct run *r, struct dualpipe_pollitem *events, int n);
/* Writes all to our stdout (err: stderr), however long the reader takes. 0, or -1: the run must
 * stop. */
int run_write(struct run *r, bool err, const void *p, size_t n);
/* The same, though a front is there. */
int run_write_raw(struct run *r, bool err, const void *p, size_t n);

/* The first cause wins, but 120 and 125. */
void exit_status_set(struct run *r, const char *outcome, int status);
/* A child of ours has passed one of its limits. */
void exit_status_set_by_limit(struct run *r, enum dualpipe_limit limit);
/* What the end of a child by itself makes of the run. */
void exit_status_set_by_child(struct run *r, const struct dualpipe_status *s);
void exit_status_output_failed(struct run *r, int error);
/* Says that the deadline has passed, and decides so. */
void run_fail_deadline(struct run *r);
/* Looks at signals that came; -1: stop. */
int run_handle_signals(struct run *r);
#endif
