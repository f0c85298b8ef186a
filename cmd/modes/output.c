/* output.c: the run's stdout: replies gathered into large writes, and the sanitizing of what an
 * untrusted child prints to a terminal.
 *
 * Both end in the functions of run/run.h, which wait until the reader takes the bytes. */
#include "modes/output.h"
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
    *out = (struct output){.run = r, .buffer = malloc(BUFFER_SIZE)};
    if (out->buffer)
        return 0;
    log_error("starting", NULL, "%s", strerror(ENOMEM));
    return -1;
}

void output_close(struct output *out) {
    free(out->buffer);
}

/* After a failed write nothing more is written: the reader must not see output with a gap. */
static int write_bytes(struct output *out, const char *p, size_t n) {
    if (!out->failed && run_write(out->run, false, p, n) < 0)
        out->failed = true;
    return out->failed ? -1 : 0;
}

int output_flush(struct output *out) {
    size_t n = out->used;
    out->used = 0;
    out->held_since = 0;
    return n == 0 ? 0 : write_bytes(out, out->buffer, n);
}

int output_write(struct output *out, const char *p, size_t n) {
    if (n > BUFFER_SIZE - out->used && output_flush(out) < 0)
        return -1;
    if (n >= MIN_DIRECT_WRITE && out->used == 0)
        return write_bytes(out, p, n);
    memcpy(out->buffer + out->used, p, n);
    out->used += n;
    return 0;
}

int output_write_empty_frame(struct output *out) {
    struct dualpipe_frame_envelope frame;
    dualpipe_frame_encode(out->run->s->io, "", 0, &frame);
    return output_write(out, frame.head, frame.head_size) < 0
               ? -1
               : output_write(out, frame.tail, frame.tail_size);
}

bool output_has_pending(const struct output *out) {
    return out->used > 0;
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
