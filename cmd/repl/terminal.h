/* terminal.h: the terminal at which lines are typed: whether it is ours to use, and its settings,
 * which are restored however we end. There is one, on stdin.
 *
 * terminal_open before any setting is changed; terminal_mark after each change; terminal_restore
 * before the terminal is given away. */
#ifndef REPL_TERMINAL_H
#define REPL_TERMINAL_H
#include <stdbool.h>

/* Waits for the foreground and notes the terminal's settings. Returns 0, or -1 after reporting the
 * error. */
int terminal_open(void);
/* Stops our process group until it is in the foreground, as a shell does. Returns false if no shell
 * is there that could continue us, or a signal is to end us. */
bool terminal_await_foreground(void);
/* Marks the current settings as ours and notes them. */
void terminal_mark(void);
/* Calls restore, which resets the settings, unless another process has the terminal and has changed
 * them already. */
void terminal_restore(void (*restore)(void));
/* Has the settings noted by terminal_open restored if we crash. screen: a descriptor open for
 * writing to the terminal. */
void terminal_restore_on_crash(int screen);
#endif
