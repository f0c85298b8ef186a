/* session_options.h: the options that are fixed when a session starts, and whether a later call
 * agrees with them. A session describes itself by entries NAME=VALUE, each ended by a NUL.
 *
 * For each option of the command line session_options_note; then once session_options_finish. A
 * call that found its session compares by session_options_match. */
#ifndef SESSION_OPTIONS_H
#define SESSION_OPTIONS_H
#include "options/option_table.h"
#include "options/parser_state.h"

/* Notes an option that was given, if the start of a session fixes it. Returns 0, or -1 if there is
 * no memory. */
int session_options_note(struct parser *p, enum option_id id, const char *value);
/* Refuses options that need a session or contradict one, and, if there is one, builds
 * settings.session_description. */
int session_options_finish(struct parser *p);
/* Compares what this call gives with the description of its session. Only what is given counts: a
 * call may leave out every option. Returns PARSE_CONTINUE, or PARSE_FAILED after a message. */
int session_options_match(const struct settings *s, const char *description, size_t size);
/* The value of the nth entry (from 0) of that name; NULL if there are fewer. */
const char *session_options_find(const char *description, size_t size, const char *name, int nth);
#endif
