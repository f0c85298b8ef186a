/* validate.c: what the options and operands make of a run as a whole, and whether they go
 * together. */
#include "options/validate.h"
#include "builtins/builtins.h"
#include "options/session_options.h"
#include "options/parser.h"
#include "options/plain.h"
#include "options/parse.h"
#include "util/log.h"
#include "options/sandbox.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* Once all options are known to be right. */
static int open_stderr(struct settings *s) {
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_CLOEXEC;
    if (s->err == DUALPIPE_FD && (s->err_fd = open(s->err_file, flags, 0666)) < 0)
        return option_wrong("stderr", s->err_file, strerror(errno));
    return GO_ON;
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

int cmdline_parse(struct settings *s, int argc, char **argv) {
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

void cmdline_free(struct settings *s) {
    for (int i = 0; s->rules && s->rules[i]; i++)
        dualpipe_rule_free(s->rules[i]);
    free(s->rules);
    spread_free(s->launches);
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
