/* progress.c: the line on stderr that tells how far a run is (--progress). */
#include "modes/batch.h"
#include "util/log.h"
#include <stdio.h>
#include <unistd.h>

/* On a terminal one line, drawn over; elsewhere a line now and then. */
static const int64_t begin_after = 2000000, draw_every = 200000, write_every = 10000000;

static bool on_terminal(const struct batch *b) {
    return b->progress == PROGRESS_DRAWN;
}

void progress_open(struct batch *b) {
    bool terminal = isatty(STDERR_FILENO);
    if (b->run->s->progress || (terminal && !b->run->s->quiet && !b->run->s->verbose))
        b->progress = terminal ? PROGRESS_DRAWN : PROGRESS_WRITTEN;
    b->shown = b->run->begun + begin_after - (terminal ? draw_every : write_every);
}

int64_t progress_due(const struct batch *b, int64_t now) {
    int64_t due = b->shown + (on_terminal(b) ? draw_every : write_every);
    if (b->progress == PROGRESS_NONE)
        return FOREVER;
    return due > now ? due - now : 0;
}

void progress_show(struct batch *b, bool last) {
    struct dualpipe_books k = {0};
    int64_t now = run_now(b->run), since = now - b->run->begun;
    char text[160];
    double rate;
    if (b->progress == PROGRESS_NONE || (last && !b->run->s->progress)) {
        say_clear();
        return;
    }
    if (b->pool)
        dualpipe_pool_books(b->pool, &k);
    else
        k = b->books;
    rate = since > 0 ? (double)k.answered * 1e6 / (double)since : 0;
    snprintf(text, sizeof text, "in %lld, answered %lld, failed %lld, %.0f/s", (long long)k.in,
             (long long)k.answered, (long long)k.failed, rate);
    b->shown = now;
    if (on_terminal(b) && !last)
        say_status(text);
    else
        say_progress(text);
}
