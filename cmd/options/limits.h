/* limits.h: --limit: the limits on what a child may use, read and put into words. */
#ifndef LIMITS_H
#define LIMITS_H
#include "options/settings.h"

enum { LIMITS_TEXT_SIZE = 200 }; /* bytes of the buffers that take a text of all limits */

/* Reads NAME=VALUE,... into the settings. A limit that was set by an earlier call is replaced. */
int limits_parse(struct settings *s, const char *text);
/* Writes all limits as limits_parse reads them, always in the same order and units, so that texts
 * can be compared. out has LIMITS_TEXT_SIZE bytes. Returns out. */
const char *limits_format(const struct dualpipe_limits *l, char *out);
/* The name of a limit, as --limit writes it. */
const char *limits_name(enum dualpipe_limit limit);
/* Describes how a child exceeded the limit, for a message: "more than 256M of memory". out has
 * LIMITS_TEXT_SIZE bytes. Returns out. */
const char *limits_describe(const struct dualpipe_limits *l, enum dualpipe_limit limit, char *out);
/* Writes members of a JSON object, each with a comma before it: the limit that ended the child, if
 * any, and those that it came close to (bits 1 << limit). out has LIMITS_TEXT_SIZE bytes. Returns
 * the length. */
int limits_json_members(enum dualpipe_limit limit, unsigned near_limits, char *out);
#endif
