/* input_wait.c: looks into /proc whether a child waits for input, and for nothing else.
 *
 * A program that has read all of its stdin and sleeps in a call that waits for more has said what
 * it had to say: what it writes after that answers what it is sent next. This tells a banner from a
 * reply, and the last line of a reply from a goodbye, for programs of which no reply rule is known.
 *
 * The reader of the pipe need not be the child itself (`sh -c 'cat | sed ...'`), so its descendants
 * are looked at too. The answer is SEEN if some thread among them waits in a read of our pipe or
 * terminal, or in a poll, select or epoll while its process has that open as stdin, and no thread
 * is running or on its way to (a `sed` that has been written to is, until it has read that).
 *
 * input_wait_is_stuck() asks for a proof: nothing but input makes the child go on. A server, a
 * timer or a device may wake a program too, so each thread must sleep in a call that only our
 * input, another of these threads or the end of one of these processes can end, without a limit of
 * time; a wait for signals alone counts too, as a reply is not made of them. No thread may have run
 * from one look to the next, so that all of them slept at one moment; and no process that was not
 * looked at may hold the child's stdout. What can't be proved is not so.
 *
 * Linux alone has /proc/PID/syscall; reading it needs the right to trace the process, which a
 * parent has unless the child is set-user-ID or the administrator forbids it. Elsewhere the answer
 * is UNKNOWN. The numbers of calls are those of our own architecture: a 32-bit child on a 64-bit
 * kernel is never SEEN. */
#include "child/input_wait.h"
#include "child/diagnose.h"
#include "child/handle.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/futex.h>

enum { MAX_PROCESSES = 64 }; /* a larger tree is not one program that waits for us */

/* A system call that a thread waits in, from /proc/PID/syscall. */
struct call {
    long nr;
    unsigned long args[5];
};

/* A look at the processes of one child. */
struct look {
    struct stat input;    /* the pipe or terminal that they read from */
    bool proves;          /* input_wait_is_stuck() asks */
    bool waits;           /* a thread waits for it */
    bool runs;            /* a thread is not asleep */
    bool is_woken;        /* proves: something else than input may wake a thread */
    long switches;        /* proves: how often all threads went to sleep so far */
    pid_t processes[MAX_PROCESSES];
    int process_count;
};

/* The file that the child has as stdin: the pipe, or for a terminal its slave. */
static bool stat_input(const dualpipe *dp, struct stat *st) {
    char name[64];
    if (dp->in.kind != FD_PTY)
        return fstat(dp->in.fd, st) == 0;
    return ptsname_r(dp->in.fd, name, sizeof name) == 0 && stat(name, st) == 0;
}

static bool has_input_at(const struct look *look, pid_t pid, unsigned long fd) {
    char name[64];
    struct stat st;
    snprintf(name, sizeof name, "/proc/%ld/fd/%lu", (long)pid, fd);
    return stat(name, &st) == 0 && st.st_ino == look->input.st_ino &&
           st.st_dev == look->input.st_dev;
}

/* Whether the call waits for input, among other things perhaps. */
static bool is_waiting_call(const struct look *look, pid_t pid, const struct call *call) {
    const unsigned long *args = call->args;
    switch (call->nr) {
    case SYS_read:
    case SYS_readv:
    case SYS_splice: return has_input_at(look, pid, args[0]);
#ifdef SYS_poll
    case SYS_poll:
#endif
    case SYS_ppoll: return args[1] > 0 && has_input_at(look, pid, STDIN_FILENO);
#ifdef SYS_select
    case SYS_select:
#endif
    case SYS_pselect6: return args[0] > 0 && has_input_at(look, pid, STDIN_FILENO);
#ifdef SYS_epoll_wait
    case SYS_epoll_wait:
#endif
#ifdef SYS_epoll_pwait2
    case SYS_epoll_pwait2:
#endif
    case SYS_epoll_pwait: return has_input_at(look, pid, STDIN_FILENO);
    default: return false;
    }
}

/* Whether the descriptor is a pipe to the process itself, by which a signal handler wakes it: it
 * has both ends. */
static bool is_own_pipe(pid_t pid, unsigned long fd) {
    char name[300];
    struct dirent *entry;
    struct stat st, other, link;
    bool found = false;
    DIR *fds;
    snprintf(name, sizeof name, "/proc/%ld/fd/%lu", (long)pid, fd);
    if (stat(name, &st) < 0 || !S_ISFIFO(st.st_mode))
        return false;
    snprintf(name, sizeof name, "/proc/%ld/fd", (long)pid);
    if (!(fds = opendir(name)))
        return false;
    while (!found && (entry = readdir(fds)))
        found = fstatat(dirfd(fds), entry->d_name, &other, 0) == 0 && S_ISFIFO(other.st_mode) &&
                other.st_ino == st.st_ino && other.st_dev == st.st_dev &&
                fstatat(dirfd(fds), entry->d_name, &link, AT_SYMLINK_NOFOLLOW) == 0 &&
                link.st_mode & S_IWUSR; /* open for writing */
    closedir(fds);
    return found;
}

/* Reads the set of descriptors at that address of the process, of which the first count may be in
 * it, as bytes of set. An address of 0 is the empty set. */
static bool read_set(pid_t pid, unsigned long address, unsigned long count,
                     unsigned char set[FD_SETSIZE / 8]) {
    char name[64];
    ssize_t n;
    int fd;
    memset(set, 0, FD_SETSIZE / 8);
    if (address == 0 || count > FD_SETSIZE)
        return count <= FD_SETSIZE;
    snprintf(name, sizeof name, "/proc/%ld/mem", (long)pid);
    if ((fd = open(name, O_RDONLY | O_CLOEXEC)) < 0)
        return false;
    n = pread(fd, set, (count + 7) / 8, (off_t)address);
    close(fd);
    return n == (ssize_t)((count + 7) / 8);
}

/* Whether a select without a limit of time waits for our input, and else at most for a pipe of the
 * process's own: gdb waits so while it reads the lines of a definition. */
static bool is_select_on_input(const struct look *look, pid_t pid, const struct call *call) {
    static const unsigned char none[FD_SETSIZE / 8];
    unsigned char reads[sizeof none], writes[sizeof none], others[sizeof none];
    const unsigned long *args = call->args;
    bool has_input = false;
    if (args[4] != 0 || !read_set(pid, args[1], args[0], reads) ||
        !read_set(pid, args[2], args[0], writes) || !read_set(pid, args[3], args[0], others) ||
        memcmp(writes, none, sizeof none) != 0 || memcmp(others, none, sizeof none) != 0)
        return false;
    for (unsigned long fd = 0; fd < args[0]; fd++) {
        bool is_input = reads[fd / 8] >> fd % 8 & 1 && has_input_at(look, pid, fd);
        if (reads[fd / 8] >> fd % 8 & 1 && !is_input && !is_own_pipe(pid, fd))
            return false;
        has_input |= is_input;
    }
    return has_input;
}

/* Whether only our input, one of the child's own threads or processes, or a signal ends the
 * call. */
static bool is_ended_by_input_alone(const struct look *look, pid_t pid, const struct call *call) {
    const unsigned long *args = call->args;
    switch (call->nr) {
    case SYS_read:
    case SYS_readv: return has_input_at(look, pid, args[0]);
#ifdef SYS_select
    case SYS_select:
#endif
    case SYS_pselect6: return is_select_on_input(look, pid, call);
    case SYS_futex:
        return (args[1] & ~(unsigned long)FUTEX_CLOCK_REALTIME) == FUTEX_WAIT_PRIVATE ||
                       (args[1] & ~(unsigned long)FUTEX_CLOCK_REALTIME) == FUTEX_WAIT_BITSET_PRIVATE
                   ? args[3] == 0
                   : false;
    case SYS_rt_sigtimedwait: return args[2] == 0;
#ifdef SYS_pause
    case SYS_pause:
#endif
    case SYS_rt_sigsuspend:
    case SYS_wait4:
    case SYS_waitid: return true;
    default: return false;
    }
}

/* How often the thread has gone to sleep; -1: unknown. */
static long count_sleeps(pid_t pid, const char *thread) {
    static const char word[] = "\nvoluntary_ctxt_switches:";
    char name[300], text[4096], *at;
    snprintf(name, sizeof name, "/proc/%ld/task/%s/status", (long)pid, thread);
    if (fd_read_file(name, text, sizeof text) == 0 || !(at = strstr(text, word)))
        return -1;
    return strtol(at + sizeof word - 1, NULL, 10);
}

/* For a proof: what may wake the thread, and how often it has slept. */
static void look_closely(struct look *look, pid_t pid, const char *thread,
                         const struct call *call) {
    long sleeps = count_sleeps(pid, thread);
    look->is_woken |= sleeps < 0 || !is_ended_by_input_alone(look, pid, call);
    look->switches += sleeps;
}

/* Looks at one thread; -1: the system doesn't let us. A thread that has just ended is none. */
static int look_at_thread(struct look *look, pid_t pid, const char *thread) {
    char name[300], text[512], *at;
    struct call call;
    snprintf(name, sizeof name, "/proc/%ld/task/%s/stat", (long)pid, thread);
    if (fd_read_file(name, text, sizeof text) == 0)
        return 0;
    at = strrchr(text, ')'); /* the state is behind the name, which may hold parentheses */
    if (!at || at[1] != ' ' || at[2] == 'Z' || at[2] == 'X')
        return 0;
    if (at[2] != 'S') {
        look->runs = true;
        return 0;
    }
    snprintf(name, sizeof name, "/proc/%ld/task/%s/syscall", (long)pid, thread);
    if (fd_read_file(name, text, sizeof text) == 0)
        return access(name, F_OK) == 0 || access("/proc/self/syscall", R_OK) < 0 ? -1 : 0;
    if (sscanf(text, "%ld %lx %lx %lx %lx %lx", &call.nr, &call.args[0], &call.args[1],
               &call.args[2], &call.args[3], &call.args[4]) == 6)
        look->waits |= is_waiting_call(look, pid, &call);
    else
        look->runs = true; /* "running" */
    if (look->proves && !look->runs)
        look_closely(look, pid, thread, &call);
    return 0;
}

static int look_at_process(struct look *look, pid_t pid);

/* Looks at the processes that the thread has started. */
static int look_at_children(struct look *look, pid_t pid, const char *thread) {
    char name[300], text[1024];
    snprintf(name, sizeof name, "/proc/%ld/task/%s/children", (long)pid, thread);
    if (fd_read_file(name, text, sizeof text) == 0)
        return 0;
    for (char *at = text, *end; *at; at = end) {
        long child = strtol(at, &end, 10);
        if (end == at)
            break;
        if (look_at_process(look, (pid_t)child) < 0)
            return -1;
    }
    return 0;
}

static int look_at_process(struct look *look, pid_t pid) {
    char name[64];
    struct dirent *entry;
    DIR *threads;
    int result = 0;
    if (look->process_count == MAX_PROCESSES)
        return -1;
    look->processes[look->process_count++] = pid;
    snprintf(name, sizeof name, "/proc/%ld/task", (long)pid);
    if (!(threads = opendir(name)))
        return 0;
    while (result == 0 && !look->runs && (entry = readdir(threads)))
        if (entry->d_name[0] != '.' && (result = look_at_thread(look, pid, entry->d_name)) == 0)
            result = look_at_children(look, pid, entry->d_name);
    closedir(threads);
    return result;
}

enum input_wait input_wait_look(const dualpipe *dp) {
    struct look look = {.waits = false};
    if (dp->process.pid == 0 || dp->in.fd < 0 || !stat_input(dp, &look.input))
        return INPUT_WAIT_UNKNOWN;
    if (handle_unread(dp) > 0)
        return INPUT_WAIT_NOT_YET;
    if (look_at_process(&look, dp->process.pid) < 0)
        return INPUT_WAIT_UNKNOWN;
    return look.waits && !look.runs ? INPUT_WAIT_SEEN : INPUT_WAIT_NOT_YET;
}

/* One of the two looks of a proof. */
static bool is_asleep(const dualpipe *dp, struct look *look) {
    *look = (struct look){.proves = true};
    return stat_input(dp, &look->input) && look_at_process(look, dp->process.pid) == 0 &&
           look->waits && !look->runs && !look->is_woken;
}

/* A terminal shows late what was written to it, so both must be pipes. */
bool input_wait_is_stuck(const dualpipe *dp) {
    struct look first, second;
    struct stat output;
    return dp->process.pid > 0 && dp->in.kind == FD_NONBLOCKING && dp->out.kind == FD_NONBLOCKING &&
           handle_unread(dp) == 0 && is_asleep(dp, &first) && is_asleep(dp, &second) &&
           first.switches == second.switches && first.process_count == second.process_count &&
           fstat(dp->out.fd, &output) == 0 &&
           diagnose_find_holder(&output, second.processes, second.process_count) == 0;
}
#else
enum input_wait input_wait_look(const dualpipe *dp) {
    (void)dp;
    return INPUT_WAIT_UNKNOWN;
}

bool input_wait_is_stuck(const dualpipe *dp) {
    (void)dp;
    return false;
}
#endif
