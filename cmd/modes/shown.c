/* shown.c: what a child in a sandbox writes to our terminal where no prompt stands: no byte of it
 * drives the terminal. */
#include "modes/shown.h"
#include "util/log.h"
#include "run/screen.h"
#include "util/units.h"
#include <errno.h>
#include <locale.h>
#include <signal.h>

enum { OUT, ERR, BOTH };

static struct screen screens[BOTH];

static int write_sanitized(struct run *r, bool err, const char *p, size_t n) {
    (void)r;
    return screen_stream(&screens[err ? ERR : OUT], err, p, n);
}

bool output_sanitize_begin(struct run *r) {
    if (!r->s->limits.sandbox || r->s->raw_output || r->s->mode == MODE_INTERACTIVE)
        return false;
    for (int i = 0; i < BOTH; i++)
        screen_open(&screens[i], r);
    if (!screens[OUT].stdout_is_tty && !screens[OUT].stderr_is_tty)
        return false;
    setlocale(LC_CTYPE, ""); /* which characters can be shown */
    r->sanitizer = write_sanitized;
    return true;
}

void output_sanitize_end(struct run *r) {
    for (int i = 0; r->sanitizer && i < BOTH; i++)
        screen_stream_end(&screens[i], i == ERR);
    r->sanitizer = NULL;
}

/* What there is of our input; whether more may come. */
static bool relay_input(struct run *r, int *error) {
    const char *p;
    int ended;
    size_t n = dualpipe_peek(r->stdio, &p, &ended);
    ssize_t w = n > 0 ? dualpipe_write(r->child, p, n, 0) : 0;
    if (w > 0) {
        if (r->s->verbose)
            log_traffic('>', p, (size_t)w);
        dualpipe_consume(r->stdio, (size_t)w);
    }
    *error = w == -EMSGSIZE ? (int)w : 0;
    if (w < 0 && w != -ETIMEDOUT && w != -ENOBUFS)
        return false;
    if (ended && n == (size_t)(w > 0 ? w : 0)) {
        dualpipe_close_stdin(r->child);
        return false;
    }
    return true;
}

/* Whether more may come of it. */
static bool relay_output(struct run *r) {
    const char *p;
    int ended;
    size_t n = dualpipe_peek(r->child, &p, &ended);
    if (n > 0 && r->s->verbose)
        log_traffic('<', p, n);
    if (n > 0 && run_write(r, false, p, n) < 0)
        r->stop_signal = r->stop_signal ? r->stop_signal : SIGTERM;
    dualpipe_consume(r->child, n);
    return n > 0 || !ended;
}

int relay_sanitized(struct run *r) {
    struct dualpipe_pollitem e[3] = {{.dp = r->child}, {.dp = r->stdio}};
    bool in = true, out = true, pending;
    const char *p;
    int error = 0;
    while (out || dualpipe_wait(r->child, NULL, 0) == -ETIMEDOUT) {
        pending = in && dualpipe_peek(r->stdio, &p, NULL) > 0;
        e[0].events =
            (short)(DUALPIPE_POLL_STDERR | (out ? DUALPIPE_POLL_STDOUT : DUALPIPE_POLL_EXIT) |
                    (pending ? DUALPIPE_POLL_STDIN | DUALPIPE_POLL_HUP : 0));
        e[1].events = in && !pending ? DUALPIPE_POLL_STDOUT : 0;
        if (run_wait(r, e, 2, UNITS_FOREVER) < 0)
            return -1;
        if (in && (e[1].revents || e[0].revents & (DUALPIPE_POLL_STDIN | DUALPIPE_POLL_HUP)))
            in = relay_input(r, &error);
        if (error)
            return error;
        out = out && relay_output(r);
        if (r->stop_signal)
            return -1;
    }
    return 0;
}
