/* reply_rules.h: the options that tell where a reply ends, collected into sets: a set applies to
 * the requests that follow it. A reader of options calls, in this order: reply_rules_apply for
 * each rule option, reply_rules_mark_used and reply_rules_assign for each request, and at the end
 * reply_rules_assign for the requests of stdin and reply_rules_compile_ready. */
#ifndef REPLY_RULES_H
#define REPLY_RULES_H
#include "options/option_table.h"
#include "options/parser_state.h"

/* Applies an option of reply rules, or -t. */
int reply_rules_apply(struct parser *p, const struct option_row *row, const char *value);
/* Marks the set as used by a request: the next rule option begins a new one. */
void reply_rules_mark_used(struct parser *p);
/* Gives a request the rule of the current set, compiled if it is not yet. is_setup: the request is
 * a --setup text. */
int reply_rules_assign(struct parser *p, struct request_opts *opts, bool is_setup);
/* Compiles the rule for the output that is awaited before the first request: that of --ready, else
 * the first -p if it applies to the first request. */
int reply_rules_compile_ready(struct parser *p);
/* Compiles the current set only to find errors in it; the parser stays as it was, but owns the
 * compiled rules. */
int reply_rules_check(struct parser *p);

/* Makes the current set the rule of a session, unless a later request brings another. */
int reply_rules_keep_for_session(struct parser *p);
/* Gives a session the default rule, one line, if no request brought one. */
int reply_rules_default_for_session(struct parser *p);
#endif
