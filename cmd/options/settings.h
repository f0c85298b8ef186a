/* settings.h: what the command line asks for. */
#ifndef SETTINGS_H
#define SETTINGS_H
#include "dualpipe.h"
#include "options/hosts.h"
#include <stdbool.h>

enum mode { MODE_STREAM, MODE_REQUEST, MODE_INTERACTIVE };

/* How the reply to a request is awaited. */
struct terms {
    dualpipe_rule *rule;
    int64_t timeout; /* microseconds */
};

/* What -t alone may have been meant for. */
#define AS_TIMEOUT "; to limit a whole run, as timeout(1) does, use --deadline instead of -t"

enum given_kind { GIVEN_TEXT, GIVEN_FILE, GIVEN_NOTHING };

struct given {
    enum given_kind kind;
    const char *text; /* or the file's name */
    struct terms terms;
};

struct givens {
    struct given *all;
    int n;
};

struct fixed {
    const char *word, *value;
};

struct settings {
    enum mode mode;
    char **argv; /* the command or builtin and its arguments */
    const char *preset; /* its name; NULL: none */
    char **preset_words, **preset_argv; /* all of it; its command, NULL: it has none */
    dualpipe_function *function;
    char **env; /* NULL: ours */
    enum dualpipe_transport transport;
    unsigned short rows, columns;
    enum dualpipe_stderr err;
    const char *err_file; /* for DUALPIPE_FD, and as it is open */
    int err_fd;
    bool timed_alone; /* no other option than -t chose request mode */
    bool asks;        /* an option says where replies end, or chose request mode otherwise */
    struct dualpipe_limits limits;
    bool limited; /* some of them are set */
    char **sandbox_read, **sandbox_write, *sandbox_user; /* what they point to */
    bool foreground, fresh, keep_going, retry_partial, unordered, json, progress, verbose, quiet;
    int workers, window, retries;
    struct hosts hosts; /* n 0: none are given */
    char ***launches;   /* the words that start each worker; NULL: argv starts all */
    long max_requests;
    dualpipe_rule *ready; /* what is awaited before the first request; NULL: nothing */
    struct givens requests, setup, quit; /* requests.n 0: from stdin */
    struct terms terms;                  /* of requests from stdin */
    enum dualpipe_kind frame, io; /* towards the child; on our stdin and stdout */
    size_t max_message;
    int64_t start_timeout, deadline, grace;
    int status_fd;
    const char *history, *words; /* of --history, --words; NULL: not given */
    char escape;                 /* begins a line that is for us; 0: none does */
    bool raw;                    /* what the child writes may drive the terminal */
    const char *session; /* @NAME, @/PATH; NULL: a child of our own is asked */
    char *no_argv[2]; /* its name, instead of a command */
    char *session_path, *session_command;
    dualpipe *connection; /* to it */
    dualpipe_rule *session_rule; /* NULL: one line */
    bool has_command;     /* the session may be started */
    bool serves;          /* we are the session */
    bool listen, follow, stop, sessions, io_given, retries_given;
    int64_t persist;      /* 0: not given */
    int64_t begun;        /* points of now_us: the call's; 0: its run's */
    int64_t waiting;      /* when it began to wait for its session */
    struct fixed *fixed;  /* options given that a session's start fixes */
    int nfixed;
    char *about;          /* the same as text: what a session tells of itself */
    size_t about_size;
    dualpipe_rule **rules; /* all that the terms name, NULL-terminated */
};

/* Whether it is as with several children: with hosts it is, though there be but one. */
static inline bool settings_spread(const struct settings *s) {
    return s->workers > 1 || s->hosts.n > 0;
}
/* What is started here. */
static inline const char *settings_program(const struct settings *s) {
    return s->launches ? s->launches[0][0] : s->argv[0];
}
#endif
