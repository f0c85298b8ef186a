/* buffer.h: a byte queue in one piece: written at its end, read at its front, never longer
 * than its maximum. A zeroed one with a maximum is empty. */
#ifndef BUFFER_H
#define BUFFER_H
#include <stddef.h>

struct buffer {
    char *base;
    size_t start, end, capacity, max;
};

static inline size_t buffer_len(const struct buffer *b) {
    return b->end - b->start;
}

static inline const char *buffer_data(const struct buffer *b) {
    return b->base ? b->base + b->start : "";
}

static inline int buffer_is_full(const struct buffer *b) {
    return buffer_len(b) >= b->max;
}

static inline void buffer_commit(struct buffer *b, size_t n) {
    b->end += n;
}

static inline void buffer_consume(struct buffer *b, size_t n) {
    b->start += n;
    if (b->start == b->end)
        b->start = b->end = 0;
}

/* Room for more bytes at *p: how many, at most want; 0 when full; -ENOMEM. */
ptrdiff_t buffer_reserve(struct buffer *b, size_t want, char **p);
/* Room for all of n bytes, to be committed; NULL: they pass the maximum, or no memory. */
char *buffer_extend(struct buffer *b, size_t n);
/* Copies n bytes to its end. 0, or -ENOMEM: nothing is copied. */
int buffer_append(struct buffer *b, const void *p, size_t n);
void buffer_free(struct buffer *b);
#endif
