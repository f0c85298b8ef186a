/* repl_stream.c: a child that a person tells and hears as it comes, without a rule. */
#include "util/log.h"
#include "repl/talk.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_AT_ONCE = 500, BYTES_AT_ONCE = 32768 }; /* shown before keys are looked at */

/* --- what it shows of our lines ---------------------------------------------------------- */

static void expect_echo(struct talk *t, const char *p, size_t n) {
    free(t->echo);
    t->echo = NULL;
    if (t->unseen)
        t->echo = strdup("\n"); /* the Enter that it has not seen shown, but we have */
    else if (dualpipe_echo(t->run->child) == 2)
        t->echo = strndup(p, n);
    t->echo_left = t->echo ? strlen(t->echo) : 0;
}

/* How many of the bytes at p show the line again; none, if they are something else. */
static size_t skip_echo(struct talk *t, const char *p, size_t n) {
    const char *next = t->echo_left > 0 ? strchr(t->echo, 0) - t->echo_left : NULL;
    size_t i = 0;
    for (; i < n && t->echo_left > 0; i++) {
        if (p[i] == '\r')
            continue;
        if (p[i] != *next++) {
            t->echo_left = 0;
            return 0;
        }
        t->echo_left--;
    }
    return i;
}

/* --- lines to it ------------------------------------------------------------------------- */

/* A raw terminal has no end: what edits lines itself takes a byte for it, others go on. */
static void end_child_input(struct talk *t) {
    t->ended = dualpipe_end(t->run->child) != -ENOTSUP;
    if (t->ended)
        return;
    dualpipe_write(t->run->child, "\4", 1, 0);
    t->ending = false;
}

void told_send(struct talk *t) {
    const char *p = t->typed + t->from, *lf;
    size_t n = t->to - t->from;
    ssize_t sent = n > 0 ? dualpipe_write(t->run->child, p, n, 0) : 0;
    if (sent > 0) {
        typed_sent(t, p, (size_t)sent);
        expect_echo(t, p, (size_t)sent);
        if (t->heard == 0)
            t->since = run_now(t->run);
        t->from += (size_t)sent;
    } else if (sent == -EMSGSIZE) {
        lf = memchr(p, '\n', n);
        t->from += (size_t)(lf - p) + 1;
        say_error("input", NULL, "a line of it is longer than the 4095 bytes of a cooked terminal: "
                  "it was not sent");
    } else if (sent < 0 && sent != -ETIMEDOUT && sent != -ENOBUFS) {
        typed_drop(t);
        say_note("input", t->name, "it takes none any more: not sent");
    }
    if (t->ending && !t->ended && t->from == t->to)
        end_child_input(t);
}

/* --- what comes from it ------------------------------------------------------------------ */

/* Some of what has come; whether there was any. */
static bool show_some(struct talk *t) {
    const char *p;
    size_t n = dualpipe_peek(t->run->child, &p, NULL), whole, skipped;
    long lines;
    n = n < BYTES_AT_ONCE ? n : BYTES_AT_ONCE;
    if ((whole = dualpipe_lines(p, n, LINES_AT_ONCE, &lines)) > 0)
        n = whole;
    if (n == 0)
        return false;
    skipped = skip_echo(t, p, n);
    if (skipped < n && run_write(t->run, false, p + skipped, n - skipped) < 0)
        t->over = true;
    dualpipe_consume(t->run->child, n);
    return !t->over;
}

/* Its end: what is there is shown, whoever else may hold the pipe, or write to it for ever. */
static void show_rest(struct talk *t) {
    struct dualpipe_event e = {.dp = t->run->child, .wants = DUALPIPE_IN | DUALPIPE_ERR};
    bool more = true;
    while (more && run_look_at_signals(t->run) == 0 && t->interrupts == 0)
        more = show_some(t) || (!t->over && run_look(t->run, &e) > 0 && show_some(t));
    t->over = true;
}

int told_hear(struct talk *t, bool has_ended) {
    const char *p;
    int ended;
    show_some(t);
    dualpipe_peek(t->run->child, &p, &ended);
    if (ended && t->closed == 0)
        t->closed = run_now(t->run);
    if (t->run->s->verbose && !t->told && t->asked && t->heard > 0) {
        t->told = true;
        say_note("output", NULL, "after %.3g ms", (double)(t->heard - t->since) / 1e3);
    }
    if (has_ended)
        show_rest(t);
    return t->over ? -1 : 0;
}
