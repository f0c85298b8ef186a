/* signals.c: signals to us, as bytes in a pipe that every wait listens to. */
#include "util/signals.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <unistd.h>

static const int handled[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH};
enum { HANDLED = sizeof handled / sizeof *handled };

static int ends[2] = {-1, -1};
static volatile sig_atomic_t came, ending, interrupted;
static bool pipe_was_ignored;

static void handle(int signo) {
    int saved = errno;
    unsigned char byte = (unsigned char)signo;
    came = 1;
    if (signo == SIGTERM || signo == SIGHUP || signo == SIGQUIT)
        ending = 1;
    if (signo == SIGINT)
        interrupted = 1;
    if (write(ends[1], &byte, 1) < 0)
        came = 1; /* the pipe is full: enough of them are waiting */
    errno = saved;
}

static bool is_ignored(int signo) {
    struct sigaction now;
    return sigaction(signo, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

static void set(int signo, void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(signo, &action, NULL);
}

int signals_open(void) {
    sigset_t none;
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return -1;
    pipe_was_ignored = is_ignored(SIGPIPE);
    set(SIGPIPE, SIG_IGN);
    if (is_ignored(SIGCHLD))
        set(SIGCHLD, SIG_DFL); /* or the child's status would be lost */
    for (int i = 0; i < HANDLED; i++)
        if (!is_ignored(handled[i]))
            set(handled[i], handle);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    return ends[0];
}

int signals_next(void) {
    unsigned char byte;
    if (!came)
        return 0;
    came = 0;
    if (read(ends[0], &byte, 1) != 1)
        return 0;
    came = 1; /* there may be more */
    if (byte == SIGINT)
        interrupted = 0;
    return byte;
}

bool signals_end_us(void) {
    return ending;
}

void signals_note_end(void) {
    ending = 1;
}

bool signals_press(void) {
    return ending || interrupted;
}

bool signals_pipe_was_ignored(void) {
    return pipe_was_ignored;
}

void signals_suspend(bool by_terminal) {
    if (by_terminal)
        set(SIGTSTP, SIG_DFL); /* which nobody can continue where no shell is: it does nothing */
    kill(getpid(), by_terminal ? SIGTSTP : SIGSTOP);
    set(SIGTSTP, handle);
}

void signals_die(int signo) {
    struct rlimit none = {0, 0};
    sigset_t only;
    setrlimit(RLIMIT_CORE, &none); /* a core of ours would hide the child's */
    set(signo, SIG_DFL);
    sigemptyset(&only);
    sigaddset(&only, signo);
    sigprocmask(SIG_UNBLOCK, &only, NULL);
    raise(signo);
    _exit(128 + signo);
}

static const struct {
    int signo;
    const char *name;
} names[] = {
    {SIGHUP, "HUP"},     {SIGINT, "INT"},   {SIGQUIT, "QUIT"}, {SIGILL, "ILL"},   {SIGTRAP, "TRAP"},
    {SIGABRT, "ABRT"},   {SIGBUS, "BUS"},   {SIGFPE, "FPE"},   {SIGKILL, "KILL"}, {SIGUSR1, "USR1"},
    {SIGSEGV, "SEGV"},   {SIGUSR2, "USR2"}, {SIGPIPE, "PIPE"}, {SIGALRM, "ALRM"}, {SIGTERM, "TERM"},
    {SIGCHLD, "CHLD"},   {SIGCONT, "CONT"}, {SIGSTOP, "STOP"}, {SIGTSTP, "TSTP"}, {SIGTTIN, "TTIN"},
    {SIGTTOU, "TTOU"},   {SIGURG, "URG"},   {SIGXCPU, "XCPU"}, {SIGXFSZ, "XFSZ"}, {SIGPROF, "PROF"},
    {SIGVTALRM, "VTALRM"}, {SIGWINCH, "WINCH"}, {SIGIO, "IO"}, {SIGSYS, "SYS"},
#ifdef __linux__
    {SIGSTKFLT, "STKFLT"}, {SIGPWR, "PWR"},
#endif
};
enum { NAMES = sizeof names / sizeof *names };

const char *signals_name(int signo) {
    static char number[24];
    for (int i = 0; i < NAMES; i++)
        if (names[i].signo == signo)
            return names[i].name;
    snprintf(number, sizeof number, "%d", signo);
    return number;
}

int signals_number(const char *name) {
    char *end;
    long number = strtol(name, &end, 10);
    if (*name && !*end)
        return number > 0 && number <= SIGRTMAX ? (int)number : -1;
    if (strncasecmp(name, "SIG", 3) == 0)
        name += 3;
    for (int i = 0; i < NAMES; i++)
        if (strcasecmp(names[i].name, name) == 0)
            return names[i].signo;
    return -1;
}
