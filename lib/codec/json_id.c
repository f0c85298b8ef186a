/* json_id.c: finds the id, method and error of a JSON message or batch, and compares ids.
 *
 * This is a validating scanner, not a parser: one pass over the bytes, nothing is allocated, and
 * nothing is kept but where the id and the error lie. Values are skipped with an explicit stack of
 * closing brackets instead of recursion, so hostile nesting cannot use up the C stack; deeper than
 * MAX_DEPTH is refused. A key is compared as it is written: no known program escapes the letters of
 * "id", "method" or "error". If a member occurs twice, the last one counts.
 *
 * A batch is an array of messages. It has no id of its own, so the array itself stands for one, if
 * any of its messages has an id. JSON-RPC sends one batch of replies for a batch of requests, in
 * any order; as an id is used once, two batches belong together if the first id of one is among
 * those of the other. That is one pass over each, however long they are.
 *
 * Ids are equal if their strings stand for the same characters, escapes decoded, or if their
 * numbers have the same value: 1, 1.0 and 1e0; other values must be written alike. json_id_equal()
 * decodes both strings byte by byte into UTF-8 and stops at the first difference. Numbers are
 * compared by their digits and the place of their point, so none is too large or too precise. */
#include "codec/json_id.h"
#include <string.h>

enum { MAX_DEPTH = 1000 };

/* The bytes that are not read yet. */
struct json_cursor {
    const char *at, *end;
};

static void skip_blanks(struct json_cursor *cur) {
    while (cur->at < cur->end &&
           (*cur->at == ' ' || *cur->at == '\t' || *cur->at == '\n' || *cur->at == '\r'))
        cur->at++;
}

static bool skip_char(struct json_cursor *cur, char c) {
    if (cur->at == cur->end || *cur->at != c)
        return false;
    cur->at++;
    return true;
}

static bool skip_escape(struct json_cursor *cur) {
    if (cur->at == cur->end)
        return false;
    if (*cur->at != 'u')
        return memchr("\"\\/bfnrt", *cur->at++, 8) != NULL;
    cur->at++;
    for (int i = 0; i < 4; i++, cur->at++)
        if (cur->at == cur->end || !memchr("0123456789abcdefABCDEF", *cur->at, 22))
            return false;
    return true;
}

static bool skip_string(struct json_cursor *cur) {
    if (!skip_char(cur, '"'))
        return false;
    while (cur->at < cur->end && *cur->at != '"') {
        if ((unsigned char)*cur->at < ' ')
            return false;
        if (*cur->at++ == '\\' && !skip_escape(cur))
            return false;
    }
    return skip_char(cur, '"');
}

static bool skip_digits(struct json_cursor *cur) {
    const char *from = cur->at;
    while (cur->at < cur->end && *cur->at >= '0' && *cur->at <= '9')
        cur->at++;
    return cur->at > from;
}

static bool skip_number(struct json_cursor *cur) {
    skip_char(cur, '-');
    if (!skip_char(cur, '0') && !skip_digits(cur))
        return false;
    if (skip_char(cur, '.') && !skip_digits(cur))
        return false;
    if (!skip_char(cur, 'e') && !skip_char(cur, 'E'))
        return true;
    if (!skip_char(cur, '-'))
        skip_char(cur, '+');
    return skip_digits(cur);
}

static bool skip_word(struct json_cursor *cur, const char *word) {
    size_t n = strlen(word);
    if ((size_t)(cur->end - cur->at) < n || memcmp(cur->at, word, n) != 0)
        return false;
    cur->at += n;
    return true;
}

static bool skip_scalar(struct json_cursor *cur) {
    if (cur->at == cur->end)
        return false;
    switch (*cur->at) {
    case '"': return skip_string(cur);
    case 't': return skip_word(cur, "true");
    case 'f': return skip_word(cur, "false");
    case 'n': return skip_word(cur, "null");
    default: return skip_number(cur);
    }
}

/* Skips a key and its colon, up to the value. */
static bool skip_key(struct json_cursor *cur, const char **key, size_t *size) {
    skip_blanks(cur);
    *key = cur->at;
    if (!skip_string(cur))
        return false;
    *size = (size_t)(cur->at - *key);
    skip_blanks(cur);
    if (!skip_char(cur, ':'))
        return false;
    skip_blanks(cur);
    return true;
}

/* The brackets that are still to be closed, innermost last. */
struct json_nesting {
    char closers[MAX_DEPTH];
    int depth;
};

/* After a value: skips the closing brackets that follow, up to the next value or the end of the
 * outermost one. */
static bool close_containers(struct json_cursor *cur, struct json_nesting *nest) {
    const char *key;
    size_t size;
    while (nest->depth > 0) {
        char closer = nest->closers[nest->depth - 1];
        skip_blanks(cur);
        if (skip_char(cur, ','))
            return closer == ']' || skip_key(cur, &key, &size);
        if (!skip_char(cur, closer))
            return false;
        nest->depth--;
    }
    return true;
}

static bool skip_value(struct json_cursor *cur) {
    struct json_nesting nest;
    const char *key;
    size_t size;
    nest.depth = 0;
    do {
        skip_blanks(cur);
        bool object = skip_char(cur, '{');
        if (object || skip_char(cur, '[')) {
            if (nest.depth == MAX_DEPTH)
                return false;
            nest.closers[nest.depth++] = object ? '}' : ']';
            skip_blanks(cur);
            if (cur->at < cur->end && *cur->at != nest.closers[nest.depth - 1]) {
                if (object && !skip_key(cur, &key, &size))
                    return false;
                continue;
            }
        } else if (!skip_scalar(cur)) {
            return false;
        }
        if (!close_containers(cur, &nest))
            return false;
    } while (nest.depth > 0);
    return true;
}

static bool is_word(const char *p, size_t n, const char *word) {
    return n == strlen(word) && memcmp(p, word, n) == 0;
}

/* Whether the error, a valid value, says that the request was cancelled, or that its result would
 * be stale: RequestCancelled and ContentModified of the Language Server Protocol. */
static bool is_cancellation(const char *error, size_t n) {
    struct json_cursor cur = {error, error + n};
    const char *key, *value;
    size_t size;
    bool found = false;
    if (!skip_char(&cur, '{'))
        return false;
    while (skip_key(&cur, &key, &size)) {
        value = cur.at;
        skip_value(&cur);
        if (is_word(key, size, "\"code\""))
            found = is_word(value, (size_t)(cur.at - value), "-32800") ||
                    is_word(value, (size_t)(cur.at - value), "-32801");
        skip_blanks(&cur);
        skip_char(&cur, ',');
    }
    return found;
}

static void record_member(struct json_message *m, const char *key, size_t size, const char *value,
                          size_t n) {
    if (is_word(key, size, "\"method\""))
        m->has_method = true;
    if (is_word(key, size, "\"id\"")) {
        m->id = value;
        m->id_size = n;
    }
    if (is_word(key, size, "\"error\"")) {
        bool is_error = *value != 'n' && !is_cancellation(value, n);
        m->error = is_error ? value : NULL;
        m->error_size = is_error ? n : 0;
    }
}

/* Reads one object of the message, or the whole message if that is an object. */
static bool parse_object(struct json_cursor *cur, struct json_message *m) {
    const char *key, *value;
    size_t size;
    *m = (struct json_message){0};
    if (!skip_char(cur, '{'))
        return false;
    skip_blanks(cur);
    if (skip_char(cur, '}'))
        return true;
    do {
        if (!skip_key(cur, &key, &size))
            return false;
        value = cur->at;
        if (!skip_value(cur))
            return false;
        record_member(m, key, size, value, (size_t)(cur->at - value));
        skip_blanks(cur);
    } while (skip_char(cur, ','));
    return skip_char(cur, '}');
}

/* Whether the message has an id that can be awaited. */
static bool has_id(const struct json_message *m) {
    return m->id_size > 0 && *m->id != 'n';
}

/* Reads the next element of an array, whose opening bracket or comma is behind us. One that is no
 * object is a message without id and method. */
static bool parse_element(struct json_cursor *cur, struct json_message *m) {
    skip_blanks(cur);
    *m = (struct json_message){0};
    if (cur->at < cur->end && *cur->at == '{' ? !parse_object(cur, m) : !skip_value(cur))
        return false;
    skip_blanks(cur);
    return true;
}

static bool parse_batch(struct json_cursor *cur, struct json_message *m) {
    const char *from = cur->at;
    struct json_message element;
    bool any_id = false;
    *m = (struct json_message){.is_batch = true};
    if (!skip_char(cur, '['))
        return false;
    do {
        if (!parse_element(cur, &element))
            return false;
        m->has_method |= has_id(&element) && element.has_method;
        any_id |= has_id(&element);
        if (element.error && !m->error) {
            m->error = element.error;
            m->error_size = element.error_size;
        }
    } while (skip_char(cur, ','));
    if (!skip_char(cur, ']'))
        return false;
    m->id = any_id ? from : NULL;
    m->id_size = any_id ? (size_t)(cur->at - from) : 0;
    return true;
}

bool json_id_parse(const char *p, size_t n, struct json_message *m) {
    struct json_cursor cur = {p, p + n};
    bool good;
    skip_blanks(&cur);
    if (cur.at < cur.end && *cur.at == '[')
        good = parse_batch(&cur, m);
    else
        good = parse_object(&cur, m);
    skip_blanks(&cur);
    return good && cur.at == cur.end;
}

/* --- comparing numbers by their value -------------------------------------------------------- */

/* 0.DIGITS times ten to the exponent; the first and the last digit are not 0. Zero has none. */
struct json_number {
    const char *digits; /* a point may stand among them */
    size_t count;       /* of the digits, without a point */
    long long exponent;
    bool is_negative;
};

/* Reads the exponent behind e or E; the numbers of both sides must be told apart by it, so one that
 * is too large is refused. */
static bool decode_exponent(const char *p, const char *end, long long *exponent) {
    const long long most = 1LL << 56;
    bool is_negative = p < end && *p == '-';
    *exponent = 0;
    for (p += p < end && (*p == '-' || *p == '+'); p < end; p++)
        if ((*exponent = *exponent * 10 + (*p - '0')) > most)
            return false;
    *exponent = is_negative ? -*exponent : *exponent;
    return true;
}

static bool decode_number(const char *p, size_t n, struct json_number *number) {
    struct json_cursor cur = {p, p + n};
    const char *at, *end = p, *last = NULL, *point = NULL;
    long long exponent = 0;
    *number = (struct json_number){.is_negative = n > 0 && *p == '-'};
    if (!skip_number(&cur) || cur.at != p + n)
        return false;
    while (end < p + n && *end != 'e' && *end != 'E')
        end++;
    if (end < p + n && !decode_exponent(end + 1, p + n, &exponent))
        return false;
    for (at = p + number->is_negative; at < end; at++) {
        if (*at == '.') {
            point = at;
        } else if (*at != '0') {
            number->digits = number->digits ? number->digits : at;
            last = at;
        }
    }
    if (!last) {
        *number = (struct json_number){0}; /* -0 is 0 */
        return true;
    }
    at = number->digits;
    point = point ? point : end;
    number->count = (size_t)(last + 1 - at) - (point > at && point < last);
    number->exponent = exponent + (point - at) + (point < at);
    return true;
}

static bool numbers_equal(const struct json_number *a, const struct json_number *b) {
    const char *x = a->digits, *y = b->digits;
    if (a->count != b->count || a->exponent != b->exponent || a->is_negative != b->is_negative)
        return false;
    for (size_t i = 0; i < a->count; i++, x++, y++) {
        x += *x == '.';
        y += *y == '.';
        if (*x != *y)
            return false;
    }
    return true;
}

/* --- comparing strings by their characters -------------------------------------------------- */

/* Yields a string as UTF-8, one byte at a time: `rest` is still undecoded, `bytes` the current
 * character. */
struct json_chars {
    struct json_cursor rest;
    char bytes[4];
    size_t next, count;
};

/* Reads the UTF-16 unit of a \u escape; -1 if there is none here. */
static long decode_utf16_unit(struct json_cursor *cur) {
    struct json_cursor ahead = *cur;
    long unit = 0;
    if (!skip_char(&ahead, '\\') || ahead.at == ahead.end || *ahead.at != 'u' ||
        !skip_escape(&ahead))
        return -1;
    for (const char *at = ahead.at - 4; at < ahead.at; at++)
        unit = unit * 16 + (*at <= '9' ? *at - '0' : (*at | 32) - 'a' + 10);
    *cur = ahead;
    return unit;
}

static size_t encode_utf8(char out[4], long c) {
    static const long marks[] = {0, 0xc0, 0xe0, 0xf0};
    size_t continuation = (size_t)(c >= 0x80) + (c >= 0x800) + (c >= 0x10000);
    for (size_t i = continuation; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)(marks[continuation] | c);
    return continuation + 1;
}

/* Decodes a \u escape, with the next one if they form a surrogate pair. Half a pair is encoded as
 * if it were a character. Returns 0 if there is no \u here. */
static size_t decode_unicode_escape(struct json_cursor *cur, char out[4]) {
    long unit = decode_utf16_unit(cur), low;
    struct json_cursor ahead = *cur;
    if ((unit & ~0x3ffL) == 0xd800 && ((low = decode_utf16_unit(&ahead)) & ~0x3ffL) == 0xdc00) {
        unit = 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
        *cur = ahead;
    }
    return unit < 0 ? 0 : encode_utf8(out, unit);
}

/* Decodes any other escape, or takes a byte that stands for itself. */
static char decode_plain_char(struct json_cursor *cur) {
    static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    struct json_cursor ahead = *cur;
    const char *letter;
    if (!skip_char(&ahead, '\\') || !skip_escape(&ahead))
        return *cur->at++;
    *cur = ahead;
    letter = memchr(letters, cur->at[-1], 5);
    return letter ? meanings[letter - letters] : cur->at[-1];
}

static int next_char_byte(struct json_chars *chars) {
    if (chars->next == chars->count) {
        if (chars->rest.at == chars->rest.end)
            return -1;
        chars->next = 0;
        if ((chars->count = decode_unicode_escape(&chars->rest, chars->bytes)) == 0)
            chars->bytes[chars->count++] = decode_plain_char(&chars->rest);
    }
    return (unsigned char)chars->bytes[chars->next++];
}

static bool strings_equal(const char *a, size_t na, const char *b, size_t nb) {
    struct json_chars x = {.rest = {a, a + na}}, y = {.rest = {b, b + nb}};
    int c;
    while ((c = next_char_byte(&x)) == next_char_byte(&y))
        if (c < 0)
            return true;
    return false;
}

/* --- comparing ids --------------------------------------------------------------------------- */

/* Strings and numbers, or bytes of any kind. */
static bool scalars_equal(const char *a, size_t na, const char *b, size_t nb) {
    struct json_number x, y;
    if (na == 0 || nb == 0)
        return na == nb;
    if (*a == '"' && *b == '"')
        return strings_equal(a, na, b, nb);
    if (na == nb && memcmp(a, b, na) == 0)
        return true;
    return decode_number(a, na, &x) && decode_number(b, nb, &y) && numbers_equal(&x, &y);
}

/* Finds the next id in a batch, whose opening bracket or comma is behind the cursor. Returns false
 * if there is no more. */
static bool next_batch_id(struct json_cursor *cur, struct json_message *m) {
    while (parse_element(cur, m)) {
        bool is_last = !skip_char(cur, ',');
        if (is_last)
            cur->at = cur->end;
        if (has_id(m))
            return true;
        if (is_last)
            return false;
    }
    return false;
}

/* Whether the first id of the batch a is among those of b. */
static bool batch_has_first_id(const char *a, size_t na, const char *b, size_t nb) {
    struct json_cursor x = {a + 1, a + na}, y = {b + 1, b + nb};
    struct json_message first, other;
    if (!next_batch_id(&x, &first))
        return false;
    while (next_batch_id(&y, &other))
        if (scalars_equal(first.id, first.id_size, other.id, other.id_size))
            return true;
    return false;
}

bool json_id_equal(const char *a, size_t na, const char *b, size_t nb) {
    if (scalars_equal(a, na, b, nb))
        return true;
    return na > 0 && nb > 0 && *a == '[' && *b == '[' &&
           (batch_has_first_id(a, na, b, nb) || batch_has_first_id(b, nb, a, na));
}

bool json_id_alike(const char *a, size_t na, const char *b, size_t nb) {
    bool a_is_string = na > 1 && *a == '"', b_is_string = nb > 1 && *b == '"';
    if (a_is_string)
        a++, na -= 2;
    if (b_is_string)
        b++, nb -= 2;
    return a_is_string != b_is_string && scalars_equal(a, na, b, nb);
}
