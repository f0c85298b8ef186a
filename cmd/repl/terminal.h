/* terminal.h: the terminal that a person types at: whose it is, and how it was. */
#ifndef TTY_H
#define TTY_H
#include <stdbool.h>

/* Waits for the foreground, and notes how the terminal is. 0, or -1: said. */
int terminal_open(void);
/* As a shell does: who is not in the foreground is stopped until they are. false: nobody could
 * continue us, or a signal is to end us. */
bool terminal_await_foreground(void);
/* It is set as we want it, and marked as ours. */
void terminal_mark(void);
/* Calls what sets it as it was, unless another who has it has set it already. */
void terminal_restore(void (*restore)(void));
/* However we crash, the terminal will be as it was; screen: what it is written to by. */
void terminal_restore_on_crash(int screen);
#endif
