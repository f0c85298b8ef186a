/* launcher.h: the PREFIX of --via put together with the command. Pure. */
#ifndef LAUNCHER_H
#define LAUNCHER_H
#include <stdbool.h>
#include <stddef.h>

/* Joins words, each in POSIX single quotes, with spaces: a shell splits the text into these words
 * again, whatever bytes they hold. *n: its length without the NUL. The caller frees it; NULL: no
 * memory. */
char *launcher_quote_words(char *const *words, size_t *n);

/* Whether a word of the prefix holds {host}. */
bool launcher_uses_host(char *const *prefix);
/* Whether {} stands only within words of the prefix, where it is not replaced, and the command
 * nowhere else. */
bool launcher_misplaces_command(char *const *prefix);

/* Builds the argument vector of the worker with this number, counted from 1. In the words of the
 * prefix {host}, {n} and {q} are replaced by the host, the number and the quoted command; a word
 * {} is replaced by the words of the command. If neither {} nor {q} occurs, the command follows
 * the prefix. host may be NULL if the prefix doesn't use it. The result points at the words of
 * the command; the vector and its own words are one allocation, which the caller frees. NULL: no
 * memory. */
char **launcher_build_argv(char *const *prefix, char *const *command, const char *host, int number);
#endif
