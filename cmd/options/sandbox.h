/* sandbox.h: --sandbox: reads the option and checks it against the others. */
#ifndef SANDBOX_H
#define SANDBOX_H
#include "options/settings.h"

/* Reads the words of one --sandbox option. "check" prints which protections this machine offers
 * and returns a status: 0 if all of a strict sandbox, PARSE_FAILED if one is missing. */
int sandbox_parse(struct settings *s, const char *words);
/* Sets the default limits of a sandbox and refuses options that contradict it. Without
 * --sandbox it does nothing. */
int sandbox_check(struct settings *s);
/* Frees the paths and the user. */
void sandbox_free(struct settings *s);
#endif
