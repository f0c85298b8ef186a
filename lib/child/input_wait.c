/* input_wait.c: looks into /proc whether a child waits for input.
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
 * Linux alone has /proc/PID/syscall; reading it needs the right to trace the process, which a
 * parent has unless the child is set-user-ID or the administrator forbids it. Elsewhere the answer
 * is UNKNOWN. The numbers of calls are those of our own architecture: a 32-bit child on a 64-bit
 * kernel is never SEEN. */
#include "child/input_wait.h"
#include "child/handle.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __linux__
enum { MAX_PROCESSES = 64 }; /* a larger tree is not one program that waits for us */

/* A look at the processes of one child. */
struct look {
    struct stat input; /* the pipe or terminal that they read from */
    bool waits;        /* a thread waits for it */
    bool runs;         /* a thread is not asleep */
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

/* Whether call number nr with these arguments waits for input. */
static bool is_waiting_call(const struct look *look, pid_t pid, long nr, unsigned long first,
                            unsigned long second) {
    switch (nr) {
    case SYS_read:
    case SYS_readv:
    case SYS_splice: return has_input_at(look, pid, first);
#ifdef SYS_poll
    case SYS_poll:
#endif
    case SYS_ppoll: return second > 0 && has_input_at(look, pid, STDIN_FILENO);
#ifdef SYS_select
    case SYS_select:
#endif
    case SYS_pselect6: return first > 0 && has_input_at(look, pid, STDIN_FILENO);
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

/* Looks at one thread; -1: the system doesn't let us. A thread that has just ended is none. */
static int look_at_thread(struct look *look, pid_t pid, const char *thread) {
    char name[300], text[512], *at;
    unsigned long first, second;
    long nr;
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
    if (sscanf(text, "%ld %lx %lx", &nr, &first, &second) == 3)
        look->waits |= is_waiting_call(look, pid, nr, first, second);
    else
        look->runs = true; /* "running" */
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
    if (look->process_count++ >= MAX_PROCESSES)
        return -1;
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
#else
enum input_wait input_wait_look(const dualpipe *dp) {
    (void)dp;
    return INPUT_WAIT_UNKNOWN;
}
#endif
