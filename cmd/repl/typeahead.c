/* typeahead.c: the keyboard: keys for readline one at a time, or read ahead into a buffer.
 *
 * The kernel keeps at most 4 KiB of unread keys, and once they fill it not even Ctrl-C gets
 * through. Keys that can't be accepted yet, since a reply is awaited, are therefore read into a
 * buffer here, from which readline gets them later. */
#include "repl/typeahead.h"
#include "util/log.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    BUFFER_SIZE = 1 << 20,
    RECHECK_MS = 500 /* is_interrupted also watches a deadline, which makes no descriptor ready */
};

static struct {
    bool (*is_interrupted)(void *data);
    void *data;
    int signal_fd;
    bool was_interrupted, terminal_gone;
    bool overflow_reported; /* the user knows that keys were lost */
    char *buffer; /* keys from start to end; NULL: not needed so far */
    size_t start, end;
} typeahead;

void typeahead_open(bool (*is_interrupted)(void *data), void *data, int signal_fd) {
    typeahead.is_interrupted = is_interrupted;
    typeahead.data = data;
    typeahead.signal_fd = signal_fd;
}

void typeahead_close(void) {
    free(typeahead.buffer);
    typeahead.buffer = NULL;
    typeahead_clear();
}

bool typeahead_was_interrupted(void) {
    bool was = typeahead.was_interrupted;
    typeahead.was_interrupted = false;
    return was;
}

bool typeahead_terminal_gone(void) {
    return typeahead.terminal_gone;
}

bool typeahead_has_keys(void) {
    return typeahead.start < typeahead.end;
}

void typeahead_clear(void) {
    typeahead.start = typeahead.end = 0;
}

bool typeahead_read(void) {
    char keys[4096];
    ssize_t n = read(STDIN_FILENO, keys, sizeof keys);
    if (n <= 0)
        return n < 0 && (errno == EINTR || errno == EAGAIN);
    if (!typeahead.buffer && !(typeahead.buffer = malloc(BUFFER_SIZE)))
        return true;
    if (typeahead.end + (size_t)n <= BUFFER_SIZE) {
        memcpy(typeahead.buffer + typeahead.end, keys, (size_t)n);
        typeahead.end += (size_t)n;
    } else if (!typeahead.overflow_reported) {
        log_error("typing", NULL, "more than a mebibyte waits to be taken: the rest is lost");
        typeahead.overflow_reported = true;
    }
    return true;
}

static unsigned char pop_key(void) {
    unsigned char c = (unsigned char)typeahead.buffer[typeahead.start++];
    if (typeahead.start == typeahead.end)
        typeahead_clear();
    return c;
}

/* readline calls this when a key is ready, but also for further keys, as in a paste: so it
 * waits. */
int typeahead_next_key(FILE *in) {
    struct pollfd fds[2] = {{.fd = fileno(in), .events = POLLIN},
                            {.fd = typeahead.signal_fd, .events = POLLIN}};
    unsigned char c;
    ssize_t n;
    if (typeahead_has_keys())
        return pop_key();
    for (;;) {
        int ready = poll(fds, 2, RECHECK_MS);
        if (ready < 0 && errno != EINTR)
            break;
        if ((ready == 0 || fds[1].revents) && typeahead.is_interrupted(typeahead.data))
            break;
        if (ready <= 0 || !fds[0].revents)
            continue;
        if ((n = read(fileno(in), &c, 1)) == 1)
            return c;
        if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
            typeahead.terminal_gone = true;
            break;
        }
    }
    typeahead.was_interrupted = true;
    return EOF;
}
