/* tty.c: the terminal that a person types at: whose it is, and how it was. */
#include "tty.h"
#include "say.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { FOREGROUND_TRIES = 100 };
static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

static struct termios before;
static int drawn_on;

/* One that controls nobody is whoever's has it. */
bool tty_is_ours(void) {
    pid_t group = tcgetpgrp(STDIN_FILENO);
    return group < 0 || group == getpgrp();
}

bool tty_await_foreground(void) {
    for (int i = 0; i < FOREGROUND_TRIES && !tty_is_ours(); i++)
        kill(0, SIGTTIN); /* does nothing where no shell could continue us */
    return tty_is_ours();
}

int tty_open(void) {
    bool ours = tty_await_foreground();
    if (ours && tcgetattr(STDIN_FILENO, &before) == 0)
        return 0;
    say_error("terminal", NULL, "%s", ours ? strerror(errno) : "it is another's: start dualpipe in "
              "the foreground");
    return -1;
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
