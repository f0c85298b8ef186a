/* screen.c: shows the output of a child to a person at a terminal. repl.c uses it with a prompt,
 * the stream of a sandboxed child without one.
 *
 * Output is sanitized on the way (sanitize.c), unless --raw turns this off. A colour that the child
 * leaves set is reset before a line of our own.
 *
 * The prompt: whole lines are shown as they come, above the line that readline edits. The last,
 * unfinished line is held in screen.line and becomes readline's prompt. It is shown as a line of
 * its own if it grows past MAX_LINE_HELD or its rest will not come. */
#include "run/screen.h"
#include "run/run.h"
#include "run/sanitize.h"
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
};

void screen_open(struct screen *s, struct run *r) {
    *s = (struct screen){.run = r,
                         .stdout_is_tty = isatty(STDOUT_FILENO),
                         .stderr_is_tty = isatty(STDERR_FILENO)};
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

/* Notes whether the last sequence that sets colours leaves one set: it has more than zeros. */
static void note_colour(struct screen *s, const char *p, size_t n) {
    const char *last = memrchr(p, '\033', n);
    size_t length = last ? sanitize_sequence_length(last, (size_t)(p + n - last), false) : 0;
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
    if (s->run->s->raw_output || sanitize_plain_length(p, n) == n)
        return run_write_raw(s->run, to_err, p, n);
    if (!grow_buffer(&s->safe_text, &s->safe_room, SANITIZE_EXPANSION * SANITIZE_PIECE_SIZE))
        return -1;
    note_colour(s, p, n);
    for (size_t piece; n > 0 && status == 0; p += piece, n -= piece) {
        piece = sanitize_piece_length(p, n);
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

/* Holds an unfinished line; one that grows too long is shown as far as it has come, with a line
 * end. */
static int hold_unfinished_line(struct screen *s, bool err, const char *p, size_t n) {
    size_t shown = n - sanitize_cut_char_length(p, n);
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
    if (s->line_len == 0 ||
        !grow_buffer(&s->safe_text, &s->safe_room, SANITIZE_EXPANSION * SANITIZE_PIECE_SIZE))
        return otherwise;
    if (s->line_len > MAX_PROMPT)
        from = s->line_len - MAX_PROMPT;
    while (from > 0 && from < s->line_len && sanitize_is_continuation(s->line[from]))
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
    shown = s->line_len - sanitize_cut_char_length(s->line, s->line_len);
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
