/* worker_idle.h: the output of a child that awaits no reply, and whether it waits for input. All of
 * it is for a worker with nothing in flight, but for what says otherwise. */
#ifndef POOL_WORKER_IDLE_H
#define POOL_WORKER_IDLE_H
#include "base/clock.h"
#include "pool/worker_state.h"

/* Takes the frames that answer no request from the front of the output, and reports them. */
void worker_idle_notifications(struct worker *w);
/* Reports and discards what has been read, which no request asked for. */
void worker_idle_report(struct worker *w);
/* The same while requests are in flight of which the oldest was not read. */
void worker_idle_report_unread(struct worker *w);
/* worker_idle_report(), if a user watches the child (INTERACTIVE); false: none does. */
bool worker_idle_report_to_user(struct worker *w);
/* Reads and reports what has come before a request is sent. */
void worker_idle_report_before_send(struct worker *w);
/* Reads and reports what has come by the time at which no more requests will come. */
void worker_idle_report_before_end(struct worker *w);
/* Reads once and reports what has come, if the worker is ready and nothing is in flight. */
void worker_idle_look_for_output(struct worker *w);
/* In a session, whose requests are not a person's, what comes behind a fence token waits for the
 * next request: see worker_submit(). */
bool worker_idle_holds_output(const struct worker *w);

/* Whether the child has still to read what it has answered already. */
bool worker_idle_is_reading(const struct worker *w);
/* Begins to look whether the child waits for input, until a point in time at most; true: it is over
 * at once. */
bool worker_idle_begin_looks(struct worker *w, int64_t looks_end);
/* Looks; true: that was the last look. */
bool worker_idle_looks_are_over(struct worker *w);
static inline bool worker_idle_is_looking(const struct worker *w) {
    return w->next_look != CLOCK_NEVER;
}
#endif
