/* escape.h: makes bytes printable, as in C: \n \t \r \\ and \xHH. Every message that quotes a name
 * or output goes through this. */
#ifndef ESCAPE_H
#define ESCAPE_H
#include <stddef.h>

/* Writes the n bytes escaped into out, NUL-terminated; text that doesn't fit size is cut and ends
 * in "...". Returns out. */
char *escape_bytes(const char *bytes, size_t n, char *out, size_t size);
#endif
