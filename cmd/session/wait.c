/* wait.c: time limits of the waits for a session, and locks that can be waited for with one.
 *
 * Neither flock(2) nor an OFD lock can be waited for with a timeout. lock_with_timeout() therefore
 * sets a timer whose signal interrupts the lock call, and puts back the caller's timer, mask and
 * handler afterwards. This is safe as the command has one thread and no run has begun yet. */
#include "session/wait.h"
#include "run/run.h"
#include "session/paths.h"
#include "util/log.h"
#include "run/exit_status.h"
#include "util/units.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/time.h>
#include <unistd.h>

/* The signal may come just before the lock call that it should interrupt, so it is repeated. */
enum { ALARM_REPEAT_US = 10000 };

/* The limit of the first request: its reply may take so long, all that comes before included. */
static int64_t reply_timeout(const struct settings *s) {
    return s->requests.count > 0 ? s->requests.all[0].opts.timeout : s->stdin_opts.timeout;
}

void wait_begin(struct settings *s) {
    s->wait_started_at = units_now_us();
    s->started_at = s->started_at ? s->started_at : s->wait_started_at;
}

/* Microseconds, 0 at least; UNITS_FOREVER without a limit. */
static int64_t time_left(int64_t since, int64_t limit) {
    int64_t left = limit == UNITS_FOREVER ? UNITS_FOREVER : since + limit - units_now_us();
    return left > 0 ? left : 0;
}

int wait_left_for_start_ms(const struct settings *s) {
    return units_timeout_ms(time_left(s->started_at, s->deadline));
}

int wait_left_ms(const struct settings *s, int default_ms) {
    int64_t reply_left = time_left(s->wait_started_at, reply_timeout(s)),
            deadline_left = time_left(s->started_at, s->deadline);
    int64_t left = reply_left < deadline_left ? reply_left : deadline_left;
    if (left == UNITS_FOREVER && default_ms >= 0)
        left = time_left(s->wait_started_at, (int64_t)default_ms * 1000);
    return units_timeout_ms(left);
}

int wait_timed_out(const struct settings *s, const char *what) {
    int64_t timeout = reply_timeout(s), limit = timeout < s->deadline ? timeout : s->deadline;
    bool is_given = limit != UNITS_FOREVER;
    log_error("session", s->session_name, "%s within %gs", what,
              is_given ? (double)limit / 1e6 : (double)WAIT_DEFAULT_MS / 1e3);
    return is_given ? STATUS_TIMED_OUT : STATUS_DUALPIPE_FAILED;
}

/* --- locks with a timeout ---------------------------------------------------------- */

/* The signal has to be handled only so that it interrupts a system call. */
static void on_alarm(int signo) {
    (void)signo;
}

struct saved_alarm {
    struct sigaction action;
    struct itimerval timer;
    sigset_t mask;
};

/* A timer of 0 would be none, hence the microsecond more. */
static void set_alarm(struct saved_alarm *saved, int ms) {
    struct sigaction action = {.sa_handler = on_alarm}; /* no SA_RESTART: it has to interrupt */
    struct itimerval timer = {.it_interval.tv_usec = ALARM_REPEAT_US,
                              .it_value = {ms / 1000, ms % 1000 * 1000 + 1}};
    sigset_t only;
    sigemptyset(&action.sa_mask);
    sigemptyset(&only);
    sigaddset(&only, SIGALRM);
    sigaction(SIGALRM, &action, &saved->action);
    sigprocmask(SIG_UNBLOCK, &only, &saved->mask);
    setitimer(ITIMER_REAL, &timer, &saved->timer);
}

/* The process may have been started with a timer that runs: it goes on. */
static void restore_alarm(const struct saved_alarm *saved) {
    setitimer(ITIMER_REAL, &saved->timer, NULL);
    sigprocmask(SIG_SETMASK, &saved->mask, NULL);
    sigaction(SIGALRM, &saved->action, NULL);
}

/* Calls lock until it succeeds, fails, or the limits of wait_left_ms() are over. */
static int lock_with_timeout(const struct settings *s, int fd, int (*lock)(int fd, int how),
                             int how) {
    int left = wait_left_ms(s, DUALPIPE_FOREVER), r;
    struct saved_alarm saved;
    if (left >= 0)
        set_alarm(&saved, left);
    do
        r = lock(fd, how) < 0 ? -errno : 0;
    while (r == -EINTR && wait_left_ms(s, DUALPIPE_FOREVER) != 0);
    if (left >= 0)
        restore_alarm(&saved);
    return r == -EINTR ? -ETIMEDOUT : r;
}

int wait_lock(const struct settings *s, int fd, int how) {
    return lock_with_timeout(s, fd, flock, how);
}

#ifdef F_OFD_SETLKW
/* One file serves as both locks. */
const char wait_start_lock_suffix[] = PATHS_LOCK_SUFFIX;

/* An OFD lock of the first byte of the server's lock file. The server holds a flock(2) on the same
 * file; the two kinds do not see each other. */
static int lock_first_byte(int fd, int how) {
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
    (void)how;
    return fcntl(fd, F_OFD_SETLKW, &range);
}

int wait_start_lock(const struct settings *s, int fd) {
    return lock_with_timeout(s, fd, lock_first_byte, 0);
}
#else
/* Without OFD locks it takes a second file. */
const char wait_start_lock_suffix[] = PATHS_TURN_SUFFIX;

int wait_start_lock(const struct settings *s, int fd) {
    return lock_with_timeout(s, fd, flock, LOCK_EX);
}
#endif
