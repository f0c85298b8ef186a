/* rule_errors.h: whether a reply, or what came on stderr meanwhile, says that the request failed:
 * by the patterns `errors` and `stderr_errors` of its rule, or as JSON.
 *
 * For each reply: rule_errors_begin(); rule_errors_add() for all bytes of stderr as they come, and
 * of the reply, in pieces or at once; rule_errors_end(). Then `found` tells. rule_errors_free() at
 * last. */
#ifndef RULE_ERRORS_H
#define RULE_ERRORS_H
#include "base/buffer.h"
#include "dualpipe.h"
#include <stdbool.h>

enum { RULE_ERRORS_SAID_MAX = 159 }; /* bytes of the line that are kept */

/* The lines of one stream, which come in pieces. */
struct rule_errors_lines {
    struct buffer text; /* the unfinished line, behind as many lines as a pattern may need */
    size_t line;        /* where in text it begins */
};

struct rule_errors {
    struct rule_errors_lines reply, err;
    bool found;        /* a line, or a JSON message, says that the request failed */
    bool out_of_memory; /* not all of the lines were looked at */
    const struct rule_errors_lines *awaits_rest; /* the line found announces others of this stream,
                                                    of which one says more; NULL: it doesn't */
    char said[RULE_ERRORS_SAID_MAX + 1]; /* that line, or its beginning */
};

/* Forgets the last reply. A zeroed struct has begun. */
void rule_errors_begin(struct rule_errors *e);
/* Looks at the next bytes of stderr, or of a reply whose lines suffice (rule_errors_need_all). */
void rule_errors_add(struct rule_errors *e, const dualpipe_rule *rule, bool is_stderr,
                     const char *p, size_t n);
/* Looks at a whole reply. */
void rule_errors_add_reply(struct rule_errors *e, const dualpipe_rule *rule, const char *p,
                           size_t n);
/* Nothing more comes: a last line without its end counts too. */
void rule_errors_end(struct rule_errors *e, const dualpipe_rule *rule);
void rule_errors_free(struct rule_errors *e);
#endif
