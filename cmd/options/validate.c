/* validate.c: what all options and operands together mean for the run, and whether they go
 * together. Effects of a single option are in apply.c.
 *
 * validate_operands decides what runs: the command (the user's, else the preset's, else none, if a
 * session or --sessions is enough), its workers, and the rule for requests from stdin.
 *
 * validate_settings chooses the mode: request mode if an option needs it or a session is used, else
 * stream mode; but interactive mode if a person sits at the terminal (stdin is one, and either -i
 * was given or stdout is one too and no requests were). pairs_replies keeps whether request mode
 * was asked for, as interactive mode works with and without a reply rule.
 *
 * Later steps use what earlier ones decided: the conflicts need the mode; the sandbox sets limits
 * that decide on stderr; the description of a session contains them. A file for stderr is
 * opened last, so that a wrong command line creates none. */
#include "options/validate.h"
#include "builtins/builtins.h"
#include "options/option_error.h"
#include "options/preset_command.h"
#include "options/reply_rules.h"
#include "options/sandbox.h"
#include "options/session_options.h"
#include "options/workers.h"
#include "util/log.h"
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- the command ------------------------------------------------------------------------- */

/* Sets the function of the builtin that argv[0] names. */
static int find_builtin(struct settings *s) {
    const char *suggestion;
    if ((s->function = builtins_find(s->argv[0])))
        return PARSE_CONTINUE;
    if ((suggestion = builtins_suggest(s->argv[0])))
        log_error("no such builtin", s->argv[0], "did you mean %s?", suggestion);
    else
        log_error("no such builtin", s->argv[0], "--help=all lists them; or FILE.so:FUNCTION");
    return 127; /* as in a shell: no such command */
}

static int report_no_command(const struct parser *p) {
    if (p->s->preset)
        log_error("no command is given", p->s->preset, "this preset has none: give one behind it");
    else
        log_error(p->is_builtin ? "no builtin is given" : "no command is given", NULL,
                  "usage: dualpipe [option ...] [--] command [argument ...]");
    return PARSE_FAILED;
}

/* Refuses an operand that is no command, and of no use to the preset's program. */
static int report_no_operand(const struct parser *p, const char *operand) {
    char reason[200];
    snprintf(reason, sizeof reason, "no such command, and -a %.40s takes no operand: it runs %.60s",
             p->s->preset, p->s->preset_command[0]);
    log_error("command", operand, "%s", reason);
    return 127; /* as in a shell: no such command */
}

int validate_choose_command(struct parser *p, char **operands, char ***command) {
    struct settings *s = p->s;
    char **made = NULL;
    switch (preset_command_choose(p->preset_row, s->preset_command, operands)) {
    case PRESET_COMMAND_AS_GIVEN: *command = operands; return PARSE_CONTINUE;
    case PRESET_COMMAND_REFUSED: return report_no_operand(p, operands[0]);
    case PRESET_COMMAND_MERGED:
        made = preset_command_merge(p->preset_row, s->preset_command, operands);
        break;
    case PRESET_COMMAND_EXTENDED: made = preset_command_extend(s->preset_command, operands); break;
    }
    if (!made)
        return option_error("as", s->preset, strerror(ENOMEM));
    free(s->preset_argv);
    *command = s->preset_argv = made;
    return PARSE_CONTINUE;
}

/* What runs: the operands, or the command of the preset, or both in one. */
static int choose_command(struct parser *p, char ***operands) {
    struct settings *s = p->s;
    if (!s->preset_command)
        return PARSE_CONTINUE;
    if (!(*operands)[0]) {
        p->is_builtin = p->preset_is_builtin;
        *operands = s->preset_command;
        return PARSE_CONTINUE;
    }
    if (p->is_builtin || p->preset_is_builtin)
        return PARSE_CONTINUE;
    return validate_choose_command(p, *operands, operands);
}

/* What came by itself with the command. */
static int apply_implied(struct parser *p) {
    struct settings *s = p->s;
    if (!p->implies_terminal)
        return PARSE_CONTINUE;
    s->transport = DUALPIPE_TRANSPORT_UNBUFFER;
    p->reads_implied = true;
    if (session_options_note(p, OPT_UNBUFFER, NULL) < 0)
        return option_error("unbuffer", NULL, strerror(ENOMEM));
    p->reads_implied = false;
    return PARSE_CONTINUE;
}

int validate_operands(struct parser *p, char **operands) {
    struct settings *s = p->s;
    int status;
    if ((status = apply_implied(p)) != PARSE_CONTINUE ||
        (status = choose_command(p, &operands)) != PARSE_CONTINUE)
        return status;
    s->has_command = operands[0] != NULL;
    if (!operands[0] && !s->session_name && !s->sessions)
        return report_no_command(p);
    s->placeholder_argv[0] = (char *)(uintptr_t)(s->session_name ? s->session_name : "sessions");
    s->argv = s->has_command ? operands : s->placeholder_argv;
    if (p->is_builtin && s->has_command) {
        if ((status = find_builtin(s)) != PARSE_CONTINUE)
            return status;
    }
    if ((status = workers_plan(p)) != PARSE_CONTINUE)
        return status;
    /* Rule options after the last request apply to nothing, unless lines will be typed. */
    if (s->requests.count > 0 && p->builder.unused_option &&
        !(p->interactive && isatty(STDIN_FILENO)))
        return option_error(p->builder.unused_option, NULL,
                            "no request follows it: put it before its request");
    /* Our stdin and stdout use the child's kind of frame, but lines in place of the two that are
     * awkward to write by hand. */
    if (!settings_has_given(s, OPT_IO) && s->frame != DUALPIPE_FRAME_CRLF &&
        s->frame != DUALPIPE_FRAME_HEADER)
        s->io = s->frame;
    if ((status = reply_rules_assign(p, &s->stdin_opts, false)) == PARSE_CONTINUE)
        status = reply_rules_compile_ready(p);
    return status;
}

/* --- the mode and what follows from it --------------------------------------------------- */

bool validate_is_prompt(uint64_t given) {
    uint64_t types_nothing = option_bit(OPT_REQUEST) | option_bit(OPT_REQUEST_FILE) |
                             option_bit(OPT_AWAIT) | option_bit(OPT_LISTEN) |
                             option_bit(OPT_FOLLOW) | option_bit(OPT_STOP) |
                             option_bit(OPT_SESSIONS);
    return isatty(STDIN_FILENO) && (given & option_bit(OPT_INTERACTIVE) ||
                                    (isatty(STDOUT_FILENO) && !(given & types_nothing)));
}

static int choose_mode(struct parser *p) {
    struct settings *s = p->s;
    p->has_request_option |= s->session_name != NULL;
    s->mode = p->has_request_option ? MODE_REQUEST : MODE_STREAM;
    s->pairs_replies = p->has_request_option;
    if (!validate_is_prompt(s->given))
        return PARSE_CONTINUE;
    s->mode = MODE_INTERACTIVE;
    if (!p->noninteractive_option)
        return PARSE_CONTINUE;
    return option_error(p->noninteractive_option, NULL,
                        "it has no effect at a prompt: pipe requests in, or give them with -e");
}

/* Whether the descriptor surely comes to an end of file, as a regular file or the null device does.
 * A pipe or a terminal may stay open. */
static bool is_finite_input(int fd) {
    struct stat st, null;
    return fstat(fd, &st) == 0 &&
           (S_ISREG(st.st_mode) || (S_ISCHR(st.st_mode) && stat("/dev/null", &null) == 0 &&
                                    st.st_rdev == null.st_rdev));
}

/* A reply that ends where nothing follows it allows one request at a time. */
static int report_unpipelined(const struct parser *p) {
    char name[OPTION_NAME_SIZE], letter[OPTION_NAME_SIZE], reason[200];
    option_error_name(p->unpipelined_option, name);
    option_error_name("window", letter);
    snprintf(reason, sizeof reason,
             "a reply that %s ends needs a child that is asked one at a time: leave out %s; -j %d "
             "asks as many children",
             name, letter, p->s->window);
    return option_error("window", NULL, reason);
}

/* Refuses options that exclude each other. */
static int check_conflicts(const struct parser *p) {
    const struct settings *s = p->s;
    bool on_pty =
        s->transport == DUALPIPE_TRANSPORT_PTY || s->transport == DUALPIPE_TRANSPORT_PTY_COOKED;
    if (parser_has_given(p, OPT_LINE) && s->requests.count > 0 && s->mode != MODE_INTERACTIVE)
        return option_error("line", NULL,
                            "standard input is not read with -e, -f or --await: leave it out, or "
                            "these");
    if (p->interactive && !isatty(STDIN_FILENO))
        return option_error("interactive", NULL,
                            "standard input is no terminal: leave it out to pipe requests in");
    if (parser_has_given(p, OPT_UNBUFFER) && parser_has_given(p, OPT_PTY))
        return option_error("unbuffer", NULL,
                            "--pty gives a terminal already, where nothing is held back: leave "
                            "out one of them");
    if (p->stderr_watch == STDERR_WATCHED_BY_USER &&
        (on_pty || (settings_has_given(s, OPT_STDERR) && s->stderr_mode != DUALPIPE_STDERR_RELAY)))
        return option_error("error", NULL,
                            on_pty ? "with --pty stderr is part of the replies: leave out stderr:"
                                   : "stderr: needs a stderr that is relayed: leave out --stderr");
    if (s->window > 1 && p->unpipelined_option)
        return report_unpipelined(p);
    if (s->window > 1 && s->fresh)
        return option_error("window", NULL, "with --fresh a child is asked one request: use -j");
    if (on_pty && s->foreground)
        return option_error("pty", NULL, "a terminal of its own needs a session of its own: leave "
                                         "out --foreground");
    if (s->transport == DUALPIPE_TRANSPORT_PTY && s->mode == MODE_STREAM &&
        is_finite_input(STDIN_FILENO))
        return option_error("pty", NULL, "a raw terminal has no end of file, which our stdin will "
                                         "come to: --pty=cooked has");
    if (s->transport == DUALPIPE_TRANSPORT_PTY && s->fresh)
        return option_error("fresh", NULL, "a raw terminal has no end of file: --pty=cooked has");
    if (s->has_limits && s->worker_argvs)
        return option_error("limit", NULL, "it would hold what launches the command, not the "
                                           "command: give it there, as in --via='... dualpipe "
                                           "--limit=...'");
    return PARSE_CONTINUE;
}

extern char **environ;

/* Variables for a child that doesn't write to a person's terminal: they ask for no colours, pager
 * or full-screen output. The last two are for a child that reads requests from a terminal: it
 * should not edit lines as one that a person types (/dev/null: no settings of readline). */
static const char *const plain_variables[] = {"TERM=dumb",          "NO_COLOR=1",
                                              "PAGER=cat",          "PYTHONUNBUFFERED=1",
                                              "INPUTRC=/dev/null",  "NODE_NO_READLINE=1"};
enum {
    REQUEST_PLAIN_COUNT = sizeof plain_variables / sizeof *plain_variables,
    PLAIN_COUNT = REQUEST_PLAIN_COUNT - 2
};

static bool is_plain_variable(const char *variable, int count) {
    for (int i = 0; i < count; i++)
        if (strncmp(variable, plain_variables[i], strcspn(plain_variables[i], "=") + 1) == 0)
            return true;
    return false;
}

/* A sandboxed child gets only PATH and LANG of our environment. */
static bool is_hidden_in_sandbox(const char *variable) {
    return strncmp(variable, "PATH=", 5) != 0 && strncmp(variable, "LANG=", 5) != 0;
}

/* Our environment with the first `count` plain variables. The caller frees the table, but not its
 * strings. NULL: no memory. */
static char **build_child_environment(bool in_sandbox, int count) {
    char **env, **to;
    size_t n = 0;
    while (environ && environ[n])
        n++;
    if (!(env = to = malloc((n + (size_t)count + 1) * sizeof *env)))
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (!is_plain_variable(environ[i], count) &&
            !(in_sandbox && is_hidden_in_sandbox(environ[i])))
            *to++ = environ[i];
    for (int i = 0; i < count; i++)
        *to++ = (char *)(uintptr_t)plain_variables[i];
    *to = NULL;
    return env;
}

static bool is_on_pty(const struct settings *s) {
    return s->transport == DUALPIPE_TRANSPORT_PTY || s->transport == DUALPIPE_TRANSPORT_PTY_COOKED;
}

/* If a child's output will be escaped, or no person sits at its terminal, as with --unbuffer and
 * with requests, its environment says that the terminal is dumb: the child should not draw. */
static int choose_environment(struct settings *s) {
    bool in_sandbox = s->limits.sandbox != 0;
    bool output_is_escaped =
        s->mode == MODE_INTERACTIVE && s->transport != DUALPIPE_TRANSPORT_PIPE && !s->raw_output;
    bool takes_requests = s->mode == MODE_REQUEST && is_on_pty(s);
    int count = takes_requests ? REQUEST_PLAIN_COUNT : PLAIN_COUNT;
    if ((s->transport == DUALPIPE_TRANSPORT_UNBUFFER || output_is_escaped || takes_requests) &&
        !(s->env = build_child_environment(in_sandbox, count)))
        return option_error("unbuffer", NULL, strerror(ENOMEM));
    return PARSE_CONTINUE;
}

/* Where the child's stderr goes without --stderr. By default it inherits ours. It is relayed where
 * dualpipe has to see it: to keep lines of several workers or JSON apart, to sanitize or count it,
 * to find errors in it, or because the session is another process. In interactive mode without a
 * rule stdout and stderr share one pipe, so that both appear in the order in which they were
 * written. */
static void choose_stderr(const struct parser *p) {
    struct settings *s = p->s;
    if (settings_has_given(s, OPT_STDERR) || is_on_pty(s))
        return;
    if (s->session_name) {
        s->stderr_mode = DUALPIPE_STDERR_RELAY;
        return;
    }
    if (s->mode == MODE_INTERACTIVE && isatty(STDERR_FILENO))
        s->stderr_mode = s->pairs_replies || !isatty(STDOUT_FILENO) ? DUALPIPE_STDERR_RELAY
                                                                    : DUALPIPE_STDERR_STDOUT;
    else if (s->limits.sandbox || s->json || settings_is_parallel(s) || s->limits.output > 0 ||
             (s->mode == MODE_REQUEST && p->stderr_watch))
        s->stderr_mode = DUALPIPE_STDERR_RELAY;
}

/* Called once everything else is right, as it creates the file. */
static int open_stderr_file(struct settings *s) {
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_CLOEXEC;
    if (s->stderr_mode == DUALPIPE_STDERR_FD &&
        (s->stderr_fd = open(s->stderr_file, flags, 0666)) < 0)
        return option_error("stderr", s->stderr_file, strerror(errno));
    return PARSE_CONTINUE;
}

/* Whether files can be made below DIR of --max-reply. */
static int check_reply_dir(const struct settings *s) {
    struct stat st;
    int error = 0;
    if (!s->max_reply_dir)
        return PARSE_CONTINUE;
    if (stat(s->max_reply_dir, &st) < 0)
        error = errno;
    else if (!S_ISDIR(st.st_mode))
        error = ENOTDIR;
    else if (faccessat(AT_FDCWD, s->max_reply_dir, W_OK | X_OK, AT_EACCESS) < 0)
        error = errno;
    return error ? option_error("max-reply", s->max_reply_dir, strerror(error)) : PARSE_CONTINUE;
}

int validate_settings(struct parser *p) {
    struct settings *s = p->s;
    int status = choose_mode(p);
    if (status == PARSE_CONTINUE)
        status = check_conflicts(p);
    if (status == PARSE_CONTINUE)
        status = sandbox_check(s);
    if (status == PARSE_CONTINUE)
        status = session_options_finish(p);
    if (status == PARSE_CONTINUE)
        status = check_reply_dir(s);
    if (status == PARSE_CONTINUE)
        status = choose_environment(s);
    if (status != PARSE_CONTINUE)
        return status;
    if (s->preset_is_implied && s->verbose)
        log_note("preset", s->plain_argv[0], "-a %s applies by itself: --as=none turns it off",
                 s->preset);
    if (s->verbose && p->preset_row && p->row_args && p->row_args == p->preset_row->whole)
        log_note("preset", s->preset, "with a command of your own, by a fence, without its loop");
    choose_stderr(p);
    return open_stderr_file(s);
}
