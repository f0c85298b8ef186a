/* frame.c: encodes and decodes every kind of frame: pure functions over the bytes that are there.
 *
 * A frame is a body between a head and a tail. dualpipe_frame_decode() dispatches to one decoder
 * per kind; a decoder returns the size of the first frame, 0 if it needs more bytes, -EBADMSG at
 * the first byte that cannot be part of a frame, or -EMSGSIZE as soon as the body is known to
 * exceed the maximum.
 *
 * Lengths come from an untrusted child. They are compared with the maximum digit by digit, before
 * anything is added to them, so nothing overflows; and no memory is ever taken for a length that is
 * only claimed. struct dualpipe_frame_view carries state between calls with more bytes of the same
 * frame: `scanned` spares a second search for a delimiter, `frame_size` a second parse of the head.
 *
 * To add a kind: enum dualpipe_frame_kind, a case in decode_frame() and in dualpipe_frame_encode(),
 * a name in cmd/util/frames.c, and rule_kind_is_framed() if replies in it are scanned by lines. */
#include "codec/frame.h"
#include "dualpipe.h"
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
    MAX_HEADER = 8192,  /* bytes of a header block */
    MAX_PACKET = 65520, /* bytes of a pkt-line, its four digits included */
    MAX_VARINT = 10,
};
/* leaves room to add the size of any head and tail */
static const size_t max_body = SIZE_MAX / 2 - MAX_HEADER;

/* One call of dualpipe_frame_decode(). */
struct decoder {
    const unsigned char *p;
    size_t n, max;
    struct dualpipe_frame_view *view;
};

/* --- shared by the kinds -------------------------------------------------------------------- */

/* Finishes decoding once the head has given the size of the body; tail_size bytes follow the
 * body. */
static ssize_t decode_counted(const struct decoder *d, size_t head_size, uint64_t size,
                              size_t tail_size) {
    if (size > d->max)
        return -EMSGSIZE;
    d->view->data = (const char *)d->p + head_size;
    d->view->size = (size_t)size;
    d->view->frame_size = head_size + (size_t)size + tail_size;
    return d->n < d->view->frame_size ? 0 : (ssize_t)d->view->frame_size;
}

/* The body ends at the delimiter; with drops_cr a CR before it is not part of the body. */
static ssize_t decode_delimited(const struct decoder *d, int delimiter, bool drops_cr) {
    size_t seen = d->view->scanned < d->n ? d->view->scanned : d->n, size = d->n;
    const unsigned char *end = NULL;
    if (seen < d->n)
        end = memchr(d->p + seen, delimiter, d->n - seen);
    if (end)
        size = (size_t)(end - d->p);
    d->view->scanned = d->n;
    d->view->data = (const char *)d->p;
    d->view->size = size - (drops_cr && size > 0 && d->p[size - 1] == '\r');
    if (d->view->size > d->max)
        return -EMSGSIZE;
    return end ? (ssize_t)size + 1 : 0;
}

/* A length of n bytes, most significant first unless `little`, stands before the body. */
static ssize_t decode_binary(const struct decoder *d, size_t n, bool little) {
    uint64_t size = 0;
    if (d->n < n)
        return 0;
    for (size_t i = 0; i < n; i++)
        size = size << 8 | d->p[little ? n - 1 - i : i];
    return decode_counted(d, n, size, 0);
}

/* Appends a digit to the number. Returns -EMSGSIZE if that would exceed max, so nothing
 * overflows. */
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

/* --- decoding ------------------------------------------------------------------------------- */

static ssize_t decode_netstring(const struct decoder *d) {
    uint64_t size = 0;
    ssize_t result;
    size_t i;
    for (i = 0; i < d->n && is_digit(d->p[i]); i++) {
        if (i == 1 && d->p[0] == '0')
            return -EBADMSG;
        if (append_digit(&size, d->p[i], d->max) < 0)
            return -EMSGSIZE;
    }
    if (i == d->n)
        return 0;
    if (i == 0 || d->p[i] != ':')
        return -EBADMSG;
    result = decode_counted(d, i + 1, size, 1);
    return result > 0 && d->p[result - 1] != ',' ? -EBADMSG : result;
}

/* LEB128: seven bits a byte, the lowest first. Superfluous zero groups are accepted, as the readers
 * of protobuf do. */
static ssize_t decode_varint(const struct decoder *d) {
    uint64_t size = 0;
    for (size_t i = 0; i < d->n; i++) {
        if (i == MAX_VARINT - 1 && d->p[i] > 1)
            return -EBADMSG;
        size |= (uint64_t)(d->p[i] & 0x7f) << (7 * i);
        if (size > d->max)
            return -EMSGSIZE;
        if (d->p[i] < 0x80)
            return decode_counted(d, i + 1, size, 0);
    }
    return 0;
}

static int hex_digit(unsigned char c) {
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) & 15 : -1;
}

/* The flush, delimiter and response-end packets of git. */
static bool is_special_packet(const char *p, size_t n) {
    return n == 4 && memcmp(p, "000", 3) == 0 && p[3] >= '0' && p[3] <= '2';
}

static ssize_t decode_packet(const struct decoder *d) {
    size_t size = 0;
    ssize_t result;
    for (size_t i = 0; i < 4; i++) {
        int digit;
        if (i == d->n)
            return 0;
        if ((digit = hex_digit(d->p[i])) < 0)
            return -EBADMSG;
        size = size << 4 | (size_t)digit;
    }
    if (size == 3 || size > MAX_PACKET)
        return -EBADMSG;
    if (size < 3)
        return d->max < 4 ? -EMSGSIZE : decode_counted(d, 0, 4, 0);
    result = decode_counted(d, 4, size - 4, 0);
    return result > 0 && is_special_packet(d->view->data, d->view->size) ? -EBADMSG : result;
}

/* --- decoding a header block ---------------------------------------------------------------- */

/* State of reading a block of "Name: value" lines, byte by byte. */
struct header_parser {
    enum { IN_NAME, BEFORE_DIGITS, IN_DIGITS, AFTER_DIGITS, OTHER_VALUE, AFTER_CR } state;
    size_t line_start;   /* offset of the current line */
    bool is_length_line; /* the current line is Content-Length */
    bool length_known;   /* a Content-Length line has been read, or has begun to give its number */
    uint64_t length;
};

static bool is_header_name_byte(unsigned char c) {
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

/* What a value of a header may hold. */
static bool is_text_byte(unsigned char c) {
    return (c >= 0x20 && c != 0x7f) || c == '\t';
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

/* Handles the colon after a name. */
static int finish_header_name(const struct decoder *d, struct header_parser *parser, size_t i) {
    if (i == parser->line_start)
        return -EBADMSG;
    parser->is_length_line = is_content_length(d->p + parser->line_start, i - parser->line_start);
    if (parser->is_length_line && parser->length_known)
        return -EBADMSG;
    parser->state = parser->is_length_line ? BEFORE_DIGITS : OTHER_VALUE;
    return 0;
}

/* Handles a byte of a value: any text, or blanks, digits and blanks for Content-Length. */
static int parse_value_byte(const struct decoder *d, struct header_parser *parser,
                            unsigned char c) {
    if (!parser->is_length_line)
        return is_text_byte(c) ? 0 : -EBADMSG;
    if (c == ' ' || c == '\t') {
        parser->state = parser->state == IN_DIGITS ? AFTER_DIGITS : parser->state;
        return 0;
    }
    if (!is_digit(c) || parser->state == AFTER_DIGITS)
        return -EBADMSG;
    parser->state = IN_DIGITS;
    parser->length_known = true;
    return append_digit(&parser->length, c, d->max);
}

/* Handles the byte at i. Returns 1 if it is the last one of the block, 0, or a negative errno. */
static int parse_header_byte(const struct decoder *d, struct header_parser *parser, size_t i) {
    unsigned char c = d->p[i];
    bool empty =
        i == parser->line_start || (i == parser->line_start + 1 && parser->state == AFTER_CR);
    if (c == '\n') {
        if (empty)
            return parser->length_known ? 1 : -EBADMSG;
        if (parser->state == IN_NAME || (parser->is_length_line && !parser->length_known))
            return -EBADMSG;
        *parser = (struct header_parser){
            .line_start = i + 1, .length_known = parser->length_known, .length = parser->length};
        return 0;
    }
    if (parser->state == AFTER_CR)
        return -EBADMSG;
    if (c == '\r') {
        if ((parser->state == IN_NAME && (i > parser->line_start || !parser->length_known)) ||
            (parser->is_length_line && !parser->length_known))
            return -EBADMSG;
        parser->state = AFTER_CR;
        return 0;
    }
    if (parser->state != IN_NAME)
        return parse_value_byte(d, parser, c);
    return c == ':' ? finish_header_name(d, parser, i) : is_header_name_byte(c) ? 0 : -EBADMSG;
}

static ssize_t decode_header(const struct decoder *d) {
    struct header_parser parser = {.state = IN_NAME};
    for (size_t i = 0; i < d->n && i < MAX_HEADER; i++) {
        int r = parse_header_byte(d, &parser, i);
        if (r != 0)
            return r < 0 ? r : decode_counted(d, i + 1, parser.length, 0);
    }
    return d->n < MAX_HEADER ? 0 : -EBADMSG;
}

/* --- lines between frames with a header ------------------------------------------------------ */

/* Many programs print an empty line before or behind a frame, or log lines to the same stream.
 * Such a line is skipped, but not what shows that the program speaks something else: a message
 * without a header, a header without a length, bytes that are no text. */

/* The escape character is let through for the colours of a log. */
static bool is_text(const char *p, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!is_text_byte((unsigned char)p[i]) && p[i] != 0x1b)
            return false;
    return true;
}

/* The size of the line at p without LF or CR LF. *found: it has one of these. */
static size_t text_line_size(const char *p, size_t n, bool *found) {
    const char *lf = n > 0 ? memchr(p, '\n', n) : NULL;
    size_t size = lf ? (size_t)(lf - p) : n;
    *found = lf;
    return size - (size > 0 && p[size - 1] == '\r');
}

static bool begins_length_line(const char *p, size_t n) {
    static const char name[] = "content-length";
    return n >= sizeof name - 1 && is_content_length((const unsigned char *)p, sizeof name - 1);
}

static bool is_header_line(const char *p, size_t n) {
    size_t name = 0;
    while (name < n && is_header_name_byte((unsigned char)p[name]))
        name++;
    if (name == 0 || name == n || p[name] != ':')
        return false;
    for (size_t i = name; i < n; i++)
        if (!is_text_byte((unsigned char)p[i]))
            return false;
    return true;
}

/* Whether lines like those of a header begin here, and then the length, which must be wrong, or the
 * end of the header, which lacks it. Says the same as soon as dualpipe_frame_decode() has refused
 * the bytes, whatever follows them. */
static bool is_bad_header(const char *p, size_t n) {
    bool found = true;
    for (size_t at = 0, size; at < n; at += size + 1 + (p[at + size] == '\r')) {
        size = text_line_size(p + at, n - at, &found);
        if (size == 0 || p[at] == '\r')
            return at > 0;
        if (begins_length_line(p + at, size) || (!found && is_header_line(p + at, size)))
            return true;
        if (!is_header_line(p + at, size))
            return false;
    }
    return true;
}

enum frame_between frame_line_between(const char *p, size_t n, size_t *size) {
    bool found;
    size_t most = n < MAX_HEADER ? n : MAX_HEADER, line = text_line_size(p, most, &found);
    if (!is_text(p, line) || (line > 0 && *p == '{') || begins_length_line(p, line))
        return FRAME_BETWEEN_BAD;
    if (!found)
        return n < MAX_HEADER ? FRAME_BETWEEN_MORE : FRAME_BETWEEN_BAD;
    *size = line + 1 + (p[line] == '\r');
    if (line == 0)
        return FRAME_BETWEEN_EMPTY;
    return is_bad_header(p, most) ? FRAME_BETWEEN_BAD : FRAME_BETWEEN_TEXT;
}

/* --- all kinds ------------------------------------------------------------------------------ */

static ssize_t decode_frame(const struct decoder *d, enum dualpipe_frame_kind kind) {
    switch (kind) {
    case DUALPIPE_FRAME_LINE: return decode_delimited(d, '\n', false);
    case DUALPIPE_FRAME_CRLF: return decode_delimited(d, '\n', true);
    case DUALPIPE_FRAME_NUL: return decode_delimited(d, 0, false);
    case DUALPIPE_FRAME_NETSTRING: return decode_netstring(d);
    case DUALPIPE_FRAME_U8: return decode_binary(d, 1, false);
    case DUALPIPE_FRAME_U16: return decode_binary(d, 2, false);
    case DUALPIPE_FRAME_U32: return decode_binary(d, 4, false);
    case DUALPIPE_FRAME_U32LE: return decode_binary(d, 4, true);
    case DUALPIPE_FRAME_VARINT: return decode_varint(d);
    case DUALPIPE_FRAME_HEADER: return decode_header(d);
    case DUALPIPE_FRAME_PKTLINE: return decode_packet(d);
    case DUALPIPE_FRAME_RAW: break;
    }
    return d->n > d->max ? -EMSGSIZE : 0;
}

ssize_t dualpipe_frame_decode(enum dualpipe_frame_kind kind, const void *p, size_t n, size_t max,
                              struct dualpipe_frame_view *view) {
    struct decoder d = {p, n, max < max_body ? max : max_body, view};
    ssize_t result;
    if ((unsigned)kind > DUALPIPE_FRAME_RAW)
        return -EINVAL;
    if (view->frame_size > n)
        return 0; /* the size of the frame is known, and not all of it is there yet */
    *view = (struct dualpipe_frame_view){.scanned = view->scanned};
    result = decode_frame(&d, kind);
    if (result > 0)
        view->scanned = view->frame_size = 0;
    return result;
}

/* --- encoding ------------------------------------------------------------------------------- */

static int encode_binary(struct dualpipe_frame_envelope *env, size_t size, size_t n, bool little) {
    if (n < sizeof size && size >> (8 * n) != 0)
        return -EMSGSIZE;
    for (size_t i = 0; i < n; i++)
        env->head[little ? i : n - 1 - i] = (char)(size >> (8 * i) & 0xff);
    env->head_size = n;
    return 0;
}

static int encode_varint(struct dualpipe_frame_envelope *env, size_t size) {
    for (; size >= 0x80; size >>= 7)
        env->head[env->head_size++] = (char)(size | 0x80);
    env->head[env->head_size++] = (char)size;
    return 0;
}

static int encode_printf(struct dualpipe_frame_envelope *env, const char *format, size_t size) {
    env->head_size = (size_t)snprintf(env->head, sizeof env->head, format, size);
    return 0;
}

static int encode_packet(struct dualpipe_frame_envelope *env, const char *body, size_t size) {
    if (size > MAX_PACKET - 4)
        return -EMSGSIZE;
    return is_special_packet(body, size) ? 0 : encode_printf(env, "%04zx", size + 4);
}

static int encode_tail(struct dualpipe_frame_envelope *env, const char *tail, size_t n) {
    memcpy(env->tail, tail, n);
    env->tail_size = n;
    return 0;
}

static bool contains_byte(const void *body, size_t size, int c) {
    return size > 0 && memchr(body, c, size);
}

int dualpipe_frame_encode(enum dualpipe_frame_kind kind, const void *body, size_t size,
                          struct dualpipe_frame_envelope *env) {
    env->head_size = env->tail_size = 0;
    if ((unsigned)kind > DUALPIPE_FRAME_RAW)
        return -EINVAL;
    if (size > max_body)
        return -EMSGSIZE;
    switch (kind) {
    case DUALPIPE_FRAME_LINE:
        return contains_byte(body, size, '\n') ? -EBADMSG : encode_tail(env, "\n", 1);
    case DUALPIPE_FRAME_CRLF:
        return contains_byte(body, size, '\n') ? -EBADMSG : encode_tail(env, "\r\n", 2);
    case DUALPIPE_FRAME_NUL:
        return contains_byte(body, size, 0) ? -EBADMSG : encode_tail(env, "", 1);
    case DUALPIPE_FRAME_NETSTRING:
        encode_printf(env, "%zu:", size);
        return encode_tail(env, ",", 1);
    case DUALPIPE_FRAME_U8: return encode_binary(env, size, 1, false);
    case DUALPIPE_FRAME_U16: return encode_binary(env, size, 2, false);
    case DUALPIPE_FRAME_U32: return encode_binary(env, size, 4, false);
    case DUALPIPE_FRAME_U32LE: return encode_binary(env, size, 4, true);
    case DUALPIPE_FRAME_VARINT: return encode_varint(env, size);
    case DUALPIPE_FRAME_HEADER: return encode_printf(env, "Content-Length: %zu\r\n\r\n", size);
    case DUALPIPE_FRAME_PKTLINE: return encode_packet(env, body, size);
    case DUALPIPE_FRAME_RAW: break;
    }
    return 0;
}
