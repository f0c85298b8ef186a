/* diagnose.h: who holds a pipe open. */
#ifndef CHILD_DIAGNOSE_H
#define CHILD_DIAGNOSE_H
#include <sys/stat.h>
#include <sys/types.h>

/* Finds a process that has the pipe open, other than ourselves and the `count` known ones, by
 * walking through the descriptors of all processes; 0: there is none that we may look into. */
pid_t diagnose_find_holder(const struct stat *pipe, const pid_t *known, int count);
#endif
