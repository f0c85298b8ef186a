/* log.h: what dualpipe says on stderr: one line, lower case, every subject escaped. */
#ifndef SAY_H
#define SAY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Notes are silenced by -q; errors never. */
void say_quiet(bool notes_off);

/* Where what is said next was read, in front of it; empty: nowhere in particular. */
void say_within(const char *where);

/* dualpipe: what: subject: reason. subject NULL: left out. */
void say_error(const char *what, const char *subject, const char *reason, ...)
    __attribute__((format(printf, 3, 4)));
void say_note(const char *what, const char *subject, const char *reason, ...)
    __attribute__((format(printf, 3, 4)));
/* What stands on the terminal's last line is taken away by this before anything else is written;
 * NULL: nothing stands there. */
void say_stands(void (*take_away)(void));
void say_clear(void);
/* A line that stands there. */
void say_status(const char *text);
/* dualpipe: text, with -q too. */
void say_progress(const char *text);
/* Bytes as they are to fd, stderr or another that people or programs look at: all, however long its
 * reader takes, until a signal wants our end or a point of now_us has passed. */
void say_bytes(int fd, const char *bytes, size_t n);
void say_until(int64_t point);
/* A line of traffic: a mark, a blank, the bytes escaped but for tabs. */
void say_traffic(char mark, const char *bytes, size_t n);

/* Bytes escaped as in C into out, cut (marked by ...) to fit size; returns out. */
char *escape(const char *bytes, size_t n, char *out, size_t size);
#endif
