/* greedy WHAT [N]: uses up one resource and prints how far it got, if it is allowed to. WHAT is
 *   time       processor time; only SIGKILL ends it
 *   memory     memory in steps of 1 MiB
 *   many       memory in N processes of 64 MiB each
 *   files      descriptors
 *   processes  processes that wait
 *   file       pages of one file
 *   line       nothing: it writes a line of N MiB */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MIB = 1 << 20, EACH = 64, MOST = 1000 };

static int tell(const char *what, int n) {
    printf("%d %s\n", n, what);
    return n == MOST ? 0 : 7;
}

static _Noreturn void take_time(void) {
    volatile unsigned n = 0;
    signal(SIGXCPU, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    for (;;)
        n++;
}

static int take_memory(int most) {
    char *p;
    int n = 0;
    while (n < most && (p = malloc(MIB))) {
        memset(p, 1, MIB);
        n++;
    }
    return n;
}

/* Each process holds its memory until all of them have theirs. */
static int take_in_many(int n) {
    int ends[2], had = 0, status;
    char c;
    if (pipe(ends) < 0)
        return 2;
    for (int i = 0; i < n; i++)
        if (fork() == 0) {
            int all = take_memory(EACH) == EACH;
            close(ends[1]);
            _exit(read(ends[0], &c, 1) == 0 && all ? 0 : 1);
        }
    close(ends[1]);
    for (int i = 0; i < n; i++)
        had += wait(&status) > 0 && status == 0;
    return tell("processes had their memory", had) == 0 || had == n ? 0 : 7;
}

static int take_files(void) {
    int n = 0;
    while (n < MOST && dup(0) >= 0)
        n++;
    return tell("more descriptors", n);
}

static int take_processes(void) {
    pid_t all[MOST];
    int n = 0;
    while (n < MOST && (all[n] = fork()) > 0)
        n++;
    if (n < MOST && all[n] == 0)
        for (;;)
            pause();
    for (int i = 0; i < n; i++) {
        kill(all[i], SIGKILL);
        waitpid(all[i], NULL, 0);
    }
    return tell("more processes", n);
}

static int take_file(void) {
    static char some[4096];
    int fd = open("greedy", O_WRONLY | O_CREAT | O_TRUNC, 0600), n = 0;
    while (n < MOST && write(fd, some, sizeof some) == (ssize_t)sizeof some)
        n++;
    return tell("pages written", n);
}

static int write_line(int n) {
    static char some[MIB];
    memset(some, 'a', sizeof some);
    while (n-- > 0)
        fwrite(some, 1, sizeof some, stdout);
    return 0;
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    int n = argc > 2 ? atoi(argv[2]) : 8;
    if (strcmp(what, "time") == 0)
        take_time();
    if (strcmp(what, "memory") == 0)
        return tell("MiB", take_memory(MOST));
    if (strcmp(what, "many") == 0)
        return take_in_many(n);
    if (strcmp(what, "files") == 0)
        return take_files();
    if (strcmp(what, "processes") == 0)
        return take_processes();
    if (strcmp(what, "file") == 0)
        return take_file();
    return strcmp(what, "line") == 0 ? write_line(n) : 2;
}
