/* pty.h: pseudoterminals for a child: open one, set its size, read its echo flags, and count the
 * lines that a cooked one takes. */
#ifndef PTY_H
#define PTY_H
#include "dualpipe.h"
#include <stdbool.h>

/* end-of-file characters for a cooked terminal; see dualpipe_close_stdin() */
#define PTY_EOF_CHARS "\4\4"

/* Whether the terminal becomes the controlling terminal of the child. */
static inline bool pty_is_controlling(const struct dualpipe_options *o) {
    return o->transport == DUALPIPE_TRANSPORT_PTY || o->transport == DUALPIPE_TRANSPORT_PTY_COOKED;
}

/* How the line discipline treats input: unchanged; by lines; unchanged but claiming to echo. */
enum pty_mode { PTY_RAW, PTY_COOKED, PTY_CLAIM_ECHO };
/* Opens a pty: *master is our end, nonblocking; *slave is the child's. */
int pty_open(int *master, int *slave, enum pty_mode mode);
/* Sets the window size; 0 means 24 rows or 80 columns. */
int pty_resize(int master, unsigned short rows, unsigned short columns);
/* Returns what dualpipe_echo() does: 1 if input should be shown, 0 if not, 2 if the child shows
 * it. */
int pty_echo_state(int master);

/* Length of the complete lines at p that a cooked terminal takes whole, line ends included, up to
 * the first line that is unfinished or too long (*too_long). `already_sent` is how many bytes of
 * the first line have been sent before. */
size_t pty_sendable_lines(const char *p, size_t n, size_t already_sent, bool *too_long);
/* Length of the unfinished line that remains after sending all n bytes. */
size_t pty_unfinished_len(const char *p, size_t n, size_t already_sent);
#endif
