/* apply.c: what each option sets. */
#include "options/parser.h"
#include "options/session_options.h"
#include "util/frames.h"
#include "options/limits.h"
#include "util/log.h"
#include "options/sandbox.h"
#include "util/units.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static int set_file(const struct option_row *row, const char *value, const char **to) {
    *to = value;
    return *value ? GO_ON : option_wrong(row->word, value, "it names no file");
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
    case OPT_HISTORY: return set_file(row, value, &s->history);
    case OPT_WORDS: return set_file(row, value, &s->words);
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
