/* settings.h: what the command line asks for. */
#ifndef SETTINGS_H
#define SETTINGS_H
#include "dualpipe.h"
#include "options/hosts.h"
#include <stdbool.h>

enum mode { MODE_STREAM, MODE_REQUEST, MODE_INTERACTIVE };

/* How the reply to a request is awaited. */
struct request_opts {
    dualpipe_rule *rule;
    int64_t timeout; /* microseconds */
};

/* What -t alone may have been meant for. */
#define DEADLINE_HINT "; to limit a whole run, as timeout(1) does, use --deadline instead of -t"

enum input_kind { INPUT_TEXT, INPUT_FILE, INPUT_NONE };

struct input {
    enum input_kind kind;
    const char *text; /* or the file's name */
    struct request_opts opts;
};

struct inputs {
    struct input *all;
    int count;
};

struct session_option {
    const char *name, *value;
};

struct settings {
    enum mode mode;
    char **argv; /* the command or builtin and its arguments */
    const char *preset; /* its name; NULL: none */
    char **preset_args, **preset_command; /* all of it; its command, NULL: it has none */
    dualpipe_function *function;
    char **env; /* NULL: ours */
    enum dualpipe_transport transport;
    unsigned short rows, columns;
    enum dualpipe_stderr stderr_mode;
    const char *stderr_file; /* for DUALPIPE_STDERR_FD, and as it is open */
    int stderr_fd;
    bool only_timeout_given; /* no other option than -t chose request mode */
    bool pairs_replies;      /* an option says where replies end, or chose request mode otherwise */
    struct dualpipe_limits limits;
    bool has_limits; /* some of them are set */
    char **sandbox_read_paths, **sandbox_write_paths, *sandbox_user; /* what they point to */
    bool foreground, fresh, keep_going, retry_partial, unordered, json, progress, verbose, quiet;
    int workers, window, retries;
    struct hosts hosts; /* n 0: none are given */
    char ***worker_argvs;   /* the words that start each worker; NULL: argv starts all */
    long max_requests;
    dualpipe_rule *ready_rule; /* what is awaited before the first request; NULL: nothing */
    struct inputs requests, setup, quit; /* requests.n 0: from stdin */
    struct request_opts stdin_opts;                  /* of requests from stdin */
    enum dualpipe_frame_kind frame, io; /* towards the child; on our stdin and stdout */
    size_t max_message;
    int64_t start_timeout, deadline, grace;
    int status_fd;
    const char *history_file, *words_file; /* of --history, --words; NULL: not given */
    char escape_char;                 /* begins a line that is for us; 0: none does */
    bool raw_output;                    /* what the child writes may drive the terminal */
    const char *session_name; /* @NAME, @/PATH; NULL: a child of our own is asked */
    char *placeholder_argv[2]; /* its name, instead of a command */
    char *session_path, *session_command;
    dualpipe *connection; /* to it */
    dualpipe_rule *session_rule; /* NULL: one line */
    bool has_command;     /* the session may be started */
    bool is_server;          /* we are the session */
    bool listen, follow, stop, sessions, io_given, retries_given;
    int64_t persist;      /* 0: not given */
    int64_t started_at;        /* points of units_now_us: the call's; 0: its run's */
    int64_t wait_started_at;      /* when it began to wait for its session */
    struct session_option *session_options;  /* options given that a session's start fixes */
    int session_option_count;
    char *session_description;          /* the same as text: what a session tells of itself */
    size_t session_description_size;
    dualpipe_rule **all_rules; /* all that the terms name, NULL-terminated */
};

/* Whether it is as with several children: with hosts it is, though there be but one. */
static inline bool settings_is_parallel(const struct settings *s) {
    return s->workers > 1 || s->hosts.count > 0;
}
/* What is started here. */
static inline const char *settings_program(const struct settings *s) {
    return s->worker_argvs ? s->worker_argvs[0][0] : s->argv[0];
}
#endif
