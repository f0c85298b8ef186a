/* fence.h: a text that is sent after a request, or around it; its token tells where the reply ends.
 * fence_init() or fence_init_wrap() once a rule; for each request fence_format() with a fresh
 * token, then fence_match_line() for each line of output. */
#ifndef FENCE_H
#define FENCE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fence {
    char *text; /* NULL if the rule has no fence */
    bool wraps; /* it is sent in place of the request, for which {text}, {q} and {size} stand in it,
                   and a status may follow the token */
    bool quotes; /* {q} stands in it */
    /* points into text: the last line with a placeholder; NULL if that line is nothing but {}, in
     * quotes or not */
    const char *echo;
    size_t echo_size;
    char last_char; /* the last character of that line */
};

/* FENCE_END: the line ends in the token, in the token in quotes, or, of a wrap, in the token, one
 * blank and a decimal number. FENCE_ECHO: it ends in the whole fence line. */
enum fence_match { FENCE_NONE, FENCE_END, FENCE_ECHO };

/* Bytes of a fence token with its NUL. */
enum { FENCE_TOKEN_SIZE = 40 };
/* Makes a token that was never used before: salt is a random number, n counts up. */
void fence_make_token(char token[FENCE_TOKEN_SIZE], uint64_t salt, uint64_t n);

/* Copies the text. Returns false if it has no {}, or a wrap no place for the request; if no memory
 * is left, returns true with text NULL. */
bool fence_init(struct fence *f, const char *text);
bool fence_init_wrap(struct fence *f, const char *text);
void fence_free(struct fence *f);
/* Writes the text with the token, and of a wrap the n bytes of the request, filled in, and a line
 * feed. Returns its size; out may be NULL to learn only that. */
size_t fence_format(const struct fence *f, const char *token, const char *request, size_t n,
                    char *out);
/* Whether a set-up text of n bytes prints the token itself: it has a {}. */
bool fence_is_in_text(const char *text, size_t n);
/* Writes that text with the token filled in, and a line feed if it has none at its end. As
 * fence_format(). */
size_t fence_fill_text(const char *text, size_t n, const char *token, char *out);
/* Says how a line without its line end relates to the fence. The token must not be empty; *n is set
 * to its size, with the quotes around it or the status behind it; *status to the status, -1 if it
 * has none. */
enum fence_match fence_match_line(const struct fence *f, const char *token, const char *line,
                                  size_t size, size_t *n, int *status);
#endif
