/* shellwords.c: splits a command line into words as a shell does, and a preset file into
 * paragraphs.
 *
 * Nothing is expanded: no variables, no globs, no substitutions. The two parts don't depend on each
 * other, but belong together as the syntax of preset files: each paragraph there is a name on a
 * line of its own and a command line, which ends at an empty line.
 *
 * The words share one allocation with the array that points to them, so that the caller frees one
 * thing. Its size is known beforehand: n bytes of text have at most n / 2 + 1 words, since two
 * words have a blank between them, and quoting only ever makes a word shorter. */
#include "util/shellwords.h"
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char name_characters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.+";

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* --- words ------------------------------------------------------------------------------- */

/* The state of splitting; error is NULL until something is wrong. */
struct splitter {
    const char *next, *end;
    char *out;
    const char *error;
};

/* Copies what follows an opening quote, up to its closing quote. */
static void read_quoted(struct splitter *s, char quote) {
    for (; s->next < s->end && *s->next != quote; s->next++) {
        if (quote == '"' && *s->next == '\\' && s->next + 1 < s->end &&
            strchr("\"\\$`\n", s->next[1]) && *++s->next == '\n')
            continue; /* a backslash at the end of the line continues it */
        *s->out++ = *s->next;
    }
    if (s->next == s->end)
        s->error = quote == '"' ? "a \" is not closed" : "a ' is not closed";
    else
        s->next++;
}

static void read_word(struct splitter *s) {
    while (!s->error && s->next < s->end && !is_blank(*s->next)) {
        char c = *s->next++;
        if (c == '\'' || c == '"') {
            read_quoted(s, c);
        } else if (c != '\\') {
            *s->out++ = c;
        } else if (s->next == s->end) {
            s->error = "it ends in a backslash";
        } else if (*s->next++ != '\n') {
            *s->out++ = s->next[-1];
        }
    }
    *s->out++ = 0;
}

static bool is_line_continuation(const struct splitter *s) {
    return s->end - s->next > 1 && s->next[0] == '\\' && s->next[1] == '\n';
}

/* Advances to the next word. Returns false if there is none. */
static bool skip_blanks(struct splitter *s) {
    while (s->next < s->end) {
        const char *lf;
        if (is_line_continuation(s)) {
            s->next += 2;
        } else if (*s->next == '#') {
            lf = memchr(s->next, '\n', (size_t)(s->end - s->next));
            s->next = lf ? lf : s->end;
        } else if (is_blank(*s->next)) {
            s->next++;
        } else {
            return true;
        }
    }
    return false;
}

/* The array needs room for argv[0], the words and a NULL; the words need their bytes and a NUL
 * each. */
char **shellwords_split(const char *text, size_t size, int *n, const char **error) {
    size_t max_words = size / 2 + 3;
    char **words = size < (size_t)1 << 24 ? malloc(max_words * sizeof *words + size + 2) : NULL;
    struct splitter s = {
        .next = text, .end = text + size, .out = words ? (char *)(words + max_words) : NULL};
    if (!words)
        s.error = strerror(ENOMEM);
    else if (memchr(text, 0, size))
        s.error = "a NUL byte";
    else
        words[0] = NULL;
    for (*n = 1; !s.error && skip_blanks(&s); ++*n) {
        words[*n] = s.out;
        read_word(&s);
    }
    if (!s.error) {
        words[*n] = NULL;
        return words;
    }
    *error = s.error;
    free(words);
    return NULL;
}

/* --- paragraphs -------------------------------------------------------------------------- */

struct line {
    const char *at, *next;
    size_t size; /* without the blanks around it */
};

static struct line current_line(const struct paragraph_reader *reader) {
    const char *lf = memchr(reader->next, '\n', (size_t)(reader->end - reader->next));
    const char *end = lf ? lf : reader->end;
    struct line l = {.at = reader->next, .next = lf ? lf + 1 : end};
    while (l.at < end && is_blank(*l.at))
        l.at++;
    while (end > l.at && is_blank(end[-1]))
        end--;
    l.size = (size_t)(end - l.at);
    return l;
}

static void skip_line(struct paragraph_reader *reader, const struct line *l) {
    reader->next = l->next;
    reader->line++;
}

static bool is_preset_name(const char *name, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (!name[i] || !strchr(name_characters, name[i]))
            return false;
    return name[0] != '-';
}

int shellwords_next_paragraph(struct paragraph_reader *reader, struct paragraph *p,
                              const char **error) {
    struct line l = {0};
    while (reader->next < reader->end && ((l = current_line(reader)).size == 0 || *l.at == '#'))
        skip_line(reader, &l);
    if (reader->next == reader->end)
        return 0;
    *p = (struct paragraph){.name = l.at, .name_size = l.size, .line = reader->line};
    if (!is_preset_name(p->name, p->name_size)) {
        *error = "a name is meant, of letters, digits and . _ - +, alone on its line";
        return -1;
    }
    skip_line(reader, &l);
    p->text = reader->next;
    while (reader->next < reader->end && (l = current_line(reader)).size > 0)
        skip_line(reader, &l);
    p->text_size = (size_t)(reader->next - p->text);
    if (p->text_size > 0)
        return 1;
    *error = "a command line is meant behind the name";
    return -1;
}
