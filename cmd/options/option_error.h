/* option_error.h: what the readers of the command line share: a wrong option, a TIME. */
#ifndef OPTION_ERROR_H
#define OPTION_ERROR_H
#include <stdbool.h>
#include <stdint.h>

enum { PARSE_FAILED = 125, PARSE_CONTINUE = -1 };

/* Says what is wrong with an option; PARSE_FAILED. */
int option_error(const char *option, const char *value, const char *reason);
/* A TIME. */
int option_error_check_time(const char *option, const char *value, int64_t *us, bool may_be_0);
#endif
