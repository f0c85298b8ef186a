/* fuzz.h: takes the input of a fuzzer apart, and asserts. */
#ifndef FUZZ_H
#define FUZZ_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz_input {
    const uint8_t *at;
    size_t left;
};

static inline unsigned take_byte(struct fuzz_input *in) {
    if (in->left == 0)
        return 0;
    in->left--;
    return *in->at++;
}

/* Takes a string of at most `most` bytes, which ends at a NUL or LF of the input; out has room
 * for a NUL too. */
static inline size_t take_text(struct fuzz_input *in, char *out, size_t most) {
    size_t n = 0;
    while (in->left > 0 && n < most && *in->at && *in->at != '\n')
        out[n++] = (char)take_byte(in);
    if (in->left > 0 && n < most)
        take_byte(in);
    out[n] = 0;
    return n;
}

/* A regular expression may need unlimited memory and time in the C library, twice as much with
 * each `+` inside `+`. This leaves only a few repetitions. */
static inline void tame(char *pattern) {
    int braces = 0, pluses = 0;
    for (char *c = pattern; *c; c++)
        if (*c == '{' && c[1] != '}' && (++braces > 1 || strspn(c + 1, "0123456789") > 1))
            *c = 'a';
        else if (*c == ',' && strspn(c + 1, "0123456789") > 1)
            *c = 'b';
        else if (*c == '+' && ++pluses > 4)
            *c = 'c';
}

static inline void must(bool holds, const char *what) {
    if (holds)
        return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}
#endif
