/* kernel.c: attacks that try to gain privileges, and system calls that a filter should refuse
 * because they expose a large part of the kernel. */
#include "attack.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif

static int closed(long fd) {
    int error = refused(fd);
    if (fd >= 0)
        close((int)fd);
    return error;
}

static int setuid_root(void) {
    return refused(setuid(0));
}

/* Runs a setuid-root program, which prints its effective user. */
static int run_suid(void) {
    fflush(stdout);
    execl(fact("suid"), "suid", "whoami", (char *)NULL);
    return errno;
}

static int suid(void) {
    return in_child(run_suid);
}

static int whoami(void) {
    return geteuid() == 0 && getuid() != 0 ? 0 : EPERM;
}

static int userns(void) {
    return refused(unshare(CLONE_NEWUSER));
}

static int clone3_userns(void) {
    struct clone_args args = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
    long pid = syscall(SYS_clone3, &args, sizeof args);
    if (pid == 0)
        _exit(0);
    return refused(pid);
}

static int clone_userns(void) {
    long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);
    if (pid == 0)
        _exit(0);
    return refused(pid);
}

static int mount_tmpfs(void) {
    unshare(CLONE_NEWUSER | CLONE_NEWNS);
    return refused(mount("none", "/tmp", "tmpfs", 0, NULL));
}

static int mount_of(void) {
    return in_child(mount_tmpfs);
}

static int fsopen_tmpfs(void) {
    unshare(CLONE_NEWUSER | CLONE_NEWNS);
    return closed(syscall(SYS_fsopen, "tmpfs", 0));
}

static int newmount(void) {
    return in_child(fsopen_tmpfs);
}

static int chroot_into(void) {
    unshare(CLONE_NEWUSER);
    return refused(chroot("/tmp"));
}

static int chroot_of(void) {
    return in_child(chroot_into);
}

static int rename_host(void) {
    unshare(CLONE_NEWUSER | CLONE_NEWUTS);
    return refused(sethostname("attacked", 8));
}

static int hostname_of(void) {
    return in_child(rename_host);
}

static int enter(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/ns/user", fact_number("victim"));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? errno : refused(setns(fd, 0));
}

static int bpf(void) {
    union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4};
    attr.max_entries = 1;
    return closed(syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof attr));
}

static int perf(void) {
    struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE, .size = sizeof attr};
    attr.config = PERF_COUNT_SW_TASK_CLOCK;
    attr.exclude_kernel = attr.exclude_hv = 1;
    return closed(syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0));
}

static int keyctl(void) {
    return refused(syscall(SYS_add_key, "user", fact("token"), "x", (size_t)1, -4));
}

static int io_uring(void) {
    struct io_uring_params params = {0};
    return closed(syscall(SYS_io_uring_setup, 8, &params));
}

static int userfaultfd(void) {
    return closed(syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY));
}

/* 0x200 is FAN_REPORT_FID, the mode that needs no privilege. */
static int fanotify(void) {
    return closed(syscall(SYS_fanotify_init, 0x200, O_RDONLY));
}

/* Uses the 32-bit system call numbers, which a filter misjudges if it doesn't check the
 * architecture. Number 310 is unshare there, 0x10000000 is CLONE_NEWUSER. */
static int int80(void) {
#ifdef __x86_64__
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(310L), "b"(0x10000000L) : "memory");
    return result < 0 ? (int)-result : 0;
#else
    return ENOSYS;
#endif
}

static int x32(void) {
#ifdef __x86_64__
    return refused(syscall(0x40000000L + SYS_unshare, CLONE_NEWUSER));
#else
    return ENOSYS;
#endif
}

static int dmesg(void) {
    char text[256];
    return refused(klogctl(3, text, sizeof text));
}

static int realtime(void) {
    struct sched_param p = {.sched_priority = 1};
    return refused(sched_setscheduler(0, SCHED_FIFO, &p));
}

static int priority(void) {
    return refused(setpriority(PRIO_PROCESS, 0, -5));
}

/* Running a program must work inside the sandbox too. */
static int run_true(void) {
    execl("/usr/bin/true", "true", (char *)NULL);
    return errno;
}

static int program(void) {
    return in_child(run_true);
}

const struct attack kernel_attacks[] = {
    {"setuid", setuid_root},
    {"suid", suid},
    {"whoami", whoami},
    {"userns", userns},
    {"clone3", clone3_userns},
    {"clonens", clone_userns},
    {"mount", mount_of},
    {"newmount", newmount},
    {"chroot", chroot_of},
    {"sethostname", hostname_of},
    {"setns", enter},
    {"bpf", bpf},
    {"perf", perf},
    {"keyctl", keyctl},
    {"io_uring", io_uring},
    {"userfaultfd", userfaultfd},
    {"fanotify", fanotify},
    {"int80", int80},
    {"x32", x32},
    {"dmesg", dmesg},
    {"rtprio", realtime},
    {"nice", priority},
    {"runtrue", program},
    {NULL, NULL},
};
