/* light_child.h: children that cost little. A fork copies the page tables of the test, and then
 * page after page; that takes a hundred times as long as a process that shares its memory. So a
 * light child is what a command is between vfork and exec: a process with its own PID, descriptors,
 * signals and end, in the memory of the test. It calls a function there, where a command would call
 * execve(2).
 *
 * To the library it is a command, started, written to, watched and reaped as any other. Two calls
 * of its exec.c lead here instead of to libc, since the Makefile links the tests that include this
 * header with --wrap: clone(2) and execve(2).
 *
 * The host goes on beside such a child, and both use errno. So each child is started by a thread,
 * which the kernel suspends until the child has ended (CLONE_VFORK): the child has its errno.
 *
 * The function must not take memory and not use stdio's streams: a child that is killed would keep
 * their locks. What it writes to, the test sees.
 *
 * Sanitizers don't know such processes: there a child is a function, which is forked. Nor does
 * valgrind, so tests/sanitize leaves these tests out there. */
#ifndef LIGHT_CHILD_H
#define LIGHT_CHILD_H
#include "harness.h"
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/syscall.h>

int __real_clone(int (*f)(void *), void *stack, int flags, void *data, ...);
int __wrap_clone(int (*f)(void *), void *stack, int flags, void *data);
int __real_execve(const char *path, char *const *argv, char *const *env);
int __wrap_execve(const char *path, char *const *argv, char *const *env);

static struct {
    dualpipe_function *main;
    void *data;
} light_child;

/* A start; it is gone as soon as the child runs. */
struct light_start {
    int (*f)(void *);
    void *data;
    pid_t pid; /* of the child, or a negative errno */
    sem_t has_started;
};

static int light_run(void *data) {
    struct light_start *start = data;
    int (*f)(void *) = start->f;
    data = start->data;
    sem_post(&start->has_started);
    return f(data);
}

static void *light_thread(void *data) {
    struct light_start *start = data;
    _Alignas(64) char stack[32768];
    int r = __real_clone(light_run, stack + sizeof stack,
                         CLONE_VM | CLONE_VFORK | CLONE_PARENT_SETTID | SIGCHLD, start,
                         &start->pid);
    if (r < 0) {
        start->pid = -errno;
        sem_post(&start->has_started);
    }
    return NULL;
}

int __wrap_clone(int (*f)(void *), void *stack, int flags, void *data) {
    struct light_start start = {.f = f, .data = data};
    pthread_t thread;
    int r;
    if (!light_child.main)
        return __real_clone(f, stack, flags, data);
    sem_init(&start.has_started, 0, 0);
    if ((r = pthread_create(&thread, NULL, light_thread, &start)) != 0) {
        errno = r;
        return -1;
    }
    pthread_detach(thread);
    while (sem_wait(&start.has_started) < 0)
        ;
    sem_destroy(&start.has_started);
    errno = start.pid < 0 ? -start.pid : 0;
    return start.pid < 0 ? -1 : start.pid;
}

/* Closes what an exec would close: all but the standard streams. */
int __wrap_execve(const char *path, char *const *argv, char *const *env) {
    if (!light_child.main)
        return __real_execve(path, argv, env);
    syscall(SYS_close_range, 3, ~0U, 0);
    _exit(light_child.main(0, NULL, light_child.data) & 255);
}

/* The options of a child that calls this function; one function at a time. */
static inline struct dualpipe_options light_options(dualpipe_function *f, void *data) {
    static char *argv[] = {WORD("/bin/sh"), NULL}; /* not run, but looked for */
    if (SANITIZED)
        return (struct dualpipe_options){.argv = argv, .function = f, .data = data};
    light_child.main = f;
    light_child.data = data;
    return (struct dualpipe_options){.argv = argv};
}
#endif
