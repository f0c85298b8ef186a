/* processes.c: attacks on other processes: a victim that runs as the same user, the parent, and all
 * processes at once. */
#include "attack.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECRET = 48, NOTE = SIGURG }; /* SIGURG is ignored unless a process has a handler for it */

static pid_t victim(void) {
    return (pid_t)fact_number("victim");
}

static char *proc_path(pid_t pid, const char *name) {
    static char path[256];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    return path;
}

static int ptrace_victim(void) {
    pid_t pid = victim();
    unsigned long address = strtoul(fact("address"), NULL, 0);
    char text[SECRET + sizeof(long)];
    int error = 0;
    if (ptrace(PTRACE_ATTACH, pid, 0, 0) < 0)
        return errno;
    waitpid(pid, NULL, __WALL);
    for (size_t i = 0; i < SECRET && !error; i += sizeof(long)) {
        errno = 0;
        long word = ptrace(PTRACE_PEEKDATA, pid, address + i, 0);
        error = errno;
        memcpy(text + i, &word, sizeof word);
    }
    ptrace(PTRACE_DETACH, pid, 0, 0);
    if (!error)
        show(text, SECRET);
    return error;
}

static int vmread(void) {
    char text[SECRET];
    struct iovec here = {text, SECRET};
    struct iovec there = {(void *)strtoul(fact("address"), NULL, 0), SECRET};
    ssize_t n = process_vm_readv(victim(), &here, 1, &there, 1, 0);
    if (n > 0)
        show(text, (size_t)n);
    return refused(n);
}

static int vmwrite(void) {
    char text[] = "altered";
    struct iovec here = {text, sizeof text};
    struct iovec there = {(void *)strtoul(fact("target"), NULL, 0), sizeof text};
    return refused(process_vm_writev(victim(), &here, 1, &there, 1, 0));
}

static int procmem(void) {
    char text[SECRET];
    int fd = open(proc_path(victim(), "mem"), O_RDONLY | O_CLOEXEC), error;
    if (fd < 0)
        return errno;
    ssize_t n = pread(fd, text, SECRET, (off_t)strtoul(fact("address"), NULL, 0));
    error = refused(n);
    if (n > 0)
        show(text, (size_t)n);
    close(fd);
    return error;
}

static int procenv(void) {
    return show_file(proc_path(victim(), "environ"));
}

static int procfd(void) {
    char name[32];
    snprintf(name, sizeof name, "fd/%ld", fact_number("fd"));
    return show_file(proc_path(victim(), name));
}

static int procroot(void) {
    char name[200];
    snprintf(name, sizeof name, "root%s", in_home("secret"));
    return show_file(proc_path(victim(), name));
}

static int pidfdget(void) {
    char text[SECRET];
    int pidfd = (int)syscall(SYS_pidfd_open, victim(), 0), fd;
    if (pidfd < 0)
        return errno;
    fd = (int)syscall(SYS_pidfd_getfd, pidfd, fact_number("fd"), 0);
    if (fd < 0)
        return errno;
    ssize_t n = pread(fd, text, sizeof text, 0);
    if (n > 0)
        show(text, (size_t)n);
    return refused(n);
}

static int kcmp_of(void) {
    pid_t pid = victim();
    return refused(syscall(SYS_kcmp, pid, pid, 0, 0, 0));
}

static int kill_victim(void) {
    return refused(kill(victim(), NOTE));
}

static int tgkill_victim(void) {
    return refused(syscall(SYS_tgkill, victim(), victim(), NOTE));
}

static int sigqueue_victim(void) {
    return refused(sigqueue(victim(), NOTE, (union sigval){0}));
}

static int pidfd_signal(void) {
    int pidfd = (int)syscall(SYS_pidfd_open, victim(), 0);
    return pidfd < 0 ? errno : refused(syscall(SYS_pidfd_send_signal, pidfd, NOTE, NULL, 0));
}

/* Makes the kernel send the signal: the victim owns a pipe that we write to. */
static int sigio(void) {
    int fds[2], error;
    if (pipe(fds) < 0)
        return errno;
    error = refused(fcntl(fds[0], F_SETSIG, NOTE));
    if (!error)
        error = refused(fcntl(fds[0], F_SETOWN, victim()));
    if (!error)
        error = refused(fcntl(fds[0], F_SETFL, O_ASYNC));
    if (!error)
        error = refused(write(fds[1], "x", 1));
    return error;
}

static int killall(void) {
    return refused(kill(-1, NOTE));
}

static int killppid(void) {
    return refused(kill(getppid(), SIGKILL));
}

static int probe_pid(void) {
    return refused(kill(victim(), 0));
}

/* Finds out whether the process exists by comparing how calls on it fail. */
static int pid_exists(void) {
    pid_t absent = 4194303;
    int there = refused(kill(victim(), 0)), nowhere = refused(kill(absent, 0));
    if (there != nowhere || refused(getpgid(victim())) != refused(getpgid(absent)))
        return 0;
    if (refused(getsid(victim())) != refused(getsid(absent)))
        return 0;
    errno = 0;
    getpriority(PRIO_PROCESS, (id_t)victim());
    return errno;
}

static int prlimit_victim(void) {
    struct rlimit limit;
    if (syscall(SYS_prlimit64, victim(), RLIMIT_NOFILE, NULL, &limit) < 0)
        return errno;
    limit.rlim_cur = 77;
    return refused(syscall(SYS_prlimit64, victim(), RLIMIT_NOFILE, &limit, NULL));
}

static int renice(void) {
    return refused(setpriority(PRIO_PROCESS, (id_t)victim(), 17));
}

static int affinity(void) {
    unsigned long mask = 1;
    return refused(syscall(SYS_sched_setaffinity, victim(), sizeof mask, &mask));
}

static int scheduler(void) {
    struct sched_param p = {0};
    return refused(syscall(SYS_sched_setscheduler, victim(), SCHED_BATCH, &p));
}

static int ioprio(void) {
    return refused(syscall(SYS_ioprio_set, 1, victim(), 3 << 13)); /* idle */
}

static int oomadj(void) {
    int fd = open(proc_path(victim(), "oom_score_adj"), O_WRONLY | O_CLOEXEC), error;
    if (fd < 0)
        return errno;
    error = refused(write(fd, "777", 3));
    close(fd);
    return error;
}

static int parent_env(void) {
    return show_file(proc_path(getppid(), "environ"));
}

static int parent_cwd(void) {
    return show_file(proc_path(getppid(), "cwd/secret"));
}

static int parent_fds(void) {
    char name[32];
    int error = ENOENT;
    for (int fd = 3; fd < 64; fd++) {
        snprintf(name, sizeof name, "fd/%d", fd);
        int failed = show_file(proc_path(getppid(), name));
        error = failed == ENOENT || error == 0 ? error : failed;
    }
    return error;
}

static int parent_maps(void) {
    return show_file(proc_path(getppid(), "maps"));
}

static int parent_ptrace(void) {
    return refused(ptrace(PTRACE_SEIZE, getppid(), 0, 0));
}

/* Leaves a process behind, in a session of its own. */
static int linger(void) {
    if (setsid() < 0)
        return errno;
    prctl(PR_SET_PDEATHSIG, 0);
    pid_t pid = fork();
    if (pid == 0) {
        for (int fd = 0; fd < 3; fd++)
            close(fd);
        alarm(20);
        for (;;)
            pause();
    }
    return refused(pid);
}

/* Creates a sibling: a child of our parent, which would have to wait for it. */
static int sibling(void) {
    long pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        _exit(0);
    return refused(pid);
}

static int daemon_of(void) {
    return in_child(linger);
}

const struct attack process_attacks[] = {
    {"ptrace", ptrace_victim},
    {"vmread", vmread},
    {"vmwrite", vmwrite},
    {"procmem", procmem},
    {"procenv", procenv},
    {"procfd", procfd},
    {"procroot", procroot},
    {"pidfdget", pidfdget},
    {"kcmp", kcmp_of},
    {"kill", kill_victim},
    {"tgkill", tgkill_victim},
    {"sigqueue", sigqueue_victim},
    {"pidfdsignal", pidfd_signal},
    {"sigio", sigio},
    {"killall", killall},
    {"killppid", killppid},
    {"probe-pid", probe_pid},
    {"pid-exists", pid_exists},
    {"prlimit-other", prlimit_victim},
    {"renice", renice},
    {"affinity", affinity},
    {"scheduler", scheduler},
    {"ioprio", ioprio},
    {"oomadj", oomadj},
    {"parentenv", parent_env},
    {"parentcwd", parent_cwd},
    {"parentfds", parent_fds},
    {"parentmaps", parent_maps},
    {"parentptrace", parent_ptrace},
    {"sibling", sibling},
    {"daemon", daemon_of},
    {NULL, NULL},
};
