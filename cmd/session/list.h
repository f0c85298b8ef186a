/* list.h: the sessions there are. */
#ifndef LIST_H
#define LIST_H
#include "options/settings.h"

/* listing.c: --sessions. */
int list_sessions(const struct settings *s);
/* How its child has ended, in words. */
const char *list_describe_end(const struct dualpipe_session_info *info, char *out, size_t size);
#endif
