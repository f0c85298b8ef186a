/* shellwords.c: a command line taken apart as a shell would, and paragraphs of them (presets). */
#include "util/shellwords.h"
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.+";

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* --- words ------------------------------------------------------------------------------- */

struct splitter {
    const char *at, *end;
    char *to;
    const char *why;
};

/* Behind the opening quote, up to its like. */
static void take_quoted(struct splitter *s, char quote) {
    for (; s->at < s->end && *s->at != quote; s->at++) {
        if (quote == '"' && *s->at == '\\' && s->at + 1 < s->end &&
            strchr("\"\\$`\n", s->at[1]) && *++s->at == '\n')
            continue; /* a line that goes on */
        *s->to++ = *s->at;
    }
    if (s->at == s->end)
        s->why = quote == '"' ? "a \" is not closed" : "a ' is not closed";
    else
        s->at++;
}

static void take_word(struct splitter *s) {
    while (!s->why && s->at < s->end && !is_blank(*s->at)) {
        char c = *s->at++;
        if (c == '\'' || c == '"') {
            take_quoted(s, c);
        } else if (c != '\\') {
            *s->to++ = c;
        } else if (s->at == s->end) {
            s->why = "it ends in a backslash";
        } else if (*s->at++ != '\n') {
            *s->to++ = s->at[-1];
        }
    }
    *s->to++ = 0;
}

static bool goes_on(const struct splitter *s) {
    return s->end - s->at > 1 && s->at[0] == '\\' && s->at[1] == '\n';
}

/* To the next word, if there is one. */
static bool skip_blanks(struct splitter *s) {
    while (s->at < s->end) {
        const char *lf;
        if (goes_on(s)) {
            s->at += 2;
        } else if (*s->at == '#') {
            lf = memchr(s->at, '\n', (size_t)(s->end - s->at));
            s->at = lf ? lf : s->end;
        } else if (is_blank(*s->at)) {
            s->at++;
        } else {
            return true;
        }
    }
    return false;
}

/* A word takes its bytes and a NUL; two words have a blank between them. */
char **words_split(const char *text, size_t size, int *n, const char **why) {
    size_t most = size / 2 + 3;
    char **words = size < (size_t)1 << 24 ? malloc(most * sizeof *words + size + 2) : NULL;
    struct splitter s = {.at = text, .end = text + size, .to = (char *)(words + most)};
    if (!words)
        s.why = strerror(ENOMEM);
    else if (memchr(text, 0, size))
        s.why = "a NUL byte";
    else
        words[0] = NULL;
    for (*n = 1; !s.why && skip_blanks(&s); ++*n) {
        words[*n] = s.to;
        take_word(&s);
    }
    if (!s.why) {
        words[*n] = NULL;
        return words;
    }
    *why = s.why;
    free(words);
    return NULL;
}

/* --- paragraphs -------------------------------------------------------------------------- */

struct line {
    const char *at, *next;
    size_t size; /* without blanks around it */
};

static struct line line_of(const struct paragraphs *all) {
    const char *lf = memchr(all->at, '\n', (size_t)(all->end - all->at));
    const char *end = lf ? lf : all->end;
    struct line l = {.at = all->at, .next = lf ? lf + 1 : end};
    while (l.at < end && is_blank(*l.at))
        l.at++;
    while (end > l.at && is_blank(end[-1]))
        end--;
    l.size = (size_t)(end - l.at);
    return l;
}

static void pass(struct paragraphs *all, const struct line *l) {
    all->at = l->next;
    all->line++;
}

static bool is_name(const char *name, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!name[i] || !strchr(letters, name[i]))
            return false;
    return name[0] != '-';
}

int paragraphs_next(struct paragraphs *all, struct paragraph *p, const char **why) {
    struct line l = {0};
    while (all->at < all->end && ((l = line_of(all)).size == 0 || *l.at == '#'))
        pass(all, &l);
    if (all->at == all->end)
        return 0;
    *p = (struct paragraph){.name = l.at, .name_size = l.size, .line = all->line};
    if (!is_name(p->name, p->name_size)) {
        *why = "a name is meant, of letters, digits and . _ - +, alone on its line";
        return -1;
    }
    pass(all, &l);
    p->text = all->at;
    while (all->at < all->end && (l = line_of(all)).size > 0)
        pass(all, &l);
    p->text_size = (size_t)(all->at - p->text);
    if (p->text_size > 0)
        return 1;
    *why = "a command line is meant behind the name";
    return -1;
}
