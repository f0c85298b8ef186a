/* terminal.c: the terminal at which lines are typed: foreground, settings, crashes.
 *
 * readline changes the settings; this file sees to it that they are changed only while we are in
 * the foreground, and restored before another process has the terminal. That is hard to tell after
 * Ctrl-Z: a shell may already have taken it and set it as its own readline needs it. The settings
 * we made therefore carry a mark (terminal_mark); in the background only settings with that mark
 * are restored.
 *
 * Caller: repl/readline.c. */
#include "repl/terminal.h"
#include "util/log.h"
#include "util/signals.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { FOREGROUND_TRIES = 100 };
static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

static struct termios original_mode; /* found by terminal_open */
static struct termios our_mode;      /* noted by terminal_mark */
static int screen_fd;                /* for the signal handler */

/* A terminal that is no controlling terminal of ours has no foreground group to wait for. */
static bool is_foreground(void) {
    pid_t group = tcgetpgrp(STDIN_FILENO);
    return group < 0 || group == getpgrp();
}

bool terminal_await_foreground(void) {
    for (int i = 0; i < FOREGROUND_TRIES && !is_foreground() && !signals_is_ending(); i++)
        kill(0, SIGTTIN); /* is ignored if no shell could continue us */
    return is_foreground();
}

int terminal_open(void) {
    bool ours = terminal_await_foreground();
    if (ours && tcgetattr(STDIN_FILENO, &original_mode) == 0)
        return 0;
    log_error("terminal", NULL, "%s",
              ours ? strerror(errno) : "it is another's: start dualpipe in the foreground");
    return -1;
}

/* A shell that uses readline sets the terminal just as we do. VEOL2, a second line end, has no
 * effect while lines are not read whole by the kernel, so its value can serve as our mark. */
void terminal_mark(void) {
    tcgetattr(STDIN_FILENO, &our_mode);
#ifdef VEOL2
    our_mode.c_cc[VEOL2] = 'd';
    tcsetattr(STDIN_FILENO, TCSANOW, &our_mode);
#endif
}

/* Whether the settings are still those that we marked. */
static bool mode_is_unchanged(void) {
    struct termios now;
    return tcgetattr(STDIN_FILENO, &now) == 0 && now.c_iflag == our_mode.c_iflag &&
           now.c_oflag == our_mode.c_oflag && now.c_cflag == our_mode.c_cflag &&
           now.c_lflag == our_mode.c_lflag && memcmp(now.c_cc, our_mode.c_cc, sizeof now.c_cc) == 0;
}

/* Ctrl-Z also stops a script that has started us: its shell may have taken the terminal before we
 * get here. SIGTTOU is blocked since it would stop us when we restore from the background. */
void terminal_restore(void (*restore)(void)) {
    sigset_t ttou, mask;
    if (!is_foreground() && !mode_is_unchanged())
        return;
    sigemptyset(&ttou);
    sigaddset(&ttou, SIGTTOU);
    sigprocmask(SIG_BLOCK, &ttou, &mask);
    restore();
    sigprocmask(SIG_SETMASK, &mask, NULL);
}

/* The handler of crash signals: makes only async-signal-safe calls. */
static void restore_and_die(int signo) {
    static const char end_bracketed_paste[] = "\033[?2004l\r\n";
    if (tcsetattr(STDIN_FILENO, TCSANOW, &original_mode) == 0 &&
        write(screen_fd, end_bracketed_paste, sizeof end_bracketed_paste - 1) < 0)
        _exit(128 + signo);
    raise(signo); /* SA_RESETHAND has restored its default action */
}

void terminal_restore_on_crash(int screen) {
    static char stack[16384];
    stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_handler = restore_and_die,
                               .sa_flags = (int)(SA_RESETHAND | SA_NODEFER | SA_ONSTACK)};
    screen_fd = screen;
    sigemptyset(&action.sa_mask);
    sigaltstack(&other, NULL);
    for (size_t i = 0; i < sizeof crash_signals / sizeof *crash_signals; i++)
        sigaction(crash_signals[i], &action, NULL);
}
