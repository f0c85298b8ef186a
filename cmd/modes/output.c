/* output.c: the run's stdout: replies gathered into large writes, and the sanitizing of what an
 * untrusted child prints to a terminal.
 *
 * Replies never wait for our reader here: what our stdout doesn't take stays in the buffer, which
 * grows for it. The caller then gives it no more than it must until that is written (batch.c).
 * Sanitized output, and what is left at the end, is written by run_write, which waits. */
#include "modes/output.h"
#include "run/exit_status.h"
#include "run/screen.h"
#include "util/log.h"
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUFFER_SIZE = 65536,
    MAX_HOLD_US = 1000,      /* how long a reply may wait for others, in microseconds */
    MIN_DIRECT_WRITE = 32768 /* bytes that are written without being copied */
};

/* --- buffered replies -------------------------------------------------------------------- */

int output_open(struct output *out, struct run *r) {
    *out = (struct output){.run = r, .buffer = malloc(BUFFER_SIZE), .capacity = BUFFER_SIZE};
    if (out->buffer)
        return 0;
    log_error("starting", NULL, "%s", strerror(ENOMEM));
    return -1;
}

void output_close(struct output *out) {
    free(out->buffer);
}

size_t output_pending(const struct output *out) {
    return out->end - out->start;
}

/* Writes what our stdout takes of n bytes; returns how many. After a failed write nothing more is
 * written: the reader must not see output with a gap. */
static ssize_t write_some(struct output *out, const char *p, size_t n) {
    ssize_t written = out->failed ? -1 : run_write_some(out->run, p, n);
    out->failed = written < 0;
    out->is_stalled = written >= 0 && (size_t)written < n;
    return written;
}

static void clear_buffer(struct output *out) {
    out->start = out->end = out->whole_end = 0;
    out->held_since = 0;
    out->is_stalled = false;
}

int output_flush(struct output *out) {
    ssize_t written = 0;
    if (output_pending(out) > 0)
        written = write_some(out, out->buffer + out->start, output_pending(out));
    out->held_since = 0;
    if (written >= 0)
        out->start += (size_t)written;
    if (written < 0 || out->start == out->end)
        clear_buffer(out);
    return written < 0 ? -1 : 0;
}

int output_finish(struct output *out) {
    if (output_pending(out) > 0 && !out->failed)
        out->failed = run_write(out->run, false, out->buffer + out->start, output_pending(out)) < 0;
    clear_buffer(out);
    return out->failed ? -1 : 0;
}

/* Makes room for n bytes more behind those that are held. */
static int reserve(struct output *out, size_t n) {
    size_t held = output_pending(out), needed = held + n;
    char *grown;
    memmove(out->buffer, out->buffer + out->start, held);
    out->whole_end = out->whole_end > out->start ? out->whole_end - out->start : 0;
    out->start = 0;
    out->end = held;
    if (needed <= out->capacity)
        return 0;
    needed += needed / 2;
    if (!(grown = realloc(out->buffer, needed))) {
        log_error("reply", NULL, "%s", strerror(ENOMEM));
        exit_status_set(out->run, "failed", STATUS_DUALPIPE_FAILED);
        return -1;
    }
    out->buffer = grown;
    out->capacity = needed;
    return 0;
}

int output_write(struct output *out, const char *p, size_t n) {
    ssize_t written = 0;
    if (n + output_pending(out) > BUFFER_SIZE && output_flush(out) < 0)
        return -1;
    if (n >= MIN_DIRECT_WRITE && output_pending(out) == 0)
        written = write_some(out, p, n);
    if (written < 0 || (n - (size_t)written > out->capacity - out->end &&
                        reserve(out, n - (size_t)written) < 0))
        return -1;
    memcpy(out->buffer + out->end, p + written, n - (size_t)written);
    out->end += n - (size_t)written;
    return 0;
}

void output_end_reply(struct output *out) {
    out->whole_end = out->end;
}

void output_drop_part(struct output *out) {
    out->end = out->whole_end > out->start ? out->whole_end : out->start;
    if (out->start == out->end)
        clear_buffer(out);
}

int output_write_empty_frame(struct output *out) {
    struct dualpipe_frame_envelope frame;
    dualpipe_frame_encode(out->run->s->io, "", 0, &frame);
    return output_write(out, frame.head, frame.head_size) < 0
               ? -1
               : output_write(out, frame.tail, frame.tail_size);
}

/* The time is counted from the first wait, where the caller reads the clock anyway, and not from
 * each write. */
int64_t output_flush_delay(struct output *out, int64_t now) {
    int64_t left;
    if (out->held_since == 0)
        out->held_since = now;
    left = out->held_since + MAX_HOLD_US - now;
    return left > 0 ? left : 0;
}

/* --- sanitizing -------------------------------------------------------------------------- */

enum { SCREEN_OUT, SCREEN_ERR, NSCREENS };

/* Each stream has a screen of its own, which holds back what the rest of a character may follow. */
static struct screen screens[NSCREENS];

/* The run's sanitizer: run_write calls it. */
static int write_sanitized(struct run *r, bool err, const char *p, size_t n) {
    (void)r;
    return screen_stream(&screens[err ? SCREEN_ERR : SCREEN_OUT], err, p, n);
}

bool output_sanitize_begin(struct run *r) {
    if (!r->s->limits.sandbox || r->s->raw_output || r->s->mode == MODE_INTERACTIVE)
        return false;
    for (int i = 0; i < NSCREENS; i++)
        screen_open(&screens[i], r);
    if (!screens[SCREEN_OUT].stdout_is_tty && !screens[SCREEN_OUT].stderr_is_tty)
        return false;
    setlocale(LC_CTYPE, ""); /* decides which characters are printable */
    r->sanitizer = write_sanitized;
    return true;
}

void output_sanitize_end(struct run *r) {
    for (int i = 0; r->sanitizer && i < NSCREENS; i++)
        screen_stream_end(&screens[i], i == SCREEN_ERR);
    r->sanitizer = NULL;
}
