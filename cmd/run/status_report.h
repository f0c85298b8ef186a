/* status_report.h: what a run tells of itself: --status-fd, the books, why nothing moves. */
#ifndef REPORT_H
#define REPORT_H
#include "run/run.h"

void report_ready(const struct run *r, dualpipe *child);
/* A layer that a sandbox goes without. */
void report_missing(const struct run *r, const char *layer, const char *reason);
void report_end(const struct run *r);
enum sent { SENT_ALL, SENT_PART, SENT_NO_LINE_END, SENT_SETUP, SENT_TYPED };
/* Which side waits, and what to try, in words, into out; returns out. */
char *report_stall(const struct run *r, dualpipe *child, enum sent sent, char *out, size_t size);
/* How it does, in words, into out; returns out. */
char *report_state(dualpipe *child, char *out, size_t size);
#endif
