/* sandbox.h: --sandbox: what it asks for, what can be had here, and the word that would weaken it. */
#ifndef SHUT_H
#define SHUT_H
#include "run/run.h"

/* Reads the words of --sandbox. PARSE_CONTINUE, or the status to end with: they asked what can be had. */
int sandbox_parse(struct settings *s, const char *words);
/* Whether the options go together with it; the limits that it sets. */
int sandbox_check(struct settings *s, bool err_given);
/* At best: says which layers can't be had, as far as that isn't 0: a line for each. */
void sandbox_report_missing(const struct run *r);
/* Says why it was refused. */
void sandbox_report_failure(const struct settings *s, int error, const struct dualpipe_error *why);
void sandbox_free(struct settings *s);
#endif
