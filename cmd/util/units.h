/* units.h: durations and sizes as people write them, and the clock they are held against. */
#ifndef UNITS_H
#define UNITS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UNITS_FOREVER INT64_MAX /* a duration, or a point of time, in microseconds */

int64_t units_now_us(void);
/* Milliseconds for a call of the library: 0 past, DUALPIPE_FOREVER for UNITS_FOREVER. */
int units_timeout_ms(int64_t us);
/* The same for a struct of the library, where 0 is no limit. */
int units_limit_ms(int64_t us);

/* Number with ms s m h d (none: s), fractions, inf. NULL, or why not. */
const char *units_parse_time(const char *text, int64_t *us);
/* Number with k M G. */
const char *units_parse_size(const char *text, size_t *bytes);
const char *units_parse_number(const char *text, long min, long max, long *number);
#endif
