/* option_error.c: reports an option that cannot be carried out. A message names the option as the
 * user typed it: which options were typed by their letter is kept here, for all that report one. */
#include "options/option_error.h"
#include "util/log.h"
#include "util/units.h"
#include <stdio.h>
#include <string.h>

static bool typed_by_letter[OPT_VERSION + 1]; /* by the option's id */

void option_error_note_typed(const struct option_row *row, bool by_letter) {
    typed_by_letter[row->id] = by_letter;
}

char *option_error_name(const char *option, char out[OPTION_NAME_SIZE]) {
    const struct option_row *row = option_table;
    while (row < option_table + option_table_count && strcmp(row->long_name, option) != 0)
        row++;
    if (row < option_table + option_table_count && typed_by_letter[row->id])
        snprintf(out, OPTION_NAME_SIZE, "-%c", row->letter);
    else
        snprintf(out, OPTION_NAME_SIZE, "--%s", option);
    return out;
}

int option_error(const char *option, const char *value, const char *reason) {
    char what[80], name[OPTION_NAME_SIZE];
    snprintf(what, sizeof what, "option %s", option_error_name(option, name));
    log_error(what, value, "%s", reason);
    return PARSE_FAILED;
}

int option_error_check_time(const char *option, const char *value, int64_t *us, bool may_be_0) {
    const char *why = units_parse_time(value, us);
    if (!why && *us == 0 && !may_be_0)
        why = "0 leaves no time: inf sets no limit";
    return why ? option_error(option, value, why) : PARSE_CONTINUE;
}
