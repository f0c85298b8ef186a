/* dualpipe.h: ask programs. A child behind two pipes, and where its replies end.
 *
 * Results are >= 0 or a negative errno. Times are milliseconds: in calls 0 does not wait and
 * DUALPIPE_FOREVER has no limit; in structs 0 is the default. A zeroed struct is right.
 * No call prints, exits, installs a handler, raises a signal, reads the environment (PATH for
 * a command apart), or waits past its limit. One handle belongs to one thread at a time. */
#ifndef DUALPIPE_H
#define DUALPIPE_H
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__) && defined(DUALPIPE_BUILD)
#define DUALPIPE_API __attribute__((visibility("default")))
#else
#define DUALPIPE_API
#endif
#define DUALPIPE_FOREVER (-1)

/* --- 1. A child and its streams ---------------------------------------------------------- */

typedef struct dualpipe dualpipe;

/* Runs in a forked copy of the caller, its stdin and stdout the two pipes; what it returns is
 * the child's exit status (the low 8 bits). stdio is flushed for it. The same signature is the
 * ABI of `dualpipe --builtin FILE.so:FUNCTION`, where data is NULL. The copy has one thread:
 * in a threaded host a function may call only what is safe after fork, and a start waits for
 * threads that hold a lock of stdio. */
typedef int dualpipe_function(int argc, char **argv, void *data);

enum dualpipe_stderr {
    DUALPIPE_INHERIT, /* the host's */
    DUALPIPE_RELAY,   /* a third pipe: dualpipe_read_stderr */
    DUALPIPE_STDOUT,  /* one stream with stdout */
    DUALPIPE_FD       /* options.err_fd */
};
enum {
    DUALPIPE_SAME_SESSION = 1,    /* the child stays in our session and process group; signals
                                     then go to it alone */
    DUALPIPE_DIE_WITH_THREAD = 2, /* it is killed when the thread that starts it ends (Linux) */
    DUALPIPE_SIGPIPE_IGNORED = 4, /* the host has set SIG_IGN: no masking around a write. The
                                     child gets the default back */
    DUALPIPE_SIGPIPE_KEPT = 8,    /* with the above: the child ignores it too */
    DUALPIPE_KEEP_FDS = 16        /* inheritable descriptors from 3 up pass; else all are closed */
};
struct dualpipe_options {
    char *const *argv; /* the command, looked up in PATH; or the function's arguments */
    dualpipe_function *function; /* forked, not exec'ed, if not NULL */
    void *data;
    char *const *env;      /* NULL: ours */
    const char *directory; /* NULL: ours */
    enum dualpipe_stderr err;
    int err_fd; /* for DUALPIPE_FD; stays the caller's */
    unsigned flags;
    int grace;  /* from a stop's first signal to SIGKILL; 0: 2000 */
    size_t max; /* most bytes held of each of its streams; 0: 64 MiB */
};
/* How a child ended. code or signal is -1; both are while it runs, or when it can't be known. */
struct dualpipe_status {
    int code, signal;
    int core;    /* it left a core dump */
    int stopped; /* we sent it a signal before it ended */
    long maxrss_kb, cpu_ms; /* Linux: getrusage(2) of the child; elsewhere 0 */
};
/* What a start failed at: words of static storage, but subject, which may be an argument of the
 * caller's. position: offset in a text that can't be understood. */
struct dualpipe_failure {
    const char *step, *subject, *advice;
    size_t position;
};

/* Start a command or function. Gives *dp; end it with dualpipe_close. All set-up, exec
 * included, is done or has failed when this returns.
 * -ENOENT: no such command; -EACCES, -ENOEXEC, -E2BIG, -ETXTBSY, -ELOOP, -EISDIR: it can't be
 * run; -EMFILE, -ENFILE, -EAGAIN, -ENOMEM: no descriptor, process, memory. why may be NULL. */
DUALPIPE_API int dualpipe_start(dualpipe **dp, const struct dualpipe_options *o,
                                struct dualpipe_failure *why);

/* A handle on descriptors of the host's own, its stdin and stdout say: read and write as with a
 * child. in, out, err: read from, written to, written to by dualpipe_relay; -1: none. They stay
 * open at close and no flag of theirs is changed, so that processes that share them see nothing;
 * calls wait no longer than with a child all the same. flags: DUALPIPE_SIGPIPE_IGNORED. max: as
 * in the options. -EBADF, -ENOMEM. */
DUALPIPE_API int dualpipe_attach(dualpipe **dp, int in, int out, int err, unsigned flags,
                                 size_t max);

/* Write up to n bytes within limit; what the child writes meanwhile is taken in, so that no
 * size deadlocks. Returns how many went: fewer than n when the limit passed, the child closed
 * its stdin, or memory for its output is used up; the next call says which. The rest stays the
 * caller's. -ETIMEDOUT; -EPIPE; -ENOBUFS: read first; -EBADF: ended. */
DUALPIPE_API ssize_t dualpipe_write(dualpipe *dp, const void *p, size_t n, int limit);

/* Read what there is, at most n bytes, waiting for the first. 0: end of file. A limit that
 * passes moves nothing: -ETIMEDOUT. -ENOBUFS: its stderr first. What read(2) fails with comes
 * once all before it has been read. */
DUALPIPE_API ssize_t dualpipe_read(dualpipe *dp, void *p, size_t n, int limit);

/* A line with its LF (without: the last, unfinished one). Returns its length; *line stays valid
 * until the next call on dp; no NUL stands behind it. 0: end of file. A limit that passes moves
 * nothing: half a line is kept for the next call: -ETIMEDOUT. -EMSGSIZE: longer than max;
 * dualpipe_read gives it. */
DUALPIPE_API ssize_t dualpipe_readline(dualpipe *dp, const char **line, int limit);

/* As dualpipe_read, of stderr. DUALPIPE_RELAY only: -EINVAL. */
DUALPIPE_API ssize_t dualpipe_read_stderr(dualpipe *dp, void *p, size_t n, int limit);

/* What has come and has not been read: where it lies, and how much. Never waits, reads nothing
 * new; valid until the next call on dp. *ended, if not NULL: whether no more will come. */
DUALPIPE_API size_t dualpipe_peek(dualpipe *dp, const char **p, int *ended);
/* Takes the first n of those bytes as read. */
DUALPIPE_API void dualpipe_consume(dualpipe *dp, size_t n);

/* Close the child's stdin: its end of file. Done twice it does nothing. */
DUALPIPE_API int dualpipe_end(dualpipe *dp);

/* Send a signal to the child's group (DUALPIPE_SAME_SESSION: to it alone). A dead child that is
 * not yet waited for keeps its number, so no stranger is hit. -ESRCH; -EPERM; -EINVAL. */
DUALPIPE_API int dualpipe_signal(dualpipe *dp, int signo);

/* Begin to stop it: its stdin is closed, signo (0: SIGTERM) and SIGCONT are sent to its group,
 * and SIGKILL once grace has passed: dualpipe_wait, _poll and _step see to that. Again with
 * SIGKILL: at once. */
DUALPIPE_API int dualpipe_stop(dualpipe *dp, int signo);

/* Wait for its end, output taken in meanwhile. Fills *s (which may be NULL). What it wrote stays
 * readable. -ETIMEDOUT; -ENOBUFS: read first; -ECHILD: the host ignores SIGCHLD and the status
 * is lost. */
DUALPIPE_API int dualpipe_wait(dualpipe *dp, struct dualpipe_status *s, int limit);

/* End it and free dp, in steps of at most grace each: end of file, and what it still writes is
 * dropped; SIGTERM; SIGKILL, for which it has 2 s. A child that ends by itself is sent no
 * signal; what is left of the group of one that was stopped is killed. Fills *s (which may be
 * NULL). NULL does nothing. Returns NULL. */
DUALPIPE_API dualpipe *dualpipe_close(dualpipe *dp, struct dualpipe_status *s);

/* --- 2. Waiting, here or in a loop of the host's ----------------------------------------- */

enum {
    DUALPIPE_IN = 1,    /* bytes of its stdout, or their end, have been taken in */
    DUALPIPE_ERR = 2,   /* the same of its stderr */
    DUALPIPE_OUT = 4,   /* it takes bytes */
    DUALPIPE_ENDED = 8, /* the process has ended */
    DUALPIPE_GONE = 16  /* it takes none any more: its stdin, or our stdout's reader, is closed */
};
/* Like struct pollfd. dp NULL: fd is polled as it is, wants and has are IN, OUT, GONE. */
struct dualpipe_event {
    dualpipe *dp;
    int fd;
    short wants, has;
};
/* Wait until one of the events has come, or for limit. A handle that wants IN or ERR takes in
 * what is there; full buffers and ended streams are not waited for. Before it sleeps it yields
 * the processor for some 20 microseconds while replies of late came that fast. Returns how many
 * events have something; 0: limit passed. -EINTR is never returned: let a signal handler write
 * to a pipe and give that as an fd. */
DUALPIPE_API int dualpipe_poll(struct dualpipe_event *events, int n, int limit);

/* The same in two halves, for a loop of the host's: fill fds, poll them no longer than *limit
 * (lowered to the next thing that is due), then step. Returns how many fds there are; more than
 * nfds: call again with room. 4 an event suffice. */
DUALPIPE_API int dualpipe_pollfds(const struct dualpipe_event *events, int n, struct pollfd *fds,
                                  int nfds, int *limit);
DUALPIPE_API int dualpipe_step(struct dualpipe_event *events, int n, const struct pollfd *fds,
                               int nfds);

/* Carry bytes both ways between a child and the host's own descriptors, without a copy where
 * the kernel can: host's in to the child, child's stdout and stderr to host's out and err.
 * Waits for something to do, does it, and returns: 1, call again; 0, the child has ended and its
 * output is through; 2, nothing moved within limit, *more has something (n events as in
 * dualpipe_poll, at most 8, fds only), or the child has ended. -EPIPE: the reader of our output
 * has gone; another errno: it can't be written. Once begun, use no other call that reads or
 * writes on the two. */
DUALPIPE_API int dualpipe_relay(dualpipe *child, dualpipe *host, struct dualpipe_event *more,
                                int n, int limit);

/* Shown each piece that dualpipe_relay takes in, which then copies: from_child 0 is input. */
typedef void dualpipe_watcher(void *data, int from_child, const char *p, size_t n);
/* Set before the first dualpipe_relay. */
DUALPIPE_API void dualpipe_watch(dualpipe *child, dualpipe_watcher *seen, void *data);

/* Why nothing moves. unread: bytes written that the child has not read; held: bytes of its that
 * the host has not; received: all that ever came from its stdout; state: as in
 * proc_pid_stat(5), 0 unknown; holder: a process other than the child that holds its stdout
 * open, 0 none found (Linux: looks through /proc, slow), -1: not looked for. */
struct dualpipe_state {
    size_t unread, held;
    uint64_t received;
    pid_t pid, holder;
    char state, name[17]; /* the holder's */
};
/* look: search for the holder too. */
DUALPIPE_API int dualpipe_inspect(dualpipe *dp, struct dualpipe_state *s, int look);

/* --- 3. Where a reply ends --------------------------------------------------------------- */

typedef struct dualpipe_rule dualpipe_rule; /* compiled; any number of replies share one */

/* Those set hold together: the first to hold ends the reply. A frame is a line. Patterns are
 * POSIX extended regular expressions over bytes in the C locale, `^` and `$` at line ends, with
 * \n \t \r; a backslash before any other letter or digit is refused; `.` is any byte but NUL. */
struct dualpipe_rule_options {
    long count;               /* so many frames; 0: 1 if nothing else is set; -1: no reply */
    const char *const *until; /* with the first frame that matches, which is part of the reply;
                                 one with N \n in it is held against the last N+1 lines.
                                 NULL-terminated, may be NULL */
    const char *const *no_reply; /* requests that match draw none. NULL-terminated */
    int idle;                    /* after so long a silence: a guess */
    int at_end;                  /* at end of file */
};
/* Gives *r; free it with dualpipe_rule_free. -EINVAL: why->subject is the pattern,
 * why->position where it went wrong, why->advice what to write instead. -ENOMEM. */
DUALPIPE_API int dualpipe_rule_new(dualpipe_rule **r, const struct dualpipe_rule_options *o,
                                   struct dualpipe_failure *why);
DUALPIPE_API dualpipe_rule *dualpipe_rule_free(dualpipe_rule *r);

/* Whether a request draws a reply by this rule: 0 or 1. */
DUALPIPE_API int dualpipe_rule_awaits(const dualpipe_rule *r, const void *request, size_t n);
/* Milliseconds of silence that end a reply; DUALPIPE_FOREVER: none do. */
DUALPIPE_API int dualpipe_rule_idle(const dualpipe_rule *r);

/* Progress through one reply; a zeroed one is at its start. */
struct dualpipe_scan {
    size_t whole; /* result: bytes from p on that are sure to be the reply's */
    size_t drop;  /* result: bytes that need not be shown again: the caller must pass those
                     behind them next time */
    long frames;
    int which; /* the pattern of until that held, from 0; -1: another rule */
    size_t seen_, lines_[8];
};
/* Look for the reply's end in the n bytes at p, which begin where the last call's drop ended.
 * ended: no more will come. Returns 1 when the reply is whole: it ends at s->whole; else 0. */
DUALPIPE_API int dualpipe_rule_scan(const dualpipe_rule *r, struct dualpipe_scan *s,
                                    const char *p, size_t n, int ended);
#ifdef __cplusplus
}
#endif
#endif
