/* log.c: what dualpipe says on stderr: one line, lower case, every subject escaped. */
#include "util/log.h"
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

static bool quiet;
static void (*stands)(void); /* takes away what stands on the terminal's last line */
static const char *place = ""; /* what is read, in front of what is said of it */

void say_quiet(bool notes_off) {
    quiet = notes_off;
}

void say_within(const char *where) {
    place = where;
}

static size_t escape_byte(unsigned char c, char out[5]) {
    static const char names[] = "\n\t\r\\", letters[] = "ntr\\";
    const char *name = c ? strchr(names, c) : NULL;
    if (name)
        return (size_t)snprintf(out, 5, "\\%c", letters[name - names]);
    if (c < 0x20 || c > 0x7e)
        return (size_t)snprintf(out, 5, "\\x%02x", c);
    out[0] = (char)c;
    return 1;
}

char *escape(const char *bytes, size_t n, char *out, size_t size) {
    char one[5];
    size_t used = 0, length;
    for (size_t i = 0; i < n; i++) {
        length = escape_byte((unsigned char)bytes[i], one);
        if (used + length + sizeof "..." > size) {
            memcpy(out + used, "...", 3);
            used += 3;
            break;
        }
        memcpy(out + used, one, length);
        used += length;
    }
    out[used] = 0;
    return out;
}

void say_stands(void (*take_away)(void)) {
    stands = take_away;
}

void say_clear(void) {
    void (*take_away)(void) = stands;
    stands = NULL;
    if (take_away)
        take_away();
}

/* --- bytes to people --------------------------------------------------------------------- */

static int64_t until = FOREVER;

void say_until(int64_t point) {
    until = point;
}

/* Until fd takes some, or, once we are to end, for as long as somebody may still read. */
static bool await_room(int fd) {
    static bool nobody_reads;
    struct pollfd room = {.fd = fd, .events = POLLOUT};
    bool pressed;
    int found;
    do {
        pressed = nobody_reads || signals_press() || (until != FOREVER && now_us() >= until);
        found = poll(&room, 1, nobody_reads ? 0 : PATIENCE);
    } while ((found == 0 && !pressed) || (found < 0 && errno == EINTR));
    nobody_reads = found == 0;
    return found != 0;
}

void say_bytes(int fd, const char *p, size_t n) {
    while (n > 0 && await_room(fd)) {
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
static void put(const char *line, size_t n) {
    say_clear();
    say_bytes(STDERR_FILENO, line, n);
}

static void say(const char *what, const char *subject, const char *reason, va_list values) {
    char line[LINE], safe[LINE / 2], front[LINE / 4];
    size_t n;
    escape(place, strlen(place), front, sizeof front);
    n = (size_t)snprintf(line, sizeof line, "dualpipe: %s%s%s: ", front, *front ? ": " : "", what);
    if (subject)
        snprintf(line + n, sizeof line - n, "%s: ",
                 escape(subject, strlen(subject), safe, sizeof safe));
    n = strlen(line);
    vsnprintf(line + n, sizeof line - n - 1, reason, values);
    n = strlen(line);
    line[n] = '\n';
    put(line, n + 1);
}

/* At the start of the line again, which is empty. */
static void erase_status(void) {
    put("\r\033[K", 4);
}

void say_status(const char *text) {
    char line[LINE];
    snprintf(line, sizeof line, "dualpipe: %s", text);
    put(line, strlen(line));
    say_stands(erase_status);
}

void say_progress(const char *text) {
    char line[LINE];
    snprintf(line, sizeof line, "dualpipe: %s\n", text);
    put(line, strlen(line));
}

void say_error(const char *what, const char *subject, const char *reason, ...) {
    va_list values;
    va_start(values, reason);
    say(what, subject, reason, values);
    va_end(values);
}

void say_note(const char *what, const char *subject, const char *reason, ...) {
    va_list values;
    if (quiet)
        return;
    va_start(values, reason);
    say(what, subject, reason, values);
    va_end(values);
}

void say_traffic(char mark, const char *bytes, size_t n) {
    char line[LINE] = {mark, ' '};
    size_t length;
    if (n > 0 && bytes[n - 1] == '\n')
        n--;
    escape(bytes, n, line + 2, sizeof line - 3);
    length = strlen(line);
    line[length] = '\n';
    put(line, length + 1);
}
