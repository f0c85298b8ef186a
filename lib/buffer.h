/* buffer.h: a byte queue in one piece: written at its end, read at its front, never longer
 * than its maximum. A zeroed one with a maximum is empty. */
#ifndef BUFFER_H
#define BUFFER_H
#include <stddef.h>

struct buffer {
    char *base;
    size_t start, end, size, max;
};

size_t buffer_held(const struct buffer *b);
const char *buffer_data(const struct buffer *b);
int buffer_full(const struct buffer *b);
/* Room for more bytes at *p: how many, at most want; 0 when full; -ENOMEM. */
ptrdiff_t buffer_reserve(struct buffer *b, size_t want, char **p);
void buffer_commit(struct buffer *b, size_t n);
void buffer_consume(struct buffer *b, size_t n);
void buffer_free(struct buffer *b);
#endif
