/* json_id.c: what a JSON message says of itself at its top level, and whether two values are the
 * same: one pass, no memory taken. A key is compared as it is written: nobody escapes the letters
 * of `id`. */
#include "codec/json_id.h"
#include <string.h>

enum { DEEPEST = 1000 };

struct reader {
    const char *at, *end;
};

static void skip_blanks(struct reader *r) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
        r->at++;
}

static bool skip(struct reader *r, char c) {
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

static bool skip_escape(struct reader *r) {
    if (r->at == r->end)
        return false;
    if (*r->at != 'u')
        return memchr("\"\\/bfnrt", *r->at++, 8) != NULL;
    r->at++;
    for (int i = 0; i < 4; i++, r->at++)
        if (r->at == r->end || !memchr("0123456789abcdefABCDEF", *r->at, 22))
            return false;
    return true;
}

static bool skip_string(struct reader *r) {
    if (!skip(r, '"'))
        return false;
    while (r->at < r->end && *r->at != '"') {
        if ((unsigned char)*r->at < ' ')
            return false;
        if (*r->at++ == '\\' && !skip_escape(r))
            return false;
    }
    return skip(r, '"');
}

static bool skip_digits(struct reader *r) {
    const char *from = r->at;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
        r->at++;
    return r->at > from;
}

static bool skip_number(struct reader *r) {
    skip(r, '-');
    if (!skip(r, '0') && !skip_digits(r))
        return false;
    if (skip(r, '.') && !skip_digits(r))
        return false;
    if (!skip(r, 'e') && !skip(r, 'E'))
        return true;
    if (!skip(r, '-'))
        skip(r, '+');
    return skip_digits(r);
}

static bool skip_word(struct reader *r, const char *word) {
    size_t n = strlen(word);
    if ((size_t)(r->end - r->at) < n || memcmp(r->at, word, n) != 0)
        return false;
    r->at += n;
    return true;
}

static bool skip_scalar(struct reader *r) {
    if (r->at == r->end)
        return false;
    switch (*r->at) {
    case '"': return skip_string(r);
    case 't': return skip_word(r, "true");
    case 'f': return skip_word(r, "false");
    case 'n': return skip_word(r, "null");
    default: return skip_number(r);
    }
}

/* A key and its colon, up to the value. */
static bool skip_key(struct reader *r, const char **key, size_t *size) {
    skip_blanks(r);
    *key = r->at;
    if (!skip_string(r))
        return false;
    *size = (size_t)(r->at - *key);
    skip_blanks(r);
    if (!skip(r, ':'))
        return false;
    skip_blanks(r);
    return true;
}

struct nest {
    char closers[DEEPEST];
    int depth;
};

/* Behind a value: its containers' ends, up to the next value or the end of all. */
static bool close_nest(struct reader *r, struct nest *nest) {
    const char *key;
    size_t size;
    while (nest->depth > 0) {
        char closer = nest->closers[nest->depth - 1];
        skip_blanks(r);
        if (skip(r, ','))
            return closer == ']' || skip_key(r, &key, &size);
        if (!skip(r, closer))
            return false;
        nest->depth--;
    }
    return true;
}

static bool skip_value(struct reader *r) {
    struct nest nest;
    const char *key;
    size_t size;
    nest.depth = 0;
    do {
        skip_blanks(r);
        bool object = skip(r, '{');
        if (object || skip(r, '[')) {
            if (nest.depth == DEEPEST)
                return false;
            nest.closers[nest.depth++] = object ? '}' : ']';
            skip_blanks(r);
            if (r->at < r->end && *r->at != nest.closers[nest.depth - 1]) {
                if (object && !skip_key(r, &key, &size))
                    return false;
                continue;
            }
        } else if (!skip_scalar(r)) {
            return false;
        }
        if (!close_nest(r, &nest))
            return false;
    } while (nest.depth > 0);
    return true;
}

static void note_member(struct json_message *m, const char *key, size_t size, const char *value,
                        size_t n) {
    if (size == 8 && memcmp(key, "\"method\"", 8) == 0)
        m->method = true;
    if (size != 4 || memcmp(key, "\"id\"", 4) != 0)
        return;
    m->id = value;
    m->nid = n;
}

bool json_read(const char *p, size_t n, struct json_message *m) {
    struct reader r = {p, p + n};
    const char *key, *value;
    size_t size;
    *m = (struct json_message){0};
    skip_blanks(&r);
    if (!skip(&r, '{'))
        return false;
    skip_blanks(&r);
    if (!skip(&r, '}')) {
        do {
            if (!skip_key(&r, &key, &size))
                return false;
            value = r.at;
            if (!skip_value(&r))
                return false;
            note_member(m, key, size, value, (size_t)(r.at - value));
            skip_blanks(&r);
        } while (skip(&r, ','));
        if (!skip(&r, '}'))
            return false;
    }
    skip_blanks(&r);
    return r.at == r.end;
}

/* --- what a string stands for ------------------------------------------------------------ */

/* What is left of a string, and the bytes of a character that has been taken from it. */
struct text {
    struct reader left;
    char taken[4];
    size_t given, n;
};

/* The UTF-16 unit of a \u; -1: none stands here. */
static long take_unit(struct reader *r) {
    struct reader behind = *r;
    long unit = 0;
    if (!skip(&behind, '\\') || behind.at == behind.end || *behind.at != 'u' ||
        !skip_escape(&behind))
        return -1;
    for (const char *at = behind.at - 4; at < behind.at; at++)
        unit = unit * 16 + (*at <= '9' ? *at - '0' : (*at | 32) - 'a' + 10);
    *r = behind;
    return unit;
}

static size_t put_utf8(char out[4], long c) {
    static const long marks[] = {0, 0xc0, 0xe0, 0xf0};
    size_t more = (size_t)(c >= 0x80) + (c >= 0x800) + (c >= 0x10000);
    for (size_t i = more; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)(marks[more] | c);
    return more + 1;
}

/* Of a \u and, if they are a pair, the one behind it; half a pair as if it were a character. */
static size_t take_unicode(struct reader *r, char out[4]) {
    long unit = take_unit(r), low;
    struct reader behind = *r;
    if ((unit & ~0x3ffL) == 0xd800 && ((low = take_unit(&behind)) & ~0x3ffL) == 0xdc00) {
        unit = 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
        *r = behind;
    }
    return unit < 0 ? 0 : put_utf8(out, unit);
}

/* Any other escape, or a byte that stands for itself. */
static char take_plain(struct reader *r) {
    static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    struct reader behind = *r;
    const char *letter;
    if (!skip(&behind, '\\') || !skip_escape(&behind))
        return *r->at++;
    *r = behind;
    letter = memchr(letters, r->at[-1], 5);
    return letter ? meanings[letter - letters] : r->at[-1];
}

static int next_byte(struct text *t) {
    if (t->given == t->n) {
        if (t->left.at == t->left.end)
            return -1;
        t->given = 0;
        if ((t->n = take_unicode(&t->left, t->taken)) == 0)
            t->taken[t->n++] = take_plain(&t->left);
    }
    return (unsigned char)t->taken[t->given++];
}

bool json_same(const char *a, size_t na, const char *b, size_t nb) {
    struct text x = {.left = {a, a + na}}, y = {.left = {b, b + nb}};
    int c;
    if (na == 0 || nb == 0 || *a != '"' || *b != '"')
        return na == nb && (na == 0 || memcmp(a, b, na) == 0);
    while ((c = next_byte(&x)) == next_byte(&y))
        if (c < 0)
            return true;
    return false;
}
