/* apply.h: the effect of each option. */
#ifndef APPLY_H
#define APPLY_H
#include "options/option_table.h"
#include "options/parser_state.h"

/* Applies one option to the settings that are being read. value is NULL if the option has none;
 * it is kept as a pointer and must outlive the settings. */
int apply_option(struct parser *p, const struct option_row *row, const char *value);
#endif
