/* ending [-m KIB] [-t SECONDS] COMMAND...: runs the command and prints to stderr how it ended, or
 * that it hung for SECONDS; whether it left processes behind; whether descriptor 0, 1 or 2 has
 * other flags than before; and whether it used more than KIB of memory (not with sanitizers). Hung
 * and left processes are killed. */
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

static volatile sig_atomic_t late;
static int timed;

static void on_alarm(int signo) {
    late = signo;
}

/* Kills our children, then their children, which become ours when their parent dies. */
static void kill_all(void) {
    char name[64], words[4096], *pid;
    snprintf(name, sizeof name, "/proc/self/task/%ld/children", (long)getpid());
    do {
        FILE *children = fopen(name, "re");
        if (!children)
            return;
        pid = fgets(words, sizeof words, children) ? strtok(words, " ") : NULL;
        fclose(children);
        for (; pid; pid = strtok(NULL, " "))
            kill((pid_t)atol(pid), SIGKILL);
    } while (waitpid(-1, NULL, 0) > 0);
}

/* Whether orphans of the command, which became our children, live on for more than 5 seconds. */
static int any_left(void) {
    static const struct timespec moment = {0, 10000000};
    for (int i = 0; i < 500; i++) {
        pid_t pid;
        while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
            ;
        if (pid < 0 && errno == ECHILD)
            return 0;
        nanosleep(&moment, NULL);
    }
    return 1;
}

/* Waits for the command and prints how it ended; -1 if waiting failed. */
static int await_end(pid_t pid, struct rusage *usage) {
    int status;
    while (wait4(pid, &status, 0, usage) < 0)
        if (errno != EINTR)
            return -1;
        else if (late) {
            fprintf(stderr, "hung\n");
            kill_all();
            return 0;
        }
    if (WIFSIGNALED(status))
        fprintf(stderr, "killed %s\n", sigabbrev_np(WTERMSIG(status)));
    else
        fprintf(stderr, "exited %d\n", WEXITSTATUS(status));
    return 0;
}

static long read_options(int argc, char **argv) {
    const struct sigaction action = {.sa_handler = on_alarm};
    long most = 0;
    int option;
    while ((option = getopt(argc, argv, "+m:t:")) != -1)
        if (option == 'm') {
            most = atol(optarg);
        } else if (option == 't') {
            sigaction(SIGALRM, &action, NULL);
            timed = (int)alarm((unsigned)atol(optarg)) == 0;
        } else {
            exit(2);
        }
    return most;
}

int main(int argc, char **argv) {
    long most = read_options(argc, argv);
    int before[3], after[3];
    struct rusage usage = {0};
    pid_t pid;
    if (optind >= argc)
        return 2;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    read_flags(before);
    if ((pid = fork()) == 0) {
        if (timed)
            setpgid(0, 0); /* a signal to its process group must not hit ours */
        execvp(argv[optind], argv + optind);
        perror(argv[optind]);
        _exit(127);
    }
    signal(SIGPIPE, SIG_IGN);
    if (await_end(pid, &usage) < 0)
        return 2;
    if (MEASURES && !getenv("DUALPIPE_WRAP") && most > 0 && usage.ru_maxrss > most)
        fprintf(stderr, "took %ld KiB of memory\n", usage.ru_maxrss);
    read_flags(after);
    for (int fd = 0; fd < 3; fd++)
        if (before[fd] != after[fd])
            fprintf(stderr, "flags of %d: %o, were %o\n", fd, (unsigned)after[fd],
                    (unsigned)before[fd]);
    if (any_left()) {
        fprintf(stderr, "left a process\n");
        kill_all();
    }
    return 0;
}
