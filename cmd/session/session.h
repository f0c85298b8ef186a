/* session.h: from @NAME on the command line to a connection.
 *
 * main() calls session_enter() after the options are read and before a run is opened. The settings
 * then choose the run: s->is_server (serve.h), s->follow (follow.h), or any mode, which sends its
 * requests to s->connection instead of a child. */
#ifndef SESSION_H
#define SESSION_H
#include "options/settings.h"

/* Finds, starts, stops or lists sessions as the options say. -1: go on, without a session,
 * connected to one, or being its server; else the status to exit with. */
int session_enter(struct settings *s);
#endif
