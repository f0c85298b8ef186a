/* buffer.h: a contiguous byte queue that never holds more than its maximum. A reader calls
 * buffer_reserve(), reads into the room and calls buffer_commit(); a writer sends buffer_data() and
 * calls buffer_consume(). A zeroed buffer with `max` set is empty and ready. */
#ifndef BUFFER_H
#define BUFFER_H
#include <stddef.h>

struct buffer {
    char *base;
    size_t start, end, capacity, max;
};

/* Number of bytes in the queue. */
static inline size_t buffer_len(const struct buffer *b) {
    return b->end - b->start;
}

/* The first byte in the queue; the pointer is valid even for an empty buffer. */
static inline const char *buffer_data(const struct buffer *b) {
    return b->base ? b->base + b->start : "";
}

static inline int buffer_is_full(const struct buffer *b) {
    return buffer_len(b) >= b->max;
}

/* Adds n bytes that the caller has written into reserved room. */
static inline void buffer_commit(struct buffer *b, size_t n) {
    b->end += n;
}

/* Removes the first n bytes. They stay in memory until more room is reserved. */
static inline void buffer_consume(struct buffer *b, size_t n) {
    b->start += n;
    if (b->start == b->end)
        b->start = b->end = 0;
}

/* Gives room for more bytes at *p. Returns its size, which is at most `want`; 0 if the buffer is
 * full; -ENOMEM. Bytes written there count only after buffer_commit(). */
ptrdiff_t buffer_reserve(struct buffer *b, size_t want, char **p);
/* Gives room for all n bytes, to be committed afterwards. Returns NULL if they would pass the
 * maximum or no memory is left. */
char *buffer_extend(struct buffer *b, size_t n);
/* Appends a copy of n bytes. Returns 0, or -ENOMEM without copying anything. */
int buffer_append(struct buffer *b, const void *p, size_t n);
/* Frees the memory; the buffer is then empty and can be used again. */
void buffer_free(struct buffer *b);
#endif
