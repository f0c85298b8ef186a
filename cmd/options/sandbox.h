/* sandbox.h: --sandbox: what it asks for, what can be had here, and the word that would weaken it. */
#ifndef SHUT_H
#define SHUT_H
#include "run/run.h"

/* Reads the words of --sandbox. GO_ON, or the status to end with: they asked what can be had. */
int shut_add(struct settings *s, const char *words);
/* Whether the options go together with it; the limits that it sets. */
int shut_settle(struct settings *s, bool err_given);
/* At best: says which layers can't be had, as far as that isn't 0: a line for each. */
void shut_announce(const struct run *r);
/* Says why it was refused. */
void shut_explain(const struct settings *s, int error, const struct dualpipe_failure *why);
void shut_free(struct settings *s);
#endif
