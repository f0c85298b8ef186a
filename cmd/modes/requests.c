/* requests.c: where requests come from: the command line, files, or the messages of stdin. */
#include "modes/requests.h"
#include "util/frames.h"
#include "util/log.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_BYTES = 32, GROW_BY = 65536, LINES_SIZE = 65536 };

static enum source_result fail(struct source *s, const char *outcome, int status) {
    run_decide(s->run, outcome, status);
    return SOURCE_FAILED;
}

static enum source_result too_long(struct source *s, const char *p, size_t n) {
    char first[4 * FIRST_BYTES + 1], what[40];
    snprintf(what, sizeof what, "request %lld", s->count + 1);
    if (s->run->s->requests.n == 0 && s->run->s->io != DUALPIPE_LINE)
        say_error(what, NULL, "passes --max-message with the frame at byte %llu of stdin: \"%s\"",
                  s->offset + 1,
                  escape(p, n < FIRST_BYTES ? n : FIRST_BYTES, first, sizeof first));
    else
        say_error(what, NULL, "passes --max-message at byte %zu: \"%s\"", s->run->s->max_message,
                  escape(p, n < FIRST_BYTES ? n : FIRST_BYTES, first, sizeof first));
    return fail(s, "frame", STATUS_FRAME);
}

static enum source_result unreadable(struct source *s, const char *file, int error) {
    say_error("reading", file, "%s", strerror(error));
    return fail(s, "failed", STATUS_OURS);
}

/* What frames_put has made is a request, or says why not. */
static enum source_result put_own(struct source *s, struct request *q, int r, char *own) {
    enum dualpipe_kind kind = s->run->s->frame;
    char what[40];
    free(s->own);
    s->own = r < 0 ? NULL : own;
    q->data = s->own;
    if (r == 0)
        return SOURCE_ONE;
    s->taken = 0; /* it is not begun */
    snprintf(what, sizeof what, "request %lld", s->count + 1);
    if (r == -ENOMEM)
        say_error(what, NULL, "%s", strerror(ENOMEM));
    else
        say_error(what, NULL, "it can't be written as %s: %s", frames_name(kind),
                  frames_why(kind, r));
    return r == -ENOMEM ? fail(s, "failed", STATUS_OURS) : fail(s, "frame", STATUS_FRAME);
}

static enum source_result put_body(struct source *s, struct request *q, const char *p, size_t n) {
    char *own;
    int r = frames_put(s->run->s->frame, p, n, &own, &q->size);
    return put_own(s, q, r, own);
}

static enum source_result put_text(struct source *s, struct request *q, const char *text) {
    char *own;
    int r = frames_put_text(s->run->s->frame, text, &own, &q->size);
    enum source_result put = put_own(s, q, r, own);
    if (put == SOURCE_ONE && strlen(text) > s->run->s->max_message)
        return too_long(s, s->own, q->size);
    return put;
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

static enum source_result put_file(struct source *s, struct request *q, const char *name) {
    enum dualpipe_kind kind = s->run->s->frame;
    enum source_result r = read_file(s, name, &q->size);
    q->data = s->own;
    if (r != SOURCE_ONE || kind == DUALPIPE_LINE || kind == DUALPIPE_CRLF)
        return r;
    return put_body(s, q, s->own, q->size);
}

static enum source_result next_given(struct source *s, struct request *q) {
    const struct settings *set = s->run->s;
    const struct given *g;
    enum source_result result = SOURCE_ONE;
    if (s->next == set->requests.n)
        return SOURCE_NONE;
    g = &set->requests.all[s->next];
    q->terms = &g->terms;
    q->size = 0;
    q->data = NULL;
    if (g->kind == GIVEN_FILE)
        result = put_file(s, q, g->text);
    else if (g->kind == GIVEN_TEXT)
        result = put_text(s, q, g->text);
    if (result == SOURCE_ONE)
        s->next++;
    return result;
}

/* The end of stdin: read, or come upon. */
static enum source_result end(struct source *s) {
    char none;
    ssize_t r = dualpipe_read(s->run->host, &none, 1, 0);
    return r < 0 ? unreadable(s, "standard input", (int)-r) : SOURCE_NONE;
}

/* The end of stdin's last line, which had none. */
static enum source_result last_line(struct source *s, struct request *q, const char *p, size_t n) {
    if (!(s->own = malloc(n + 1)))
        return fail(s, "failed", STATUS_OURS);
    memcpy(s->own, p, n);
    s->own[n] = '\n';
    s->ended_open = true;
    s->taken = n;
    q->data = s->own;
    q->size = n + 1;
    return SOURCE_ONE;
}

/* The last lines of all are dealt out in ever smaller parts, so that nobody ends late. */
static long fair_part(const struct source *s, long most, const char *p, size_t n) {
    int parts = 2 * s->run->s->workers;
    long lines;
    dualpipe_lines(p, n, most * parts, &lines);
    return (lines + parts - 1) / parts;
}

/* Up to so many lines, of which there is one. */
static enum source_result next_lines(struct source *s, long most, struct request *q, const char *p,
                                     size_t n, bool ended) {
    long lines;
    if (ended && s->run->s->workers > 1)
        most = fair_part(s, most, p, n);
    q->data = p;
    q->size = s->taken = dualpipe_lines(p, n < LINES_SIZE ? n : LINES_SIZE, most, &lines);
    if (lines == 0) /* one that is longer */
        q->size = s->taken = dualpipe_lines(p, n, 1, &lines);
    q->count = (int)lines;
    return SOURCE_ONE;
}

static enum source_result next_line(struct source *s, int most, struct request *q) {
    const char *p, *lf;
    int ended;
    size_t n = dualpipe_peek(s->run->host, &p, &ended);
    if (n > s->seen && (lf = memchr(p + s->seen, '\n', n - s->seen))) {
        q->data = p;
        q->size = s->taken = (size_t)(lf - p) + 1;
        return most > 0 ? next_lines(s, most, q, p, n, ended) : SOURCE_ONE;
    }
    s->seen = n;
    if (n > s->run->s->max_message)
        return too_long(s, p, n);
    if (n == 0 && ended)
        return end(s);
    return ended ? last_line(s, q, p, n) : SOURCE_WAIT;
}

static enum source_result malformed(struct source *s, const char *p, size_t n, bool cut_short) {
    enum dualpipe_kind kind = s->run->s->io;
    size_t fault = kind == DUALPIPE_NETSTRING && s->body.whole > 0 ? s->body.whole - 1 : 0;
    char words[FRAMES_WORDS];
    if (cut_short)
        fault = n;
    say_error("reading", "standard input", "%s",
              frames_fault(kind, s->offset + fault, "", p + fault, n - fault, words));
    return fail(s, "frame", STATUS_FRAME);
}

/* The next message of another kind than lines, or one that goes to the child as another. */
static enum source_result next_message(struct source *s, struct request *q) {
    const struct settings *set = s->run->s;
    const char *p;
    int ended;
    size_t n = dualpipe_peek(s->run->host, &p, &ended);
    ssize_t used = 0;
    if (n > 0)
        used = dualpipe_unframe(set->io, p, n, set->max_message, &s->body);
    else if (ended)
        return end(s);
    if (used == -EMSGSIZE)
        return too_long(s, p, n);
    if (used < 0 || (used == 0 && ended && !frames_may_end(set->io)))
        return malformed(s, p, n, used == 0);
    if (used == 0 && !ended)
        return SOURCE_WAIT;
    s->taken = used > 0 ? (size_t)used : n;
    if (used > 0 && set->io == set->frame) {
        q->data = p;
        q->size = s->taken;
        return SOURCE_ONE;
    }
    return put_body(s, q, set->io == DUALPIPE_RAW ? p : s->body.data,
                    set->io == DUALPIPE_RAW ? n : s->body.size);
}

static enum source_result next_read(struct source *s, int most, struct request *q) {
    const struct settings *set = s->run->s;
    q->terms = &set->terms;
    if (set->io == DUALPIPE_LINE && set->frame == DUALPIPE_LINE)
        return next_line(s, most, q);
    return next_message(s, q);
}

enum source_result source_next(struct source *s, int most, struct request *q) {
    enum source_result r;
    source_done(s);
    q->count = 0;
    r = s->run->s->requests.n > 0 ? next_given(s, q) : next_read(s, most, q);
    if (r == SOURCE_ONE) {
        q->number = s->count + 1;
        s->count += q->count > 0 ? q->count : 1;
    }
    q->to_end = s->run->s->fresh;
    return r;
}

void source_done(struct source *s) {
    dualpipe_consume(s->run->host, s->taken);
    if (s->taken > 0) {
        s->seen = 0;
        s->body = (struct dualpipe_body){0};
    }
    s->offset += s->taken;
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
    if (s->run->s->io != DUALPIPE_LINE)
        return n > s->taken && dualpipe_unframe(s->run->s->io, p + s->taken, n - s->taken, SIZE_MAX,
                                                &(struct dualpipe_body){0}) != 0;
    return n > s->taken && memchr(p + s->taken, '\n', n - s->taken);
}

void source_close(struct source *s, bool last_begun, size_t unbegun) {
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
    if (s->run->s->io == s->run->s->frame && !s->ended_open)
        left += (off_t)unbegun;
    if (left > 0)
        lseek(STDIN_FILENO, -left, SEEK_CUR);
}
