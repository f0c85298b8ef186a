/* progress.c: the line on stderr that tells how far a batch is (--progress).
 *
 * On a terminal the line is drawn over, so it may come often and stays out of the way; elsewhere
 * each line stays, so it comes rarely. On a terminal it also comes unbidden if a run takes long. */
#include "modes/progress.h"
#include "util/log.h"
#include "util/units.h"
#include <stdio.h>
#include <unistd.h>

/* Microseconds. first_delay is for both kinds: a short run shows no line but the last one, and that
 * one only with --progress. */
static const int64_t first_delay = 2000000, redraw_interval = 200000, append_interval = 10000000;

static bool is_redrawn(const struct batch *b) {
    return b->progress_style == PROGRESS_REDRAW;
}

void progress_open(struct batch *b) {
    bool terminal = isatty(STDERR_FILENO);
    if (b->run->s->progress || (terminal && !b->run->s->quiet && !b->run->s->verbose))
        b->progress_style = terminal ? PROGRESS_REDRAW : PROGRESS_APPEND;
    /* As if a line had been shown one interval before the first is due. */
    b->progress_shown_at =
        b->run->started_at + first_delay - (terminal ? redraw_interval : append_interval);
}

int64_t progress_due(const struct batch *b, int64_t now) {
    int64_t due = b->progress_shown_at + (is_redrawn(b) ? redraw_interval : append_interval);
    if (b->progress_style == PROGRESS_NONE)
        return UNITS_FOREVER;
    return due > now ? due - now : 0;
}

void progress_show(struct batch *b, bool last) {
    struct dualpipe_stats stats = {0};
    int64_t now = run_now(b->run), elapsed = now - b->run->started_at;
    char text[160];
    double rate;
    if (b->progress_style == PROGRESS_NONE || (last && !b->run->s->progress)) {
        log_erase_line();
        return;
    }
    if (b->pool)
        dualpipe_pool_stats(b->pool, &stats);
    else
        stats = b->stats;
    rate = elapsed > 0 ? (double)stats.answered * 1e6 / (double)elapsed : 0;
    snprintf(text, sizeof text, "in %lld, answered %lld, failed %lld, %.0f/s",
             (long long)stats.submitted, (long long)stats.answered, (long long)stats.failed, rate);
    b->progress_shown_at = now;
    if (is_redrawn(b) && !last)
        log_status_line(text);
    else
        log_progress(text);
}
