/* completion.c: the words to complete from: a preset's own, those of a file, those that the child
 * has printed. */
#include "repl/completion.h"
#include "util/read_all.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RING = 64 << 10, LARGEST_FILE = 16 << 20, SHORTEST = 2, LONGEST = 255 };
enum { BELL = 7, ESC = 27, DELETE = 127 };

/* The backslash is missing: it begins psql's commands. */
const char vocabulary_breaks[] = " \t\r\n\"'`!#$%&()*+,;<=>?@[]^{|}~";

/* --- what is found ----------------------------------------------------------------------- */

struct word {
    const char *at;
    size_t size;
};
struct found {
    const char *text;
    size_t size;
    struct word *words;
    size_t n, room;
    bool failed; /* no memory */
};

static void take(struct found *f, const char *at, size_t size) {
    struct word *more;
    if (size < f->size || memcmp(at, f->text, f->size) != 0 || f->failed)
        return;
    if (f->n == f->room) {
        f->room = f->room ? 2 * f->room : 64;
        if (!(more = realloc(f->words, f->room * sizeof *more))) {
            f->failed = true;
            return;
        }
        f->words = more;
    }
    f->words[f->n++] = (struct word){at, size};
}

static int compare(const void *a, const void *b) {
    const struct word *x = a, *y = b;
    int r = memcmp(x->at, y->at, x->size < y->size ? x->size : y->size);
    return r ? r : (x->size > y->size) - (x->size < y->size);
}

static void sort_once(struct found *f) {
    size_t n = 0;
    if (f->n > 0)
        qsort(f->words, f->n, sizeof *f->words, compare);
    for (size_t i = 0; i < f->n; i++)
        if (n == 0 || compare(&f->words[i], &f->words[n - 1]) != 0)
            f->words[n++] = f->words[i];
    f->n = n;
}

static char **copy_words(const struct found *f) {
    char **all = f->n > 0 && !f->failed ? malloc((f->n + 1) * sizeof *all) : NULL;
    size_t i;
    if (!all)
        return NULL;
    for (i = 0; i < f->n && (all[i] = strndup(f->words[i].at, f->words[i].size)); i++)
        ;
    all[i] = NULL;
    if (i == f->n)
        return all;
    while (i > 0)
        free(all[--i]);
    free(all);
    return NULL;
}

/* --- words that were given --------------------------------------------------------------- */

static bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || !c;
}

static void take_given(struct found *f, const char *p, size_t n) {
    const char *end = p + n, *at;
    while (p < end) {
        for (at = p; p < end && !is_blank(*p);)
            p++;
        if (p > at)
            take(f, at, (size_t)(p - at));
        p++;
    }
}

static int file_kind(int fd) {
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (S_ISDIR(st.st_mode))
        return -EISDIR;
    if (S_ISBLK(st.st_mode) || isatty(fd))
        return -EINVAL;
    return fcntl(fd, F_SETFL, 0) < 0 ? -errno : 0; /* a pipe is waited for */
}

static int read_file(struct vocabulary *v, const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    ssize_t n = fd < 0 ? -errno : file_kind(fd);
    char *less;
    if (n == 0 && !(v->file = malloc(LARGEST_FILE + 1)))
        n = -ENOMEM;
    if (n == 0)
        n = whole_read(fd, v->file, LARGEST_FILE + 1);
    if (fd >= 0)
        close(fd);
    if (n < 0 || n > LARGEST_FILE)
        return n < 0 ? (int)n : -EFBIG;
    v->file_size = (size_t)n;
    if ((less = realloc(v->file, v->file_size + 1)))
        v->file = less;
    return 0;
}

/* --- words that were printed ------------------------------------------------------------- */

/* Letters and what is taken for such. */
static bool is_name(unsigned char c) {
    return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z') || c == '_';
}

static bool is_joint(char c) {
    return c == '-' || c == '.' || c == ':' || c == '/';
}

/* Of UTF-8's punctuation, arrows, lines: how long one at p is; 0: none is there. */
static size_t sign_size(const char *p, const char *end) {
    const unsigned char *u = (const unsigned char *)p;
    if (end - p > 2 && u[0] == 0xe2 && u[1] >= 0x80 && u[1] < 0xb0)
        return 3; /* U+2000 to U+2BFF */
    if (end - p > 1 && u[0] == 0xc2 && u[1] >= 0x80 && u[1] < 0xc0)
        return 2; /* U+80 to U+BF */
    return 0;
}

static bool is_word(const char *p, const char *end) {
    return is_joint(*p) || (is_name((unsigned char)*p) && !sign_size(p, end));
}

/* A backslash begins a word of psql; within others, and behind a quote, it stands for itself. */
static bool begins_command(const char *p, const char *begin, const char *end) {
    return *p == '\\' && (p == begin || is_blank(p[-1])) && p + 1 < end && is_word(p + 1, end);
}

/* The run at p, if it is a word; returns its end. */
static const char *take_run(struct found *f, const char *p, const char *end) {
    const char *at = p++, *to;
    bool named = false;
    while (p < end && is_word(p, end))
        p++;
    for (to = p; to > at && to[-1] != '/' && is_joint(to[-1]);)
        to--;
    while (at < to && *at == ':')
        at++;
    for (const char *c = at; c < to && !named; c++)
        named = is_name((unsigned char)*c);
    if (named && to - at >= SHORTEST && to - at <= LONGEST)
        take(f, at, (size_t)(to - at));
    return p;
}

/* A string for the terminal, such as a title: up to BEL or ESC \, or the end of the line. */
static const char *skip_string(const char *p, const char *end) {
    while (p < end && *p != BELL && *p != ESC && *p != '\n')
        p++;
    if (end - p > 1 && p[0] == ESC && p[1] == '\\')
        return p + 2;
    return p < end && *p == BELL ? p + 1 : p;
}

/* Behind ESC. */
static const char *skip_sequence(const char *p, const char *end) {
    char last = p < end && *p == '[' ? '?' : '/'; /* of what may stand before the final byte */
    if (p < end && strchr("]PX^_", *p) && *p)
        return skip_string(p + 1, end);
    if (last == '?')
        p++;
    while (p < end && *p >= ' ' && *p <= last)
        p++;
    return p < end && last < *p && *p < DELETE ? p + 1 : p;
}

/* What is left of a word, or of an escape sequence, whose beginning is gone. */
static const char *skip_cut(const char *p, const char *end) {
    if (p < end && *p == '[')
        p++;
    while (p < end && *p >= '!' && *p <= '?')
        p++;
    while (p < end && is_word(p, end))
        p++;
    return p;
}

static void take_printed(struct found *f, const char *begin, size_t n, bool cut) {
    const char *end = begin + n, *p = cut ? skip_cut(begin, end) : begin;
    size_t sign;
    while (p < end)
        if (*p == ESC)
            p = skip_sequence(p + 1, end);
        else if ((sign = sign_size(p, end)) > 0)
            p += sign;
        else if (is_word(p, end) || begins_command(p, begin, end))
            p = take_run(f, p, end);
        else
            p++;
}

/* --- the vocabulary ---------------------------------------------------------------------- */

int vocabulary_open(struct vocabulary *v, const char *words, const char *file) {
    int r = 0;
    *v = (struct vocabulary){.words = words, .heard = malloc(RING)};
    if (!v->heard)
        r = -ENOMEM;
    else if (file)
        r = read_file(v, file);
    if (r < 0)
        vocabulary_close(v);
    return r;
}

void vocabulary_hear(struct vocabulary *v, const char *p, size_t n) {
    size_t skipped = n > RING ? n - RING : 0, at, first;
    if (!v->heard || n == 0)
        return;
    v->total += skipped;
    n -= skipped;
    at = v->total % RING;
    first = n < RING - at ? n : RING - at;
    memcpy(v->heard + at, p + skipped, first);
    memcpy(v->heard, p + skipped + first, n - first);
    v->total += n;
}

/* The ring from its oldest byte on; the caller's. */
static char *straighten(const struct vocabulary *v, size_t n) {
    char *copy = malloc(n + 1);
    size_t at = (v->total - n) % RING, first = n < RING - at ? n : RING - at;
    if (!copy)
        return NULL;
    memcpy(copy, v->heard + at, first);
    memcpy(copy + first, v->heard, n - first);
    return copy;
}

char **vocabulary_find(const struct vocabulary *v, const char *text) {
    struct found f = {.text = text, .size = strlen(text)};
    size_t n = v->total < RING ? v->total : RING;
    char *copy = n > 0 ? straighten(v, n) : NULL;
    char **all;
    if (v->words)
        take_given(&f, v->words, strlen(v->words));
    if (v->file)
        take_given(&f, v->file, v->file_size);
    if (copy)
        take_printed(&f, copy, n, v->total > RING);
    sort_once(&f);
    all = copy_words(&f);
    free(f.words);
    free(copy);
    return all;
}

void vocabulary_close(struct vocabulary *v) {
    free(v->file);
    free(v->heard);
    *v = (struct vocabulary){0};
}
