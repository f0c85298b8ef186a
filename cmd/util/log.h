/* log.h: everything that dualpipe itself writes to stderr: lines of lower-case text, with escaped
 * objects. */
#ifndef UTIL_LOG_H
#define UTIL_LOG_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* -q silences notes, but no errors. */
void log_set_quiet(bool notes_off);

/* Sets where the input came from that messages are about, such as a file and line; it is put in
 * front of each message, escaped. Empty: nowhere in particular. The string is not copied. */
void log_set_context(const char *where);

/* Writes "dualpipe: operation: object: reason". object may be NULL; it is escaped, the others are
 * not. */
void log_error(const char *operation, const char *object, const char *reason, ...)
    __attribute__((format(printf, 3, 4)));
void log_note(const char *operation, const char *object, const char *reason, ...)
    __attribute__((format(printf, 3, 4)));
/* Sets the function that clears the terminal's last line, which is called before the next thing is
 * written; NULL: nothing is there. log_erase_line() calls it now. */
void log_set_line_eraser(void (*eraser)(void));
void log_erase_line(void);
/* Draws a line on the terminal's last line, which stays there until something else is written. */
void log_status_line(const char *text);
/* Writes "dualpipe: text", with -q too. */
void log_progress(const char *text);
/* Writes all bytes to fd, waiting for its reader as long as necessary, but no longer once a signal
 * or the deadline (a time of units_now_us()) ends us. For stderr and other descriptors that people
 * or programs watch. Returns 0, or a negative errno: not all could be written. */
int log_write(int fd, const char *bytes, size_t n);
void log_set_write_deadline(int64_t deadline);
/* Writes a line of traffic for -v: the mark, a blank, and the bytes escaped, without a final
 * newline of theirs. */
void log_traffic(char mark, const char *bytes, size_t n);
#endif
