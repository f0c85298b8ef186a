/* ending [-m KIB] COMMAND...: runs it and says how it ended, what processes it left, if 0, 1 or
 * 2 has other flags than before, and if it took more than KIB of memory (not with sanitizers). */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef __has_feature
#define HAS(what) __has_feature(what)
#else
#define HAS(what) 0
#endif
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__ || HAS(address_sanitizer) || \
    HAS(thread_sanitizer) || HAS(memory_sanitizer)
enum { MEASURES = 0 };
#else
enum { MEASURES = 1 };
#endif

static void read_flags(int flags[3]) {
    for (int fd = 0; fd < 3; fd++)
        flags[fd] = fcntl(fd, F_GETFL);
}

/* Its orphans are ours: they have five seconds to go by themselves. */
static int count_left(void) {
    static const struct timespec moment = {0, 10000000};
    int left = 0;
    for (int i = 0; i < 500; i++) {
        pid_t pid;
        while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
            ;
        if (pid < 0 && errno == ECHILD)
            return 0;
        nanosleep(&moment, NULL);
    }
    left = 1;
    return left;
}

int main(int argc, char **argv) {
    long most = 0;
    int first = 1, status, before[3], after[3];
    struct rusage usage;
    pid_t pid;
    if (argc > 2 && strcmp(argv[1], "-m") == 0) {
        most = atol(argv[2]);
        first = 3;
    }
    if (first >= argc)
        return 2;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    read_flags(before);
    if ((pid = fork()) == 0) {
        execvp(argv[first], argv + first);
        perror(argv[first]);
        _exit(127);
    }
    signal(SIGPIPE, SIG_IGN);
    while (wait4(pid, &status, 0, &usage) < 0)
        if (errno != EINTR)
            return 2;
    if (WIFSIGNALED(status))
        fprintf(stderr, "killed %s\n", sigabbrev_np(WTERMSIG(status)));
    else
        fprintf(stderr, "exited %d\n", WEXITSTATUS(status));
    if (MEASURES && !getenv("DUALPIPE_WRAP") && most > 0 && usage.ru_maxrss > most)
        fprintf(stderr, "took %ld KiB of memory\n", usage.ru_maxrss);
    read_flags(after);
    for (int fd = 0; fd < 3; fd++)
        if (before[fd] != after[fd])
            fprintf(stderr, "flags of %d: %o, were %o\n", fd, (unsigned)after[fd],
                    (unsigned)before[fd]);
    if (count_left())
        fprintf(stderr, "left a process\n");
    return 0;
}
