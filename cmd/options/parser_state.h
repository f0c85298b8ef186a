/* parser_state.h: the state of the command line while it is being read. parse.c creates it and
 * fills it option by option; validate.c turns it into the final settings. It lives only as long
 * as parse_command_line runs: what must outlive that is stored in struct settings. */
#ifndef PARSER_STATE_H
#define PARSER_STATE_H
#include "options/option_table.h"
#include "options/preset_table.h"
#include "options/settings.h"
#include <stdbool.h>
#include <stdint.h>

/* The values of one repeatable option, as a NULL-terminated list. All lists lie in pattern_room. A
 * set that a request uses keeps its place there, because session_rule_options may point at it; the
 * next set begins after it. */
struct pattern_list {
    const char **patterns;
    int count;
    bool is_used; /* a request uses this set: the next value begins a new one */
};

/* The reply rule as the options given so far describe it. It applies to the requests that follow
 * those options on the command line. */
struct rule_builder {
    struct dualpipe_rule_options rule;
    struct pattern_list until, no_reply, async; /* the values of --until, --no-reply, --async */
    struct pattern_list errors, stderr_errors;  /* of --error; the latter without stderr: */
    int64_t timeout;           /* the value of -t, in microseconds */
    bool is_used;              /* a request uses this rule: the next rule option begins a new one */
    const char *unused_option; /* the long name of the last option that no request has followed
                                  yet, for the message that it has no effect; NULL: none */
};

/* Whether errors are looked for on stderr (--error=stderr:REGEX). */
enum stderr_watch { STDERR_UNWATCHED, STDERR_WATCHED_BY_PRESET, STDERR_WATCHED_BY_USER };

struct parser {
    struct settings *s;
    uint64_t given; /* the options of the user's command line, without those of the preset: see
                       parser_has_given */
    struct rule_builder builder;
    dualpipe_rule *compiled_rule; /* compiled from the builder; NULL if the builder has changed */
    dualpipe_rule **rules;        /* every rule compiled so far, NULL-terminated; it becomes
                                     settings.all_rules, which owns them */
    int rule_count;
    const char **pattern_room;    /* memory for the pattern lists of the builder */
    int sets_begun;               /* how often a rule option began a new set */
    const char *ready_pattern;    /* the value of --ready */
    const char *first_prompt;     /* the value of -p that applies to the first request */
    const char *unpipelined_option; /* "prompt" or "idle", if given: such replies end where nothing
                                       follows, so they rule out a window */
    const char *noninteractive_option; /* an option that has no effect in interactive mode */
    const char *one_line_preset; /* the preset, if by its own rule a request must be one line */
    const char *hosts_value, *via_value;

    /* The rule of a session: the last one of a request that expects a reply. */
    struct dualpipe_rule_options session_rule_options;
    int session_rule_set;      /* its set, counted from 1; 0 until a request has used one */
    bool has_two_rules;        /* two sets were used by requests that expect replies */

    /* Presets: that of -a, those that it builds on, or the implied one. */
    const struct preset_row *preset_row; /* of the built-in one among them; NULL: none */
    const char *row_args; /* the options of that row that were taken */
    bool implies_terminal;     /* the command is a filter that needs one as its stdout */
    bool reads_implied;        /* what came by itself is being read */

    bool is_builtin;           /* -b was given: the command is a builtin */
    bool preset_is_builtin;    /* -b was in the preset: it holds for the preset's command only */
    bool interactive;          /* -i was given */
    enum stderr_watch stderr_watch;
    bool workers_auto;         /* -j 0: one worker a processor */
    bool has_request_option;   /* an option or @session has chosen request mode */
};

static inline bool parser_has_given(const struct parser *p, enum option_id id) {
    return p->given & option_bit(id);
}
#endif
