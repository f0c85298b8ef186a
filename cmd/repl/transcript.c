/* transcript.c: a record of a conversation (~w FILE), a line each: a mark, a blank, the text.
 *
 * Text with bytes other than printable ASCII and tabs is escaped, and ` (esc)` follows it; then
 * ` (no-eol)`, if the line had no end. Bytes are held until their line is complete or longer than
 * 1 MiB, or until a piece with another mark comes. */
#include "repl/transcript.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_LINE = 1 << 20 }; /* bytes; a longer line is cut in two */

/* Whether a line can be written as it is: also not if its end looks like one of our notes. */
static bool is_plain(const char *p, size_t n) {
    static const char *const marks[] = {" (esc)", " (no-eol)"};
    for (size_t i = 0; i < n; i++)
        if ((p[i] < ' ' && p[i] != '\t') || p[i] > '~')
            return false;
    for (int i = 0; i < 2; i++) {
        size_t m = strlen(marks[i]);
        if (n >= m && memcmp(p + n - m, marks[i], m) == 0)
            return false;
    }
    return true;
}

static void write_line(struct transcript *t, bool ended) {
    bool plain = is_plain(t->line, t->line_size);
    fprintf(t->file, "%c ", t->mark);
    for (size_t i = 0; i < t->line_size; i++) {
        unsigned char c = (unsigned char)t->line[i];
        if (plain || (c >= ' ' && c <= '~' && c != '\\'))
            fputc(c, t->file);
        else
            fprintf(t->file, c == '\\' ? "\\\\" : "\\x%02x", c);
    }
    fprintf(t->file, "%s%s\n", plain ? "" : " (esc)", ended ? "" : " (no-eol)");
    t->line_size = 0;
}

static void finish_line(struct transcript *t) {
    if (t->file && t->line_size > 0)
        write_line(t, false);
}

/* Without memory the bytes are left out. */
static void append_to_line(struct transcript *t, const char *p, size_t n) {
    char *grown = t->line;
    if (t->line_size + n > t->line_room && (grown = realloc(t->line, t->line_size + n + 256))) {
        t->line = grown;
        t->line_room = t->line_size + n + 256;
    }
    if (!grown)
        return;
    memcpy(t->line + t->line_size, p, n);
    t->line_size += n;
}

void transcript_add(struct transcript *t, char mark, const char *p, size_t n) {
    const char *lf;
    if (!t->file)
        return;
    if (mark != t->mark)
        finish_line(t);
    t->mark = mark;
    while (n > 0) {
        size_t part = (lf = memchr(p, '\n', n)) ? (size_t)(lf - p) : n;
        append_to_line(t, p, part);
        if (lf || t->line_size > MAX_LINE)
            write_line(t, lf != NULL);
        part += lf != NULL;
        p += part;
        n -= part;
    }
    if (fflush(t->file) != 0 && t->error == 0)
        t->error = -errno;
}

int transcript_close(struct transcript *t) {
    int error;
    finish_line(t);
    if (t->file && fclose(t->file) != 0 && t->error == 0)
        t->error = -errno;
    error = t->error;
    free(t->line);
    *t = (struct transcript){0};
    return error;
}

int transcript_open(struct transcript *t, const char *file) {
    int fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
    *t = (struct transcript){.file = fd < 0 ? NULL : fdopen(fd, "a")};
    if (t->file)
        return 0;
    t->error = -errno;
    if (fd >= 0)
        close(fd);
    return t->error;
}
