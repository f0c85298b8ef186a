/* log.c: everything that dualpipe itself writes to stderr.
 *
 * A message is one line, "dualpipe: operation: object: reason", composed in a buffer and written by
 * one write(2) where possible, so that lines of several processes don't mix. Objects come from
 * outside and are escaped.
 *
 * The last line of the terminal may be occupied, by a progress line or by readline's prompt.
 * The code that draws there registers a function by log_set_line_eraser(), which is called once
 * before anything else is written.
 *
 * The trap is a reader of stderr that has stopped reading. Normally we wait for it, since messages
 * must not get lost, but a signal or --deadline has to be able to end us in spite of it. So
 * wait_writable() checks every second whether we are being hurried, and once it has given up on a
 * reader it doesn't wait again. */
#include "util/log.h"
#include "util/escape.h"
#include "util/signals.h"
#include "util/units.h"
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    LINE_SIZE = 2048,
    /* A descriptor that is writable takes this many bytes without blocking. */
    MAX_WRITE = 4096,
    READER_TIMEOUT_MS = 1000, /* how long to wait for a stuck reader when we are being hurried */
};

static bool notes_are_off;
static void (*line_eraser)(void); /* clears what is on the terminal's last line; NULL: nothing is */
static const char *context = "";  /* the place in the input that messages refer to */
static int64_t write_deadline = UNITS_FOREVER; /* a time of units_now_us() */

/* --- settings ---------------------------------------------------------------------------- */

void log_set_quiet(bool notes_off) {
    notes_are_off = notes_off;
}

void log_set_context(const char *where) {
    context = where;
}

void log_set_write_deadline(int64_t deadline) {
    write_deadline = deadline;
}

void log_set_line_eraser(void (*eraser)(void)) {
    line_eraser = eraser;
}

void log_erase_line(void) {
    void (*eraser)(void) = line_eraser;
    line_eraser = NULL;
    if (eraser)
        eraser();
}

/* --- bytes ------------------------------------------------------------------------------- */

/* Waits until fd takes bytes. Returns false if the reader doesn't read and we are being hurried: by
 * a signal, or because the deadline has passed. */
static bool wait_writable(int fd) {
    static bool reader_is_gone;
    struct pollfd room = {.fd = fd, .events = POLLOUT};
    bool is_urgent;
    int found;
    do {
        is_urgent = reader_is_gone || signals_is_urgent() ||
                    (write_deadline != UNITS_FOREVER && units_now_us() >= write_deadline);
        found = poll(&room, 1, reader_is_gone ? 0 : READER_TIMEOUT_MS);
    } while ((found == 0 && !is_urgent) || (found < 0 && errno == EINTR));
    reader_is_gone = found == 0;
    return found != 0;
}

int log_write(int fd, const char *p, size_t n) {
    while (n > 0 && wait_writable(fd)) {
        ssize_t written = write(fd, p, n < MAX_WRITE ? n : MAX_WRITE);
        if (written < 0 && errno != EINTR && errno != EAGAIN)
            return -errno;
        if (written > 0) {
            p += written;
            n -= (size_t)written;
        }
    }
    return n > 0 ? -ETIMEDOUT : 0;
}

/* --- messages ---------------------------------------------------------------------------- */

/* A single write, so that lines of several processes don't mix. */
static void write_message(const char *line, size_t n) {
    log_erase_line();
    log_write(STDERR_FILENO, line, n);
}

static void log_message(const char *operation, const char *object, const char *reason,
                        va_list values) {
    char line[LINE_SIZE], escaped[LINE_SIZE / 2], prefix[LINE_SIZE / 4];
    size_t n;
    escape_bytes(context, strlen(context), prefix, sizeof prefix);
    n = (size_t)snprintf(line, sizeof line, "dualpipe: %s%s%s: ", prefix, *prefix ? ": " : "",
                         operation);
    if (object)
        snprintf(line + n, sizeof line - n,
                 "%s: ", escape_bytes(object, strlen(object), escaped, sizeof escaped));
    n = strlen(line);
    vsnprintf(line + n, sizeof line - n - 1, reason, values);
    n = strlen(line);
    line[n] = '\n';
    write_message(line, n + 1);
}

void log_error(const char *operation, const char *object, const char *reason, ...) {
    va_list values;
    va_start(values, reason);
    log_message(operation, object, reason, values);
    va_end(values);
}

void log_note(const char *operation, const char *object, const char *reason, ...) {
    va_list values;
    if (notes_are_off)
        return;
    va_start(values, reason);
    log_message(operation, object, reason, values);
    va_end(values);
}

void log_traffic(char mark, const char *bytes, size_t n) {
    char line[LINE_SIZE] = {mark, ' '};
    size_t length;
    if (n > 0 && bytes[n - 1] == '\n')
        n--;
    escape_bytes(bytes, n, line + 2, sizeof line - 3);
    length = strlen(line);
    line[length] = '\n';
    write_message(line, length + 1);
}

/* --- progress ---------------------------------------------------------------------------- */

/* Returns to the start of the line and erases it. */
static void erase_status(void) {
    write_message("\r\033[K", 4);
}

void log_status_line(const char *text) {
    char line[LINE_SIZE];
    snprintf(line, sizeof line, "dualpipe: %s", text);
    write_message(line, strlen(line));
    log_set_line_eraser(erase_status);
}

void log_progress(const char *text) {
    char line[LINE_SIZE];
    snprintf(line, sizeof line, "dualpipe: %s\n", text);
    write_message(line, strlen(line));
}
