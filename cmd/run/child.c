/* child.c: a child of a run: the options it is started with, the message if it can't be started,
 * and how it is stopped.
 *
 * child_options is the one place where settings become options of the library: stream mode, the
 * REPL and the pool all start their children with it. A start failure arrives as an error number
 * and a struct dualpipe_error; the message depends on what the user probably did wrong (a command
 * in one word, a number after -k, only arguments behind a preset that has a command), and the
 * status follows the shell: 127 not found, 126 found but not executable, 125 otherwise.
 *
 * child_stop first lets the child exit by itself, by closing its stdin. If it doesn't, or if the
 * run is being stopped anyway, it is sent a signal, and SIGKILL after --grace. Its stdout is read
 * and dropped until it has ended, as a full pipe could keep it from exiting. */
#include "run/child.h"
#include "run/exit_status.h"
#include "run/run.h"
#include "run/sandbox_report.h"
#include "util/frames.h"
#include "util/log.h"
#include "util/shellwords.h"
#include "util/signals.h"
#include "util/units.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Bytes of a child's output that are read ahead of the screen in interactive mode; more would make
 * Ctrl-C seem to do nothing. */
enum { SCREEN_AHEAD = 262144 };
static const int64_t exit_wait_us = 10000000; /* 10 s for a child to exit by itself */

/* --- starting ---------------------------------------------------------------------------- */

void child_explain_start_failure(struct run *r, int error, const struct dualpipe_error *why) {
    const char *command = settings_program(r->s), *blank = strchr(command, ' ');
    bool in_sandbox = strcmp(why->operation, "sandbox") == 0;
    int status = error == -ENOENT && !in_sandbox ? STATUS_NOT_FOUND : STATUS_DUALPIPE_FAILED;
    if (strcmp(why->operation, "running") == 0)
        status = STATUS_CANNOT_RUN;
    if (in_sandbox)
        sandbox_report_failure(r->s, error, why);
    else if (why->hint)
        log_error(why->operation, why->object, "%s", why->hint);
    else if (error == -ENOENT && blank)
        log_error(why->operation, why->object, "%s: give its words apart: %.*s %s",
                  strerror(-error), (int)(blank - command), command, blank + 1);
    else if (error == -ENOENT && r->s->keep_going &&
             strspn(command, "0123456789.smh") == strlen(command)) /* timeout(1) has -k TIME */
        log_error(why->operation, why->object,
                  "%s: -k takes no value: --grace=%s sets the time from SIGTERM to SIGKILL",
                  strerror(-error), command);
    else if (error == -ENOENT && r->is_session && r->is_session(command))
        log_error(why->operation, why->object, "%s: a session has that name: write @%s",
                  strerror(-error), command);
    else
        log_error(why->operation, why->object, "%s", strerror(-error));
    exit_status_set(r, "not-started", status);
}

/* Programs that draw on the whole terminal are of no use on a pipe. An option may make a filter of
 * one, as vim -es, emacs --batch and top -b are; and what only shows its input, as less, or says
 * itself that it needs a terminal, as tmux, is not meant. */
static void warn_full_screen(char *const *argv) {
    static const char *const names[] = {"vi", "vim", "nvim", "nano", "emacs", "top", "htop", "mc",
                                        NULL};
    const char *name = shellwords_program_name(argv[0]);
    for (char *const *argument = argv + 1; *argument; argument++)
        if (**argument == '-')
            return;
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0)
            log_note("running", argv[0],
                     "it draws on a whole terminal, and has none here: --pty gives it one");
}

struct dualpipe_options child_options(const struct run *r) {
    const struct settings *s = r->s;
    struct winsize terminal_size;
    struct dualpipe_options o = {
        .argv = s->argv,
        .function = s->function,
        .env = s->env,
        .transport = s->transport,
        .rows = s->rows,
        .columns = s->columns,
        .err = s->stderr_mode,
        .err_fd = s->stderr_fd,
        .flags = DUALPIPE_START_DIE_WITH_THREAD | DUALPIPE_START_SIGPIPE_IGNORED |
                 DUALPIPE_START_KEEP_FDS,
        .grace = s->grace < 1000 ? 1 : units_timeout_ms(s->grace),
        .max_buffer = frames_max_size(s->frame, s->max_message),
        .limits = s->has_limits || s->limits.sandbox ? &s->limits : NULL,
    };
    if (signals_sigpipe_was_ignored())
        o.flags |= DUALPIPE_START_SIGPIPE_KEPT;
    if (s->session_name || s->limits.sandbox)
        o.flags &= ~(unsigned)DUALPIPE_START_KEEP_FDS; /* such a child must not hold what the
                                                          caller of dualpipe has opened */
    if (s->foreground)
        o.flags |= DUALPIPE_START_SAME_SESSION;
    if (s->mode == MODE_INTERACTIVE && !s->pairs_replies) {
        o.max_buffer = SCREEN_AHEAD;
        o.flags |= DUALPIPE_START_CLAIM_ECHO;
    }
    if (s->mode == MODE_INTERACTIVE && s->rows == 0 &&
        ioctl(STDIN_FILENO, TIOCGWINSZ, &terminal_size) == 0) {
        o.rows = terminal_size.ws_row;
        o.columns = terminal_size.ws_col;
    }
    return o;
}

void child_note_started(struct run *r) {
    if (!r->had_child && !r->s->function && r->s->transport == DUALPIPE_TRANSPORT_PIPE)
        warn_full_screen(r->s->argv);
    r->had_child = true;
}

dualpipe *child_start(struct run *r) {
    struct dualpipe_options o = child_options(r);
    struct dualpipe_error why;
    int error = dualpipe_start(&r->child, &o, &why);
    if (error < 0) {
        child_explain_start_failure(r, error, &why);
        return NULL;
    }
    child_note_started(r);
    return r->child;
}

/* --- stopping ---------------------------------------------------------------------------- */

/* Waits for a child to exit, dropping its stdout. Returns 1 if it did, 0 if the limit (in
 * microseconds) passed, -1 if the run must stop. */
static int wait_for_exit(struct run *r, dualpipe *child, int64_t limit, size_t *dropped) {
    struct dualpipe_pollitem items[2] = {
        {.dp = child, .events = DUALPIPE_POLL_EXIT | DUALPIPE_POLL_STDOUT | DUALPIPE_POLL_STDERR}};
    int64_t deadline = limit == UNITS_FOREVER ? UNITS_FOREVER : run_now(r) + limit;
    const char *p;
    size_t n;
    int ready;
    do {
        ready = run_wait(r, items, 1,
                         deadline == UNITS_FOREVER ? UNITS_FOREVER : deadline - run_now(r));
        n = dualpipe_peek(child, &p, NULL);
        if (dropped)
            *dropped += n;
        dualpipe_consume(child, n);
        if (ready < 0 || items[0].revents & DUALPIPE_POLL_EXIT)
            return ready < 0 ? -1 : 1;
    } while (deadline == UNITS_FOREVER || run_now(r) < deadline);
    return 0;
}

/* Sends a child the signal, and waits for its end: the library sends SIGKILL after --grace, and we
 * do so at once if a second signal comes to us. This doesn't use run_wait, because the run is being
 * stopped already: neither the deadline nor a signal may end this wait. */
static void stop_by_signal(struct run *r, dualpipe *child, int signo) {
    struct dualpipe_pollitem items[2] = {
        {.dp = child, .events = DUALPIPE_POLL_EXIT | DUALPIPE_POLL_STDOUT | DUALPIPE_POLL_STDERR},
        {.fd = r->signal_fd, .events = DUALPIPE_POLL_STDOUT}};
    const char *p;
    int64_t deadline =
        r->s->grace == UNITS_FOREVER ? UNITS_FOREVER : units_now_us() + r->s->grace + exit_wait_us;
    dualpipe_stop(child, signo);
    while (deadline == UNITS_FOREVER || units_now_us() < deadline) {
        run_handle_signals(r);
        if (r->kill_requested)
            dualpipe_stop(child, SIGKILL);
        dualpipe_poll(items, 2,
                      deadline == UNITS_FOREVER ? -1 : units_timeout_ms(deadline - units_now_us()));
        dualpipe_consume(child, dualpipe_peek(child, &p, NULL));
        run_relay_stderr(r, items, 1);
        if (items[0].revents & DUALPIPE_POLL_EXIT)
            return;
    }
}

dualpipe *child_stop(struct run *r, dualpipe *child, bool hard, size_t *dropped) {
    struct dualpipe_pollitem rest_of_stderr = {.dp = child, .events = DUALPIPE_POLL_STDERR};
    if (!hard)
        dualpipe_close_stdin(child);
    if (hard || wait_for_exit(r, child, exit_wait_us, dropped) != 1)
        stop_by_signal(r, child, r->stop_signal);
    while (run_poll(r, &rest_of_stderr) > 0)
        ;
    r->child = NULL;
    return dualpipe_close(child, &r->last_status);
}
