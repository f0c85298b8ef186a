/* log.c: what dualpipe says on stderr: one line, lower case, every subject escaped. */
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
    LINE = 2048,
    AT_ONCE = 4096,  /* what has room for some takes so many without a wait */
    PATIENCE = 1000, /* milliseconds, with a reader when we are to end */
};

static bool notes_are_off;
static void (*line_eraser)(void); /* takes away what stands on the terminal's last line */
static const char *context = ""; /* what is read, in front of what is said of it */

void log_set_quiet(bool notes_off) {
    notes_are_off = notes_off;
}

void log_set_context(const char *where) {
    context = where;
}

void log_set_line_eraser(void (*take_away)(void)) {
    line_eraser = take_away;
}

void log_erase_line(void) {
    void (*take_away)(void) = line_eraser;
    line_eraser = NULL;
    if (take_away)
        take_away();
}

/* --- bytes to people --------------------------------------------------------------------- */

static int64_t write_deadline = UNITS_FOREVER;

void log_set_write_deadline(int64_t point) {
    write_deadline = point;
}

/* Until fd takes some, or, once we are to end, for as long as somebody may still read. */
static bool wait_writable(int fd) {
    static bool nobody_reads;
    struct pollfd room = {.fd = fd, .events = POLLOUT};
    bool pressed;
    int found;
    do {
        pressed = nobody_reads || signals_is_urgent() ||
                  (write_deadline != UNITS_FOREVER && units_now_us() >= write_deadline);
        found = poll(&room, 1, nobody_reads ? 0 : PATIENCE);
    } while ((found == 0 && !pressed) || (found < 0 && errno == EINTR));
    nobody_reads = found == 0;
    return found != 0;
}

void log_write(int fd, const char *p, size_t n) {
    while (n > 0 && wait_writable(fd)) {
        ssize_t w = write(fd, p, n < AT_ONCE ? n : AT_ONCE);
        if (w < 0 && errno != EINTR && errno != EAGAIN)
            return; /* as with a program whose stderr is closed */
        if (w > 0) {
            p += w;
            n -= (size_t)w;
        }
    }
}

/* One write, so that lines of several processes don't mix. */
static void write_message(const char *line, size_t n) {
    log_erase_line();
    log_write(STDERR_FILENO, line, n);
}

static void log_message(const char *what, const char *subject, const char *reason, va_list values) {
    char line[LINE], safe[LINE / 2], front[LINE / 4];
    size_t n;
    escape_bytes(context, strlen(context), front, sizeof front);
    n = (size_t)snprintf(line, sizeof line, "dualpipe: %s%s%s: ", front, *front ? ": " : "", what);
    if (subject)
        snprintf(line + n, sizeof line - n,
                 "%s: ", escape_bytes(subject, strlen(subject), safe, sizeof safe));
    n = strlen(line);
    vsnprintf(line + n, sizeof line - n - 1, reason, values);
    n = strlen(line);
    line[n] = '\n';
    write_message(line, n + 1);
}

/* At the start of the line again, which is empty. */
static void erase_status(void) {
    write_message("\r\033[K", 4);
}

void log_status_line(const char *text) {
    char line[LINE];
    snprintf(line, sizeof line, "dualpipe: %s", text);
    write_message(line, strlen(line));
    log_set_line_eraser(erase_status);
}

void log_progress(const char *text) {
    char line[LINE];
    snprintf(line, sizeof line, "dualpipe: %s\n", text);
    write_message(line, strlen(line));
}

void log_error(const char *what, const char *subject, const char *reason, ...) {
    va_list values;
    va_start(values, reason);
    log_message(what, subject, reason, values);
    va_end(values);
}

void log_note(const char *what, const char *subject, const char *reason, ...) {
    va_list values;
    if (notes_are_off)
        return;
    va_start(values, reason);
    log_message(what, subject, reason, values);
    va_end(values);
}

void log_traffic(char mark, const char *bytes, size_t n) {
    char line[LINE] = {mark, ' '};
    size_t length;
    if (n > 0 && bytes[n - 1] == '\n')
        n--;
    escape_bytes(bytes, n, line + 2, sizeof line - 3);
    length = strlen(line);
    line[length] = '\n';
    write_message(line, length + 1);
}
