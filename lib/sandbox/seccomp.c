/* seccomp.c: which system calls a child in a sandbox is refused, as a table, and the program for
 * seccomp(2) made of it. */
#include "sandbox/seccomp.h"
#if defined(__linux__) && ((defined(__x86_64__) && defined(__LP64__)) || defined(__AARCH64EL__))
#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>

/* <linux/filter.h>, <linux/seccomp.h>, <linux/audit.h> */
enum {
    LOAD = 0x20, JUMP_EQUAL = 0x15, JUMP_LEAST = 0x35, JUMP_ANY = 0x45, MASK = 0x54, RETURN = 0x06
};
enum { AT_NUMBER = 0, AT_ARCHITECTURE = 4, AT_ARGUMENTS = 16 };
static const uint32_t allow = 0x7fff0000, kill_process = 0x80000000, fail_with = 0x00050000;
#ifdef __x86_64__
static const uint32_t architecture = 0xc000003e;
#else
static const uint32_t architecture = 0xc00000b7;
#endif
enum { X32 = 0x40000000 };

/* Numbers from 424 on are the same everywhere, and headers may not know them. */
enum {
    NR_PIDFD_SEND_SIGNAL = 424, NR_IO_URING_SETUP, NR_IO_URING_ENTER, NR_IO_URING_REGISTER,
    NR_OPEN_TREE, NR_MOVE_MOUNT, NR_FSOPEN, NR_FSCONFIG, NR_FSMOUNT, NR_FSPICK, NR_CLONE3 = 435,
    NR_OPENAT2 = 437, NR_PIDFD_GETFD, NR_PROCESS_MADVISE = 440, NR_MOUNT_SETATTR = 442,
    NR_QUOTACTL_FD, NR_MEMFD_SECRET = 447, NR_PROCESS_MRELEASE, NR_HOME_NODE = 450, NR_CACHESTAT,
    NR_FCHMODAT2, NR_STATMOUNT = 457, NR_LISTMOUNT, NR_SETXATTRAT = 463, NR_GETXATTRAT,
    NR_LISTXATTRAT, NR_REMOVEXATTRAT,
    NR_OPEN_TREE_ATTR, NR_FILE_SETATTR = 469,
    NR_UNKNOWN /* from here on: later kernels' */
};

enum call_action {
    DENY,    /* EPERM */
    ABSENT,  /* ENOSYS: programs then use an older call */
    ANY,     /* EPERM if the argument has any of the bits */
    BOTH,    /* EPERM if it has all of them */
    EQUAL,   /* EPERM if it is the value */
    ONLY,    /* EPERM if it is not */
    SELF,    /* EPERM if it is not the child's own number */
    CREATE,  /* of the flags in the argument, and the mode in the next: EPERM if a file is made
                with set-user-ID or set-group-ID */
    KEEP,    /* allowed */
    KEEP_IF  /* if the argument is the value */
};
enum {
    ALL = SECCOMP_PROFILE_STRICT | SECCOMP_PROFILE_SHARED,
    SHARED = SECCOMP_PROFILE_SHARED,
    MUTE = SECCOMP_PROFILE_NO_SCOPE,
    FUNCTION = SECCOMP_PROFILE_FUNCTION,
    NAMESPACES = 0x7e020080,  /* CLONE_NEW* */
    MAKES = 0100 | 020000000, /* O_CREAT, O_TMPFILE */
    SETID = 06000,
    UNIX = 1,         /* AF_UNIX */
    DATAGRAM = 2,     /* SOCK_DGRAM, and its bit of SOCK_RAW, which there is the same */
    SIBLING = 0x8000, /* CLONE_PARENT: it would be ours to wait for */
    LEASE = 1024,
    DELEGATION = 1040, /* F_SETLEASE, F_SETDELEG: whoever writes there waits */
    STACKS = 0x100,    /* MAP_GROWSDOWN: which is no data either */
    UNCOUNTED = 0x21,  /* MAP_SHARED, MAP_ANONYMOUS: memory that no limit of a process counts */
    MEMORY_MAP = 0
};

struct call_rule {
    int number;
    unsigned char profiles, action, argument;
    uint32_t value;
};

static const struct call_rule call_rules[] = {
    /* other processes, and what is not one's own in this one */
    {SYS_ptrace, ALL, DENY, 0, 0}, {SYS_process_vm_readv, ALL, DENY, 0, 0},
    {SYS_process_vm_writev, ALL, DENY, 0, 0}, {SYS_kcmp, ALL, DENY, 0, 0},
    {NR_PIDFD_GETFD, ALL, DENY, 0, 0}, {NR_PROCESS_MADVISE, ALL, DENY, 0, 0},
    {NR_PROCESS_MRELEASE, ALL, DENY, 0, 0}, {SYS_prlimit64, SHARED, ONLY, 0, 0},
    {SYS_sched_setaffinity, SHARED, ONLY, 0, 0},
    {SYS_fcntl, MUTE, EQUAL, 1, 8}, {SYS_fcntl, MUTE, EQUAL, 1, 15}, /* F_SETOWN, F_SETOWN_EX */
    {SYS_ioctl, MUTE, EQUAL, 1, 0x8901}, {SYS_ioctl, MUTE, EQUAL, 1, 0x8902}, /* FIOSETOWN */
    {SYS_kill, MUTE, SELF, 0, 0}, {SYS_tkill, MUTE, SELF, 0, 0}, {SYS_tgkill, MUTE, SELF, 0, 0},
    {SYS_rt_sigqueueinfo, MUTE, SELF, 0, 0}, {SYS_rt_tgsigqueueinfo, MUTE, SELF, 0, 0},
    {NR_PIDFD_SEND_SIGNAL, MUTE, DENY, 0, 0}, {SYS_setpriority, ALL, DENY, 0, 0},
    {SYS_sched_setscheduler, ALL, DENY, 0, 0}, {SYS_sched_setparam, ALL, DENY, 0, 0},
    {SYS_sched_setattr, ALL, DENY, 0, 0}, {SYS_ioprio_set, ALL, DENY, 0, 0},
    {SYS_migrate_pages, ALL, DENY, 0, 0}, {SYS_move_pages, ALL, DENY, 0, 0},
    {NR_HOME_NODE, ALL, DENY, 0, 0}, {SYS_personality, ALL, DENY, 0, 0},
    /* namespaces and mounts */
    {SYS_unshare, ALL, DENY, 0, 0}, {SYS_setns, ALL, DENY, 0, 0},
    {SYS_clone, ALL, ANY, 0, NAMESPACES | SIBLING}, {NR_CLONE3, ALL, ABSENT, 0, 0},
    {SYS_mount, ALL, DENY, 0, 0}, {SYS_umount2, ALL, DENY, 0, 0},
    {SYS_pivot_root, ALL, DENY, 0, 0}, {SYS_chroot, ALL, DENY, 0, 0},
    {NR_OPEN_TREE, ALL, ABSENT, 0, 0}, {NR_MOVE_MOUNT, ALL, ABSENT, 0, 0},
    {NR_FSOPEN, ALL, ABSENT, 0, 0}, {NR_FSCONFIG, ALL, ABSENT, 0, 0},
    {NR_FSMOUNT, ALL, ABSENT, 0, 0}, {NR_FSPICK, ALL, ABSENT, 0, 0},
    {NR_MOUNT_SETATTR, ALL, ABSENT, 0, 0}, {NR_OPEN_TREE_ATTR, ALL, ABSENT, 0, 0},
    {NR_STATMOUNT, ALL, ABSENT, 0, 0}, {NR_LISTMOUNT, ALL, ABSENT, 0, 0},
    /* the network, other machines, other users */
    {SYS_socket, ALL, DENY, 0, 0}, {SYS_socketpair, ALL, ONLY, 0, UNIX},
    {SYS_socketpair, ALL, ANY, 1, DATAGRAM}, /* of which each may go to another socket */
    {SYS_bind, ALL, DENY, 0, 0}, /* a name that somebody else means to have */
    {SYS_shmget, ALL, DENY, 0, 0}, {SYS_shmat, ALL, DENY, 0, 0}, {SYS_shmctl, ALL, DENY, 0, 0},
    {SYS_semget, ALL, DENY, 0, 0}, {SYS_semctl, ALL, DENY, 0, 0}, {SYS_semop, ALL, DENY, 0, 0},
    {SYS_semtimedop, ALL, DENY, 0, 0}, {SYS_msgget, ALL, DENY, 0, 0},
    {SYS_msgsnd, ALL, DENY, 0, 0}, {SYS_msgrcv, ALL, DENY, 0, 0}, {SYS_msgctl, ALL, DENY, 0, 0},
    {SYS_mq_open, ALL, DENY, 0, 0}, {SYS_mq_unlink, ALL, DENY, 0, 0},
    {SYS_memfd_create, ALL, DENY, 0, 0}, {NR_MEMFD_SECRET, ALL, ABSENT, 0, 0},
    {SYS_mmap, ALL, BOTH, 3, UNCOUNTED}, {SYS_mmap, ALL, ANY, 3, STACKS},
    /* the kernel */
    {SYS_bpf, ALL, DENY, 0, 0}, {SYS_perf_event_open, ALL, DENY, 0, 0},
    {SYS_keyctl, ALL, DENY, 0, 0}, {SYS_add_key, ALL, DENY, 0, 0},
    {SYS_request_key, ALL, DENY, 0, 0}, {SYS_userfaultfd, ALL, DENY, 0, 0},
    {NR_IO_URING_SETUP, ALL, ABSENT, 0, 0}, {NR_IO_URING_ENTER, ALL, ABSENT, 0, 0},
    {NR_IO_URING_REGISTER, ALL, ABSENT, 0, 0}, {SYS_syslog, ALL, DENY, 0, 0},
    {SYS_reboot, ALL, DENY, 0, 0}, {SYS_kexec_load, ALL, DENY, 0, 0},
    {SYS_kexec_file_load, ALL, DENY, 0, 0}, {SYS_init_module, ALL, DENY, 0, 0},
    {SYS_finit_module, ALL, DENY, 0, 0}, {SYS_delete_module, ALL, DENY, 0, 0},
    {SYS_swapon, ALL, DENY, 0, 0}, {SYS_swapoff, ALL, DENY, 0, 0}, {SYS_acct, ALL, DENY, 0, 0},
    {SYS_quotactl, ALL, DENY, 0, 0}, {NR_QUOTACTL_FD, ALL, DENY, 0, 0},
    {SYS_sethostname, ALL, DENY, 0, 0}, {SYS_setdomainname, ALL, DENY, 0, 0},
    {SYS_settimeofday, ALL, DENY, 0, 0}, {SYS_clock_settime, ALL, DENY, 0, 0},
    {SYS_clock_adjtime, ALL, DENY, 0, 0}, {SYS_adjtimex, ALL, DENY, 0, 0},
    {SYS_vhangup, ALL, DENY, 0, 0}, {NR_CACHESTAT, ALL, DENY, 0, 0},
    /* files by other ways than their names; terminals that type */
    {SYS_name_to_handle_at, ALL, DENY, 0, 0}, {SYS_open_by_handle_at, ALL, DENY, 0, 0},
    {SYS_fanotify_init, ALL, DENY, 0, 0}, {SYS_fanotify_mark, ALL, DENY, 0, 0},
    {NR_OPENAT2, ALL, ABSENT, 0, 0},
    {SYS_fcntl, ALL, EQUAL, 1, LEASE}, {SYS_fcntl, ALL, EQUAL, 1, DELEGATION},
    {SYS_inotify_init1, ALL, ABSENT, 0, 0}, /* a user has few of them, all programs together */
    {SYS_ioctl, ALL, EQUAL, 1, 0x5412},  /* TIOCSTI */
    {SYS_ioctl, ALL, EQUAL, 1, 0x541c},  /* TIOCLINUX */
    {SYS_ioctl, ALL, EQUAL, 1, 0x541d},  /* TIOCCONS */
    {SYS_ioctl, ALL, EQUAL, 1, 0x5423},  /* TIOCSETD */
    /* programs that run as who made them */
    {SYS_fchmod, ALL, ANY, 1, SETID}, {SYS_fchmodat, ALL, ANY, 2, SETID},
    {NR_FCHMODAT2, ALL, ANY, 2, SETID}, {SYS_mknodat, ALL, ANY, 2, SETID},
    {SYS_mkdirat, ALL, ANY, 2, SETID}, {SYS_openat, ALL, CREATE, 2, 0},
    /* what Landlock leaves alone, where the file system is ours too */
    {SYS_fchmod, SHARED, DENY, 0, 0}, {SYS_fchmodat, SHARED, DENY, 0, 0},
    {NR_FCHMODAT2, SHARED, DENY, 0, 0}, {SYS_fchown, SHARED, DENY, 0, 0},
    {SYS_fchownat, SHARED, DENY, 0, 0}, {SYS_utimensat, SHARED, DENY, 0, 0},
    {SYS_setxattr, SHARED, DENY, 0, 0}, {SYS_lsetxattr, SHARED, DENY, 0, 0},
    {SYS_fsetxattr, SHARED, DENY, 0, 0}, {SYS_removexattr, SHARED, DENY, 0, 0},
    {SYS_lremovexattr, SHARED, DENY, 0, 0}, {SYS_fremovexattr, SHARED, DENY, 0, 0},
    {NR_SETXATTRAT, SHARED, DENY, 0, 0}, {NR_REMOVEXATTRAT, SHARED, DENY, 0, 0},
    {SYS_getxattr, SHARED, ABSENT, 0, 0}, {SYS_lgetxattr, SHARED, ABSENT, 0, 0},
    {SYS_listxattr, SHARED, ABSENT, 0, 0}, {SYS_llistxattr, SHARED, ABSENT, 0, 0},
    {NR_GETXATTRAT, SHARED, ABSENT, 0, 0}, {NR_LISTXATTRAT, SHARED, ABSENT, 0, 0},
    {NR_FILE_SETATTR, SHARED, DENY, 0, 0},
#ifdef __x86_64__
    {SYS_open, ALL, CREATE, 1, 0}, {SYS_creat, ALL, ANY, 1, SETID},
    {SYS_chmod, ALL, ANY, 1, SETID}, {SYS_mknod, ALL, ANY, 1, SETID},
    {SYS_mkdir, ALL, ANY, 1, SETID}, {SYS_chmod, SHARED, DENY, 0, 0},
    {SYS_chown, SHARED, DENY, 0, 0}, {SYS_lchown, SHARED, DENY, 0, 0},
    {SYS_utime, SHARED, DENY, 0, 0}, {SYS_utimes, SHARED, DENY, 0, 0},
    {SYS_futimesat, SHARED, DENY, 0, 0}, {SYS_inotify_init, ALL, ABSENT, 0, 0},
    {SYS_iopl, ALL, DENY, 0, 0}, {SYS_ioperm, ALL, DENY, 0, 0}, {SYS_modify_ldt, ALL, DENY, 0, 0},
    {SYS_uselib, ALL, DENY, 0, 0}, {SYS_ustat, ALL, DENY, 0, 0}, {SYS_sysfs, ALL, DENY, 0, 0},
    {SYS_poll, FUNCTION, KEEP, 0, 0},
#endif
    /* what a function may do: read and write what it has, take memory, wait, end */
    {SYS_read, FUNCTION, KEEP, 0, 0}, {SYS_readv, FUNCTION, KEEP, 0, 0},
    {SYS_write, FUNCTION, KEEP, 0, 0}, {SYS_writev, FUNCTION, KEEP, 0, 0},
    {SYS_close, FUNCTION, KEEP, 0, 0}, {SYS_lseek, FUNCTION, KEEP, 0, 0},
    {SYS_fstat, FUNCTION, KEEP, 0, 0}, {SYS_newfstatat, FUNCTION, KEEP, 0, 0},
    {SYS_ioctl, FUNCTION, KEEP_IF, 1, 0x5401}, /* TCGETS */
    {SYS_brk, FUNCTION, KEEP, 0, 0}, {SYS_mmap, FUNCTION, KEEP, 0, 0},
    {SYS_munmap, FUNCTION, KEEP, 0, 0}, {SYS_mremap, FUNCTION, KEEP, 0, 0},
    {SYS_mprotect, FUNCTION, KEEP, 0, 0}, {SYS_madvise, FUNCTION, KEEP, 0, 0},
    {SYS_futex, FUNCTION, KEEP, 0, 0}, {SYS_getrandom, FUNCTION, KEEP, 0, 0},
    {SYS_clock_gettime, FUNCTION, KEEP, 0, 0}, {SYS_gettimeofday, FUNCTION, KEEP, 0, 0},
    {SYS_clock_nanosleep, FUNCTION, KEEP, 0, 0}, {SYS_ppoll, FUNCTION, KEEP, 0, 0},
    {SYS_restart_syscall, FUNCTION, KEEP, 0, 0}, {SYS_getpid, FUNCTION, KEEP, 0, 0},
    {SYS_gettid, FUNCTION, KEEP, 0, 0}, {SYS_tgkill, FUNCTION, SELF, 0, 0},
    {SYS_tgkill, FUNCTION, KEEP, 0, 0}, {SYS_rt_sigaction, FUNCTION, KEEP, 0, 0},
    {SYS_rt_sigprocmask, FUNCTION, KEEP, 0, 0}, {SYS_rt_sigreturn, FUNCTION, KEEP, 0, 0},
    {SYS_exit, FUNCTION, KEEP, 0, 0}, {SYS_exit_group, FUNCTION, KEEP, 0, 0},
};
enum { ROWS = sizeof call_rules / sizeof *call_rules, GROUP = 8 };

struct emitter {
    struct seccomp_insn *next;
    uint32_t default_action; /* for what no row names */
};

static void emit(struct emitter *w, uint16_t code, uint32_t k, uint8_t yes, uint8_t no) {
    *w->next++ = (struct seccomp_insn){.code = code, .jt = yes, .jf = no, .k = k};
}

static void emit_load_argument(struct emitter *w, unsigned argument) {
    emit(w, LOAD, AT_ARGUMENTS + 8 * argument, 0, 0); /* what follows is little-endian */
}

/* A jump over what the next row's writer adds is filled in behind it. */
static void emit_rule(struct emitter *w, const struct call_rule *r, uint32_t self) {
    struct seccomp_insn *begin = w->next;
    uint32_t result =
        r->action >= KEEP ? allow : fail_with | (r->action == ABSENT ? ENOSYS : EPERM);
    emit(w, JUMP_EQUAL, (uint32_t)r->number, 0, 0);
    if (r->action != DENY && r->action != ABSENT && r->action != KEEP)
        emit_load_argument(w, r->argument);
    if (r->action == CREATE) {
        emit(w, JUMP_ANY, MAKES, 0, 3);
        emit_load_argument(w, r->argument + 1U);
    }
    if (r->action == ANY || r->action == CREATE)
        emit(w, JUMP_ANY, r->action == ANY ? r->value : SETID, 0, 1);
    else if (r->action == BOTH)
        emit(w, MASK, r->value, 0, 0);
    if (r->action == EQUAL || r->action == BOTH || r->action == KEEP_IF)
        emit(w, JUMP_EQUAL, r->value, 0, 1);
    else if (r->action == ONLY || r->action == SELF)
        emit(w, JUMP_EQUAL, r->action == ONLY ? r->value : self, 1, 0);
    emit(w, RETURN, result, 0, 0);
    if (w->next - begin > 2)
        emit(w, LOAD, AT_NUMBER, 0, 0);
    begin->jf = (uint8_t)(w->next - begin - 1);
}

/* In the order of their numbers; those of one number as they stand. */
static int select_rules(const struct call_rule *to[], unsigned profile) {
    int n = 0;
    for (int i = 0; i < ROWS; i++) {
        int k = n;
        if (!(call_rules[i].profiles & profile))
            continue;
        for (; k > 0 && to[k - 1]->number > call_rules[i].number; k--)
            to[k] = to[k - 1];
        to[k] = &call_rules[i];
        n++;
    }
    return n;
}

/* A group is passed over by one comparison: the kernel tries the program for every number when it
 * is loaded. */
static void emit_rule_groups(struct emitter *w, const struct call_rule *const chosen[], int n,
                             uint32_t self) {
    for (int i = 0, end; i < n; i = end) {
        struct seccomp_insn *begin = w->next;
        end = i + GROUP < n ? i + GROUP : n;
        while (end < n && chosen[end]->number == chosen[end - 1]->number)
            end++;
        if (end < n)
            emit(w, JUMP_LEAST, (uint32_t)chosen[end]->number, 0, 0);
        for (int k = i; k < end; k++)
            emit_rule(w, chosen[k], self);
        emit(w, RETURN, w->default_action, 0, 0);
        if (end < n)
            begin->jt = (uint8_t)(w->next - begin - 1);
    }
}

unsigned short seccomp_build(struct seccomp_insn *to, unsigned profile, pid_t self) {
    struct emitter w = {.next = to, .default_action = profile & FUNCTION ? kill_process : allow};
    const struct call_rule *chosen[ROWS];
    emit(&w, LOAD, AT_ARCHITECTURE, 0, 0);
    emit(&w, JUMP_EQUAL, architecture, 1, 0);
    emit(&w, RETURN, kill_process, 0, 0);
    emit(&w, LOAD, AT_NUMBER, 0, 0);
    emit(&w, JUMP_LEAST, NR_UNKNOWN, 0, 5);
    emit(&w, JUMP_EQUAL, ~0U, 0, 1);
    emit(&w, RETURN, allow, 0, 0); /* a tracer has taken the call away */
    emit(&w, JUMP_LEAST, X32, 0, 1);
    emit(&w, RETURN, kill_process, 0, 0);
    emit(&w, RETURN, fail_with | ENOSYS, 0, 0);
    emit_rule_groups(&w, chosen, select_rules(chosen, profile), (uint32_t)self);
    return (unsigned short)(w.next - to);
}
#else
unsigned short seccomp_build(struct seccomp_insn *to, unsigned profile, pid_t self) {
    (void)to, (void)profile, (void)self;
    return 0;
}
#endif
