/* preset_command.h: which command runs with a preset, and with which arguments. */
#ifndef PRESET_COMMAND_H
#define PRESET_COMMAND_H
#include "options/preset_table.h"

/* Whether each argument is in the list of harmless ones, and what must be there is. */
bool preset_command_takes(const char *harmless, char *const *arguments);
/* Whether the command runs the row's program with harmless arguments alone. */
bool preset_command_fits(const struct preset_row *row, char *const *argv);
/* The name of the built-in preset to advise for a command; NULL: none. */
const char *preset_command_advise(char *const *argv);

/* What comes of the preset's command and the operands behind -a NAME. */
enum preset_command {
    PRESET_COMMAND_AS_GIVEN, /* the operands are a command of their own */
    PRESET_COMMAND_MERGED,   /* they run the preset's program: it gets the preset's arguments too */
    PRESET_COMMAND_EXTENDED, /* they are arguments of the preset's command */
    PRESET_COMMAND_REFUSED   /* they are no command, and the preset's program takes no operand */
};
/* row: of the built-in preset; NULL: it is the user's, and builds on none. Neither vector is
 * empty. */
enum preset_command preset_command_choose(const struct preset_row *row,
                                          char *const *preset_command, char *const *operands);

/* The program of argv with its options, then the arguments of the preset's command, then the
 * operands of argv. The caller frees the vector, but not its strings. NULL: no memory. */
char **preset_command_merge(const struct preset_row *row, char *const *preset_command,
                            char *const *argv);
/* The preset's command, then the operands; likewise. */
char **preset_command_extend(char *const *preset_command, char *const *operands);
/* The options of the row, with its command unless the user's own runs as it is. */
const char *preset_command_row_args(const struct preset_row *row, char *const *command);
#endif
