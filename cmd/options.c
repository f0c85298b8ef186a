/* options.c: what each option sets, and whether they go together. */
#include "parser.h"
#include "builtins.h"
#include "fixed.h"
#include "frames.h"
#include "limits.h"
#include "plain.h"
#include "reader.h"
#include "say.h"
#include "shut.h"
#include "units.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How many processors we may run on. */
static int processors(void) {
    long n = sysconf(_SC_NPROCESSORS_ONLN);
#ifdef __linux__
    cpu_set_t ours;
    if (sched_getaffinity(0, sizeof ours, &ours) == 0)
        n = CPU_COUNT(&ours);
#endif
    return n > 0 ? (int)n : 1;
}

/* --- one option -------------------------------------------------------------------------- */

static int add_given(struct parser *p, struct givens *list, enum given_kind kind,
                     const char *text) {
    struct given *all = realloc(list->all, sizeof *all * (size_t)(list->n + 1));
    if (!all)
        return option_wrong("request", NULL, strerror(ENOMEM));
    list->all = all;
    all[list->n] = (struct given){.kind = kind, .text = text};
    rules_use(p);
    return rules_set_terms(p, &all[list->n++].terms, list == &p->s->setup);
}

static void set_stderr(struct settings *s, const char *value) {
    static const char *const words[] = {"inherit", "relay", "stdout", "null"};
    static const enum dualpipe_stderr meanings[] = {DUALPIPE_INHERIT, DUALPIPE_RELAY,
                                                    DUALPIPE_STDOUT, DUALPIPE_FD};
    s->err = DUALPIPE_FD;
    s->err_file = value;
    for (int i = 0; i < 4; i++)
        if (strcmp(value, words[i]) == 0)
            s->err = meanings[i];
    if (strcmp(value, "null") == 0)
        s->err_file = "/dev/null";
}

/* Once all options are known to be right. */
static int open_stderr(struct settings *s) {
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_CLOEXEC;
    if (s->err == DUALPIPE_FD && (s->err_fd = open(s->err_file, flags, 0666)) < 0)
        return option_wrong("stderr", s->err_file, strerror(errno));
    return GO_ON;
}

static int set_status_fd(struct settings *s, const char *value) {
    long fd;
    const char *why = parse_number(value, 0, 1 << 20, &fd);
    int flags;
    if (why)
        return option_wrong("status-fd", value, why);
    if ((flags = fcntl((int)fd, F_GETFL)) < 0)
        return option_wrong("status-fd", value,
                            "it is not open: end the command line in 3>FILE, say");
    if ((flags & O_ACCMODE) == O_RDONLY)
        return option_wrong("status-fd", value, "it is open for reading only");
    s->status_fd = (int)fd;
    if (fd > 2)
        fcntl((int)fd, F_SETFD, FD_CLOEXEC); /* ours, not the child's */
    return GO_ON;
}

static int set_max_message(struct settings *s, const char *value) {
    const char *why = parse_size(value, &s->max_message);
    if (!why && s->max_message > MOST_MESSAGE)
        why = "1G is the most";
    return why ? option_wrong("max-message", value, why) : GO_ON;
}

static int set_kind(const struct option_row *row, const char *value, enum dualpipe_kind *to) {
    int kind = frames_kind(value);
    if (kind < 0)
        return option_wrong(row->word, value, frames_names);
    *to = (enum dualpipe_kind)kind;
    return GO_ON;
}

/* A whole number in its range. */
static int set_number(const struct option_row *row, const char *value, long least, long most,
                      int *to) {
    long number;
    const char *why = parse_number(value, least, most, &number);
    if (why)
        return option_wrong(row->word, value, why);
    *to = (int)number;
    return GO_ON;
}

static int set_workers(struct parser *p, const struct option_row *row, const char *value) {
    struct settings *s = p->s;
    int status = set_number(row, value, 0, MOST_ON_ALL, &s->workers);
    p->workers_auto = s->workers == 0;
    if (status == GO_ON && s->workers == 0)
        s->workers = processors();
    return status;
}

static int set_max_requests(struct settings *s, const char *value) {
    const char *why = NULL;
    s->max_requests = 0;
    if (strcmp(value, "inf") != 0)
        why = parse_number(value, 1, 1000000000, &s->max_requests);
    return why ? option_wrong("max-requests", value, why) : GO_ON;
}

static int set_retries(struct settings *s, const struct option_row *row, const char *value) {
    char number[16];
    size_t n = strcspn(value, ",");
    snprintf(number, sizeof number, "%.*s", (int)(n < sizeof number ? n : sizeof number - 1),
             value);
    s->retry_partial = strcmp(value + n, ",partial") == 0;
    if (value[n] && !s->retry_partial)
        return option_wrong("retries", value, "a number, or one and \",partial\", is meant");
    return set_number(row, number, 0, 1000000, &s->retries);
}

/* Words between commas: cooked, raw, ROWSxCOLS. */
static int set_pty(struct settings *s, const char *value) {
    const char *word = value ? value : "";
    s->transport = DUALPIPE_PTY;
    for (size_t n; *word; word += n + (word[n] == ',')) {
        unsigned rows, columns;
        int used = 0;
        n = strcspn(word, ",");
        if (n == 6 && strncmp(word, "cooked", n) == 0) {
            s->transport = DUALPIPE_PTY_COOKED;
        } else if (sscanf(word, "%5ux%5u%n", &rows, &columns, &used) == 2 && used == (int)n &&
                   rows > 0 && rows <= 65535 && columns > 0 && columns <= 65535) {
            s->rows = (unsigned short)rows;
            s->columns = (unsigned short)columns;
        } else if (n > 0 && !(n == 3 && strncmp(word, "raw", n) == 0)) {
            return option_wrong("pty", value, "raw or cooked, and a size like 24x80, are meant");
        }
    }
    return GO_ON;
}

static int set_escape(struct settings *s, const char *value) {
    s->escape = 0;
    if (strcmp(value, "none") == 0)
        return GO_ON;
    if (strlen(value) != 1 || *value <= ' ' || *value > '~')
        return option_wrong("escape", value, "a printable ASCII character is meant, or none");
    s->escape = *value;
    return GO_ON;
}

static int set_window(struct settings *s, const struct option_row *row, const char *value) {
    s->window = DUALPIPE_ADAPT;
    if (strcmp(value, "auto") == 0)
        return GO_ON;
    if (*value < '0' || *value > '9')
        return option_wrong("window", value, "a number is meant, or auto");
    return set_number(row, value, 1, 1000000, &s->window);
}

static int apply_value(struct parser *p, const struct option_row *row, const char *value) {
    struct settings *s = p->s;
    switch (row->name) {
    case OPT_REQUEST: return add_given(p, &s->requests, GIVEN_TEXT, value);
    case OPT_REQUEST_FILE: return add_given(p, &s->requests, GIVEN_FILE, value);
    case OPT_WORKERS: return set_workers(p, row, value);
    case OPT_WINDOW: return set_window(s, row, value);
    case OPT_MAX_REQUESTS: return set_max_requests(s, value);
    case OPT_HOSTS: p->hosts = value; return GO_ON;
    case OPT_VIA: p->via = value; return GO_ON;
    case OPT_RETRIES: s->retries_given = true; return set_retries(s, row, value);
    case OPT_PTY: return set_pty(s, value);
    case OPT_READY: p->ready = value; return GO_ON;
    case OPT_SETUP: return add_given(p, &s->setup, GIVEN_TEXT, value);
    case OPT_QUIT: return add_given(p, &s->quit, GIVEN_TEXT, value);
    case OPT_PERSIST: return option_time(row, value, &s->persist, false);
    case OPT_START_TIMEOUT: return option_time(row, value, &s->start_timeout, false);
    case OPT_DEADLINE: return option_time(row, value, &s->deadline, false);
    case OPT_LIMIT: return limits_add(s, value);
    case OPT_SANDBOX: return shut_add(s, value);
    case OPT_GRACE: return option_time(row, value, &s->grace, true);
    case OPT_FRAME: return set_kind(row, value, &s->frame);
    case OPT_IO: p->io_given = s->io_given = true; return set_kind(row, value, &s->io);
    case OPT_MAX_MESSAGE: return set_max_message(s, value);
    case OPT_STDERR: p->err_given = true; set_stderr(s, value); return GO_ON;
    case OPT_STATUS_FD: return set_status_fd(s, value);
    case OPT_HISTORY: s->history = value; return GO_ON;
    case OPT_WORDS: s->words = value; return GO_ON;
    case OPT_ESCAPE: return set_escape(s, value);
    default: return rules_apply(p, row, value);
    }
}

int options_apply(struct parser *p, const struct option_row *row, const char *value) {
    struct settings *s = p->s;
    if (row->name == OPT_SANDBOX && !value)
        value = "strict";
    if (fixed_note(s, row, value) < 0)
        return option_wrong(row->word, value, strerror(ENOMEM));
    if (!strchr(row->modes, 'I') && !p->not_typed)
        p->not_typed = row->word;
    if (!strchr(row->modes, 'S') && strchr(row->modes, 'R')) {
        s->timed_alone = row->name == OPT_TIMEOUT && (!p->request_option || s->timed_alone);
        p->request_option = true;
    }
    switch (row->name) {
    case OPT_LISTEN: s->listen = true; return GO_ON;
    case OPT_SESSIONS: s->sessions = true; return GO_ON;
    case OPT_STOP: s->stop = true; return GO_ON;
    case OPT_FOLLOW: s->follow = true; return GO_ON;
    case OPT_BUILTIN: p->builtin = true; return GO_ON;
    case OPT_FOREGROUND: s->foreground = true; return GO_ON;
    case OPT_LINE:
    case OPT_AS: return GO_ON; /* seen beforehand: a preset comes first */
    case OPT_AWAIT: return add_given(p, &s->requests, GIVEN_NOTHING, "");
    case OPT_UNBUFFER: s->transport = DUALPIPE_UNBUFFER; return GO_ON;
    case OPT_UNORDERED: s->unordered = true; return GO_ON;
    case OPT_JSON: s->json = true; return GO_ON;
    case OPT_PROGRESS: s->progress = true; return GO_ON;
    case OPT_FRESH: p->compiled = NULL; return GO_ON; /* seen beforehand: it holds for all sets */
    case OPT_KEEP_GOING: s->keep_going = true; return GO_ON;
    case OPT_VERBOSE: s->verbose = true; return GO_ON;
    case OPT_QUIET: s->quiet = true; say_quiet(true); return GO_ON;
    case OPT_INTERACTIVE: p->interactive = true; return GO_ON;
    case OPT_RAW: s->raw = true; return GO_ON;
    case OPT_HELP: return show_help(value);
    case OPT_VERSION: show_version(); return 0;
    default: return apply_value(p, row, value);
    }
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
    bool in = isatty(STDIN_FILENO), out = isatty(STDOUT_FILENO);
    bool typed = s->requests.n == 0 && !(s->listen || s->follow || s->stop || s->sessions);
    p->request_option |= s->session != NULL;
    s->mode = p->request_option ? MODE_REQUEST : MODE_STREAM;
    s->asks = p->request_option;
    if (!in || !(p->interactive || (out && typed)))
        return GO_ON;
    s->mode = MODE_INTERACTIVE;
    if (!p->not_typed)
        return GO_ON;
    return option_wrong(p->not_typed, NULL, "it has no effect at a prompt: pipe requests in, or "
                        "give them with -e");
}

/* A file or the null device will end; of a pipe nobody knows. */
static bool ends(int fd) {
    struct stat st, null;
    return fstat(fd, &st) == 0 &&
           (S_ISREG(st.st_mode) || (S_ISCHR(st.st_mode) && stat("/dev/null", &null) == 0 &&
                                    st.st_rdev == null.st_rdev));
}

/* Options that exclude each other. */
static int check_together(const struct parser *p) {
    const struct settings *s = p->s;
    bool terminal = s->transport == DUALPIPE_PTY || s->transport == DUALPIPE_PTY_COOKED;
    if (s->window > 1 && p->unpiped) {
        say_error("option --window", p->unpiped, "such a reply ends where nothing follows: ask one "
                  "at a time");
        return USAGE;
    }
    if (s->window > 1 && s->fresh)
        return option_wrong("window", NULL, "with --fresh a child is asked one request: use -j");
    if (terminal && s->foreground)
        return option_wrong("pty", NULL, "a terminal of its own needs a session of its own: leave "
                            "out --foreground");
    if (s->transport == DUALPIPE_PTY && s->mode == MODE_STREAM && ends(STDIN_FILENO))
        return option_wrong("pty", NULL, "a raw terminal has no end of file, which our stdin will "
                            "come to: --pty=cooked has");
    if (s->transport == DUALPIPE_PTY && s->fresh)
        return option_wrong("fresh", NULL, "a raw terminal has no end of file: --pty=cooked has");
    if (s->limited && s->launches)
        return option_wrong("limit", NULL, "it would hold what launches the command, not the "
                            "command: give it there, as in --via='... dualpipe --limit=...'");
    return GO_ON;
}

/* What is shown escaped is of no use to a child that draws. */
static int choose_environment(struct settings *s) {
    bool shut_in = s->limits.sandbox != 0;
    bool typed = s->mode == MODE_INTERACTIVE && s->transport != DUALPIPE_PIPE && !s->raw;
    if ((s->transport == DUALPIPE_UNBUFFER || typed) && !(s->env = plain_environment(shut_in)))
        return option_wrong("unbuffer", NULL, strerror(ENOMEM));
    return GO_ON;
}

/* Replies are told apart from what stderr brings where several come at once. At a terminal both
 * come one after another as on one: without a rule, by one pipe. */
static void choose_stderr(const struct parser *p) {
    struct settings *s = p->s;
    bool terminal = s->transport == DUALPIPE_PTY || s->transport == DUALPIPE_PTY_COOKED;
    if (p->err_given || terminal)
        return;
    if (s->session) {
        s->err = DUALPIPE_RELAY;
        return;
    }
    if (s->mode == MODE_INTERACTIVE && isatty(STDERR_FILENO))
        s->err = s->asks || !isatty(STDOUT_FILENO) ? DUALPIPE_RELAY : DUALPIPE_STDOUT;
    else if (s->limits.sandbox || s->json || settings_spread(s) || s->limits.output > 0)
        s->err = DUALPIPE_RELAY;
}

static int no_command(const struct parser *p) {
    if (p->s->preset)
        say_error("no command is given", p->s->preset, "this preset has none: give one behind it");
    else
        say_error(p->builtin ? "no builtin is given" : "no command is given", NULL,
                  "usage: dualpipe [option ...] [--] command [argument ...]");
    return USAGE;
}

static int finish(struct parser *p, char **operands) {
    struct settings *s = p->s;
    int status;
    if (!operands[0] && s->preset_argv) {
        operands = s->preset_argv;
        p->builtin = p->preset_builtin;
    }
    s->has_command = operands[0] != NULL;
    if (!operands[0] && !s->session && !s->sessions)
        return no_command(p);
    s->no_argv[0] = (char *)(uintptr_t)(s->session ? s->session : "sessions");
    s->argv = s->has_command ? operands : s->no_argv;
    if (p->builtin && s->has_command) {
        if ((status = find_builtin(s)) != GO_ON)
            return status;
    }
    if ((status = spread_workers(p)) != GO_ON)
        return status;
    if (s->requests.n > 0 && p->draft.pending && !(p->interactive && isatty(STDIN_FILENO))) {
        say_error("option", p->draft.pending, "no request follows it: put it before its request");
        return USAGE;
    }
    if (!p->io_given && s->frame != DUALPIPE_CRLF && s->frame != DUALPIPE_HEADER)
        s->io = s->frame;
    if ((status = rules_set_terms(p, &s->terms, false)) == GO_ON)
        status = rules_set_ready(p);
    return status;
}

/* Room for as many patterns and rules as there are words. */
static int make_room(struct parser *p, size_t words) {
    size_t room = words * 2 + 4;
    p->texts = calloc(3 * room, sizeof *p->texts);
    p->rules = calloc(room, sizeof *p->rules);
    if (!p->texts || !p->rules) {
        say_error("reading the options", NULL, "%s", strerror(ENOMEM));
        return USAGE;
    }
    p->draft.until.all = p->texts;
    p->draft.no_reply.all = p->texts + room;
    p->draft.async.all = p->texts + 2 * room;
    return GO_ON;
}

int settings_parse(struct settings *s, int argc, char **argv) {
    struct parser p = {.s = s, .draft.timeout = FOREVER};
    struct preset preset;
    char **operands;
    int status;
    *s = (struct settings){.max_message = (size_t)64 << 20, .start_timeout = FOREVER,
                           .deadline = FOREVER, .grace = 2000000, .status_fd = -1, .err_fd = -1,
                           .workers = 1, .window = 1, .escape = '~'};
    status = reader_foresee(&p, argc, argv, &preset);
    if (status == GO_ON)
        status = make_room(&p, (size_t)argc + (size_t)preset.n);
    if (status == GO_ON && s->preset)
        status = reader_read_preset(&p, &preset);
    if (status == GO_ON)
        status = reader_read(&p, argc, argv, &operands);
    if (status == GO_ON)
        status = finish(&p, operands);
    if (status == GO_ON && (status = choose_mode(&p)) == GO_ON)
        status = check_together(&p);
    if (status == GO_ON && (status = shut_settle(s, p.err_given)) == GO_ON)
        status = fixed_settle(&p);
    if (status == GO_ON)
        status = choose_environment(s);
    choose_stderr(&p);
    if (status == GO_ON)
        status = open_stderr(s);
    s->rules = p.rules;
    free(p.texts);
    return status;
}

static void free_givens(struct givens *list) {
    free(list->all);
}

void settings_free(struct settings *s) {
    for (int i = 0; s->rules && s->rules[i]; i++)
        dualpipe_rule_free(s->rules[i]);
    free(s->rules);
    for (int i = 0; s->launches && s->launches[i]; i++)
        free(s->launches[i]);
    free(s->launches);
    hosts_free(&s->hosts);
    free(s->env);
    shut_free(s);
    free(s->preset_words);
    free(s->fixed);
    free(s->about);
    free(s->session_path);
    free(s->session_command);
    free_givens(&s->requests);
    free_givens(&s->setup);
    free_givens(&s->quit);
}
