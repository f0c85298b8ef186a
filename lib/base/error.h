/* error.h: fills in what a failed call tells its caller. */
#ifndef ERROR_H
#define ERROR_H
#include "dualpipe.h"

/* Fills *why unless it is NULL, and returns `error` so that a caller can write `return
 * error_set(...)`. The texts must be static or outlive *why; `object` names the path, pattern or
 * command that failed. */
static inline int error_set(struct dualpipe_error *why, const char *operation, const char *object,
                            const char *hint, int error) {
    if (why)
        *why = (struct dualpipe_error){.operation = operation, .object = object, .hint = hint};
    return error;
}
#endif
