/* shown.c: what a child in a sandbox writes to our terminal where no prompt stands: no byte of it
 * drives the terminal. */
#include "modes/shown.h"
#include "util/log.h"
#include "run/screen.h"
#include <errno.h>
#include <locale.h>
#include <signal.h>

enum { OUT, ERR, BOTH };

static struct screen screens[BOTH];

static int put(struct run *r, bool err, const char *p, size_t n) {
    (void)r;
    return screen_pass(&screens[err ? ERR : OUT], err, p, n);
}

bool shown_open(struct run *r) {
    if (!r->s->limits.sandbox || r->s->raw || r->s->mode == MODE_INTERACTIVE)
        return false;
    for (int i = 0; i < BOTH; i++)
        screen_open(&screens[i], r);
    if (!screens[OUT].out && !screens[OUT].err)
        return false;
    setlocale(LC_CTYPE, ""); /* which characters can be shown */
    r->shows = put;
    return true;
}

void shown_close(struct run *r) {
    for (int i = 0; r->shows && i < BOTH; i++)
        screen_pass_rest(&screens[i], i == ERR);
    r->shows = NULL;
}

/* What there is of our input; whether more may come. */
static bool pass_input(struct run *r, int *error) {
    const char *p;
    int ended;
    size_t n = dualpipe_peek(r->host, &p, &ended);
    ssize_t w = n > 0 ? dualpipe_write(r->child, p, n, 0) : 0;
    if (w > 0) {
        if (r->s->verbose)
            say_traffic('>', p, (size_t)w);
        dualpipe_consume(r->host, (size_t)w);
    }
    *error = w == -EMSGSIZE ? (int)w : 0;
    if (w < 0 && w != -ETIMEDOUT && w != -ENOBUFS)
        return false;
    if (ended && n == (size_t)(w > 0 ? w : 0)) {
        dualpipe_end(r->child);
        return false;
    }
    return true;
}

/* Whether more may come of it. */
static bool pass_output(struct run *r) {
    const char *p;
    int ended;
    size_t n = dualpipe_peek(r->child, &p, &ended);
    if (n > 0 && r->s->verbose)
        say_traffic('<', p, n);
    if (n > 0 && run_write(r, false, p, n) < 0)
        r->stop_signal = r->stop_signal ? r->stop_signal : SIGTERM;
    dualpipe_consume(r->child, n);
    return n > 0 || !ended;
}

int shown_relay(struct run *r) {
    struct dualpipe_event e[3] = {{.dp = r->child}, {.dp = r->host}};
    bool in = true, out = true, pending;
    const char *p;
    int error = 0;
    while (out || dualpipe_wait(r->child, NULL, 0) == -ETIMEDOUT) {
        pending = in && dualpipe_peek(r->host, &p, NULL) > 0;
        e[0].wants = (short)(DUALPIPE_ERR | (out ? DUALPIPE_IN : DUALPIPE_ENDED) |
                             (pending ? DUALPIPE_OUT | DUALPIPE_GONE : 0));
        e[1].wants = in && !pending ? DUALPIPE_IN : 0;
        if (run_wait(r, e, 2, FOREVER) < 0)
            return -1;
        if (in && (e[1].has || e[0].has & (DUALPIPE_OUT | DUALPIPE_GONE)))
            in = pass_input(r, &error);
        if (error)
            return error;
        out = out && pass_output(r);
        if (r->stop_signal)
            return -1;
    }
    return 0;
}
