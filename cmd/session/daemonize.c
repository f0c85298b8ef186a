/* daemonize.c: starts a session server that goes on without its caller, one at a time.
 *
 * Two locks lie beside the socket; where the system has OFD locks, both are on one file (wait.c).
 * The server holds its lock as long as it lives (the library takes it in dualpipe_server_open()). A
 * caller that finds no server holds the start lock from then until it is connected to the new one,
 * so that of several callers one starts it and the others find it running. In between the caller
 * also waits for the server's lock, since an old server that is about to end may still hold it. The
 * files may be removed by their last users, so a lock counts only if the file that was locked is
 * still the one at its path.
 *
 * daemonize_session() forks twice: the first child ends at once, so the server is no child of the
 * caller, and by setsid() has no terminal. A pipe leads from the server to the caller: one byte
 * says that it is ready (0) or with which status it failed; end of file, that it died. The other
 * way round, the server sees a caller that gives up by the hang-up of the pipe. Until it is ready
 * the server's stderr is the caller's, so that errors of the start are seen; then it is the log.
 *
 * The trap: the server must keep nothing of the caller open, or a pipe that waits for the caller's
 * end of file would wait for the server; close_inherited_fds() sees to that. */
#include "session/daemonize.h"
#include "run/run.h"
#include "session/paths.h"
#include "session/wait.h"
#include "util/log.h"
#include "run/exit_status.h"
#include "util/units.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the server only: the pipe to the caller, until it was written to; and the log. */
static int ready_fd = -1, log_fd = -1;

/* --- the start lock ---------------------------------------------------------------- */

/* Whether the open file is still the one at path: a server removes its lock file when it ends. */
static bool is_file_at(int fd, const char *path) {
    struct stat ours, there;
    return fstat(fd, &ours) == 0 && lstat(path, &there) == 0 && ours.st_ino == there.st_ino &&
           ours.st_dev == there.st_dev;
}

/* A file that another user has put there, even by a hard link, must not be used. */
static bool is_private_file(int fd) {
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() && st.st_nlink == 1;
}

/* Opens or creates a file beside the socket, with mode 0600, and gives its path. -1, after a
 * message that begins with operation. */
static int open_sibling(const struct settings *s, const char *suffix, int flags,
                        const char *operation, char *path) {
    int fd;
    flags |= O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
    paths_sibling(s, suffix, path);
    if ((fd = open(path, flags, 0600)) >= 0 && is_private_file(fd) && fchmod(fd, 0600) == 0)
        return fd; /* fchmod: the umask may take away what later calls need */
    log_error(operation, path, "%s", fd < 0 ? strerror(errno) : "it is no file of ours");
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Takes the start lock, or the server's lock, and leaves its file open. 0; -ENOENT: the file was
 * removed meanwhile, try again; or the status to exit with, after a message. */
static int lock_sibling(const struct settings *s, bool is_start_lock, int *fd,
                        const char *timeout_message) {
    const char *suffix = is_start_lock ? wait_start_lock_suffix : PATHS_LOCK_SUFFIX;
    char path[SESSION_PATH_MAX];
    int r;
    if ((*fd = open_sibling(s, suffix, O_RDWR, "locking", path)) < 0)
        return STATUS_DUALPIPE_FAILED;
    r = is_start_lock ? wait_start_lock(s, *fd) : wait_lock(s, *fd, LOCK_EX);
    if (r == 0 && is_file_at(*fd, path))
        return 0;
    close(*fd);
    if (r == 0)
        return -ENOENT;
    if (r == -ETIMEDOUT)
        return wait_timed_out(s, timeout_message);
    log_error("locking", path, "%s", strerror(-r));
    return STATUS_DUALPIPE_FAILED;
}

/* Waits for a server that is about to end. If a socket is left then, its server was killed. 0, or
 * the status to exit with. */
static int wait_for_previous_server(const struct settings *s) {
    struct stat st;
    int fd, r;
    do
        r = lock_sibling(s, false, &fd, "the one before not ended");
    while (r == -ENOENT);
    if (r != 0)
        return r;
    close(fd); /* the new server takes the lock itself */
    if (lstat(s->session_path, &st) == 0 && S_ISSOCK(st.st_mode))
        log_note("session", s->session_name, SESSION_TAKEN_OVER);
    return 0;
}

int daemonize_lock_start(const struct settings *s, int *lock_fd, dualpipe **connection,
                         int *status) {
    int r;
    do
        *status = lock_sibling(s, true, lock_fd, "its start by another call not over");
    while (*status == -ENOENT);
    if (*status != 0)
        return -1;
    r = dualpipe_session_connect(connection, s->session_path, wait_left_ms(s, WAIT_DEFAULT_MS),
                                 NULL);
    if (r == -ETIMEDOUT)
        *status = wait_timed_out(s, "not let in");
    else if (r < 0 && (*status = wait_for_previous_server(s)) == 0)
        return 1;
    daemonize_unlock_start(s, *lock_fd, false);
    return r == 0 ? 0 : -1;
}

void daemonize_unlock_start(const struct settings *s, int lock_fd, bool failed) {
    char path[SESSION_PATH_MAX];
    int fd = -1;
    paths_sibling(s, PATHS_LOCK_SUFFIX, path);
    if (failed)
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && is_file_at(fd, path))
        unlink(path);
    if (fd >= 0)
        close(fd);
    if (strcmp(wait_start_lock_suffix, PATHS_LOCK_SUFFIX) != 0) {
        paths_sibling(s, wait_start_lock_suffix, path);
        unlink(path);
    }
    close(lock_fd);
}

/* --- the server process ------------------------------------------------------------ */

/* Every server begins with an empty log. -1, after a message. */
static int open_log_file(const struct settings *s) {
    char path[SESSION_PATH_MAX];
    int fd = open_sibling(s, PATHS_LOG_SUFFIX, O_WRONLY | O_APPEND, "opening", path);
    if (fd < 0 || ftruncate(fd, 0) == 0)
        return fd;
    log_error("opening", path, "%s", "it is no file of ours");
    close(fd);
    return -1;
}

/* Closes the descriptors from first to last. */
static void close_fds(int first, unsigned last) {
#ifdef SYS_close_range
    if ((unsigned)first > last || syscall(SYS_close_range, first, last, 0) == 0)
        return;
#endif
    for (long fd = first, most = sysconf(_SC_OPEN_MAX); fd < most && (unsigned)fd <= last; fd++)
        close((int)fd);
}

/* Keeps stderr, the pipe and the log; stdin and stdout become /dev/null, all else is closed. */
static void close_inherited_fds(void) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int low = ready_fd < log_fd ? ready_fd : log_fd, high = ready_fd < log_fd ? log_fd : ready_fd;
    if (null >= 0) {
        dup2(null, STDIN_FILENO);
        dup2(null, STDOUT_FILENO);
    }
    close_fds(3, (unsigned)low - 1);
    close_fds(low + 1, (unsigned)high - 1);
    close_fds(high + 1, ~0U);
}

/* The requests are sent by the caller. Other users need not see them in the server's command line.
 */
static void erase_request_arguments(struct settings *s) {
    for (int i = 0; i < s->requests.count; i++)
        if (s->requests.all[i].kind == INPUT_TEXT)
            memset((char *)(uintptr_t)s->requests.all[i].text, 0, strlen(s->requests.all[i].text));
}

/* Turns the second child into the server: nothing that was set for the caller alone stays. */
static void become_server(struct settings *s, int ready, int log) {
    static const int reset[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGPIPE, SIGCHLD};
    for (size_t i = 0; i < sizeof reset / sizeof *reset; i++)
        signal(reset[i], SIG_DFL); /* a shell may have had the caller ignore some */
    erase_request_arguments(s);
    unsetenv("NOTIFY_SOCKET"); /* it is for the supervisor of the caller */
    ready_fd = ready;
    log_fd = log;
    close_inherited_fds();
    s->is_server = true;
    s->status_fd = -1;
    s->deadline = UNITS_FOREVER;
    if (s->stderr_mode == DUALPIPE_STDERR_INHERIT && s->transport < DUALPIPE_TRANSPORT_PTY)
        s->stderr_mode = DUALPIPE_STDERR_RELAY; /* the stderr to inherit becomes the log */
}

/* In the caller: waits for the byte of the server. -1: it is ready; else the status to exit with.
 */
static int wait_until_ready(const struct settings *s, int fd, pid_t intermediate) {
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    unsigned char status = STATUS_DUALPIPE_FAILED;
    ssize_t n = 0;
    int r;
    while (waitpid(intermediate, NULL, 0) < 0 && errno == EINTR)
        ;
    do
        r = poll(&ready, 1, wait_left_for_start_ms(s));
    while (r < 0 && errno == EINTR);
    if (r > 0)
        n = read(fd, &status, 1);
    close(fd); /* if the server is not ready yet, it sees this and ends */
    if (r == 0)
        return wait_timed_out(s, "not ready");
    if (n == 1)
        return status == 0 ? -1 : status;
    log_error("session", NULL, "it ended before it was ready");
    return STATUS_DUALPIPE_FAILED;
}

int daemonize_session(struct settings *s) {
    int ready[2], log = open_log_file(s), status = STATUS_DUALPIPE_FAILED;
    pid_t pid;
    if (log < 0)
        return STATUS_DUALPIPE_FAILED;
    if (pipe2(ready, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
        log_error("starting the session", s->session_name, "%s", strerror(errno));
        close(log);
        return STATUS_DUALPIPE_FAILED;
    }
    if (pid == 0) {
        setsid();
        if ((pid = fork()) != 0)
            _exit(pid < 0);
        become_server(s, ready[1], log);
        return 0;
    }
    close(ready[1]);
    close(log);
    status = wait_until_ready(s, ready[0], pid);
    return status;
}

int daemonize_starter_fd(void) {
    return ready_fd;
}

/* Writes the one byte that the caller waits for. */
static void report_to_starter(unsigned char status) {
    ssize_t n;
    if (ready_fd < 0)
        return;
    do
        n = write(ready_fd, &status, 1);
    while (n < 0 && errno == EINTR);
    close(ready_fd);
    ready_fd = -1;
}

void daemonize_report_ready(void) {
    if (log_fd >= 0)
        dup2(log_fd, STDERR_FILENO);
    report_to_starter(0);
}

void daemonize_report_failure(int status) {
    report_to_starter((unsigned char)(status ? status : STATUS_DUALPIPE_FAILED));
}
