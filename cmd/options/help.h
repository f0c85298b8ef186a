/* help.h: --help and --version. */
#ifndef HELP_H
#define HELP_H

/* Prints the version on stdout. */
void help_version(void);
/* Prints help on stdout. topic: NULL for the common options, "all", "presets", or the name of a
 * preset or builtin. Returns the status to end with: 0, or PARSE_FAILED after a message if there
 * is no such topic. */
int help_show(const char *topic);
#endif
