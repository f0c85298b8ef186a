/* error.h: the words for what failed, and the one way to hand them out. */
#ifndef ERROR_H
#define ERROR_H
#include "dualpipe.h"

/* Fills *why, if there is one, and returns error. */
int error_set(struct dualpipe_error *why, const char *step, const char *subject, const char *advice,
              int error);
#endif
