/* sandbox_report.h: reports which protections of a sandbox are missing, and what to do. */
#ifndef SANDBOX_REPORT_H
#define SANDBOX_REPORT_H
#include "run/run_state.h"

/* With --sandbox=best-effort: reports each protection that the sandbox goes without. Called before
 * any child runs. Does nothing otherwise. */
void sandbox_report_missing(struct run *r);
/* Reports why a child could not be put into its sandbox, and the word that would weaken it. */
void sandbox_report_failure(const struct settings *s, int error, const struct dualpipe_error *why);
#endif
