/* signals.c: turns signals into bytes of a pipe (the self-pipe trick).
 *
 * A handler may do almost nothing, so it writes the signal's number to a nonblocking pipe, which
 * every poll of the command includes; signals_next() then takes one number at a time, and the run
 * decides what it means (run/run.c). Handlers are installed once; a signal that was ignored at our
 * start, as under nohup, stays ignored.
 *
 * Two facts are needed even while the pipe is not being read, as when we wait for the reader of
 * stderr, so the handler also sets flags: is_ending (TERM, HUP or QUIT came) and has_pending_int
 * (an INT not taken yet). has_pending saves a read(2) for each call of signals_next() when no
 * signal has come. */
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

static const int handled_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH};
enum { HANDLED_COUNT = sizeof handled_signals / sizeof *handled_signals };

static int self_pipe[2] = {-1, -1};
static volatile sig_atomic_t has_pending, is_ending, has_pending_int;
static bool sigpipe_was_ignored;

static void on_signal(int signo) {
    int saved_errno = errno;
    unsigned char byte = (unsigned char)signo;
    has_pending = 1;
    if (signo == SIGTERM || signo == SIGHUP || signo == SIGQUIT)
        is_ending = 1;
    if (signo == SIGINT)
        has_pending_int = 1;
    if (write(self_pipe[1], &byte, 1) < 0)
        has_pending = 1; /* the pipe is full, so enough signals are waiting */
    errno = saved_errno;
}

/* That a file may grow no further is an error of its write. A handler, unlike SIG_IGN, isn't passed
 * on to children. */
static void on_full_file(int signo) {
    (void)signo;
}

static bool is_ignored(int signo) {
    struct sigaction action;
    return sigaction(signo, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static void set_handler(int signo, void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(signo, &action, NULL);
}

int signals_open(void) {
    sigset_t none;
    if (pipe2(self_pipe, O_CLOEXEC | O_NONBLOCK) < 0)
        return -1;
    sigpipe_was_ignored = is_ignored(SIGPIPE);
    set_handler(SIGPIPE, SIG_IGN);
    if (!is_ignored(SIGXFSZ))
        set_handler(SIGXFSZ, on_full_file);
    if (is_ignored(SIGCHLD))
        set_handler(SIGCHLD, SIG_DFL); /* otherwise the child's exit status would be lost */
    for (int i = 0; i < HANDLED_COUNT; i++)
        if (!is_ignored(handled_signals[i]))
            set_handler(handled_signals[i], on_signal);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    return self_pipe[0];
}

int signals_next(void) {
    unsigned char byte;
    if (!has_pending)
        return 0;
    has_pending = 0;
    if (read(self_pipe[0], &byte, 1) != 1)
        return 0;
    has_pending = 1; /* there may be more */
    if (byte == SIGINT)
        has_pending_int = 0;
    return byte;
}

bool signals_is_ending(void) {
    return is_ending;
}

void signals_set_ending(void) {
    is_ending = 1;
}

bool signals_is_urgent(void) {
    return is_ending || has_pending_int;
}

bool signals_sigpipe_was_ignored(void) {
    return sigpipe_was_ignored;
}

void signals_suspend(bool by_terminal) {
    if (by_terminal)
        set_handler(SIGTSTP,
                    /* SIGTSTP is without effect if no shell could continue us, unlike SIGSTOP. */
                    SIG_DFL);
    kill(getpid(), by_terminal ? SIGTSTP : SIGSTOP);
    set_handler(SIGTSTP, on_signal);
}

void signals_die(int signo) {
    struct rlimit no_core = {0, 0};
    sigset_t only;
    setrlimit(RLIMIT_CORE, &no_core); /* a core dump of ours would hide the child's */
    set_handler(signo, SIG_DFL);
    sigemptyset(&only);
    sigaddset(&only, signo);
    sigprocmask(SIG_UNBLOCK, &only, NULL);
    raise(signo);
    _exit(128 + signo);
}

static const struct {
    int signo;
    const char *name;
} signal_names[] = {
    {SIGHUP, "HUP"},       {SIGINT, "INT"},       {SIGQUIT, "QUIT"},   {SIGILL, "ILL"},
    {SIGTRAP, "TRAP"},     {SIGABRT, "ABRT"},     {SIGBUS, "BUS"},     {SIGFPE, "FPE"},
    {SIGKILL, "KILL"},     {SIGUSR1, "USR1"},     {SIGSEGV, "SEGV"},   {SIGUSR2, "USR2"},
    {SIGPIPE, "PIPE"},     {SIGALRM, "ALRM"},     {SIGTERM, "TERM"},   {SIGCHLD, "CHLD"},
    {SIGCONT, "CONT"},     {SIGSTOP, "STOP"},     {SIGTSTP, "TSTP"},   {SIGTTIN, "TTIN"},
    {SIGTTOU, "TTOU"},     {SIGURG, "URG"},       {SIGXCPU, "XCPU"},   {SIGXFSZ, "XFSZ"},
    {SIGPROF, "PROF"},     {SIGVTALRM, "VTALRM"}, {SIGWINCH, "WINCH"}, {SIGIO, "IO"},
    {SIGSYS, "SYS"},
#ifdef __linux__
    {SIGSTKFLT, "STKFLT"}, {SIGPWR, "PWR"},
#endif
};
enum { NAME_COUNT = sizeof signal_names / sizeof *signal_names };

const char *signals_name(int signo) {
    static char number[24];
    for (int i = 0; i < NAME_COUNT; i++)
        if (signal_names[i].signo == signo)
            return signal_names[i].name;
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
    for (int i = 0; i < NAME_COUNT; i++)
        if (strcasecmp(signal_names[i].name, name) == 0)
            return signal_names[i].signo;
    return -1;
}
