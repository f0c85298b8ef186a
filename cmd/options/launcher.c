/* launcher.c: how a worker is launched: the PREFIX of --via put together with the command. */
#include "options/launcher.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- quoting ----------------------------------------------------------------------------- */

/* to NULL: only measured. A ' ends the quotes, stands behind a backslash, and begins them anew. */
static size_t quote_word(const char *word, char *to) {
    size_t n = 0;
    for (const char *p = word; *p; p++) {
        size_t size = *p == '\'' ? 4 : 1;
        if (to)
            memcpy(to + n + 1, *p == '\'' ? "'\\''" : p, size);
        n += size;
    }
    if (to)
        to[0] = to[n + 1] = '\'';
    return n + 2;
}

char *via_quote(char *const *words, size_t *n) {
    size_t size = 1;
    char *text, *to;
    for (int i = 0; words[i]; i++)
        size += quote_word(words[i], NULL) + 1;
    if (!(text = to = malloc(size)))
        return NULL;
    for (int i = 0; words[i]; i++) {
        if (i > 0)
            *to++ = ' ';
        to += quote_word(words[i], to);
    }
    *to = 0;
    *n = (size_t)(to - text);
    return text;
}

/* --- putting together -------------------------------------------------------------------- */

struct filling {
    const char *host, *quoted;
    size_t nhost, nquoted, nnumber;
    char number[16];
};

/* What stands for a mark at p: its bytes, and how long the mark is; 0: there is none. */
static size_t find_mark(const struct filling *f, const char *p, const char **by, size_t *n) {
    if (f->host && strncmp(p, "{host}", 6) == 0) {
        *by = f->host;
        *n = f->nhost;
        return 6;
    }
    if (strncmp(p, "{q}", 3) == 0) {
        *by = f->quoted;
        *n = f->nquoted;
        return 3;
    }
    if (strncmp(p, "{n}", 3) == 0) {
        *by = f->number;
        *n = f->nnumber;
        return 3;
    }
    return 0;
}

/* With its NUL; to NULL: only measured. */
static size_t fill_word(const struct filling *f, const char *word, char *to) {
    size_t n = 0, mark, size;
    const char *by;
    for (; *word; word += mark) {
        if ((mark = find_mark(f, word, &by, &size)) == 0) {
            by = word;
            size = mark = 1;
        }
        if (to)
            memcpy(to + n, by, size);
        n += size;
    }
    if (to)
        to[n] = 0;
    return n + 1;
}

static bool is_command(const char *word) {
    return strcmp(word, "{}") == 0;
}

bool via_names_host(char *const *prefix) {
    for (; *prefix; prefix++)
        if (strstr(*prefix, "{host}"))
            return true;
    return false;
}

static bool names_command(char *const *prefix) {
    for (; *prefix; prefix++)
        if (is_command(*prefix) || strstr(*prefix, "{q}"))
            return true;
    return false;
}

static char **put_words(char **to, char *const *words) {
    while (*words)
        *to++ = *words++;
    return to;
}

static size_t count_words(char *const *words) {
    size_t n = 0;
    while (words[n])
        n++;
    return n;
}

static char **put_together(const struct filling *f, char *const *prefix, char *const *command) {
    size_t words = 1, bytes = 0, ncommand = count_words(command);
    bool named = names_command(prefix);
    char **all, **to, *text;
    for (int i = 0; prefix[i]; i++) {
        words += is_command(prefix[i]) ? ncommand : 1;
        bytes += fill_word(f, prefix[i], NULL);
    }
    words += named ? 0 : ncommand;
    if (!(all = to = malloc(words * sizeof *all + bytes)))
        return NULL;
    text = (char *)(all + words);
    for (int i = 0; prefix[i]; i++) {
        if (is_command(prefix[i])) {
            to = put_words(to, command);
        } else {
            *to++ = text;
            text += fill_word(f, prefix[i], text);
        }
    }
    if (!named)
        to = put_words(to, command);
    *to = NULL;
    return all;
}

char **via_launch(char *const *prefix, char *const *command, const char *host, int number) {
    struct filling f = {.host = host, .nhost = host ? strlen(host) : 0};
    char *quoted = via_quote(command, &f.nquoted), **all;
    f.quoted = quoted;
    f.nnumber = (size_t)snprintf(f.number, sizeof f.number, "%d", number);
    all = quoted ? put_together(&f, prefix, command) : NULL;
    free(quoted);
    return all;
}
