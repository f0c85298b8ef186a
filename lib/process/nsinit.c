/* nsinit.c: the init process (PID 1) of a sandboxed child's namespaces.
 *
 * A new PID namespace needs a first process; when it ends, the kernel kills everything in the
 * namespace. So there is one small process between the host and the child. It is a copy of the host
 * with a single thread, and may make only async-signal-safe calls. It talks to the host by a pair
 * of SOCK_SEQPACKET sockets; the host's end has SO_PASSCRED, so each message carries the sender's
 * PID as the host sees it.
 *
 *     host                             nsinit                          child
 *     nsinit_start()     -- clone -->  waits for one byte
 *     nsinit_release():
 *       maps user and group, byte -->  sandbox_enter_namespaces()
 *                                      exec_start()      -- fork -->   sandbox_enter_restrictions()
 *     nsinit_read_report()  <-------------------------------------     EXEC_STEP_READY, runs
 *     nsinit_read_report()  <--------  EXEC_STEP_STARTED
 *                                      waits; reaps orphans            ends
 *     nsinit_read_exit()    <--------  kills the rest, nsinit_exit
 *     closes the socket       ------>  exits
 *
 * A failed step takes the place of READY or STARTED as an exec_report. Until the host closes its
 * socket the child stays a zombie, so that its PID and group can't be reused while the host may
 * signal them. */
#include "process/nsinit.h"
#include "sandbox/sandbox_enter.h"
#include <errno.h>
#ifdef __linux__
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- in nsinit, a copy of the host with one thread --------------------------------------- */

static void send_message(int fd, const void *p, size_t n) {
    while (send(fd, p, n, MSG_NOSIGNAL) < 0 && errno == EINTR)
        ;
}

static void send_step(const struct exec_plan *plan, enum exec_step step) {
    struct exec_report report = {.step = (int)step, .error = errno};
    send_message(plan->report_fd, &report, sizeof report);
}

/* Tells whether the host died before we could ask to be killed with it. */
static bool host_has_gone(int fd) {
    struct pollfd p = {.fd = fd};
    return poll(&p, 1, 0) == 1 && p.revents & POLLHUP;
}

/* With DUALPIPE_START_DIE_WITH_THREAD nsinit dies with the host, and all of the namespaces with
 * it. */
static void set_host_death_signal(const struct exec_plan *plan) {
    if (plan->options->flags & DUALPIPE_START_DIE_WITH_THREAD &&
        (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || host_has_gone(plan->report_fd)))
        _exit(127);
}

/* Closes the streams too: otherwise a pipe of the child's would not end while nsinit lives. */
static void close_all_except(int fd) {
    if (syscall(SYS_close_range, 0, fd - 1, 0) == 0 &&
        syscall(SYS_close_range, fd + 1, ~0U, 0) == 0)
        return;
    for (int i = 0; i < 1 << 16; i++)
        if (i != fd)
            close(i);
}

/* Waits for the child, and reaps orphans that end meanwhile. The child itself stays a zombie, which
 * reserves its PID and process group. */
static void wait_for_child(pid_t child, struct nsinit_exit *result) {
    siginfo_t info;
    do {
        info = (siginfo_t){0};
        if (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) < 0 && errno != EINTR)
            _exit(127);
        if (info.si_pid != 0 && info.si_pid != child)
            waitpid(info.si_pid, NULL, WNOHANG);
    } while (info.si_pid != child);
    syscall(SYS_waitid, P_PID, child, &info, WEXITED | WNOWAIT, &result->usage);
    result->code = info.si_code;
    result->status = info.si_status;
}

/* The whole life of nsinit. */
static _Noreturn void nsinit_main(struct exec_plan *plan) {
    const struct sigaction default_action = {.sa_handler = SIG_DFL};
    struct sandbox_fault fault = {0};
    struct nsinit_exit result = {0};
    char go;
    pid_t child;
    close(plan->parent_report_fd);
    sigaction(SIGCHLD, &default_action, NULL);
    setsid(); /* a signal to the host's group must not reach nsinit */
    if (recv(plan->report_fd, &go, 1, 0) != 1)
        _exit(127);
    if (sandbox_enter_namespaces(plan->sandbox, &fault) < 0)
        exec_fail_sandbox(plan, &fault);
    /* Nothing of the host's memory shall be readable from inside. */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    set_host_death_signal(plan);
    if ((child = exec_start(plan)) < 0) {
        send_step(plan, EXEC_STEP_FORK);
        _exit(127);
    }
    close_all_except(plan->report_fd);
    send_step(plan, EXEC_STEP_STARTED);
    wait_for_child(child, &result);
    /* All other processes of the namespace; the zombie isn't affected. */
    kill(-1, SIGKILL);
    send_message(plan->report_fd, &result, sizeof result);
    while (recv(plan->report_fd, &go, 1, 0) < 0 && errno == EINTR)
        ;
    _exit(0);
}

/* --- in the host ------------------------------------------------------------------------- */

pid_t nsinit_start(struct exec_plan *plan) {
    const unsigned long flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET |
                                CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP | SIGCHLD;
    long pid;
#ifdef __s390__
    pid = syscall(SYS_clone, NULL, flags, NULL, NULL, NULL);
#else
    pid = syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
#endif
    if (pid == 0)
        nsinit_main(plan);
    return pid < 0 ? -errno : (pid_t)pid;
}

/* 0, or -1 with errno. */
static int write_proc_file(pid_t pid, const char *name, const char *text) {
    char path[64];
    size_t n = strlen(text);
    ssize_t written;
    int fd, error;
    snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
    if ((fd = open(path, O_WRONLY | O_CLOEXEC)) < 0)
        return -1;
    written = write(fd, text, n);
    error = errno;
    close(fd);
    errno = error;
    return written == (ssize_t)n ? 0 : -1;
}

int nsinit_release(pid_t init_pid, const struct sandbox *s, int fd) {
    char map[64];
    if (!s->changes_user && write_proc_file(init_pid, "setgroups", "deny") < 0)
        return -1;
    snprintf(map, sizeof map, "%lu %lu 1", (unsigned long)s->gid, (unsigned long)s->gid);
    if (write_proc_file(init_pid, "gid_map", map) < 0)
        return -1;
    snprintf(map, sizeof map, "%lu %lu 1", (unsigned long)s->uid, (unsigned long)s->uid);
    if (write_proc_file(init_pid, "uid_map", map) < 0)
        return -1;
    return send(fd, "", 1, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

int nsinit_read_report(int fd, struct exec_report *report, pid_t *sender) {
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(sizeof(struct ucred))];
    } control = {0};
    struct iovec body = {.iov_base = report, .iov_len = sizeof *report};
    struct msghdr message = {.msg_iov = &body,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    struct ucred credentials;
    ssize_t n;
    do
        n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n != (ssize_t)sizeof *report || message.msg_controllen < sizeof control.head ||
        control.head.cmsg_type != SCM_CREDENTIALS)
        return 0;
    memcpy(&credentials, CMSG_DATA(&control.head), sizeof credentials);
    *sender = credentials.pid;
    return 1;
}

int nsinit_read_exit(int fd, struct nsinit_exit *result) {
    ssize_t n = recv(fd, result, sizeof *result, MSG_DONTWAIT);
    if (n == (ssize_t)sizeof *result)
        return 1;
    return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}
#else
pid_t nsinit_start(struct exec_plan *plan) {
    (void)plan;
    return -ENOSYS;
}
int nsinit_release(pid_t init_pid, const struct sandbox *s, int fd) {
    (void)init_pid, (void)s, (void)fd;
    return -1;
}
int nsinit_read_report(int fd, struct exec_report *report, pid_t *sender) {
    (void)fd, (void)report, (void)sender;
    return 0;
}
int nsinit_read_exit(int fd, struct nsinit_exit *result) {
    (void)fd, (void)result;
    return -1;
}
#endif
