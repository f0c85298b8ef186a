/* status_report.h: reports of a run about itself: the events of --status-fd, the statistics at its
 * end, and the likely reason why nothing moves. */
#ifndef STATUS_REPORT_H
#define STATUS_REPORT_H
#include "run/run_state.h"

/* Write an event to --status-fd, if that was given: the child runs; a sandbox lacks a layer. */
void status_report_ready(struct run *r, dualpipe *child);
void status_report_missing_layer(struct run *r, const char *layer, const char *reason);
/* Reports the end: a line of statistics on stderr if requests failed or were left over, a guess at
 * a mistake in the command line, and the last event. The run fails if --status-fd could not be
 * written. */
void status_report_end(struct run *r);

/* How much a silent child has been sent. */
enum sent_kind {
    SENT_ALL,         /* a whole request */
    SENT_PART,        /* a part of one: the child doesn't take more */
    SENT_NO_LINE_END, /* a request that doesn't end in a line end */
    SENT_SETUP,       /* a --setup text */
    SENT_NOTHING,     /* nothing: the --ready output is awaited */
    SENT_TYPED,       /* lines typed in interactive mode without a reply rule */
};
/* A child that keeps silent, and what is known of it. */
struct stall {
    dualpipe *child;
    enum sent_kind sent;
    bool is_limited;   /* a limit of time holds: a longer one may help */
    bool is_noted;     /* what to try was said before */
    const char *last;  /* the last bytes that came of a reply, last_size of them */
    size_t last_size;
    const char *hint;  /* what they suggest, in place of a guess; NULL: nothing */
};
/* Describes why the child is silent and what the user may try, in out. Returns out. */
char *status_report_stall(const struct run *r, const struct stall *stall, char *out, size_t size);
/* Writes `, at last "..."` with the last of n bytes that came into out; nothing, if n is 0. Returns
 * out. */
char *status_report_last(const char *p, size_t n, char *out, size_t size);
/* Describes what the child is doing, in out. Returns out. */
char *status_report_child_state(dualpipe *child, char *out, size_t size);
#endif
