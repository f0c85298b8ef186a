/* What the programs of the benchmark share: a child behind two pipes, whole writes, the clock.
 * Failures end the program: a benchmark has nothing to recover. */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <sys/types.h>

enum { BLOCK = 65536, SPIN_NS = 20000 };

struct child {
    pid_t pid;
    int in;  /* its standard input: we write */
    int out; /* its standard output: we read */
};

_Noreturn void fail(const char *what);
struct child exec_start(char **argv);
int child_wait(const struct child *child);
void write_all(int fd, const char *bytes, size_t size);
void set_nonblocking(int fd);
long long nanoseconds(void);
unsigned long long number(const char *text);

/* The verbs of `limit`: each gets the words after its name and returns an exit status. */
int verb_lockstep(char **argv);
int verb_lockstep_poll(char **argv);
int verb_lockstep_yield(char **argv);
int verb_window(char **argv);
int verb_echoline(char **argv);
int verb_client(char **argv);
int verb_relay_copy(char **argv);
int verb_relay_yield(char **argv);
int verb_zeros(char **argv);
int verb_lines(char **argv);
int verb_requests(char **argv);
int verb_cat(char **argv);
int verb_writefirst(char **argv);
int verb_busy(char **argv);
int verb_clock(char **argv);
int verb_cpuof(char **argv);
int verb_cputree(char **argv);
int verb_memory(char **argv);
int verb_pool(char **argv);
int verb_pool_frames(char **argv);
int verb_spins(char **argv);
int verb_work(char **argv);
int verb_invert(char **argv);

#endif
