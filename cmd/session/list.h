/* list.h: --sessions, and how the end of a session's child is put into words. */
#ifndef LIST_H
#define LIST_H
#include "options/settings.h"

/* Prints all named sessions that answer. Returns the exit status. */
int list_sessions(const struct settings *s);
/* Writes to out, after the name of the command, how it ended: "ended with status 1". Returns out.
 */
const char *list_describe_end(const struct dualpipe_session_info *info, char *out, size_t size);
#endif
