/* reply_rules.h: the options that say where a reply ends. */
#ifndef REPLY_RULES_H
#define REPLY_RULES_H
#include "options/option_table.h"
#include "options/parser_state.h"

/* An option of the rules by which replies end. */
int reply_rules_apply(struct parser *p, const struct option_row *row, const char *value);
/* The rules as they stand are those of some requests. */
int reply_rules_assign(struct parser *p, struct request_opts *opts, bool is_setup);
/* They stand for a request that is given. */
void reply_rules_mark_used(struct parser *p);
/* They are a session's, unless others follow. */
int reply_rules_keep_for_session(struct parser *p);
/* A session has one, though all that is asked draws no reply. */
int reply_rules_default_for_session(struct parser *p);
/* Whether the rules as they stand can be understood; they are as before. */
int reply_rules_check(struct parser *p);
/* What is awaited before the first request. */
int reply_rules_compile_ready(struct parser *p);
#endif
