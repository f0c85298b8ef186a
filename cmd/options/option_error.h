/* option_error.h: reports an option that cannot be carried out. The bottom of the options room:
 * every file that reads an option calls it.
 *
 * All functions of the room that read or check options return PARSE_CONTINUE, or the status that
 * dualpipe ends with at once: PARSE_FAILED after one line on stderr, 0 after --help and the like.
 * A caller passes anything but PARSE_CONTINUE on without a message of its own. */
#ifndef OPTION_ERROR_H
#define OPTION_ERROR_H
#include "options/option_table.h"
#include <stdbool.h>
#include <stdint.h>

enum {
    PARSE_CONTINUE = -1,
    PARSE_FAILED = 125, /* the same number as STATUS_DUALPIPE_FAILED of run/exit_status.h */
};

/* Notes how an option was typed: by its letter, or by its name. Messages name it so from then
 * on. */
void option_error_note_typed(const struct option_row *row, bool by_letter);
/* The option as it was typed, "-e" or "--request", in out; by its name if it was not typed. option
 * is the long name without its dashes. Returns out. */
enum { OPTION_NAME_SIZE = 40 };
char *option_error_name(const char *option, char out[OPTION_NAME_SIZE]);
/* Reports "option OPTION: VALUE: REASON" on stderr, with the option as it was typed; option is the
 * long name without its dashes, value may be NULL. Returns PARSE_FAILED. */
int option_error(const char *option, const char *value, const char *reason);
/* Parses the TIME that is the option's value into *us, microseconds or UNITS_FOREVER. A time of 0
 * is an error unless may_be_0. */
int option_error_check_time(const char *option, const char *value, int64_t *us, bool may_be_0);
#endif
