/* session.h: sessions by name. */
#ifndef SESSION_H
#define SESSION_H
#include "options/settings.h"

/* Before a run: what @session, --sessions and so on ask for. -1: go on, connected to the session,
 * or being it (s->serves); else the status to end with. */
int session_enter(struct settings *s);
#endif
