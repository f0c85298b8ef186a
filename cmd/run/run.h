/* run.h: one run of the command: its waits, what it writes, how it ends. */
#ifndef RUN_H
#define RUN_H
#include "options/settings.h"
#include "util/units.h"

enum {
    STATUS_NO_SUCH = 1, /* session to stop */
    STATUS_OUTPUT = 120,
    STATUS_LIMIT = 121,
    STATUS_FRAME = 122,
    STATUS_FAILED = 123,
    STATUS_TIME = 124,
    STATUS_OURS = 125,
};

struct run;

struct books {
    long long in, answered, failed, not_begun;
    bool rest; /* more of stdin was not begun */
};

/* What stands between the run and a person at a terminal. */
struct front {
    bool (*takes)(struct run *r, int signo); /* whether the signal is its, and seen to */
    void (*leave)(void), (*enter)(void);     /* the terminal is the shell's for a while; ours */
    int (*put)(struct run *r, bool err, const char *p, size_t n); /* as run_write */
};

struct run {
    const struct settings *s;
    const struct front *front; /* NULL: nobody is there */
    int (*shows)(struct run *r, bool err, const char *p, size_t n); /* without one; NULL: run_put */
    dualpipe *child; /* the one that runs in stream mode, NULL: none */
    dualpipe_pool *pool; /* those that are asked, NULL: none */
    dualpipe *host; /* our own stdin, stdout, stderr */
    int signal_fd;
    int64_t begun, deadline, paused; /* points of run_now, but paused: how long we were stopped */
    struct books books;
    /* How it ends: the first cause decides. */
    const char *outcome; /* NULL: nothing is amiss */
    int status, death;   /* death: the signal to die by */
    int stop_signal;     /* what a child must be stopped with; 0: nothing has happened */
    bool killing;        /* a second signal came */
    bool roused;         /* one came since the last wait, which may have changed what to wait for */
    enum dualpipe_limit limit; /* of outcome "limit" */
    struct dualpipe_status last; /* of the last child that ended */
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
int run_wait(struct run *r, struct dualpipe_event *events, int n, int64_t limit);
/* Takes in what a child has written, without waiting, and passes its stderr on: as
 * dualpipe_poll. */
int run_look(struct run *r, struct dualpipe_event *e);
/* Passes on the stderr that a poll has found. 0, or -1: the run must stop. */
int run_pass_on_errors(struct run *r, struct dualpipe_event *events, int n);
/* Writes all to our stdout (err: stderr), however long the reader takes. 0, or -1: the run must
 * stop. */
int run_write(struct run *r, bool err, const void *p, size_t n);
/* The same, though a front is there. */
int run_put(struct run *r, bool err, const void *p, size_t n);

/* The first cause wins, but 120 and 125. */
void run_decide(struct run *r, const char *outcome, int status);
/* A child of ours has passed one of its limits. */
void run_decide_by_limit(struct run *r, enum dualpipe_limit limit);
/* What the end of a child by itself makes of the run. */
void run_decide_by_child(struct run *r, const struct dualpipe_status *s);
void run_output_failed(struct run *r, int error);
/* Says that the deadline has passed, and decides so. */
void run_pass_deadline(struct run *r);
/* Looks at signals that came; -1: stop. */
int run_look_at_signals(struct run *r);
#endif
