/* typeahead.h: the keyboard: keys for readline one at a time, or read ahead into a buffer while
 * they may not be taken yet. There is one, on stdin.
 *
 * While keys are accepted, readline calls typeahead_next_key; while they are not, the loop of
 * repl/repl.c calls typeahead_read whenever stdin is readable. */
#ifndef REPL_TYPEAHEAD_H
#define REPL_TYPEAHEAD_H
#include <stdbool.h>
#include <stdio.h>

/* is_interrupted is called when signal_fd becomes readable and every 500 ms while a key is awaited;
 * if it returns true the wait is over without a key. */
void typeahead_open(bool (*is_interrupted)(void *data), void *data, int signal_fd);
void typeahead_close(void);

/* Waits for the next key and returns it; EOF: interrupted, or the terminal has gone. */
int typeahead_next_key(FILE *in);
/* Returns whether typeahead_next_key has returned EOF since the last call of this. */
bool typeahead_was_interrupted(void);
bool typeahead_terminal_gone(void);

/* Reads the keys that are there into the buffer. More than 1 MiB is lost, which is reported once.
 * Returns false: the terminal has gone. */
bool typeahead_read(void);
bool typeahead_has_keys(void);
/* Forgets the buffered keys. */
void typeahead_clear(void);
#endif
