/* Fuzzes dualpipe_frame_decode: any bytes, for any kind of frame, at once and byte by byte must
 * give the same; a decoded body must encode again. */
#include "fuzz.h"
#include "dualpipe.h"
#include <errno.h>

/* Returns a copy of exact size, so that ASan catches a read past its end. */
static uint8_t *copy_of(const uint8_t *p, size_t n) {
    uint8_t *copy = malloc(n ? n : 1);
    if (!copy)
        abort();
    if (n)
        memcpy(copy, p, n);
    return copy;
}

static ssize_t byte_by_byte(enum dualpipe_frame_kind kind, const uint8_t *p, size_t n, size_t max) {
    struct dualpipe_frame_view b = {0};
    ssize_t used = 0;
    for (size_t i = 0; used == 0 && i <= n; i++) {
        uint8_t *copy = copy_of(p, i);
        used = dualpipe_frame_decode(kind, copy, i, max, &b);
        must(used <= 0 || (size_t)used == i, "a frame ends before its last byte");
        must(used != 0 || b.frame_size == 0 || b.frame_size > i, "a frame is there, and not taken");
        free(copy);
    }
    return used;
}

static void there_and_back(enum dualpipe_frame_kind kind, const char *body, size_t size) {
    struct dualpipe_frame_envelope w;
    struct dualpipe_frame_view b = {0};
    size_t n;
    char *frame;
    if (dualpipe_frame_encode(kind, body, size, &w) < 0)
        return;
    n = w.head_size + size + w.tail_size;
    if (!(frame = malloc(n ? n : 1)))
        abort();
    memcpy(frame, w.head, w.head_size);
    if (size)
        memcpy(frame + w.head_size, body, size);
    memcpy(frame + w.head_size + size, w.tail, w.tail_size);
    must(dualpipe_frame_decode(kind, frame, n, size > 4 ? size : 4, &b) ==
             (kind == DUALPIPE_FRAME_RAW ? 0 : (ssize_t)n),
         "a frame of ours is none");
    must(kind == DUALPIPE_FRAME_RAW ||
             (b.size == size && (size == 0 || memcmp(b.data, body, size) == 0)),
         "a body is another");
    free(frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_input in = {data, size};
    enum dualpipe_frame_kind kind =
        (enum dualpipe_frame_kind)(take_byte(&in) % (DUALPIPE_FRAME_RAW + 1));
    size_t max = take_byte(&in), n = in.left;
    uint8_t *p = copy_of(in.at, n);
    struct dualpipe_frame_view b = {0};
    ssize_t used;
    max = max == 255 ? SIZE_MAX : max;
    used = dualpipe_frame_decode(kind, p, n, max, &b);
    must(used <= (ssize_t)n && (used >= 0 || used == -EBADMSG || used == -EMSGSIZE),
         "a size out of range");
    if (used > 0) {
        size_t from = (size_t)(b.data - (const char *)p);
        must(from <= (size_t)used && b.size <= (size_t)used - from, "a body lies elsewhere");
        must(b.size <= max, "a body is too long");
        must(dualpipe_frame_encode(kind, b.data, b.size, &(struct dualpipe_frame_envelope){0}) == 0,
             "what was said can't be said");
    }
    must(byte_by_byte(kind, p, used > 0 ? (size_t)used : n, max) == used,
         "byte by byte it is another");
    there_and_back(kind, (const char *)p, n);
    free(p);
    return 0;
}
