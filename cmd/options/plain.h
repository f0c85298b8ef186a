/* plain.h: the environment of a child behind a terminal that nobody looks at (--unbuffer). */
#ifndef PLAIN_H
#define PLAIN_H
#include <stdbool.h>
#include <stdint.h>

/* Ours but for what asks for no colours, no pager, no screen. The table is the caller's to free,
 * its strings are not. NULL: no memory. shut_in: of ours hardly anything. */
char **build_child_environment(bool shut_in);
#endif
