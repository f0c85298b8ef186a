/* fence.c: the fence: a text sent after a request, or around it; its token marks the end of the
 * reply.
 *
 * The user's text contains {} where a token goes that was never used before. The child echoes or
 * prints the token when it has answered, so a line that ends in the token ends the reply; some
 * print strings in quotes, which then belong to the token. A child with echo on also prints the
 * fence line itself; such a line ends in the whole last line of the text, with the token filled in,
 * and is an echo to be cut out.
 *
 * A wrap is a fence that is sent in place of the request: the request is filled in too, as it is,
 * in single quotes for a shell, or as its size (struct filling). Behind its token the program may
 * print the status of the request. */
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

/* What stands for {} and, in a wrap, for the request. */
struct filling {
    const char *token;
    const char *request; /* without its last line end; NULL: no wrap */
    size_t size;
};

static size_t put(char *out, size_t at, const char *p, size_t n) {
    if (out)
        memcpy(out + at, p, n);
    return at + n;
}

/* In single quotes; a quote is closed, written after a backslash, and opened again. */
static size_t put_quoted(char *out, size_t at, const char *p, size_t n) {
    const char *end = p + n, *quote;
    at = put(out, at, "'", 1);
    for (; (quote = memchr(p, '\'', (size_t)(end - p))); p = quote + 1) {
        at = put(out, at, p, (size_t)(quote - p));
        at = put(out, at, "'\\''", 4);
    }
    at = put(out, at, p, (size_t)(end - p));
    return put(out, at, "'", 1);
}

static bool begins_with(const char *text, const char *end, const char *word) {
    size_t n = strlen(word);
    return (size_t)(end - text) >= n && memcmp(text, word, n) == 0;
}

/* Writes what stands for the placeholder at the front of the text. Returns the placeholder's size;
 * 0: there is none. */
static size_t put_placeholder(const char *text, const char *end, const struct filling *with,
                              char *out, size_t *at) {
    char digits[24];
    if (begins_with(text, end, "{}")) {
        *at = put(out, *at, with->token, strlen(with->token));
        return 2;
    }
    if (!with->request)
        return 0;
    if (begins_with(text, end, "{text}")) {
        *at = put(out, *at, with->request, with->size);
        return 6;
    }
    if (begins_with(text, end, "{q}")) {
        *at = put_quoted(out, *at, with->request, with->size);
        return 3;
    }
    if (begins_with(text, end, "{size}")) {
        *at = put(out, *at, digits, (size_t)snprintf(digits, sizeof digits, "%zu", with->size));
        return 6;
    }
    return 0;
}

/* Copies n bytes of text to out with its placeholders filled in; returns the size. out may be
 * NULL. */
static size_t fill(const char *text, size_t n, const struct filling *with, char *out) {
    const char *end = text + n, *brace;
    size_t at = 0, skipped;
    while ((brace = memchr(text, '{', (size_t)(end - text)))) {
        at = put(out, at, text, (size_t)(brace - text));
        if ((skipped = put_placeholder(brace, end, with, out, &at)) == 0)
            at = put(out, at, brace, skipped = 1);
        text = brace + skipped;
    }
    return put(out, at, text, (size_t)(end - text));
}

/* The line with the last {} is what an echo ends in, if the child can print nothing like it of
 * itself, and it doesn't change with the request. */
static void find_echo(struct fence *f) {
    const char *last = find_last_placeholder(f->text);
    for (f->echo = last; f->echo > f->text && f->echo[-1] != '\n';)
        f->echo--;
    f->echo_size = (size_t)(last - f->echo) + strcspn(last, "\n");
    f->last_char = f->echo[f->echo_size - 1];
    if (f->echo_size == 2 ||
        (f->echo_size == 4 && is_quote(f->echo[0]) && f->last_char == f->echo[0]))
        f->echo = NULL;
    for (const char *p = f->echo; f->wraps && f->echo && p < f->echo + f->echo_size; p++)
        if (*p == '{' && p[1] != '}')
            f->echo = NULL;
}

bool fence_init(struct fence *f, const char *text) {
    *f = (struct fence){0};
    if (!strstr(text, "{}"))
        return false;
    if ((f->text = strdup(text)))
        find_echo(f);
    return true;
}

bool fence_init_wrap(struct fence *f, const char *text) {
    *f = (struct fence){.wraps = true, .quotes = strstr(text, "{q}")};
    if (!strstr(text, "{}") || (!strstr(text, "{text}") && !strstr(text, "{q}")))
        return false;
    if ((f->text = strdup(text)))
        find_echo(f);
    return true;
}

void fence_free(struct fence *f) {
    free(f->text);
}

size_t fence_format(const struct fence *f, const char *token, const char *request, size_t n,
                    char *out) {
    struct filling with = {token, f->wraps ? request : NULL, n};
    n = fill(f->text, strlen(f->text), &with, out);
    return put(out, n, "\n", 1);
}

bool fence_is_in_text(const char *text, size_t n) {
    return memmem(text, n, "{}", 2);
}

size_t fence_fill_text(const char *text, size_t n, const char *token, char *out) {
    bool lacks_line_end = n == 0 || text[n - 1] != '\n';
    struct filling with = {.token = token};
    n = fill(text, n, &with, out);
    return lacks_line_end ? put(out, n, "\n", 1) : n;
}

/* Whether the last line of the fence, the token filled in, stands at the end of the line. */
static bool ends_in_echo(const struct fence *f, const char *token, const char *line, size_t size) {
    struct filling with = {.token = token};
    size_t n = f->echo ? fill(f->echo, f->echo_size, &with, NULL) : SIZE_MAX, skipped = 0;
    const char *text = f->echo, *end;
    if (n > size)
        return false;
    end = text + f->echo_size;
    for (line += size - n; text < end; text += skipped, line += n) {
        bool is_token = begins_with(text, end, "{}");
        skipped = is_token ? 2 : 1;
        n = is_token ? strlen(token) : 1;
        if (memcmp(line, is_token ? token : text, n) != 0)
            return false;
    }
    return true;
}

/* The size of the line without a status behind the token: one blank and a decimal of up to three
 * digits, which is read. */
static size_t strip_status(const char *line, size_t size, int *status) {
    int value = 0, factor = 1;
    size_t n = size;
    for (; n > 0 && size - n < 3 && line[n - 1] >= '0' && line[n - 1] <= '9'; factor *= 10)
        value += factor * (line[--n] - '0');
    if (n == size || n == 0 || line[n - 1] != ' ')
        return size;
    *status = value;
    return n - 1;
}

enum fence_match fence_match_line(const struct fence *f, const char *token, const char *line,
                                  size_t size, size_t *n, int *status) {
    size_t token_size = *n = strlen(token), whole = size;
    char last = size < token_size ? 0 : line[size - 1];
    bool is_digit = f->wraps && last >= '0' && last <= '9';
    *status = -1;
    if (last == 0 || (last != token[token_size - 1] && last != f->last_char && !is_quote(last) &&
                      !is_digit))
        return FENCE_NONE; /* the quick test that nearly every line fails */
    if (ends_in_echo(f, token, line, size))
        return FENCE_ECHO;
    if (is_digit && (size = strip_status(line, size, status)) < token_size)
        return FENCE_NONE;
    if (is_quote(last) && size >= token_size + 2 && line[size - token_size - 2] == last) {
        *n += 2;
        size--;
    }
    *n += *status >= 0 ? whole - size : 0;
    return memcmp(line + size - token_size, token, token_size) == 0 ? FENCE_END : FENCE_NONE;
}
