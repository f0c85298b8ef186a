/* pty [-t SECONDS] [-w TEXT | -s TEXT | -h]... -- COMMAND...: runs the command on a terminal of its
 * own and does the steps in order: -w waits for TEXT in the output, -s sends TEXT (^X stands for a
 * control byte), -h hangs up. Prints all output without CRs, how the command ended, and whether it
 * left the terminal's settings or descriptor flags changed. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static char seen[1 << 20];
static size_t nseen, from;
static int master, slave, flags, changed;
static time_t deadline;
static pid_t pid;
static int status, ended;

static void start(char **argv) {
    master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    grantpt(master);
    unlockpt(master);
    slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    flags = fcntl(slave, F_GETFL);
    if ((pid = fork()) != 0)
        return;
    setsid();
    ioctl(slave, TIOCSCTTY, 0);
    for (int fd = 0; fd < 3; fd++)
        dup2(slave, fd); /* shares our open file description: flags it sets are visible here */
    execvp(argv[0], argv);
    perror(argv[0]);
    _exit(127);
}

/* Reads available output into seen[] and prints it; 0 if none comes within ms milliseconds. */
static int read_output(int ms) {
    struct pollfd p = {.fd = master, .events = POLLIN};
    if (poll(&p, 1, ms) <= 0)
        return 0;
    ssize_t n = read(master, seen + nseen, sizeof seen - 1 - nseen);
    if (n <= 0)
        return 0;
    for (char *c = seen + nseen; n-- > 0; c++)
        if (*c != '\r') {
            seen[nseen++] = *c;
            putchar(*c);
        }
    seen[nseen] = 0;
    return 1;
}

static void poll_child(void) {
    read_output(20);
    if (fcntl(slave, F_GETFL) != flags)
        changed = 1;
    if (!ended && waitpid(pid, &status, WNOHANG) == pid)
        ended = 1;
}

static void await_text(const char *text) {
    char *found;
    while (!(found = strstr(seen + from, text)) && time(NULL) < deadline && !ended)
        poll_child();
    while (ended && !found && read_output(0))
        found = strstr(seen + from, text);
    if (found)
        from = (size_t)(found - seen) + strlen(text);
    else
        printf("\n[\"%s\" did not come]\n", text);
}

static void send_text(const char *text) {
    for (; *text; text++) {
        char c = *text;
        if (c == '^' && text[1])
            c = (char)(*++text & 31);
        if (write(master, &c, 1) != 1)
            perror("pty");
    }
}

int main(int argc, char **argv) {
    struct termios before, after;
    int option, hung_up = 0, first = 1;
    long limit = 20;
    for (; first < argc && strcmp(argv[first], "--") != 0; first++)
        ;
    if (first + 1 >= argc)
        return 2;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    setvbuf(stdout, NULL, _IONBF, 0);
    start(argv + first + 1);
    tcgetattr(slave, &before);
    while ((option = getopt(first, argv, "t:w:s:h")) != -1) {
        if (option == 't')
            limit = atol(optarg);
        deadline = time(NULL) + limit;
        if (option == 'w')
            await_text(optarg);
        else if (option == 's')
            send_text(optarg);
        else if (option == 'h')
            hung_up = close(slave) == 0 && close(master) == 0;
    }
    for (deadline = time(NULL) + limit; !ended && time(NULL) < deadline;)
        if (hung_up)
            ended = waitpid(pid, &status, 0) == pid;
        else
            poll_child();
    while (!hung_up && read_output(0))
        ;
    if (!ended) {
        puts("[did not end]");
        kill(-pid, SIGKILL);
        waitpid(pid, &status, 0);
    } else if (WIFSIGNALED(status))
        printf("[killed %s]\n", sigabbrev_np(WTERMSIG(status)));
    else
        printf("[exited %d]\n", WEXITSTATUS(status));
    if (changed)
        puts("[flags changed]");
    if (!hung_up && tcgetattr(slave, &after) == 0 && memcmp(&before, &after, sizeof after) != 0)
        puts("[terminal changed]");
    return 0;
}
