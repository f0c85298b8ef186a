/* units.h: durations and sizes as people write them, and the clock against which durations are
 * measured. The parsers return NULL, or text that says what is wrong. */
#ifndef UNITS_H
#define UNITS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UNITS_FOREVER INT64_MAX /* a duration or a point in time, in microseconds */

/* Microseconds of the monotonic clock. */
int64_t units_now_us(void);
/* Converts to milliseconds for a function of the library: 0 if past, DUALPIPE_FOREVER for
 * UNITS_FOREVER. */
int units_timeout_ms(int64_t us);
/* The same for a member of one of the library's structs, where 0 means no limit. */
int units_limit_ms(int64_t us);

/* A number, possibly with a fraction, with ms, s, m, h, d or none (seconds); or inf. */
const char *units_parse_time(const char *text, int64_t *us);
/* A number with k, M, G or none (bytes). */
const char *units_parse_size(const char *text, size_t *bytes);
/* A whole number between min and max. */
const char *units_parse_number(const char *text, long min, long max, long *number);
#endif
