/* validate.h: what all options and operands together mean for the run, and whether they go
 * together. parse.c calls
 * validate_choose_command for a preset that builds on another, and then the two others in this
 * order, once all options are read. */
#ifndef VALIDATE_H
#define VALIDATE_H
#include "options/parser_state.h"

/* Whether a person types the requests; given: bits of the options. */
bool validate_is_prompt(uint64_t given);
/* Sets *command to what comes of the preset's command and the operands, of which there are some. */
int validate_choose_command(struct parser *p, char **operands, char ***command);
/* Decides the command or builtin, the command line of each worker, the frames of stdin and stdout,
 * and the rules for requests from stdin. operands: the words after the options, NULL-terminated. */
int validate_operands(struct parser *p, char **operands);
/* Chooses the mode, refuses options that exclude each other, and derives what depends on both:
 * session options, the child's environment, and where its stderr goes. */
int validate_settings(struct parser *p);
#endif
