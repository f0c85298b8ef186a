/* pty.c: pseudoterminals for a child, and the arithmetic of their lines.
 *
 * A raw terminal passes all bytes but has no end of file. A cooked one works by lines: byte 4 is
 * the end of file, and the kernel silently cuts a line at 4095 bytes, so the callers count lines
 * here before they send anything. */
#include "os/pty.h"
#include "os/fd.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum { MAX_LINE = 4095, EOF_CHAR = 4, DEFAULT_ROWS = 24, DEFAULT_COLUMNS = 80 };

/* The kernel opens the peer of this very master with TIOCGPTPEER; a path could lead to another pty
 * with the same name in another mount namespace. */
static int open_slave(int master) {
    const int flags = O_RDWR | O_NOCTTY | O_CLOEXEC;
    char name[64];
    int fd = -1;
#ifdef TIOCGPTPEER
    fd = ioctl(master, TIOCGPTPEER, flags); /* since Linux 4.13 */
#endif
    if (fd < 0 && ptsname_r(master, name, sizeof name) == 0)
        fd = open(name, flags);
    return fd;
}

/* No byte has a meaning, except the line end and the end-of-file character. */
static void set_cooked_mode(struct termios *t) {
    cfmakeraw(t);
    t->c_iflag = 0;
    t->c_lflag |= ICANON;
    memset(t->c_cc, _POSIX_VDISABLE, sizeof t->c_cc);
    t->c_cc[VMIN] = 1; /* used when the child makes the terminal raw */
    t->c_cc[VEOF] = EOF_CHAR;
}

/* Makes the terminal look as if typing was echoed although nothing is. A child that asks for a
 * password clears ECHO, and one that edits lines itself clears ICRNL, so pty_echo_state() can tell
 * both. With EXTPROC set neither flag has an effect on Linux. */
static void claim_echo(struct termios *t) {
#ifdef EXTPROC
    t->c_lflag |= EXTPROC | ECHO;
    t->c_iflag |= ICRNL;
#else
    (void)t;
#endif
}

static int configure_slave(int slave, enum pty_mode mode) {
    struct termios t;
    if (tcgetattr(slave, &t) < 0)
        return -errno;
    if (mode == PTY_COOKED)
        set_cooked_mode(&t);
    else
        cfmakeraw(&t);
    if (mode == PTY_CLAIM_ECHO)
        claim_echo(&t);
    return tcsetattr(slave, TCSANOW, &t) < 0 ? -errno : 0;
}

/* Callers take ENOENT and EACCES for errors of the command; here they mean that the system has no
 * ptys, or none left. */
static int open_error(void) {
    return errno == ENOENT || errno == EACCES || errno == ENOSPC ? -ENODEV : -errno;
}

int pty_open(int *master, int *slave, enum pty_mode mode) {
    int r = 0;
    *slave = -1;
    if ((*master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0)
        return open_error();
    if (grantpt(*master) < 0 || unlockpt(*master) < 0 || (*slave = open_slave(*master)) < 0)
        r = open_error();
    if (r < 0 || (r = fd_move_above_stdio(master)) < 0 || (r = fd_move_above_stdio(slave)) < 0 ||
        (r = fd_set_nonblocking(*master)) < 0 || (r = configure_slave(*slave, mode)) < 0) {
        fd_close(master);
        fd_close(slave);
    }
    return r;
}

int pty_resize(int master, unsigned short rows, unsigned short columns) {
    struct winsize size = {.ws_row = rows ? rows : DEFAULT_ROWS,
                           .ws_col = columns ? columns : DEFAULT_COLUMNS};
    return ioctl(master, TIOCSWINSZ, &size) < 0 ? -errno : 0;
}

int pty_echo_state(int master) {
#ifdef EXTPROC
    struct termios t;
    if (tcgetattr(master, &t) == 0 && t.c_lflag & EXTPROC)
        return !(t.c_iflag & ICRNL) ? 2 : t.c_lflag & ECHO ? 1 : 0;
#else
    (void)master;
#endif
    return 1;
}

size_t pty_sendable_lines(const char *p, size_t n, size_t already_sent, bool *too_long) {
    size_t end = 0;
    for (;;) {
        size_t left = n - end, room = MAX_LINE + 1 - already_sent; /* +1 for the line feed */
        const char *lf = memchr(p + end, '\n', left < room ? left : room);
        if (!lf) {
            *too_long = left >= room;
            return end;
        }
        end = (size_t)(lf - p) + 1;
        already_sent = 0;
    }
}

size_t pty_unfinished_len(const char *p, size_t n, size_t already_sent) {
    const char *lf = memrchr(p, '\n', n);
    return lf ? (size_t)(p + n - lf) - 1 : already_sent + n;
}
