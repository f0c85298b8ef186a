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
struct look {
    const unsigned char *p;
    size_t n, max;
    struct dualpipe_body *b;
};

/* --- what is shared ---------------------------------------------------------------------- */

/* Behind a head that says how long the body is, tail bytes stand behind that. */
static ssize_t take_counted(const struct look *k, size_t head, uint64_t size, size_t tail) {
    if (size > k->max)
        return -EMSGSIZE;
    k->b->data = (const char *)k->p + head;
    k->b->size = (size_t)size;
    k->b->whole = head + (size_t)size + tail;
    return k->n < k->b->whole ? 0 : (ssize_t)k->b->whole;
}

static ssize_t unframe_delimited(const struct look *k, int delimiter, bool drops_cr) {
    size_t seen = k->b->seen < k->n ? k->b->seen : k->n, size = k->n;
    const unsigned char *end = NULL;
    if (seen < k->n)
        end = memchr(k->p + seen, delimiter, k->n - seen);
    if (end)
        size = (size_t)(end - k->p);
    k->b->seen = k->n;
    k->b->data = (const char *)k->p;
    k->b->size = size - (drops_cr && size > 0 && k->p[size - 1] == '\r');
    if (k->b->size > k->max)
        return -EMSGSIZE;
    return end ? (ssize_t)size + 1 : 0;
}

/* A number of n bytes, the greatest first, stands before the body. */
static ssize_t unframe_binary(const struct look *k, size_t n, bool little) {
    uint64_t size = 0;
    if (k->n < n)
        return 0;
    for (size_t i = 0; i < n; i++)
        size = size << 8 | k->p[little ? n - 1 - i : i];
    return take_counted(k, n, size, 0);
}

/* One digit more; -EMSGSIZE as soon as that is more than max, so that nothing overflows. */
static int add_digit(uint64_t *number, unsigned char c, size_t max) {
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

static ssize_t unframe_netstring(const struct look *k) {
    uint64_t size = 0;
    ssize_t used;
    size_t i;
    for (i = 0; i < k->n && is_digit(k->p[i]); i++) {
        if (i == 1 && k->p[0] == '0')
            return -EBADMSG;
        if (add_digit(&size, k->p[i], k->max) < 0)
            return -EMSGSIZE;
    }
    if (i == k->n)
        return 0;
    if (i == 0 || k->p[i] != ':')
        return -EBADMSG;
    used = take_counted(k, i + 1, size, 1);
    return used > 0 && k->p[used - 1] != ',' ? -EBADMSG : used;
}

/* LEB128: seven bits a byte, the lowest first. Needless zeros behind are taken, as protobuf's own
 * readers do. */
static ssize_t unframe_varint(const struct look *k) {
    uint64_t size = 0;
    for (size_t i = 0; i < k->n; i++) {
        if (i == VARINT_MOST - 1 && k->p[i] > 1)
            return -EBADMSG;
        size |= (uint64_t)(k->p[i] & 0x7f) << (7 * i);
        if (size > k->max)
            return -EMSGSIZE;
        if (k->p[i] < 0x80)
            return take_counted(k, i + 1, size, 0);
    }
    return 0;
}

static int hex_digit(unsigned char c) {
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) & 15 : -1;
}

/* Flush, delimiter, response end. */
static bool is_special(const char *p, size_t n) {
    return n == 4 && memcmp(p, "000", 3) == 0 && p[3] >= '0' && p[3] <= '2';
}

static ssize_t unframe_packet(const struct look *k) {
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
        return k->max < 4 ? -EMSGSIZE : take_counted(k, 0, 4, 0);
    used = take_counted(k, 4, size - 4, 0);
    return used > 0 && is_special(k->b->data, k->b->size) ? -EBADMSG : used;
}

/* --- header ------------------------------------------------------------------------------ */

/* A block of lines as it is read, byte by byte. */
struct block {
    enum { NAME, BLANK, DIGITS, BEHIND, VALUE, LINE_END } at;
    size_t begun;   /* where the line does */
    bool counts;    /* it is the one that counts */
    bool known;     /* that has come */
    uint64_t size;
};

static bool is_in_name(unsigned char c) {
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
static int end_name(const struct look *k, struct block *h, size_t i) {
    if (i == h->begun)
        return -EBADMSG;
    h->counts = is_content_length(k->p + h->begun, i - h->begun);
    if (h->counts && h->known)
        return -EBADMSG;
    h->at = h->counts ? BLANK : VALUE;
    return 0;
}

static int take_value(const struct look *k, struct block *h, unsigned char c) {
    if (!h->counts)
        return (c < 0x20 && c != '\t') || c == 0x7f ? -EBADMSG : 0;
    if (c == ' ' || c == '\t') {
        h->at = h->at == DIGITS ? BEHIND : h->at;
        return 0;
    }
    if (!is_digit(c) || h->at == BEHIND)
        return -EBADMSG;
    h->at = DIGITS;
    h->known = true;
    return add_digit(&h->size, c, k->max);
}

/* 1: that was the last byte of the block. */
static int take_header_byte(const struct look *k, struct block *h, size_t i) {
    unsigned char c = k->p[i];
    bool empty = i == h->begun || (i == h->begun + 1 && h->at == LINE_END);
    if (c == '\n') {
        if (empty)
            return h->known ? 1 : -EBADMSG;
        if (h->at == NAME || (h->counts && !h->known))
            return -EBADMSG;
        *h = (struct block){.begun = i + 1, .known = h->known, .size = h->size};
        return 0;
    }
    if (h->at == LINE_END)
        return -EBADMSG;
    if (c == '\r') {
        if ((h->at == NAME && (i > h->begun || !h->known)) || (h->counts && !h->known))
            return -EBADMSG;
        h->at = LINE_END;
        return 0;
    }
    if (h->at != NAME)
        return take_value(k, h, c);
    return c == ':' ? end_name(k, h, i) : is_in_name(c) ? 0 : -EBADMSG;
}

static ssize_t unframe_header(const struct look *k) {
    struct block h = {.at = NAME};
    for (size_t i = 0; i < k->n && i < HEAD_MOST; i++) {
        int r = take_header_byte(k, &h, i);
        if (r != 0)
            return r < 0 ? r : take_counted(k, i + 1, h.size, 0);
    }
    return k->n < HEAD_MOST ? 0 : -EBADMSG;
}

/* --- all --------------------------------------------------------------------------------- */

static ssize_t unframe(const struct look *k, enum dualpipe_kind kind) {
    switch (kind) {
    case DUALPIPE_LINE: return unframe_delimited(k, '\n', false);
    case DUALPIPE_CRLF: return unframe_delimited(k, '\n', true);
    case DUALPIPE_NUL: return unframe_delimited(k, 0, false);
    case DUALPIPE_NETSTRING: return unframe_netstring(k);
    case DUALPIPE_U8: return unframe_binary(k, 1, false);
    case DUALPIPE_U16: return unframe_binary(k, 2, false);
    case DUALPIPE_U32: return unframe_binary(k, 4, false);
    case DUALPIPE_U32LE: return unframe_binary(k, 4, true);
    case DUALPIPE_VARINT: return unframe_varint(k);
    case DUALPIPE_HEADER: return unframe_header(k);
    case DUALPIPE_PKTLINE: return unframe_packet(k);
    case DUALPIPE_RAW: break;
    }
    return k->n > k->max ? -EMSGSIZE : 0;
}

ssize_t dualpipe_unframe(enum dualpipe_kind kind, const void *p, size_t n, size_t max,
                         struct dualpipe_body *b) {
    struct look k = {p, n, max < body_most ? max : body_most, b};
    ssize_t used;
    if (b->whole > n)
        return 0; /* its length was known, and is not there yet */
    *b = (struct dualpipe_body){.seen = b->seen};
    used = unframe(&k, kind);
    if (used > 0)
        b->seen = b->whole = 0;
    return used;
}

/* --- written ----------------------------------------------------------------------------- */

static int put_binary(struct dualpipe_wrap *w, size_t size, size_t n, bool little) {
    if (n < sizeof size && size >> (8 * n) != 0)
        return -EMSGSIZE;
    for (size_t i = 0; i < n; i++)
        w->head[little ? i : n - 1 - i] = (char)(size >> (8 * i) & 0xff);
    w->nhead = n;
    return 0;
}

static int put_varint(struct dualpipe_wrap *w, size_t size) {
    for (; size >= 0x80; size >>= 7)
        w->head[w->nhead++] = (char)(size | 0x80);
    w->head[w->nhead++] = (char)size;
    return 0;
}

static int put_words(struct dualpipe_wrap *w, const char *form, size_t size) {
    w->nhead = (size_t)snprintf(w->head, sizeof w->head, form, size);
    return 0;
}

static int put_packet(struct dualpipe_wrap *w, const char *body, size_t size) {
    if (size > PACKET_MOST - 4)
        return -EMSGSIZE;
    return is_special(body, size) ? 0 : put_words(w, "%04zx", size + 4);
}

static int put_tail(struct dualpipe_wrap *w, const char *tail, size_t n) {
    memcpy(w->tail, tail, n);
    w->ntail = n;
    return 0;
}

static bool holds(const void *body, size_t size, int c) {
    return size > 0 && memchr(body, c, size);
}

int dualpipe_frame(enum dualpipe_kind kind, const void *body, size_t size,
                   struct dualpipe_wrap *w) {
    w->nhead = w->ntail = 0;
    if (size > body_most)
        return -EMSGSIZE;
    switch (kind) {
    case DUALPIPE_LINE: return holds(body, size, '\n') ? -EBADMSG : put_tail(w, "\n", 1);
    case DUALPIPE_CRLF: return holds(body, size, '\n') ? -EBADMSG : put_tail(w, "\r\n", 2);
    case DUALPIPE_NUL: return holds(body, size, 0) ? -EBADMSG : put_tail(w, "", 1);
    case DUALPIPE_NETSTRING: put_words(w, "%zu:", size); return put_tail(w, ",", 1);
    case DUALPIPE_U8: return put_binary(w, size, 1, false);
    case DUALPIPE_U16: return put_binary(w, size, 2, false);
    case DUALPIPE_U32: return put_binary(w, size, 4, false);
    case DUALPIPE_U32LE: return put_binary(w, size, 4, true);
    case DUALPIPE_VARINT: return put_varint(w, size);
    case DUALPIPE_HEADER: return put_words(w, "Content-Length: %zu\r\n\r\n", size);
    case DUALPIPE_PKTLINE: return put_packet(w, body, size);
    case DUALPIPE_RAW: break;
    }
    return 0;
}
