/* server_log.h: the log of a session server: its stderr, which is a file if it runs in the
 * background.
 *
 * Call server_log_open() first, server_log_begin() when stderr has become the file, and
 * server_log_remove() at the end, if the log is of no use to find out what went wrong. */
#ifndef SERVER_LOG_H
#define SERVER_LOG_H
#include "options/settings.h"

/* The session's settings, for all calls below; they are not copied. */
void server_log_open(const struct settings *s);
/* Does nothing with --listen, where stderr stays what it was. */
void server_log_begin(void);
/* The server's client_callback: logs clients that come and go. data is not used. */
void server_log_client_event(void *data, const struct dualpipe_client_info *info);
/* Call before writing: a file of more than 1 MiB is emptied first. */
void server_log_truncate(void);
void server_log_remove(void);
#endif
