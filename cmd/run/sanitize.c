/* sanitize.c: makes a child's output harmless for the terminal that it is shown on.
 *
 * Output can't be trusted with the terminal: escape sequences may move the cursor, set the title or
 * answer as if typed. So printable characters, line ends, tabs and the sequences that set colours
 * pass; every other byte is shown as \xHH, \r or \e. Characters that change the direction of text
 * or are invisible are shown so too, since a person would read something else than the bytes say.
 *
 * Output is sanitized by pieces into one buffer, SANITIZE_EXPANSION times a piece. A piece must not
 * end within a line if that can be avoided, and never within a UTF-8 character or a sequence, which
 * would be escaped byte by byte. Output may also arrive in parts. screen.c then holds an unfinished
 * character until the rest comes, and with a prompt the whole unfinished line; without one, a
 * sequence that arrives in two parts is escaped. */
#include "run/sanitize.h"
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

enum { MAX_SEQUENCE = 48 }; /* bytes of an escape sequence that is recognized */

size_t sanitize_sequence_length(const char *p, size_t n, bool any) {
    size_t i = 2;
    if (n < 3 || p[0] != '\033' || p[1] != '[')
        return 0;
    while (i < n && i < MAX_SEQUENCE && p[i] >= '0' && p[i] <= (any ? '?' : ';'))
        i++;
    return i < n && (p[i] == 'm' || (any && p[i] >= '@' && p[i] <= '~')) ? i + 1 : 0;
}

/* Whether the character changes the direction of text or is invisible, so that a person reads
 * something else than the bytes say. */
static bool is_misleading(wchar_t c) {
    return (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || (c >= 0xe0000 && c <= 0xe007f) || c == 0x61c ||
           c == 0x180e || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb);
}

/* Whether the character joins or separates others, as in Persian, Hindi and emoji. It is shown, but
 * not in a prompt, as readline can't know how wide the result is. */
static bool is_joiner(wchar_t c) {
    return c == 0x200c || c == 0x200d;
}

/* The length of the character at p if it can be shown as it is, else 0. */
static size_t printable_length(const char *p, size_t n, bool in_prompt) {
    mbstate_t state = {0};
    wchar_t c;
    size_t length;
    if ((unsigned char)*p < 0x80)
        return *p >= ' ' && *p != 0x7f;
    length = mbrtowc(&c, p, n, &state);
    if (length == 0 || length > n)
        return 0;
    if (is_joiner(c))
        return in_prompt ? 0 : length;
    return iswprint((wint_t)c) && !is_misleading(c) ? length : 0;
}

static size_t append_escaped(char *to, unsigned char c) {
    static const char bytes[] = "\r\033", letters[] = "re";
    const char *name = c ? strchr(bytes, c) : NULL;
    if (name)
        return (size_t)sprintf(to, "\\%c", letters[name - bytes]);
    return (size_t)sprintf(to, "\\x%02x", c);
}

size_t sanitize_plain_length(const char *p, size_t n) {
    size_t i = 0;
    while (i < n && ((p[i] >= ' ' && p[i] < 0x7f) || p[i] == '\n' || p[i] == '\t'))
        i++;
    return i;
}

/* In a prompt \001 and \002 mark bytes for readline that take no room on the screen. */
static size_t append_sequence(char *to, const char *p, size_t n, bool in_prompt) {
    char *at = to;
    if (in_prompt)
        *at++ = '\001';
    memcpy(at, p, n);
    at += n;
    if (in_prompt)
        *at++ = '\002';
    return (size_t)(at - to);
}

/* A tab in a prompt becomes spaces up to the next tab stop, so that readline knows its width. Every
 * byte before it counts as a column. */
static size_t append_tab(char *to, const char *line) {
    size_t n = 8 - (size_t)(to - line) % 8;
    memset(to, ' ', n);
    return n;
}

size_t sanitize_bytes(char *safe, const char *p, size_t n, bool in_prompt, bool raw) {
    char *to = safe;
    for (size_t i = 0, length; i < n; i += length) {
        if ((length = sanitize_sequence_length(p + i, n - i, raw)) > 0) {
            to += append_sequence(to, p + i, length, in_prompt);
        } else if (p[i] == '\t' && in_prompt) {
            to += append_tab(to, safe);
            length = 1;
        } else if ((length = printable_length(p + i, n - i, in_prompt)) > 0 || p[i] == '\n' ||
                   p[i] == '\t') {
            length = length ? length : 1;
            memcpy(to, p + i, length);
            to += length;
        } else {
            length = 1;
            if (p[i] != '\r' || i + 1 >= n || p[i + 1] != '\n')
                to += append_escaped(to, (unsigned char)p[i]);
        }
    }
    return (size_t)(to - safe);
}

bool sanitize_is_continuation(char c) {
    return ((unsigned char)c & 0xc0) == 0x80;
}

size_t sanitize_piece_length(const char *p, size_t n) {
    const char *lf;
    const char *escape;
    size_t i = SANITIZE_PIECE_SIZE;
    if (n <= SANITIZE_PIECE_SIZE)
        return n;
    if ((lf = memrchr(p, '\n', SANITIZE_PIECE_SIZE)))
        return (size_t)(lf - p) + 1;
    if ((escape = memrchr(p + SANITIZE_PIECE_SIZE - MAX_SEQUENCE, '\033', MAX_SEQUENCE)))
        return (size_t)(escape - p);
    while (i > SANITIZE_PIECE_SIZE - MAX_SEQUENCE &&
           (sanitize_is_continuation(p[i]) || p[i - 1] == '\r'))
        i--;
    return i;
}

size_t sanitize_cut_char_length(const char *p, size_t n) {
    static const unsigned char leads[] = {0xc0, 0xe0, 0xf0}; /* least first bytes of
                                                               characters of 2, 3 and 4 bytes */
    for (size_t back = 1; back <= 3 && back <= n; back++) {
        if (!sanitize_is_continuation(p[n - back]))
            return (unsigned char)p[n - back] >= leads[back - 1] ? back : 0;
    }
    return 0;
}
