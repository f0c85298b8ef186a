/* repl_stream.c: the prompt without a reply rule: lines and output pass as they come.
 *
 * Nothing tells where an answer ends, so typed lines go to the child whenever it takes them, and
 * its output goes to the screen in parts, between which the loop of repl.c looks at the keyboard.
 * What the child prints is shown above the prompt; run/screen.c takes its unfinished last line for
 * the prompt.
 *
 * A child that edits lines itself prints each line again, which readline has shown already.
 * expect_echo remembers what will come, and skip_echo drops it from the output; at the first other
 * byte it gives up.
 *
 * Trap: the end of the child's output and its exit come in any order. Output still open after the
 * exit is not waited for; output closed long before it is reported (run_timers in repl.c). */
#include "repl/repl_stream.h"
#include "repl/input_queue.h"
#include "util/log.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SHOWN_LINES = 500, MAX_SHOWN_BYTES = 32768 }; /* before the keyboard is polled again */

/* --- echo -------------------------------------------------------------------------------- */

/* Notes how the child will echo the n bytes at p, which were just sent. */
static void expect_echo(struct repl *repl, const char *p, size_t n) {
    free(repl->expected_echo);
    repl->expected_echo = NULL;
    if (repl->echo_off)
        repl->expected_echo = strdup("\n"); /* after a password the child prints the line end */
    else if (dualpipe_echo(repl->run->child) == 2)
        repl->expected_echo = strndup(p, n);
    repl->echo_left = repl->expected_echo ? strlen(repl->expected_echo) : 0;
}

/* Returns how many of the bytes at p are the expected echo; 0 if they begin otherwise. */
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

/* --- sending ----------------------------------------------------------------------------- */

/* Closes the child's stdin. A raw pty has no end of file: it gets the byte of Ctrl-D, which a child
 * that edits lines itself takes for the end; if the child goes on, so does the prompt. */
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
                  "a line of it is longer than the 4095 bytes of a cooked terminal: it was not "
                  "sent");
    } else if (sent < 0 && sent != -ETIMEDOUT && sent != -ENOBUFS) {
        input_queue_clear(repl);
        log_note("input", repl->name, "it takes none any more: not sent");
    }
    if (repl->input_closing && !repl->input_closed && repl->queue_start == repl->queue_end)
        close_child_input(repl);
}

/* --- showing ----------------------------------------------------------------------------- */

/* Shows some of the output that is there, up to a line's end if it has one. Returns whether there
 * was any. */
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

/* Shows what an ended child has left in the pipe. Another process may hold the pipe, or write to it
 * without end: Ctrl-C or a signal stops this. */
static void show_remaining_output(struct repl *repl) {
    struct dualpipe_pollitem item = {.dp = repl->run->child,
                                  .events = DUALPIPE_POLL_STDOUT | DUALPIPE_POLL_STDERR};
    bool more = true;
    while (more && run_handle_signals(repl->run) == 0 && repl->interrupts_pending == 0)
        more = show_output(repl) ||
               (!repl->done && run_poll(repl->run, &item) > 0 && show_output(repl));
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
