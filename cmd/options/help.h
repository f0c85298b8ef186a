/* help.h: --help and --version. */
#ifndef HELP_H
#define HELP_H

void help_version(void);
/* topic NULL: the commonest; all; presets; a preset's or builtin's name. 0, or 125 for no such
 * topic. */
int help_show(const char *topic);
#endif
