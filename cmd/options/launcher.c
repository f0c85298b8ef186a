/* launcher.c: the PREFIX of --via put together with the command.
 *
 * A prefix is a list of words, such as: ssh {host} -- {q}. ssh and many other launchers join their
 * arguments and give them to a shell, so that the command must be quoted, as {q}; others, like env
 * or nice, take the words of the command as they are, as {} or at the end. Placeholders are
 * replaced within the words of the prefix only, never in the command, and a replaced text is not
 * searched again.
 *
 * Memory: an argument vector and the words made from the prefix are one allocation; its size is
 * measured first, by the same functions with to = NULL. */
#include "options/launcher.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- quoting ----------------------------------------------------------------------------- */

/* Writes the word in single quotes to `to`, or with NULL only measures it. Returns the length. A '
 * within it becomes '\'': it ends the quotes, is escaped, and begins them anew. */
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

char *launcher_quote_words(char *const *words, size_t *n) {
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

/* --- substituting ------------------------------------------------------------------------ */

/* The texts that replace the placeholders. */
struct substitution {
    const char *host, *quoted;
    size_t host_len, quoted_len, number_len;
    char number[16];
};

/* If a placeholder begins at text: returns its length, with *value and *value_len set to what
 * replaces it. Otherwise returns 0. */
static size_t find_placeholder(const struct substitution *sub, const char *text, const char **value,
                               size_t *value_len) {
    if (sub->host && strncmp(text, "{host}", 6) == 0) {
        *value = sub->host;
        *value_len = sub->host_len;
        return 6;
    }
    if (strncmp(text, "{q}", 3) == 0) {
        *value = sub->quoted;
        *value_len = sub->quoted_len;
        return 3;
    }
    if (strncmp(text, "{n}", 3) == 0) {
        *value = sub->number;
        *value_len = sub->number_len;
        return 3;
    }
    return 0;
}

/* Writes the word with its placeholders replaced to `to`, or with NULL only measures it. Returns
 * the size with the NUL. */
static size_t substitute_word(const struct substitution *sub, const char *word, char *to) {
    size_t n = 0, placeholder_len, value_len;
    const char *value;
    for (; *word; word += placeholder_len) {
        if ((placeholder_len = find_placeholder(sub, word, &value, &value_len)) == 0) {
            value = word;
            value_len = placeholder_len = 1;
        }
        if (to)
            memcpy(to + n, value, value_len);
        n += value_len;
    }
    if (to)
        to[n] = 0;
    return n + 1;
}

static bool is_command_placeholder(const char *word) {
    return strcmp(word, "{}") == 0;
}

bool launcher_uses_host(char *const *prefix) {
    for (; *prefix; prefix++)
        if (strstr(*prefix, "{host}"))
            return true;
    return false;
}

/* Whether the prefix says where the command goes. */
static bool uses_command(char *const *prefix) {
    for (; *prefix; prefix++)
        if (is_command_placeholder(*prefix) || strstr(*prefix, "{q}"))
            return true;
    return false;
}

bool launcher_misplaces_command(char *const *prefix) {
    if (uses_command(prefix))
        return false;
    for (; *prefix; prefix++)
        if (strstr(*prefix, "{}"))
            return true;
    return false;
}

/* Returns the end of what was written. */
static char **append_words(char **to, char *const *words) {
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

static char **build_argv(const struct substitution *sub, char *const *prefix,
                         char *const *command) {
    size_t words = 1, bytes = 0, command_len = count_words(command);
    bool has_command = uses_command(prefix);
    char **argv, **to, *text;
    for (int i = 0; prefix[i]; i++) {
        words += is_command_placeholder(prefix[i]) ? command_len : 1;
        bytes += substitute_word(sub, prefix[i], NULL);
    }
    words += has_command ? 0 : command_len;
    if (!(argv = to = malloc(words * sizeof *argv + bytes)))
        return NULL;
    text = (char *)(argv + words);
    for (int i = 0; prefix[i]; i++) {
        if (is_command_placeholder(prefix[i])) {
            to = append_words(to, command);
        } else {
            *to++ = text;
            text += substitute_word(sub, prefix[i], text);
        }
    }
    if (!has_command)
        to = append_words(to, command);
    *to = NULL;
    return argv;
}

char **launcher_build_argv(char *const *prefix, char *const *command, const char *host,
                           int number) {
    struct substitution sub = {.host = host, .host_len = host ? strlen(host) : 0};
    char *quoted = launcher_quote_words(command, &sub.quoted_len), **all;
    sub.quoted = quoted;
    sub.number_len = (size_t)snprintf(sub.number, sizeof sub.number, "%d", number);
    all = quoted ? build_argv(&sub, prefix, command) : NULL;
    free(quoted);
    return all;
}
