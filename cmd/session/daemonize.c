/* daemonize.c: a session's start: one call's turn, and the process that goes on without it. */
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

static int ready_fd = -1, log_fd = -1; /* in the session: told to, and written to from then on */

/* --- one at a time ----------------------------------------------------------------------- */

/* The session itself removes its lock when it ends. */
static bool is_file_at(int fd, const char *path) {
    struct stat ours, there;
    return fstat(fd, &ours) == 0 && lstat(path, &there) == 0 && ours.st_ino == there.st_ino &&
           ours.st_dev == there.st_dev;
}

static bool is_private_file(int fd) {
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() && st.st_nlink == 1;
}

/* A file beside the socket. */
static int open_sibling(const struct settings *s, const char *suffix, int flags,
                        const char *operation, char *path) {
    int fd;
    flags |= O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
    paths_sibling(s, suffix, path);
    if ((fd = open(path, flags, 0600)) >= 0 && is_private_file(fd) && fchmod(fd, 0600) == 0)
        return fd; /* the umask may have taken what the next call needs */
    log_error(operation, path, "%s", fd < 0 ? strerror(errno) : "it is no file of ours");
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Takes a lock of the file and leaves it open: 0, -ENOENT: it has been removed meanwhile; or a
 * status: what is wrong has been said. */
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

/* One that is about to end is waited for. */
static int wait_for_previous_server(const struct settings *s) {
    struct stat st;
    int fd, r;
    do
        r = lock_sibling(s, false, &fd, "the one before not ended");
    while (r == -ENOENT);
    if (r != 0)
        return r;
    close(fd); /* the session takes it itself */
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

/* --- the process ------------------------------------------------------------------------- */

static int open_log_file(const struct settings *s) {
    char path[SESSION_PATH_MAX];
    int fd = open_sibling(s, PATHS_LOG_SUFFIX, O_WRONLY | O_APPEND, "opening", path);
    if (fd < 0 || ftruncate(fd, 0) == 0)
        return fd;
    log_error("opening", path, "%s", "it is no file of ours");
    close(fd);
    return -1;
}

static void close_fds(int first, unsigned last) {
#ifdef SYS_close_range
    if ((unsigned)first > last || syscall(SYS_close_range, first, last, 0) == 0)
        return;
#endif
    for (long fd = first, most = sysconf(_SC_OPEN_MAX); fd < most && (unsigned)fd <= last; fd++)
        close((int)fd);
}

/* Nothing of the caller's is kept open, but its stderr until the session is ready. */
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

/* What the first call asks is the caller's: it need not stand in this process's command line. */
static void erase_request_arguments(struct settings *s) {
    for (int i = 0; i < s->requests.count; i++)
        if (s->requests.all[i].kind == INPUT_TEXT)
            memset((char *)(uintptr_t)s->requests.all[i].text, 0, strlen(s->requests.all[i].text));
}

static void become_server(struct settings *s, int ready, int log) {
    static const int reset[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGPIPE, SIGCHLD};
    for (size_t i = 0; i < sizeof reset / sizeof *reset; i++)
        signal(reset[i], SIG_DFL); /* the caller's shell may ignore some for it alone */
    erase_request_arguments(s);
    unsetenv("NOTIFY_SOCKET"); /* of who supervises the caller */
    ready_fd = ready;
    log_fd = log;
    close_inherited_fds();
    s->is_server = true;
    s->status_fd = -1;
    s->deadline = UNITS_FOREVER;
    if (s->stderr_mode == DUALPIPE_STDERR_INHERIT && s->transport < DUALPIPE_TRANSPORT_PTY)
        s->stderr_mode = DUALPIPE_STDERR_RELAY; /* there is nothing to inherit */
}

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
    close(fd); /* it ends, if it is not ready yet */
    if (r == 0)
        return wait_timed_out(s, "not ready");
    if (n == 1)
        return status == 0 ? -1 : status;
    log_error("session", NULL, "it ended before it was ready");
    return STATUS_DUALPIPE_FAILED;
}

/* The first process ends at once, so that nobody has to wait for the second. */
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
