/* frame.c: messages in bytes and back: every kind of frame, as pure functions over what is there.
 * A length that was claimed is compared by subtraction, and no memory is taken for it. */
#include "dualpipe.h"
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
    HEAD_MOST = 8192,     /* a header's block */
    PACKET_MOST = 65520,  /* of pktline, its length's digits included */
    VARINT_MOST = 10,
};
static const size_t body_most = SIZE_MAX / 2 - HEAD_MOST; /* that any number here can hold */

/* One call. */
struct decoder {
    const unsigned char *p;
    size_t n, max;
    struct dualpipe_frame_view *body;
};

/* --- what is shared ---------------------------------------------------------------------- */

/* Behind a head that says how long the body is, tail bytes stand behind that. */
static ssize_t decode_counted(const struct decoder *k, size_t head, uint64_t size, size_t tail) {
    if (size > k->max)
        return -EMSGSIZE;
    k->body->data = (const char *)k->p + head;
    k->body->size = (size_t)size;
    k->body->frame_size = head + (size_t)size + tail;
    return k->n < k->body->frame_size ? 0 : (ssize_t)k->body->frame_size;
}

static ssize_t decode_delimited(const struct decoder *k, int delimiter, bool drops_cr) {
    size_t seen = k->body->scanned < k->n ? k->body->scanned : k->n, size = k->n;
    const unsigned char *end = NULL;
    if (seen < k->n)
        end = memchr(k->p + seen, delimiter, k->n - seen);
    if (end)
        size = (size_t)(end - k->p);
    k->body->scanned = k->n;
    k->body->data = (const char *)k->p;
    k->body->size = size - (drops_cr && size > 0 && k->p[size - 1] == '\r');
    if (k->body->size > k->max)
        return -EMSGSIZE;
    return end ? (ssize_t)size + 1 : 0;
}

/* A number of n bytes, the greatest first, stands before the body. */
static ssize_t decode_binary(const struct decoder *k, size_t n, bool little) {
    uint64_t size = 0;
    if (k->n < n)
        return 0;
    for (size_t i = 0; i < n; i++)
        size = size << 8 | k->p[little ? n - 1 - i : i];
    return decode_counted(k, n, size, 0);
}

/* One digit more; -EMSGSIZE as soon as that is more than max, so that nothing overflows. */
static int append_digit(uint64_t *number, unsigned char c, size_t max) {
    unsigned digit = c - '0';
    if (digit > max || *number > (max - digit) / 10)
        return -EMSGSIZE;
    *number = *number * 10 + digit;
    return 0;
}

static bool is_digit(unsigned char c) {
    return c >= '0' && c <= '9';
}

/* --- the kinds, read --------------------------------------------------------------------- */

static ssize_t decode_netstring(const struct decoder *k) {
    uint64_t size = 0;
    ssize_t used;
    size_t i;
    for (i = 0; i < k->n && is_digit(k->p[i]); i++) {
        if (i == 1 && k->p[0] == '0')
            return -EBADMSG;
        if (append_digit(&size, k->p[i], k->max) < 0)
            return -EMSGSIZE;
    }
    if (i == k->n)
        return 0;
    if (i == 0 || k->p[i] != ':')
        return -EBADMSG;
    used = decode_counted(k, i + 1, size, 1);
    return used > 0 && k->p[used - 1] != ',' ? -EBADMSG : used;
}

/* LEB128: seven bits a byte, the lowest first. Needless zeros behind are taken, as protobuf's own
 * readers do. */
static ssize_t decode_varint(const struct decoder *k) {
    uint64_t size = 0;
    for (size_t i = 0; i < k->n; i++) {
        if (i == VARINT_MOST - 1 && k->p[i] > 1)
            return -EBADMSG;
        size |= (uint64_t)(k->p[i] & 0x7f) << (7 * i);
        if (size > k->max)
            return -EMSGSIZE;
        if (k->p[i] < 0x80)
            return decode_counted(k, i + 1, size, 0);
    }
    return 0;
}

static int hex_digit(unsigned char c) {
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) & 15 : -1;
}

/* Flush, delimiter, response end. */
static bool is_special_packet(const char *p, size_t n) {
    return n == 4 && memcmp(p, "000", 3) == 0 && p[3] >= '0' && p[3] <= '2';
}

static ssize_t decode_packet(const struct decoder *k) {
    size_t size = 0;
    ssize_t used;
    for (size_t i = 0; i < 4; i++) {
        int digit;
        if (i == k->n)
            return 0;
        if ((digit = hex_digit(k->p[i])) < 0)
            return -EBADMSG;
        size = size << 4 | (size_t)digit;
    }
    if (size == 3 || size > PACKET_MOST)
        return -EBADMSG;
    if (size < 3)
        return k->max < 4 ? -EMSGSIZE : decode_counted(k, 0, 4, 0);
    used = decode_counted(k, 4, size - 4, 0);
    return used > 0 && is_special_packet(k->body->data, k->body->size) ? -EBADMSG : used;
}

/* --- header ------------------------------------------------------------------------------ */

/* A block of lines as it is read, byte by byte. */
struct header_parser {
    enum { NAME, BLANK, DIGITS, BEHIND, VALUE, LINE_END } state;
    size_t line_start;   /* where the line does */
    bool is_length_line;    /* it is the one that counts */
    bool length_known;     /* that has come */
    uint64_t length;
};

static bool is_header_name_byte(unsigned char c) {
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_content_length(const unsigned char *p, size_t n) {
    static const char name[] = "content-length";
    if (n != sizeof name - 1)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((p[i] | 0x20) != name[i])
            return false;
    return true;
}

/* The colon behind a name. */
static int finish_header_name(const struct decoder *k, struct header_parser *h, size_t i) {
    if (i == h->line_start)
        return -EBADMSG;
    h->is_length_line = is_content_length(k->p + h->line_start, i - h->line_start);
    if (h->is_length_line && h->length_known)
        return -EBADMSG;
    h->state = h->is_length_line ? BLANK : VALUE;
    return 0;
}

static int parse_value_byte(const struct decoder *k, struct header_parser *h, unsigned char c) {
    if (!h->is_length_line)
        return (c < 0x20 && c != '\t') || c == 0x7f ? -EBADMSG : 0;
    if (c == ' ' || c == '\t') {
        h->state = h->state == DIGITS ? BEHIND : h->state;
        return 0;
    }
    if (!is_digit(c) || h->state == BEHIND)
        return -EBADMSG;
    h->state = DIGITS;
    h->length_known = true;
    return append_digit(&h->length, c, k->max);
}

/* 1: that was the last byte of the block. */
static int parse_header_byte(const struct decoder *k, struct header_parser *h, size_t i) {
    unsigned char c = k->p[i];
    bool empty = i == h->line_start || (i == h->line_start + 1 && h->state == LINE_END);
    if (c == '\n') {
        if (empty)
            return h->length_known ? 1 : -EBADMSG;
        if (h->state == NAME || (h->is_length_line && !h->length_known))
            return -EBADMSG;
        *h = (struct header_parser){.line_start = i + 1, .length_known = h->length_known, .length = h->length};
        return 0;
    }
    if (h->state == LINE_END)
        return -EBADMSG;
    if (c == '\r') {
        if ((h->state == NAME && (i > h->line_start || !h->length_known)) ||
            (h->is_length_line && !h->length_known))
            return -EBADMSG;
        h->state = LINE_END;
        return 0;
    }
    if (h->state != NAME)
        return parse_value_byte(k, h, c);
    return c == ':' ? finish_header_name(k, h, i) : is_header_name_byte(c) ? 0 : -EBADMSG;
}

static ssize_t decode_header(const struct decoder *k) {
    struct header_parser h = {.state = NAME};
    for (size_t i = 0; i < k->n && i < HEAD_MOST; i++) {
        int r = parse_header_byte(k, &h, i);
        if (r != 0)
            return r < 0 ? r : decode_counted(k, i + 1, h.length, 0);
    }
    return k->n < HEAD_MOST ? 0 : -EBADMSG;
}

/* --- all --------------------------------------------------------------------------------- */

static ssize_t decode_frame(const struct decoder *k, enum dualpipe_frame_kind kind) {
    switch (kind) {
    case DUALPIPE_FRAME_LINE: return decode_delimited(k, '\n', false);
    case DUALPIPE_FRAME_CRLF: return decode_delimited(k, '\n', true);
    case DUALPIPE_FRAME_NUL: return decode_delimited(k, 0, false);
    case DUALPIPE_FRAME_NETSTRING: return decode_netstring(k);
    case DUALPIPE_FRAME_U8: return decode_binary(k, 1, false);
    case DUALPIPE_FRAME_U16: return decode_binary(k, 2, false);
    case DUALPIPE_FRAME_U32: return decode_binary(k, 4, false);
    case DUALPIPE_FRAME_U32LE: return decode_binary(k, 4, true);
    case DUALPIPE_FRAME_VARINT: return decode_varint(k);
    case DUALPIPE_FRAME_HEADER: return decode_header(k);
    case DUALPIPE_FRAME_PKTLINE: return decode_packet(k);
    case DUALPIPE_FRAME_RAW: break;
    }
    return k->n > k->max ? -EMSGSIZE : 0;
}

ssize_t dualpipe_frame_decode(enum dualpipe_frame_kind kind, const void *p, size_t n, size_t max,
                              struct dualpipe_frame_view *b) {
    struct decoder k = {p, n, max < body_most ? max : body_most, b};
    ssize_t used;
    if (b->frame_size > n)
        return 0; /* its length was known, and is not there yet */
    *b = (struct dualpipe_frame_view){.scanned = b->scanned};
    used = decode_frame(&k, kind);
    if (used > 0)
        b->scanned = b->frame_size = 0;
    return used;
}

/* --- written ----------------------------------------------------------------------------- */

static int encode_binary(struct dualpipe_frame_envelope *w, size_t size, size_t n, bool little) {
    if (n < sizeof size && size >> (8 * n) != 0)
        return -EMSGSIZE;
    for (size_t i = 0; i < n; i++)
        w->head[little ? i : n - 1 - i] = (char)(size >> (8 * i) & 0xff);
    w->head_size = n;
    return 0;
}

static int encode_varint(struct dualpipe_frame_envelope *w, size_t size) {
    for (; size >= 0x80; size >>= 7)
        w->head[w->head_size++] = (char)(size | 0x80);
    w->head[w->head_size++] = (char)size;
    return 0;
}

static int encode_printf(struct dualpipe_frame_envelope *w, const char *form, size_t size) {
    w->head_size = (size_t)snprintf(w->head, sizeof w->head, form, size);
    return 0;
}

static int encode_packet(struct dualpipe_frame_envelope *w, const char *body, size_t size) {
    if (size > PACKET_MOST - 4)
        return -EMSGSIZE;
    return is_special_packet(body, size) ? 0 : encode_printf(w, "%04zx", size + 4);
}

static int encode_tail(struct dualpipe_frame_envelope *w, const char *tail, size_t n) {
    memcpy(w->tail, tail, n);
    w->tail_size = n;
    return 0;
}

static bool contains_byte(const void *body, size_t size, int c) {
    return size > 0 && memchr(body, c, size);
}

int dualpipe_frame_encode(enum dualpipe_frame_kind kind, const void *body, size_t size,
                          struct dualpipe_frame_envelope *w) {
    w->head_size = w->tail_size = 0;
    if (size > body_most)
        return -EMSGSIZE;
    switch (kind) {
    case DUALPIPE_FRAME_LINE:
        return contains_byte(body, size, '\n') ? -EBADMSG : encode_tail(w, "\n", 1);
    case DUALPIPE_FRAME_CRLF:
        return contains_byte(body, size, '\n') ? -EBADMSG : encode_tail(w, "\r\n", 2);
    case DUALPIPE_FRAME_NUL: return contains_byte(body, size, 0) ? -EBADMSG : encode_tail(w, "", 1);
    case DUALPIPE_FRAME_NETSTRING: encode_printf(w, "%zu:", size); return encode_tail(w, ",", 1);
    case DUALPIPE_FRAME_U8: return encode_binary(w, size, 1, false);
    case DUALPIPE_FRAME_U16: return encode_binary(w, size, 2, false);
    case DUALPIPE_FRAME_U32: return encode_binary(w, size, 4, false);
    case DUALPIPE_FRAME_U32LE: return encode_binary(w, size, 4, true);
    case DUALPIPE_FRAME_VARINT: return encode_varint(w, size);
    case DUALPIPE_FRAME_HEADER: return encode_printf(w, "Content-Length: %zu\r\n\r\n", size);
    case DUALPIPE_FRAME_PKTLINE: return encode_packet(w, body, size);
    case DUALPIPE_FRAME_RAW: break;
    }
    return 0;
}
