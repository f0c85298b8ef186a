/* fence.h: a line sent behind a request, whose token tells where the reply ends. */
#ifndef FENCE_H
#define FENCE_H
#include <stdbool.h>
#include <stddef.h>

struct fence {
    char *text;       /* NULL: there is none */
    const char *echo; /* in text: the last line with a token; NULL: it is nothing else */
    size_t echo_size;
    char last_char; /* of that line */
};

enum fence_match { FENCE_NONE, FENCE_END, FENCE_ECHO };

/* False: the text has no `{}`. A copy that can't be had leaves text NULL. */
bool fence_init(struct fence *f, const char *text);
void fence_free(struct fence *f);
/* The text with the token put in, and an LF; returns its size. out NULL: that alone. */
size_t fence_format(const struct fence *f, const char *token, char *out);
/* What a line without its line end is. token: not empty; *n: its size. */
enum fence_match fence_match_line(const struct fence *f, const char *token, const char *line,
                                  size_t size, size_t *n);
#endif
