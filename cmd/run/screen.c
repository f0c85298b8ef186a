/* screen.c: shows the output of a child to a person at a terminal. repl.c uses it with a prompt,
 * the stream of a sandboxed child without one.
 *
 * A child's output can't be trusted with the terminal: escape sequences may move the cursor, set
 * the title or answer as if typed. So output is sanitized: printable characters, line ends, tabs
 * and the sequences that set colours pass; every other byte is shown as \xHH, \r or \e. --raw turns
 * this off. A colour that the child leaves set is reset before a line of our own.
 *
 * The prompt: whole lines are shown as they come, above the line that readline edits. The last,
 * unfinished line is held in screen.line and becomes readline's prompt. It is shown as a line of
 * its own if it grows past MAX_LINE_HELD or its rest will not come.
 *
 * Output is sanitized by pieces into one buffer, MAX_EXPANSION times a piece. A piece must not end
 * within a line if that can be avoided, and never within a UTF-8 character or a sequence, which
 * would be escaped byte by byte. The same holds for output that arrives in parts: an unfinished
 * character is held until the rest comes. */
#include "run/screen.h"
#include "run/run.h"
#include "util/log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

enum {
    MAX_LINE_HELD = 65536, /* bytes of an unfinished line; a longer one is broken */
    MAX_PROMPT = 512,      /* bytes of its end that become the prompt */
    PIECE_SIZE = 16384,    /* bytes that are sanitized at once */
    MAX_SEQUENCE = 48,     /* bytes of an escape sequence that is recognized */
    MAX_EXPANSION = 8,     /* bytes that one byte becomes at most: a tab in a prompt */
};

void screen_open(struct screen *s, struct run *r) {
    *s = (struct screen){.run = r,
                         .stdout_is_tty = isatty(STDOUT_FILENO),
                         .stderr_is_tty = isatty(STDERR_FILENO)};
}

/* --- sanitizing -------------------------------------------------------------------------- */

/* The length of the escape sequence at p, if it only sets colours and the like (SGR); with any set,
 * if it is any CSI sequence. 0 if there is none. */
static size_t sequence_length(const char *p, size_t n, bool any) {
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

/* How many bytes from p on are printable ASCII, tabs and line ends: the common case, which needs no
 * sanitizing. */
static size_t plain_length(const char *p, size_t n) {
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

/* Writes n bytes into safe, which has room for MAX_EXPANSION times as many, and returns the length.
 * in_prompt: for readline. raw: the child may use any CSI sequence. A CR before a line end is
 * dropped. */
static size_t sanitize_bytes(char *safe, const char *p, size_t n, bool in_prompt, bool raw) {
    char *to = safe;
    for (size_t i = 0, length; i < n; i += length) {
        if ((length = sequence_length(p + i, n - i, raw)) > 0) {
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

static bool grow_buffer(char **buffer, size_t *capacity, size_t n) {
    char *grown;
    if (n <= *capacity)
        return true;
    if (!(grown = realloc(*buffer, n)))
        return false;
    *buffer = grown;
    *capacity = n;
    return true;
}

/* --- writing ----------------------------------------------------------------------------- */

/* Whether the byte is one of a UTF-8 character but not its first. */
static bool is_continuation_byte(char c) {
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* How many of n bytes to sanitize at once: up to a line end if there is one, else so that no
 * sequence, character or CR LF is split. */
static size_t piece_length(const char *p, size_t n) {
    const char *lf;
    const char *escape;
    size_t i = PIECE_SIZE;
    if (n <= PIECE_SIZE)
        return n;
    if ((lf = memrchr(p, '\n', PIECE_SIZE)))
        return (size_t)(lf - p) + 1;
    if ((escape = memrchr(p + PIECE_SIZE - MAX_SEQUENCE, '\033', MAX_SEQUENCE)))
        return (size_t)(escape - p);
    while (i > PIECE_SIZE - MAX_SEQUENCE && (is_continuation_byte(p[i]) || p[i - 1] == '\r'))
        i--;
    return i;
}

/* Notes whether the last sequence that sets colours leaves one set: it has more than zeros. */
static void note_colour(struct screen *s, const char *p, size_t n) {
    const char *last = memrchr(p, '\033', n);
    size_t length = last ? sequence_length(last, (size_t)(p + n - last), false) : 0;
    if (length > 0)
        s->colour_is_set = strspn(last + 2, "0;") + 3 < length;
}

void screen_reset_colour(struct screen *s) {
    if (s->colour_is_set)
        run_write_raw(s->run, !s->stdout_is_tty, "\033[m", 3);
    s->colour_is_set = false;
}

/* Writes output, sanitized, to our stream that is the terminal. Returns as run_write_raw. */
static int write_sanitized(struct screen *s, bool err, const char *p, size_t n) {
    bool to_err = err ? s->stderr_is_tty : !s->stdout_is_tty;
    int status = 0;
    if (s->run->s->raw_output || plain_length(p, n) == n)
        return run_write_raw(s->run, to_err, p, n);
    if (!grow_buffer(&s->safe_text, &s->safe_room, MAX_EXPANSION * PIECE_SIZE))
        return -1;
    note_colour(s, p, n);
    for (size_t piece; n > 0 && status == 0; p += piece, n -= piece) {
        piece = piece_length(p, n);
        status = run_write_raw(s->run, to_err, s->safe_text,
                          sanitize_bytes(s->safe_text, p, piece, false, false));
    }
    return status;
}

/* Appends to the held line. Returns false if there is no memory. */
static bool hold_bytes(struct screen *s, const char *p, size_t n) {
    if (!grow_buffer(&s->line, &s->line_room, s->line_len + n))
        return false;
    memcpy(s->line + s->line_len, p, n);
    s->line_len += n;
    return true;
}

/* Writes whole lines, the held part of the first one before them; it is joined with its rest, as a
 * character may be split between the two. */
static int write_lines(struct screen *s, bool err, const char *p, size_t n) {
    const char *lf = memchr(p, '\n', n);
    size_t line_end = lf ? (size_t)(lf - p) + 1 : n, held = s->line_len;
    if (held == 0)
        return write_sanitized(s, err, p, n);
    if (!hold_bytes(s, p, line_end))
        return -1;
    s->line_len = 0;
    if (write_sanitized(s, err, s->line, held + line_end) < 0)
        return -1;
    return n > line_end ? write_sanitized(s, err, p + line_end, n - line_end) : 0;
}

/* How many of the last bytes are the beginning of a UTF-8 character that is not complete yet. */
static size_t cut_char_length(const char *p, size_t n) {
    static const unsigned char leads[] = {0xc0, 0xe0, 0xf0}; /* least first bytes of
                                                               characters of 2, 3 and 4 bytes */
    for (size_t back = 1; back <= 3 && back <= n; back++) {
        if (!is_continuation_byte(p[n - back]))
            return (unsigned char)p[n - back] >= leads[back - 1] ? back : 0;
    }
    return 0;
}

/* Holds an unfinished line; one that grows too long is shown as far as it has come, with a line
 * end. */
static int hold_unfinished_line(struct screen *s, bool err, const char *p, size_t n) {
    size_t shown = n - cut_char_length(p, n);
    if (s->line_len + n <= MAX_LINE_HELD)
        return hold_bytes(s, p, n) ? 0 : -1;
    if (write_lines(s, err, p, shown) < 0 || run_write_raw(s->run, err, "\n", 1) < 0)
        return -1;
    return hold_bytes(s, p + shown, n - shown) ? 0 : -1;
}

/* --- with a prompt ----------------------------------------------------------------------- */

int screen_write(struct screen *s, bool err, const char *p, size_t n) {
    const char *lf = n > 0 ? memrchr(p, '\n', n) : NULL;
    size_t lines = lf ? (size_t)(lf - p) + 1 : 0;
    if (s->on_output)
        s->on_output(s->on_output_data, p, n);
    if (!(err ? s->stderr_is_tty : s->stdout_is_tty))
        return run_write_raw(s->run, err, p, n);
    if (lines > 0 && write_lines(s, err, p, lines) < 0)
        return -1;
    return n > lines ? hold_unfinished_line(s, err, p + lines, n - lines) : 0;
}

const char *screen_prompt(struct screen *s, const char *otherwise) {
    size_t from = 0, n;
    if (s->line_len == 0 || !grow_buffer(&s->safe_text, &s->safe_room, MAX_EXPANSION * PIECE_SIZE))
        return otherwise;
    if (s->line_len > MAX_PROMPT)
        from = s->line_len - MAX_PROMPT;
    while (from > 0 && from < s->line_len && is_continuation_byte(s->line[from]))
        from++;
    n = sanitize_bytes(s->safe_text, s->line + from, s->line_len - from, true,
                       s->run->s->raw_output);
    s->safe_text[n] = 0;
    return s->safe_text;
}

void screen_accept_prompt(struct screen *s) {
    s->line_len = 0;
}

void screen_end_line(struct screen *s) {
    if (s->line_len > 0 && write_lines(s, false, "\n", 1) < 0)
        s->line_len = 0;
}

void screen_close(struct screen *s) {
    screen_end_line(s);
    screen_reset_colour(s);
    free(s->line);
    free(s->safe_text);
}

/* --- without a prompt -------------------------------------------------------------------- */

int screen_stream(struct screen *s, bool err, const char *p, size_t n) {
    size_t shown;
    int status;
    if (!(err ? s->stderr_is_tty : s->stdout_is_tty))
        return run_write_raw(s->run, err, p, n);
    if (!hold_bytes(s, p, n))
        return -1;
    shown = s->line_len - cut_char_length(s->line, s->line_len);
    if (shown > 0 && s->line[shown - 1] == '\r')
        shown--; /* it may be the CR of a line end */
    status = shown > 0 ? write_sanitized(s, err, s->line, shown) : 0;
    memmove(s->line, s->line + shown, s->line_len - shown);
    s->line_len -= shown;
    return status;
}

void screen_stream_end(struct screen *s, bool err) {
    if (s->line_len > 0)
        write_sanitized(s, err, s->line, s->line_len);
    screen_reset_colour(s);
    free(s->line);
    free(s->safe_text);
}
