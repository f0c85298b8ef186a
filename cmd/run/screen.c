/* screen.c: what a child says to a person: whole lines above the prompt; its last, unfinished line
 * is the prompt. Bytes that could drive the terminal are escaped. */
#include "run/screen.h"
#include "util/log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

enum {
    LINE_MOST = 65536, /* of an unfinished one; more is a line by itself */
    PROMPT_MOST = 512, /* of its end that is the prompt */
    PIECE = 16384,     /* bytes that are made safe at once */
    SEQUENCE_MOST = 48,
    TIMES = 8, /* as many bytes become of one, at most */
};

void screen_open(struct screen *s, struct run *r) {
    *s = (struct screen){.run = r, .out = isatty(STDOUT_FILENO), .err = isatty(STDERR_FILENO)};
}

/* --- bytes that are safe to show --------------------------------------------------------- */

/* The length of a sequence that sets colours and the like, at p; any: of another one too. 0: none
 * is there. */
static size_t sequence(const char *p, size_t n, bool any) {
    size_t i = 2;
    if (n < 3 || p[0] != '\033' || p[1] != '[')
        return 0;
    while (i < n && i < SEQUENCE_MOST && p[i] >= '0' && p[i] <= (any ? '?' : ';'))
        i++;
    return i < n && (p[i] == 'm' || (any && p[i] >= '@' && p[i] <= '~')) ? i + 1 : 0;
}

/* Turns writing round, or hides: what is read is not what stands there. */
static bool misleads(wchar_t c) {
    return (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || (c >= 0xe0000 && c <= 0xe007f) || c == 0x61c ||
           c == 0x180e || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb);
}

/* Persian, Hindi and faces are written with them. How wide they make a prompt is not known. */
static bool joins(wchar_t c) {
    return c == 0x200c || c == 0x200d;
}

/* The length of a character at p that can be shown as it is; 0: it can't. */
static size_t printable(const char *p, size_t n, bool in_prompt) {
    mbstate_t state = {0};
    wchar_t c;
    size_t length;
    if ((unsigned char)*p < 0x80)
        return *p >= ' ' && *p != 0x7f;
    length = mbrtowc(&c, p, n, &state);
    if (length == 0 || length > n)
        return 0;
    if (joins(c))
        return in_prompt ? 0 : length;
    return iswprint((wint_t)c) && !misleads(c) ? length : 0;
}

static size_t add_escaped(char *to, unsigned char c) {
    static const char names[] = "\r\033", letters[] = "re";
    const char *name = c ? strchr(names, c) : NULL;
    if (name)
        return (size_t)sprintf(to, "\\%c", letters[name - names]);
    return (size_t)sprintf(to, "\\x%02x", c);
}

/* The first byte that is not printable ASCII, a tab or a line end. */
static size_t plain(const char *p, size_t n) {
    size_t i = 0;
    while (i < n && ((p[i] >= ' ' && p[i] < 0x7f) || p[i] == '\n' || p[i] == '\t'))
        i++;
    return i;
}

static size_t put_sequence(char *to, const char *p, size_t n, bool in_prompt) {
    char *at = to;
    if (in_prompt)
        *at++ = '\001';
    memcpy(at, p, n);
    at += n;
    if (in_prompt)
        *at++ = '\002';
    return (size_t)(at - to);
}

/* Up to the next tab stop of a line that begins with the prompt; wide characters count as one. */
static size_t put_tab(char *to, const char *line) {
    size_t n = 8 - (size_t)(to - line) % 8;
    memset(to, ' ', n);
    return n;
}

static size_t make_safe(char *safe, const char *p, size_t n, bool in_prompt, bool raw) {
    char *to = safe;
    for (size_t i = 0, length; i < n; i += length) {
        if ((length = sequence(p + i, n - i, raw)) > 0) {
            to += put_sequence(to, p + i, length, in_prompt);
        } else if (p[i] == '\t' && in_prompt) {
            to += put_tab(to, safe);
            length = 1;
        } else if ((length = printable(p + i, n - i, in_prompt)) > 0 || p[i] == '\n' ||
                   p[i] == '\t') {
            length = length ? length : 1;
            memcpy(to, p + i, length);
            to += length;
        } else {
            length = 1;
            if (p[i] != '\r' || i + 1 >= n || p[i + 1] != '\n')
                to += add_escaped(to, (unsigned char)p[i]);
        }
    }
    return (size_t)(to - safe);
}

static bool make_room(char **room, size_t *size, size_t n) {
    char *more;
    if (n <= *size)
        return true;
    if (!(more = realloc(*room, n)))
        return false;
    *room = more;
    *size = n;
    return true;
}

/* --- out --------------------------------------------------------------------------------- */

/* Whether a byte is not the first of its character, in UTF-8. */
static bool goes_on(char c) {
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* A part whose cut splits no line if that can be, else no character or sequence. */
static size_t piece(const char *p, size_t n) {
    const char *lf;
    const char *escape;
    size_t i = PIECE;
    if (n <= PIECE)
        return n;
    if ((lf = memrchr(p, '\n', PIECE)))
        return (size_t)(lf - p) + 1;
    if ((escape = memrchr(p + PIECE - SEQUENCE_MOST, '\033', SEQUENCE_MOST)))
        return (size_t)(escape - p);
    while (i > PIECE - SEQUENCE_MOST && (goes_on(p[i]) || p[i - 1] == '\r'))
        i--;
    return i;
}

static void note_colour(struct screen *s, const char *p, size_t n) {
    const char *last = memrchr(p, '\033', n);
    size_t length = last ? sequence(last, (size_t)(p + n - last), false) : 0;
    if (length > 0)
        s->coloured = strspn(last + 2, "0;") + 3 < length;
}

void screen_settle(struct screen *s) {
    if (s->coloured)
        run_put(s->run, !s->out, "\033[m", 3);
    s->coloured = false;
}

static int show(struct screen *s, bool err, const char *p, size_t n) {
    bool to_err = err ? s->err : !s->out;
    int r = 0;
    if (s->run->s->raw || plain(p, n) == n)
        return run_put(s->run, to_err, p, n);
    if (!make_room(&s->safe, &s->safe_room, TIMES * PIECE))
        return -1;
    note_colour(s, p, n);
    for (size_t part; n > 0 && r == 0; p += part, n -= part) {
        part = piece(p, n);
        r = run_put(s->run, to_err, s->safe, make_safe(s->safe, p, part, false, false));
    }
    return r;
}

static bool hold(struct screen *s, const char *p, size_t n) {
    if (!make_room(&s->line, &s->room, s->n + n))
        return false;
    memcpy(s->line + s->n, p, n);
    s->n += n;
    return true;
}

/* What came of a line before goes first, in one piece with the rest: a character may be cut. */
static int show_lines(struct screen *s, bool err, const char *p, size_t n) {
    const char *lf = memchr(p, '\n', n);
    size_t rest = lf ? (size_t)(lf - p) + 1 : n, held = s->n;
    if (held == 0)
        return show(s, err, p, n);
    if (!hold(s, p, rest))
        return -1;
    s->n = 0;
    if (show(s, err, s->line, held + rest) < 0)
        return -1;
    return n > rest ? show(s, err, p + rest, n - rest) : 0;
}

/* How many of the last bytes are a character that goes on behind them, in UTF-8. */
static size_t cut_short(const char *p, size_t n) {
    static const unsigned char leads[] = {0xc0, 0xe0, 0xf0}; /* of 2, 3 and 4 bytes */
    for (size_t back = 1; back <= 3 && back <= n; back++) {
        if (!goes_on(p[n - back]))
            return (unsigned char)p[n - back] >= leads[back - 1] ? back : 0;
    }
    return 0;
}

static int keep(struct screen *s, bool err, const char *p, size_t n) {
    size_t shown = n - cut_short(p, n);
    if (s->n + n <= LINE_MOST)
        return hold(s, p, n) ? 0 : -1;
    if (show_lines(s, err, p, shown) < 0 || run_put(s->run, err, "\n", 1) < 0)
        return -1;
    return hold(s, p + shown, n - shown) ? 0 : -1;
}

int screen_put(struct screen *s, bool err, const char *p, size_t n) {
    const char *lf = n > 0 ? memrchr(p, '\n', n) : NULL;
    size_t whole = lf ? (size_t)(lf - p) + 1 : 0;
    if (s->heard)
        s->heard(s->data, p, n);
    if (!(err ? s->err : s->out))
        return run_put(s->run, err, p, n);
    if (whole > 0 && show_lines(s, err, p, whole) < 0)
        return -1;
    return n > whole ? keep(s, err, p + whole, n - whole) : 0;
}

int screen_pass(struct screen *s, bool err, const char *p, size_t n) {
    size_t shown;
    int r;
    if (!(err ? s->err : s->out))
        return run_put(s->run, err, p, n);
    if (!hold(s, p, n))
        return -1;
    shown = s->n - cut_short(s->line, s->n);
    if (shown > 0 && s->line[shown - 1] == '\r')
        shown--; /* a line's end may follow */
    r = shown > 0 ? show(s, err, s->line, shown) : 0;
    memmove(s->line, s->line + shown, s->n - shown);
    s->n -= shown;
    return r;
}

void screen_pass_rest(struct screen *s, bool err) {
    if (s->n > 0)
        show(s, err, s->line, s->n);
    screen_settle(s);
    free(s->line);
    free(s->safe);
}

const char *screen_prompt(struct screen *s, const char *otherwise) {
    size_t from = 0, n;
    if (s->n == 0 || !make_room(&s->safe, &s->safe_room, TIMES * PIECE))
        return otherwise;
    if (s->n > PROMPT_MOST)
        from = s->n - PROMPT_MOST;
    while (from > 0 && from < s->n && goes_on(s->line[from]))
        from++;
    n = make_safe(s->safe, s->line + from, s->n - from, true, s->run->s->raw);
    s->safe[n] = 0;
    return s->safe;
}

void screen_accept(struct screen *s) {
    s->n = 0;
}

void screen_break(struct screen *s) {
    if (s->n > 0 && show_lines(s, false, "\n", 1) < 0)
        s->n = 0;
}

void screen_close(struct screen *s) {
    screen_break(s);
    screen_settle(s);
    free(s->line);
    free(s->safe);
}
