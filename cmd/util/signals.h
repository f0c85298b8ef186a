/* signals.h: signals to us, as bytes in a pipe that every wait listens to. */
#ifndef SIGNALS_H
#define SIGNALS_H
#include <stdbool.h>

/* Installs the handlers; a signal ignored at our start stays ignored. The descriptor to listen
 * to, or -1. */
int signals_open(void);
/* The next signal that came: INT TERM HUP QUIT TSTP CONT WINCH; 0: none, which costs nothing. */
int signals_next(void);
/* Whether TERM, HUP or QUIT has come, seen to or not. */
bool signals_is_ending(void);
/* One that ends us has been seen to. */
void signals_set_ending(void);
/* Whether one has come, or an INT that is not seen to: readers are not waited for without a
 * limit. */
bool signals_is_urgent(void);
bool signals_sigpipe_was_ignored(void);
/* As SIGTSTP would have done: returns when we are continued. by_terminal: only if a shell is there
 * that can do so. */
void signals_suspend(bool by_terminal);
/* Die of it, as if we had no handler. */
_Noreturn void signals_die(int signo);
/* SIGINT to INT and so on; a number if it has no name here. */
const char *signals_name(int signo);
/* The other way round; -1: there is no such. */
int signals_number(const char *name);
#endif
