/* parse.h: the face of the options room: the command line becomes struct settings.
 *
 *     struct settings s;
 *     int status = parse_command_line(&s, argc, argv);
 *     if (status < 0) ...run...
 *     parse_free_settings(&s);
 */
#ifndef PARSE_H
#define PARSE_H
#include "options/settings.h"

/* Fills *s, which points into argv. Returns -1 to go on, else the status to end with: 0 after
 * --help, --version and --sandbox=check, else an error that has been reported in one line (125,
 * or 127 for a builtin that does not exist). */
int parse_command_line(struct settings *s, int argc, char **argv);
/* Frees what *s owns, whatever parse_command_line returned; not s itself or the connection. */
void parse_free_settings(struct settings *s);
#endif
