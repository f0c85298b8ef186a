/* error.c: the words for what failed, and the one way to hand them out. */
#include "base/error.h"

int error_set(struct dualpipe_error *why, const char *step, const char *subject, const char *advice,
              int error) {
    if (why)
        *why = (struct dualpipe_error){.operation = step, .object = subject, .hint = advice};
    return error;
}
