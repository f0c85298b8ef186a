/* suspend.c: Ctrl-Z and SIGTSTP: stop the children, give up the terminal, stop ourselves.
 *
 * Children may be in sessions of their own, where the terminal's SIGTSTP doesn't reach them, and an
 * orphaned process group ignores it; so they get SIGSTOP. run.c calls this when signals_next() gave
 * a SIGTSTP that no SIGCONT followed. */
#include "run/suspend.h"
#include "util/signals.h"
#include "util/units.h"
#include <signal.h>

static void signal_children(const struct run *r, int signo) {
    if (r->child)
        dualpipe_signal(r->child, signo);
    if (r->pool)
        dualpipe_pool_signal(r->pool, signo);
}

void suspend_run(struct run *r) {
    int64_t stopped_at = units_now_us(), paused;
    signal_children(r, SIGSTOP);
    if (r->terminal)
        r->terminal->leave_terminal();
    signals_suspend(r->terminal != NULL);
    if (r->terminal)
        r->terminal->enter_terminal();
    paused = units_now_us() - stopped_at;
    r->paused_us += paused;
    if (r->pool)
        dualpipe_pool_extend_deadlines(r->pool, units_timeout_ms(paused));
    signal_children(r, SIGCONT);
}
