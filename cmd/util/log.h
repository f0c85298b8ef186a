/* log.h: what dualpipe says on stderr: one line, lower case, every subject escaped. */
#ifndef UTIL_LOG_H
#define UTIL_LOG_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Notes are silenced by -q; errors never. */
void log_set_quiet(bool notes_off);

/* Where what is said next was read, in front of it; empty: nowhere in particular. */
void log_set_context(const char *where);

/* dualpipe: what: subject: reason. subject NULL: left out. */
void log_error(const char *what, const char *subject, const char *reason, ...)
    __attribute__((format(printf, 3, 4)));
void log_note(const char *what, const char *subject, const char *reason, ...)
    __attribute__((format(printf, 3, 4)));
/* What stands on the terminal's last line is taken away by this before anything else is written;
 * NULL: nothing stands there. */
void log_set_line_eraser(void (*take_away)(void));
void log_erase_line(void);
/* A line that stands there. */
void log_status_line(const char *text);
/* dualpipe: text, with -q too. */
void log_progress(const char *text);
/* Bytes as they are to fd, stderr or another that people or programs look at: all, however long its
 * reader takes, until a signal wants our end or a point of units_now_us has passed. */
void log_write(int fd, const char *bytes, size_t n);
void log_set_write_deadline(int64_t point);
/* A line of traffic: a mark, a blank, the bytes escaped but for tabs. */
void log_traffic(char mark, const char *bytes, size_t n);
#endif
