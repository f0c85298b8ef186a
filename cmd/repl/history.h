/* history.h: the lines typed at a command, in a file that several sessions share: a line each,
 * the newest last, 0600. Every change is made under a lock (flock) and waits for it 2 s at most. */
#ifndef HISTORY_H
#define HISTORY_H
#include <stddef.h>

/* Where it lies: given (that of --history=FILE), or if NULL a file named for name (a command, a
 * preset; any bytes) in $XDG_STATE_HOME/dualpipe/history, without that $HOME/.local/state. Makes
 * nothing. The caller's, by free; NULL: nowhere, by errno. */
char *history_path(const char *given, const char *name);

/* Gives each line once, where it was last typed, the oldest first and the last `most` alone. No
 * line: an empty one, one over 64 KiB or with a NUL, what lies before the last 16 MiB. 0, also
 * where there is no file; else a negative errno: -EINVAL is no regular file. */
int history_read(const char *path, size_t max, void (*each)(void *data, const char *line),
                 void *data);

/* Adds a line behind what others have added, whole or not at all; an empty one is left out. Makes
 * the file and, where history_path chose the place, its directories (0700). 0, or a negative errno:
 * -EINVAL is a line with an LF, or no regular file; -EMSGSIZE a line over 64 KiB; -EWOULDBLOCK a
 * lock that another doesn't give up. */
int history_add(const char *path, const char *line);

/* Leaves what history_read would give, in a new file that replaces the old at one stroke (a
 * symlink stays one). 0, also if there was nothing to do; else a negative errno, and the old file
 * is as it was. */
int history_trim(const char *path, size_t max);
#endif
