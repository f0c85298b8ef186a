/* error.h: the words for what failed, and the one way to hand them out. */
#ifndef ERROR_H
#define ERROR_H
#include "dualpipe.h"

/* Fills *why, if there is one, and returns error. */
static inline int error_set(struct dualpipe_error *why, const char *operation, const char *object,
                            const char *hint, int error) {
    if (why)
        *why = (struct dualpipe_error){.operation = operation, .object = object, .hint = hint};
    return error;
}
#endif
