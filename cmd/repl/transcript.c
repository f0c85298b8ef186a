/* transcript.c: a transcript of what is said, a line each: a mark, a blank, the text. Text with other
 * bytes than printable ASCII and tabs is escaped and ends in ` (esc)`; ` (no-eol)` behind it says
 * that the line had no end. */
#include "repl/transcript.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MOST = 1 << 20 }; /* a longer one is cut in two */

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

static void put_line(struct record *r, bool ended) {
    bool plain = is_plain(r->line, r->n);
    fprintf(r->to, "%c ", r->mark);
    for (size_t i = 0; i < r->n; i++) {
        unsigned char c = (unsigned char)r->line[i];
        if (plain || (c >= ' ' && c <= '~' && c != '\\'))
            fputc(c, r->to);
        else
            fprintf(r->to, c == '\\' ? "\\\\" : "\\x%02x", c);
    }
    fprintf(r->to, "%s%s\n", plain ? "" : " (esc)", ended ? "" : " (no-eol)");
    r->n = 0;
}

static void finish(struct record *r) {
    if (r->to && r->n > 0)
        put_line(r, false);
}

static void keep(struct record *r, const char *p, size_t n) {
    char *more = r->line;
    if (r->n + n > r->room && (more = realloc(r->line, r->n + n + 256))) {
        r->line = more;
        r->room = r->n + n + 256;
    }
    if (!more)
        return;
    memcpy(r->line + r->n, p, n);
    r->n += n;
}

void record_add(struct record *r, char mark, const char *p, size_t n) {
    const char *lf;
    if (!r->to)
        return;
    if (mark != r->mark)
        finish(r);
    r->mark = mark;
    while (n > 0) {
        size_t part = (lf = memchr(p, '\n', n)) ? (size_t)(lf - p) : n;
        keep(r, p, part);
        if (lf || r->n > LINE_MOST)
            put_line(r, lf != NULL);
        part += lf != NULL;
        p += part;
        n -= part;
    }
    if (fflush(r->to) != 0 && r->error == 0)
        r->error = -errno;
}

int record_close(struct record *r) {
    int error;
    finish(r);
    if (r->to && fclose(r->to) != 0 && r->error == 0)
        r->error = -errno;
    error = r->error;
    free(r->line);
    *r = (struct record){0};
    return error;
}

int record_open(struct record *r, const char *file) {
    int fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
    *r = (struct record){.to = fd < 0 ? NULL : fdopen(fd, "a")};
    if (r->to)
        return 0;
    r->error = -errno;
    if (fd >= 0)
        close(fd);
    return r->error;
}
