/* typeahead.c: the keys that a person types: one at a time for the editor, or ahead of it, as in the
 * kernel's 4 KiB nothing may stand in front of Ctrl-C. */
#include "repl/typeahead.h"
#include "util/log.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER_MAX = 1 << 20, LOOK_MS = 500 };

static struct {
    bool (*interrupted)(void *data);
    void *data;
    int signal_fd;
    bool cut, gone, lost; /* lost: keys are, which has been said */
    char *ahead;
    size_t from, to;
} typeahead;

void typeahead_open(bool (*interrupted)(void *data), void *data, int signal_fd) {
    typeahead.interrupted = interrupted;
    typeahead.data = data;
    typeahead.signal_fd = signal_fd;
}

void typeahead_close(void) {
    free(typeahead.ahead);
    typeahead.ahead = NULL;
    typeahead_clear();
}

bool typeahead_was_interrupted(void) {
    bool cut = typeahead.cut;
    typeahead.cut = false;
    return cut;
}

bool typeahead_terminal_gone(void) {
    return typeahead.gone;
}

bool typeahead_has_keys(void) {
    return typeahead.from < typeahead.to;
}

void typeahead_clear(void) {
    typeahead.from = typeahead.to = 0;
}

bool typeahead_read(void) {
    char some[4096];
    ssize_t n = read(STDIN_FILENO, some, sizeof some);
    if (n <= 0)
        return n < 0 && (errno == EINTR || errno == EAGAIN);
    if (!typeahead.ahead && !(typeahead.ahead = malloc(BUFFER_MAX)))
        return true;
    if (typeahead.to + (size_t)n <= BUFFER_MAX) {
        memcpy(typeahead.ahead + typeahead.to, some, (size_t)n);
        typeahead.to += (size_t)n;
    } else if (!typeahead.lost) {
        log_error("typing", NULL, "more than a mebibyte waits to be taken: the rest is lost");
        typeahead.lost = true;
    }
    return true;
}

static unsigned char pop_key(void) {
    unsigned char c = (unsigned char)typeahead.ahead[typeahead.from++];
    if (typeahead.from == typeahead.to)
        typeahead_clear();
    return c;
}

/* readline waits for more than one key now and then, as in a paste. */
int typeahead_next_key(FILE *in) {
    struct pollfd fds[2] = {{.fd = fileno(in), .events = POLLIN},
                            {.fd = typeahead.signal_fd, .events = POLLIN}};
    unsigned char c;
    ssize_t n;
    if (typeahead_has_keys())
        return pop_key();
    for (;;) {
        int n_there = poll(fds, 2, LOOK_MS);
        if (n_there < 0 && errno != EINTR)
            break;
        if ((n_there == 0 || fds[1].revents) && typeahead.interrupted(typeahead.data))
            break;
        if (n_there <= 0 || !fds[0].revents)
            continue;
        if ((n = read(fileno(in), &c, 1)) == 1)
            return c;
        if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
            typeahead.gone = true;
            break;
        }
    }
    typeahead.cut = true;
    return EOF;
}
