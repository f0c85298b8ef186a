/* fence.c: the fence: a text sent after a request; its token marks the end of the reply.
 *
 * The user's text contains {} where a token goes that was never used before. The child echoes or
 * prints the token when it has answered, so a line that ends in the token ends the reply; some
 * print strings in quotes, which then belong to the token. A child with echo on also prints the
 * fence line itself; such a line ends in the whole last line of the text, with the token filled in,
 * and is an echo to be cut out. */
#include "codec/fence.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Returns the last {} in the text, or NULL. */
static const char *find_last_placeholder(const char *text) {
    const char *last = NULL;
    while ((text = strstr(text, "{}")))
        last = text++;
    return last;
}

/* Letters and digits alone: no program takes them for anything but a word. */
void fence_make_token(char token[FENCE_TOKEN_SIZE], uint64_t salt, uint64_t n) {
    snprintf(token, FENCE_TOKEN_SIZE, "dp%016llxn%llu", (unsigned long long)salt,
             (unsigned long long)n);
}

static bool is_quote(char c) {
    return c == '"' || c == '\'';
}

bool fence_init(struct fence *f, const char *text) {
    const char *last = find_last_placeholder(text);
    *f = (struct fence){0};
    if (!last)
        return false;
    if (!(f->text = strdup(text)))
        return true;
    last = f->text + (last - text);
    for (f->echo = last; f->echo > f->text && f->echo[-1] != '\n';)
        f->echo--;
    f->echo_size = (size_t)(last - f->echo) + strcspn(last, "\n");
    f->last_char = f->echo[f->echo_size - 1];
    if (f->echo_size == 2 ||
        (f->echo_size == 4 && is_quote(f->echo[0]) && f->last_char == f->echo[0]))
        f->echo = NULL; /* what the child prints of itself can't be told from it */
    return true;
}

void fence_free(struct fence *f) {
    free(f->text);
}

static bool is_placeholder(const char *text, const char *end) {
    return end - text >= 2 && text[0] == '{' && text[1] == '}';
}

/* Copies n bytes of text to out with the token in place of each {}; returns the size. out may be
 * NULL. */
static size_t substitute_token(const char *text, size_t n, const char *token, char *out) {
    size_t size = 0, token_size = strlen(token);
    for (const char *end = text + n; text < end; text++) {
        bool is_token = is_placeholder(text, end);
        if (out)
            memcpy(out + size, is_token ? token : text, is_token ? token_size : 1);
        size += is_token ? token_size : 1;
        text += is_token;
    }
    return size;
}

size_t fence_format(const struct fence *f, const char *token, char *out) {
    size_t n = substitute_token(f->text, strlen(f->text), token, out);
    if (out)
        out[n] = '\n';
    return n + 1;
}

/* Whether the last line of the fence, the token filled in, stands at `line`. The caller has checked
 * that enough bytes follow. */
static bool is_echo(const struct fence *f, const char *token, const char *line) {
    const char *text = f->echo, *end = text + f->echo_size;
    size_t token_size = strlen(token);
    for (; text < end; text++) {
        bool is_token = is_placeholder(text, end);
        size_t n = is_token ? token_size : 1;
        if (memcmp(line, is_token ? token : text, n) != 0)
            return false;
        line += n;
        text += is_token;
    }
    return true;
}

enum fence_match fence_match_line(const struct fence *f, const char *token, const char *line,
                                  size_t size, size_t *n) {
    size_t echo_size, token_size = *n = strlen(token);
    char last = size < token_size ? 0 : line[size - 1];
    if (last == 0 || (last != token[token_size - 1] && last != f->last_char && !is_quote(last)))
        return FENCE_NONE; /* the quick test that nearly every line fails */
    if (f->echo && size >= (echo_size = substitute_token(f->echo, f->echo_size, token, NULL)) &&
        is_echo(f, token, line + size - echo_size))
        return FENCE_ECHO;
    if (is_quote(last) && size >= token_size + 2 && line[size - token_size - 2] == last) {
        *n += 2;
        size--;
    }
    return memcmp(line + size - token_size, token, token_size) == 0 ? FENCE_END : FENCE_NONE;
}
