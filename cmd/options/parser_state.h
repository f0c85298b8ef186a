/* parser_state.h: the command line as it is being read. */
#ifndef PARSER_STATE_H
#define PARSER_STATE_H
#include "options/settings.h"
#include <stdbool.h>

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
#endif
