/* apply.h: what each option sets. */
#ifndef APPLY_H
#define APPLY_H
#include "options/option_table.h"
#include "options/parser_state.h"

/* Any option. */
int apply_option(struct parser *p, const struct option_row *row, const char *value);
#endif
