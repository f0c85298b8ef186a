/* option_table.h: the table of all options. parse.c builds getopt's tables from it, help.c prints
 * it, and a test compares the shell completions with it.
 *
 * To add an option: an id here, a row in option_table.c, its effect in apply.c (or, for a reply
 * rule, reply_rules.c), and a row in session_options.c if the start of a session fixes it. */
#ifndef OPTION_TABLE_H
#define OPTION_TABLE_H
#include <stdbool.h>
#include <stdint.h>

/* The ids begin above every character, so that getopt's result tells long options from short
 * ones. */
enum option_id {
    OPT_BUILTIN = 256, OPT_AS, OPT_STDERR, OPT_FOREGROUND, OPT_LINE, OPT_REQUEST, OPT_REQUEST_FILE,
    OPT_AWAIT, OPT_COUNT, OPT_UNTIL, OPT_PROMPT, OPT_FENCE, OPT_WRAP, OPT_ID, OPT_LENGTH, OPT_BYTES,
    OPT_IDLE, OPT_FRESH, OPT_NO_REPLY, OPT_ASYNC, OPT_ERROR, OPT_UNEXPECTED, OPT_READY, OPT_SETUP,
    OPT_QUIT, OPT_FRAME, OPT_IO,
    OPT_MAX_MESSAGE, OPT_MAX_REPLY, OPT_TIMEOUT, OPT_START_TIMEOUT, OPT_DEADLINE, OPT_GRACE,
    OPT_INTERRUPT,
    OPT_KEEP_GOING,
    OPT_RETRIES, OPT_WORKERS, OPT_WINDOW, OPT_UNORDERED, OPT_MAX_REQUESTS, OPT_HOSTS, OPT_VIA,
    OPT_JSON,
    OPT_PROGRESS, OPT_UNBUFFER, OPT_PTY, OPT_LIMIT, OPT_SANDBOX, OPT_STATUS_FD,
    OPT_VERBOSE, OPT_QUIET,
    OPT_LISTEN, OPT_PERSIST, OPT_SESSIONS, OPT_STOP, OPT_FOLLOW,
    OPT_INTERACTIVE, OPT_HISTORY, OPT_WORDS, OPT_ESCAPE, OPT_RAW, OPT_HELP, OPT_VERSION,
};

static inline uint64_t option_bit(enum option_id id) {
    return (uint64_t)1 << (id - OPT_BUILTIN);
}

struct option_row {
    enum option_id id;
    char letter;            /* the short option; 0 if there is none */
    const char *long_name;  /* without the dashes */
    const char *value_hint; /* the value as --help writes it: NULL if the option takes none, in
                               brackets if it is optional */
    /* The modes in which the option has an effect: S stream, R request, I interactive. An option
     * with R but without S chooses request mode. */
    const char *modes;
    bool is_common;         /* the option is on the short screen of --help */
    const char *help;
};

extern const struct option_row option_table[];
extern const int option_table_count;

/* The first of the words, before a "--", that is an option of ours for requests; NULL: none. */
const char *option_table_find_typed(char *const *words);
#endif
