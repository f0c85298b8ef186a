/* tilde_commands.c: commands to dualpipe itself, typed at the prompt after a `~`: `~?` lists them.
 *
 * To add one, write a function, and enter it in the table commands and in the text of command_help.
 * The functions set fields of struct repl, and the loop of repl.c acts on them; answers go to the
 * terminal by print_answer. The character is `~` unless --escape gives another.
 *
 * Trap: a line that is no known command is sent to the child, so a mistyped one is not reported.
 */
#include "repl/tilde_commands.h"
#include "repl/readline.h"
#include "run/status_report.h"
#include "util/escape.h"
#include "util/signals.h"
#include "util/units.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { ANSWER_SIZE = 512 };

/* Writes "dualpipe: ..." to the terminal, wherever stderr goes. */
static void print_answer(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void print_answer(const char *format, ...) {
    char text[ANSWER_SIZE], safe[ANSWER_SIZE + 16];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    readline_print("dualpipe: ");
    readline_print(escape_bytes(text, strlen(text), safe, sizeof safe));
    readline_print("\n");
}

static void command_help(struct repl *repl, const char *value) {
    char c = repl->run->s->escape_char, text[ANSWER_SIZE], safe[sizeof repl->name];
    (void)value;
    snprintf(text, sizeof text,
             "%c?       this list\n"
             "%c.       end\n"
             "%ci NAME  send it a signal: INT, TERM, ...\n"
             "%cr       a fresh %s\n"
             "%cs       the state it is in\n"
             "%ct TIME  the limit of a reply; inf: none\n"
             "%cw FILE  record what is said from here on; without FILE: no longer\n"
             "%c%c       a line that begins with %c\n",
             c, c, c, c, escape_bytes(repl->name, strlen(repl->name), safe, sizeof safe), c, c, c,
             c, c, c);
    readline_print(text);
}

static void command_quit(struct repl *repl, const char *value) {
    (void)value;
    repl->quit_requested = repl->done = true;
}

static void command_signal(struct repl *repl, const char *value) {
    int signo = signals_number(value);
    if (signo > 0)
        repl_state_signal(repl, signo);
    else
        print_answer("signal: %s: no such signal: a name like INT, or a number, is meant", value);
}

static void command_restart(struct repl *repl, const char *value) {
    (void)value;
    if (repl->run->s->session_name)
        print_answer("%s: a session's child is not replaced: dualpipe --stop ends it",
                     repl->run->s->session_name);
    else
        repl->restart_requested = repl->done = true;
}

static void command_state(struct repl *repl, const char *value) {
    char words[256], limit[32] = "none";
    struct dualpipe_reply oldest;
    (void)value;
    if (repl->opts.timeout != UNITS_FOREVER)
        snprintf(limit, sizeof limit, "%gs", (double)repl->opts.timeout / 1e6);
    if (repl->batch.pool)
        dualpipe_pool_oldest(repl->batch.pool, &oldest); /* has a session send its child's state */
    if (repl_state_child(repl))
        status_report_child_state(repl_state_child(repl), words, sizeof words);
    else
        snprintf(words, sizeof words, "is being started");
    print_answer("state: %s: %s; limit of a reply: %s", repl->name, words, limit);
}

static void command_timeout(struct repl *repl, const char *value) {
    const char *error;
    int64_t limit;
    if (!repl->run->s->pairs_replies)
        error = "nothing says where a reply ends: start with -n, -u, -p, --fence or -a";
    else if (!(error = units_parse_time(value, &limit)) && limit == 0)
        error = "0 would wait for nothing: inf is no limit";
    if (error)
        print_answer("limit of a reply: %s%s%s", value, *value ? ": " : "", error);
    else
        repl->opts.timeout = limit;
}

static void command_transcript(struct repl *repl, const char *value) {
    struct transcript fresh = {0};
    int error = *value ? transcript_open(&fresh, value) : 0;
    if (error < 0) {
        print_answer("recording: %s: %s", value, strerror(-error));
    } else {
        repl_state_close_transcript(repl);
        repl->transcript = fresh;
    }
}

/* Each function gets the value that follows the letter, or an empty string. */
static const struct {
    char letter;
    bool takes_value; /* a value may follow */
    void (*run)(struct repl *repl, const char *value);
} commands[] = {
    {'?', false, command_help},      {'.', false, command_quit},      {'i', true, command_signal},
    {'r', false, command_restart}, {'s', false, command_state}, {'t', true, command_timeout},
    {'w', true, command_transcript},
};

bool tilde_commands_run(struct repl *repl, char *line) {
    size_t n = strlen(line);
    const char *value;
    if (n < 2)
        return false;
    value = line + 2 + strspn(line + 2, " \t");
    while (n > 2 && (line[n - 1] == ' ' || line[n - 1] == '\t'))
        n--; /* Tab appends a blank to a file name */
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (commands[i].letter == line[1] &&
            (n == 2 || (commands[i].takes_value && value > line + 2))) {
            line[n] = 0;
            commands[i].run(repl, value);
            return true;
        }
    return false;
}
