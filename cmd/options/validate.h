/* validate.h: the whole command line: what its options and operands make of a run. */
#ifndef CMDLINE_H
#define CMDLINE_H
#include "options/settings.h"

/* Fills *s from the command line. -1: go on; else the status to end with: help and version
 * have been shown (0), or one line says what is wrong (125). */
int settings_parse(struct settings *s, int argc, char **argv);
void settings_free(struct settings *s);
#endif
