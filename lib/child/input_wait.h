/* input_wait.h: whether a child waits for input. */
#ifndef INPUT_WAIT_H
#define INPUT_WAIT_H
#include "dualpipe.h"

enum input_wait {
    INPUT_WAIT_NOT_YET, /* it still computes, or has not read all that was written to it */
    INPUT_WAIT_SEEN,    /* it has read all, and a thread of it or of a descendant waits for more */
    INPUT_WAIT_UNKNOWN, /* the system doesn't let us look */
};

/* Looks once, without waiting. What the child had written before is in its pipes when SEEN is
 * returned. Costs some ten system calls for each process of the child. */
enum input_wait input_wait_look(const dualpipe *dp);
#endif
