/* history.h: the history file of the prompt, which several sessions share: a line each, the newest
 * last, mode 0600. Every change is made under a lock (flock), which is waited for 2 s at most. */
#ifndef REPL_HISTORY_H
#define REPL_HISTORY_H
#include <stddef.h>

/* Returns the file's path, to be freed: given (from --history=FILE), or if that is NULL a file
 * named after name (a command or preset; any bytes) in $XDG_STATE_HOME/dualpipe/history or, without
 * that variable, in $HOME/.local/state/dualpipe/history. Creates nothing. NULL: there is no such
 * place, or no memory; errno says which. */
char *history_path(const char *given, const char *name);

/* Calls each with every line once, where it was typed last, the oldest first, and only the last max
 * of them. Leaves out empty lines, lines over 64 KiB or with a NUL, and what lies before the last
 * 16 MiB of the file. Returns 0, also if there is no file, or a negative errno; -EINVAL: it is not
 * a regular file. */
int history_read(const char *path, size_t max, void (*each)(void *data, const char *line),
                 void *data);

/* Appends a line, whole or not at all; an empty one is left out. Creates the file and, in the place
 * that history_path chose, its directories (0700). Returns 0, or a negative errno; -EINVAL: the
 * line contains an LF, or it is not a regular file; -EMSGSIZE: the line is over 64 KiB;
 * -EWOULDBLOCK: another process holds the lock. */
int history_add(const char *path, const char *line);

/* Reduces the file to the lines that history_read would give, by a new file that replaces the old
 * one atomically; a symlink stays one. Returns 0, also if nothing had to change, or a negative
 * errno with the old file untouched. */
int history_trim(const char *path, size_t max);
#endif
