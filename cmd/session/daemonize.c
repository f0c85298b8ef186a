/* daemonize.c: a session's start: one call's turn, and the process that goes on without it. */
#include "session/session.h"
#include "session/wait.h"
#include "util/log.h"
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
static bool is_at(int fd, const char *path) {
    struct stat ours, there;
    return fstat(fd, &ours) == 0 && lstat(path, &there) == 0 && ours.st_ino == there.st_ino &&
           ours.st_dev == there.st_dev;
}

static bool is_ours(int fd) {
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
           st.st_nlink == 1;
}

/* A file beside the socket. */
static int open_beside(const struct settings *s, const char *end, char *path) {
    int fd, flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
    snprintf(path, SESSION_PATH, "%s%s", s->session_path, end);
    if ((fd = open(path, flags, 0600)) >= 0 && is_ours(fd) && fchmod(fd, 0600) == 0)
        return fd; /* the umask may have taken what the next call needs */
    say_error("locking", path, "%s", fd < 0 ? strerror(errno) : "it is no file of ours");
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Takes a lock of the file and leaves it open: 0, -ENOENT: it has been removed meanwhile; or a
 * status: what is wrong has been said. */
static int lock_beside(const struct settings *s, const char *end, int *fd, const char *late) {
    bool turn = end == patience_turn_file;
    char path[SESSION_PATH];
    int r;
    if ((*fd = open_beside(s, end, path)) < 0)
        return STATUS_OURS;
    r = turn ? patience_turn(s, *fd) : patience_lock(s, *fd, LOCK_EX);
    if (r == 0 && is_at(*fd, path))
        return 0;
    close(*fd);
    if (r == 0)
        return -ENOENT;
    if (r == -ETIMEDOUT)
        return patience_ended(s, late);
    say_error("locking", path, "%s", strerror(-r));
    return STATUS_OURS;
}

/* One that is about to end is waited for. */
static int await_free(const struct settings *s) {
    struct stat st;
    int fd, r;
    do
        r = lock_beside(s, ".dualpipe-lock", &fd, "the one before not ended");
    while (r == -ENOENT);
    if (r != 0)
        return r;
    close(fd); /* the session takes it itself */
    if (lstat(s->session_path, &st) == 0 && S_ISSOCK(st.st_mode))
        say_note("session", s->session, SESSION_TAKEN_OVER);
    return 0;
}

int session_take_turn(const struct settings *s, int *turn, dualpipe **connection, int *status) {
    int r;
    do
        *status = lock_beside(s, patience_turn_file, turn, "its start by another call not over");
    while (*status == -ENOENT);
    if (*status != 0)
        return -1;
    r = dualpipe_connect(connection, s->session_path, patience_left(s, PATIENCE), NULL);
    if (r == -ETIMEDOUT)
        *status = patience_ended(s, "not let in");
    else if (r < 0 && (*status = await_free(s)) == 0)
        return 1;
    session_end_turn(s, *turn, false);
    return r == 0 ? 0 : -1;
}

void session_end_turn(const struct settings *s, int turn, bool failed) {
    char path[SESSION_PATH];
    int fd = -1;
    snprintf(path, sizeof path, "%s.dualpipe-lock", s->session_path);
    if (failed)
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && is_at(fd, path))
        unlink(path);
    if (fd >= 0)
        close(fd);
    if (strcmp(patience_turn_file, ".dualpipe-lock") != 0) {
        snprintf(path, sizeof path, "%s%s", s->session_path, patience_turn_file);
        unlink(path);
    }
    close(turn);
}

/* --- the process ------------------------------------------------------------------------- */

static int open_log(const struct settings *s) {
    char path[SESSION_PATH];
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
    int fd;
    snprintf(path, sizeof path, "%s.dualpipe-log", s->session_path);
    if ((fd = open(path, flags, 0600)) >= 0 && is_ours(fd) && fchmod(fd, 0600) == 0 &&
        ftruncate(fd, 0) == 0)
        return fd;
    say_error("opening", path, "%s", fd < 0 ? strerror(errno) : "it is no file of ours");
    if (fd >= 0)
        close(fd);
    return -1;
}

static void close_from(int first, unsigned last) {
#ifdef SYS_close_range
    if ((unsigned)first > last || syscall(SYS_close_range, first, last, 0) == 0)
        return;
#endif
    for (long fd = first, most = sysconf(_SC_OPEN_MAX); fd < most && (unsigned)fd <= last; fd++)
        close((int)fd);
}

/* Nothing of the caller's is kept open, but its stderr until the session is ready. */
static void close_others(void) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int low = ready_fd < log_fd ? ready_fd : log_fd, high = ready_fd < log_fd ? log_fd : ready_fd;
    if (null >= 0) {
        dup2(null, STDIN_FILENO);
        dup2(null, STDOUT_FILENO);
    }
    close_from(3, (unsigned)low - 1);
    close_from(low + 1, (unsigned)high - 1);
    close_from(high + 1, ~0U);
}

/* What the first call asks is the caller's: it need not stand in this process's command line. */
static void forget_requests(struct settings *s) {
    for (int i = 0; i < s->requests.n; i++)
        if (s->requests.all[i].kind == GIVEN_TEXT)
            memset((char *)(uintptr_t)s->requests.all[i].text, 0,
                   strlen(s->requests.all[i].text));
}

static void become(struct settings *s, int ready, int log) {
    static const int reset[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGPIPE, SIGCHLD};
    for (size_t i = 0; i < sizeof reset / sizeof *reset; i++)
        signal(reset[i], SIG_DFL); /* the caller's shell may ignore some for it alone */
    forget_requests(s);
    unsetenv("NOTIFY_SOCKET"); /* of who supervises the caller */
    ready_fd = ready;
    log_fd = log;
    close_others();
    s->serves = true;
    s->status_fd = -1;
    s->deadline = FOREVER;
    if (s->err == DUALPIPE_INHERIT && s->transport < DUALPIPE_PTY)
        s->err = DUALPIPE_RELAY; /* there is nothing to inherit */
}

static int await_ready(const struct settings *s, int fd, pid_t first) {
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    unsigned char status = STATUS_OURS;
    ssize_t n = 0;
    int r;
    while (waitpid(first, NULL, 0) < 0 && errno == EINTR)
        ;
    do
        r = poll(&ready, 1, patience_for_start(s));
    while (r < 0 && errno == EINTR);
    if (r > 0)
        n = read(fd, &status, 1);
    close(fd); /* it ends, if it is not ready yet */
    if (r == 0)
        return patience_ended(s, "not ready");
    if (n == 1)
        return status == 0 ? -1 : status;
    say_error("session", NULL, "it ended before it was ready");
    return STATUS_OURS;
}

/* The first process ends at once, so that nobody has to wait for the second. */
int session_start(struct settings *s) {
    int ready[2], log = open_log(s), status = STATUS_OURS;
    pid_t pid;
    if (log < 0)
        return STATUS_OURS;
    if (pipe2(ready, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
        say_error("starting the session", s->session, "%s", strerror(errno));
        close(log);
        return STATUS_OURS;
    }
    if (pid == 0) {
        setsid();
        if ((pid = fork()) != 0)
            _exit(pid < 0);
        become(s, ready[1], log);
        return 0;
    }
    close(ready[1]);
    close(log);
    status = await_ready(s, ready[0], pid);
    return status;
}

int session_starter(void) {
    return ready_fd;
}

static void tell_ready(unsigned char status) {
    ssize_t n;
    if (ready_fd < 0)
        return;
    do
        n = write(ready_fd, &status, 1);
    while (n < 0 && errno == EINTR);
    close(ready_fd);
    ready_fd = -1;
}

void session_ready(void) {
    if (log_fd >= 0)
        dup2(log_fd, STDERR_FILENO);
    tell_ready(0);
}

void session_failed(int status) {
    tell_ready((unsigned char)(status ? status : STATUS_OURS));
}
