/* seccomp.c: builds the program for seccomp(2) that decides which system calls a sandboxed child
 * may make.
 *
 * call_rules[] is the policy: one row per rule, with the profiles that it belongs to. For commands
 * (STRICT and SHARED) the rows list calls that are refused and everything else is allowed; for
 * functions (FUNCTION) the rows list calls that are allowed and anything else kills the process. To
 * change the policy, edit the table only.
 *
 * seccomp_build() selects the rows of a profile, sorts them by call number, and emits classic BPF.
 * It runs in the child between fork and exec, so it neither allocates nor calls anything. Rules for
 * the same call are tried in the order of the table; a rule that doesn't apply falls through to the
 * next. Rows are grouped by eight, so that one comparison skips a group: when the program is loaded
 * the kernel runs it once for every call number, and a plain chain of comparisons would make each
 * start slow.
 *
 * Two traps: only the low 32 bits of an argument are compared, so a rule must be about a value that
 * the kernel takes as an int or as flags below 2^32; and a call number that this file doesn't know
 * yet (a newer kernel's) gets ENOSYS, so that no new call opens a hole before it has been
 * considered. */
#include "sandbox/seccomp.h"
#if defined(__linux__) && ((defined(__x86_64__) && defined(__LP64__)) || defined(__AARCH64EL__))
#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>

/* From <linux/filter.h>, <linux/seccomp.h> and <linux/audit.h>, which not every C library finds. */
enum {
    LOAD_WORD = 0x20,
    JUMP_EQ = 0x15,
    JUMP_GE = 0x35,
    JUMP_SET = 0x45,
    AND_MASK = 0x54,
    RETURN = 0x06
};
enum { OFFSET_NR = 0, OFFSET_ARCH = 4, OFFSET_ARGS = 16 };
static const uint32_t allow = 0x7fff0000, kill_process = 0x80000000, fail_with = 0x00050000;
#ifdef __x86_64__
static const uint32_t architecture = 0xc000003e;
#else
static const uint32_t architecture = 0xc00000b7;
#endif
enum { X32_BIT = 0x40000000 };

/* Call numbers from 424 on are the same on all architectures; the headers may not know them. */
enum {
    NR_PIDFD_SEND_SIGNAL = 424,
    NR_IO_URING_SETUP,
    NR_IO_URING_ENTER,
    NR_IO_URING_REGISTER,
    NR_OPEN_TREE,
    NR_MOVE_MOUNT,
    NR_FSOPEN,
    NR_FSCONFIG,
    NR_FSMOUNT,
    NR_FSPICK,
    NR_CLONE3 = 435,
    NR_OPENAT2 = 437,
    NR_PIDFD_GETFD,
    NR_PROCESS_MADVISE = 440,
    NR_MOUNT_SETATTR = 442,
    NR_QUOTACTL_FD,
    NR_MEMFD_SECRET = 447,
    NR_PROCESS_MRELEASE,
    NR_SET_HOME_NODE = 450,
    NR_CACHESTAT,
    NR_FCHMODAT2,
    NR_STATMOUNT = 457,
    NR_LISTMOUNT,
    NR_SETXATTRAT = 463,
    NR_GETXATTRAT,
    NR_LISTXATTRAT,
    NR_REMOVEXATTRAT,
    NR_OPEN_TREE_ATTR,
    NR_FILE_SETATTR = 469,
    NR_FIRST_UNKNOWN /* calls of later kernels start here */
};

enum call_action {
    DENY,          /* returns EPERM */
    NOSYS,         /* returns ENOSYS: programs then use an older call */
    DENY_ANY,      /* EPERM if the argument has any of the bits */
    DENY_ALL,      /* EPERM if the argument has all of the bits */
    DENY_EQ,       /* EPERM if the argument equals the value */
    DENY_NE,       /* EPERM if the argument differs from the value */
    DENY_NOT_SELF, /* EPERM if the argument isn't the child's own PID */
    /* EPERM if the flags in this argument create a file and the mode in the next one has
     * set-user-ID or set-group-ID. */
    DENY_SETID,
    ALLOW,   /* allowed */
    ALLOW_EQ /* allowed if the argument equals the value */
};
enum {
    ALL = SECCOMP_PROFILE_STRICT | SECCOMP_PROFILE_SHARED,
    SHARED = SECCOMP_PROFILE_SHARED,
    NO_SCOPE = SECCOMP_PROFILE_NO_SCOPE,
    FUNCTION = SECCOMP_PROFILE_FUNCTION,
    NAMESPACES = 0x7e020080,         /* CLONE_NEW* */
    CREATES_FILE = 0100 | 020000000, /* O_CREAT, O_TMPFILE */
    SETID = 06000,
    UNIX_FAMILY = 1,        /* AF_UNIX */
    DATAGRAM = 2,           /* SOCK_DGRAM; also a bit of SOCK_RAW, which AF_UNIX treats alike */
    MAKES_SIBLING = 0x8000, /* CLONE_PARENT: we would have to wait for that process */
    SET_LEASE = 1024,
    /* F_SETLEASE and F_SETDELEG make other programs' opens of the file wait. */
    SET_DELEGATION = 1040,
    GROWS_DOWN = 0x100,      /* MAP_GROWSDOWN: a stack isn't counted as data */
    SHARED_ANONYMOUS = 0x21, /* MAP_SHARED | MAP_ANONYMOUS: no limit of a process counts it */
};

struct call_rule {
    int number;
    unsigned char profiles, action, argument;
    uint32_t value;
};

static const struct call_rule call_rules[] = {
    /* Other processes, and settings of this one that reach beyond it. */
    {SYS_ptrace, ALL, DENY, 0, 0},
    {SYS_process_vm_readv, ALL, DENY, 0, 0},
    {SYS_process_vm_writev, ALL, DENY, 0, 0},
    {SYS_kcmp, ALL, DENY, 0, 0},
    {NR_PIDFD_GETFD, ALL, DENY, 0, 0},
    {NR_PROCESS_MADVISE, ALL, DENY, 0, 0},
    {NR_PROCESS_MRELEASE, ALL, DENY, 0, 0},
    {SYS_prlimit64, SHARED, DENY_NE, 0, 0},
    {SYS_sched_setaffinity, SHARED, DENY_NE, 0, 0},
    {SYS_fcntl, NO_SCOPE, DENY_EQ, 1, 8},
    {SYS_fcntl, NO_SCOPE, DENY_EQ, 1, 15}, /* F_SETOWN, F_SETOWN_EX */
    {SYS_ioctl, NO_SCOPE, DENY_EQ, 1, 0x8901},
    {SYS_ioctl, NO_SCOPE, DENY_EQ, 1, 0x8902}, /* FIOSETOWN and SIOCSPGRP */
    {SYS_kill, NO_SCOPE, DENY_NOT_SELF, 0, 0},
    {SYS_tkill, NO_SCOPE, DENY_NOT_SELF, 0, 0},
    {SYS_tgkill, NO_SCOPE, DENY_NOT_SELF, 0, 0},
    {SYS_rt_sigqueueinfo, NO_SCOPE, DENY_NOT_SELF, 0, 0},
    {SYS_rt_tgsigqueueinfo, NO_SCOPE, DENY_NOT_SELF, 0, 0},
    {NR_PIDFD_SEND_SIGNAL, NO_SCOPE, DENY, 0, 0},
    {SYS_setpriority, ALL, DENY, 0, 0},
    {SYS_sched_setscheduler, ALL, DENY, 0, 0},
    {SYS_sched_setparam, ALL, DENY, 0, 0},
    {SYS_sched_setattr, ALL, DENY, 0, 0},
    {SYS_ioprio_set, ALL, DENY, 0, 0},
    {SYS_migrate_pages, ALL, DENY, 0, 0},
    {SYS_move_pages, ALL, DENY, 0, 0},
    {NR_SET_HOME_NODE, ALL, DENY, 0, 0},
    {SYS_personality, ALL, DENY, 0, 0},
    /* Namespaces and mounts. */
    {SYS_unshare, ALL, DENY, 0, 0},
    {SYS_setns, ALL, DENY, 0, 0},
    {SYS_clone, ALL, DENY_ANY, 0, NAMESPACES | MAKES_SIBLING},
    {NR_CLONE3, ALL, NOSYS, 0, 0},
    {SYS_mount, ALL, DENY, 0, 0},
    {SYS_umount2, ALL, DENY, 0, 0},
    {SYS_pivot_root, ALL, DENY, 0, 0},
    {SYS_chroot, ALL, DENY, 0, 0},
    {NR_OPEN_TREE, ALL, NOSYS, 0, 0},
    {NR_MOVE_MOUNT, ALL, NOSYS, 0, 0},
    {NR_FSOPEN, ALL, NOSYS, 0, 0},
    {NR_FSCONFIG, ALL, NOSYS, 0, 0},
    {NR_FSMOUNT, ALL, NOSYS, 0, 0},
    {NR_FSPICK, ALL, NOSYS, 0, 0},
    {NR_MOUNT_SETATTR, ALL, NOSYS, 0, 0},
    {NR_OPEN_TREE_ATTR, ALL, NOSYS, 0, 0},
    {NR_STATMOUNT, ALL, NOSYS, 0, 0},
    {NR_LISTMOUNT, ALL, NOSYS, 0, 0},
    /* The network, IPC with processes outside, and memory that no limit counts. */
    {SYS_socket, ALL, DENY, 0, 0},
    {SYS_socketpair, ALL, DENY_NE, 0, UNIX_FAMILY},
    /* a datagram socket can send to any other socket */
    {SYS_socketpair, ALL, DENY_ANY, 1, DATAGRAM},
    {SYS_bind, ALL, DENY, 0, 0}, /* the name might be one that another program relies on */
    {SYS_shmget, ALL, DENY, 0, 0},
    {SYS_shmat, ALL, DENY, 0, 0},
    {SYS_shmctl, ALL, DENY, 0, 0},
    {SYS_semget, ALL, DENY, 0, 0},
    {SYS_semctl, ALL, DENY, 0, 0},
    {SYS_semop, ALL, DENY, 0, 0},
    {SYS_semtimedop, ALL, DENY, 0, 0},
    {SYS_msgget, ALL, DENY, 0, 0},
    {SYS_msgsnd, ALL, DENY, 0, 0},
    {SYS_msgrcv, ALL, DENY, 0, 0},
    {SYS_msgctl, ALL, DENY, 0, 0},
    {SYS_mq_open, ALL, DENY, 0, 0},
    {SYS_mq_unlink, ALL, DENY, 0, 0},
    {SYS_memfd_create, ALL, DENY, 0, 0},
    {NR_MEMFD_SECRET, ALL, NOSYS, 0, 0},
    {SYS_mmap, ALL, DENY_ALL, 3, SHARED_ANONYMOUS},
    {SYS_mmap, ALL, DENY_ANY, 3, GROWS_DOWN},
    /* The kernel itself and its configuration. */
    {SYS_bpf, ALL, DENY, 0, 0},
    {SYS_perf_event_open, ALL, DENY, 0, 0},
    {SYS_keyctl, ALL, DENY, 0, 0},
    {SYS_add_key, ALL, DENY, 0, 0},
    {SYS_request_key, ALL, DENY, 0, 0},
    {SYS_userfaultfd, ALL, DENY, 0, 0},
    {NR_IO_URING_SETUP, ALL, NOSYS, 0, 0},
    {NR_IO_URING_ENTER, ALL, NOSYS, 0, 0},
    {NR_IO_URING_REGISTER, ALL, NOSYS, 0, 0},
    {SYS_syslog, ALL, DENY, 0, 0},
    {SYS_reboot, ALL, DENY, 0, 0},
    {SYS_kexec_load, ALL, DENY, 0, 0},
    {SYS_kexec_file_load, ALL, DENY, 0, 0},
    {SYS_init_module, ALL, DENY, 0, 0},
    {SYS_finit_module, ALL, DENY, 0, 0},
    {SYS_delete_module, ALL, DENY, 0, 0},
    {SYS_swapon, ALL, DENY, 0, 0},
    {SYS_swapoff, ALL, DENY, 0, 0},
    {SYS_acct, ALL, DENY, 0, 0},
    {SYS_quotactl, ALL, DENY, 0, 0},
    {NR_QUOTACTL_FD, ALL, DENY, 0, 0},
    {SYS_sethostname, ALL, DENY, 0, 0},
    {SYS_setdomainname, ALL, DENY, 0, 0},
    {SYS_settimeofday, ALL, DENY, 0, 0},
    {SYS_clock_settime, ALL, DENY, 0, 0},
    {SYS_clock_adjtime, ALL, DENY, 0, 0},
    {SYS_adjtimex, ALL, DENY, 0, 0},
    {SYS_vhangup, ALL, DENY, 0, 0},
    {NR_CACHESTAT, ALL, DENY, 0, 0},
    /* Ways to files other than by name, ways to disturb other users of a file, and terminals on
     * which input can be faked. */
    {SYS_name_to_handle_at, ALL, DENY, 0, 0},
    {SYS_open_by_handle_at, ALL, DENY, 0, 0},
    {SYS_fanotify_init, ALL, DENY, 0, 0},
    {SYS_fanotify_mark, ALL, DENY, 0, 0},
    {NR_OPENAT2, ALL, NOSYS, 0, 0},
    {SYS_fcntl, ALL, DENY_EQ, 1, SET_LEASE},
    {SYS_fcntl, ALL, DENY_EQ, 1, SET_DELEGATION},
    {SYS_inotify_init1, ALL, NOSYS, 0, 0}, /* a user has few of these for all programs together */
    {SYS_ioctl, ALL, DENY_EQ, 1, 0x5412},  /* TIOCSTI */
    {SYS_ioctl, ALL, DENY_EQ, 1, 0x541c},  /* TIOCLINUX */
    {SYS_ioctl, ALL, DENY_EQ, 1, 0x541d},  /* TIOCCONS */
    {SYS_ioctl, ALL, DENY_EQ, 1, 0x5423},  /* TIOCSETD */
    /* Files that would run with the rights of their owner. */
    {SYS_fchmod, ALL, DENY_ANY, 1, SETID},
    {SYS_fchmodat, ALL, DENY_ANY, 2, SETID},
    {NR_FCHMODAT2, ALL, DENY_ANY, 2, SETID},
    {SYS_mknodat, ALL, DENY_ANY, 2, SETID},
    {SYS_mkdirat, ALL, DENY_ANY, 2, SETID},
    {SYS_openat, ALL, DENY_SETID, 2, 0},
    /* Changes of a file that Landlock doesn't control; with a file system of our own they do no
     * harm. */
    {SYS_fchmod, SHARED, DENY, 0, 0},
    {SYS_fchmodat, SHARED, DENY, 0, 0},
    {NR_FCHMODAT2, SHARED, DENY, 0, 0},
    {SYS_fchown, SHARED, DENY, 0, 0},
    {SYS_fchownat, SHARED, DENY, 0, 0},
    {SYS_utimensat, SHARED, DENY, 0, 0},
    {SYS_setxattr, SHARED, DENY, 0, 0},
    {SYS_lsetxattr, SHARED, DENY, 0, 0},
    {SYS_fsetxattr, SHARED, DENY, 0, 0},
    {SYS_removexattr, SHARED, DENY, 0, 0},
    {SYS_lremovexattr, SHARED, DENY, 0, 0},
    {SYS_fremovexattr, SHARED, DENY, 0, 0},
    {NR_SETXATTRAT, SHARED, DENY, 0, 0},
    {NR_REMOVEXATTRAT, SHARED, DENY, 0, 0},
    {SYS_getxattr, SHARED, NOSYS, 0, 0},
    {SYS_lgetxattr, SHARED, NOSYS, 0, 0},
    {SYS_listxattr, SHARED, NOSYS, 0, 0},
    {SYS_llistxattr, SHARED, NOSYS, 0, 0},
    {NR_GETXATTRAT, SHARED, NOSYS, 0, 0},
    {NR_LISTXATTRAT, SHARED, NOSYS, 0, 0},
    {NR_FILE_SETATTR, SHARED, DENY, 0, 0},
#ifdef __x86_64__
    {SYS_open, ALL, DENY_SETID, 1, 0},
    {SYS_creat, ALL, DENY_ANY, 1, SETID},
    {SYS_chmod, ALL, DENY_ANY, 1, SETID},
    {SYS_mknod, ALL, DENY_ANY, 1, SETID},
    {SYS_mkdir, ALL, DENY_ANY, 1, SETID},
    {SYS_chmod, SHARED, DENY, 0, 0},
    {SYS_chown, SHARED, DENY, 0, 0},
    {SYS_lchown, SHARED, DENY, 0, 0},
    {SYS_utime, SHARED, DENY, 0, 0},
    {SYS_utimes, SHARED, DENY, 0, 0},
    {SYS_futimesat, SHARED, DENY, 0, 0},
    {SYS_inotify_init, ALL, NOSYS, 0, 0},
    {SYS_iopl, ALL, DENY, 0, 0},
    {SYS_ioperm, ALL, DENY, 0, 0},
    {SYS_modify_ldt, ALL, DENY, 0, 0},
    {SYS_uselib, ALL, DENY, 0, 0},
    {SYS_ustat, ALL, DENY, 0, 0},
    {SYS_sysfs, ALL, DENY, 0, 0},
    {SYS_poll, FUNCTION, ALLOW, 0, 0},
#endif
    /* A function may use what it has open, take memory, wait, and end. */
    {SYS_read, FUNCTION, ALLOW, 0, 0},
    {SYS_readv, FUNCTION, ALLOW, 0, 0},
    {SYS_write, FUNCTION, ALLOW, 0, 0},
    {SYS_writev, FUNCTION, ALLOW, 0, 0},
    {SYS_close, FUNCTION, ALLOW, 0, 0},
    {SYS_lseek, FUNCTION, ALLOW, 0, 0},
    {SYS_fstat, FUNCTION, ALLOW, 0, 0},
    {SYS_newfstatat, FUNCTION, ALLOW, 0, 0},
    {SYS_ioctl, FUNCTION, ALLOW_EQ, 1, 0x5401}, /* TCGETS */
    {SYS_brk, FUNCTION, ALLOW, 0, 0},
    {SYS_mmap, FUNCTION, ALLOW, 0, 0},
    {SYS_munmap, FUNCTION, ALLOW, 0, 0},
    {SYS_mremap, FUNCTION, ALLOW, 0, 0},
    {SYS_mprotect, FUNCTION, ALLOW, 0, 0},
    {SYS_madvise, FUNCTION, ALLOW, 0, 0},
    {SYS_futex, FUNCTION, ALLOW, 0, 0},
    {SYS_getrandom, FUNCTION, ALLOW, 0, 0},
    {SYS_clock_gettime, FUNCTION, ALLOW, 0, 0},
    {SYS_gettimeofday, FUNCTION, ALLOW, 0, 0},
    {SYS_clock_nanosleep, FUNCTION, ALLOW, 0, 0},
    {SYS_ppoll, FUNCTION, ALLOW, 0, 0},
    {SYS_restart_syscall, FUNCTION, ALLOW, 0, 0},
    {SYS_getpid, FUNCTION, ALLOW, 0, 0},
    {SYS_gettid, FUNCTION, ALLOW, 0, 0},
    {SYS_tgkill, FUNCTION, DENY_NOT_SELF, 0, 0},
    {SYS_tgkill, FUNCTION, ALLOW, 0, 0},
    {SYS_rt_sigaction, FUNCTION, ALLOW, 0, 0},
    {SYS_rt_sigprocmask, FUNCTION, ALLOW, 0, 0},
    {SYS_rt_sigreturn, FUNCTION, ALLOW, 0, 0},
    {SYS_exit, FUNCTION, ALLOW, 0, 0},
    {SYS_exit_group, FUNCTION, ALLOW, 0, 0},
};
enum { RULE_COUNT = sizeof call_rules / sizeof *call_rules, GROUP_SIZE = 8 };

struct emitter {
    struct seccomp_insn *next;
    uint32_t default_action; /* for calls that no rule names */
};

static void emit(struct emitter *w, uint16_t code, uint32_t k, uint8_t jt, uint8_t jf) {
    *w->next++ = (struct seccomp_insn){.code = code, .jt = jt, .jf = jf, .k = k};
}

static void emit_load_argument(struct emitter *w, unsigned argument) {
    /* the low half comes first: little-endian */
    emit(w, LOAD_WORD, OFFSET_ARGS + 8 * argument, 0, 0);
}

/* Emits one rule. Its first instruction skips the rule for other call numbers; the distance is
 * filled in once the rule's length is known. */
static void emit_rule(struct emitter *w, const struct call_rule *r, uint32_t self_pid) {
    struct seccomp_insn *first = w->next;
    uint32_t result =
        r->action >= ALLOW ? allow : fail_with | (r->action == NOSYS ? ENOSYS : EPERM);
    emit(w, JUMP_EQ, (uint32_t)r->number, 0, 0);
    if (r->action != DENY && r->action != NOSYS && r->action != ALLOW)
        emit_load_argument(w, r->argument);
    if (r->action == DENY_SETID) {
        emit(w, JUMP_SET, CREATES_FILE, 0, 3);
        emit_load_argument(w, r->argument + 1U);
    }
    if (r->action == DENY_ANY || r->action == DENY_SETID)
        emit(w, JUMP_SET, r->action == DENY_ANY ? r->value : SETID, 0, 1);
    else if (r->action == DENY_ALL)
        emit(w, AND_MASK, r->value, 0, 0);
    if (r->action == DENY_EQ || r->action == DENY_ALL || r->action == ALLOW_EQ)
        emit(w, JUMP_EQ, r->value, 0, 1);
    else if (r->action == DENY_NE || r->action == DENY_NOT_SELF)
        emit(w, JUMP_EQ, r->action == DENY_NE ? r->value : self_pid, 1, 0);
    emit(w, RETURN, result, 0, 0);
    if (w->next - first > 2)
        emit(w, LOAD_WORD, OFFSET_NR, 0, 0);
    first->jf = (uint8_t)(w->next - first - 1);
}

/* Sorts the profile's rules by call number. The sort is stable: rules for one call stay in
 * order. */
static int select_rules(const struct call_rule *selected[], unsigned profile) {
    int n = 0;
    for (int i = 0; i < RULE_COUNT; i++) {
        int k = n;
        if (!(call_rules[i].profiles & profile))
            continue;
        for (; k > 0 && selected[k - 1]->number > call_rules[i].number; k--)
            selected[k] = selected[k - 1];
        selected[k] = &call_rules[i];
        n++;
    }
    return n;
}

/* Emits the rules in groups that one comparison skips. Rules for the same call stay in one
 * group. */
static void emit_rule_groups(struct emitter *w, const struct call_rule *const selected[], int n,
                             uint32_t self_pid) {
    for (int i = 0, end; i < n; i = end) {
        struct seccomp_insn *first = w->next;
        end = i + GROUP_SIZE < n ? i + GROUP_SIZE : n;
        while (end < n && selected[end]->number == selected[end - 1]->number)
            end++;
        if (end < n)
            emit(w, JUMP_GE, (uint32_t)selected[end]->number, 0, 0);
        for (int k = i; k < end; k++)
            emit_rule(w, selected[k], self_pid);
        emit(w, RETURN, w->default_action, 0, 0);
        if (end < n)
            first->jt = (uint8_t)(w->next - first - 1);
    }
}

unsigned short seccomp_build(struct seccomp_insn *program, unsigned profile, pid_t self_pid) {
    struct emitter w = {.next = program,
                        .default_action = profile & FUNCTION ? kill_process : allow};
    const struct call_rule *selected[RULE_COUNT];
    emit(&w, LOAD_WORD, OFFSET_ARCH, 0, 0);
    emit(&w, JUMP_EQ, architecture, 1, 0);
    emit(&w, RETURN, kill_process, 0, 0);
    emit(&w, LOAD_WORD, OFFSET_NR, 0, 0);
    emit(&w, JUMP_GE, NR_FIRST_UNKNOWN, 0, 5);
    emit(&w, JUMP_EQ, ~0U, 0, 1);
    emit(&w, RETURN, allow, 0, 0); /* a tracer has cancelled the call */
    emit(&w, JUMP_GE, X32_BIT, 0, 1);
    emit(&w, RETURN, kill_process, 0, 0);
    emit(&w, RETURN, fail_with | ENOSYS, 0, 0);
    emit_rule_groups(&w, selected, select_rules(selected, profile), (uint32_t)self_pid);
    return (unsigned short)(w.next - program);
}
#else
unsigned short seccomp_build(struct seccomp_insn *program, unsigned profile, pid_t self_pid) {
    (void)program, (void)profile, (void)self_pid;
    return 0;
}
#endif
