/* Tests lib/codec/frame.c: encodes and decodes every kind of frame: whole, cut short at each
 * byte, in chunks, with lengths that lie, and with a wrong byte at each place. */
#include "dualpipe.h"
#include "../harness.h"
#include <errno.h>
#include <stdbool.h>
#include <string.h>

enum { KINDS = DUALPIPE_FRAME_RAW, MOST_BODY = 300, MOST_FRAME = MOST_BODY + 64 };

static const char *const names[] = {"line", "crlf", "nul",   "netstring", "u8",     "u16",
                                    "u32",  "u32le", "varint", "header",    "pktline", "raw"};
static unsigned seed = 1;

static size_t pick(size_t below) {
    seed = seed * 1103515245 + 12345;
    return (seed >> 8) % below;
}

/* Decodes a copy of exact size, so that ASan catches a read past the end. */
static ssize_t decode_copy(enum dualpipe_frame_kind kind, const char *p, size_t n, size_t max,
                    struct dualpipe_frame_view *b) {
    char *copy = malloc(n ? n : 1);
    ssize_t used;
    if (!copy)
        abort();
    memcpy(copy, p, n);
    used = dualpipe_frame_decode(kind, copy, n, max, b);
    if (used > 0)
        b->data = p + (b->data - copy);
    free(copy);
    return used;
}

static ssize_t decode(enum dualpipe_frame_kind kind, const char *p, size_t n, size_t max) {
    struct dualpipe_frame_view b = {0};
    return decode_copy(kind, p, n, max, &b);
}

/* Encodes a body into a whole frame; returns its size or a negative errno. */
static ssize_t encode(enum dualpipe_frame_kind kind, const char *body, size_t size, char *out) {
    struct dualpipe_frame_envelope w;
    int r = dualpipe_frame_encode(kind, body, size, &w);
    if (r < 0)
        return r;
    memcpy(out, w.head, w.head_size);
    memcpy(out + w.head_size, body, size);
    memcpy(out + w.head_size + size, w.tail, w.tail_size);
    return (ssize_t)(w.head_size + size + w.tail_size);
}

/* --- a table ----------------------------------------------------------------------------- */

#define BYTES(text) text, sizeof text - 1

static const struct {
    enum dualpipe_frame_kind kind;
    const char *frame;
    size_t n;
    const char *body;
    size_t size;
} table[] = {
    {DUALPIPE_FRAME_LINE, BYTES("hello\n"), BYTES("hello")},
    {DUALPIPE_FRAME_LINE, BYTES("\n"), BYTES("")},
    {DUALPIPE_FRAME_LINE, BYTES("a\r\n"), BYTES("a\r")},
    {DUALPIPE_FRAME_CRLF, BYTES("hello\r\n"), BYTES("hello")},
    {DUALPIPE_FRAME_CRLF, BYTES("a\r\r\n"), BYTES("a\r")},
    {DUALPIPE_FRAME_CRLF, BYTES("\r\n"), BYTES("")},
    {DUALPIPE_FRAME_NUL, BYTES("a\nb\0"), BYTES("a\nb")},
    {DUALPIPE_FRAME_NUL, BYTES("\0"), BYTES("")},
    {DUALPIPE_FRAME_NETSTRING, BYTES("5:hello,"), BYTES("hello")},
    {DUALPIPE_FRAME_NETSTRING, BYTES("0:,"), BYTES("")},
    {DUALPIPE_FRAME_NETSTRING, BYTES("12:hello,world,,"), BYTES("hello,world,")},
    {DUALPIPE_FRAME_U8, BYTES("\2hi"), BYTES("hi")},
    {DUALPIPE_FRAME_U8, BYTES("\0"), BYTES("")},
    {DUALPIPE_FRAME_U16, BYTES("\0\2hi"), BYTES("hi")},
    {DUALPIPE_FRAME_U32, BYTES("\0\0\0\2hi"), BYTES("hi")},
    {DUALPIPE_FRAME_U32LE, BYTES("\2\0\0\0hi"), BYTES("hi")},
    {DUALPIPE_FRAME_VARINT, BYTES("\2hi"), BYTES("hi")},
    {DUALPIPE_FRAME_VARINT, BYTES("\0"), BYTES("")},
    {DUALPIPE_FRAME_HEADER, BYTES("Content-Length: 2\r\n\r\nhi"), BYTES("hi")},
    {DUALPIPE_FRAME_HEADER, BYTES("Content-Length: 0\r\n\r\n"), BYTES("")},
    {DUALPIPE_FRAME_PKTLINE, BYTES("0006hi"), BYTES("hi")},
    {DUALPIPE_FRAME_PKTLINE, BYTES("0004"), BYTES("")},
    {DUALPIPE_FRAME_PKTLINE, BYTES("0000"), BYTES("0000")},
    {DUALPIPE_FRAME_PKTLINE, BYTES("0001"), BYTES("0001")},
    {DUALPIPE_FRAME_PKTLINE, BYTES("0002"), BYTES("0002")},
};
/* Frames that the decoder accepts although the encoder writes them differently. */
static const struct {
    enum dualpipe_frame_kind kind;
    const char *frame;
    size_t n;
    const char *body;
} others[] = {
    {DUALPIPE_FRAME_CRLF, BYTES("hello\n"), "hello"},
    {DUALPIPE_FRAME_VARINT, BYTES("\x85\0hello"), "hello"},
    {DUALPIPE_FRAME_VARINT, BYTES("\x85\x80\x80\x80\x80\x80\x80\x80\x80\0hello"), "hello"},
    {DUALPIPE_FRAME_HEADER, BYTES("content-LENGTH:5\n\nhello"), "hello"},
    {DUALPIPE_FRAME_HEADER, BYTES("Content-Length: \t 05 \r\n\r\nhello"), "hello"},
    {DUALPIPE_FRAME_HEADER,
     BYTES("A: b\r\nContent-Length: 5\nContent-Type: x; y=\"z\"\r\n\r\nhello"), "hello"},
    {DUALPIPE_FRAME_HEADER, BYTES("X-Empty:\r\nContent-Length: 5\r\n\nhello"), "hello"},
    {DUALPIPE_FRAME_PKTLINE, BYTES("000Ahello\n"), "hello\n"},
    {DUALPIPE_FRAME_PKTLINE, BYTES("000ahello\n"), "hello\n"},
};
/* Malformed frames; the last byte of each is the one that proves it. */
static const struct {
    enum dualpipe_frame_kind kind;
    const char *frame;
    size_t n;
} bad[] = {
    {DUALPIPE_FRAME_NETSTRING, BYTES(":")},
    {DUALPIPE_FRAME_NETSTRING, BYTES("a")},
    {DUALPIPE_FRAME_NETSTRING, BYTES("-")},
    {DUALPIPE_FRAME_NETSTRING, BYTES("05")},
    {DUALPIPE_FRAME_NETSTRING, BYTES("00")},
    {DUALPIPE_FRAME_NETSTRING, BYTES("5 ")},
    {DUALPIPE_FRAME_NETSTRING, BYTES("5\n")},
    {DUALPIPE_FRAME_NETSTRING, BYTES("5:hello\n")},
    {DUALPIPE_FRAME_NETSTRING, BYTES("0:x")},
    {DUALPIPE_FRAME_VARINT, BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02")},
    {DUALPIPE_FRAME_VARINT, BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80")},
    {DUALPIPE_FRAME_HEADER, BYTES("\r")},
    {DUALPIPE_FRAME_HEADER, BYTES("\n")},
    {DUALPIPE_FRAME_HEADER, BYTES(":")},
    {DUALPIPE_FRAME_HEADER, BYTES("{")},
    {DUALPIPE_FRAME_HEADER, BYTES("Traceback ")},
    {DUALPIPE_FRAME_HEADER, BYTES("hello\n")},
    {DUALPIPE_FRAME_HEADER, BYTES("hello\r")},
    {DUALPIPE_FRAME_HEADER, BYTES("A: b\n\n")},
    {DUALPIPE_FRAME_HEADER, BYTES("A: b\r\r")},
    {DUALPIPE_FRAME_HEADER, BYTES("A: \0")},
    {DUALPIPE_FRAME_HEADER, BYTES("Content-Length: 5\n ")},
    {DUALPIPE_FRAME_HEADER, BYTES("Content-Length:\n")},
    {DUALPIPE_FRAME_HEADER, BYTES("Content-Length: \r")},
    {DUALPIPE_FRAME_HEADER, BYTES("Content-Length: -")},
    {DUALPIPE_FRAME_HEADER, BYTES("Content-Length: 0x")},
    {DUALPIPE_FRAME_HEADER, BYTES("Content-Length: 5 5")},
    {DUALPIPE_FRAME_HEADER, BYTES("Content-Length: 5\rx")},
    {DUALPIPE_FRAME_HEADER, BYTES("Content-Length: 5\r\nContent-length:")},
    {DUALPIPE_FRAME_PKTLINE, BYTES("0003")},
    {DUALPIPE_FRAME_PKTLINE, BYTES("fff1")},
    {DUALPIPE_FRAME_PKTLINE, BYTES("ffff")},
    {DUALPIPE_FRAME_PKTLINE, BYTES("x")},
    {DUALPIPE_FRAME_PKTLINE, BYTES("00 ")},
    {DUALPIPE_FRAME_PKTLINE, BYTES("000\n")},
    {DUALPIPE_FRAME_PKTLINE, BYTES("-")},
    {DUALPIPE_FRAME_PKTLINE, BYTES("00080000")},
    {DUALPIPE_FRAME_PKTLINE, BYTES("00080002")},
};

static bool reads(enum dualpipe_frame_kind kind, const char *p, size_t n, const char *body,
                  size_t size) {
    struct dualpipe_frame_view b = {0};
    return decode_copy(kind, p, n, size, &b) == (ssize_t)n && b.size == size &&
           memcmp(b.data, body, size) == 0 && b.scanned == 0 && b.frame_size == 0;
}

static void known_frames(void) {
    char out[MOST_FRAME];
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        ssize_t n = encode(table[i].kind, table[i].body, table[i].size, out);
        ok(n == (ssize_t)table[i].n && memcmp(out, table[i].frame, table[i].n) == 0 &&
               reads(table[i].kind, table[i].frame, table[i].n, table[i].body, table[i].size),
           "%s of %zu bytes: written and read", names[table[i].kind], table[i].size);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ok(reads(others[i].kind, others[i].frame, others[i].n, others[i].body,
                 strlen(others[i].body)), "%s in another form, %zu", names[others[i].kind], i);
}

/* The decoder must not complain before the last byte, and must with it, however it arrives. */
static void malformed(void) {
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        enum dualpipe_frame_kind kind = bad[i].kind;
        struct dualpipe_frame_view b = {0};
        ssize_t last = 0;
        bool late = decode(kind, bad[i].frame, bad[i].n - 1, 100000) == 0;
        for (size_t n = 0; last == 0 && n <= bad[i].n; n++)
            last = decode_copy(kind, bad[i].frame, n, 100000, &b);
        ok(late && last == -EBADMSG && decode(kind, bad[i].frame, bad[i].n, 100000) == last,
           "%s, malformed: %zu", names[kind], i);
    }
}

static void long_headers(void) {
    char block[9000];
    memset(block, 'a', sizeof block);
    memcpy(block, "X:", 2);
    is(decode(DUALPIPE_FRAME_HEADER, block, 8191, 100), 0, "a header block may be long");
    is(decode(DUALPIPE_FRAME_HEADER, block, 8192, 100), -EBADMSG,
       "but not 8 KiB without its end");
    memcpy(block + 8192 - 21, "\nContent-Length: 1\r\n\nz", 22);
    is(decode(DUALPIPE_FRAME_HEADER, block, 8192, 100), 0, "nor 8 KiB with it");
    is(decode(DUALPIPE_FRAME_HEADER, block, 8193, 100), 8193, "which it may be");
}

/* --- what can't be said ------------------------------------------------------------------ */

static void unsayable(void) {
    static char big[70000];
    struct dualpipe_frame_envelope w;
    memset(big, 'x', sizeof big);
    is(dualpipe_frame_encode(DUALPIPE_FRAME_LINE, "a\nb", 3, &w), -EBADMSG, "an LF in a line");
    is(dualpipe_frame_encode(DUALPIPE_FRAME_CRLF, "a\nb", 3, &w), -EBADMSG, "in crlf");
    is(dualpipe_frame_encode(DUALPIPE_FRAME_NUL, "a\0b", 3, &w), -EBADMSG, "a NUL in nul");
    is(dualpipe_frame_encode(DUALPIPE_FRAME_U8, big, 255, &w), 0, "u8 holds 255");
    is(dualpipe_frame_encode(DUALPIPE_FRAME_U8, big, 256, &w), -EMSGSIZE, "and no more");
    is(dualpipe_frame_encode(DUALPIPE_FRAME_U16, big, 65535, &w), 0, "u16 holds 65535");
    is(dualpipe_frame_encode(DUALPIPE_FRAME_U16, big, 65536, &w), -EMSGSIZE, "and no more");
    is(dualpipe_frame_encode(DUALPIPE_FRAME_PKTLINE, big, 65516, &w), 0, "pktline holds 65516");
    ok(w.head_size == 4 && memcmp(w.head, "fff0", 4) == 0, "which is 65520 with its length");
    is(dualpipe_frame_encode(DUALPIPE_FRAME_PKTLINE, big, 65517, &w), -EMSGSIZE, "and no more");
    if (sizeof(size_t) > 4) {
        size_t most = (size_t)UINT32_MAX;
        is(dualpipe_frame_encode(DUALPIPE_FRAME_U32, NULL, most, &w), 0, "u32 holds 2^32-1");
        ok(memcmp(w.head, "\xff\xff\xff\xff", 4) == 0, "all ones");
        is(dualpipe_frame_encode(DUALPIPE_FRAME_U32LE, NULL, most + 1, &w), -EMSGSIZE,
           "and no more");
    }
    is(dualpipe_frame_encode(DUALPIPE_FRAME_HEADER, NULL, SIZE_MAX, &w), -EMSGSIZE,
       "no body is all of memory");
    is(dualpipe_frame_encode(DUALPIPE_FRAME_RAW, "a\n\0", 3, &w), 0, "raw says anything");
    ok(w.head_size == 0 && w.tail_size == 0, "and adds nothing");
    is(decode(DUALPIPE_FRAME_RAW, "abc", 3, 3), 0, "raw has no frame");
    is(decode(DUALPIPE_FRAME_RAW, "abcd", 4, 3), -EMSGSIZE, "but a largest message");
}

/* --- lengths that lie -------------------------------------------------------------------- */

/* Writes the head of a frame that claims a body of that size, without any body. Returns 0 if the
 * kind has no such head. */
static size_t claim(enum dualpipe_frame_kind kind, uint64_t size, char *out) {
    struct dualpipe_frame_envelope w;
    switch (kind) {
    case DUALPIPE_FRAME_NETSTRING: return (size_t)sprintf(out, "%llu:", (unsigned long long)size);
    case DUALPIPE_FRAME_HEADER:
        return (size_t)sprintf(out, "Content-Length: %llu\r\n\r\n", (unsigned long long)size);
    case DUALPIPE_FRAME_VARINT: {
        size_t n = 0;
        for (; size >= 0x80; size >>= 7)
            out[n++] = (char)(size | 0x80);
        out[n++] = (char)size;
        return n;
    }
    default:
        if (size > SIZE_MAX / 4 || dualpipe_frame_encode(kind, "", (size_t)size, &w) < 0)
            return 0;
        memcpy(out, w.head, w.head_size);
        return w.head_size;
    }
}

static void claimed_lengths(void) {
    static const uint64_t sizes[] = {100, 101, (uint64_t)1 << 31, UINT32_MAX, UINT64_MAX / 2,
                                     UINT64_MAX - 8, UINT64_MAX};
    char head[64];
    for (int kind = DUALPIPE_FRAME_NETSTRING; kind < DUALPIPE_FRAME_PKTLINE; kind++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            struct dualpipe_frame_view b = {0};
            size_t n = claim((enum dualpipe_frame_kind)kind, sizes[i], head);
            ssize_t used;
            if (n == 0)
                continue;
            used = decode_copy((enum dualpipe_frame_kind)kind, head, n, 100, &b);
            ok(sizes[i] <= 100 ? used == 0 && b.frame_size >= n + 100 : used == -EMSGSIZE,
               "%s that claims %llu, of which 100 are allowed", names[kind],
               (unsigned long long)sizes[i]);
            used = decode((enum dualpipe_frame_kind)kind, head, n, SIZE_MAX);
            ok(used == 0 || used == -EMSGSIZE, "and where all are");
        }
}

static void longest_delimited(void) {
    static const struct {
        enum dualpipe_frame_kind kind;
        const char *text;
        ssize_t want;
    } rows[] = {
        {DUALPIPE_FRAME_LINE, "abc", 0},
        {DUALPIPE_FRAME_LINE, "abcd", -EMSGSIZE},
        {DUALPIPE_FRAME_LINE, "abc\n", 4},
        {DUALPIPE_FRAME_LINE, "abcd\n", -EMSGSIZE},
        {DUALPIPE_FRAME_CRLF, "abc\r", 0},
        {DUALPIPE_FRAME_CRLF, "abc\r\n", 5},
        {DUALPIPE_FRAME_CRLF, "abc\r\r", -EMSGSIZE},
        {DUALPIPE_FRAME_CRLF, "abcd", -EMSGSIZE},
        {DUALPIPE_FRAME_CRLF, "ab\r\r\n", 5},
        {DUALPIPE_FRAME_NUL, "abcd", -EMSGSIZE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        is(decode(rows[i].kind, rows[i].text, strlen(rows[i].text), 3), rows[i].want,
           "three bytes are the most");
}

/* --- any bodies -------------------------------------------------------------------------- */

static size_t any_body(enum dualpipe_frame_kind kind, char *body) {
    size_t size = pick(kind == DUALPIPE_FRAME_U8 ? 256 : pick(4) ? 20 : MOST_BODY);
    for (size_t i = 0; i < size; i++) {
        body[i] = (char)pick(256);
        if ((kind <= DUALPIPE_FRAME_CRLF && body[i] == '\n') ||
            (kind == DUALPIPE_FRAME_NUL && !body[i]))
            body[i] = '\r';
    }
    return size;
}

/* No truncated frame may be complete or malformed, and each must report the size that is known so
 * far. */
static bool cut_short(enum dualpipe_frame_kind kind, const char *frame, size_t n) {
    struct dualpipe_frame_view b = {0};
    for (size_t i = 0; i < n; i++)
        if (decode(kind, frame, i, MOST_BODY) != 0 ||
            decode_copy(kind, frame, i, MOST_BODY, &b) != 0 ||
            (b.frame_size != 0 && b.frame_size != n))
            return false;
    return decode_copy(kind, frame, n, MOST_BODY, &b) == (ssize_t)n;
}

static void round_trips(enum dualpipe_frame_kind kind) {
    char body[MOST_BODY], frame[MOST_FRAME];
    bool same = true, cut = true;
    for (int i = 0; i < 300; i++) {
        size_t size = any_body(kind, body);
        ssize_t n = encode(kind, body, size, frame);
        same = same && n > 0 && reads(kind, frame, (size_t)n, body, size);
        cut = cut && n > 0 && cut_short(kind, frame, (size_t)n);
    }
    ok(same, "%s: any body, there and back", names[kind]);
    ok(cut, "%s: cut short at each byte it is none yet", names[kind]);
}

/* Whatever a wrong byte makes of the frame, decoding at once and byte by byte must agree. */
static void wrong_bytes(enum dualpipe_frame_kind kind) {
    char body[MOST_BODY], frame[MOST_FRAME];
    bool same = true;
    for (int i = 0; i < 200; i++) {
        size_t size = any_body(kind, body);
        ssize_t n = encode(kind, body, size, frame), all, one = 0;
        struct dualpipe_frame_view b = {0}, c = {0};
        frame[pick((size_t)n)] = (char)pick(256);
        all = decode_copy(kind, frame, (size_t)n, MOST_BODY, &b);
        for (size_t k = 1; one == 0 && k <= (size_t)n; k++)
            one = decode_copy(kind, frame, k, MOST_BODY, &c);
        same = same && one == all &&
               (all <= 0 || (b.size == c.size && b.data == c.data && (size_t)all <= (size_t)n));
    }
    ok(same, "%s: with a wrong byte it is what it is, at once or byte by byte", names[kind]);
}

enum { STREAM = 20000 };

/* Feeds a stream of frames in pieces to a reader that keeps what it has not used. */
static bool same_in_chunks(enum dualpipe_frame_kind kind, const char *stream, size_t n,
                           size_t chunk) {
    struct dualpipe_frame_view b = {0}, whole = {0};
    size_t at = 0, shown = 0;
    while (at < n) {
        ssize_t used = decode_copy(kind, stream + at, shown - at, MOST_BODY, &b);
        if (used < 0)
            return false;
        if (used == 0) {
            if (shown == n)
                return false;
            shown += 1 + pick(chunk);
            shown = shown < n ? shown : n;
            continue;
        }
        if (decode_copy(kind, stream + at, n - at, MOST_BODY, &whole) != used ||
            b.data != whole.data || b.size != whole.size)
            return false;
        at += (size_t)used;
    }
    return true;
}

static void chunks(enum dualpipe_frame_kind kind) {
    static char stream[STREAM + MOST_FRAME];
    char body[MOST_BODY];
    size_t n = 0;
    while (n < STREAM) {
        size_t size = any_body(kind, body);
        n += (size_t)encode(kind, body, size, stream + n);
    }
    ok(same_in_chunks(kind, stream, n, 1) && same_in_chunks(kind, stream, n, 7) &&
           same_in_chunks(kind, stream, n, 1000),
       "%s: frames in chunks are those in one piece", names[kind]);
}

/* Repeated calls on a growing buffer must scan only the new bytes, or this takes hours. */
static void not_quadratic(enum dualpipe_frame_kind kind) {
    enum { SIZE = 4 << 20 };
    char *big = malloc(SIZE + 64);
    struct dualpipe_frame_view b = {0};
    struct dualpipe_frame_envelope w;
    ssize_t used = 0;
    size_t n;
    if (!big)
        abort();
    memset(big, 'x', SIZE);
    if (dualpipe_frame_encode(kind, big, SIZE, &w) == 0) {
        n = w.head_size + SIZE + w.tail_size;
        memcpy(big, w.head, w.head_size);
        memset(big + w.head_size, 'x', SIZE);
        memcpy(big + w.head_size + SIZE, w.tail, w.tail_size);
        for (size_t i = 1; used == 0 && i <= n; i++)
            used = dualpipe_frame_decode(kind, big, i, SIZE, &b);
        ok(used == (ssize_t)n, "%s: 4 MiB, byte by byte", names[kind]);
    }
    free(big);
}

int main(void) {
    begin();
    known_frames();
    malformed();
    long_headers();
    unsayable();
    claimed_lengths();
    longest_delimited();
    for (int kind = 0; kind < KINDS; kind++) {
        round_trips((enum dualpipe_frame_kind)kind);
        wrong_bytes((enum dualpipe_frame_kind)kind);
        chunks((enum dualpipe_frame_kind)kind);
        not_quadratic((enum dualpipe_frame_kind)kind);
    }
    return done();
}
