/* option_table.c: the table of all options, in the order in which --help=all prints them. */
#include "options/option_table.h"
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
    {OPT_WRAP, 0, "wrap", "TEXT", "RI", false,
     "the same, TEXT in place of it: {text}, {q}, {size}"},
    {OPT_ID, 0, "id", "REGEX|json", "RI", false, "with the line whose group 1 is the request's"},
    {OPT_LENGTH, 0, "length", "REGEX", "RI", false, "group 1 of its first line counts its bytes"},
    {OPT_BYTES, 0, "bytes", "N", "RI", false, "after N bytes"},
    {OPT_IDLE, 0, "idle", "TIME", "RI", false, "it ends after so long a silence (a guess)"},
    {OPT_FRESH, 0, "fresh", NULL, "R", false, "it ends at end of file; a child for each request"},
    {OPT_NO_REPLY, 0, "no-reply", "REGEX", "RI", false, "requests that match draw none"},
    {OPT_ASYNC, 0, "async", "REGEX", "RI", false, "lines that answer nothing: to stderr, marked"},
    {OPT_ERROR, 0, "error", "REGEX", "RI", false, "by this line it failed; json; status; none"},
    {OPT_UNEXPECTED, 0, "unexpected", "note", "RI", false,
     "output that no request asked for is no error"},
    {OPT_READY, 0, "ready", "REGEX|none", "RI", false, "await this before the first request"},
    {OPT_SETUP, 0, "setup", "TEXT", "RI", false, "send TEXT to a fresh child first"},
    {OPT_QUIT, 0, "quit", "TEXT", "RI", false, "send TEXT after the last request"},
    {OPT_TIMEOUT, 't', "timeout", "TIME", "RI", true, "wait so long for each reply (inf)"},
    {OPT_START_TIMEOUT, 0, "start-timeout", "TIME", "RI", false,
     "for the start and the set-up (inf)"},
    {OPT_DEADLINE, 0, "deadline", "TIME", "SRI", false, "for the whole run (inf)"},
    {OPT_GRACE, 0, "grace", "TIME", "SRI", false, "from SIGTERM to SIGKILL (2s)"},
    {OPT_INTERRUPT, 0, "interrupt", "[SIGNAL|none]", "RI", false,
     "it ends a request, the child goes on (INT)"},
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
    {OPT_MAX_REPLY, 0, "max-reply", "SIZE[,DIR]", "R", false,
     "the most of a reply; DIR keeps a longer one whole"},
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
    {OPT_STOP, 0, "stop", "[request]", "R", false, "end the @session, or the request it is at"},
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

/* Whether the word is the option, with or without a value behind it. */
static bool is_typed(const struct option_row *row, const char *word) {
    size_t n = strlen(row->long_name);
    if (word[1] != '-')
        return word[1] && word[1] == row->letter && !word[2];
    return strncmp(word + 2, row->long_name, n) == 0 && (word[2 + n] == 0 || word[2 + n] == '=');
}

const char *option_table_find_typed(char *const *words) {
    for (; *words && strcmp(*words, "--") != 0; words++)
        for (int i = 0; **words == '-' && i < option_table_count; i++)
            if (!strchr(option_table[i].modes, 'S') && is_typed(&option_table[i], *words))
                return *words;
    return NULL;
}
