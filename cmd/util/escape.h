/* escape.h: bytes made printable. */
#ifndef ESCAPE_H
#define ESCAPE_H
#include <stddef.h>

/* Bytes escaped as in C into out, cut (marked by ...) to fit size; returns out. */
char *escape_bytes(const char *bytes, size_t n, char *out, size_t size);
#endif
