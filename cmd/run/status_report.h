/* status_report.h: reports of a run about itself: the events of --status-fd, the statistics at its
 * end, and the likely reason why nothing moves. */
#ifndef STATUS_REPORT_H
#define STATUS_REPORT_H
#include "run/run_state.h"

/* Write an event to --status-fd, if that was given: the child runs; a sandbox lacks a layer. */
void status_report_ready(const struct run *r, dualpipe *child);
void status_report_missing_layer(const struct run *r, const char *layer, const char *reason);
/* Reports the end: a line of statistics on stderr if requests failed or were left over, and the
 * last event. */
void status_report_end(const struct run *r);

/* How much a silent child has been sent. */
enum sent_kind {
    SENT_ALL,         /* a whole request */
    SENT_PART,        /* a part of one: the child doesn't take more */
    SENT_NO_LINE_END, /* a request that doesn't end in a line end */
    SENT_SETUP,       /* a --setup text, or nothing before the --ready output */
    SENT_TYPED,       /* lines typed in interactive mode without a reply rule */
};
/* Describes why the child is silent and what the user may try, in out. Returns out. */
char *status_report_stall(const struct run *r, dualpipe *child, enum sent_kind sent, char *out,
                          size_t size);
/* Describes what the child is doing, in out. Returns out. */
char *status_report_child_state(dualpipe *child, char *out, size_t size);
#endif
