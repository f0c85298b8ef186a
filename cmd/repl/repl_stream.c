/* repl_stream.c: a child that a person tells and hears as it comes, without a rule. */
#include "repl/repl_stream.h"
#include "repl/input_queue.h"
#include "util/log.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SHOWN_LINES = 500, MAX_SHOWN_BYTES = 32768 }; /* shown before keys are looked at */

/* --- what it shows of our lines ---------------------------------------------------------- */

static void expect_echo(struct repl *repl, const char *p, size_t n) {
    free(repl->expected_echo);
    repl->expected_echo = NULL;
    if (repl->echo_off)
        repl->expected_echo = strdup("\n"); /* the Enter that it has not seen shown, but we have */
    else if (dualpipe_echo(repl->run->child) == 2)
        repl->expected_echo = strndup(p, n);
    repl->echo_left = repl->expected_echo ? strlen(repl->expected_echo) : 0;
}

/* How many of the bytes at p show the line again; none, if they are something else. */
static size_t skip_echo(struct repl *repl, const char *p, size_t n) {
    const char *next =
        repl->echo_left > 0 ? strchr(repl->expected_echo, 0) - repl->echo_left : NULL;
    size_t i = 0;
    for (; i < n && repl->echo_left > 0; i++) {
        if (p[i] == '\r')
            continue;
        if (p[i] != *next++) {
            repl->echo_left = 0;
            return 0;
        }
        repl->echo_left--;
    }
    return i;
}

/* --- lines to it ------------------------------------------------------------------------- */

/* A raw terminal has no end: what edits lines itself takes a byte for it, others go on. */
static void close_child_input(struct repl *repl) {
    repl->input_closed = dualpipe_close_stdin(repl->run->child) != -ENOTSUP;
    if (repl->input_closed)
        return;
    dualpipe_write(repl->run->child, "\4", 1, 0);
    repl->input_closing = false;
}

void repl_stream_send(struct repl *repl) {
    const char *p = repl->queue + repl->queue_start, *lf;
    size_t n = repl->queue_end - repl->queue_start;
    ssize_t sent = n > 0 ? dualpipe_write(repl->run->child, p, n, 0) : 0;
    if (sent > 0) {
        repl_state_record_sent(repl, p, (size_t)sent);
        expect_echo(repl, p, (size_t)sent);
        if (repl->first_output_at == 0)
            repl->sent_at = run_now(repl->run);
        repl->queue_start += (size_t)sent;
    } else if (sent == -EMSGSIZE) {
        lf = memchr(p, '\n', n);
        repl->queue_start += (size_t)(lf - p) + 1;
        log_error("input", NULL,
                  "a line of it is longer than the 4095 bytes of a cooked terminal: "
                  "it was not sent");
    } else if (sent < 0 && sent != -ETIMEDOUT && sent != -ENOBUFS) {
        input_queue_clear(repl);
        log_note("input", repl->name, "it takes none any more: not sent");
    }
    if (repl->input_closing && !repl->input_closed && repl->queue_start == repl->queue_end)
        close_child_input(repl);
}

/* --- what comes from it ------------------------------------------------------------------ */

/* Some of what has come; whether there was any. */
static bool show_output(struct repl *repl) {
    const char *p;
    size_t n = dualpipe_peek(repl->run->child, &p, NULL), whole, skipped;
    long lines;
    n = n < MAX_SHOWN_BYTES ? n : MAX_SHOWN_BYTES;
    if ((whole = dualpipe_lines(p, n, MAX_SHOWN_LINES, &lines)) > 0)
        n = whole;
    if (n == 0)
        return false;
    skipped = skip_echo(repl, p, n);
    if (skipped < n && run_write(repl->run, false, p + skipped, n - skipped) < 0)
        repl->done = true;
    dualpipe_consume(repl->run->child, n);
    return !repl->done;
}

/* Its end: what is there is shown, whoever else may hold the pipe, or write to it for ever. */
static void show_remaining_output(struct repl *repl) {
    struct dualpipe_pollitem item = {.dp = repl->run->child,
                                  .events = DUALPIPE_POLL_STDOUT | DUALPIPE_POLL_STDERR};
    bool more = true;
    while (more && run_handle_signals(repl->run) == 0 && repl->interrupts_pending == 0)
        more =
            show_output(repl) || (!repl->done && run_poll(repl->run, &item) > 0 && show_output(repl));
    repl->done = true;
}

int repl_stream_show(struct repl *repl, bool child_ended) {
    const char *p;
    int ended;
    show_output(repl);
    dualpipe_peek(repl->run->child, &p, &ended);
    if (ended && repl->output_closed_at == 0)
        repl->output_closed_at = run_now(repl->run);
    if (repl->run->s->verbose && !repl->latency_reported && repl->has_sent &&
        repl->first_output_at > 0) {
        repl->latency_reported = true;
        log_note("output", NULL, "after %.3g ms",
                 (double)(repl->first_output_at - repl->sent_at) / 1e3);
    }
    if (child_ended)
        show_remaining_output(repl);
    return repl->done ? -1 : 0;
}
