/* typeahead.c: the keys that a person types: one at a time for the editor, or ahead of it, as in the
 * kernel's 4 KiB nothing may stand in front of Ctrl-C. */
#include "repl/typeahead.h"
#include "util/log.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { AHEAD_MOST = 1 << 20, LOOK_MS = 500 };

static struct {
    bool (*interrupted)(void *data);
    void *data;
    int signal_fd;
    bool cut, gone, lost; /* lost: keys are, which has been said */
    char *ahead;
    size_t from, to;
} keys;

void keys_open(bool (*interrupted)(void *data), void *data, int signal_fd) {
    keys.interrupted = interrupted;
    keys.data = data;
    keys.signal_fd = signal_fd;
}

void keys_close(void) {
    free(keys.ahead);
    keys.ahead = NULL;
    keys_drop();
}

bool keys_were_cut(void) {
    bool cut = keys.cut;
    keys.cut = false;
    return cut;
}

bool keys_have_gone(void) {
    return keys.gone;
}

bool keys_are_ahead(void) {
    return keys.from < keys.to;
}

void keys_drop(void) {
    keys.from = keys.to = 0;
}

bool keys_read_ahead(void) {
    char some[4096];
    ssize_t n = read(STDIN_FILENO, some, sizeof some);
    if (n <= 0)
        return n < 0 && (errno == EINTR || errno == EAGAIN);
    if (!keys.ahead && !(keys.ahead = malloc(AHEAD_MOST)))
        return true;
    if (keys.to + (size_t)n <= AHEAD_MOST) {
        memcpy(keys.ahead + keys.to, some, (size_t)n);
        keys.to += (size_t)n;
    } else if (!keys.lost) {
        say_error("typing", NULL, "more than a mebibyte waits to be taken: the rest is lost");
        keys.lost = true;
    }
    return true;
}

static unsigned char next_ahead(void) {
    unsigned char c = (unsigned char)keys.ahead[keys.from++];
    if (keys.from == keys.to)
        keys_drop();
    return c;
}

/* readline waits for more than one key now and then, as in a paste. */
int keys_next(FILE *in) {
    struct pollfd fds[2] = {{.fd = fileno(in), .events = POLLIN},
                            {.fd = keys.signal_fd, .events = POLLIN}};
    unsigned char c;
    ssize_t n;
    if (keys_are_ahead())
        return next_ahead();
    for (;;) {
        int n_there = poll(fds, 2, LOOK_MS);
        if (n_there < 0 && errno != EINTR)
            break;
        if ((n_there == 0 || fds[1].revents) && keys.interrupted(keys.data))
            break;
        if (n_there <= 0 || !fds[0].revents)
            continue;
        if ((n = read(fileno(in), &c, 1)) == 1)
            return c;
        if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
            keys.gone = true;
            break;
        }
    }
    keys.cut = true;
    return EOF;
}
