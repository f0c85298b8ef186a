/* limits.h: what a child may use: --limit read, and what it says when one has ended a child. */
#ifndef LIMITS_H
#define LIMITS_H
#include "options/settings.h"

enum { LIMITS_TEXT_SIZE = 200 };

/* Reads NAME=VALUE,...: of those given before, what is named again is replaced. */
int limits_parse(struct settings *s, const char *text);
/* The same as a text, always in the same order and units; returns out, of LIMITS_TEXT_SIZE bytes. */
const char *limits_format(const struct dualpipe_limits *l, char *out);
/* As --limit calls it. */
const char *limits_name(enum dualpipe_limit limit);
/* What a child has done that passed it; returns out, of LIMITS_TEXT_SIZE bytes. */
const char *limits_describe(const struct dualpipe_limits *l, enum dualpipe_limit limit, char *out);
/* Members of a JSON object, each behind a comma: the limit, and those that were near. Returns how
 * many bytes; there is room for LIMITS_TEXT_SIZE. */
int limits_json_members(enum dualpipe_limit limit, unsigned near_limits, char *out);
#endif
