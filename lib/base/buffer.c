/* buffer.c: a byte queue in one contiguous piece.
 *
 * Bytes are appended at `end` and consumed at `start`; the space before `start` is reclaimed by
 * moving the rest to the front. A move happens only when at least as many bytes have been consumed
 * as remain, so each byte is moved a bounded number of times whatever the sizes of the pieces are.
 * The price is room: the allocation may reach twice the maximum. Callers may keep a pointer into
 * the queue until the next reserve, extend or append. */
#include "dualpipe.h"
#include "base/buffer.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL_SIZE = 131072 };

static void move_to_front(struct buffer *b) {
    size_t len = buffer_len(b);
    if (len > 0)
        memmove(b->base, b->base + b->start, len);
    b->start = 0;
    b->end = len;
}

/* Small buffers grow fourfold, so that they become large at once: doubling a small block over and
 * over would leave holes in the heap. */
static int grow(struct buffer *b, size_t want) {
    size_t grown = b->capacity < SMALL_SIZE ? 4 * b->capacity : 2 * b->capacity,
           size = grown > want ? grown : want;
    char *base;
    if (size > b->max * 2)
        size = b->max * 2;
    if (!(base = realloc(b->base, size)))
        return -ENOMEM;
    b->base = base;
    b->capacity = size;
    return 0;
}

ptrdiff_t buffer_reserve(struct buffer *b, size_t want, char **p) {
    size_t room = b->max - buffer_len(b);
    if (want > room)
        want = room;
    if (want == 0)
        return 0;
    if (b->capacity - b->end < want && b->start >= buffer_len(b))
        move_to_front(b);
    if (b->end == b->capacity && grow(b, want) < 0)
        return -ENOMEM;
    *p = b->base + b->end;
    return (ptrdiff_t)(b->capacity - b->end < want ? b->capacity - b->end : want);
}

char *buffer_extend(struct buffer *b, size_t n) {
    size_t len = buffer_len(b);
    if (n > b->max - len)
        return NULL;
    if (b->capacity - b->end < n && b->start >= len && b->capacity - len >= n)
        move_to_front(b);
    if (b->capacity - b->end < n && grow(b, b->end + n) < 0)
        return NULL;
    return b->base ? b->base + b->end : NULL;
}

int buffer_append(struct buffer *b, const void *p, size_t n) {
    char *room;
    if (n == 0)
        return 0;
    if (!(room = buffer_extend(b, n)))
        return -ENOMEM;
    memcpy(room, p, n);
    buffer_commit(b, n);
    return 0;
}

void buffer_free(struct buffer *b) {
    free(b->base);
    *b = (struct buffer){.max = b->max};
}
