/* parse.h: the whole command line: what its options and operands make of a run. */
#ifndef PARSE_H
#define PARSE_H
#include "options/settings.h"

/* Fills *s from the command line. -1: go on; else the status to end with: help and version
 * have been shown (0), or one line says what is wrong (125). */
int parse_command_line(struct settings *s, int argc, char **argv);
void parse_free_settings(struct settings *s);
#endif
