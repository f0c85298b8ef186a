/* seccomp.h: which system calls a child in a sandbox is refused, as a table, and the program for
 * seccomp(2) made of it. */
#ifndef SECCOMP_H
#define SECCOMP_H
#include <stdint.h>
#include <sys/types.h>

enum seccomp_profile {
    SECCOMP_PROFILE_STRICT = 1,   /* a command that has namespaces of its own */
    SECCOMP_PROFILE_SHARED = 2,   /* one that shares ours */
    SECCOMP_PROFILE_NO_SCOPE = 4, /* with either: signals to others are not kept in otherwise */
    SECCOMP_PROFILE_FUNCTION = 8  /* a function: what is not allowed kills */
};

/* As struct sock_filter of <linux/filter.h>, which not every libc finds. */
struct seccomp_insn {
    uint16_t code;
    uint8_t jt, jf;
    uint32_t k;
};
enum { SECCOMP_MAX_INSNS = 512 };

/* Writes at most SECCOMP_MAX_INSNS; how many. 0: there is none for this architecture. self: who may be
 * sent signals. Async-signal-safe. */
unsigned short seccomp_build(struct seccomp_insn *to, unsigned profile, pid_t self);
#endif
