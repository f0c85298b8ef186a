/* Fuzzes durations, sizes and numbers: an accepted value lies in its range, and parses the same
 * again. */
#include "../../cmd/util/units.h"
#include "fuzz.h"
#include <limits.h>

static void time_of(const char *text) {
    int64_t us = -1, again;
    if (units_parse_time(text, &us))
        return;
    must(us == UNITS_FOREVER || (us >= 0 && us <= INT64_C(4000000000000000000)),
         "a time out of range");
    must(us != UNITS_FOREVER || strcmp(text, "inf") == 0, "no number is without end");
    must(!units_parse_time(text, &again) && again == us, "a time is another when read again");
    must(units_timeout_ms(us) >= (us == UNITS_FOREVER ? -1 : 0), "a limit below nothing");
    must(us == 0 || units_timeout_ms(us) != 0, "some time is no time");
    must(strspn(text, "0123456789.smhdinf") == strlen(text), "a time of other letters");
}

static void size_of(const char *text) {
    size_t bytes = 0;
    if (units_parse_size(text, &bytes))
        return;
    must(bytes >= 1 && bytes <= SIZE_MAX / 4 + 1, "a size out of range");
    must(strspn(text, "0123456789.kMG") == strlen(text), "a size of other letters");
}

static void number_of(const char *text, long least, long most) {
    char plain[32];
    long number, again;
    if (units_parse_number(text, least, most, &number))
        return;
    must(number >= least && number <= most, "a number out of range");
    snprintf(plain, sizeof plain, "%ld", number);
    must(!units_parse_number(plain, least, most, &again) && again == number, "a number is another");
    must(strspn(text, "0123456789-") == strlen(text), "a number of other characters");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    if (!text)
        abort();
    if (size)
        memcpy(text, data, size);
    text[size] = 0;
    time_of(text);
    size_of(text);
    number_of(text, 0, 1000000000);
    number_of(text, LONG_MIN, LONG_MAX);
    free(text);
    return 0;
}
