/* seccomp.h: the system calls that a sandboxed child is refused, as a program for seccomp(2). */
#ifndef SECCOMP_H
#define SECCOMP_H
#include <stdint.h>
#include <sys/types.h>

enum seccomp_profile {
    SECCOMP_PROFILE_STRICT = 1, /* a command with namespaces of its own */
    SECCOMP_PROFILE_SHARED = 2, /* a command that shares our namespaces */
    /* Added to SHARED if Landlock can't scope signals: no signal to another process. */
    SECCOMP_PROFILE_NO_SCOPE = 4,
    /* A function: only listed calls are allowed, any other kills it. */
    SECCOMP_PROFILE_FUNCTION = 8
};

/* Laid out as struct sock_filter of <linux/filter.h>, a header that not every C library finds. */
struct seccomp_insn {
    uint16_t code;
    uint8_t jt, jf;
    uint32_t k;
};
enum { SECCOMP_MAX_INSNS = 512 };

/* Writes at most SECCOMP_MAX_INSNS instructions and returns their number, 0 if this architecture
 * isn't supported. profile is a set of SECCOMP_PROFILE_ bits; self_pid is the process that the
 * child may signal (itself). Async-signal-safe. */
unsigned short seccomp_build(struct seccomp_insn *program, unsigned profile, pid_t self_pid);
#endif
