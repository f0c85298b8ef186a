/* resources.c: attacks that exhaust a resource of the machine. Each one stops by itself before it
 * could harm the machine that runs the tests. */
#include "attack.h"
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MIB = 1 << 20 };

/* Blocks until every other holder of the pipe's write end has closed it. */
static void wait_for_end(int fd) {
    char c;
    while (read(fd, &c, 1) > 0) {
    }
}

/* Forks COUNT children that each run ACT, report its result and stay until all have reported.
 * Returns 0 if all of them succeeded and lived at the same time. */
static int together(int count, int (*act)(void)) {
    int said[2], held[2], error = 0, ready = 0;
    if (pipe(said) < 0 || pipe(held) < 0)
        return errno;
    for (int i = 0; i < count && !error; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            close(held[1]);
            unsigned char result = (unsigned char)act();
            if (write(said[1], &result, 1) == 1 && close(said[1]) == 0 && result == 0)
                wait_for_end(held[0]);
            _exit(result);
        }
        error = refused(pid);
    }
    close(said[1]);
    for (unsigned char result; !error && ready < count; ready++) {
        ssize_t n = read(said[0], &result, 1);
        error = n == 1 ? result : ECHILD; /* end of file: the child was killed */
    }
    close(held[1]);
    while (wait(NULL) > 0 || errno == EINTR) {
    }
    return error;
}

static int nothing(void) {
    return 0;
}

static int fork_bomb(void) {
    return together(200, nothing);
}

static void *stay(void *fd) {
    wait_for_end(*(int *)fd);
    return NULL;
}

static int threads(void) {
    static pthread_t ids[200];
    pthread_attr_t small;
    int held[2], error = 0, made = 0;
    if (pipe(held) < 0)
        return errno;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    while (!error && made < 200)
        if (!(error = pthread_create(&ids[made], &small, stay, &held[0])))
            made++;
    close(held[1]);
    while (made > 0)
        pthread_join(ids[--made], NULL);
    return error;
}

static int touch(size_t mib, int flags, int fd) {
    char *p = mmap(NULL, mib * MIB, PROT_READ | PROT_WRITE, flags, fd, 0);
    if (p == MAP_FAILED)
        return errno;
    for (size_t i = 0; i < mib * MIB; i += 4096)
        p[i] = 1;
    return 0;
}

static int memory(void) {
    return touch(1500, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static int touch_part(void) {
    return touch(400, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static int memory_by_many(void) {
    return together(4, touch_part);
}

/* RLIMIT_DATA doesn't count shared memory. */
static int memory_shared(void) {
    return touch(1500, MAP_SHARED | MAP_ANONYMOUS, -1);
}

static int memory_of_zero(void) {
    int fd = open("/dev/zero", O_RDWR | O_CLOEXEC), error;
    if (fd < 0)
        return errno;
    error = touch(1500, MAP_SHARED, fd);
    close(fd);
    return error;
}

/* The kernel counts this as stack, and checks the stack limit only when the mapping grows. */
static int memory_of_stack(void) {
    return touch(1500, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1);
}

/* The pages are written, then made read-only: the kernel no longer counts them as data. */
static int memory_kept(void) {
    for (int i = 0; i < 30; i++) {
        size_t size = (size_t)50 * MIB;
        char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED)
            return errno;
        for (size_t at = 0; at < size; at += 4096)
            p[at] = 1;
        if (mprotect(p, size, PROT_READ) < 0)
            return errno;
    }
    return 0;
}

/* Read-only pages are not counted; /proc/self/mem writes to them all the same. */
static int memory_by_force(void) {
    size_t size = (size_t)1500 * MIB;
    char *p = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int fd = open("/proc/self/mem", O_WRONLY | O_CLOEXEC), error = fd < 0 ? errno : 0;
    if (!error && p == MAP_FAILED)
        error = ENOMEM;
    for (size_t i = 0; i < size && !error; i += 4096)
        error = refused(pwrite(fd, "x", 1, (off_t)(uintptr_t)(p + i)));
    close(fd);
    return error;
}

static int fill(int fd, int mib) {
    static char block[MIB];
    memset(block, 1, sizeof block);
    for (int i = 0; i < mib; i++)
        if (write(fd, block, sizeof block) < 0)
            return errno;
    return 0;
}

static int memfd(void) {
    int fd = (int)syscall(SYS_memfd_create, "attack", 1), error;
    if (fd < 0)
        return errno;
    error = fill(fd, 512);
    close(fd);
    return error;
}

/* Many small files in memory whose descriptors are closed: only the mappings keep them. */
static int memfds(void) {
    for (int i = 0; i < 30; i++) {
        int fd = (int)syscall(SYS_memfd_create, "attack", 1), error;
        if (fd < 0)
            return errno;
        error = refused(ftruncate(fd, 50 * MIB));
        if (!error)
            error = touch(50, MAP_SHARED, fd);
        close(fd);
        if (error)
            return error;
    }
    return 0;
}

/* Fills the disk with many files, so that the limit on the size of one file doesn't help. */
static int disk(void) {
    static const char *const places[] = {".", "/tmp", "/dev/shm", "/var/tmp"};
    char path[64];
    int error = 0;
    for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
        error = 0;
        for (int i = 0; i < 10; i++) {
            snprintf(path, sizeof path, "%s/attack-disk.%d", places[p], i);
            int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
            int failed = fd < 0 ? errno : fill(fd, 30);
            error = error ? error : failed;
            close(fd);
        }
        for (int i = 0; i < 10; i++) {
            snprintf(path, sizeof path, "%s/attack-disk.%d", places[p], i);
            unlink(path);
        }
        if (!error)
            break;
    }
    return error;
}

static int inodes(void) {
    char path[64];
    int error = 0, made = 0;
    for (; made < 20000 && !error; made++) {
        snprintf(path, sizeof path, "/tmp/attack-inode.%d", made);
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        error = refused(fd);
        close(fd);
    }
    while (made-- > 0) {
        snprintf(path, sizeof path, "/tmp/attack-inode.%d", made);
        unlink(path);
    }
    return error;
}

static int pipes(void) {
    static char block[65536];
    size_t total = 0;
    int fds[2], error = 0;
    while (total < (size_t)48 * MIB && !error) {
        error = refused(pipe(fds));
        if (error)
            break;
        fcntl(fds[1], F_SETPIPE_SZ, MIB);
        fcntl(fds[1], F_SETFL, O_NONBLOCK);
        for (ssize_t n; (n = write(fds[1], block, sizeof block)) > 0;)
            total += (size_t)n;
    }
    return error;
}

/* Each timer takes one of the pending signals that a user may have in all programs together. */
static int timers(void) {
    struct sigevent none = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGURG};
    timer_t timer;
    int error = 0;
    for (int i = 0; i < 2000 && !error; i++)
        error = refused(timer_create(CLOCK_MONOTONIC, &none, &timer));
    return error;
}

/* By default a user may have 128 inotify instances. */
static int watchers(void) {
    int error = 0;
    for (int i = 0; i < 40 && !error; i++)
        error = refused(inotify_init1(IN_CLOEXEC));
    return error;
}

static int descriptors(void) {
    int error = 0;
    for (int i = 0; i < 500 && !error; i++)
        error = refused(dup(0));
    for (int fd = 3; fd < 1024; fd++)
        close(fd);
    return error;
}

static int lock(void) {
    char *p = mmap(NULL, 4 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? errno : refused(mlock(p, 4 * MIB));
}

static int sysv(void) {
    int id = shmget((key_t)fact_number("key"), 4 * MIB, IPC_CREAT | 0600);
    if (id < 0)
        return errno;
    void *p = shmat(id, NULL, 0);
    return p == (void *)-1 ? errno : 0;
}

static int mqueue(void) {
    char name[80];
    struct mq_attr size = {.mq_maxmsg = 10, .mq_msgsize = 8192};
    snprintf(name, sizeof name, "/%s", fact("token"));
    mqd_t queue = mq_open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600, &size);
    if (queue == (mqd_t)-1)
        return errno;
    mq_close(queue);
    mq_unlink(name);
    return 0;
}

static int cpu(void) {
    struct timespec used = {0};
    while (used.tv_sec < 3)
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return 0;
}

static int raise_limit(void) {
    struct rlimit files = {2000, 2000};
    return refused(setrlimit(RLIMIT_NOFILE, &files));
}

static int coredump(void) {
    struct rlimit core;
    pid_t pid = fork();
    if (pid == 0) {
        getrlimit(RLIMIT_CORE, &core);
        core.rlim_cur = core.rlim_max;
        setrlimit(RLIMIT_CORE, &core);
        abort();
    }
    waitpid(pid, NULL, 0);
    return 0;
}

/* A few processes must work inside the sandbox too. */
static int few(void) {
    return together(4, nothing);
}

const struct attack resource_attacks[] = {
    {"fork", fork_bomb},
    {"threads", threads},
    {"mem", memory},
    {"memfork", memory_by_many},
    {"memshared", memory_shared},
    {"memzero", memory_of_zero},
    {"memstack", memory_of_stack},
    {"memkept", memory_kept},
    {"memforce", memory_by_force},
    {"memfd", memfd},
    {"memfds", memfds},
    {"disk", disk},
    {"inodes", inodes},
    {"pipes", pipes},
    {"timers", timers},
    {"watchers", watchers},
    {"nofile", descriptors},
    {"mlock", lock},
    {"sysv", sysv},
    {"mqueue", mqueue},
    {"cpu", cpu},
    {"raise-limit", raise_limit},
    {"coredump", coredump},
    {"fewforks", few},
    {NULL, NULL},
};
