/* error.c: the words for what failed, and the one way to hand them out. */
#include "base/error.h"

int failed(struct dualpipe_failure *why, const char *step, const char *subject,
           const char *advice, int error) {
    if (why)
        *why = (struct dualpipe_failure){.step = step, .subject = subject, .advice = advice};
    return error;
}
