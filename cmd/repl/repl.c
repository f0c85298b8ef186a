/* repl.c: interactive mode: a prompt at a terminal in front of a child.
 *
 * repl_run sets up the prompt, runs one child after another (~r asks for another), and reports how
 * the last one ended. For each child repl_loop repeats: handle Ctrl-C and a resized terminal; send
 * and show what goes without waiting (repl_request.c with a reply rule, repl_stream.c without);
 * wait for keys, output, signals and timers.
 *
 * While the prompt is open it is the run's terminal_ops (repl_terminal): run.c gives it signals
 * first, lets it release the terminal before we stop, and sends it all output, which thus appears
 * above the prompt (run/screen.c). These callbacks have no argument of ours, hence current_repl.
 *
 * The prompt is shown when keys are accepted: without a rule unless 64 KiB of typed lines wait for
 * the child to take them; with one when the child is ready and no request is pending. At first it
 * is held back: 20 ms for the child to answer, which would take it away again; and while output
 * flows, it is drawn every 50 ms at most. Keys that come while none are accepted are read ahead, so
 * that Ctrl-C is seen.
 *
 * Ctrl-C discards the typed line; without one it signals the child, or, with --interrupt, cancels
 * the pending request; the second time, with a request pending, it gives that request up. Once the
 * child's input has ended it goes to the child first, then it ends the run.
 *
 * Trap: struct repl outlives its child. start_child resets what belongs to one child; the queue of
 * typed lines, the transcript and the time limit stay for the next. */
#include "repl/repl.h"
#include "modes/batch.h"
#include "modes/pool_setup.h"
#include "modes/request_failure.h"
#include "options/preset_completions.h"
#include "options/presets.h"
#include "repl/history.h"
#include "repl/input_queue.h"
#include "repl/prompt.h"
#include "repl/readline.h"
#include "repl/repl_request.h"
#include "repl/repl_state.h"
#include "repl/repl_stream.h"
#include "repl/typeahead.h"
#include "run/child.h"
#include "run/exit_status.h"
#include "run/status_report.h"
#include "util/escape.h"
#include "util/log.h"
#include "util/signals.h"
#include "util/units.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    MAX_QUEUED_BYTES = 65536, /* typed and not sent; with more, keys are not accepted */
    OWN_POLLITEMS = 2,        /* our stdio and the keyboard; those of the child follow */
};
/* Microseconds. */
static const int64_t hint_delay = 2000000;  /* of silence without a rule, or of closed output */
static const int64_t stall_delay = 5000000; /* without the reply to a request */

static struct repl *current_repl; /* for the callbacks of the run */

/* --- callbacks: terminal_ops of the run, readline, screen -------------------------------- */

/* Takes Ctrl-C for handle_interrupts. Once the child's input has ended nothing can be typed: then
 * the first one goes to the child at once, and a second one is left to the run, which ends. */
static bool note_interrupt(struct repl *repl) {
    typeahead_clear(); /* drop keys typed before it; later ones are read from now on */
    if (!repl->input_closed && !repl->input_closing)
        repl->interrupts_pending++;
    else if (repl->interrupts_pending++ == 0)
        repl_state_signal(repl, SIGINT);
    else
        return false;
    return true;
}

static bool handle_signal(struct run *r, int signo) {
    (void)r;
    if (signo == SIGCONT)
        readline_take_terminal();
    if (signo == SIGWINCH)
        current_repl->resized = true;
    return signo == SIGINT ? note_interrupt(current_repl) : signo == SIGWINCH;
}

static int write_output(struct run *r, bool err, const char *p, size_t n) {
    (void)r;
    current_repl->output_flowing = true;
    if (current_repl->first_output_at == 0)
        current_repl->first_output_at = run_now(r);
    current_repl->silence_reported |= current_repl->has_sent; /* it answers, so no hint is needed */
    transcript_add(&current_repl->transcript, err ? '!' : '<', p, n);
    return screen_write(&current_repl->screen, err, p, n);
}

static const struct terminal_ops repl_terminal = {handle_signal, readline_release_terminal,
                                                  readline_take_terminal, write_output};

/* Whether readline must not wait longer for a key. */
static bool should_stop_reading(void *data) {
    struct repl *repl = data;
    return run_handle_signals(repl->run) < 0 || repl->interrupts_pending > 0 ||
           (repl->run->deadline != UNITS_FOREVER && run_now(repl->run) >= repl->run->deadline);
}

static char **find_completions(void *data, const char *text) {
    struct repl *repl = data;
    return completion_find(&repl->completion, text);
}

static void learn_words(void *data, const char *p, size_t n) {
    completion_add_output(data, p, n);
}

/* --- the prompt and the timers ----------------------------------------------------------- */

/* Whether keys go to readline now: with a rule, not before the child is ready and has answered. */
static bool accepts_keys(const struct repl *repl) {
    if (repl->input_closing || repl->done || repl->queue_end - repl->queue_start > MAX_QUEUED_BYTES)
        return false;
    return !repl_state_has_rule(repl) ||
           (!repl->request_pending && repl->run->had_child && repl->queue_start == repl->queue_end);
}

static int64_t min_time(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static void report_silence(struct repl *repl) {
    struct stall stall = {.child = repl->run->child, .sent = SENT_TYPED};
    char words[512];
    repl->silence_reported = true;
    log_note("waiting", NULL, "nothing has come in 2 s: %s",
             status_report_stall(repl->run, &stall, words, sizeof words));
}

/* Tells the user, once, why nothing may be coming. Returns the microseconds until that is due. */
static int64_t check_silence(struct repl *repl, int64_t now) {
    int64_t due = repl->sent_at + (repl_state_has_rule(repl) ? stall_delay : hint_delay);
    bool waits = repl_state_has_rule(repl) ? repl->request_pending && !repl->run->stalled
                                           : repl->has_sent && repl->first_output_at == 0 &&
                                                 !repl->silence_reported && !repl->input_closing;
    if (!waits || now < due)
        return waits ? due - now : UNITS_FOREVER;
    if (repl_state_has_rule(repl))
        request_failure_note_stall(&repl->batch);
    else
        report_silence(repl);
    return UNITS_FOREVER;
}

/* Does what is due, and returns the microseconds until the next. A child that has closed its output
 * may be about to end, so that is reported only after a while. */
static int64_t run_timers(struct repl *repl, int64_t now) {
    if (repl->output_closed_at == 0 || repl->output_closed_at == UNITS_FOREVER)
        return check_silence(repl, now);
    if (now < repl->output_closed_at + hint_delay)
        return repl->output_closed_at + hint_delay - now;
    repl->output_closed_at = UNITS_FOREVER;
    log_note("child", repl->name, "has closed its output, and goes on");
    return UNITS_FOREVER;
}

/* A child that is idle is left alone: the signal could end it. */
static void cancel_request(struct repl *repl) {
    if (!repl->request_pending)
        return;
    repl->last_signal = repl->run->s->interrupt_signal;
    dualpipe_pool_interrupt(repl->batch.pool, 0);
}

/* Handles Ctrl-C: see the head of this file. */
static void handle_interrupts(struct repl *repl) {
    if (repl->interrupts_pending == 0)
        return;
    repl->interrupts_pending = 0;
    input_queue_clear(repl);
    if (readline_discard_line("^C"))
        return;
    screen_accept_prompt(&repl->screen);
    if (repl->request_pending && repl->interrupt_sent)
        dualpipe_pool_timeout_oldest(repl->batch.pool);
    else if (repl_state_has_rule(repl) && repl->run->s->interrupt_signal)
        cancel_request(repl);
    else
        repl_state_signal(repl, SIGINT);
    repl->interrupt_sent = true;
}

static void handle_resize(struct repl *repl) {
    unsigned short rows, columns;
    if (!repl->resized)
        return;
    repl->resized = false;
    readline_resize(&rows, &columns);
    if (repl->run->s->rows == 0 && repl_state_child(repl))
        dualpipe_resize(repl_state_child(repl), rows, columns);
}

/* --- waiting ----------------------------------------------------------------------------- */

/* Fills what to poll for the child, and lowers *limit if it needs that. Returns the number of
 * items. */
static int child_pollitems(struct repl *repl, struct dualpipe_pollitem *items, int64_t *limit) {
    const char *p;
    int ms = units_timeout_ms(*limit), n, ended;
    if (repl_state_has_rule(repl)) {
        n = dualpipe_pool_pollitems(repl->batch.pool, items, 1, &ms);
        *limit = ms < 0 ? UNITS_FOREVER : min_time(*limit, (int64_t)ms * 1000);
        return n;
    }
    items->dp = repl->run->child;
    items->events = DUALPIPE_POLL_EXIT | DUALPIPE_POLL_STDERR | DUALPIPE_POLL_STDOUT |
                    (repl->queue_start < repl->queue_end ? DUALPIPE_POLL_STDIN : 0);
    if (dualpipe_peek(repl->run->child, &p, &ended) > 0)
        *limit = 0;
    return 1;
}

/* Whether a key can be read. Output that is ready lets the wait return before it polls stdin, so
 * this polls it again. */
static bool key_is_ready(const struct dualpipe_pollitem *keyboard) {
    struct pollfd key = {.fd = STDIN_FILENO, .events = POLLIN};
    return keyboard->revents & DUALPIPE_POLL_STDOUT ||
           (poll(&key, 1, 0) == 1 && key.revents & POLLIN);
}

/* Reads a key if one is ready: by readline, or ahead if keys are not accepted. Returns false: the
 * terminal has gone. */
static bool handle_keys(struct repl *repl, const struct dualpipe_pollitem *keyboard, bool accepted,
                        int64_t now) {
    bool key_ready = key_is_ready(keyboard);
    if (!accepted)
        return !key_ready || typeahead_read();
    if (!key_ready && !typeahead_has_keys())
        return true;
    handle_resize(repl); /* it may have come with the key, and the prompt needs it */
    prompt_show(repl, now);
    return readline_read_key();
}

/* Waits for keys, output, signals or timers, and handles the keys; without a rule shows the output.
 * Returns 0, or -1: this child is done with, or the run must stop. */
static int wait_for_activity(struct repl *repl) {
    struct dualpipe_pollitem items[OWN_POLLITEMS + 2] = {
        {.dp = repl->run->stdio, .events = DUALPIPE_POLL_HUP}, {.fd = STDIN_FILENO}};
    int64_t now = run_now(repl->run), limit = run_timers(repl, now), delay;
    bool accepted = accepts_keys(repl);
    if (accepted && (delay = prompt_show_or_delay(repl, now)) > 0)
        limit = min_time(limit, delay > 1 ? delay : 0);
    else if (!accepted)
        log_erase_line();
    items[1].events = DUALPIPE_POLL_HUP | DUALPIPE_POLL_STDOUT;
    if (accepted && typeahead_has_keys())
        limit = 0;
    repl->output_flowing = false;
    int n = child_pollitems(repl, items + OWN_POLLITEMS, &limit);
    if (run_wait(repl->run, items, OWN_POLLITEMS + n, limit) < 0)
        return -1;
    if (items[0].revents & DUALPIPE_POLL_HUP && !repl->screen.stdout_is_tty) {
        exit_status_output_failed(repl->run, EPIPE);
        return -1;
    }
    if (items[1].revents & DUALPIPE_POLL_HUP || !handle_keys(repl, &items[1], accepted, now)) {
        /* The terminal has gone: end as by SIGHUP, which may not reach us. */
        exit_status_set(repl->run, "signal", 128 + SIGHUP);
        repl->run->death_signal = repl->run->stop_signal = SIGHUP;
        return -1;
    }
    return repl_state_has_rule(repl)
               ? 0
               : repl_stream_show(repl, items[OWN_POLLITEMS].revents & DUALPIPE_POLL_EXIT);
}

/* --- children ---------------------------------------------------------------------------- */

/* Runs until this child is done with or the run must stop. */
static void repl_loop(struct repl *repl) {
    while (!repl->done) {
        handle_interrupts(repl);
        handle_resize(repl);
        if (repl_state_has_rule(repl) && repl_request_pump(repl) < 0)
            return;
        if (!repl_state_has_rule(repl))
            repl_stream_send(repl);
        if (!repl->done && wait_for_activity(repl) < 0)
            return;
    }
}

/* Starts the child, or with a rule the pool that starts it. Returns whether that worked. */
static bool start_child(struct repl *repl) {
    struct run *r = repl->run;
    repl->done = repl->restart_requested = repl->request_pending = false;
    repl->sent_at = run_now(r);
    repl->first_output_at = repl->output_closed_at = 0;
    repl->has_sent = repl->interrupt_sent = false;
    repl->last_signal = 0;
    screen_accept_prompt(&repl->screen);
    if (repl_state_has_rule(repl))
        return pool_setup_open(&repl->batch) == 0;
    if (!child_start(r))
        return false;
    status_report_ready(r, r->child);
    return true;
}

/* Ends the child: by closing its stdin, or by a signal if the user asked for that (~. or ~r) or a
 * signal ends the run. The run's stop_signal is set meanwhile: batch_shutdown looks at it. */
static void stop_child(struct repl *repl) {
    struct run *r = repl->run;
    bool by_signal = repl->quit_requested || repl->restart_requested || r->stop_signal;
    bool run_goes_on = !r->stop_signal;
    if (by_signal && run_goes_on)
        r->stop_signal = SIGTERM;
    repl->input_closing = repl->input_closed = true;
    if (repl->batch.pool)
        batch_shutdown(&repl->batch);
    if (repl_state_has_rule(repl))
        pool_setup_close(&repl->batch);
    else if (r->child)
        child_stop(r, r->child, by_signal, NULL);
    if (run_goes_on)
        r->stop_signal = 0;
    if (!by_signal && repl->last_signal &&
        (r->last_status.signal < 0 || r->last_status.signal == repl->last_signal))
        r->last_status.stopped = 0; /* the user's signal ended it, not our stop */
    repl->input_closing = repl->input_closed = false;
    repl->batch.children_ended = repl->batch.children_replaced = 0;
    screen_end_line(&repl->screen);
}

/* Notes how the child ended: with status 0 only if a line was being typed, which is lost. */
static void report_child_exit(struct repl *repl, bool typed) {
    const struct dualpipe_status *s = &repl->run->last_status;
    if (!repl->run->had_child || s->stopped || s->limit || repl->run->stop_signal)
        return;
    if (s->signal > 0)
        log_note("child", repl->name, "ended by signal %d (%s)", s->signal, strsignal(s->signal));
    else if (s->code > 0 || typed)
        log_note("child", repl->name, "ended with status %d", s->code);
}

/* Runs children until no further one is wanted; the last one decides the exit status. */
static void run_children(struct repl *repl) {
    bool typed;
    do {
        if (start_child(repl))
            repl_loop(repl);
        if ((typed = readline_discard_line("")))
            screen_accept_prompt(&repl->screen);
        stop_child(repl);
    } while (repl->restart_requested && !repl->run->stop_signal);
    exit_status_set_by_child(repl->run, &repl->run->last_status);
    report_child_exit(repl, typed);
}

/* --- the mode ---------------------------------------------------------------------------- */

/* Sets up names, completion words, history, keyboard and readline. Returns whether that worked;
 * else the error is reported. */
static bool open_prompt(struct repl *repl) {
    struct run *r = repl->run;
    const char *slash = strrchr(r->s->argv[0], '/');
    const char *name = slash && slash[1] ? slash + 1 : r->s->argv[0];
    int error =
        completion_open(&repl->completion, r->s->preset ? preset_completions(r->s->preset) : NULL,
                        r->s->words_file);
    struct readline_options o = {
        .complete = find_completions, .on_line = input_queue_take_line, .data = repl};
    if (error < 0) {
        log_error("reading the words", r->s->words_file, "%s", strerror(-error));
        return false;
    }
    snprintf(repl->name, sizeof repl->name, "%s", name);
    prompt_set_text(repl);
    if (!r->s->history_file ||
        (strcmp(r->s->history_file, "none") != 0 && strcmp(r->s->history_file, "/dev/null") != 0))
        o.history_file = repl->history_file = history_path(r->s->history_file, name);
    typeahead_open(should_stop_reading, repl, r->signal_fd);
    return readline_open(&o) == 0;
}

void repl_run(struct run *r) {
    struct repl repl = {.run = r, .opts = r->s->stdin_opts};
    current_repl = &repl;
    if (batch_open(&repl.batch, r) < 0)
        return;
    screen_open(&repl.screen, r);
    repl.screen.on_output = learn_words;
    repl.screen.on_output_data = &repl.completion;
    if (open_prompt(&repl)) {
        r->terminal = &repl_terminal;
        run_children(&repl);
        screen_close(&repl.screen);
        r->terminal = NULL;
        readline_close();
        typeahead_close();
    } else {
        exit_status_set(r, "failed", STATUS_DUALPIPE_FAILED);
    }
    repl_state_close_transcript(&repl);
    batch_close(&repl.batch);
    completion_close(&repl.completion);
    free(repl.history_file);
    free(repl.queue);
    free(repl.expected_echo);
}
