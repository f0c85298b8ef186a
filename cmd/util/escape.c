/* escape.c: makes bytes printable, so that text from a child or a user can't drive the terminal. */
#include "util/escape.h"
#include <stdio.h>
#include <string.h>

/* Writes at most four characters and a NUL; returns how many characters. */
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

char *escape_bytes(const char *bytes, size_t n, char *out, size_t size) {
    char escaped[5];
    size_t used = 0, length;
    for (size_t i = 0; i < n; i++) {
        length = escape_byte((unsigned char)bytes[i], escaped);
        if (used + length + sizeof "..." > size) {
            memcpy(out + used, "...", 3);
            used += 3;
            break;
        }
        memcpy(out + used, escaped, length);
        used += length;
    }
    out[used] = 0;
    return out;
}
