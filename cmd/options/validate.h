/* validate.h: what the options and operands make of a run as a whole, and whether they go
 * together. */
#ifndef VALIDATE_H
#define VALIDATE_H
#include "options/parser_state.h"

/* The command, its workers and the rules of stdin, once all options are read. */
int validate_operands(struct parser *p, char **operands);
/* The mode, and what follows from it. */
int validate_settings(struct parser *p);
#endif
