/* units.c: parses durations, sizes and numbers, and reads the clock. */
#include "util/units.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t units_now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int units_timeout_ms(int64_t us) {
    if (us == UNITS_FOREVER)
        return -1;
    if (us <= 0)
        return 0;
    return us / 1000 >= INT_MAX - 1 ? INT_MAX : (int)((us + 999) / 1000);
}

int units_limit_ms(int64_t us) {
    return us == UNITS_FOREVER ? 0 : units_timeout_ms(us);
}

/* Reads digits with at most one point; strtod(3) alone would also accept 0x1p3, nan and 1e99.
 * Returns the length, 0 if there is no number. */
static size_t parse_decimal(const char *text, double *value) {
    size_t n = strspn(text, "0123456789"), digits = n;
    if (text[n] == '.') {
        size_t fraction = strspn(text + n + 1, "0123456789");
        digits += fraction;
        n += 1 + fraction;
    }
    if (digits == 0)
        return 0;
    *value = strtod(text, NULL);
    return n;
}

struct unit {
    const char *name;
    double factor;
};

static const struct unit *find_unit(const struct unit *units, const char *name) {
    while (units->name && strcmp(units->name, name) != 0)
        units++;
    return units->name ? units : NULL;
}

const char *units_parse_time(const char *text, int64_t *us) {
    static const struct unit units[] = {{"", 1e6},   {"ms", 1e3},  {"s", 1e6}, {"m", 60e6},
                                        {"h", 36e8}, {"d", 864e8}, {NULL, 0}};
    const struct unit *unit;
    double value;
    size_t n;
    if (strcmp(text, "inf") == 0) {
        *us = UNITS_FOREVER;
        return NULL;
    }
    if ((n = parse_decimal(text, &value)) == 0 || !(unit = find_unit(units, text + n)))
        return "not a time: a number with ms, s, m, h or d, or inf";
    value *= unit->factor;
    if (value > 4e18)
        return "too long: inf sets no limit";
    *us = (int64_t)value;
    if (*us == 0 && value > 0)
        *us = 1;
    return NULL;
}

const char *units_parse_size(const char *text, size_t *bytes) {
    static const struct unit units[] = {
        {"", 1}, {"k", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {NULL, 0}};
    const struct unit *unit;
    double value;
    size_t n = parse_decimal(text, &value);
    if (n == 0 || !(unit = find_unit(units, text + n)))
        return "not a size: a number with k, M or G";
    value *= unit->factor;
    if (value < 1 || value > (double)(SIZE_MAX / 4))
        return "a size is from 1 to what memory can hold";
    *bytes = (size_t)value;
    return NULL;
}

const char *units_parse_number(const char *text, long min, long max, long *number) {
    char *end;
    errno = 0;
    *number = strtol(text, &end, 10);
    if (end == text || *end || !strchr("0123456789-", *text))
        return "not a whole number";
    return errno || *number < min || *number > max ? "out of range" : NULL;
}
