/* Tests lib/base/buffer.c against a model that counts bytes: all bytes come out in order, and
 * never more than the maximum is held. */
#include "base/buffer.h"
#include "../harness.h"
#include <string.h>
#include <sys/types.h>

static unsigned seed = 1;

static size_t pick(size_t below) {
    seed = seed * 1103515245 + 12345;
    return (seed >> 8) % below;
}

/* Returns byte number i of the stream. */
static char byte_at(size_t i) {
    return (char)((i * 2654435761U) >> 11);
}

struct model {
    size_t in, out; /* total bytes put in, and taken out */
};

static int put_bytes(struct buffer *b, struct model *m, size_t want) {
    char *p = NULL;
    size_t room = b->max - (m->in - m->out), n;
    ptrdiff_t got = buffer_reserve(b, want, &p);
    if (got < 0 || (size_t)got > want || (size_t)got > room ||
        (got == 0) != (want == 0 || room == 0))
        return 0;
    n = got ? pick((size_t)got + 1) : 0;
    for (size_t i = 0; i < n; i++)
        p[i] = byte_at(m->in + i);
    if (n)
        buffer_commit(b, n);
    m->in += n;
    return 1;
}

static int take_bytes(struct buffer *b, struct model *m, size_t want) {
    const char *p = buffer_data(b);
    size_t held = buffer_len(b);
    if (want > held)
        want = held;
    for (size_t i = 0; i < held; i += i < want || i + 64 > held ? 1 : 61)
        if (p[i] != byte_at(m->out + i))
            return 0;
    buffer_consume(b, want);
    m->out += want;
    return 1;
}

static int agrees(const struct buffer *b, const struct model *m) {
    return buffer_len(b) == m->in - m->out && buffer_is_full(b) == (m->in - m->out >= b->max) &&
           buffer_len(b) <= b->max && b->capacity <= 2 * b->max && b->start <= b->end &&
           b->end <= b->capacity;
}

static void against_model(size_t max, size_t piece, int rounds) {
    struct buffer b = {.max = max};
    struct model m = {0};
    int good = 1, i;
    for (i = 0; good && i < rounds; i++) {
        good = pick(2) ? put_bytes(&b, &m, pick(piece + 1)) : take_bytes(&b, &m, pick(piece + 1));
        good = good && agrees(&b, &m);
    }
    while (good && buffer_len(&b) > 0)
        good = take_bytes(&b, &m, piece) && agrees(&b, &m);
    ok(good, "maximum %zu, pieces up to %zu: as the model through %d steps", max, piece, i);
    buffer_free(&b);
}

static void when_empty(void) {
    struct buffer b = {.max = 100};
    char *p = NULL;
    is((long)buffer_len(&b), 0, "a zeroed one with a maximum holds nothing");
    ok(buffer_data(&b) != NULL, "its data is a pointer all the same");
    ok(!buffer_is_full(&b), "it is not full");
    is((long)buffer_reserve(&b, 0, &p), 0, "room for nothing is none");
    buffer_free(&b);
    ok(b.base == NULL && b.max == 100, "freed it is empty again and keeps its maximum");
    ok(buffer_reserve(&b, 10, &p) == 10 && p, "and can be used again");
    buffer_free(&b);
}

static void when_full(void) {
    struct buffer b = {.max = 100};
    char *p = NULL;
    is((long)buffer_reserve(&b, 1000, &p), 100, "room is the maximum, whatever is wanted");
    memset(p, 'x', 100);
    buffer_commit(&b, 100);
    ok(buffer_is_full(&b), "it is full at its maximum");
    is((long)buffer_reserve(&b, 1, &p), 0, "a full one has no room");
    buffer_consume(&b, 30);
    ok(!buffer_is_full(&b), "it is not full when some is consumed");
    is((long)buffer_reserve(&b, 1000, &p), 30, "what was consumed is room again");
    memset(p, 'y', 30);
    buffer_commit(&b, 30);
    ok(buffer_len(&b) == 100 && buffer_data(&b)[69] == 'x' && buffer_data(&b)[70] == 'y',
       "moved to the front the bytes keep their order");
    buffer_free(&b);
}

/* The first allocation is far smaller than the maximum. */
static void when_growing(void) {
    struct buffer b = {.max = 1 << 20};
    struct model m = {0};
    char *p;
    ptrdiff_t n;
    while ((n = buffer_reserve(&b, 50000, &p)) > 0) {
        for (ptrdiff_t i = 0; i < n; i++)
            p[i] = byte_at(m.in + (size_t)i);
        buffer_commit(&b, (size_t)n);
        m.in += (size_t)n;
    }
    is((long)m.in, 1 << 20, "it grows to its maximum and no further");
    ok(take_bytes(&b, &m, m.in), "what it holds is what was put in");
    buffer_free(&b);
}

int main(void) {
    begin();
    when_empty();
    when_full();
    when_growing();
    against_model(1, 1, 1000);
    against_model(7, 5, 5000);
    against_model(1000, 1500, 5000);
    against_model(65536, 3000, 5000);
    against_model(200000, 90000, 3000);
    against_model(3 << 20, 70000, 3000);
    return done();
}
