/* option_error.c: reports an option that cannot be carried out. */
#include "options/option_error.h"
#include "util/log.h"
#include "util/units.h"
#include <stdio.h>

int option_error(const char *option, const char *value, const char *reason) {
    char what[80];
    snprintf(what, sizeof what, "option --%s", option);
    log_error(what, value, "%s", reason);
    return PARSE_FAILED;
}

int option_error_check_time(const char *option, const char *value, int64_t *us, bool may_be_0) {
    const char *why = units_parse_time(value, us);
    if (!why && *us == 0 && !may_be_0)
        why = "0 leaves no time: inf sets no limit";
    return why ? option_error(option, value, why) : PARSE_CONTINUE;
}
