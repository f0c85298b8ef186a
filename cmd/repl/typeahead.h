/* typeahead.h: the keys that a person types: one at a time for the editor, or ahead of it. */
#ifndef KEYS_H
#define KEYS_H
#include <stdbool.h>
#include <stdio.h>

/* When signal_fd can be read, and now and then, interrupted says whether to leave a key that is
 * waited for. */
void typeahead_open(bool (*is_interrupted)(void *data), void *data, int signal_fd);
void typeahead_close(void);
/* The next, waited for; EOF: none came. */
int typeahead_next_key(FILE *in);
/* Whether one that was waited for did not come, since last asked. */
bool typeahead_was_interrupted(void);
/* None will: the terminal can't be read. */
bool typeahead_terminal_gone(void);

/* Keys that are not to be taken yet are kept; so many that more are lost, which is said. false:
 * the terminal has gone. */
bool typeahead_read(void);
bool typeahead_has_keys(void);
void typeahead_clear(void);
#endif
