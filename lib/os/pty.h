/* pty.h: terminals for a child: making one, raw or a line at a time, its size, and what lines
 * one takes. */
#ifndef PTY_H
#define PTY_H
#include "dualpipe.h"
#include <stdbool.h>

#define PTY_EOF_CHARS "\4\4" /* end-of-file characters of a cooked one */

/* Whether it becomes the child's controlling one. */
static inline bool pty_is_controlling(const struct dualpipe_options *o) {
    return o->transport == DUALPIPE_TRANSPORT_PTY || o->transport == DUALPIPE_TRANSPORT_PTY_COOKED;
}

enum pty_mode { PTY_RAW, PTY_COOKED, PTY_CLAIM_ECHO };
/* Gives our end, which never waits, and the child's. */
int pty_open(int *master, int *slave, enum pty_mode mode);
int pty_resize(int master, unsigned short rows, unsigned short columns);
/* As dualpipe_echo. */
int pty_echo_state(int master);

/* The length of those lines at p, with their line ends, that a cooked one takes whole, before the
 * first that is unfinished or too long. before: bytes of the first that were sent earlier. */
size_t pty_sendable_lines(const char *p, size_t n, size_t already_sent, bool *too_long);
/* How long the line that isn't finished then is. */
size_t pty_unfinished_len(const char *p, size_t n, size_t already_sent);
#endif
