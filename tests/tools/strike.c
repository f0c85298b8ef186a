/* strike SIGNAL TIMES WITHIN COMMAND...: runs the command TIMES times and sends it SIGNAL at a
 * random moment within WITHIN microseconds of its start. Prints how the runs ended, and how many
 * left processes behind. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int number_of(const char *name) {
    for (int signo = 1; signo < 32; signo++)
        if (strcmp(sigabbrev_np(signo), name) == 0)
            return signo;
    fprintf(stderr, "strike: no such signal: %s\n", name);
    exit(2);
}

static void pause_for(long us) {
    struct timespec t = {us / 1000000, us % 1000000 * 1000};
    nanosleep(&t, NULL);
}

/* Waits up to 10 seconds for the process; returns -1 if it had to be killed. */
static int end_of(pid_t pid) {
    int status;
    for (int i = 0; i < 10000; i++) {
        if (waitpid(pid, &status, WNOHANG) == pid)
            return status;
        pause_for(1000);
    }
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    return -1;
}

/* Whether an orphan of the command, which became our child, lives on for more than 5 seconds. */
static int left_any(void) {
    for (int i = 0; i < 5000; i++) {
        pid_t pid;
        while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
            ;
        if (pid < 0 && errno == ECHILD)
            return 0;
        pause_for(1000);
    }
    return 1;
}

int main(int argc, char **argv) {
    int died = 0, hung = 0, left = 0, other = 0;
    if (argc < 5)
        return 2;
    int signo = number_of(argv[1]);
    long times = atol(argv[2]), within = atol(argv[3]);
    srandom((unsigned)getpid());
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (long i = 0; i < times; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            execvp(argv[4], argv + 4);
            _exit(127);
        }
        pause_for(random() % within);
        kill(pid, signo);
        int status = end_of(pid);
        if (status < 0)
            hung++;
        else if (WIFSIGNALED(status) && WTERMSIG(status) == signo)
            died++;
        else
            fprintf(stderr, "wait status %x\n", (unsigned)status), other++;
        left += left_any();
    }
    printf("of it %s, otherwise %d, hung %d, left a process %d\n",
           died == times ? "all" : "not all", other, hung, left);
    return 0;
}
