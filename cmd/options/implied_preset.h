/* implied_preset.h: what a command gets by itself, without -a. */
#ifndef IMPLIED_PRESET_H
#define IMPLIED_PRESET_H
#include "options/preset_table.h"
#include <stdint.h>

/* The preset that applies by itself to a command; NULL: none. given: the bits of the options on the
 * command line, by option_bit(). */
const struct preset_row *implied_preset_find(uint64_t given, char *const *argv);
/* Whether the command's stdout is a terminal by itself, since its program holds back what it writes
 * to a pipe. given: likewise. */
bool implied_preset_needs_terminal(uint64_t given, char *const *argv);
#endif
