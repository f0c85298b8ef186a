/* apply.c: the effect of each option. parse.c calls apply_option for the options of a preset first,
 * then for those of the command line, in their order; so a later option overrides an earlier one
 * unless it adds to a list.
 *
 * Before the effect come three things that depend on the option's row alone: a session takes note
 * of options that its start fixes, an option without mode I is remembered for the message that it
 * has no effect in interactive mode, and one with mode R but not S chooses request mode.
 *
 * Options of reply rules are left to reply_rules.c. --as, --fresh, --frame and --io have been seen
 * by the prescan of parse.c already, because they matter to options before them as well. Checks
 * that need more than one option are in validate.c. */
#include "options/apply.h"
#include "options/help.h"
#include "options/limits.h"
#include "options/option_error.h"
#include "options/reply_rules.h"
#include "options/sandbox.h"
#include "options/session_options.h"
#include "util/frames.h"
#include "util/log.h"
#include "util/signals.h"
#include "util/units.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MESSAGE_MAX = 1 << 30 }; /* bytes */

/* How many processors this process may run on. */
static int count_processors(void) {
    long n = sysconf(_SC_NPROCESSORS_ONLN);
#ifdef __linux__
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0)
        n = CPU_COUNT(&allowed);
#endif
    return n > 0 ? (int)n : 1;
}

/* Adds a request or a text, to which the reply rules given so far apply. */
static int add_input(struct parser *p, struct inputs *inputs, enum input_kind kind,
                     const char *text) {
    struct input *input = &inputs->all[inputs->count];
    int status;
    *input = (struct input){.kind = kind, .text = text};
    reply_rules_mark_used(p);
    status = reply_rules_assign(p, &input->opts, inputs == &p->s->setup);
    if (status != PARSE_CONTINUE)
        return status;
    inputs->count++;
    if (input->opts.one_line && kind == INPUT_TEXT && strchr(text, '\n'))
        return option_error("as", p->s->preset, "a request is one line: this one holds a line end");
    return PARSE_CONTINUE;
}

/* A file's name that begins with - is an option that took the place of a forgotten value. */
static int set_file(const struct option_row *row, const char *value, const char **to) {
    *to = value;
    if (*value == '-' && value[1])
        return option_error(row->long_name, value,
                            "it looks like an option: write ./ before a file's name");
    return *value ? PARSE_CONTINUE : option_error(row->long_name, value, "it names no file");
}

/* A word, or else the name of a file, which validate.c opens once all options are right. */
static int set_stderr(struct settings *s, const struct option_row *row, const char *value) {
    static const char *const words[] = {"inherit", "relay", "stdout", "null"};
    static const enum dualpipe_stderr modes[] = {DUALPIPE_STDERR_INHERIT, DUALPIPE_STDERR_RELAY,
                                                    DUALPIPE_STDERR_STDOUT, DUALPIPE_STDERR_FD};
    int status = set_file(row, value, &s->stderr_file);
    s->stderr_mode = DUALPIPE_STDERR_FD;
    for (int i = 0; i < 4; i++)
        if (strcmp(value, words[i]) == 0)
            s->stderr_mode = modes[i];
    if (strcmp(value, "null") == 0)
        s->stderr_file = "/dev/null";
    return status;
}

static int add_request_file(struct parser *p, const struct option_row *row, const char *value) {
    const struct inputs *requests = &p->s->requests;
    const char *file;
    int status = set_file(row, value, &file);
    for (int i = 0; i < requests->count && strcmp(value, "-") == 0; i++)
        if (requests->all[i].kind == INPUT_FILE && strcmp(requests->all[i].text, "-") == 0)
            return option_error(row->long_name, value,
                                "standard input can be read once: it is given before");
    return status == PARSE_CONTINUE ? add_input(p, &p->s->requests, INPUT_FILE, file) : status;
}

static int set_status_fd(struct settings *s, const char *value) {
    char reason[80];
    long fd;
    const char *why = units_parse_number(value, 0, 1 << 20, &fd);
    int flags;
    if (why)
        return option_error("status-fd", value, why);
    if ((flags = fcntl((int)fd, F_GETFL)) < 0) {
        snprintf(reason, sizeof reason, "it is not open: end the command line in %ld>FILE", fd);
        return option_error("status-fd", value, reason);
    }
    if ((flags & O_ACCMODE) == O_RDONLY)
        return option_error("status-fd", value, "it is open for reading only");
    s->status_fd = (int)fd;
    if (fd > 2)
        fcntl((int)fd, F_SETFD, FD_CLOEXEC); /* children must not inherit it */
    return PARSE_CONTINUE;
}

static int set_max_message(struct settings *s, const char *value) {
    const char *why = units_parse_size(value, &s->max_message);
    if (!why && s->max_message > MESSAGE_MAX)
        why = "1G is the most";
    return why ? option_error("max-message", value, why) : PARSE_CONTINUE;
}

/* SIZE or SIZE,DIR. Whether there is such a directory is looked at once all options are right. */
static int set_max_reply(struct settings *s, const char *value) {
    char number[32];
    size_t n = strcspn(value, ",");
    const char *why;
    snprintf(number, sizeof number, "%.*s", (int)(n < sizeof number ? n : sizeof number - 1),
             value);
    s->max_reply_dir = value[n] ? value + n + 1 : NULL;
    why = units_parse_size(number, &s->max_reply);
    if (!why && s->max_reply > MESSAGE_MAX)
        why = "1G is the most";
    if (!why && s->max_reply_dir && !*s->max_reply_dir)
        why = "it names no directory: SIZE,DIR is meant";
    return why ? option_error("max-reply", value, why) : PARSE_CONTINUE;
}

static int set_kind(const struct option_row *row, const char *value, enum dualpipe_frame_kind *to) {
    int kind = frames_parse_kind(value);
    if (kind < 0)
        return option_error(row->long_name, value, frames_kind_list);
    *to = (enum dualpipe_frame_kind)kind;
    return PARSE_CONTINUE;
}

/* Reads a whole number from least to most. */
static int set_number(const struct option_row *row, const char *value, long least, long most,
                      int *to) {
    long number;
    const char *why = units_parse_number(value, least, most, &number);
    if (why)
        return option_error(row->long_name, value, why);
    *to = (int)number;
    return PARSE_CONTINUE;
}

static int set_time(const struct option_row *row, const char *value, int64_t *to, bool may_be_0) {
    return option_error_check_time(row->long_name, value, to, may_be_0);
}

/* -j 0 stands for one worker a processor. */
static int set_workers(struct parser *p, const struct option_row *row, const char *value) {
    struct settings *s = p->s;
    int status = set_number(row, value, 0, HOSTS_WORKERS_MAX, &s->workers);
    p->workers_auto = s->workers == 0;
    if (status == PARSE_CONTINUE && s->workers == 0)
        s->workers = count_processors();
    return status;
}

static int set_max_requests(struct settings *s, const char *value) {
    const char *why = NULL;
    s->max_requests = 0;
    if (strcmp(value, "inf") != 0)
        why = units_parse_number(value, 1, 1000000000, &s->max_requests);
    return why ? option_error("max-requests", value, why) : PARSE_CONTINUE;
}

/* N or N,partial. */
static int set_retries(struct settings *s, const struct option_row *row, const char *value) {
    char number[16];
    size_t n = strcspn(value, ",");
    snprintf(number, sizeof number, "%.*s", (int)(n < sizeof number ? n : sizeof number - 1),
             value);
    s->retry_partial = strcmp(value + n, ",partial") == 0;
    if (value[n] && !s->retry_partial)
        return option_error("retries", value, "a number, or one and \",partial\", is meant");
    return set_number(row, number, 0, 1000000, &s->retries);
}

/* Reads words separated by commas: cooked, raw (the default), ROWSxCOLUMNS. */
static int set_pty(struct settings *s, const char *value) {
    const char *word = value ? value : "";
    s->transport = DUALPIPE_TRANSPORT_PTY;
    for (size_t n; *word; word += n + (word[n] == ',')) {
        unsigned rows, columns;
        int used = 0;
        n = strcspn(word, ",");
        if (n == 6 && strncmp(word, "cooked", n) == 0) {
            s->transport = DUALPIPE_TRANSPORT_PTY_COOKED;
        } else if (sscanf(word, "%5ux%5u%n", &rows, &columns, &used) == 2 && used == (int)n &&
                   rows > 0 && rows <= 65535 && columns > 0 && columns <= 65535) {
            s->rows = (unsigned short)rows;
            s->columns = (unsigned short)columns;
        } else if (n > 0 && !(n == 3 && strncmp(word, "raw", n) == 0)) {
            return option_error("pty", value, "raw or cooked, and a size like 24x80, are meant");
        }
    }
    return PARSE_CONTINUE;
}

static int set_escape(struct settings *s, const char *value) {
    s->escape_char = 0;
    if (strcmp(value, "none") == 0)
        return PARSE_CONTINUE;
    if (strlen(value) != 1 || *value <= ' ' || *value > '~')
        return option_error("escape", value, "a printable ASCII character is meant, or none");
    s->escape_char = *value;
    return PARSE_CONTINUE;
}

static int set_window(struct settings *s, const struct option_row *row, const char *value) {
    s->window = DUALPIPE_WINDOW_AUTO;
    if (strcmp(value, "auto") == 0)
        return PARSE_CONTINUE;
    if (*value < '0' || *value > '9')
        return option_error("window", value, "a number is meant, or auto");
    return set_number(row, value, 1, 1000000, &s->window);
}

static int set_interrupt(struct settings *s, const char *value) {
    s->interrupt_signal = 0;
    if (strcmp(value, "none") == 0)
        return PARSE_CONTINUE;
    s->interrupt_signal = signals_number(value);
    return s->interrupt_signal > 0
               ? PARSE_CONTINUE
               : option_error("interrupt", value,
                              "no such signal: use a name like INT, or none");
}

static int set_stop(struct settings *s, const char *value) {
    s->stop = value ? STOP_REQUEST : STOP_SESSION;
    return !value || strcmp(value, "request") == 0
               ? PARSE_CONTINUE
               : option_error("stop", value, "request is the only word");
}

static int set_unexpected(struct settings *s, const char *value) {
    if (strcmp(value, "note") != 0)
        return option_error("unexpected", value, "note is the only word");
    s->unexpected_is_note = true;
    return PARSE_CONTINUE;
}

/* The options that take a value. */
static int apply_option_value(struct parser *p, const struct option_row *row, const char *value) {
    struct settings *s = p->s;
    switch (row->id) {
    case OPT_REQUEST: return add_input(p, &s->requests, INPUT_TEXT, value);
    case OPT_REQUEST_FILE: return add_request_file(p, row, value);
    case OPT_WORKERS: return set_workers(p, row, value);
    case OPT_WINDOW: return set_window(s, row, value);
    case OPT_MAX_REQUESTS: return set_max_requests(s, value);
    case OPT_HOSTS: p->hosts_value = value; return PARSE_CONTINUE;
    case OPT_VIA: p->via_value = value; return PARSE_CONTINUE;
    case OPT_RETRIES: return set_retries(s, row, value);
    case OPT_PTY: return set_pty(s, value);
    case OPT_UNEXPECTED: return set_unexpected(s, value);
    case OPT_READY: p->ready_pattern = value; return PARSE_CONTINUE;
    case OPT_SETUP: return add_input(p, &s->setup, INPUT_TEXT, value);
    case OPT_QUIT: return add_input(p, &s->quit, INPUT_TEXT, value);
    case OPT_PERSIST: return set_time(row, value, &s->persist, false);
    case OPT_START_TIMEOUT: return set_time(row, value, &s->start_timeout, false);
    case OPT_DEADLINE: return set_time(row, value, &s->deadline, false);
    case OPT_LIMIT: return limits_parse(s, value);
    case OPT_SANDBOX: return sandbox_parse(s, value);
    case OPT_GRACE: return set_time(row, value, &s->grace, true);
    case OPT_INTERRUPT: return set_interrupt(s, value);
    case OPT_FRAME: return set_kind(row, value, &s->frame);
    case OPT_IO: return set_kind(row, value, &s->io);
    case OPT_MAX_MESSAGE: return set_max_message(s, value);
    case OPT_MAX_REPLY: return set_max_reply(s, value);
    case OPT_STDERR: return set_stderr(s, row, value);
    case OPT_STATUS_FD: return set_status_fd(s, value);
    case OPT_HISTORY: return set_file(row, value, &s->history_file);
    case OPT_WORDS: return set_file(row, value, &s->words_file);
    case OPT_ESCAPE: return set_escape(s, value);
    default: return reply_rules_apply(p, row, value);
    }
}

/* A session compares values as they are spelled: INT for SIGINT, and where none is given. */
static const char *spell_signal(const char *value) {
    if (!value)
        return "INT";
    return strncmp(value, "SIG", 3) == 0 ? value + 3 : value;
}

int apply_option(struct parser *p, const struct option_row *row, const char *value) {
    struct settings *s = p->s;
    if (row->id == OPT_SANDBOX && !value)
        value = "strict";
    if (row->id == OPT_INTERRUPT)
        value = spell_signal(value);
    s->given |= option_bit(row->id);
    if (session_options_note(p, row->id, value) < 0)
        return option_error(row->long_name, value, strerror(ENOMEM));
    if (!strchr(row->modes, 'I') && !p->noninteractive_option)
        p->noninteractive_option = row->long_name;
    if (!strchr(row->modes, 'S') && strchr(row->modes, 'R')) {
        s->only_timeout_given =
            row->id == OPT_TIMEOUT && (!p->has_request_option || s->only_timeout_given);
        p->has_request_option = true;
    }
    switch (row->id) {
    case OPT_LISTEN: s->listen = true; return PARSE_CONTINUE;
    case OPT_SESSIONS: s->sessions = true; return PARSE_CONTINUE;
    case OPT_STOP: return set_stop(s, value);
    case OPT_FOLLOW: s->follow = true; return PARSE_CONTINUE;
    case OPT_BUILTIN: p->is_builtin = true; return PARSE_CONTINUE;
    case OPT_FOREGROUND: s->foreground = true; return PARSE_CONTINUE;
    case OPT_LINE: return PARSE_CONTINUE; /* it has chosen request mode above: that is all */
    case OPT_AS: return PARSE_CONTINUE;   /* the prescan has found the preset */
    case OPT_AWAIT: return add_input(p, &s->requests, INPUT_NONE, "");
    case OPT_UNBUFFER: s->transport = DUALPIPE_TRANSPORT_UNBUFFER; return PARSE_CONTINUE;
    case OPT_UNORDERED: s->unordered = true; return PARSE_CONTINUE;
    case OPT_JSON: s->json = true; return PARSE_CONTINUE;
    case OPT_PROGRESS: s->progress = true; return PARSE_CONTINUE;
    case OPT_FRESH:
        p->compiled_rule = NULL;
        return PARSE_CONTINUE; /* the prescan has set s->fresh */
    case OPT_KEEP_GOING: s->keep_going = true; return PARSE_CONTINUE;
    case OPT_VERBOSE: s->verbose = true; return PARSE_CONTINUE;
    case OPT_QUIET: s->quiet = true; log_set_quiet(true); return PARSE_CONTINUE;
    case OPT_INTERACTIVE: p->interactive = true; return PARSE_CONTINUE;
    case OPT_RAW: s->raw_output = true; return PARSE_CONTINUE;
    case OPT_HELP: return help_show(value);
    case OPT_VERSION: help_version(); return 0;
    default: return apply_option_value(p, row, value);
    }
}
