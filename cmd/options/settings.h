/* settings.h: everything that the command line asks for. parse_command_line fills it; after that
 * the run reads it, and only session/ writes to it, when a call adopts what its session fixed.
 *
 * Times are microseconds; UNITS_FOREVER is no limit. Strings point into argv or the preset, unless
 * they are marked as owned: parse_free_settings frees these. */
#ifndef SETTINGS_H
#define SETTINGS_H
#include "dualpipe.h"
#include "options/hosts.h"
#include "options/option_table.h"
#include <stdbool.h>
#include <stdint.h>

/* A preset and those that it builds on. */
enum { PRESETS_MAX = 8 };

enum mode { MODE_STREAM, MODE_REQUEST, MODE_INTERACTIVE };

/* How the reply to a request is awaited. */
struct request_opts {
    dualpipe_rule *rule;
    int64_t timeout;
    const char *id; /* the value of --id, which the rule has; NULL: none */
    bool has_fence; /* the rule has one, or a wrap */
    bool one_line; /* a line end within the request would draw a second reply */
};

/* Appended to messages about -t without another request option: the user may have wanted a limit
 * for the whole run. */
#define DEADLINE_HINT "; to limit a whole run, as timeout(1) does, use --deadline instead of -t"

/* What --stop ends. */
enum stop_kind { STOP_NOTHING, STOP_SESSION, STOP_REQUEST };

enum input_kind {
    INPUT_TEXT, /* -e, --setup, --quit */
    INPUT_FILE, /* -f */
    INPUT_NONE, /* --await: nothing is sent, only a reply awaited */
};

struct input {
    enum input_kind kind;
    const char *text; /* of INPUT_FILE the file's name */
    struct request_opts opts;
};

struct inputs {
    struct input *all; /* owned */
    int count;
};

/* An option that the start of a session fixes, as it was given. */
struct session_option {
    const char *name, *value;
    bool is_implied; /* it came by itself with the command: another session may do without */
};

struct settings {
    enum mode mode;
    uint64_t given; /* bits of the options, of the preset too: settings_has_given */

    /* The child. */
    char **argv;                  /* the command or builtin with its arguments; never empty */
    bool has_command;             /* a command was given, or the preset has one; else argv only
                                     names the session in messages, and is this: */
    char *placeholder_argv[2];
    dualpipe_function *function;  /* the builtin; NULL: argv is a command */
    const char *preset;           /* its name; NULL: none */
    bool preset_is_implied;       /* no -a was given: it applies by itself, here or when our session
                                     was started */
    char **preset_args[PRESETS_MAX]; /* all words of it, and of those that it builds on; owned */
    char **preset_command;        /* the command among them; NULL: the preset has none */
    char **preset_argv;           /* the command and the operands in one, owned; NULL: not needed */
    char **plain_argv;            /* of an implied preset: the operands */
    char **env;                   /* NULL: ours; else owned, though its strings are environ's */
    enum dualpipe_transport transport;
    unsigned short rows, columns; /* of its terminal; 0: the default */
    enum dualpipe_stderr stderr_mode;
    const char *stderr_file;      /* of DUALPIPE_STDERR_FD the file, and its descriptor: */
    int stderr_fd;
    bool foreground;              /* it stays in our session and process group */
    struct dualpipe_limits limits; /* of --limit and --sandbox */
    bool has_limits;              /* --limit was given, or a session has some */
    char **sandbox_read_paths, **sandbox_write_paths, *sandbox_user; /* owned; limits point here */
    int64_t start_timeout;        /* for the start and the set-up texts */
    int64_t grace;                /* from SIGTERM to SIGKILL */
    int interrupt_signal;         /* by which it gives up a request and goes on; 0: none */

    /* Several children. */
    int workers, window, retries;
    int session_window;           /* that of the session which is asked; 0: automatic */
    struct hosts hosts;
    char ***worker_argvs;         /* an argument vector per worker; owned; NULL: argv is for all */
    long max_requests;            /* requests after which a child is replaced; 0: no limit */
    bool fresh;                   /* a child for each request */
    bool retry_partial;           /* a request is retried even if part of its reply came */
    bool unordered;               /* replies are written as they come */

    /* Requests and replies. */
    bool pairs_replies;           /* an option defines a reply rule, or chose request mode
                                     otherwise; also in interactive mode, where each line is then a
                                     request */
    bool only_timeout_given;      /* no other option than -t chose request mode */
    struct inputs requests;       /* of -e, -f, --await; count 0: from stdin */
    struct inputs setup, quit;    /* sent to each child first, and last */
    struct request_opts stdin_opts; /* of requests from stdin */
    dualpipe_rule *ready_rule;    /* for the output before the first request; NULL: none */
    const char *implied_ready;    /* the value of -p, which ready_rule awaits; NULL: --ready was
                                     given, or nothing is awaited */
    dualpipe_rule **all_rules;    /* owned: every rule of the settings; NULL-terminated */
    enum dualpipe_frame_kind frame; /* of messages to and from the child */
    enum dualpipe_frame_kind io;  /* of messages on our stdin and stdout */
    size_t max_message;           /* bytes of the longest message */
    size_t max_reply;             /* bytes of a reply that are given; 0: all that come */
    const char *max_reply_dir;    /* where a file keeps a longer one whole; NULL: it has failed */
    bool uses_default_rule;       /* a request has no reply rule: its reply is one message */
    bool unexpected_is_note;      /* output that no request asked for doesn't fail the run */
    bool keep_going;              /* a failed request doesn't end the run */

    /* The whole run, and output of our own. */
    int64_t deadline;             /* of the whole run */
    int status_fd;                /* of --status-fd; -1: none */
    bool json, progress, verbose, quiet;
    bool raw_output;              /* --raw: the child's output may control our terminal */
    const char *history_file, *words_file; /* NULL: not given */
    char escape_char;             /* begins a line for dualpipe itself when typing; 0: none does */

    /* A session. */
    const char *session_name;     /* @NAME or @/PATH; NULL: the child is our own */
    bool listen, follow, sessions; /* --listen, --follow, --sessions */
    enum stop_kind stop;          /* --stop */
    bool is_server;               /* this process is the session */
    int64_t persist;              /* how long it outlives its last client; 0: not given */
    char *session_path;           /* of its socket; owned */
    char *session_command;        /* the command that it runs, if we gave none; owned */
    dualpipe *connection;         /* to the session */
    dualpipe_rule *session_rule;  /* by which its replies end, if we start it; NULL: one line */
    struct session_option *session_options; /* given options that the start of a session fixes;
                                               owned */
    int session_option_count;
    char *session_description;    /* the same as text, for each client of the session; owned */
    size_t session_description_size;
    int64_t started_at;           /* when this call began, by units_now_us; 0: with its run */
    int64_t wait_started_at;      /* when this call began to wait for its session */
};

/* Whether replies may come from several children at once. With --hosts one worker counts as well,
 * so that output has the same form however many hosts there are. */
static inline bool settings_is_parallel(const struct settings *s) {
    return s->workers > 1 || s->hosts.count > 0;
}
/* Whether the option stood on the command line, or in the preset. */
static inline bool settings_has_given(const struct settings *s, enum option_id id) {
    return s->given & option_bit(id);
}
/* Whether a line is to be answered by a line, as -l promises: with an implied preset, since who
 * names one with -a or --fence asks for replies of any length. */
static inline bool settings_is_line_for_line(const struct settings *s) {
    return settings_has_given(s, OPT_LINE) && s->preset_is_implied && !s->json &&
           !settings_has_given(s, OPT_IO);
}
/* The program that is started on this machine: the command, or what launches it. */
static inline const char *settings_program(const struct settings *s) {
    return s->worker_argvs ? s->worker_argvs[0][0] : s->argv[0];
}
/* Whether replies are written as the child framed them: no conversion is needed, or --json, which
 * takes the frames apart itself. */
static inline bool settings_passes_frames(const struct settings *s) {
    return s->io == s->frame || s->json;
}
#endif
