/* help.c: the table of options, and --help and --version made from it. */
#include "options/options.h"
#include "builtins/builtins.h"
#include "options/presets.h"
#include "util/log.h"
#include <stdio.h>
#include <string.h>

const struct option_row option_table[] = {
    {OPT_REQUEST, 'e', "request", "TEXT", "RI", true, "TEXT is a request (may be repeated)"},
    {OPT_REQUEST_FILE, 'f', "request-file", "FILE", "RI", false,
     "the whole of FILE is a request (-: stdin)"},
    {OPT_LINE, 'l', "line", NULL, "RI", true, "each line of stdin is a request"},
    {OPT_AWAIT, 0, "await", NULL, "RI", false, "send nothing, await a reply"},
    {OPT_COUNT, 'n', "count", "N", "RI", true, "a reply is N lines (1; 0: there is none)"},
    {OPT_UNTIL, 'u', "until", "REGEX", "RI", true, "it ends with the first line that matches"},
    {OPT_PROMPT, 'p', "prompt", "REGEX", "RI", true, "before this at the end of what has come"},
    {OPT_FENCE, 0, "fence", "TEXT", "RI", true,
     "at the token that {} in TEXT, sent behind, gives"},
    {OPT_ID, 0, "id", "REGEX|json", "RI", false, "with the line whose group 1 is the request's"},
    {OPT_LENGTH, 0, "length", "REGEX", "RI", false, "group 1 of its first line counts its bytes"},
    {OPT_BYTES, 0, "bytes", "N", "RI", false, "after N bytes"},
    {OPT_IDLE, 0, "idle", "TIME", "RI", false, "it ends after so long a silence (a guess)"},
    {OPT_FRESH, 0, "fresh", NULL, "R", false, "it ends at end of file; a child for each request"},
    {OPT_NO_REPLY, 0, "no-reply", "REGEX", "RI", false, "requests that match draw none"},
    {OPT_ASYNC, 0, "async", "REGEX", "RI", false, "lines that answer nothing: to stderr, marked"},
    {OPT_READY, 0, "ready", "REGEX|none", "RI", false, "await this before the first request"},
    {OPT_SETUP, 0, "setup", "TEXT", "RI", false, "send TEXT to a fresh child first"},
    {OPT_QUIT, 0, "quit", "TEXT", "RI", false, "send TEXT after the last request"},
    {OPT_TIMEOUT, 't', "timeout", "TIME", "RI", true, "wait so long for each reply (inf)"},
    {OPT_START_TIMEOUT, 0, "start-timeout", "TIME", "RI", false,
     "for the start and the set-up (inf)"},
    {OPT_DEADLINE, 0, "deadline", "TIME", "SRI", false, "for the whole run (inf)"},
    {OPT_GRACE, 0, "grace", "TIME", "SRI", false, "from SIGTERM to SIGKILL (2s)"},
    {OPT_KEEP_GOING, 'k', "keep-going", NULL, "R", true, "a failed request doesn't end the run"},
    {OPT_RETRIES, 0, "retries", "N[,partial]", "R", false,
     "ask a fresh child again, if nothing came"},
    {OPT_WORKERS, 'j', "workers", "N", "R", true, "so many children (1; 0: one per processor)"},
    {OPT_WINDOW, 'w', "window", "N|auto", "R", false,
     "requests under way on each child (1)"},
    {OPT_UNORDERED, 0, "unordered", NULL, "R", false, "replies as they come"},
    {OPT_MAX_REQUESTS, 0, "max-requests", "N", "R", false, "then a child is replaced (inf)"},
    {OPT_HOSTS, 0, "hosts", "LIST|FILE", "R", false, "children on these hosts, by ssh"},
    {OPT_VIA, 0, "via", "PREFIX", "R", false, "what launches each child, instead of ssh"},
    {OPT_JSON, 0, "json", NULL, "R", false, "an object per reply"},
    {OPT_PROGRESS, 0, "progress", NULL, "R", false, "a line of progress on stderr"},
    {OPT_FRAME, 0, "frame", "KIND", "RI", false, "messages to and from the child (line)"},
    {OPT_IO, 0, "io", "KIND", "RI", false, "on our stdin and stdout (line, or as --frame)"},
    {OPT_MAX_MESSAGE, 0, "max-message", "SIZE", "RI", false, "the largest request or line (64M)"},
    {OPT_AS, 'a', "as", "NAME", "RI", true, "a preset: options and command for bc, python, ..."},
    {OPT_BUILTIN, 'b', "builtin", NULL, "SRI", false, "run a builtin, or FILE.so:FUNCTION"},
    {OPT_UNBUFFER, 0, "unbuffer", NULL, "SRI", true,
     "its stdout is a terminal: it holds nothing back"},
    {OPT_PTY, 0, "pty", "[cooked,RxC]", "SRI", false, "it gets a terminal of its own"},
    {OPT_STDERR, 0, "stderr", "WHERE", "SRI", false, "inherit, relay, stdout, null or a file"},
    {OPT_FOREGROUND, 0, "foreground", NULL, "SR", false, "leave the child in our session"},
    {OPT_LIMIT, 0, "limit", "NAME=VALUE,...", "SRI", false,
     "cpu, memory, files, processes, filesize, output"},
    {OPT_SANDBOX, 0, "sandbox", "[WORDS]", "SRI", false,
     "shut it in; read=PATH, write=PATH; check"},
    {OPT_STATUS_FD, 0, "status-fd", "N", "SRI", false, "JSON lines: ready, and the end"},
    {OPT_PERSIST, 0, "persist", "TIME", "RI", false, "the @session ends when unused so long (1h)"},
    {OPT_LISTEN, 0, "listen", NULL, "R", false, "serve the @session in the foreground"},
    {OPT_SESSIONS, 0, "sessions", NULL, "SRI", false, "list the sessions there are"},
    {OPT_STOP, 0, "stop", NULL, "R", false, "end the @session"},
    {OPT_FOLLOW, 0, "follow", NULL, "R", false, "print what the @session says unasked"},
    {OPT_INTERACTIVE, 'i', "interactive", NULL, "SRI", false,
     "edit lines, though stdout is no terminal"},
    {OPT_HISTORY, 0, "history", "FILE|none", "I", false, "lines typed are kept there"},
    {OPT_WORDS, 0, "words", "FILE", "I", false, "complete its words too"},
    {OPT_ESCAPE, 0, "escape", "CHAR|none", "I", false, "begins a line for dualpipe itself (~)"},
    {OPT_RAW, 0, "raw", NULL, "I", false, "output may drive the terminal"},
    {OPT_VERBOSE, 'v', "verbose", NULL, "SRI", false, "show the traffic on stderr"},
    {OPT_QUIET, 'q', "quiet", NULL, "SRI", false, "errors only, no notes"},
    {OPT_HELP, 'h', "help", "[WHAT]", "SRI", true, "this; all; presets; a preset or builtin"},
    {OPT_VERSION, 'V', "version", NULL, "SRI", false, "print the version"},
};
const int option_table_count = sizeof option_table / sizeof *option_table;

void help_version(void) {
    puts("dualpipe " VERSION);
}

static void print_row(const struct option_row *row) {
    char left[40], letter[8] = "    ";
    if (row->letter)
        snprintf(letter, sizeof letter, "-%c, ", row->letter);
    if (row->value_hint && *row->value_hint == '[')
        snprintf(left, sizeof left, "%s--%s[=%.*s]", letter, row->long_name,
                 (int)strlen(row->value_hint) - 2, row->value_hint + 1);
    else
        snprintf(left, sizeof left, "%s--%s%s%s", letter, row->long_name,
                 row->value_hint ? "=" : "", row->value_hint ? row->value_hint : "");
    printf("  %-26s %s\n", left, row->help);
}

static void print_options(bool all) {
    puts("usage: dualpipe [option ...] [--] command [argument ...]");
    if (all)
        puts("       dualpipe [option ...] -b builtin [argument ...]");
    puts("       dualpipe [option ...] @session [option ...] [[--] command [argument ...]]\n"
         "Ask a program: send requests, know where replies end, stop waiting when told.\n");
    for (int i = 0; i < option_table_count; i++)
        if (all || option_table[i].is_common)
            print_row(&option_table[i]);
    puts("\nWith none of the request options bytes pass both ways; at a terminal you type.");
    puts(all ? "TIME: a number with ms, s, m, h or d (none: s), or inf. SIZE: with k, M or G.\n"
               "KIND: line crlf nul netstring u8 u16 u32 u32le varint header pktline raw.\n"
               "REGEX: POSIX extended, with \\n, \\t and \\r.\n"
               "Status: the child's; 120 our output failed, 121 a --limit, 122 a broken message,\n"
               "123 a request failed, 124 a limit of time, 125 dualpipe failed, 126 can't run,\n"
               "127 not found.\n"
               "\nBuiltins:"
             : "  dualpipe -e '2^100' bc                   one question\n"
               "  dualpipe -t 1 -l -- bc < sums > results  one answer a line, a second each\n"
               "  dualpipe -a bc -e 'x=6*7' @calc          kept: dualpipe -e x @calc prints 42\n"
               "\n--help=all shows every option; dualpipe(1) is the manual.");
    if (all)
        builtins_print();
}

int help_show(const char *topic) {
    const char *what;
    int status;
    if (!topic || strcmp(topic, "all") == 0) {
        print_options(topic != NULL);
        return 0;
    }
    if (strcmp(topic, "presets") == 0)
        return presets_list();
    if ((status = presets_show(topic)) >= 0)
        return status;
    if (!(what = builtins_help(topic))) {
        log_error("option --help", topic,
                  "no such topic: all, presets, a preset, or a builtin "
                  "that --help=all lists");
        return 125;
    }
    printf("%s: %s\n", topic, what);
    return 0;
}
