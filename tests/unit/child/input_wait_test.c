/* Tests lib/child/input_wait.c: that nothing but input makes a child go on is said only where it is
 * so. A child that still works, or that something else may wake, is looked at many times while it
 * is sure to stay as it is. */
#include "child/input_wait.h"
#include "../harness.h"
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>

enum { LOOKS = 50 };

static bool is_stuck(void *data) {
    return input_wait_is_stuck(data);
}

/* Whether the system shows what a process waits for. */
static bool can_look(void) {
    return access("/proc/self/syscall", R_OK) == 0;
}

static void is_told(dualpipe *dp, const char *text) {
    if (!can_look())
        skip(text, "no /proc/PID/syscall");
    else
        ok(until(is_stuck, dp), "told: %s", text);
    dualpipe_stop(dp, SIGKILL);
    finish(dp);
}

/* The child has said "ready" or is sure to stay as it is from its start. */
static void is_not_told(dualpipe *dp, const char *text) {
    int told = 0;
    for (int i = 0; i < LOOKS; i++) {
        told += input_wait_is_stuck(dp);
        poll(NULL, 0, 1);
    }
    ok(told == 0, "not told: %s", text);
    dualpipe_stop(dp, SIGKILL);
    finish(dp);
}

static void sleep_on(void) {
    for (;;)
        pause();
}

/* --- children ---------------------------------------------------------------------------- */

static int swallow(int argc, char **argv, void *data) {
    char p[256];
    (void)argc, (void)argv, (void)data;
    while (read(0, p, sizeof p) > 0)
        ;
    return 0;
}

/* Reads a line and says so, and then does what data says. */
static int work(int argc, char **argv, void *data) {
    volatile unsigned long n = 0;
    const char *what = data;
    struct pollfd both[2] = {{.fd = 0, .events = POLLIN}};
    int ends[2];
    char c = 0;
    (void)argc, (void)argv;
    while (read(0, &c, 1) == 1 && c != '\n')
        ;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0 || write(1, "ready\n", 6) != 6)
        return 1;
    both[1] = (struct pollfd){.fd = ends[0], .events = POLLIN};
    if (strcmp(what, "computes") == 0)
        for (;;)
            n++;
    if (strcmp(what, "sleeps") == 0)
        return nanosleep(&(struct timespec){.tv_sec = 1000}, NULL);
    if (strcmp(what, "polls input and a socket") == 0)
        return poll(both, 2, -1);
    if (strcmp(what, "polls a socket") == 0)
        return poll(both + 1, 1, -1);
    if (strcmp(what, "reads a socket") == 0)
        return (int)read(ends[0], &c, 1);
    return 1;
}

/* Waits in a select for input and another descriptor. */
static int choose(int argc, char **argv, void *data) {
    const char *what = data;
    struct timeval limit = {.tv_sec = 1000};
    enum { OTHER = 9 };
    int ends[2];
    fd_set set;
    (void)argc, (void)argv;
    if ((strcmp(what, "a socket") == 0 ? socketpair(AF_UNIX, SOCK_STREAM, 0, ends)
                                       : pipe(ends)) < 0)
        return 1;
    if (dup2(ends[0], OTHER) < 0)
        return 1;
    FD_ZERO(&set);
    FD_SET(0, &set);
    FD_SET(OTHER, &set);
    if (write(1, "ready\n", 6) != 6)
        return 1;
    return select(OTHER + 1, &set, NULL, NULL, strcmp(what, "a limit") == 0 ? &limit : NULL);
}

static void *doze(void *data) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
    if (strcmp(data, "sleeps") == 0)
        nanosleep(&(struct timespec){.tv_sec = 1000}, NULL);
    pthread_mutex_lock(&lock);
    for (;;)
        pthread_cond_wait(&never, &lock);
    return NULL;
}

/* Another thread sleeps, or waits for a thread, while the first one reads. */
static int read_with_thread(int argc, char **argv, void *data) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, doze, data) != 0 || write(1, "ready\n", 6) != 6)
        return 1;
    return swallow(argc, argv, data);
}

/* Its own child sleeps while it reads. */
static int read_with_child(int argc, char **argv, void *data) {
    pid_t pid = fork();
    if (pid == 0) {
        nanosleep(&(struct timespec){.tv_sec = 1000}, NULL);
        sleep_on();
    }
    if (pid < 0 || dprintf(1, "%ld\nready\n", (long)pid) < 0)
        return 1;
    return swallow(argc, argv, data);
}

/* --- tests ------------------------------------------------------------------------------- */

static void readers(void) {
    dualpipe *dp = call(swallow, NULL);
    takes(dp, "a line\n");
    is_told(dp, "it reads and answers nothing");
    dp = shell("cat >/dev/null; :");
    takes(dp, "a line\n");
    is_told(dp, "its own child reads");
    dp = shell("read -r a; read -r b");
    takes(dp, "a line\n");
    is_told(dp, "a shell that reads");
}

static void workers(void) {
    static const char *const kinds[] = {"computes", "sleeps", "polls input and a socket",
                                        "polls a socket", "reads a socket"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        dualpipe *dp = call(work, WORD(kinds[i]));
        takes(dp, "a line\n");
        says_line(dp, "ready\n");
        is_not_told(dp, kinds[i]);
    }
}

static void unread(void) {
    dualpipe *dp = call(work, WORD("sleeps"));
    takes(dp, "a line\n");
    says_line(dp, "ready\n");
    takes(dp, "more\n");
    is_not_told(dp, "it has not read all");
}

static void selects(void) {
    static const char *const kinds[] = {"a socket", "a limit"};
    dualpipe *dp = call(choose, WORD("a pipe of its own"));
    says_line(dp, "ready\n");
    is_told(dp, "a select on input and a pipe of its own");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        dp = call(choose, WORD(kinds[i]));
        says_line(dp, "ready\n");
        is_not_told(dp, kinds[i]);
    }
}

static void threads(void) {
    dualpipe *dp = call(read_with_thread, WORD("sleeps"));
    says_line(dp, "ready\n");
    is_not_told(dp, "another thread sleeps for a time");
#ifndef __SANITIZE_THREAD__ /* which has a thread of its own */
    dp = call(read_with_thread, WORD("waits"));
    says_line(dp, "ready\n");
    is_told(dp, "another thread waits for the first one");
#endif
}

static void others(void) {
    dualpipe *dp = call(read_with_child, NULL);
    const char *line = "";
    pid_t pid = 0;
    if (dualpipe_readline(dp, &line, SOON) > 0)
        pid = (pid_t)atoi(line);
    says_line(dp, "ready\n");
    is_not_told(dp, "a child of its own sleeps");
    if (pid > 0)
        kill(pid, SIGKILL);
    dp = shell("(sleep 1000 & echo $!); echo ready; exec cat >/dev/null");
    if (dualpipe_readline(dp, &line, SOON) > 0)
        pid = (pid_t)atoi(line);
    says_line(dp, "ready\n");
    is_not_told(dp, "a process that is no child any more holds its stdout");
    if (pid > 0)
        kill(pid, SIGKILL);
}

static void terminal(void) {
    char *argv[] = {WORD("cat"), NULL};
    dualpipe *dp = launch((struct dualpipe_options){.argv = argv,
                                                    .transport = DUALPIPE_TRANSPORT_PTY});
    is_not_told(dp, "it is on a terminal");
}

int main(void) {
    begin();
    readers();
    workers();
    unread();
    selects();
    threads();
    others();
    terminal();
    return done();
}
