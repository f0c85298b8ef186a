/* parse.h: the words of the command line and of a preset, option by option. */
#ifndef READER_H
#define READER_H
#include "options/parser_state.h"
#include "options/presets.h"

/* All give PARSE_CONTINUE, or the status to end with. What must be known before the first option is
 * applied; *preset is that of -a, n 0 if there is none. */
int parse_prescan(struct parser *p, int argc, char **argv, struct preset *preset);
int parse_preset(struct parser *p, struct preset *preset);
/* Applies the options in their order; *operands are the words behind them. */
int parse_args(struct parser *p, int argc, char **argv, char ***operands);
#endif
