/* child.h: start a command or a function behind pipes or a terminal, and talk to it.
 *
 * A typical use, in order:
 *
 *     dualpipe_start()         start the child; all of exec has succeeded or failed on return
 *     dualpipe_write()         send bytes; the child's output is taken in meanwhile
 *     dualpipe_readline()      read a line of its output, with a time limit
 *     dualpipe_close_stdin()   send it an end of file
 *     dualpipe_wait()          wait for its end and learn how it ended
 *     dualpipe_close()         stop what is left of it and free the handle
 *
 * For many handles at once, or a poll loop of your own: dualpipe_poll(), or dualpipe_pollfds() and
 * dualpipe_step(). To pass bytes through in both directions: dualpipe_attach() and
 * dualpipe_relay(). To send requests and get exactly their replies: dualpipe/pool.h.
 *
 * Conventions of all dualpipe headers:
 * - A call returns a value >= 0, or a negative errno.
 * - Times are in milliseconds. As an argument, 0 does not wait and DUALPIPE_FOREVER has no limit.
 *   In a struct, 0 means the default.
 * - A zeroed struct is valid everywhere; a call that needs more than that returns -EINVAL.
 * - A struct whose first member is size_t size may grow in later versions. Leave size 0, or set it
 *   to sizeof the struct: 0 is taken as the version that the library was built as. If a longer
 *   struct sets a member that the library doesn't know, the call returns -E2BIG.
 * - No call prints, exits, installs a signal handler, raises a signal, waits past its limit, or
 *   reads the environment (except PATH, to find a command).
 * - One handle is used by one thread at a time; different handles by different threads. */
#ifndef DUALPIPE_CHILD_H
#define DUALPIPE_CHILD_H
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

/* The version of these headers: as a string, and as a number that grows: major * 10000 + minor *
 * 100 + patch. */
#define DUALPIPE_VERSION "0.1.0"
#define DUALPIPE_VERSION_NUMBER 100
/* The version of the library that is linked or loaded, as a static string. *number, if number is
 * not NULL, is set to its DUALPIPE_VERSION_NUMBER. */
DUALPIPE_API const char *dualpipe_version(int *number);

/* A time limit that never passes. */
#define DUALPIPE_FOREVER (-1)

/* A child with its streams, or descriptors of the host (dualpipe_attach), or a connection to a
 * session (dualpipe_session_connect). */
typedef struct dualpipe dualpipe;

/* --- Options of a start ------------------------------------------------------------------ */

/* A function that runs as the child, in a forked copy of the caller: its stdin and stdout are the
 * two pipes, and its return value (the low 8 bits) is the child's exit status. All of stdio is
 * flushed before the fork, and again after the function has returned. `dualpipe --builtin
 * FILE.so:FUNCTION` calls functions of this type, with data NULL. The forked copy has a single
 * thread: if the host has several, the function may call only what is safe after fork, and
 * dualpipe_start waits for threads that hold a lock of stdio. */
typedef int dualpipe_function(int argc, char **argv, void *data);

/* Where the child's stderr goes. */
enum dualpipe_stderr {
    DUALPIPE_STDERR_INHERIT, /* to the host's stderr */
    DUALPIPE_STDERR_RELAY,   /* to a third pipe, read by dualpipe_read_stderr */
    DUALPIPE_STDERR_STDOUT,  /* to the same stream as stdout */
    DUALPIPE_STDERR_FD       /* to options.err_fd */
};
/* What the child's stdin and stdout are. A raw terminal changes no byte and doesn't echo; it has no
 * end of file. A cooked one takes a line at a time: a byte 4 is an end of file, no other byte is
 * changed, and a line of more than 4095 bytes is refused with -EMSGSIZE, and nothing of it sent. */
enum dualpipe_transport {
    DUALPIPE_TRANSPORT_PIPE,
    DUALPIPE_TRANSPORT_UNBUFFER,  /* stdout alone is a terminal, though not the child's controlling
                                     terminal: for programs that hold back output to a pipe */
    DUALPIPE_TRANSPORT_PTY,       /* stdin, stdout and, if inherited, stderr are a raw terminal, the
                                     child's controlling one; the child always leads a session */
    DUALPIPE_TRANSPORT_PTY_COOKED /* the same, cooked */
};
/* Bits of dualpipe_options.flags. */
enum dualpipe_start_flags {
    DUALPIPE_START_SAME_SESSION = 1,    /* the child stays in the host's session and process group,
                                           and signals are sent to it alone */
    DUALPIPE_START_DIE_WITH_THREAD = 2, /* kill the child when the thread that started it ends
                                           (Linux) */
    DUALPIPE_START_SIGPIPE_IGNORED = 4, /* the host promises that it ignores SIGPIPE, which saves
                                           masking the signal around each write. The child gets the
                                           default action back */
    DUALPIPE_START_SIGPIPE_KEPT = 8,    /* with the flag above: the child ignores SIGPIPE too */
    DUALPIPE_START_KEEP_FDS = 16,       /* pass on inheritable descriptors from 3 up; without it all
                                           are closed */
    DUALPIPE_START_CLAIM_ECHO = 32 /* with DUALPIPE_TRANSPORT_PTY on Linux: the child's terminal
                                      claims to echo, so that dualpipe_echo can tell */
};

/* How an untrusted child is confined; see dualpipe-sandbox(7). */
enum dualpipe_sandbox {
    DUALPIPE_SANDBOX_NONE,
    DUALPIPE_SANDBOX_STRICT,        /* with all layers */
    DUALPIPE_SANDBOX_NO_NAMESPACES, /* with those layers that need no namespace */
    DUALPIPE_SANDBOX_BEST_EFFORT    /* with the layers that are available here */
};
/* What a child may use. Limits are set before it runs; 0 or NULL means no limit and no sandbox. The
 * kernel holds each process to cpu_ms, memory, files and filesize; if it tells which limit ended
 * the child, the child's status has it. Any limit also turns off core dumps. Lists end in NULL.
 * The caller keeps all that is pointed to, and must keep it until the child has ended. */
struct dualpipe_limits {
    size_t size; /* 0, or sizeof(struct dualpipe_limits) */
    enum dualpipe_sandbox sandbox;
    const char *const *read, *const *write; /* further paths that a sandbox shows, and those that
                                               it allows to be changed */
    const char *user;  /* whom the child runs as; needs root. NULL: the host's user, for root
                          the user and group 65534 */
    int cpu_ms;        /* milliseconds of processor time. The library counts the child and all its
                          descendants together, and then stops the child with SIGXCPU, and with
                          SIGKILL after options.grace. The kernel counts each process, in whole
                          seconds: SIGXCPU, and SIGKILL a second later */
    int files;         /* open descriptors of each process */
    int processes;     /* processes and threads of the child altogether, in a cgroup of its own if
                          one can be made; else RLIMIT_NPROC, which counts all that the user runs */
    uint64_t memory;   /* bytes: of all processes together, in a cgroup of their own if one can be
                          made, which kills; else the data of each process, whose allocations then
                          fail */
    uint64_t filesize; /* bytes that one file may grow to; then SIGXFSZ is sent */
    uint64_t output;   /* bytes of stdout and relayed stderr together: so many can be read, then
                          both streams end and the child is stopped */
};
/* Fill in the limits that a sandbox sets where the caller sets none: 60 s of cpu_ms, 1 GiB of
 * memory, 32 processes (none with DUALPIPE_SANDBOX_NO_NAMESPACES), 64 files, 64 MiB of filesize and
 * of output. Members that are set stay as they are. */
DUALPIPE_API void dualpipe_sandbox_limits(struct dualpipe_limits *l);

struct dualpipe_options {
    size_t size;                 /* 0, or sizeof(struct dualpipe_options) */
    char *const *argv;           /* the command, found by PATH; or the function's arguments */
    dualpipe_function *function; /* not NULL: fork and call this instead of executing argv */
    void *data;                  /* the function's third argument */
    char *const *env;            /* NULL: the host's environment */
    const char *directory;       /* NULL: the host's working directory */
    enum dualpipe_transport transport;
    unsigned short rows, columns; /* of a terminal; 0: 24 and 80 */
    enum dualpipe_stderr err;
    int err_fd;        /* for DUALPIPE_STDERR_FD; stays the caller's */
    unsigned flags;    /* bits of enum dualpipe_start_flags */
    int grace;         /* milliseconds from a stop's first signal to SIGKILL; 0: 2000 */
    size_t max_buffer; /* most bytes held of each output stream; 0: 64 MiB */
    const struct dualpipe_limits *limits; /* NULL: none */
    long open_files;    /* its soft limit of open descriptors, for a host that has raised its own;
                           0: as the host's */
    int default_signal; /* the child starts with this signal's default action, even if the host
                           ignores it; 0: none. A pool sets its interrupt_signal */
};

/* --- Results ----------------------------------------------------------------------------- */

enum dualpipe_limit {
    DUALPIPE_LIMIT_NONE,
    DUALPIPE_LIMIT_CPU,
    DUALPIPE_LIMIT_MEMORY,
    DUALPIPE_LIMIT_FILES,
    DUALPIPE_LIMIT_PROCESSES,
    DUALPIPE_LIMIT_FILESIZE,
    DUALPIPE_LIMIT_OUTPUT
};
/* How a child ended. One of code and signal is -1; both are while it runs, or if its status is
 * lost. A handle that has no child (dualpipe_attach, dualpipe_session_connect) has 0 in both. */
struct dualpipe_status {
    int code, signal;
    int core;                  /* it left a core dump */
    int stopped;               /* the library had sent it a signal before it ended */
    long maxrss_kb, cpu_ms;    /* Linux: as getrusage(2) has it of the child; elsewhere 0 */
    enum dualpipe_limit limit; /* the limit that ended it, where the kernel or our count tells */
    unsigned near_limits; /* bits 1 << limit: it came close to these limits, and may have failed
                             for that reason */
};
/* Why a call failed, in words of static storage; object alone may be an argument of the caller. */
struct dualpipe_error {
    const char *operation; /* what failed; NULL: nothing is known beyond the errno */
    const char *object;    /* what it failed at: a file, an argument, a pattern; or NULL */
    const char *hint;      /* what to do about it; or NULL */
    size_t offset;         /* where in object a text can't be understood, in bytes. For a sandbox:
                              which of its layers failed, from 1, in the order of
                              dualpipe_sandbox_check */
};

/* --- Start, write, read, close ----------------------------------------------------------- */

/* Start a command or function. Everything up to and including exec has succeeded when this returns
 * 0. *dp is set; free it with dualpipe_close. why may be NULL; else it is filled on failure.
 * -ENOENT: there is no such command, or no such directory. -EACCES, -ENOEXEC, -E2BIG, -ETXTBSY,
 * -ELOOP, -EISDIR: it can't be executed. -EMFILE, -ENFILE, -EAGAIN, -ENOMEM, -ENODEV: no
 * descriptor, process, memory or terminal is left. -EPERM, -EINVAL, -ENOSYS: a limit or sandbox
 * can't be set, and nothing has run; or, -EINVAL, neither argv nor function is given, or a
 * controlling terminal is asked for together with DUALPIPE_START_SAME_SESSION. -EBADF: err_fd is
 * not open. */
DUALPIPE_API int dualpipe_start(dualpipe **dp, const struct dualpipe_options *o,
                                struct dualpipe_error *why);

/* Make a handle of the host's own descriptors, for example its stdin and stdout: in is read from,
 * out is written to, and dualpipe_relay writes to err; -1 for none. Reading and writing work as
 * with a child and wait no longer. The descriptors stay open when the handle is closed, and none of
 * their flags is changed, so that processes that share them notice nothing. flags may hold
 * DUALPIPE_START_SIGPIPE_IGNORED. max_buffer is as in the options. Free *dp with dualpipe_close.
 * -EBADF: in is not open; whether out and err are is seen when they are first written to. -ENOMEM.
 */
DUALPIPE_API int dualpipe_attach(dualpipe **dp, int in, int out, int err, unsigned flags,
                                 size_t max_buffer);

/* Write up to n bytes within timeout. The child's output is taken in meanwhile, so that no size
 * can deadlock. Returns how many bytes were written: fewer than n if the timeout passed, the child
 * closed its stdin, or the memory for its output is used up; the next call tells which. The
 * remaining bytes stay the caller's.
 * -ETIMEDOUT. -EPIPE: the child has closed its stdin. -ENOBUFS: read its output first. -EBADF: its
 * stdin was closed by dualpipe_close_stdin or dualpipe_stop. -EMSGSIZE: a line is too long for its
 * cooked terminal; nothing was written. Another errno: that of write(2). */
DUALPIPE_API ssize_t dualpipe_write(dualpipe *dp, const void *p, size_t n, int timeout);

/* Read what is available, at most n bytes, waiting for the first within timeout. Returns the number
 * of bytes; 0 at end of file. A timeout consumes nothing.
 * -ETIMEDOUT. -ENOBUFS: read its stderr first. An errno of read(2), once all bytes before it have
 * been read. */
DUALPIPE_API ssize_t dualpipe_read(dualpipe *dp, void *p, size_t n, int timeout);

/* Read a line with its LF; the last one may lack it. Returns its length, 0 at end of file. *line
 * points into the handle and stays valid until the next call on dp; no NUL follows it. A timeout
 * consumes nothing: half a line is kept for the next call.
 * -EMSGSIZE: the line is longer than max_buffer; dualpipe_read can still read it. Other errors as
 * dualpipe_read. */
DUALPIPE_API ssize_t dualpipe_readline(dualpipe *dp, const char **line, int timeout);

/* The same as dualpipe_read, for stderr; -ENOBUFS: read its stdout first. -EINVAL: options.err is
 * not DUALPIPE_STDERR_RELAY. */
DUALPIPE_API ssize_t dualpipe_read_stderr(dualpipe *dp, void *p, size_t n, int timeout);

/* Look at output that has been taken in and not read yet, without waiting or reading more. Sets *p
 * and returns the number of bytes there, valid until the next call on dp. *ended, if ended is not
 * NULL, is set to whether no more will come. */
DUALPIPE_API size_t dualpipe_peek(dualpipe *dp, const char **p, int *ended);
/* Mark the first n of those bytes as read; if there are fewer, all of them. */
DUALPIPE_API void dualpipe_consume(dualpipe *dp, size_t n);

/* Close the child's stdin, which gives it an end of file. A second call does nothing. A cooked
 * terminal is sent its end-of-file character instead, twice after an unfinished line.
 * -ENOTSUP: a raw terminal has no end of file. */
DUALPIPE_API int dualpipe_close_stdin(dualpipe *dp);

/* Change the size of the child's terminal; the kernel tells its foreground process group. 0 rows or
 * columns are as in the options.
 * -ENOTTY: it has none. */
DUALPIPE_API int dualpipe_resize(dualpipe *dp, unsigned short rows, unsigned short columns);

/* Whether to show what is typed to the child. 1: yes. 0: no, it has turned echo off, as programs do
 * that ask for a password. 2: no, it edits lines itself and shows them. Without
 * DUALPIPE_START_CLAIM_ECHO always 1. -ENOTTY: its stdin is no terminal. */
DUALPIPE_API int dualpipe_echo(dualpipe *dp);

/* Send a signal to the child's process group (with DUALPIPE_START_SAME_SESSION to the child alone).
 * A child that has ended keeps its process number until dualpipe_close, so that no other process
 * can be hit. -ESRCH: it is gone, or dp has no child. -EPERM; -EINVAL. */
DUALPIPE_API int dualpipe_signal(dualpipe *dp, int signo);

/* Begin to stop the child: close its stdin, send signo (0: SIGTERM) and SIGCONT to its group, and
 * after options.grace SIGKILL. dualpipe_wait, dualpipe_poll or dualpipe_step must follow, for they
 * send it. A second call with SIGKILL kills at once. A controlling terminal is hung up: the child
 * gets SIGHUP before signo. Errors as dualpipe_signal. */
DUALPIPE_API int dualpipe_stop(dualpipe *dp, int signo);

/* Wait for the child's end, taking in its output meanwhile, which stays readable. Fills *s unless s
 * is NULL. -ETIMEDOUT. -ENOBUFS: read its output first. -ECHILD: the host ignores SIGCHLD, and the
 * status is lost. */
DUALPIPE_API int dualpipe_wait(dualpipe *dp, struct dualpipe_status *s, int timeout);

/* End the child and free dp, in steps of at most options.grace each: end of file (its remaining
 * output is discarded), SIGTERM, SIGKILL; the last one takes at most 2 s. A child that ends by
 * itself gets no signal. If it had to be stopped, what is left of its process group is killed.
 * Fills *s unless s is NULL. dp NULL does nothing. Returns NULL. */
DUALPIPE_API dualpipe *dualpipe_close(dualpipe *dp, struct dualpipe_status *s);

/* --- Waiting for several handles --------------------------------------------------------- */

/* Bits of struct dualpipe_pollitem. */
enum dualpipe_poll_events {
    DUALPIPE_POLL_STDOUT = 1, /* bytes of its stdout, or its end of file, have been taken in */
    DUALPIPE_POLL_STDERR = 2, /* the same of its stderr */
    DUALPIPE_POLL_STDIN = 4,  /* it can be written to */
    DUALPIPE_POLL_EXIT = 8,   /* the process has ended */
    DUALPIPE_POLL_HUP = 16    /* it can't be written to any more: its stdin, or the reader of the
                                 host's stdout, is closed */
};
/* Like struct pollfd. If dp is NULL, fd is a plain descriptor, for which the bits STDOUT
 * (readable), STDIN (writable) and HUP are used. An item with events 0 is not waited for, whatever
 * fd is. */
struct dualpipe_pollitem {
    dualpipe *dp;
    int fd;
    short events, revents; /* the bits to wait for; the bits that hold */
};
/* Wait until one of n items has one of its events, or until timeout. A handle with POLL_STDOUT or
 * POLL_STDERR in events takes in what can be read; full buffers and ended streams are not waited
 * for. Sets revents, and returns the number of items where it is not 0; 0 after the timeout.
 * Before it sleeps it yields the processor for up to 20 microseconds, as long as recent replies
 * came that fast. -EINTR is never returned: let a signal handler write to a pipe, and add that
 * pipe as a plain descriptor. -ENOMEM, or another errno of poll(2). */
DUALPIPE_API int dualpipe_poll(struct dualpipe_pollitem *items, int n, int timeout);

/* The first half of dualpipe_poll, for a poll loop of the host's own. Fill fds, lower *timeout to
 * the next thing that is due, then poll(2) the fds so long and call dualpipe_step. Returns how many
 * fds there are; if that is more than nfds, call again with more room. 4 for each item suffice. */
DUALPIPE_API int dualpipe_pollfds(const struct dualpipe_pollitem *items, int n, struct pollfd *fds,
                                  int nfds, int *timeout);
/* The second half. The items and their events must be those of dualpipe_pollfds, and no call on
 * their handles may come in between. Do what the polled fds allow, and set revents. Returns as
 * dualpipe_poll. */
DUALPIPE_API int dualpipe_step(struct dualpipe_pollitem *items, int n, const struct pollfd *fds,
                               int nfds);

/* --- Passing bytes through --------------------------------------------------------------- */

/* Pass bytes both ways between a child and the host's descriptors (dualpipe_attach), without a
 * copy where the kernel can: the host's input to the child, the child's stdout and stderr to the
 * host's. Each call waits for something to do, at most for timeout, does it, and returns.
 * more are further things to wait for: n plain descriptors as in dualpipe_poll, at most 8.
 * 1: call again. 0: the child has ended and all its output has been written. 2: nothing was moved:
 * timeout passed, a signal came, *more has something, or the child has ended.
 * -EPIPE: the reader of the host's output has gone. -EMSGSIZE: a line of the input is too long for
 * the child's terminal; stop the child. -EINVAL: n is more than 8. -ENOMEM. Another errno: the
 * host's output can't be written, or the child's can't be read.
 * A cooked terminal gets whole lines; a raw one is not told that the input has ended. After the
 * first call, use no other call that reads or writes on either handle. */
DUALPIPE_API int dualpipe_relay(dualpipe *child, dualpipe *host, struct dualpipe_pollitem *more,
                                int n, int timeout);

/* Sees each piece that dualpipe_relay takes in, before it is passed on; from_child is 0 for
 * input. */
typedef void dualpipe_relay_callback(void *data, int from_child, const char *p, size_t n);
/* Show the relayed bytes to a callback. They are copied then, even where the kernel could pass them
 * on by itself. To be called before the first dualpipe_relay. */
DUALPIPE_API void dualpipe_relay_tap(dualpipe *child, dualpipe_relay_callback *callback,
                                     void *data);

/* --- Diagnosis --------------------------------------------------------------------------- */

/* Where bytes are held up. */
struct dualpipe_diagnosis {
    size_t unread;        /* bytes that were written and the child has not read; 0 on a terminal */
    size_t buffered;      /* bytes of its stdout that were taken in and the host has not read */
    uint64_t received;    /* all bytes that ever came from its stdout */
    pid_t pid;            /* of the child */
    pid_t pipe_holder;    /* another process that holds its stdout open; 0: none was found; -1: not
                             looked for */
    char state;           /* its process state as in proc_pid_stat(5); 0: unknown */
    char holder_name[17]; /* the pipe holder's */
};
/* Find out why nothing moves. find_holder: also look through /proc for another process that holds
 * the child's stdout, which is slow (Linux). Returns 0. */
DUALPIPE_API int dualpipe_diagnose(dualpipe *dp, struct dualpipe_diagnosis *d, int find_holder);

/* One layer of the sandbox, and whether it is available. */
struct dualpipe_sandbox_layer {
    const char *name;
    const char *cause; /* the likely reason of the error, a static string; or NULL */
    int error;         /* 0, or a negative errno */
    int version;       /* of Landlock; else 0 */
};
/* Try each layer of a sandbox in a process that does nothing else. l is NULL, or its members
 * sandbox and user are what is asked for: DUALPIPE_SANDBOX_STRICT if it names none; with
 * DUALPIPE_SANDBOX_NO_NAMESPACES the layers that need namespaces are not tried and have no error.
 * Fills at most n layers and returns how many there are, at most 16. The sandbox can be had if none
 * has an error. -EMFILE, -ENFILE; with DUALPIPE_SANDBOX_BEST_EFFORT also the error for which even
 * that would be refused. */
DUALPIPE_API int dualpipe_sandbox_check(const struct dualpipe_limits *l,
                                        struct dualpipe_sandbox_layer *layers, int n);
#ifdef __cplusplus
}
#endif
#endif
