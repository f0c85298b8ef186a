/* parser.h: the command line as it is being read. */
#ifndef PARSER_H
#define PARSER_H
#include "options/options.h"
#include "options/settings.h"
#include <errno.h>

enum { USAGE = 125, GO_ON = -1, MOST_OPTIONS = 64, MOST_MESSAGE = 1 << 30 };

/* Arguments of one option, NULL-terminated, in room for all arguments. */
struct list {
    const char **all;
    int n;
    bool used; /* a request stands behind them */
};

/* The rule that is being put together: it stands for the requests that follow. */
struct draft {
    struct dualpipe_rule_options rule;
    struct list until, no_reply, async;
    int64_t timeout;
    bool used;           /* a request stands behind the rule */
    const char *pending; /* the last option that no request has followed yet */
};

struct parser {
    struct settings *s;
    struct draft draft;
    dualpipe_rule *compiled; /* of the draft as it stands; NULL: not yet */
    dualpipe_rule **rules;   /* all that were made */
    int nrules;
    struct dualpipe_rule_options kept; /* by which a session's replies end */
    int sets, kept_set; /* how many sets were begun; which of them that was, 0: none */
    bool two_rules;     /* of requests that draw replies */
    const char **texts;      /* room for the lists of the draft */
    bool builtin, preset_builtin, interactive, err_given, io_given;
    const char *ready, *first_prompt; /* of --ready; of -p, if it stands for the first request */
    const char *unpiped;              /* an option whose replies allow no window */
    const char *hosts, *via;          /* of --hosts, --via; NULL: not given */
    bool workers_auto;                /* -j 0 */
    bool request_option;              /* one has chosen request mode */
    const char *not_typed;            /* one that is of no use at a prompt */
};

/* Says what is wrong with an option; USAGE. */
int option_wrong(const char *option, const char *value, const char *reason);
/* A TIME. */
int option_time(const struct option_row *row, const char *value, int64_t *us, bool may_be_0);

/* Any option. */
int options_apply(struct parser *p, const struct option_row *row, const char *value);
/* An option of the rules by which replies end. */
int rules_apply(struct parser *p, const struct option_row *row, const char *value);
/* The rules as they stand are those of some requests. */
int rules_set_terms(struct parser *p, struct terms *terms, bool is_setup);
/* They stand for a request that is given. */
void rules_use(struct parser *p);
/* They are a session's, unless others follow. */
int rules_keep(struct parser *p);
/* A session has one, though all that is asked draws no reply. */
int rules_settle_session(struct parser *p);
/* Whether the rules as they stand can be understood; they are as before. */
int rules_check(struct parser *p);
/* How the workers are launched, where --hosts or --via is given; the command is known. */
int spread_workers(struct parser *p);
void spread_free(char ***launches);
/* What is awaited before the first request. */
int rules_set_ready(struct parser *p);
#endif
