/* source.c: where requests come from: the command line, files, or the lines of stdin. */
#include "source.h"
#include "say.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_BYTES = 32, GROW_BY = 65536, LINES_SIZE = 65536 };

char *source_text(const char *text, size_t *size) {
    size_t n = strlen(text);
    char *own = malloc(n + 1);
    if (!own) {
        say_error("request", text, "%s", strerror(ENOMEM));
        return NULL;
    }
    memcpy(own, text, n);
    own[n] = '\n';
    *size = n + 1;
    return own;
}

static enum source_result fail(struct source *s, const char *outcome, int status) {
    run_decide(s->run, outcome, status);
    return SOURCE_FAILED;
}

static enum source_result too_long(struct source *s, const char *p, size_t n) {
    char first[4 * FIRST_BYTES + 1], what[40];
    snprintf(what, sizeof what, "request %lld", s->count + 1);
    say_error(what, NULL, "passes --max-message at byte %zu: \"%s\"", s->run->s->max_message,
              escape(p, n < FIRST_BYTES ? n : FIRST_BYTES, first, sizeof first));
    return fail(s, "frame", STATUS_FRAME);
}

static enum source_result unreadable(struct source *s, const char *file, int error) {
    say_error("reading", file, "%s", strerror(error));
    return fail(s, "failed", STATUS_OURS);
}

/* All of the file, of which no size is taken on trust. */
static enum source_result read_file(struct source *s, const char *name, size_t *size) {
    bool is_stdin = strcmp(name, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    size_t room = 0, most = s->run->s->max_message, n = 0;
    ssize_t r = -1;
    if (fd < 0)
        return unreadable(s, name, errno);
    do {
        if (n == room) {
            char *more = realloc(s->own, room += room + GROW_BY);
            if (!more)
                break;
            s->own = more;
        }
        r = read(fd, s->own + n, room - n);
        n += r > 0 ? (size_t)r : 0;
    } while ((r > 0 && n <= most) || (r < 0 && errno == EINTR));
    if (!is_stdin)
        close(fd);
    *size = n;
    if (r < 0)
        return unreadable(s, is_stdin ? "standard input" : name, errno);
    return n > most ? too_long(s, s->own, n) : SOURCE_ONE;
}

static enum source_result next_given(struct source *s, struct request *q) {
    const struct settings *set = s->run->s;
    const struct given *g;
    enum source_result result = SOURCE_ONE;
    if (s->next == set->requests.n)
        return SOURCE_NONE;
    g = &set->requests.all[s->next];
    q->terms = &g->terms;
    if (g->kind == GIVEN_NOTHING)
        q->size = 0;
    else if (g->kind == GIVEN_FILE)
        result = read_file(s, g->text, &q->size);
    else if (!(s->own = source_text(g->text, &q->size)))
        result = fail(s, "failed", STATUS_OURS);
    else if (q->size - 1 > set->max_message)
        result = too_long(s, s->own, q->size);
    q->data = s->own;
    if (result == SOURCE_ONE)
        s->next++;
    return result;
}

/* stdin's last line, which had no end. */
static enum source_result last_line(struct source *s, struct request *q, const char *p, size_t n) {
    if (!(s->own = malloc(n + 1)))
        return fail(s, "failed", STATUS_OURS);
    memcpy(s->own, p, n);
    s->own[n] = '\n';
    s->taken = n;
    q->data = s->own;
    q->size = n + 1;
    return SOURCE_ONE;
}

/* Up to so many lines, of which there is one. */
static enum source_result next_lines(struct source *s, int most, struct request *q, const char *p,
                                     size_t n) {
    long lines;
    q->data = p;
    q->size = s->taken = dualpipe_lines(p, n < LINES_SIZE ? n : LINES_SIZE, most, &lines);
    if (lines == 0) /* one that is longer */
        q->size = s->taken = dualpipe_lines(p, n, 1, &lines);
    q->count = (int)lines;
    return SOURCE_ONE;
}

static enum source_result next_line(struct source *s, int most, struct request *q) {
    const char *p, *end;
    int ended;
    size_t n = dualpipe_peek(s->run->host, &p, &ended);
    char none;
    q->terms = &s->run->s->terms;
    if (n > s->seen && (end = memchr(p + s->seen, '\n', n - s->seen))) {
        q->data = p;
        q->size = s->taken = (size_t)(end - p) + 1;
        return most > 0 ? next_lines(s, most, q, p, n) : SOURCE_ONE;
    }
    s->seen = n;
    if (n > s->run->s->max_message)
        return too_long(s, p, n);
    if (n == 0 && ended) {
        ssize_t r = dualpipe_read(s->run->host, &none, 1, 0);
        return r < 0 ? unreadable(s, "standard input", (int)-r) : SOURCE_NONE;
    }
    return ended ? last_line(s, q, p, n) : SOURCE_WAIT;
}

enum source_result source_next(struct source *s, int most, struct request *q) {
    enum source_result r;
    source_done(s);
    q->count = 0;
    r = s->run->s->requests.n > 0 ? next_given(s, q) : next_line(s, most, q);
    if (r == SOURCE_ONE) {
        q->number = s->count + 1;
        s->count += q->count > 0 ? q->count : 1;
    }
    q->to_end = s->run->s->fresh;
    return r;
}

void source_done(struct source *s) {
    dualpipe_consume(s->run->host, s->taken);
    if (s->taken > 0)
        s->seen = 0;
    s->taken = 0;
    free(s->own);
    s->own = NULL;
}

bool source_has_more(const struct source *s) {
    const char *p;
    size_t n;
    if (s->run->s->requests.n > 0)
        return s->next < s->run->s->requests.n;
    n = dualpipe_peek(s->run->host, &p, NULL);
    return n > s->taken && memchr(p + s->taken, '\n', n - s->taken);
}

void source_close(struct source *s, bool last_begun) {
    struct books *b = &s->run->books;
    const char *p;
    off_t left;
    if (s->run->s->requests.n > 0) {
        b->not_begun += s->run->s->requests.n - s->next + !last_begun;
        source_done(s);
        return;
    }
    if (!last_begun)
        s->taken = 0;
    source_done(s);
    left = (off_t)dualpipe_peek(s->run->host, &p, NULL);
    b->rest = left > 0;
    if (left > 0)
        lseek(STDIN_FILENO, -left, SEEK_CUR);
}
