/* terminal.c: the terminal that a person types at: whose it is, and how it was. */
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

static struct termios original_mode, our_mode;
static int screen_fd;

/* One that controls nobody is whoever's has it. */
static bool is_foreground(void) {
    pid_t group = tcgetpgrp(STDIN_FILENO);
    return group < 0 || group == getpgrp();
}

bool terminal_await_foreground(void) {
    for (int i = 0; i < FOREGROUND_TRIES && !is_foreground() && !signals_is_ending(); i++)
        kill(0, SIGTTIN); /* does nothing where no shell could continue us */
    return is_foreground();
}

int terminal_open(void) {
    bool ours = terminal_await_foreground();
    if (ours && tcgetattr(STDIN_FILENO, &original_mode) == 0)
        return 0;
    log_error("terminal", NULL, "%s",
              ours ? strerror(errno)
                   : "it is another's: start dualpipe in "
                     "the foreground");
    return -1;
}

/* A shell may set it as we do, by readline: what ends lines says nothing now, but whose it is. */
void terminal_mark(void) {
    tcgetattr(STDIN_FILENO, &our_mode);
#ifdef VEOL2
    our_mode.c_cc[VEOL2] = 'd';
    tcsetattr(STDIN_FILENO, TCSANOW, &our_mode);
#endif
}

static bool mode_is_unchanged(void) {
    struct termios now;
    return tcgetattr(STDIN_FILENO, &now) == 0 && now.c_iflag == our_mode.c_iflag &&
           now.c_oflag == our_mode.c_oflag && now.c_cflag == our_mode.c_cflag &&
           now.c_lflag == our_mode.c_lflag && memcmp(now.c_cc, our_mode.c_cc, sizeof now.c_cc) == 0;
}

/* Ctrl-Z stops a script that has started us at once: its shell may have the terminal before us. */
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

/* Only async-signal-safe calls. */
static void restore_and_die(int signo) {
    static const char end_bracketed_paste[] = "\033[?2004l\r\n";
    if (tcsetattr(STDIN_FILENO, TCSANOW, &original_mode) == 0 &&
        write(screen_fd, end_bracketed_paste, sizeof end_bracketed_paste - 1) < 0)
        _exit(128 + signo);
    raise(signo); /* its default, since it came */
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
