/* session_options.h: the options that the start of a session fixes, and whether a later call agrees. */
#ifndef FIXED_H
#define FIXED_H
#include "options/option_table.h"
#include "options/parser_state.h"

/* An option is given. -1: no memory. */
int session_options_note(struct settings *s, const struct option_row *row, const char *value);
/* Once all are read: whether they go with @session, and what a session would tell of itself. */
int session_options_finish(struct parser *p);
/* Whether what is given is what the session tells; else says what is not. PARSE_FAILED or PARSE_CONTINUE. */
int session_options_match(const struct settings *s, const char *description, size_t size);
/* The n-th value of an entry of such a text; NULL: there are fewer. */
const char *session_options_find(const char *description, size_t size, const char *name,
                                 int nth);
#endif
