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
static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

static struct termios before, wanted;
static int drawn_on;

/* One that controls nobody is whoever's has it. */
static bool is_ours(void) {
    pid_t group = tcgetpgrp(STDIN_FILENO);
    return group < 0 || group == getpgrp();
}

bool tty_await_foreground(void) {
    for (int i = 0; i < FOREGROUND_TRIES && !is_ours() && !signals_end_us(); i++)
        kill(0, SIGTTIN); /* does nothing where no shell could continue us */
    return is_ours();
}

int tty_open(void) {
    bool ours = tty_await_foreground();
    if (ours && tcgetattr(STDIN_FILENO, &before) == 0)
        return 0;
    say_error("terminal", NULL, "%s", ours ? strerror(errno) : "it is another's: start dualpipe in "
              "the foreground");
    return -1;
}

/* A shell may set it as we do, by readline: what ends lines says nothing now, but whose it is. */
void tty_mark(void) {
    tcgetattr(STDIN_FILENO, &wanted);
#ifdef VEOL2
    wanted.c_cc[VEOL2] = 'd';
    tcsetattr(STDIN_FILENO, TCSANOW, &wanted);
#endif
}

static bool is_as_noted(void) {
    struct termios now;
    return tcgetattr(STDIN_FILENO, &now) == 0 && now.c_iflag == wanted.c_iflag &&
           now.c_oflag == wanted.c_oflag && now.c_cflag == wanted.c_cflag &&
           now.c_lflag == wanted.c_lflag && memcmp(now.c_cc, wanted.c_cc, sizeof now.c_cc) == 0;
}

/* Ctrl-Z stops a script that has started us at once: its shell may have the terminal before us. */
void tty_give_back(void (*restore)(void)) {
    sigset_t only, mask;
    if (!is_ours() && !is_as_noted())
        return;
    sigemptyset(&only);
    sigaddset(&only, SIGTTOU);
    sigprocmask(SIG_BLOCK, &only, &mask);
    restore();
    sigprocmask(SIG_SETMASK, &mask, NULL);
}

/* Only async-signal-safe calls. */
static void crash(int signo) {
    static const char plain_paste[] = "\033[?2004l\r\n";
    if (tcsetattr(STDIN_FILENO, TCSANOW, &before) == 0 &&
        write(drawn_on, plain_paste, sizeof plain_paste - 1) < 0)
        _exit(128 + signo);
    raise(signo); /* its default, since it came */
}

void tty_catch_crashes(int screen) {
    static char stack[16384];
    stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_handler = crash,
                               .sa_flags = (int)(SA_RESETHAND | SA_NODEFER | SA_ONSTACK)};
    drawn_on = screen;
    sigemptyset(&action.sa_mask);
    sigaltstack(&other, NULL);
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
        sigaction(crashes[i], &action, NULL);
}
