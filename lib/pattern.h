/* pattern.h: POSIX extended regular expressions over bytes, whatever the host's locale. */
#ifndef PATTERN_H
#define PATTERN_H
#include "dualpipe.h"
#include <locale.h>
#include <regex.h>
#include <stdbool.h>

struct pattern {
    regex_t regex;
    locale_t bytes; /* the C locale */
    int line_ends; /* `\n` in it */
};

/* -EINVAL: *why says where and what to write instead. */
int pattern_compile(struct pattern *p, const char *text, struct dualpipe_failure *why);
bool pattern_matches(const struct pattern *p, const char *text, size_t n);
void pattern_free(struct pattern *p);
#endif
