/* json_id.c: finds the id and method of a JSON message, and compares ids.
 *
 * This is a validating scanner, not a parser: one pass over the bytes, nothing is allocated, and
 * nothing is kept but where the id lies. Values are skipped with an explicit stack of closing
 * brackets instead of recursion, so hostile nesting cannot use up the C stack; deeper than
 * MAX_DEPTH is refused. A key is compared as it is written: no known program escapes the letters of
 * "id" or "method". If a member occurs twice, the last one counts.
 *
 * Ids are equal if their strings stand for the same characters, escapes decoded; other values must
 * be written alike, so 1 and 1.0 differ. json_id_equal() decodes both strings byte by byte into
 * UTF-8 and stops at the first difference. */
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

static void record_member(struct json_message *m, const char *key, size_t size, const char *value,
                          size_t n) {
    if (size == 8 && memcmp(key, "\"method\"", 8) == 0)
        m->has_method = true;
    if (size != 4 || memcmp(key, "\"id\"", 4) != 0)
        return;
    m->id = value;
    m->id_size = n;
}

bool json_id_parse(const char *p, size_t n, struct json_message *m) {
    struct json_cursor cur = {p, p + n};
    const char *key, *value;
    size_t size;
    *m = (struct json_message){0};
    skip_blanks(&cur);
    if (!skip_char(&cur, '{'))
        return false;
    skip_blanks(&cur);
    if (!skip_char(&cur, '}')) {
        do {
            if (!skip_key(&cur, &key, &size))
                return false;
            value = cur.at;
            if (!skip_value(&cur))
                return false;
            record_member(m, key, size, value, (size_t)(cur.at - value));
            skip_blanks(&cur);
        } while (skip_char(&cur, ','));
        if (!skip_char(&cur, '}'))
            return false;
    }
    skip_blanks(&cur);
    return cur.at == cur.end;
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

bool json_id_equal(const char *a, size_t na, const char *b, size_t nb) {
    struct json_chars x = {.rest = {a, a + na}}, y = {.rest = {b, b + nb}};
    int c;
    if (na == 0 || nb == 0 || *a != '"' || *b != '"')
        return na == nb && (na == 0 || memcmp(a, b, na) == 0);
    while ((c = next_char_byte(&x)) == next_char_byte(&y))
        if (c < 0)
            return true;
    return false;
}
