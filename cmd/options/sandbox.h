/* sandbox.h: --sandbox: what it asks for, what can be had here, and the word that would weaken it. */
#ifndef SANDBOX_H
#define SANDBOX_H
#include "options/settings.h"

/* Reads the words of --sandbox. PARSE_CONTINUE, or the status to end with: they asked what can be had. */
int sandbox_parse(struct settings *s, const char *words);
/* Whether the options go together with it; the limits that it sets. */
int sandbox_check(struct settings *s, bool stderr_given);
void sandbox_free(struct settings *s);
#endif
