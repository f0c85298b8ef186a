/* parser.h: the command line as it is being read. */
#ifndef PARSER_H
#define PARSER_H
#include "options/options.h"
#include "options/settings.h"
#include <errno.h>

enum { USAGE = 125, PARSE_CONTINUE = -1, OPTIONS_MAX = 64, MESSAGE_MAX = 1 << 30 };

/* Arguments of one option, NULL-terminated, in room for all arguments. */
struct pattern_list {
    const char **patterns;
    int count;
    bool is_used; /* a request stands behind them */
};

/* The rule that is being put together: it stands for the requests that follow. */
struct rule_builder {
    struct dualpipe_rule_options rule;
    struct pattern_list until, no_reply, async;
    int64_t timeout;
    bool is_used;           /* a request stands behind the rule */
    const char *unused_option; /* the last option that no request has followed yet */
};

struct parser {
    struct settings *s;
    struct rule_builder builder;
    dualpipe_rule *compiled_rule; /* of the draft as it stands; NULL: not yet */
    dualpipe_rule **rules;   /* all that were made */
    int rule_count;
    struct dualpipe_rule_options session_rule_options; /* by which a session's replies end */
    int sets_begun,
        session_rule_set;   /* how many sets were begun; which of them that was, 0: none */
    bool has_two_rules;     /* of requests that draw replies */
    const char **pattern_room;      /* room for the lists of the draft */
    bool is_builtin, preset_is_builtin, interactive, stderr_given, io_given;
    const char *ready_pattern,
        *first_prompt; /* of --ready; of -p, if it stands for the first request */
    const char *unpipelined_option;              /* an option whose replies allow no window */
    const char *hosts_value, *via_value;          /* of --hosts, --via; NULL: not given */
    bool workers_auto;                /* -j 0 */
    bool has_request_option;              /* one has chosen request mode */
    const char *noninteractive_option;            /* one that is of no use at a prompt */
};

/* Says what is wrong with an option; USAGE. */
int option_error(const char *option, const char *value, const char *reason);
/* A TIME. */
int option_error_check_time(const struct option_row *row, const char *value, int64_t *us,
                            bool may_be_0);

/* Any option. */
int apply_option(struct parser *p, const struct option_row *row, const char *value);
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
/* How the workers are launched, where --hosts or --via is given; the command is known. */
int workers_plan(struct parser *p);
void workers_free(char ***launches);
/* What is awaited before the first request. */
int reply_rules_compile_ready(struct parser *p);
#endif
