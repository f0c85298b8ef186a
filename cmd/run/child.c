/* child.c: a child of a run: how it is started, and stopped. */
#include "run/child.h"
#include "util/frames.h"
#include "util/log.h"
#include "options/sandbox.h"
#include "util/signals.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { SCREEN_AHEAD = 262144 }; /* bytes that are read before they can be shown */
static const int64_t patience = 10000000; /* for a child to end by itself */

void coprocess_explain_start(struct run *r, int error, const struct dualpipe_failure *why) {
    const char *command = settings_program(r->s), *blank = strchr(command, ' ');
    bool shut_in = strcmp(why->step, "sandbox") == 0;
    int status = error == -ENOENT && !shut_in ? 127 : STATUS_OURS;
    if (strcmp(why->step, "running") == 0)
        status = 126;
    if (shut_in)
        shut_explain(r->s, error, why);
    else if (why->advice)
        say_error(why->step, why->subject, "%s", why->advice);
    else if (error == -ENOENT && blank)
        say_error(why->step, why->subject, "%s: give its words apart: %.*s %s", strerror(-error),
                  (int)(blank - command), command, blank + 1);
    else if (error == -ENOENT && r->s->keep_going && strspn(command, "0123456789.smh") ==
             strlen(command))
        say_error(why->step, why->subject, "%s: -k takes no value: --grace=%s sets the time from "
                  "SIGTERM to SIGKILL", strerror(-error), command);
    else if (!r->s->launches && r->s->preset_argv && r->s->preset_argv != r->s->argv)
        say_error(why->step, why->subject, "%s: behind -a %s stands a whole command, %s first",
                  strerror(-error), r->s->preset, r->s->preset_argv[0]);
    else
        say_error(why->step, why->subject, "%s", strerror(-error));
    run_decide(r, "not-started", status);
}

static void warn_of_screen(const char *command) {
    static const char *const names[] = {"vi", "vim", "nvim", "nano", "emacs", "less", "more", "man",
                                        "top", "htop", "mc", "tmux", "screen", NULL};
    const char *slash = strrchr(command, '/'), *name = slash ? slash + 1 : command;
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0)
            say_note("running", command, "it draws on a whole terminal, and has none here");
}

struct dualpipe_options coprocess_options(const struct run *r) {
    const struct settings *s = r->s;
    struct winsize ours;
    struct dualpipe_options o = {
        .argv = s->argv,
        .function = s->function,
        .env = s->env,
        .transport = s->transport,
        .rows = s->rows,
        .columns = s->columns,
        .err = s->err,
        .err_fd = s->err_fd,
        .flags = DUALPIPE_DIE_WITH_THREAD | DUALPIPE_SIGPIPE_IGNORED | DUALPIPE_KEEP_FDS,
        .grace = s->grace < 1000 ? 1 : limit_ms(s->grace),
        .max = frames_room(s->frame, s->max_message),
        .limits = s->limited || s->limits.sandbox ? &s->limits : NULL,
    };
    if (signals_pipe_was_ignored())
        o.flags |= DUALPIPE_SIGPIPE_KEPT;
    if (s->session || s->limits.sandbox)
        o.flags &= ~(unsigned)DUALPIPE_KEEP_FDS; /* it outlives who has opened them */
    if (s->foreground)
        o.flags |= DUALPIPE_SAME_SESSION;
    if (s->mode == MODE_INTERACTIVE && !s->asks) {
        o.max = SCREEN_AHEAD;
        o.flags |= DUALPIPE_CLAIM_ECHO;
    }
    if (s->mode == MODE_INTERACTIVE && s->rows == 0 &&
        ioctl(STDIN_FILENO, TIOCGWINSZ, &ours) == 0) {
        o.rows = ours.ws_row;
        o.columns = ours.ws_col;
    }
    return o;
}

void coprocess_note(struct run *r) {
    if (!r->had_child && !r->s->function)
        warn_of_screen(r->s->argv[0]);
    r->had_child = true;
}

dualpipe *coprocess_start(struct run *r) {
    struct dualpipe_options o = coprocess_options(r);
    struct dualpipe_failure why;
    int error = dualpipe_start(&r->child, &o, &why);
    if (error < 0) {
        coprocess_explain_start(r, error, &why);
        return NULL;
    }
    coprocess_note(r);
    return r->child;
}

/* Waits for its end, dropping what it writes: 1 ended, 0 limit passed, -1 the run must stop. */
static int await_end(struct run *r, dualpipe *child, int64_t limit, size_t *late) {
    struct dualpipe_event e[2] = {
        {.dp = child, .wants = DUALPIPE_ENDED | DUALPIPE_IN | DUALPIPE_ERR}};
    int64_t until = limit == FOREVER ? FOREVER : run_now(r) + limit;
    const char *p;
    size_t n;
    int found;
    do {
        found = run_wait(r, e, 1, until == FOREVER ? FOREVER : until - run_now(r));
        n = dualpipe_peek(child, &p, NULL);
        if (late)
            *late += n;
        dualpipe_consume(child, n);
        if (found < 0 || e[0].has & DUALPIPE_ENDED)
            return found < 0 ? -1 : 1;
    } while (until == FOREVER || run_now(r) < until);
    return 0;
}

/* The signal, SIGKILL after grace, or at once when a second signal comes. Nothing but the
 * child's end is waited for: no cause is left to stop for. */
static void stop_hard(struct run *r, dualpipe *child, int signo) {
    struct dualpipe_event e[2] = {
        {.dp = child, .wants = DUALPIPE_ENDED | DUALPIPE_IN | DUALPIPE_ERR},
        {.fd = r->signal_fd, .wants = DUALPIPE_IN}};
    const char *p;
    int64_t until = r->s->grace == FOREVER ? FOREVER : now_us() + r->s->grace + patience;
    dualpipe_stop(child, signo);
    while (until == FOREVER || now_us() < until) {
        run_look_at_signals(r);
        if (r->killing)
            dualpipe_stop(child, SIGKILL);
        dualpipe_poll(e, 2, until == FOREVER ? -1 : limit_ms(until - now_us()));
        dualpipe_consume(child, dualpipe_peek(child, &p, NULL));
        run_pass_on_errors(r, e, 1);
        if (e[0].has & DUALPIPE_ENDED)
            return;
    }
}

dualpipe *coprocess_stop(struct run *r, dualpipe *child, bool hard, size_t *late) {
    struct dualpipe_event last_words = {.dp = child, .wants = DUALPIPE_ERR};
    if (!hard)
        dualpipe_end(child);
    if (hard || await_end(r, child, patience, late) != 1)
        stop_hard(r, child, r->stop_signal);
    while (run_look(r, &last_words) > 0)
        ;
    r->child = NULL;
    return dualpipe_close(child, &r->last);
}
