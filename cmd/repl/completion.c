/* completion.c: the words that Tab completes.
 *
 * Nothing is indexed: completion_add_output only copies the child's output into a ring of 64 KiB,
 * since it runs for every byte that is shown, and completion_find scans everything at each Tab. It
 * collects pointers to all matching words in a struct matches (into the preset's words, the file,
 * and a straightened copy of the ring), sorts them, drops duplicates, and copies those left.
 *
 * Callers: repl/repl.c opens it, feeds it from the screen, and answers readline's Tab with it.
 *
 * Trap: output is arbitrary bytes, cut anywhere. The scan skips escape sequences, so that no colour
 * code becomes a word, and what the ring's beginning has cut: it can't tell "m" from the end of
 * "ESC [ 31 m". */
#include "repl/completion.h"
#include "util/read_all.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RING_SIZE = 64 << 10, LARGEST_FILE = 16 << 20 };
enum { MIN_WORD = 2, MAX_WORD = 255 }; /* bytes of a printed word */
enum { BELL = 7, ESC = 27, DELETE = 127 };

/* The backslash is left out since it begins psql's commands. */
const char completion_word_breaks[] = " \t\r\n\"'`!#$%&()*+,;<=>?@[]^{|}~";

/* --- matching words ---------------------------------------------------------------------- */

struct word {
    const char *text;
    size_t size;
};
struct matches {
    const char *prefix;
    size_t prefix_size;
    struct word *words;
    size_t count, room;
    bool failed; /* there was no memory for one of them */
};

/* Adds the word if it begins with the prefix. */
static void add_match(struct matches *m, const char *at, size_t size) {
    struct word *more;
    if (size < m->prefix_size || memcmp(at, m->prefix, m->prefix_size) != 0 || m->failed)
        return;
    if (m->count == m->room) {
        m->room = m->room ? 2 * m->room : 64;
        if (!(more = realloc(m->words, m->room * sizeof *more))) {
            m->failed = true;
            return;
        }
        m->words = more;
    }
    m->words[m->count++] = (struct word){at, size};
}

static int compare_words(const void *a, const void *b) {
    const struct word *x = a, *y = b;
    int r = memcmp(x->text, y->text, x->size < y->size ? x->size : y->size);
    return r ? r : (x->size > y->size) - (x->size < y->size);
}

static void sort_unique(struct matches *m) {
    size_t n = 0;
    if (m->count > 0)
        qsort(m->words, m->count, sizeof *m->words, compare_words);
    for (size_t i = 0; i < m->count; i++)
        if (n == 0 || compare_words(&m->words[i], &m->words[n - 1]) != 0)
            m->words[n++] = m->words[i];
    m->count = n;
}

/* Returns the words in memory of their own, NULL-terminated; NULL: none, or no memory. */
static char **copy_words(const struct matches *m) {
    char **all = m->count > 0 && !m->failed ? malloc((m->count + 1) * sizeof *all) : NULL;
    size_t i;
    if (!all)
        return NULL;
    for (i = 0; i < m->count && (all[i] = strndup(m->words[i].text, m->words[i].size)); i++)
        ;
    all[i] = NULL;
    if (i == m->count)
        return all;
    while (i > 0)
        free(all[--i]);
    free(all);
    return NULL;
}

/* --- words of the preset and the file ---------------------------------------------------- */

static bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || !c;
}

static void add_listed_words(struct matches *m, const char *p, size_t n) {
    const char *end = p + n, *at;
    while (p < end) {
        for (at = p; p < end && !is_blank(*p);)
            p++;
        if (p > at)
            add_match(m, at, (size_t)(p - at));
        p++;
    }
}

/* Refuses what is no list of words, or would never end; makes a pipe wait for its writer. */
static int check_file(int fd) {
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (S_ISDIR(st.st_mode))
        return -EISDIR;
    if (S_ISBLK(st.st_mode) || isatty(fd))
        return -EINVAL;
    return fcntl(fd, F_SETFL, 0) < 0 ? -errno : 0;
}

static int read_words_file(struct completion *c, const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    ssize_t n = fd < 0 ? -errno : check_file(fd);
    char *less;
    if (n == 0 && !(c->file_words = malloc(LARGEST_FILE + 1)))
        n = -ENOMEM;
    if (n == 0)
        n = read_all(fd, c->file_words, LARGEST_FILE + 1);
    if (fd >= 0)
        close(fd);
    if (n < 0 || n > LARGEST_FILE)
        return n < 0 ? (int)n : -EFBIG;
    c->file_size = (size_t)n;
    if ((less = realloc(c->file_words, c->file_size + 1)))
        c->file_words = less;
    return 0;
}

/* --- words of the output ----------------------------------------------------------------- */

/* Bytes from 0x80 on belong to letters of UTF-8 or another character set. */
static bool is_name_byte(unsigned char c) {
    return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z') || c == '_';
}

/* Characters that join the parts of a word, as in paths, options and qualified names. */
static bool is_joiner(char c) {
    return c == '-' || c == '.' || c == ':' || c == '/';
}

/* Returns the length of a UTF-8 symbol at p, such as punctuation, an arrow or a line; 0: there is
 * none. */
static size_t symbol_size(const char *p, const char *end) {
    const unsigned char *u = (const unsigned char *)p;
    if (end - p > 2 && u[0] == 0xe2 && u[1] >= 0x80 && u[1] < 0xb0)
        return 3; /* U+2000 to U+2BFF */
    if (end - p > 1 && u[0] == 0xc2 && u[1] >= 0x80 && u[1] < 0xc0)
        return 2; /* U+80 to U+BF */
    return 0;
}

static bool is_word_byte(const char *p, const char *end) {
    return is_joiner(*p) || (is_name_byte((unsigned char)*p) && !symbol_size(p, end));
}

/* A backslash after a blank begins a command of psql; elsewhere it doesn't belong to a word. */
static bool begins_command(const char *p, const char *begin, const char *end) {
    return *p == '\\' && (p == begin || is_blank(p[-1])) && p + 1 < end && is_word_byte(p + 1, end);
}

/* Adds the run of word bytes that begins at p, if it is a word. Returns the run's end. */
static const char *add_run(struct matches *m, const char *p, const char *end) {
    const char *at = p++, *to;
    bool named = false;
    while (p < end && is_word_byte(p, end))
        p++;
    for (to = p; to > at && to[-1] != '/' && is_joiner(to[-1]);)
        to--;
    while (at < to && *at == ':')
        at++;
    for (const char *c = at; c < to && !named; c++)
        named = is_name_byte((unsigned char)*c);
    if (named && to - at >= MIN_WORD && to - at <= MAX_WORD)
        add_match(m, at, (size_t)(to - at));
    return p;
}

/* Skips the rest of a control string, such as a window title: up to BEL or ESC \, or, as it may be
 * unfinished, the end of the line. */
static const char *skip_string(const char *p, const char *end) {
    while (p < end && *p != BELL && *p != ESC && *p != '\n')
        p++;
    if (end - p > 1 && p[0] == ESC && p[1] == '\\')
        return p + 2;
    return p < end && *p == BELL ? p + 1 : p;
}

/* Skips an escape sequence; p is after its ESC. */
static const char *skip_escape_sequence(const char *p, const char *end) {
    char last = p < end && *p == '[' ? '?' : '/'; /* the largest byte before the final one */
    if (p < end && strchr("]PX^_", *p) && *p)
        return skip_string(p + 1, end);
    if (last == '?')
        p++;
    while (p < end && *p >= ' ' && *p <= last)
        p++;
    return p < end && last < *p && *p < DELETE ? p + 1 : p;
}

/* Skips what is left of a word or escape sequence that has lost its beginning. */
static const char *skip_partial_word(const char *p, const char *end) {
    if (p < end && *p == '[')
        p++;
    while (p < end && *p >= '!' && *p <= '?')
        p++;
    while (p < end && is_word_byte(p, end))
        p++;
    return p;
}

/* Adds the words of the n bytes at begin; cut: they may begin within a word or sequence. */
static void add_output_words(struct matches *m, const char *begin, size_t n, bool cut) {
    const char *end = begin + n, *p = cut ? skip_partial_word(begin, end) : begin;
    size_t sign;
    while (p < end)
        if (*p == ESC)
            p = skip_escape_sequence(p + 1, end);
        else if ((sign = symbol_size(p, end)) > 0)
            p += sign;
        else if (is_word_byte(p, end) || begins_command(p, begin, end))
            p = add_run(m, p, end);
        else
            p++;
}

/* --- the words --------------------------------------------------------------------------- */

int completion_open(struct completion *c, const char *words, const char *file) {
    int r = 0;
    *c = (struct completion){.preset_words = words, .output_ring = malloc(RING_SIZE)};
    if (!c->output_ring)
        r = -ENOMEM;
    else if (file)
        r = read_words_file(c, file);
    if (r < 0)
        completion_close(c);
    return r;
}

void completion_add_output(struct completion *c, const char *p, size_t n) {
    size_t skipped = n > RING_SIZE ? n - RING_SIZE : 0, at, first;
    if (!c->output_ring || n == 0)
        return;
    c->output_total += skipped;
    n -= skipped;
    at = c->output_total % RING_SIZE;
    first = n < RING_SIZE - at ? n : RING_SIZE - at;
    memcpy(c->output_ring + at, p + skipped, first);
    memcpy(c->output_ring, p + skipped + first, n - first);
    c->output_total += n;
}

/* Returns the n bytes of the ring from the oldest on, to be freed; NULL: no memory. */
static char *copy_ring(const struct completion *c, size_t n) {
    char *copy = malloc(n + 1);
    size_t at = (c->output_total - n) % RING_SIZE, first = n < RING_SIZE - at ? n : RING_SIZE - at;
    if (!copy)
        return NULL;
    memcpy(copy, c->output_ring + at, first);
    memcpy(copy + first, c->output_ring, n - first);
    return copy;
}

char **completion_find(const struct completion *c, const char *text) {
    struct matches m = {.prefix = text, .prefix_size = strlen(text)};
    size_t n = c->output_total < RING_SIZE ? c->output_total : RING_SIZE;
    char *copy = n > 0 ? copy_ring(c, n) : NULL;
    char **all;
    if (c->preset_words)
        add_listed_words(&m, c->preset_words, strlen(c->preset_words));
    if (c->file_words)
        add_listed_words(&m, c->file_words, c->file_size);
    if (copy)
        add_output_words(&m, copy, n, c->output_total > RING_SIZE);
    sort_unique(&m);
    all = copy_words(&m);
    free(m.words);
    free(copy);
    return all;
}

void completion_close(struct completion *c) {
    free(c->file_words);
    free(c->output_ring);
    *c = (struct completion){0};
}
