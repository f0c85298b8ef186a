/* session.c: a call's way to its session: found, or started; agreed with; told to end. */
#include "session.h"
#include "fixed.h"
#include "frames.h"
#include "limits.h"
#include "say.h"
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

const char *session_end_words(const struct dualpipe_status *status, char *out, size_t size) {
    if (status->limit)
        snprintf(out, size, "ended by its limit of %s", limits_name(status->limit));
    else if (status->signal > 0)
        snprintf(out, size, "ended by signal %d (%s)", status->signal, strsignal(status->signal));
    else if (status->code >= 0)
        snprintf(out, size, "ended with status %d", status->code);
    else
        snprintf(out, size, "closed its output");
    return out;
}

/* --- its end ----------------------------------------------------------------------------- */

/* Until the process has gone, and its socket, lock and log with it. */
static void await_gone(const struct settings *s, dualpipe *connection) {
    char path[SESSION_PATH], some[512];
    int fd;
    snprintf(path, sizeof path, "%s.dualpipe-lock", s->session_path);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
    dualpipe_end(connection);
    while (dualpipe_read(connection, some, sizeof some, DUALPIPE_FOREVER) > 0)
        ;
    while (fd >= 0 && flock(fd, LOCK_SH) < 0 && errno == EINTR)
        ;
    if (fd >= 0)
        close(fd);
}

static int stop(struct settings *s, dualpipe *connection) {
    int r = dualpipe_tell(connection, DUALPIPE_STOP, SESSION_GREET);
    if (r == 0)
        await_gone(s, connection);
    dualpipe_close(connection, NULL);
    return r < 0 ? failed(s, r, NULL) : 0;
}

/* It has ended, which nobody was told until now. */
static int collect(struct settings *s, dualpipe *connection, const struct dualpipe_session *its) {
    char words[80], last[800];
    const char *command = fixed_find(its->about, its->about_size, "command", 0);
    size_t n = its->last_size;
    char *name = strdup(command ? command : "the command");
    if (n > 0 && its->last[n - 1] == '\n')
        n--;
    if (n > 0)
        say_note("last output", s->session, "\"%s\"", escape(its->last, n, last, sizeof last));
    session_end_words(&its->status, words, sizeof words);
    if (s->has_command)
        say_note("session", s->session, "%s had %s: it is started anew", name, words);
    else
        say_error("session", s->session, "%s has %s: its state is lost", name, words);
    free(name);
    if (dualpipe_tell(connection, DUALPIPE_COLLECT, SESSION_GREET) == 0)
        await_gone(s, connection);
    dualpipe_close(connection, NULL);
    return STATUS_OURS;
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
    int r = dualpipe_greet(*connection, &its, SESSION_GREET), status;
    if (r == -EPIPE) { /* it is about to end */
        *connection = dualpipe_close(*connection, NULL);
        return go_on;
    }
    if (r < 0) {
        *connection = dualpipe_close(*connection, NULL);
        return failed(s, r, &(struct dualpipe_failure){
            .advice = r == -EPROTO ? "who listens there is no session" : NULL});
    }
    if (s->stop) {
        status = stop(s, *connection);
    } else if (its.over) {
        status = collect(s, *connection, &its);
        status = s->has_command ? go_on : status;
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

/* The lock of a start that has failed. */
static void drop_lock(const struct settings *s, int turn) {
    char path[SESSION_PATH];
    snprintf(path, sizeof path, "%s.dualpipe-lock", s->session_path);
    if (flock(turn, LOCK_EX | LOCK_NB) == 0)
        unlink(path);
    close(turn);
}

static int start(struct settings *s, dualpipe **connection) {
    struct dualpipe_failure why = {0};
    int turn, r = session_take_turn(s, &turn, connection);
    if (r <= 0)
        return r < 0 ? STATUS_OURS : go_on;
    r = session_start(s);
    if (s->serves)
        return go_on;
    if (r == go_on && (r = dualpipe_connect(connection, s->session_path, &why)) < 0)
        r = failed(s, r, &why);
    else if (r == 0)
        r = go_on;
    if (r == go_on)
        close(turn);
    else
        drop_lock(s, turn);
    return r;
}

static int find(struct settings *s) {
    struct dualpipe_failure why;
    dualpipe *connection;
    for (;;) {
        int r = dualpipe_connect(&connection, s->session_path, &why), status = go_on;
        if (r < 0 && !is_absent(r))
            return failed(s, r, &why);
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
    return find(s);
}
