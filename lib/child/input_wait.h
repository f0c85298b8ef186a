/* input_wait.h: whether a child waits for input. */
#ifndef INPUT_WAIT_H
#define INPUT_WAIT_H
#include "dualpipe.h"
#include <stdbool.h>

enum input_wait {
    INPUT_WAIT_NOT_YET, /* it still computes, or has not read all that was written to it */
    INPUT_WAIT_SEEN,    /* it has read all, and a thread of it or of a descendant waits for more */
    INPUT_WAIT_UNKNOWN, /* the system doesn't let us look */
};

/* Looks once, without waiting. What the child had written before is in its pipes when SEEN is
 * returned. Costs some ten system calls for each process of the child. */
enum input_wait input_wait_look(const dualpipe *dp);
/* Whether it is proved that the child has read all that was written to it and that nothing but more
 * input makes it go on; what it has written is in its stdout then. On pipes alone. Costs twice as
 * much, and if all else is so, a walk through the descriptors of all processes. */
bool input_wait_is_stuck(const dualpipe *dp);
#endif
