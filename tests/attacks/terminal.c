/* terminal.c: attacks on the caller's streams and on its terminal. */
#include "attack.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* O_NONBLOCK belongs to the open file description: if the caller shares it, it is affected too. */
static int nonblock(void) {
    int error = 0;
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
            error = errno;
    return error;
}

static int reopen(void) {
    int fd = open("/proc/self/fd/1", O_WRONLY | O_TRUNC | O_CLOEXEC);
    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

/* Pushes the token into the terminal's input queue, as if it had been typed. */
static int tiocsti(void) {
    int error = ENOTTY;
    for (int fd = 0; fd < 3; fd++)
        for (const char *c = fact("token"); *c; c++)
            if (ioctl(fd, TIOCSTI, c) < 0) {
                error = error == ENOTTY ? errno : error;
                break;
            } else if (!c[1])
                return 0;
    return error;
}

static int write_to_terminal(const char *path) {
    char line[80];
    int size = snprintf(line, sizeof line, "%s\n", fact("token"));
    int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC), error;
    if (fd < 0)
        return errno;
    error = refused(write(fd, line, (size_t)size));
    close(fd);
    return error;
}

static int devtty(void) {
    return write_to_terminal("/dev/tty");
}

static int devpts(void) {
    return write_to_terminal(fact("tty"));
}

const struct attack terminal_attacks[] = {
    {"nonblock", nonblock}, {"reopen", reopen}, {"tiocsti", tiocsti},
    {"devtty", devtty},     {"devpts", devpts}, {NULL, NULL},
};
