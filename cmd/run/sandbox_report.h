/* sandbox_report.h: what a sandbox goes without, and the word that would weaken it. */
#ifndef SANDBOX_REPORT_H
#define SANDBOX_REPORT_H
#include "run/run_state.h"

/* At best: says which layers can't be had, as far as that isn't 0: a line for each. */
void sandbox_report_missing(const struct run *r);
/* Says why it was refused. */
void sandbox_report_failure(const struct settings *s, int error, const struct dualpipe_error *why);
#endif
