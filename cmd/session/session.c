/* session.c: how a call gets to its session: find it or start it, agree with it, or end it.
 *
 * find_or_start() is a loop, since a session may come and go between two looks:
 *
 *     connect ---- not there ---> no command: error; else start a server (daemonize.c): we are the
 *        |                        server now, or we are connected to it
 *     greet ------ closed: it was just ending --------------------------------------> connect again
 *        |
 *        +-- --stop --------------> send `stop`, wait until it is gone
 *        +-- --stop=request ------> send `cancel`, wait for the answer
 *        +-- its child has ended -> say how, send `collect`, wait until it is gone; with a command
 *        |                          connect again, which starts a new one
 *        +-- other options -------> error: the options do not agree with the session
 *        +-- agreed --------------> take over its options; s->connection is set
 *
 * All waits share the limits of wait.c. Functions return PROCEED, or the status to exit with after
 * they have said why. */
#include "session/session.h"
#include "options/option_error.h"
#include "options/session_options.h"
#include "util/escape.h"
#include "util/frames.h"
#include "util/signals.h"
#include "util/units.h"
#include "options/limits.h"
#include "run/run.h"
#include "session/daemonize.h"
#include "session/list.h"
#include "session/paths.h"
#include "session/wait.h"
#include "util/log.h"
#include "run/exit_status.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { PROCEED = -1 }; /* no status to exit with: go on */

/* The errors of a connect that mean there is no server, rather than that it cannot be reached. */
static bool is_not_running(int error) {
    return error == -ENOENT || error == -ECONNREFUSED || error == -ENOTDIR;
}

/* Reports an error of the library, in its words if it has some. */
static int session_error(const struct settings *s, int error, const struct dualpipe_error *why) {
    if (why && why->hint)
        log_error("session", s->session_name, "%s", why->hint);
    else
        log_error("session", s->session_name, "%s", strerror(-error));
    return STATUS_DUALPIPE_FAILED;
}

static int no_session_error(const struct settings *s) {
    log_error("session", s->session_name, "there is none: give a command to start it");
    return STATUS_DUALPIPE_FAILED;
}

/* --- ending a session -------------------------------------------------------------- */

/* Waits until the server process has gone, and its socket, lock and log with it: first for the end
 * of file, then for its lock. 0, or -ETIMEDOUT. */
static int wait_until_gone(const struct settings *s, dualpipe *connection) {
    char path[SESSION_PATH_MAX], some[512];
    ssize_t n;
    int fd, r;
    paths_sibling(s, PATHS_LOCK_SUFFIX, path);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
    dualpipe_close_stdin(connection);
    do
        n = dualpipe_read(connection, some, sizeof some, wait_left_ms(s, DUALPIPE_FOREVER));
    while (n > 0);
    r = n == -ETIMEDOUT ? -ETIMEDOUT : 0;
    if (r == 0 && fd >= 0)
        r = wait_lock(s, fd, LOCK_SH);
    if (fd >= 0)
        close(fd);
    return r == -ETIMEDOUT ? r : 0;
}

/* Sends a command that makes the server end, and waits for that. Returns the exit status. */
static int shutdown_session(const struct settings *s, dualpipe *connection,
                            enum dualpipe_session_verb verb) {
    int r = dualpipe_session_command(connection, verb, wait_left_ms(s, WAIT_DEFAULT_MS)),
        status = 0;
    if (r == -ETIMEDOUT || (r == -EPIPE || r == 0 ? wait_until_gone(s, connection) < 0 : false))
        status = wait_timed_out(s, "not ended");
    else if (r < 0 && r != -EPIPE) /* -EPIPE: it is going already */
        status = session_error(s, r, NULL);
    dualpipe_close(connection, NULL);
    return status;
}

/* Cancels what the session is at work on. Returns the exit status. */
static int cancel_running(const struct settings *s, dualpipe *connection) {
    int n = dualpipe_session_cancel(connection, wait_left_ms(s, WAIT_DEFAULT_MS));
    dualpipe_close(connection, NULL);
    if (n > 0)
        return 0;
    if (n == -ETIMEDOUT)
        return wait_timed_out(s, "no answer");
    if (n < 0)
        return session_error(s, n, NULL);
    log_error("session", s->session_name, "no request is under way");
    return STATUS_NO_SESSION;
}

/* The session's child has ended, and we are the first call to hear of it: says so, and lets the
 * server go. PROCEED: a new session is to be started in its place. */
static int reap_session(struct settings *s, dualpipe *connection,
                        const struct dualpipe_session_info *info) {
    int status;
    char ending[160], last[800], name[400];
    const char *command =
        session_options_find(info->description, info->description_size, "command", 0);
    size_t n = info->last_output_size;
    if (n > 0 && info->last_output[n - 1] == '\n')
        n--;
    if (n > 0)
        log_note("last output", s->session_name, "\"%s\"",
                 escape_bytes(info->last_output, n, last, sizeof last));
    list_describe_end(info, ending, sizeof ending);
    command = command ? command : "the command";
    escape_bytes(command, strlen(command), name, sizeof name);
    if (s->has_command)
        log_note("session", s->session_name, "%s %s%s: it is started anew", name,
                 info->reason_size > 0 ? "" : "had ", ending);
    else
        log_error("session", s->session_name, "%s %s%s: its state is lost", name,
                  info->reason_size > 0 ? "" : "has ", ending);
    status = shutdown_session(s, connection, DUALPIPE_SESSION_REAP);
    if (status == STATUS_TIMED_OUT)
        return status;
    return s->has_command ? PROCEED : STATUS_DUALPIPE_FAILED;
}

/* --- greeting a session ------------------------------------------------------------ */

/* All requests of this call have the session's rule, whether it was named or not. */
static void inherit_fence(struct settings *s, bool has_fence) {
    s->stdin_opts.has_fence = has_fence;
    for (int i = 0; i < s->requests.count; i++)
        s->requests.all[i].opts.has_fence = has_fence;
}

/* The options that were fixed when the session was started hold for this call too. */
static void inherit_options(struct settings *s, const struct dualpipe_session_info *info) {
    const char *frame = session_options_find(info->description, info->description_size, "frame", 0);
    const char *command =
        session_options_find(info->description, info->description_size, "command", 0);
    const char *limit = session_options_find(info->description, info->description_size, "limit", 0);
    const char *signal =
        session_options_find(info->description, info->description_size, "interrupt", 0);
    const char *window =
        session_options_find(info->description, info->description_size, "window", 0);
    const char *fence = session_options_find(info->description, info->description_size, "fence", 0);
    const char *wrap = session_options_find(info->description, info->description_size, "wrap", 0);
    const char *max =
        session_options_find(info->description, info->description_size, "max-message", 0);
    int kind = frame ? frames_parse_kind(frame) : DUALPIPE_FRAME_LINE;
    s->frame = kind < 0 ? DUALPIPE_FRAME_LINE : (enum dualpipe_frame_kind)kind;
    if (!settings_has_given(s, OPT_IO))
        s->io = s->frame == DUALPIPE_FRAME_CRLF || s->frame == DUALPIPE_FRAME_HEADER
                    ? DUALPIPE_FRAME_LINE
                    : s->frame;
    s->fresh = session_options_find(info->description, info->description_size, "fresh", 0);
    s->preset_is_implied =
        session_options_find(info->description, info->description_size, "implied", 0);
    inherit_fence(s, fence || wrap);
    s->workers = info->workers > 0 && info->workers <= 4096 ? info->workers : 1;
    s->window = 1;
    s->session_window = window ? atoi(window) : 1;
    s->interrupt_signal = signal && strcmp(signal, "none") != 0 ? signals_number(signal) : 0;
    if (max)
        units_parse_size(max, &s->max_message);
    if (limit)
        limits_parse(s, limit);
    if (!s->has_command && command && (s->session_command = strdup(command)))
        s->placeholder_argv[0] = s->session_command;
}

/* Greets the session and acts on its answer and our options. PROCEED: s->connection is
 * set, or, if it is not, the session has gone and may be looked for again. */
static int greet_session(struct settings *s, dualpipe **connection) {
    struct dualpipe_session_info info;
    int r = dualpipe_session_hello(*connection, &info, wait_left_ms(s, WAIT_DEFAULT_MS)), status;
    if (r == -EPIPE) { /* it closed without a word: it is about to end */
        *connection = dualpipe_close(*connection, NULL);
        return PROCEED;
    }
    if (r < 0) {
        *connection = dualpipe_close(*connection, NULL);
        if (r == -ETIMEDOUT)
            return wait_timed_out(s, "no answer");
        return session_error(
            s, r,
            &(struct dualpipe_error){.hint = r == -EPROTO  ? "who listens there is no session"
                                             : r == -EPERM ? "it is another user's"
                                                           : NULL});
    }
    if (s->stop == STOP_SESSION) {
        status = shutdown_session(s, *connection, DUALPIPE_SESSION_SHUTDOWN);
    } else if (info.ended) {
        status = reap_session(s, *connection, &info);
    } else if (s->stop == STOP_REQUEST) {
        status = cancel_running(s, *connection);
    } else if ((status = session_options_match(s, info.description, info.description_size)) ==
               PARSE_CONTINUE) {
        inherit_options(s, &info);
        s->connection = *connection;
        return PROCEED;
    } else {
        dualpipe_close(*connection, NULL);
    }
    *connection = NULL;
    return status;
}

/* --- finding or starting a session ------------------------------------------------- */

/* Returns the result of dualpipe_session_connect(). Errors other than a server that is not running
 * are reported here, and set *status. */
static int connect_session(const struct settings *s, dualpipe **connection, int *status) {
    struct dualpipe_error why = {0};
    int r = dualpipe_session_connect(connection, s->session_path, wait_left_ms(s, WAIT_DEFAULT_MS),
                                     &why);
    if (r == -ETIMEDOUT)
        *status = wait_timed_out(s, "not let in");
    else if (r < 0 && !is_not_running(r))
        *status = session_error(s, r, &why);
    return r;
}

/* PROCEED: s->is_server is set, and we are the new server; or *connection leads to a session that
 * we or another call have started. */
static int start_session(struct settings *s, dualpipe **connection) {
    int lock_fd, status = STATUS_DUALPIPE_FAILED,
                 r = daemonize_lock_start(s, &lock_fd, connection, &status);
    if (r <= 0)
        return r < 0 ? status : PROCEED;
    status = daemonize_session(s);
    if (s->is_server)
        return PROCEED;
    wait_begin(s);
    if (status == PROCEED && is_not_running(r = connect_session(s, connection, &status)))
        status = session_error(s, r, NULL);
    daemonize_unlock_start(s, lock_fd, status != PROCEED);
    return status;
}

static int find_or_start(struct settings *s) {
    dualpipe *connection;
    for (;;) {
        int status = PROCEED, r = connect_session(s, &connection, &status);
        if (status != PROCEED)
            return status;
        if (r < 0 && s->stop) {
            log_error("session", s->session_name, "there is none");
            return STATUS_NO_SESSION;
        }
        if (r < 0 && (!s->has_command || s->follow))
            return no_session_error(s);
        if (r < 0 && (status = start_session(s, &connection)) != PROCEED)
            return status;
        if (s->is_server || (status = greet_session(s, &connection)) != PROCEED || s->connection)
            return status;
        if (wait_left_ms(s, WAIT_DEFAULT_MS) == 0)
            return wait_timed_out(s, "no answer");
    }
}

int session_enter(struct settings *s) {
    int status;
    if (s->sessions)
        return list_sessions(s);
    if (!s->session_name)
        return PROCEED;
    if ((status = paths_resolve(s, s->has_command && !s->stop && !s->follow)) != 0)
        return status;
    if (s->listen) {
        s->is_server = true;
        return PROCEED;
    }
    wait_begin(s);
    return find_or_start(s);
}
