/* server_log.h: what a session says that no call is told: on its stderr, mostly a file that is kept
 * short. */
#ifndef SERVER_LOG_H
#define SERVER_LOG_H
#include "options/settings.h"

/* From here on, of the session that s describes. */
void server_log_open(const struct settings *s);
/* Its stderr is the file now. */
void server_log_begin(void);
/* What becomes of a client. */
void server_log_client_event(void *data, const struct dualpipe_client_info *info);
/* Before anything is written: a file that is full begins anew. */
void server_log_truncate(void);
/* It is of use only to find out what went wrong. */
void server_log_remove(void);
#endif
