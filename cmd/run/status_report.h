/* status_report.h: what a run tells of itself: --status-fd, the books, why nothing moves. */
#ifndef REPORT_H
#define REPORT_H
#include "run/run_state.h"

void status_report_ready(const struct run *r, dualpipe *child);
/* A layer that a sandbox goes without. */
void status_report_missing_layer(const struct run *r, const char *layer, const char *reason);
void status_report_end(const struct run *r);
enum sent_kind { SENT_ALL, SENT_PART, SENT_NO_LINE_END, SENT_SETUP, SENT_TYPED };
/* Which side waits, and what to try, in words, into out; returns out. */
char *status_report_stall(const struct run *r, dualpipe *child, enum sent_kind sent, char *out,
                          size_t size);
/* How it does, in words, into out; returns out. */
char *status_report_child_state(dualpipe *child, char *out, size_t size);
#endif
