/* seccomp.h: which system calls a child in a sandbox is refused, as a table, and the program for
 * seccomp(2) made of it. */
#ifndef FILTER_H
#define FILTER_H
#include <stdint.h>
#include <sys/types.h>

enum filter_profile {
    PROFILE_STRICT = 1,   /* a command that has namespaces of its own */
    PROFILE_SHARED = 2,   /* one that shares ours */
    PROFILE_NO_SCOPE = 4, /* with either: signals to others are not kept in otherwise */
    PROFILE_FUNCTION = 8  /* a function: what is not allowed kills */
};

/* As struct sock_filter of <linux/filter.h>, which not every libc finds. */
struct filter_code {
    uint16_t code;
    uint8_t yes, no;
    uint32_t k;
};
enum { FILTER_CODES = 512 };

/* Writes at most FILTER_CODES; how many. 0: there is none for this architecture. self: who may be
 * sent signals. Async-signal-safe. */
unsigned short filter_make(struct filter_code *to, unsigned profile, pid_t self);
#endif
