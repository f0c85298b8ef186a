/* signals.h: signals to this process, as events that every wait includes.
 *
 * signals_open() at the start; poll its descriptor for input; then signals_next() until it returns
 * 0. */
#ifndef SIGNALS_H
#define SIGNALS_H
#include <stdbool.h>

/* Installs the handlers; a signal that is ignored already stays ignored. Returns the descriptor to
 * poll, or -1. */
int signals_open(void);
/* Returns the next signal that has come (INT, TERM, HUP, QUIT, TSTP, CONT or WINCH), or 0. Cheap if
 * there is none. */
int signals_next(void);
/* Tells whether we are ending: TERM, HUP or QUIT has come, taken by signals_next() or not, or
 * signals_set_ending() was called. */
bool signals_is_ending(void);
/* Notes that a signal was taken which ends us. */
void signals_set_ending(void);
/* Tells whether waits for a reader have to be limited: we are ending, or an INT hasn't been taken
 * yet. */
bool signals_is_urgent(void);
/* Tells whether SIGPIPE was ignored when we were started; the child then ignores it too. */
bool signals_sigpipe_was_ignored(void);
/* Suspends us as SIGTSTP does by default, and returns when we are continued. by_terminal: suspend
 * only if a shell is there to continue us. */
void signals_suspend(bool by_terminal);
/* Ends this process by the signal, as if it had no handler. */
_Noreturn void signals_die(int signo);
/* The name without SIG, as INT; for an unknown signal its number, in static memory. */
const char *signals_name(int signo);
/* The signal of that name (with or without SIG, in any case) or number; -1 if there is none. */
int signals_number(const char *name);
#endif
