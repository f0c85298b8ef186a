/* wait.c: how long a call waits for its session: to be let in, for its turn to start it, for
 * its end. */
#include "session/wait.h"
#include "run/run.h"
#include "util/log.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/time.h>
#include <unistd.h>

enum { AGAIN_US = 10000 }; /* a signal may come just before the wait that it is to end */

/* What a reply may take counts for what comes before it too. */
static int64_t reply_limit(const struct settings *s) {
    return s->requests.n > 0 ? s->requests.all[0].terms.timeout : s->terms.timeout;
}

void patience_begin(struct settings *s) {
    s->waiting = now_us();
    s->begun = s->begun ? s->begun : s->waiting;
}

static int64_t left_of(int64_t since, int64_t limit) {
    int64_t left = limit == FOREVER ? FOREVER : since + limit - now_us();
    return left > 0 ? left : 0;
}

int patience_for_start(const struct settings *s) {
    return limit_ms(left_of(s->begun, s->deadline));
}

int patience_left(const struct settings *s, int otherwise) {
    int64_t reply = left_of(s->waiting, reply_limit(s)), all = left_of(s->begun, s->deadline);
    int64_t left = reply < all ? reply : all;
    if (left == FOREVER && otherwise >= 0)
        left = left_of(s->waiting, (int64_t)otherwise * 1000);
    return limit_ms(left);
}

int patience_ended(const struct settings *s, const char *what) {
    int64_t reply = reply_limit(s), limit = reply < s->deadline ? reply : s->deadline;
    bool given = limit != FOREVER;
    say_error("session", s->session, "%s within %gs", what,
              given ? (double)limit / 1e6 : (double)PATIENCE / 1e3);
    return given ? STATUS_TIME : STATUS_OURS;
}

/* --- locks ------------------------------------------------------------------------------- */

static void wake(int signo) {
    (void)signo;
}

struct alarm {
    struct sigaction action;
    struct itimerval timer;
    sigset_t mask;
};

static void set_alarm(struct alarm *before, int ms) {
    struct sigaction action = {.sa_handler = wake}; /* no SA_RESTART */
    struct itimerval timer = {.it_interval.tv_usec = AGAIN_US,
                              .it_value = {ms / 1000, ms % 1000 * 1000 + 1}};
    sigset_t only;
    sigemptyset(&action.sa_mask);
    sigemptyset(&only);
    sigaddset(&only, SIGALRM);
    sigaction(SIGALRM, &action, &before->action);
    sigprocmask(SIG_UNBLOCK, &only, &before->mask);
    setitimer(ITIMER_REAL, &timer, &before->timer);
}

/* A timer that was ours from before our start goes on. */
static void reset_alarm(const struct alarm *before) {
    setitimer(ITIMER_REAL, &before->timer, NULL);
    sigprocmask(SIG_SETMASK, &before->mask, NULL);
    sigaction(SIGALRM, &before->action, NULL);
}

/* A lock is waited for without a limit of its own: signals of a timer cut that short. */
static int wait_for_lock(const struct settings *s, int fd, int (*lock)(int fd, int how), int how) {
    int left = patience_left(s, DUALPIPE_FOREVER), r;
    struct alarm before;
    if (left >= 0)
        set_alarm(&before, left);
    do
        r = lock(fd, how) < 0 ? -errno : 0;
    while (r == -EINTR && patience_left(s, DUALPIPE_FOREVER) != 0);
    if (left >= 0)
        reset_alarm(&before);
    return r == -EINTR ? -ETIMEDOUT : r;
}

int patience_lock(const struct settings *s, int fd, int how) {
    return wait_for_lock(s, fd, flock, how);
}

#ifdef F_OFD_SETLKW
const char patience_turn_file[] = ".dualpipe-lock";

/* Of the file's first byte: whoever serves holds another kind of lock on it, of which this one
 * knows nothing. */
static int lock_first_byte(int fd, int how) {
    struct flock turn = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
    (void)how;
    return fcntl(fd, F_OFD_SETLKW, &turn);
}

int patience_turn(const struct settings *s, int fd) {
    return wait_for_lock(s, fd, lock_first_byte, 0);
}
#else
const char patience_turn_file[] = ".dualpipe-turn"; /* the other file has but one kind of lock */

int patience_turn(const struct settings *s, int fd) {
    return wait_for_lock(s, fd, flock, LOCK_EX);
}
#endif
