/* options.c: the command line, and the only file that knows getopt. */
#include "options.h"
#include "builtins.h"
#include "near.h"
#include "say.h"
#include "settings.h"
#include "units.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { USAGE = 125, GO_ON = -1, MOST_OPTIONS = 64, MOST_MESSAGE = 1 << 30 };

/* The rule that is being put together: it stands for the requests that follow. */
struct draft {
    struct dualpipe_rule_options rule;
    const char **until, **no_reply; /* NULL-terminated, in room for all arguments */
    int nuntil, nno_reply;
    int64_t timeout;
    bool rule_used, no_reply_used; /* a request stands behind them */
    const char *pending;           /* the last option that no request has followed yet */
};

struct parser {
    struct settings *s;
    struct draft draft;
    dualpipe_rule *compiled; /* of the draft as it stands; NULL: not yet */
    dualpipe_rule **rules;   /* all that were made */
    int nrules;
    bool builtin, interactive;
    const char *request_option; /* the first that chose request mode */
};

static int wrong(const char *option, const char *value, const char *reason) {
    char what[80];
    snprintf(what, sizeof what, "option --%s", option);
    say_error(what, value, "%s", reason);
    return USAGE;
}

/* --- rules ------------------------------------------------------------------------------- */

/* A rule that comes after a request begins a new set. */
static void touch_rule(struct parser *p, const char *option) {
    struct draft *d = &p->draft;
    if (d->rule_used) {
        d->rule = (struct dualpipe_rule_options){0};
        d->until += d->nuntil + 1;
        d->nuntil = 0;
        d->rule_used = false;
    }
    d->pending = option;
    p->compiled = NULL;
}

static void touch_no_reply(struct parser *p, const char *option) {
    struct draft *d = &p->draft;
    if (d->no_reply_used) {
        d->no_reply += d->nno_reply + 1;
        d->nno_reply = 0;
        d->no_reply_used = false;
    }
    d->pending = option;
    p->compiled = NULL;
}

static int bad_pattern(const struct dualpipe_failure *why) {
    say_error("pattern", why->subject, "at byte %zu: %s", why->position + 1,
              why->advice ? why->advice : "out of memory");
    return USAGE;
}

static int compile(struct parser *p, bool at_end) {
    struct draft *d = &p->draft;
    struct dualpipe_failure why;
    d->rule.until = d->until;
    d->rule.no_reply = d->no_reply;
    d->rule.at_end = at_end;
    if (dualpipe_rule_new(&p->compiled, &d->rule, &why) < 0)
        return bad_pattern(&why);
    p->rules[p->nrules++] = p->compiled;
    return GO_ON;
}

/* A set-up text of --fresh has a reply like any other's: the child goes on. */
static int set_terms(struct parser *p, struct terms *terms, bool is_setup) {
    bool differs = is_setup && p->s->fresh;
    int status = p->compiled && !differs ? GO_ON : compile(p, p->s->fresh && !is_setup);
    *terms = (struct terms){p->compiled, p->draft.timeout};
    if (differs)
        p->compiled = NULL;
    return status;
}

static int add_given(struct parser *p, struct givens *list, enum given_kind kind,
                     const char *text) {
    struct given *all = realloc(list->all, sizeof *all * (size_t)(list->n + 1));
    if (!all)
        return wrong("request", NULL, strerror(ENOMEM));
    list->all = all;
    all[list->n] = (struct given){.kind = kind, .text = text};
    p->draft.rule_used = p->draft.no_reply_used = true;
    p->draft.pending = NULL;
    return set_terms(p, &all[list->n++].terms, list == &p->s->setup);
}

/* --- one option -------------------------------------------------------------------------- */

static int set_count(struct parser *p, const char *value) {
    const char *why = parse_number(value, 0, 1000000000, &p->draft.rule.count);
    if (why)
        return wrong("count", value, why);
    if (p->draft.rule.count == 0)
        p->draft.rule.count = -1;
    return GO_ON;
}

static int set_time(const struct option_row *row, const char *value, int64_t *us, bool may_be_0) {
    const char *why = parse_time(value, us);
    if (!why && *us == 0 && !may_be_0)
        why = "0 leaves no time: inf sets no limit";
    return why ? wrong(row->word, value, why) : GO_ON;
}

static int set_idle(struct parser *p, const struct option_row *row, const char *value) {
    int64_t us;
    int status = set_time(row, value, &us, false);
    if (status == GO_ON)
        p->draft.rule.idle = us == FOREVER ? 0 : limit_ms(us);
    return status;
}

static int set_stderr(struct settings *s, const char *value) {
    static const char *const words[] = {"inherit", "relay", "stdout", "null"};
    static const enum dualpipe_stderr meanings[] = {DUALPIPE_INHERIT, DUALPIPE_RELAY,
                                                    DUALPIPE_STDOUT, DUALPIPE_FD};
    const char *file = value;
    for (int i = 0; i < 4; i++)
        if (strcmp(value, words[i]) == 0) {
            s->err = meanings[i];
            file = s->err == DUALPIPE_FD ? "/dev/null" : NULL;
        }
    if (!file)
        return GO_ON;
    s->err = DUALPIPE_FD;
    s->err_fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_CLOEXEC, 0666);
    return s->err_fd < 0 ? wrong("stderr", file, strerror(errno)) : GO_ON;
}

static int set_status_fd(struct settings *s, const char *value) {
    long fd;
    const char *why = parse_number(value, 0, 1 << 20, &fd);
    int flags;
    if (why)
        return wrong("status-fd", value, why);
    if ((flags = fcntl((int)fd, F_GETFL)) < 0)
        return wrong("status-fd", value, "it is not open: end the command line in 3>FILE, say");
    if ((flags & O_ACCMODE) == O_RDONLY)
        return wrong("status-fd", value, "it is open for reading only");
    s->status_fd = (int)fd;
    if (fd > 2)
        fcntl((int)fd, F_SETFD, FD_CLOEXEC); /* ours, not the child's */
    return GO_ON;
}

static int set_max_message(struct settings *s, const char *value) {
    const char *why = parse_size(value, &s->max_message);
    if (!why && s->max_message > MOST_MESSAGE)
        why = "1G is the most";
    return why ? wrong("max-message", value, why) : GO_ON;
}

static int apply_rule(struct parser *p, const struct option_row *row, const char *value) {
    struct draft *d = &p->draft;
    switch (row->name) {
    case OPT_NO_REPLY:
        touch_no_reply(p, "--no-reply");
        d->no_reply[d->nno_reply++] = value;
        return GO_ON;
    case OPT_UNTIL:
        touch_rule(p, "-u");
        d->until[d->nuntil++] = value;
        return GO_ON;
    case OPT_COUNT: touch_rule(p, "-n"); return set_count(p, value);
    case OPT_IDLE: touch_rule(p, "--idle"); return set_idle(p, row, value);
    default: d->pending = "-t"; return set_time(row, value, &d->timeout, false);
    }
}

static int apply_value(struct parser *p, const struct option_row *row, const char *value) {
    struct settings *s = p->s;
    switch (row->name) {
    case OPT_REQUEST: return add_given(p, &s->requests, GIVEN_TEXT, value);
    case OPT_REQUEST_FILE: return add_given(p, &s->requests, GIVEN_FILE, value);
    case OPT_SETUP: return add_given(p, &s->setup, GIVEN_TEXT, value);
    case OPT_QUIT: return add_given(p, &s->quit, GIVEN_TEXT, value);
    case OPT_START_TIMEOUT: return set_time(row, value, &s->start_timeout, false);
    case OPT_DEADLINE: return set_time(row, value, &s->deadline, false);
    case OPT_GRACE: return set_time(row, value, &s->grace, true);
    case OPT_MAX_MESSAGE: return set_max_message(s, value);
    case OPT_STDERR: return set_stderr(s, value);
    case OPT_STATUS_FD: return set_status_fd(s, value);
    default: return apply_rule(p, row, value);
    }
}

static int apply(struct parser *p, const struct option_row *row, const char *value) {
    struct settings *s = p->s;
    if (row->request && !p->request_option)
        p->request_option = row->word;
    switch (row->name) {
    case OPT_BUILTIN: p->builtin = true; return GO_ON;
    case OPT_FOREGROUND: s->foreground = true; return GO_ON;
    case OPT_LINE: return GO_ON;
    case OPT_FRESH: p->compiled = NULL; return GO_ON; /* seen beforehand: it holds for all sets */
    case OPT_KEEP_GOING: s->keep_going = true; return GO_ON;
    case OPT_VERBOSE: s->verbose = true; return GO_ON;
    case OPT_QUIET: s->quiet = true; say_quiet(true); return GO_ON;
    case OPT_INTERACTIVE: p->interactive = true; return GO_ON;
    case OPT_HELP: return show_help(value);
    case OPT_VERSION: show_version(); return 0;
    default: return apply_value(p, row, value);
    }
}

/* --- getopt ------------------------------------------------------------------------------ */

static void fill_tables(struct option *words, char *letters) {
    *letters++ = '+'; /* options end at the first operand */
    *letters++ = ':';
    for (int i = 0; i < option_count; i++) {
        const struct option_row *row = &option_rows[i];
        bool optional = row->value && *row->value == '[';
        int takes = optional ? optional_argument : row->value ? required_argument : no_argument;
        words[i] = (struct option){row->word, takes, NULL, (int)row->name};
        if (!row->letter)
            continue;
        *letters++ = row->letter;
        if (takes == required_argument)
            *letters++ = ':';
    }
    words[option_count] = (struct option){0};
    *letters = 0;
}

static const struct option_row *row_of(int code) {
    for (int i = 0; i < option_count; i++)
        if ((int)option_rows[i].name == code || (code < 256 && option_rows[i].letter == code))
            return &option_rows[i];
    return NULL;
}

static int unknown_word(const char *typed) {
    char word[64];
    snprintf(word, sizeof word, "%.*s", (int)strcspn(typed, "="), typed);
    for (int i = 0; i < option_count; i++)
        if (near(option_rows[i].word, word)) {
            say_error("unknown option", typed, "did you mean --%s?", option_rows[i].word);
            return USAGE;
        }
    for (int i = 0; i < option_count; i++)
        if (strncmp(option_rows[i].word, word, strlen(word)) == 0 && word[0]) {
            say_error("option", typed, "could be --%s and others: write it out",
                      option_rows[i].word);
            return USAGE;
        }
    say_error("unknown option", typed, "--help=all lists them; -- ends the options");
    return USAGE;
}

static int refused(char **argv, int code) {
    const struct option_row *row = optopt ? row_of(optopt) : NULL;
    const char *typed = argv[optind - 1];
    char letter[2] = {(char)optopt, 0};
    if (code == ':')
        return row ? wrong(row->word, NULL, "a value is missing") : USAGE;
    if (row && row->name == OPT_LINE)
        return wrong("line", NULL, "takes no value: to send a line use -e TEXT");
    if (row)
        return wrong(row->word, NULL, "takes no value");
    if (optopt && optopt < 256) {
        say_error("unknown option", letter, "--help=all lists them; -- ends the options");
        return USAGE;
    }
    return unknown_word(typed + strspn(typed, "-"));
}

/* --fresh is of the whole run: rules before it hold with it as well. */
static bool asks_fresh(int argc, char **argv, const char *letters, const struct option *words) {
    int code;
    bool fresh = false;
    optind = 0;
    while ((code = getopt_long(argc, argv, letters, words, NULL)) != -1)
        fresh |= code == OPT_FRESH;
    optind = 0;
    return fresh;
}

static int read_options(struct parser *p, int argc, char **argv) {
    struct option words[MOST_OPTIONS];
    char letters[2 * MOST_OPTIONS];
    const struct option_row *row;
    int code, status;
    fill_tables(words, letters);
    opterr = 0;
    p->s->fresh = asks_fresh(argc, argv, letters, words);
    while ((code = getopt_long(argc, argv, letters, words, NULL)) != -1) {
        if (code == '?' || code == ':')
            return refused(argv, code);
        if (!(row = row_of(code)))
            continue;
        if ((status = apply(p, row, optarg)) != GO_ON)
            return status;
    }
    return GO_ON;
}

/* --- the whole --------------------------------------------------------------------------- */

static int find_builtin(struct settings *s) {
    const char *meant;
    if ((s->function = builtin_find(s->argv[0])))
        return GO_ON;
    if ((meant = builtin_near(s->argv[0])))
        say_error("no such builtin", s->argv[0], "did you mean %s?", meant);
    else
        say_error("no such builtin", s->argv[0], "--help=all lists them; or FILE.so:FUNCTION");
    return 127;
}

static int choose_mode(struct parser *p) {
    struct settings *s = p->s;
    bool terminals = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    s->mode = p->request_option ? MODE_REQUEST : MODE_STREAM;
    if (p->interactive || (terminals && s->requests.n == 0)) {
        say_error("interactive mode", NULL, "not in this version yet: ask with -e TEXT, or pipe "
                  "requests in with -l");
        return USAGE;
    }
    return GO_ON;
}

static int finish(struct parser *p, char **operands) {
    struct settings *s = p->s;
    if (!operands[0]) {
        say_error(p->builtin ? "no builtin is given" : "no command is given", NULL,
                  "usage: dualpipe [option ...] [--] command [argument ...]");
        return USAGE;
    }
    s->argv = operands;
    if (p->builtin) {
        int status = find_builtin(s);
        if (status != GO_ON)
            return status;
    }
    if (s->requests.n > 0 && p->draft.pending) {
        say_error("option", p->draft.pending, "no request follows it: put it before its request");
        return USAGE;
    }
    return set_terms(p, &s->terms, false);
}

int settings_parse(struct settings *s, int argc, char **argv) {
    size_t room = (size_t)argc * 2 + 2;
    struct parser p = {.s = s, .draft.timeout = FOREVER};
    const char **texts = calloc(2 * room, sizeof *texts);
    int status;
    *s = (struct settings){.max_message = (size_t)64 << 20, .start_timeout = FOREVER,
                           .deadline = FOREVER, .grace = 2000000, .status_fd = -1, .err_fd = -1};
    p.rules = calloc(room, sizeof *p.rules);
    if (!texts || !p.rules) {
        say_error("reading the options", NULL, "%s", strerror(ENOMEM));
        status = USAGE;
    } else {
        p.draft.until = texts;
        p.draft.no_reply = texts + room;
        status = read_options(&p, argc, argv);
        if (status == GO_ON)
            status = finish(&p, argv + optind);
        if (status == GO_ON)
            status = choose_mode(&p);
    }
    s->rules = p.rules;
    free(texts);
    return status;
}

static void free_givens(struct givens *list) {
    free(list->all);
}

void settings_free(struct settings *s) {
    for (int i = 0; s->rules && s->rules[i]; i++)
        dualpipe_rule_free(s->rules[i]);
    free(s->rules);
    free_givens(&s->requests);
    free_givens(&s->setup);
    free_givens(&s->quit);
}
