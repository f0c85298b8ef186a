/* parse.c: reads the command line into struct settings; the only file that knows getopt. It drives
 * the whole room, in this order:
 *
 *   1. The prescan looks for options that matter to others before them: -a, because the preset's
 *      options come first and the user's override them; --fresh and --frame, because every reply
 *      rule is compiled with them; and --io, because with --fresh it may decide on the frame. Which
 *      preset applies without -a follows from all options and the command (implied_preset.c).
 *   2. The preset is read like a command line of its own: its options are applied, and the words
 *      after them are its command. A preset that builds on others is read after these.
 *   3. The user's command line is read; apply.c carries out each option as it comes, so that an
 *      option of a reply rule applies to the requests after it.
 *   4. validate.c decides on what follows from all of them together.
 *
 * Options end at the first operand or at "--". If the first operand is @session, options may follow
 * it, so the rest is read as a second command line with the session's name in place of argv[0].
 *
 * Ownership: the pattern lists (pattern_room) are freed at the end; compiled rules and everything
 * else that settings.h calls owned go to the settings. */
#include "options/parse.h"
#include "options/apply.h"
#include "options/option_error.h"
#include "options/implied_preset.h"
#include "options/option_table.h"
#include "options/parser_state.h"
#include "options/presets.h"
#include "options/reply_rules.h"
#include "options/sandbox.h"
#include "options/validate.h"
#include "options/workers.h"
#include "util/frames.h"
#include "util/log.h"
#include "util/suggest.h"
#include "util/units.h"
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTIONS_MAX = 64 }; /* room for the option table and its end */

/* --- getopt ------------------------------------------------------------------------------ */

static void build_getopt_tables(struct option *long_options, char *short_options) {
    *short_options++ = '+'; /* options end at the first operand */
    *short_options++ = ':';
    for (int i = 0; i < option_table_count; i++) {
        const struct option_row *row = &option_table[i];
        bool optional = row->value_hint && *row->value_hint == '[';
        int takes = optional          ? optional_argument
                    : row->value_hint ? required_argument
                                      : no_argument;
        long_options[i] = (struct option){row->long_name, takes, NULL, (int)row->id};
        if (!row->letter)
            continue;
        *short_options++ = row->letter;
        if (takes == required_argument)
            *short_options++ = ':';
    }
    long_options[option_table_count] = (struct option){0};
    *short_options = 0;
}

/* code: a result of getopt_long, the id of a long option or the letter of a short one. */
static const struct option_row *find_row_by_code(int code) {
    for (int i = 0; i < option_table_count; i++)
        if ((int)option_table[i].id == code || (code < 256 && option_table[i].letter == code))
            return &option_table[i];
    return NULL;
}

/* typed: the word with its dashes. */
static int report_unknown_option(const char *typed) {
    const char *name = typed + strspn(typed, "-");
    char word[64];
    snprintf(word, sizeof word, "%.*s", (int)strcspn(name, "="), name);
    for (int i = 0; i < option_table_count; i++)
        if (suggest_is_similar(option_table[i].long_name, word)) {
            log_error("unknown option", typed, "did you mean --%s?", option_table[i].long_name);
            return PARSE_FAILED;
        }
    for (int i = 0; i < option_table_count; i++)
        if (strncmp(option_table[i].long_name, word, strlen(word)) == 0 && word[0]) {
            log_error("option", typed, "could be --%s and others: write it out",
                      option_table[i].long_name);
            return PARSE_FAILED;
        }
    log_error("unknown option", typed, "--help=all lists them; -- ends the options");
    return PARSE_FAILED;
}

/* code: the result of getopt_long, ':' for a missing value or '?' for any other error. */
static int report_getopt_error(char **argv, int code) {
    const struct option_row *row = optopt ? find_row_by_code(optopt) : NULL;
    const char *typed = argv[optind - 1];
    char letter[3] = {'-', (char)optopt, 0};
    if (row)
        option_error_note_typed(row, optopt < 256);
    if (code == ':')
        return row ? option_error(row->long_name, NULL, "a value is missing") : PARSE_FAILED;
    if (row && row->id == OPT_LINE)
        return option_error("line", NULL, "takes no value: to send a line use -e TEXT");
    if (row)
        return option_error(row->long_name, NULL, "takes no value");
    if (optopt && optopt < 256) {
        log_error("unknown option", letter, "--help=all lists them; -- ends the options");
        return PARSE_FAILED;
    }
    return report_unknown_option(typed);
}

/* Whether the first operand names a session, so that options may follow it. */
static bool is_session_operand(int argc, char **argv, bool after_dashes) {
    return optind < argc && argv[optind][0] == '@' && !after_dashes;
}

/* Whether "--" has ended the options. getopt doesn't tell; it shows in optind having passed a word
 * that is no option. last_optind: optind after the last option. */
static bool ended_by_dashes(char **argv, int last_optind) {
    return optind == last_optind + 1 && strcmp(argv[last_optind], "--") == 0;
}

/* --- the prescan ------------------------------------------------------------------------- */

/* What is known before any option is applied. */
struct prescan {
    bool fresh;
    int frame, io; /* kinds of frames; -1: not given */
    const char *preset, *second_preset;
    uint64_t given;      /* bits of the options */
    bool has_request_option;
    char **operands;
};

static void prescan_option(struct prescan *scan, const struct option_row *row, const char *value) {
    int kind;
    bool is_default_window = row->id == OPT_WINDOW && strcmp(value, "1") == 0;
    scan->given |= is_default_window ? 0 : option_bit(row->id);
    scan->has_request_option |= !strchr(row->modes, 'S') && strchr(row->modes, 'R');
    scan->fresh |= row->id == OPT_FRESH;
    if (row->id == OPT_FRAME && (kind = frames_parse_kind(value)) >= 0)
        scan->frame = kind;
    if (row->id == OPT_IO && (kind = frames_parse_kind(value)) >= 0)
        scan->io = kind;
    if (row->id == OPT_AS) {
        scan->second_preset = scan->preset ? value : NULL;
        scan->preset = scan->preset ? scan->preset : value;
    }
}

/* Scans the options of one command line. An error is no reason to stop: parse_args reports it. */
static void prescan_args(struct prescan *scan, int argc, char **argv, bool may_name_session) {
    struct option long_options[OPTIONS_MAX];
    char short_options[2 * OPTIONS_MAX];
    const struct option_row *row;
    int code, last_optind = 1;
    build_getopt_tables(long_options, short_options);
    opterr = optind = 0;
    while ((code = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
        last_optind = optind;
        if (code == '?' || code == ':' || !(row = find_row_by_code(code)))
            continue;
        if (row->id == OPT_AS)
            option_error_note_typed(row, code == 'a');
        prescan_option(scan, row, optarg);
    }
    scan->operands = argv + optind;
    if (may_name_session && is_session_operand(argc, argv, ended_by_dashes(argv, last_optind))) {
        scan->has_request_option = true;
        prescan_args(scan, argc - optind, argv + optind, false);
    }
}

static struct prescan prescan_argv(int argc, char **argv) {
    struct prescan scan = {.frame = -1, .io = -1};
    prescan_args(&scan, argc, argv, true);
    return scan;
}

/* The presets to read: the one that was asked for, those that it builds on behind it. */
struct preset_chain {
    struct preset all[PRESETS_MAX];
    int count;
};

static bool is_in_chain(const struct preset_chain *chain, const char *name,
                        const char *const *names) {
    for (int i = 0; i < chain->count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Finds the preset and those that it builds on, and scans their options too: the user's own --frame
 * comes first, then that of the preset, then that of what it builds on. Of its own name a preset
 * builds on the one that is built in. */
static int prescan_presets(struct settings *s, struct prescan *by_user, const char *name,
                           struct preset_chain *chain) {
    const char *names[PRESETS_MAX];
    while (name) {
        struct preset *preset = &chain->all[chain->count];
        struct prescan scan;
        bool built_in = s->preset_is_implied || is_in_chain(chain, name, names);
        int status = presets_find(preset, name, by_user->operands, built_in);
        if (status != PARSE_CONTINUE)
            return status;
        names[chain->count] = name;
        s->preset_args[chain->count++] = preset->argv;
        scan = prescan_argv(preset->argc, preset->argv);
        if (!by_user->operands[0])
            by_user->operands = scan.operands;
        by_user->fresh |= scan.fresh;
        by_user->frame = by_user->frame < 0 ? scan.frame : by_user->frame;
        name = scan.preset;
        if (name && (built_in || chain->count == PRESETS_MAX)) {
            log_error("preset", s->preset, "it builds on too many others, or on itself: -a %s",
                      name);
            return PARSE_FAILED;
        }
    }
    return PARSE_CONTINUE;
}

/* Finds what applies without -a: at a prompt and in stream mode nothing does. */
static void find_implied(struct parser *p, const struct prescan *scan) {
    const struct preset_row *row;
    if (!scan->operands[0] || !scan->has_request_option || validate_is_prompt(scan->given))
        return;
    p->implies_terminal = implied_preset_needs_terminal(scan->given, scan->operands);
    if (!(row = implied_preset_find(scan->given, scan->operands)))
        return;
    p->s->preset = row->name;
    p->s->preset_is_implied = true;
    p->s->plain_argv = scan->operands;
}

/* Sets s->fresh and s->frame, and finds the presets: none without -a, unless one is implied. */
static int parse_prescan(struct parser *p, int argc, char **argv, struct preset_chain *chain) {
    struct settings *s = p->s;
    struct prescan scan = prescan_argv(argc, argv);
    int status = PARSE_CONTINUE;
    if (scan.second_preset)
        return option_error("as", scan.second_preset,
                            "one preset a call: another is given before");
    find_implied(p, &scan);
    if (scan.preset && strcmp(scan.preset, "none") != 0)
        s->preset = scan.preset;
    if (s->preset)
        status = prescan_presets(s, &scan, s->preset, chain);
    s->fresh = scan.fresh;
    if (scan.frame < 0 && scan.fresh && !scan.preset && scan.io > DUALPIPE_FRAME_CRLF)
        scan.frame = DUALPIPE_FRAME_RAW; /* all that a child is sent, and all that it writes, is
                                            one message, which may hold line ends */
    if (scan.frame >= 0)
        s->frame = (enum dualpipe_frame_kind)scan.frame;
    return status;
}

/* --- reading ----------------------------------------------------------------------------- */

/* Applies the options in their order. *operands: the words after them. */
static int parse_args(struct parser *p, int argc, char **argv, char ***operands) {
    struct option long_options[OPTIONS_MAX];
    char short_options[2 * OPTIONS_MAX];
    const struct option_row *row;
    int code, status, last_optind = 1;
    build_getopt_tables(long_options, short_options);
    opterr = optind = 0;
    while ((code = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
        last_optind = optind;
        if (code == '?' || code == ':')
            return report_getopt_error(argv, code);
        if (!(row = find_row_by_code(code)))
            continue;
        p->given |= option_bit(row->id);
        option_error_note_typed(row, code < 256);
        if ((status = apply_option(p, row, optarg)) != PARSE_CONTINUE)
            return status;
    }
    *operands = argv + optind;
    if (p->s->session_name || !is_session_operand(argc, argv, ended_by_dashes(argv, last_optind)))
        return PARSE_CONTINUE;
    p->s->session_name = argv[optind];
    return parse_args(p, argc - optind, argv + optind, operands);
}

/* Sets the command of the preset that was asked for so far: that of the one just read, if it has
 * one, else that of the one it builds on. */
static int choose_preset_command(struct parser *p, char **own) {
    struct settings *s = p->s;
    if (!own[0])
        return PARSE_CONTINUE;
    if (!s->preset_command) {
        s->preset_command = own;
        return PARSE_CONTINUE;
    }
    return validate_choose_command(p, own, &s->preset_command);
}

/* Applies the options of a preset. Messages about a preset of the user's file name its place there;
 * its rule is compiled only to find errors while that place is known. The preset's set of rule
 * options counts as used, as if a request stood there: the first rule option of the user begins a
 * new set instead of adding to it. But --error adds to the preset's. */
static int parse_preset(struct parser *p, struct preset *preset) {
    char **command;
    int status;
    if (preset->row) {
        p->preset_row = preset->row;
        p->row_args = preset->row_args;
    }
    if (preset->row && preset->row->is_one_line)
        p->one_line_preset = p->s->preset;
    log_set_context(preset->place);
    p->reads_implied = p->s->preset_is_implied;
    status = parse_args(p, preset->argc, preset->argv, &command);
    p->reads_implied = false;
    if (status == PARSE_CONTINUE && *preset->place)
        status = reply_rules_check(p);
    if (status == PARSE_CONTINUE)
        status = choose_preset_command(p, command);
    log_set_context("");
    if (status == PARSE_CONTINUE)
        status = reply_rules_keep_for_session(p);
    p->given = 0;
    if (p->stderr_watch)
        p->stderr_watch = STDERR_WATCHED_BY_PRESET;
    p->preset_is_builtin = p->is_builtin;
    p->is_builtin = false;
    reply_rules_mark_used(p);
    p->builder.errors.is_used = p->builder.stderr_errors.is_used = false;
    return status;
}

/* Makes room for as many patterns in each list, rules, requests and texts as any order of so many
 * words could need: each word is a value at most once, and each set ends its list with a NULL. */
static int alloc_room(struct parser *p, size_t words) {
    struct settings *s = p->s;
    size_t room = words * 2 + 4;
    p->pattern_room = calloc(5 * room, sizeof *p->pattern_room);
    p->rules = calloc(room, sizeof *p->rules);
    s->requests.all = calloc(room, sizeof *s->requests.all);
    s->setup.all = calloc(room, sizeof *s->setup.all);
    s->quit.all = calloc(room, sizeof *s->quit.all);
    if (!p->pattern_room || !p->rules || !s->requests.all || !s->setup.all || !s->quit.all) {
        log_error("reading the options", NULL, "%s", strerror(ENOMEM));
        return PARSE_FAILED;
    }
    p->builder.until.patterns = p->pattern_room;
    p->builder.no_reply.patterns = p->pattern_room + room;
    p->builder.async.patterns = p->pattern_room + 2 * room;
    p->builder.errors.patterns = p->pattern_room + 3 * room;
    p->builder.stderr_errors.patterns = p->pattern_room + 4 * room;
    return PARSE_CONTINUE;
}

int parse_command_line(struct settings *s, int argc, char **argv) {
    struct parser p = {.s = s, .builder.timeout = UNITS_FOREVER};
    struct preset_chain chain = {0};
    size_t words = (size_t)argc;
    char **operands;
    int status;
    *s = (struct settings){.max_message = (size_t)64 << 20,
                           .start_timeout = UNITS_FOREVER,
                           .deadline = UNITS_FOREVER,
                           .grace = 2000000,
                           .status_fd = -1,
                           .stderr_fd = -1,
                           .workers = 1,
                           .window = 1,
                           .escape_char = '~'};
    status = parse_prescan(&p, argc, argv, &chain);
    for (int i = 0; i < chain.count; i++)
        words += (size_t)chain.all[i].argc;
    if (status == PARSE_CONTINUE)
        status = alloc_room(&p, words);
    for (int i = chain.count - 1; i >= 0 && status == PARSE_CONTINUE; i--)
        status = parse_preset(&p, &chain.all[i]);
    if (status == PARSE_CONTINUE)
        status = parse_args(&p, argc, argv, &operands);
    if (status == PARSE_CONTINUE)
        status = validate_operands(&p, operands);
    if (status == PARSE_CONTINUE)
        status = validate_settings(&p);
    s->all_rules = p.rules;
    free(p.pattern_room);
    return status;
}

static void free_inputs(struct inputs *inputs) {
    free(inputs->all);
}

void parse_free_settings(struct settings *s) {
    for (int i = 0; s->all_rules && s->all_rules[i]; i++)
        dualpipe_rule_free(s->all_rules[i]);
    free(s->all_rules);
    workers_free(s->worker_argvs);
    hosts_free(&s->hosts);
    free(s->env);
    sandbox_free(s);
    for (int i = 0; i < PRESETS_MAX; i++)
        free(s->preset_args[i]);
    free(s->preset_argv);
    free(s->session_options);
    free(s->session_description);
    free(s->session_path);
    free(s->session_command);
    free_inputs(&s->requests);
    free_inputs(&s->setup);
    free_inputs(&s->quit);
}
