/* session.c: a call's way to its session: found, or started; agreed with; told to end. */
#include "session/session.h"
#include "options/session_options.h"
#include "util/frames.h"
#include "options/limits.h"
#include "session/wait.h"
#include "util/log.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static const int go_on = -1;

static bool is_absent(int error) {
    return error == -ENOENT || error == -ECONNREFUSED || error == -ENOTDIR;
}

static int failed(const struct settings *s, int error, const struct dualpipe_failure *why) {
    if (why && why->advice)
        say_error("session", s->session, "%s", why->advice);
    else
        say_error("session", s->session, "%s", strerror(-error));
    return STATUS_OURS;
}

static int no_session(const struct settings *s) {
    say_error("session", s->session, "there is none: give a command to start it");
    return STATUS_OURS;
}

/* --- its end ----------------------------------------------------------------------------- */

/* Until the process has gone, and its socket, lock and log with it. 0, or -ETIMEDOUT. */
static int await_gone(const struct settings *s, dualpipe *connection) {
    char path[SESSION_PATH], some[512];
    ssize_t n;
    int fd, r;
    snprintf(path, sizeof path, "%s.dualpipe-lock", s->session_path);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
    dualpipe_end(connection);
    do
        n = dualpipe_read(connection, some, sizeof some, patience_left(s, DUALPIPE_FOREVER));
    while (n > 0);
    r = n == -ETIMEDOUT ? -ETIMEDOUT : 0;
    if (r == 0 && fd >= 0)
        r = patience_lock(s, fd, LOCK_SH);
    if (fd >= 0)
        close(fd);
    return r == -ETIMEDOUT ? r : 0;
}

/* It is told to go. The status to end with. */
static int let_go(const struct settings *s, dualpipe *connection, enum dualpipe_word word) {
    int r = dualpipe_tell(connection, word, patience_left(s, PATIENCE)), status = 0;
    if (r == -ETIMEDOUT || (r == -EPIPE || r == 0 ? await_gone(s, connection) < 0 : false))
        status = patience_ended(s, "not ended");
    else if (r < 0 && r != -EPIPE) /* it goes anyway */
        status = failed(s, r, NULL);
    dualpipe_close(connection, NULL);
    return status;
}

/* It has ended, which nobody was told until now. */
static int collect(struct settings *s, dualpipe *connection, const struct dualpipe_session *its) {
    int status;
    char words[160], last[800], name[400];
    const char *command = fixed_find(its->about, its->about_size, "command", 0);
    size_t n = its->last_size;
    if (n > 0 && its->last[n - 1] == '\n')
        n--;
    if (n > 0)
        say_note("last output", s->session, "\"%s\"", escape(its->last, n, last, sizeof last));
    session_end_words(its, words, sizeof words);
    command = command ? command : "the command";
    escape(command, strlen(command), name, sizeof name);
    if (s->has_command)
        say_note("session", s->session, "%s %s%s: it is started anew", name,
                 its->why_size > 0 ? "" : "had ", words);
    else
        say_error("session", s->session, "%s %s%s: its state is lost", name,
                  its->why_size > 0 ? "" : "has ", words);
    status = let_go(s, connection, DUALPIPE_COLLECT);
    if (status == STATUS_TIME)
        return status;
    return s->has_command ? go_on : STATUS_OURS;
}

/* --- agreeing with it -------------------------------------------------------------------- */

/* What is fixed there is so here. */
static void adopt(struct settings *s, const struct dualpipe_session *its) {
    const char *frame = fixed_find(its->about, its->about_size, "frame", 0);
    const char *command = fixed_find(its->about, its->about_size, "command", 0);
    const char *limit = fixed_find(its->about, its->about_size, "limit", 0);
    int kind = frame ? frames_kind(frame) : DUALPIPE_LINE;
    s->frame = kind < 0 ? DUALPIPE_LINE : (enum dualpipe_kind)kind;
    if (!s->io_given)
        s->io = s->frame == DUALPIPE_CRLF || s->frame == DUALPIPE_HEADER ? DUALPIPE_LINE
                                                                         : s->frame;
    s->fresh = fixed_find(its->about, its->about_size, "fresh", 0);
    s->workers = its->workers > 0 && its->workers <= 4096 ? its->workers : 1;
    s->window = 1;
    if (limit)
        limits_add(s, limit);
    if (!s->has_command && command && (s->session_command = strdup(command)))
        s->no_argv[0] = s->session_command;
}

/* go_on: it can be asked, or it has gone: NULL in *connection. */
static int greet(struct settings *s, dualpipe **connection) {
    struct dualpipe_session its;
    int r = dualpipe_greet(*connection, &its, patience_left(s, PATIENCE)), status;
    if (r == -EPIPE) { /* it is about to end */
        *connection = dualpipe_close(*connection, NULL);
        return go_on;
    }
    if (r < 0) {
        *connection = dualpipe_close(*connection, NULL);
        if (r == -ETIMEDOUT)
            return patience_ended(s, "no answer");
        return failed(s, r, &(struct dualpipe_failure){
            .advice = r == -EPROTO  ? "who listens there is no session"
                      : r == -EPERM ? "it is another user's" : NULL});
    }
    if (s->stop) {
        status = let_go(s, *connection, DUALPIPE_STOP);
    } else if (its.over) {
        status = collect(s, *connection, &its);
    } else if ((status = fixed_check(s, its.about, its.about_size)) == GO_ON) {
        adopt(s, &its);
        s->connection = *connection;
        return go_on;
    } else {
        dualpipe_close(*connection, NULL);
    }
    *connection = NULL;
    return status;
}

/* --- finding it, or starting it ---------------------------------------------------------- */

/* -ETIMEDOUT: what is wrong has been said, *status. */
static int connect_to(const struct settings *s, dualpipe **connection, int *status) {
    struct dualpipe_failure why = {0};
    int r = dualpipe_connect(connection, s->session_path, patience_left(s, PATIENCE), &why);
    if (r == -ETIMEDOUT)
        *status = patience_ended(s, "not let in");
    else if (r < 0 && !is_absent(r))
        *status = failed(s, r, &why);
    return r;
}

static int start(struct settings *s, dualpipe **connection) {
    int turn, status = STATUS_OURS, r = session_take_turn(s, &turn, connection, &status);
    if (r <= 0)
        return r < 0 ? status : go_on;
    status = session_start(s);
    if (s->serves)
        return go_on;
    patience_begin(s);
    if (status == go_on && is_absent(r = connect_to(s, connection, &status)))
        status = failed(s, r, NULL);
    session_end_turn(s, turn, status != go_on);
    return status;
}

static int find(struct settings *s) {
    dualpipe *connection;
    for (;;) {
        int status = go_on, r = connect_to(s, &connection, &status);
        if (status != go_on)
            return status;
        if (r < 0 && s->stop) {
            say_error("session", s->session, "there is none");
            return STATUS_NO_SUCH;
        }
        if (r < 0 && (!s->has_command || s->follow))
            return no_session(s);
        if (r < 0 && (status = start(s, &connection)) != go_on)
            return status;
        if (s->serves || (status = greet(s, &connection)) != go_on || s->connection)
            return status;
        if (patience_left(s, PATIENCE) == 0)
            return patience_ended(s, "no answer");
    }
}

int session_enter(struct settings *s) {
    int status;
    if (s->sessions)
        return session_list(s);
    if (!s->session)
        return go_on;
    if ((status = session_path(s, s->has_command && !s->stop && !s->follow)) != 0)
        return status;
    if (s->listen) {
        s->serves = true;
        return go_on;
    }
    patience_begin(s);
    return find(s);
}
