/* session_options.h: the options that the start of a session fixes, and whether a later call agrees. */
#ifndef FIXED_H
#define FIXED_H
#include "options/parser.h"

/* An option is given. -1: no memory. */
int fixed_note(struct settings *s, const struct option_row *row, const char *value);
/* Once all are read: whether they go with @session, and what a session would tell of itself. */
int fixed_settle(struct parser *p);
/* Whether what is given is what the session tells; else says what is not. USAGE or GO_ON. */
int fixed_check(const struct settings *s, const char *about, size_t n);
/* The n-th value of an entry of such a text; NULL: there are fewer. */
const char *fixed_find(const char *about, size_t n, const char *word, int nth);
#endif
