/* Tests lib/sandbox/seccomp.c: interprets the generated BPF program here, as the kernel would,
 * for every system call number and for each kind of checked argument; then lets the kernel load
 * it. */
#include "sandbox/seccomp.h"
#include "../harness.h"
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#ifdef __x86_64__
enum { HERE = (int)AUDIT_ARCH_X86_64, OTHER = AUDIT_ARCH_I386 };
#else
enum { HERE = (int)AUDIT_ARCH_AARCH64, OTHER = AUDIT_ARCH_ARM };
#endif
enum { DENIED = SECCOMP_RET_ERRNO | EPERM, ABSENT = SECCOMP_RET_ERRNO | ENOSYS, SELF = 4321 };
static struct seccomp_insn program[SECCOMP_MAX_INSNS];
static unsigned short size;

/* Runs the program; returns 0, which is no valid result, if it is malformed. */
static unsigned run_at(const struct seccomp_data *data) {
    unsigned a = 0;
    for (unsigned pc = 0; pc < size; pc++) {
        const struct seccomp_insn *c = &program[pc];
        switch (c->code) {
        case BPF_LD | BPF_W | BPF_ABS:
            if (c->k % 4 || c->k + 4 > sizeof *data)
                return 0;
            memcpy(&a, (const char *)data + c->k, 4);
            break;
        case BPF_ALU | BPF_AND | BPF_K: a &= c->k; break;
        case BPF_JMP | BPF_JEQ | BPF_K: pc += a == c->k ? c->jt : c->jf; break;
        case BPF_JMP | BPF_JGE | BPF_K: pc += a >= c->k ? c->jt : c->jf; break;
        case BPF_JMP | BPF_JSET | BPF_K: pc += a & c->k ? c->jt : c->jf; break;
        case BPF_RET | BPF_K: return c->k;
        default: return 0;
        }
    }
    return 0;
}

static unsigned filter_result(long number, unsigned long long a0, unsigned long long a1,
                       unsigned long long a2, unsigned long long a3) {
    struct seccomp_data data = {.nr = (int)number, .arch = (unsigned)HERE,
                                .args = {a0, a1, a2, a3}};
    return run_at(&data);
}

static unsigned of_architecture(int arch, long number) {
    struct seccomp_data data = {.nr = (int)number, .arch = (unsigned)arch};
    return run_at(&data);
}

static void make_program(unsigned profile) {
    memset(program, 0xff, sizeof program);
    size = seccomp_build(program, profile, SELF);
}

static void every_number(void) {
    static const unsigned profiles[] = {SECCOMP_PROFILE_STRICT, SECCOMP_PROFILE_SHARED,
                                        SECCOMP_PROFILE_SHARED | SECCOMP_PROFILE_NO_SCOPE,
                                        SECCOMP_PROFILE_FUNCTION};
    for (int i = 0; i < 4; i++) {
        int wrong = 0, refused = 0;
        make_program(profiles[i]);
        for (long n = -2; n < 2000; n++) {
            unsigned r = filter_result(n, 0, 0, 0, 0);
            wrong += r == 0 || (r != SECCOMP_RET_ALLOW && r != DENIED && r != ABSENT &&
                                r != SECCOMP_RET_KILL_PROCESS);
            refused += r != SECCOMP_RET_ALLOW;
        }
        ok(size > 0 && size <= SECCOMP_MAX_INSNS && wrong == 0 && refused > 70,
           "profile %u: %d codes, each number has a result, %d are refused", profiles[i], size,
           refused);
    }
}

static void architectures(void) {
    make_program(SECCOMP_PROFILE_STRICT);
    ok(of_architecture(HERE, SYS_read) == SECCOMP_RET_ALLOW, "the calls of this architecture");
    ok(of_architecture(OTHER, 3) == SECCOMP_RET_KILL_PROCESS, "those of another kill");
    ok(of_architecture(HERE, SYS_read | 0x40000000) == SECCOMP_RET_KILL_PROCESS, "x32 kills");
    ok(of_architecture(HERE, -1) == SECCOMP_RET_ALLOW, "what a tracer takes away does not");
    ok(of_architecture(HERE, 470) == ABSENT, "calls of later kernels are absent");
}

static void plain_rows(void) {
    static const long denied[] = {SYS_ptrace, SYS_mount, SYS_unshare, SYS_setns, SYS_bpf,
                                  SYS_socket, SYS_keyctl, SYS_userfaultfd, SYS_perf_event_open,
                                  SYS_shmget,
                                  SYS_memfd_create, SYS_reboot, SYS_open_by_handle_at, 438, 440};
    static const long absent[] = {435, 425, 426, 427, 428, 429, 430, 437, 442, 467};
    static const long allowed[] = {SYS_read, SYS_write, SYS_openat, SYS_execve, SYS_exit_group,
                                   SYS_futex, SYS_wait4, SYS_kill, SYS_dup3, SYS_seccomp,
                                   SYS_fchmod,
                                   444, 446, 436, 439, 434};
    int good = 1;
    make_program(SECCOMP_PROFILE_STRICT);
    for (size_t i = 0; i < sizeof denied / sizeof *denied; i++)
        good = good && filter_result(denied[i], 0, 0, 0, 0) == DENIED;
    ok(good, "EPERM where there is no way");
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        good = good && filter_result(absent[i], 0, 0, 0, 0) == ABSENT;
    ok(good, "ENOSYS where programs know another");
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        good = good && filter_result(allowed[i], 0, 0, 0, 0) == SECCOMP_RET_ALLOW;
    ok(good, "and what programs need");
}

static void arguments(void) {
    make_program(SECCOMP_PROFILE_STRICT);
    ok(filter_result(SYS_clone, 17, 0, 0, 0) == SECCOMP_RET_ALLOW, "clone: a process");
    ok(filter_result(SYS_clone, 0x3d0f00, 0, 0, 0) == SECCOMP_RET_ALLOW, "clone: a thread");
    ok(filter_result(SYS_clone, 0x10000011, 0, 0, 0) == DENIED, "clone: not with a namespace");
    ok(filter_result(SYS_clone, 0x91, 0, 0, 0) == DENIED, "clone: nor with one of time");
    ok(filter_result(SYS_socketpair, 1, 1, 0, 0) == SECCOMP_RET_ALLOW, "socketpair: of streams");
    ok(filter_result(SYS_socketpair, 1, 0x80805, 0, 0) == SECCOMP_RET_ALLOW,
       "socketpair: of packets");
    ok(filter_result(SYS_socketpair, 1, 2, 0, 0) == DENIED, "socketpair: not of datagrams");
    ok(filter_result(SYS_socketpair, 1, 0x80003, 0, 0) == DENIED,
       "socketpair: nor raw, which they are");
    ok(filter_result(SYS_socketpair, 30, 1, 0, 0) == DENIED, "socketpair: of no other family");
    ok(filter_result(SYS_ioctl, 0, 0x5401, 0, 0) == SECCOMP_RET_ALLOW, "ioctl");
    ok(filter_result(SYS_ioctl, 0, 0x5412, 0, 0) == DENIED, "ioctl: not TIOCSTI");
    ok(filter_result(SYS_ioctl, 0, 0x100005412, 0, 0) == DENIED,
       "ioctl: whatever stands above 32 bits");
    ok(filter_result(SYS_ioctl, 0, 0x541c, 0, 0) == DENIED, "ioctl: nor TIOCLINUX");
    ok(filter_result(SYS_openat, 0, 0, 0, 06755) == SECCOMP_RET_ALLOW, "open: no file is made");
    ok(filter_result(SYS_openat, 0, 0, 0101, 0644) == SECCOMP_RET_ALLOW, "open: one is");
    ok(filter_result(SYS_openat, 0, 0, 0101, 04755) == DENIED, "open: but not setuid");
    ok(filter_result(SYS_openat, 0, 0, 020200001, 02755) == DENIED,
       "open: nor without a name, setgid");
    ok(filter_result(SYS_fchmodat, 0, 0, 0755, 0) == SECCOMP_RET_ALLOW, "chmod");
    ok(filter_result(SYS_fchmodat, 0, 0, 04755, 0) == DENIED, "chmod: not setuid");
    ok(filter_result(452, 0, 0, 02755, 0) == DENIED, "chmod: by the new call neither");
    ok(filter_result(SYS_mmap, 0, 0, 0, 0x22) == SECCOMP_RET_ALLOW, "mmap: memory of its own");
    ok(filter_result(SYS_mmap, 0, 0, 0, 1) == SECCOMP_RET_ALLOW, "mmap: a shared file");
    ok(filter_result(SYS_mmap, 0, 0, 0, 0x21) == DENIED,
       "mmap: no shared memory, which no limit counts");
    ok(filter_result(SYS_mmap, 0, 0, 0, 0x23) == DENIED, "mmap: by no other name");
    ok(filter_result(SYS_mmap, 0, 0, 0, 0x122) == DENIED, "mmap: nor as a stack");
}

static void shared(void) {
    make_program(SECCOMP_PROFILE_SHARED);
    ok(filter_result(SYS_fchmod, 0, 0644, 0, 0) == DENIED, "shared: not even chmod");
    ok(filter_result(SYS_utimensat, 0, 0, 0, 0) == DENIED, "shared: no times");
    ok(filter_result(SYS_prlimit64, 0, 0, 0, 0) == SECCOMP_RET_ALLOW, "shared: limits of its own");
    ok(filter_result(SYS_prlimit64, 77, 0, 0, 0) == DENIED, "shared: not another's");
    ok(filter_result(SYS_kill, 77, 9, 0, 0) == SECCOMP_RET_ALLOW,
       "shared: signals, which Landlock keeps");
    make_program(SECCOMP_PROFILE_SHARED | SECCOMP_PROFILE_NO_SCOPE);
    ok(filter_result(SYS_kill, 77, 9, 0, 0) == DENIED, "without it: none to others");
    ok(filter_result(SYS_kill, (unsigned)-77, 9, 0, 0) == DENIED, "nor to a group");
    ok(filter_result(SYS_tgkill, SELF, SELF, 6, 0) == SECCOMP_RET_ALLOW, "to itself they go");
    ok(filter_result(SYS_fcntl, 0, 8, 0, 0) == DENIED, "and by fcntl to none");
    ok(filter_result(SYS_fcntl, 0, 3, 0, 0) == SECCOMP_RET_ALLOW, "which else goes");
}

static void functions(void) {
    make_program(SECCOMP_PROFILE_FUNCTION);
    ok(filter_result(SYS_read, 0, 0, 0, 0) == SECCOMP_RET_ALLOW, "a function reads");
    ok(filter_result(SYS_openat, 0, 0, 0, 0) == SECCOMP_RET_KILL_PROCESS,
       "a function opens nothing");
    ok(filter_result(SYS_execve, 0, 0, 0, 0) == SECCOMP_RET_KILL_PROCESS, "nor runs anything");
    ok(filter_result(SYS_ioctl, 1, 0x5401, 0, 0) == SECCOMP_RET_ALLOW &&
       filter_result(SYS_ioctl, 1, 0x5412, 0, 0) == SECCOMP_RET_KILL_PROCESS, "nor types");
    ok(filter_result(SYS_tgkill, SELF, SELF, 6, 0) == SECCOMP_RET_ALLOW &&
           filter_result(SYS_tgkill, 77, 77, 6, 0) != SECCOMP_RET_ALLOW,
       "it may abort itself, and signal no other");
}

/* The kernel verifies every jump when it loads the program. */
static void kernel_takes(unsigned profile) {
    int status = -1;
    pid_t pid;
    make_program(profile);
    if ((pid = fork()) == 0) {
        struct sock_fprog f = {.len = size, .filter = (struct sock_filter *)(void *)program};
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        _exit(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &f) == 0 ? 0 : errno);
    }
    waitpid(pid, &status, 0);
    is(status, 0, "the kernel takes it");
}

int main(void) {
    begin();
    make_program(SECCOMP_PROFILE_STRICT);
    if (size == 0) {
        skip("the filter", "there is none for this architecture");
        return done();
    }
    every_number();
    architectures();
    plain_rows();
    arguments();
    shared();
    functions();
    kernel_takes(SECCOMP_PROFILE_STRICT);
    kernel_takes(SECCOMP_PROFILE_SHARED | SECCOMP_PROFILE_NO_SCOPE);
    return done();
}
