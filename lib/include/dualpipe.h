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
    DUALPIPE_STDERR_INHERIT, /* the host's */
    DUALPIPE_STDERR_RELAY,   /* a third pipe: dualpipe_read_stderr */
    DUALPIPE_STDERR_STDOUT,  /* one stream with stdout */
    DUALPIPE_STDERR_FD       /* options.err_fd */
};
/* What the child's streams are. A terminal is raw and without echo: no byte is changed, and there
 * is no end of file to be had. Cooked is a line at a time: a byte 4 is an end of file, no other is
 * changed, and a line of more than 4095 is refused, -EMSGSIZE, nothing of it sent. */
enum dualpipe_transport {
    DUALPIPE_TRANSPORT_PIPE,
    DUALPIPE_TRANSPORT_UNBUFFER, /* stdout alone is a terminal, not its controlling one: for
                          programs that hold their output back in a pipe */
    DUALPIPE_TRANSPORT_PTY, /* stdin, stdout and, if inherited, stderr are its controlling terminal;
                     it is always a session of its own */
    DUALPIPE_TRANSPORT_PTY_COOKED
};
enum {
    DUALPIPE_START_SAME_SESSION = 1, /* the child stays in our session and process group; signals
                                  then go to it alone */
    DUALPIPE_START_DIE_WITH_THREAD =
        2, /* it is killed when the thread that starts it ends (Linux) */
    DUALPIPE_START_SIGPIPE_IGNORED = 4, /* the host has set SIG_IGN: no masking around a write. The
                                     child gets the default back */
    DUALPIPE_START_SIGPIPE_KEPT = 8,    /* with the above: the child ignores it too */
    DUALPIPE_START_KEEP_FDS = 16,  /* inheritable descriptors from 3 up pass; else all are closed */
    DUALPIPE_START_CLAIM_ECHO = 32 /* DUALPIPE_TRANSPORT_PTY on Linux: to the child its terminal
                                looks as if typing was shown, so that dualpipe_echo can tell */
};
/* How a child is shut in: with all layers, those that need no namespace, those that can be had. */
enum dualpipe_sandbox {
    DUALPIPE_SANDBOX_NONE,
    DUALPIPE_SANDBOX_STRICT,
    DUALPIPE_SANDBOX_NO_NAMESPACES,
    DUALPIPE_SANDBOX_BEST_EFFORT
};
/* What a child may use, set before it runs; 0 or NULL: no limit, no sandbox. The kernel holds each
 * process to cpu, memory, files and filesize; what it tells of a limit that ended the child stands
 * in its status. No core is dumped once any is set. Lists end in NULL. All stays the caller's, and
 * must outlive the child. */
struct dualpipe_limits {
    enum dualpipe_sandbox sandbox;
    const char *const *read, *const *write; /* paths it sees too, and those it may change */
    const char *user;   /* it runs as; needs root. NULL: who we are, root: nobody */
    int cpu_ms;         /* of the processor: each of its processes, and the child with those that it
                           has waited for, added up; then SIGXCPU, a second later SIGKILL */
    int files;          /* descriptors of each process */
    int processes;      /* of all together, threads counted, in a cgroup of its own if we may make
                           one; else RLIMIT_NPROC, which counts all that the user has */
    uint64_t memory;    /* bytes: of all together, in a cgroup of its own if we may make one, which
                           kills; else the data of each process, whose allocations then fail */
    uint64_t filesize;  /* bytes: of a file as it grows; SIGXFSZ */
    uint64_t output; /* bytes: of its stdout and its DUALPIPE_STDERR_RELAY stderr together; those up
                        to here can be read, then both end and it is stopped */
};
enum dualpipe_limit {
    DUALPIPE_LIMIT_NONE,
    DUALPIPE_LIMIT_CPU,
    DUALPIPE_LIMIT_MEMORY,
    DUALPIPE_LIMIT_FILES,
    DUALPIPE_LIMIT_PROCESSES,
    DUALPIPE_LIMIT_FILESIZE,
    DUALPIPE_LIMIT_OUTPUT
};
struct dualpipe_options {
    char *const *argv; /* the command, looked up in PATH; or the function's arguments */
    dualpipe_function *function; /* forked, not exec'ed, if not NULL */
    void *data;
    char *const *env;      /* NULL: ours */
    const char *directory; /* NULL: ours */
    enum dualpipe_transport transport;
    unsigned short rows, columns; /* of a terminal; 0: 24, 80 */
    enum dualpipe_stderr err;
    int err_fd; /* for DUALPIPE_STDERR_FD; stays the caller's */
    unsigned flags;
    int grace;  /* from a stop's first signal to SIGKILL; 0: 2000 */
    size_t max_buffer; /* most bytes held of each of its streams; 0: 64 MiB */
    const struct dualpipe_limits *limits; /* NULL: none */
};
/* How a child ended. code or signal is -1; both are while it runs, or when it can't be known. */
struct dualpipe_status {
    int code, signal;
    int core;    /* it left a core dump */
    int stopped; /* we sent it a signal before it ended */
    long maxrss_kb, cpu_ms; /* Linux: getrusage(2) of the child; elsewhere 0 */
    enum dualpipe_limit limit; /* that ended it, where the kernel tells or we have counted */
    unsigned near_limits; /* bits 1 << limit: it came close to these, and may have failed for it */
};
/* What a start failed at: words of static storage, but subject, which may be an argument of the
 * caller's. position: offset in a text that can't be understood; of a sandbox which of its layers
 * failed, from 1 up, in the order of dualpipe_sandbox_check. */
struct dualpipe_error {
    const char *operation, *object, *hint;
    size_t offset;
};

/* Start a command or function. Gives *dp; end it with dualpipe_close. All set-up, exec
 * included, is done or has failed when this returns.
 * -ENOENT: no such command; -EACCES, -ENOEXEC, -E2BIG, -ETXTBSY, -ELOOP, -EISDIR: it can't be
 * run; -EMFILE, -ENFILE, -EAGAIN, -ENOMEM, -ENODEV: no descriptor, process, memory, terminal;
 * -EPERM, -EINVAL, -ENOSYS: a limit can't be set: nothing has run. why may be NULL. */
DUALPIPE_API int dualpipe_start(dualpipe **dp, const struct dualpipe_options *o,
                                struct dualpipe_error *why);

/* A handle on descriptors of the host's own, its stdin and stdout say: read and write as with a
 * child. in, out, err: read from, written to, written to by dualpipe_relay; -1: none. They stay
 * open at close and no flag of theirs is changed, so that processes that share them see nothing;
 * calls wait no longer than with a child all the same. flags: DUALPIPE_START_SIGPIPE_IGNORED. max: as
 * in the options. -EBADF, -ENOMEM. */
DUALPIPE_API int dualpipe_attach(dualpipe **dp, int in, int out, int err, unsigned flags,
                                 size_t max);

/* Write up to n bytes within limit; what the child writes meanwhile is taken in, so that no
 * size deadlocks. Returns how many went: fewer than n when the limit passed, the child closed
 * its stdin, or memory for its output is used up; the next call says which. The rest stays the
 * caller's. -ETIMEDOUT; -EPIPE; -ENOBUFS: read first; -EBADF: ended; -EMSGSIZE: nothing went. */
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

/* As dualpipe_read, of stderr. DUALPIPE_STDERR_RELAY only: -EINVAL. */
DUALPIPE_API ssize_t dualpipe_read_stderr(dualpipe *dp, void *p, size_t n, int limit);

/* What has come and has not been read: where it lies, and how much. Never waits, reads nothing
 * new; valid until the next call on dp. *ended, if not NULL: whether no more will come. */
DUALPIPE_API size_t dualpipe_peek(dualpipe *dp, const char **p, int *ended);
/* Takes the first n of those bytes as read. */
DUALPIPE_API void dualpipe_consume(dualpipe *dp, size_t n);

/* Close the child's stdin: its end of file. Done twice it does nothing. A cooked terminal is sent
 * its end-of-file character, twice behind an unfinished line. -ENOTSUP: a raw terminal has none. */
DUALPIPE_API int dualpipe_close_stdin(dualpipe *dp);

/* Change the size of the child's terminal, which tells its foreground group. -ENOTTY. */
DUALPIPE_API int dualpipe_resize(dualpipe *dp, unsigned short rows, unsigned short columns);

/* Whether what is typed to the child should be shown: 1; 0: it has turned echo off on its terminal,
 * as one that asks for a password does; 2: it edits lines itself, and shows them. Always 1 but with
 * DUALPIPE_START_CLAIM_ECHO. -ENOTTY: its input is no terminal. */
DUALPIPE_API int dualpipe_echo(dualpipe *dp);

/* Fills in the limits that a sandbox sets where none is asked for: 60 s of cpu, 1 GiB of memory, 32
 * processes (not of DUALPIPE_SANDBOX_NO_NAMESPACES), 64 files, 64 MiB of a file and of output. */
DUALPIPE_API void dualpipe_sandbox_limits(struct dualpipe_limits *l);
/* What a sandbox is made of, and whether it can be had here. error: 0, or a negative errno; cause:
 * the likely one, static, or NULL; version: of Landlock, else 0. */
struct dualpipe_sandbox_layer {
    const char *name, *cause;
    int error, version;
};
/* Try each layer with a process that does nothing else. l: NULL, or what is asked: its sandbox,
 * DUALPIPE_SANDBOX_STRICT unless it says DUALPIPE_SANDBOX_NO_NAMESPACES, which doesn't try those of namespaces:
 * they have no error; and user. Fills at most n of layers; returns how many there are, at most 16.
 * What was asked for can be had if none has an error. -EMFILE, -ENFILE; of DUALPIPE_SANDBOX_BEST_EFFORT
 * also that it will be refused. */
DUALPIPE_API int dualpipe_sandbox_check(const struct dualpipe_limits *l,
                                        struct dualpipe_sandbox_layer *layers, int n);

/* Send a signal to the child's group (DUALPIPE_START_SAME_SESSION: to it alone). A dead child that is
 * not yet waited for keeps its number, so no stranger is hit. -ESRCH; -EPERM; -EINVAL. */
DUALPIPE_API int dualpipe_signal(dualpipe *dp, int signo);

/* Begin to stop it: its stdin is closed, signo (0: SIGTERM) and SIGCONT are sent to its group,
 * and SIGKILL once grace has passed: dualpipe_wait, _poll and _step see to that. Again with
 * SIGKILL: at once. Its controlling terminal is hung up: SIGHUP before signo. */
DUALPIPE_API int dualpipe_stop(dualpipe *dp, int signo);

/* Wait for its end, output taken in meanwhile. Fills *s (which may be NULL). What it wrote stays
 * readable. -ETIMEDOUT; -ENOBUFS: read first; -ECHILD: the host ignores SIGCHLD and the status
 * is lost. */
DUALPIPE_API int dualpipe_wait(dualpipe *dp, struct dualpipe_status *s, int limit);

/* End it and free dp, in steps of at most grace each: end of file, if it has one, and what it still
 * writes is dropped; SIGTERM; SIGKILL, for which it has 2 s. A child that ends by itself is sent no
 * signal; what is left of the group of one that was stopped is killed. Fills *s (which may be
 * NULL). NULL does nothing. Returns NULL. */
DUALPIPE_API dualpipe *dualpipe_close(dualpipe *dp, struct dualpipe_status *s);

/* --- 2. Waiting, here or in a loop of the host's ----------------------------------------- */

enum {
    DUALPIPE_POLL_STDOUT = 1, /* bytes of its stdout, or their end, have been taken in */
    DUALPIPE_POLL_STDERR = 2, /* the same of its stderr */
    DUALPIPE_POLL_STDIN = 4,  /* it takes bytes */
    DUALPIPE_POLL_EXIT = 8,   /* the process has ended */
    DUALPIPE_POLL_HUP =
        16 /* it takes none any more: its stdin, or our stdout's reader, is closed */
};
/* Like struct pollfd. dp NULL: fd is polled as it is, wants and has are IN, OUT, GONE. */
struct dualpipe_pollitem {
    dualpipe *dp;
    int fd;
    short events, revents;
};
/* Wait until one of the events has come, or for limit. A handle that wants IN or ERR takes in
 * what is there; full buffers and ended streams are not waited for. Before it sleeps it yields
 * the processor for some 20 microseconds while replies of late came that fast. Returns how many
 * events have something; 0: limit passed. -EINTR is never returned: let a signal handler write
 * to a pipe and give that as an fd. */
DUALPIPE_API int dualpipe_poll(struct dualpipe_pollitem *events, int n, int limit);

/* The same in two halves, for a loop of the host's: fill fds, poll them no longer than *limit
 * (lowered to the next thing that is due), then step. Returns how many fds there are; more than
 * nfds: call again with room. 4 an event suffice. */
DUALPIPE_API int dualpipe_pollfds(const struct dualpipe_pollitem *events, int n, struct pollfd *fds,
                                  int nfds, int *limit);
DUALPIPE_API int dualpipe_step(struct dualpipe_pollitem *events, int n, const struct pollfd *fds,
                               int nfds);

/* Carry bytes both ways between a child and the host's own descriptors, without a copy where
 * the kernel can: host's in to the child, child's stdout and stderr to host's out and err.
 * Waits for something to do, does it, and returns: 1, call again; 0, the child has ended and its
 * output is through; 2, nothing moved within limit, *more has something (n events as in
 * dualpipe_poll, at most 8, fds only), or the child has ended. -EPIPE: the reader of our output
 * has gone; -EMSGSIZE: a line of the input is too long for the child's terminal: stop it; another
 * errno: our output can't be written. Lines go whole to a cooked terminal; a raw one is not told
 * of the input's end. Once begun, use no other call that reads or writes on the two. */
DUALPIPE_API int dualpipe_relay(dualpipe *child, dualpipe *host, struct dualpipe_pollitem *more,
                                int n, int limit);

/* Shown each piece that dualpipe_relay takes in, which then copies: from_child 0 is input. */
typedef void dualpipe_relay_callback(void *data, int from_child, const char *p, size_t n);
/* Set before the first dualpipe_relay. */
DUALPIPE_API void dualpipe_relay_tap(dualpipe *child, dualpipe_relay_callback *seen, void *data);

/* Why nothing moves. unread: bytes written that the child has not read, 0 on a terminal; held:
 * bytes of its that the host has not; received: all that ever came from its stdout; state: as in
 * proc_pid_stat(5), 0 unknown; holder: a process other than the child that holds its stdout
 * open, 0 none found (Linux: looks through /proc, slow), -1: not looked for. */
struct dualpipe_diagnosis {
    size_t unread, buffered;
    uint64_t received;
    pid_t pid, pipe_holder;
    char state, holder_name[17]; /* the holder's */
};
/* look: search for the holder too. */
DUALPIPE_API int dualpipe_diagnose(dualpipe *dp, struct dualpipe_diagnosis *s, int look);

/* --- 3. Frames --------------------------------------------------------------------------- */

/* How messages stand in a stream of bytes: a body between a head and a tail. */
enum dualpipe_frame_kind {
    DUALPIPE_FRAME_LINE,      /* ends in LF, which it can't hold */
    DUALPIPE_FRAME_CRLF,      /* ends in LF; a CR before that is no part of it. Written with both */
    DUALPIPE_FRAME_NUL,       /* ends in a byte 0 */
    DUALPIPE_FRAME_NETSTRING, /* `5:hello,` */
    DUALPIPE_FRAME_U8,        /* behind its length in 1, 2, 4 bytes, the greatest first */
    DUALPIPE_FRAME_U16,
    DUALPIPE_FRAME_U32,
    DUALPIPE_FRAME_U32LE,  /* the smallest first: native messaging */
    DUALPIPE_FRAME_VARINT, /* behind its length in LEB128, as protobuf delimits messages; at most 10
                        bytes, needless zeros among them are taken */
    DUALPIPE_FRAME_HEADER, /* behind lines like `Content-Length: 5`, of which this one must be there
                        once, and an empty one; at most 8 KiB, ended by CRLF or LF */
    DUALPIPE_FRAME_PKTLINE, /* git's: behind four hexadecimal digits that count themselves too, at
                         most 65520 in all. The packets `0000`, `0001`, `0002` stand as bodies of
                         these four bytes, which therefore can't be data */
    DUALPIPE_FRAME_RAW      /* none: bytes as they come */
};
/* The first frame of some bytes. A zeroed one is at a frame's start; the next call, whose bytes
 * begin with the same and go on, takes it as the last one left it, and looks only at what is new
 * where it can. */
struct dualpipe_frame_view {
    const char *data; /* result: the body, in the bytes of the call */
    size_t size;
    size_t frame_size; /* of a frame that is not all there, or malformed behind its body: its size,
                     head and tail with it; 0 as long as that is not known */
    size_t scanned;      /* the call's own */
};
/* Take the first frame of the n bytes at p. Returns its size, head and tail with it; 0: more is
 * needed (at the end of the bytes: it is cut short; of DUALPIPE_FRAME_RAW always: all there is, is one
 * message). -EBADMSG: the bytes can't become a frame, told at the first byte that shows it;
 * -EMSGSIZE: the body is longer than max, told as soon as that is known. */
DUALPIPE_API ssize_t dualpipe_frame_decode(enum dualpipe_frame_kind kind, const void *p, size_t n,
                                           size_t max, struct dualpipe_frame_view *b);

enum { DUALPIPE_FRAME_HEAD_MAX = 48 };
struct dualpipe_frame_envelope { /* what stands around a body */
    size_t head_size, tail_size;
    char head[DUALPIPE_FRAME_HEAD_MAX], tail[8];
};
/* Give what makes a frame of a body. 0. -EBADMSG: it holds what the kind can't say; -EMSGSIZE: it
 * is longer than the kind can say. */
DUALPIPE_API int dualpipe_frame_encode(enum dualpipe_frame_kind kind, const void *body, size_t size,
                                       struct dualpipe_frame_envelope *w);

/* --- 4. Where a reply ends --------------------------------------------------------------- */

typedef struct dualpipe_rule dualpipe_rule; /* compiled; any number of replies share one */

/* Those set hold together: the first to hold ends the reply. Patterns are held against the bodies
 * of frames, mostly lines. They are
 * POSIX extended regular expressions over bytes in the C locale, `^` and `$` at line ends, with
 * \n \t \r; a backslash before any other letter or digit is refused; `.` is any byte but NUL.
 * "Group 1" is what the pattern's first parentheses match; they must be there. Lists end in NULL
 * and may be NULL. */
struct dualpipe_rule_options {
    enum dualpipe_frame_kind kind;  /* of the child's frames. Only lines, of either kind, end by
                                 prompt, fence, length, bytes or unfinished; of RAW there are
                                 bytes, idle, at_end and prompt alone */
    long count;               /* so many frames; 0: 1 if nothing else is set; -1: no reply */
    const char *const *end_patterns; /* with the first frame that matches, which is part of the
                                 reply; one with N \n in it is held against the last N+1 lines; of
                                 kinds other than lines, \n is a byte of the body */
    int match_partial_line;   /* until also holds for a last line without its end, once no more
                         is there to read: what is awaited before a first request */
    const char *prompt;       /* where it matches at the very end of what has come, finished line
                                 or not, and no more is there to read; the match is cut off, the
                                 line end behind it too. With N \n in it, held against the last
                                 N+1 lines; at most the last 4096 bytes */
    const char *fence;        /* sent as a line behind each request, `{}` being a token never used
                                 before: at the first line that ends in the token, which is cut
                                 off with its line end; what stands before it is kept. A line that
                                 ends in all of the fence is an echo, cut out (not if it is `{}`
                                 alone) */
    const char *id;           /* with the frame whose group 1 equals the request's, in any order;
                                 a request that doesn't match draws none. "json": the top-level
                                 id of a message without a method: strings by the characters they
                                 stand for, numbers as they are written; null is none. The reply
                                 is that frame: others answer nothing, and a request to us, its id
                                 null or up to 64 KiB, is answered -32601. Stands alone but for
                                 no_reply and async */
    const char *length;       /* group 1 of the first line counts the bytes that follow it, then a
                                 line end; a first line that doesn't match is the whole reply */
    size_t bytes;             /* after so many */
    int idle_ms;                 /* milliseconds of silence: a guess. No frame is cut by it, but of
                                 lines and RAW */
    int until_eof;               /* at end of file */
    const char *const *no_reply; /* requests that match draw none */
    const char *const *notifications;    /* frames that match answer nothing, wherever they come */
};
/* Gives *r; free it with dualpipe_rule_free. -EINVAL: why->subject is the pattern,
 * why->position where it went wrong, why->advice what to write instead. -ENOMEM. */
DUALPIPE_API int dualpipe_rule_new(dualpipe_rule **r, const struct dualpipe_rule_options *o,
                                   struct dualpipe_error *why);
DUALPIPE_API dualpipe_rule *dualpipe_rule_free(dualpipe_rule *r);

/* Whether a request draws a reply by this rule: 0 or 1. */
DUALPIPE_API int dualpipe_rule_expects_reply(const dualpipe_rule *r, const void *request, size_t n);
/* Milliseconds of silence that end a reply; DUALPIPE_FOREVER: none do. */
DUALPIPE_API int dualpipe_rule_idle_timeout(const dualpipe_rule *r);
/* Whether several requests may be under way on one child: not with prompt, idle or at_end, whose
 * replies end where nothing follows. */
DUALPIPE_API int dualpipe_rule_allows_pipelining(const dualpipe_rule *r);

/* Progress through one reply; a zeroed one is at its start. Offsets count from the call's p. */
struct dualpipe_scan {
    const char *token; /* the caller's, before the first call: of the fence; NULL: none was sent */
    size_t from, to;   /* result: this piece of the reply is sure */
    size_t next;       /* result: where the next begins; what lies between is cut off */
    size_t consumed;       /* result: bytes that need not be shown again: the caller must pass those
                          behind them next time */
    size_t id_offset, id_size; /* result: of rules by id, with DUALPIPE_SCAN_COMPLETE and _ASKED:
                       where the frame's lies. One of no bytes is one. With DUALPIPE_SCAN_BAD_FRAME
                       and _LONG_FRAME: where the bytes lie that are wrong; none: cut short */
    size_t max_frame;        /* the caller's: the longest body of a frame; 0: any. Not of lines */
    int matched;         /* result: the pattern of until that held, from 0; -1: another rule */
    long replies;        /* the caller's: so many replies in a row, by count alone; 0: 1 */
    long frames;       /* that have been passed */
    size_t seen_, line_, lines_[8], left_;
    int state_;
};
enum { /* what is known of the bytes behind p + n */
    DUALPIPE_SCAN_DRAINED = 1, /* none are there to read just now */
    DUALPIPE_SCAN_EOF = 2   /* none will come */
};
enum dualpipe_scan_result {
    DUALPIPE_SCAN_MORE,     /* the reply isn't whole: call again with more */
    DUALPIPE_SCAN_COMPLETE, /* it is; with an id, this frame is the reply of whoever's id it is */
    DUALPIPE_SCAN_ECHO,     /* to..next is an echo: call again with the same bytes */
    DUALPIPE_SCAN_NOTIFICATION, /* to..next is a frame that answers nothing: the same */
    DUALPIPE_SCAN_NOMEM, /* no memory was left for a pattern: no scan can be trusted any more */
    DUALPIPE_SCAN_CHILD_REQUEST, /* the same, and by "json" it is a request to us with the id */
    DUALPIPE_SCAN_BAD_FRAME, /* what follows is no frame, or cut short: no scan can go on. From..to
                           is sure all the same */
    DUALPIPE_SCAN_TOO_LONG   /* its body is longer than max: the same */
};
/* Look for the reply's end in the n bytes at p, which begin where the last call's drop ended.
 * After DUALPIPE_SCAN_COMPLETE the scan is done: what follows next is not the reply's. */
DUALPIPE_API enum dualpipe_scan_result dualpipe_rule_scan(const dualpipe_rule *r,
                                                          struct dualpipe_scan *s, const char *p,
                                                          size_t n, int behind);

/* How many bytes the lines at p take, of so many at most; *lines: how many these are. */
DUALPIPE_API size_t dualpipe_lines(const char *p, size_t n, long most, long *lines);

/* --- 5. Asking: one child or many, in order ---------------------------------------------- */

/* A pool keeps children in step with their requests. A reply is paired with its request or with
 * none: bytes that come before a request is sent are reported, not taken for its reply; after a
 * limit the late reply is awaited as long again and dropped, nothing more being sent meanwhile
 * unless the rule tells replies apart (fence, id); if it does not come, or its end can't be
 * known, the child is replaced. Every request put in comes out once, answered or failed. */
typedef struct dualpipe_pool dualpipe_pool;

enum dualpipe_outcome {
    DUALPIPE_OUTCOME_ANSWERED,
    DUALPIPE_OUTCOME_TIMED_OUT,
    DUALPIPE_OUTCOME_CHILD_ENDED, /* it, or its output, has ended before the reply was whole; or it
                             was replaced while several were under way. With DUALPIPE_POOL_ONE_SHOT
                             also: the reply is whole, and the child's status is not 0 */
    DUALPIPE_OUTCOME_TOO_LONG,    /* the reply passes max; or, if nothing was sent, a line of the
                             request    is too long for the child's terminal */
    DUALPIPE_OUTCOME_MALFORMED,   /* what came is no frame; or the child's output ended well within
                                     one */
    DUALPIPE_OUTCOME_NO_MEMORY,   /* for its reply */
    DUALPIPE_OUTCOME_NOT_STARTED, /* no child could be had for it: nothing was sent; not in the
                                     books */
    DUALPIPE_OUTCOME_LIMIT        /* as DUALPIPE_OUTCOME_CHILD_ENDED, by a limit: status.limit */
};
struct dualpipe_request {
    const void *data;          /* as it is sent, its line end or the rest of its frame with it;
                                  sent or copied by put */
    size_t size;               /* 0: nothing is sent, no fence either: a reply is awaited */
    const dualpipe_rule *rule; /* NULL: the pool's. Must outlive the pool */
    int timeout;                 /* from its first byte, or its being the oldest; 0: none */
    void *tag;                 /* the caller's own, given back in the reply */
    int count;                 /* 0: one. Else so many, a line each, sent at once: see
                                  dualpipe_pool_can_batch */
};
struct dualpipe_reply {   /* pointers are valid until the next call on the pool */
    enum dualpipe_outcome outcome;
    int partial;             /* DUALPIPE_POOL_STREAM_REPLIES: a piece; the rest follows */
    int complete; /* the reply is, though the child's status was not 0: DUALPIPE_POOL_ONE_SHOT */
    const char *data;     /* the reply, in frames as the child wrote it; of a failed one what had
                             come; of a frame that is wrong its first bytes, 32 at most */
    size_t size;
    const char *err;      /* DUALPIPE_POOL_KEEP_STDERR: what came on its stderr meanwhile */
    size_t err_size;
    const void *request;  /* DUALPIPE_POOL_KEEP_REQUESTS: what was asked */
    size_t request_size;
    size_t sent;          /* bytes of the request and its fence that went to a child */
    size_t unsent;        /* and that did not */
    int matched;            /* as in struct dualpipe_scan */
    int worker, attempt;  /* from 0, from 1 */
    int64_t number;       /* from 1, in the order of put; of several the first not answered */
    int count;            /* of so many requests from there on, answered one after another */
    int64_t duration_us; /* DUALPIPE_POOL_MEASURE_TIME: from its sending to its end */
    void *tag;
    uint64_t offset;      /* MALFORMED, TOO_LONG: of these in all that the child wrote, from 0;
                             none: it is cut short */
    const char *reason;   /* why the child was replaced before the reply was whole; NULL */
    struct dualpipe_status status; /* of a child that has ended; else code and signal -1 */
    dualpipe *child;      /* that was asked, to dualpipe_diagnose; NULL: it is gone */
};

/* What a pool tells besides replies, during its calls, in the order of its happening. */
enum dualpipe_pool_event_type {
    DUALPIPE_POOL_EVENT_STARTED, /* a child is ready: set up */
    DUALPIPE_POOL_EVENT_SENDING, /* DUALPIPE_POOL_TRACE_SENT: data goes to the child; number 0: a
                                    set-up text */
    DUALPIPE_POOL_EVENT_UNEXPECTED_BYTES, /* data came unasked and was dropped; number: of the next
                       request; 0: after the last */
    DUALPIPE_POOL_EVENT_NOTIFICATION,     /* a frame that answers nothing: data */
    DUALPIPE_POOL_EVENT_STDERR, /* child's stderr: data. Not with DUALPIPE_POOL_KEEP_STDERR, unless
                                   unasked */
    DUALPIPE_POOL_EVENT_LATE_DISCARDED, /* the late reply to request number came and was dropped */
    DUALPIPE_POOL_EVENT_REPLACED,       /* the child is out of step: reason; its state is lost */
    DUALPIPE_POOL_EVENT_CHILD_ENDED, /* a child has ended and been waited for: status; number: of so
                      many of this worker, one after another, without an answer; 0: it had nothing
                      to do */
    DUALPIPE_POOL_EVENT_CANNOT_START,   /* error, why */
    DUALPIPE_POOL_EVENT_SETUP_FAILED,   /* data: the set-up text, size 0: what is awaited first;
                              outcome;   reason, unless it is NULL */
    DUALPIPE_POOL_EVENT_WORKER_DISABLED /* a worker is, after so many (number) of tries: status of
                                           the last */
};
struct dualpipe_pool_event {
    enum dualpipe_pool_event_type type;
    int worker;
    dualpipe *child; /* NULL: none */
    int64_t number;
    const char *data, *reason;
    size_t size;
    enum dualpipe_outcome outcome;
    int error;
    const struct dualpipe_error *cause;
    struct dualpipe_status status;
};
/* Must not call the pool. */
typedef void dualpipe_pool_callback(void *data, const struct dualpipe_pool_event *n);

enum {
    DUALPIPE_POOL_STREAM_REPLIES = 1, /* one worker: a reply is given as it comes, not when whole */
    DUALPIPE_POOL_UNORDERED = 2,      /* replies as they come, not in the order of put */
    DUALPIPE_POOL_REPLACE = 4,       /* a child that ends is replaced, as each of several is anyway;
                                   else no more can be put */
    DUALPIPE_POOL_RETRY_PARTIAL = 8, /* retries also when some of the reply had come */
    DUALPIPE_POOL_ONE_SHOT = 16,     /* a child for each request, its input ended behind it */
    DUALPIPE_POOL_KEEP_REQUESTS = 32, /* replies give their requests */
    DUALPIPE_POOL_KEEP_STDERR =
        64, /* and the child's stderr: child->err must be DUALPIPE_STDERR_RELAY */
    DUALPIPE_POOL_MEASURE_TIME = 128, /* and how long they took: two readings of the clock each */
    DUALPIPE_POOL_TRACE_SENT = 256,
    DUALPIPE_POOL_INTERACTIVE = 1024, /* one worker, and somebody looks at it: what comes while
                                 nothing is under way is told at once, all of it, number 0; without
                                 quit texts also once it is to end. A late reply is awaited for
                                 ever, until a request waits for it. What can't be sent fails with
                                 the child, and goes to no other */
    DUALPIPE_POOL_WAIT_FOR_LATE =
        2048, /* a late reply is awaited for ever, whoever waits; a child that is
      out of step is stopped at once, of which REPLACED says why */
    DUALPIPE_POOL_ZERO_COPY = 512 /* one worker: a request's data stays as it is until there is room
                           for more; large ones are not copied, and leave none until
                           they are sent */
};
/* A window of as many requests as the child answers in 5 ms by the mean of the last 128, 2048 at
 * most, or replies of 512 KiB; handed over when half are answered, unless it has been silent for
 * 5 ms or its pipe is full. While all have 2 ms of work dualpipe_pool_pollitems leaves their output
 * out for 1 ms: a wake-up for each reply of 20 us of work costs 7 to 17 %, such rests none, as
 * tests/bench/run shows. 1 where a rule allows no window, or with DUALPIPE_POOL_ONE_SHOT. */
enum { DUALPIPE_WINDOW_AUTO = -1 };
struct dualpipe_pool_options {
    const struct dualpipe_options *child; /* how each is started */
    const dualpipe_rule *rule;            /* of requests that name none; NULL: one line */
    const dualpipe_rule *ready_rule;           /* what a child says first, dropped; NULL: nothing */
    const struct dualpipe_request *setup_texts, *shutdown_texts; /* to every child before its first,
                                                    after its last request; replies dropped, those
                                                    of quit not awaited but by id */
    int setup_count, shutdown_count;
    int workers;      /* 0: 1. Started as they are needed, the first at once */
    int window;       /* requests under way on each; 0: 1; DUALPIPE_WINDOW_AUTO */
    int retries;      /* of a failed request, on a fresh child, if nothing of its reply came */
    long max_requests; /* then the worker is replaced; 0: never */
    int start_timeout;  /* for ready and set-up; 0: none */
    int exit_timeout;     /* for a child to end by itself; 0: 10000; DUALPIPE_FOREVER */
    size_t
        max_reply; /* a reply, or of DUALPIPE_POOL_STREAM_REPLIES a line; of other kinds a
                frame's body, for     which, with its head, child->max must have room; 0: 64 MiB */
    unsigned flags;
    dualpipe_pool_callback *callback; /* may be NULL */
    void *callback_data;
    const struct dualpipe_options *worker_options; /* one for each worker, in place of child; NULL:
                                            all are started as child */
    int max_start_failures; /* for workers that may be out of reach: one whose children end so many
                  times, one after another, without an answer is given up, and the others go on; and
                  what was sent to a child that ends before its stdout has brought a byte is taken
                  as not sent. 0: one that can't be set up ends the pool */
    dualpipe *session; /* of dualpipe_session_connect, greeted or not: its session is asked, not
                          children of ours, and of these options only max, flags, listener and data
                          count. The handle stays the host's to close, after the pool, and is used
                          by no other call meanwhile. Requests with a rule by which they draw no
                          reply are sent so; any other rule is the session's own. NULL: none */
};
/* The books: in = answered + failed + what is under way. */
struct dualpipe_stats {
    int64_t submitted, answered, failed, retried, late_discarded;
    uint64_t unexpected_bytes; /* bytes */
};

/* Gives *pool, its first child started (not with DUALPIPE_POOL_ONE_SHOT); close it with
 * dualpipe_pool_close. What the options point to must outlive it. As dualpipe_start; -EINVAL:
 * why->advice. */
DUALPIPE_API int dualpipe_pool_open(dualpipe_pool **pool, const struct dualpipe_pool_options *o,
                                    struct dualpipe_error *why);
/* Put a request in: it goes to a child, now or when one is free. 0; 1: there is something to get
 * already. -EAGAIN: windows are full, get first (of DUALPIPE_WINDOW_AUTO up to 2048 are kept beyond);
 * -EPIPE: the child, or its output, has ended, and it is not replaced;
 * -EINVAL: its rule allows no window, or no count; -ENOMEM; another errno: no child can be
 * started. */
DUALPIPE_API int dualpipe_pool_put(dualpipe_pool *pool, const struct dualpipe_request *q);
/* Whether requests by this rule (NULL: the pool's) may be put several at a time: to one worker, or
 * with a window that adapts; on pipes, by a rule of count alone, with none of the flags FRESH,
 * KEEP_REQUESTS, KEEP_ERR, TIMED and TELL_SENT. The replies of those that are answered come
 * together; one that fails comes alone. */
DUALPIPE_API int dualpipe_pool_can_batch(const dualpipe_pool *pool, const dualpipe_rule *rule);
/* How many more could be put now; if several are put at a time with a window that adapts, how many
 * at once: there may be room behind them. Negative: what dualpipe_pool_put would fail with, for
 * good. */
DUALPIPE_API int dualpipe_pool_room(const dualpipe_pool *pool);
/* The next reply, waited for until limit (0: what is there). 1; 0: none is
 * under way (after dualpipe_pool_end or _stop: and no child is left); -ETIMEDOUT; -ETIME, -ECHILD:
 * a child was not set up in time, or ended before it was (with tries -ECHILD: all workers have been
 * given up); -ESTALE: see dualpipe_ask; another errno: no child can be started. */
DUALPIPE_API int dualpipe_pool_get(dualpipe_pool *pool, struct dualpipe_reply *r, int limit);
/* For a wait on more than the pool: fill what it waits for, lower *limit, dualpipe_poll these
 * with one's own (or dualpipe_pollfds, dualpipe_step), then dualpipe_pool_get with limit 0.
 * Returns how many there are, at most one a worker; more than n: call again with room. */
DUALPIPE_API int dualpipe_pool_pollitems(dualpipe_pool *pool, struct dualpipe_pollitem *events,
                                         int n, int *limit);
/* What has waited longest: number (0: a text of the set-up), sent, unsent, child, worker, and, of
 * DUALPIPE_POOL_MEASURE_TIME, microseconds. 0: nothing is under way. */
DUALPIPE_API int dualpipe_pool_oldest(dualpipe_pool *pool, struct dualpipe_reply *r);
/* To every child. */
DUALPIPE_API void dualpipe_pool_signal(dualpipe_pool *pool, int signo);
/* All limits pass so much later: the host was stopped for so long. */
DUALPIPE_API void dualpipe_pool_extend_deadlines(dualpipe_pool *pool, int milliseconds);
/* What has waited longest on each child comes back as if its limit had passed. Of one without a
 * limit, whose rule does not tell replies apart, the child is then out of step. Where none has
 * anything to answer, what has waited longest for a child comes back so. */
DUALPIPE_API void dualpipe_pool_timeout_oldest(dualpipe_pool *pool);
/* Begin to end the children: quit texts, end of file, patience, then as dualpipe_pool_stop. */
DUALPIPE_API void dualpipe_pool_end(dualpipe_pool *pool);
/* Begin to stop them: as dualpipe_stop. What is under way fails. Again with SIGKILL: at once. */
DUALPIPE_API void dualpipe_pool_stop(dualpipe_pool *pool, int signo);
DUALPIPE_API void dualpipe_pool_stats(const dualpipe_pool *pool, struct dualpipe_stats *b);
/* End what is left, as dualpipe_close does, and free all. NULL does nothing. Returns NULL. */
DUALPIPE_API dualpipe_pool *dualpipe_pool_close(dualpipe_pool *pool);

/* Ask a child of dualpipe_start and wait for the reply: the simple case. Fills *r, whose pointers
 * are valid until the next call of this kind on dp. 0: r->outcome says how; after
 * DUALPIPE_OUTCOME_TIMED_OUT the next call first waits for the late reply and drops it. -ESTALE: that did
 * not come either, or its end can't be known: no reply can be trusted any more; -EPIPE: the child
 * had ended; -ENOMEM. Use no other call that reads or writes between a timeout and the next. */
DUALPIPE_API int dualpipe_ask(dualpipe *dp, const struct dualpipe_request *q,
                              struct dualpipe_reply *r);

/* --- 6. Sessions: clients of a socket in front of a pool --------------------------------- */

/* Many clients ask one pool: a session. Each is told the replies to its own requests, in the order
 * in which it asked; requests of several take turns. A client that stops reading, sends what can't
 * be understood, or goes away harms no other: what it had asked is finished, and dropped.
 * A client that sends DUALPIPE/1 and a line end first speaks the protocol of dualpipe-session(5);
 * all bytes of any other are requests in frames of a kind, and so are the replies it gets: when a
 * request of it fails its connection is closed. */
typedef struct dualpipe_server dualpipe_server;

/* What becomes of a client, during the server's calls. */
enum dualpipe_client_event {
    DUALPIPE_CLIENT_CONNECTED,    /* it is connected */
    DUALPIPE_CLIENT_REJECTED,     /* another user's: closed at once */
    DUALPIPE_CLIENT_DISCONNECTED, /* it has closed its end, and had all its replies; or it has gone
                                   */
    DUALPIPE_CLIENT_EVICTED       /* reason: closed by us */
};
struct dualpipe_client_info {
    enum dualpipe_client_event event;
    uid_t uid; /* as the kernel tells it */
    pid_t pid;
    const char *reason;  /* NULL: none */
    int64_t requests,
        replies_lost; /* requests of it, and those whose replies nobody was there to take */
};
/* Must not call the server. */
typedef void dualpipe_client_callback(void *data, const struct dualpipe_client_info *v);
/* Makes a message of another kind: *made is allocated, and freed by the server. 0, or a negative
 * errno: the client is closed. */
typedef int dualpipe_translator(void *data, const char *p, size_t n, char **made, size_t *size);

struct dualpipe_server_options {
    const struct dualpipe_pool_options *pool; /* copied; of its flags PIECES, UNORDERED and PATIENT
                                                 are the server's to set, and its listener hears
                                                 of stderr only what no client is told */
    const char *path; /* of the socket, made with mode 0600; its lock is path.dualpipe-lock */
    int fd;           /* path NULL: a Unix socket that listens; stays the host's */
    const char *description; /* told to clients that greet, as it is: what this session is */
    size_t description_size;
    enum dualpipe_frame_kind client_kind;   /* of plain clients */
    int reply_timeout;               /* of their replies; 0: none */
    dualpipe_translator *to_child, *to_client; /* of their messages; NULL: io is the child's kind.
                                                  to_child is given a body, to_client a reply */
    int max_clients; /* at once; others wait to be let in. 0: as descriptors allow, 1000 at most */
    int client_stall_timeout; /* for a client that reads nothing, or is amid a message; 0: 30000 */
    size_t client_buffer_max; /* bytes of replies for one client, which is closed beyond; 0: 64 MiB.
                    For all    of them together four times that: then the one with the most is
                    closed */
    int idle_exit_timeout;    /* the session ends when no client was there for so long; 0: never */
    dualpipe_client_callback *client_callback; /* may be NULL */
    void *callback_data;     /* of this and the translators */
    int abandoned_reply_timeout; /* for a reply that nobody waits for, its client having gone or its
                 limit having passed: while others wait it is awaited for as long as its limit was,
                 and at least so long; then the child is stopped. 0: 10000 */
};

/* Open a session: its pool, and the socket where clients are let in from now on. Gives *server;
 * end it with dualpipe_server_close. What the options point to must outlive it. As
 * dualpipe_pool_open; -EADDRINUSE: one is served there; -ENAMETOOLONG: path has more than 107
 * bytes; -EEXIST: something else is there; -EPERM: another user's; -ENOTSOCK: fd is no Unix socket
 * that listens. A socket that nobody serves any
 * more is taken over; nothing else is ever removed. */
DUALPIPE_API int dualpipe_server_open(dualpipe_server **server,
                                      const struct dualpipe_server_options *o,
                                      struct dualpipe_error *why);
/* Serve, for limit at most. 1: call again; 0: the session has ended; a negative errno of
 * dualpipe_poll. */
DUALPIPE_API int dualpipe_server_run(dualpipe_server *server, int limit);
/* The same for a wait on more than that: fill what it waits for, lower *limit, dualpipe_poll these
 * with one's own, then dualpipe_server_step. Returns how many events there are, one more than
 * workers, or, where no descriptor can stand for others (Linux has one), one more than clients;
 * more than n: call again with room. */
DUALPIPE_API int dualpipe_server_pollitems(dualpipe_server *server,
                                           struct dualpipe_pollitem *events, int n, int *limit);
/* Go on without waiting. 1: the session goes on; 0: it has ended. */
DUALPIPE_API int dualpipe_server_step(dualpipe_server *server);
/* Begin to end it: the socket is removed, what clients have sent is still answered, for limit at
 * most; then they are closed, and the children end as by dualpipe_pool_end. */
DUALPIPE_API void dualpipe_server_end(dualpipe_server *server, int limit);
/* Its pool: for books, signals, and dualpipe_pool_stop, that ends all at once. */
DUALPIPE_API dualpipe_pool *dualpipe_server_pool(dualpipe_server *server);
/* How its only child has ended by itself: 1, and *s is filled; 0: it has not. *told: a client was
 * told of it. s and told may be NULL. */
DUALPIPE_API int dualpipe_server_status(const dualpipe_server *server, struct dualpipe_status *s,
                                        int *told);
/* Whether a socket was in its place that nobody served any more: who did was killed. */
DUALPIPE_API int dualpipe_server_took_over(const dualpipe_server *server);
/* End what is left, and free all. NULL does nothing. Returns NULL. */
DUALPIPE_API dualpipe_server *dualpipe_server_close(dualpipe_server *server);

/* Connect to a session: the same handle as a child's. What is written are requests, in its kind of
 * frames, what is read the replies; dualpipe_ask asks; dualpipe_close_stdin says that no more will be
 * asked; dualpipe_close leaves, and the session goes on. limit: while too many wait to be let in.
 * -ENOENT, -ECONNREFUSED: no session is there; -ETIMEDOUT; -EPERM: it is another user's;
 * -ENAMETOOLONG. why may be NULL. */
DUALPIPE_API int dualpipe_session_connect(dualpipe **dp, const char *path, int limit,
                                          struct dualpipe_error *why);

/* What a session tells of itself. about is valid until the next call on dp. */
struct dualpipe_session_info {
    pid_t server_pid, child_pid; /* child: of its first worker; 0: none */
    int workers, clients;
    int64_t idle_ms, age_ms;   /* milliseconds: since a client was there, and since it began */
    struct dualpipe_stats stats;
    int ended;            /* its only child has ended: status; nothing can be asked any more */
    struct dualpipe_status status;
    const char *description,
        *last_output; /* last: what the child wrote last, that nobody was told */
    size_t description_size, last_output_size;
    const char *reason;     /* over: why the session had to stop its child, in words */
    size_t reason_size;     /* 0: it hadn't */
};
/* Greet it, before anything else is written on dp: it is then for a pool, or for dualpipe_session_command.
 * -ETIMEDOUT; -EPROTO: who answers is no session; -EPERM: it is another user's; -EPIPE: it has
 * ended. */
DUALPIPE_API int dualpipe_session_hello(dualpipe *dp, struct dualpipe_session_info *s, int limit);
enum dualpipe_session_verb {
    DUALPIPE_SESSION_REAP,      /* that its child has ended is known: it may go */
    DUALPIPE_SESSION_SUBSCRIBE, /* frames that answer nothing are to be told to us: a pool's
                                   listener hears */
    DUALPIPE_SESSION_SHUTDOWN   /* it is to end, as by dualpipe_server_end; then dp has its end of
                                   file */
};
/* Tell it something, once it is greeted. 0, or as dualpipe_write. */
DUALPIPE_API int dualpipe_session_command(dualpipe *dp, enum dualpipe_session_verb word, int limit);
#ifdef __cplusplus
}
#endif
#endif
