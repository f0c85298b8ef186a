/* launcher.h: how a worker is launched: the PREFIX of --via put together with the command. Pure. */
#ifndef VIA_H
#define VIA_H
#include <stdbool.h>
#include <stddef.h>

/* Words in POSIX single quotes, with blanks between them, which a shell takes apart into these
 * words again, whatever their bytes. *n: its length. To be freed; NULL: no memory. */
char *launcher_quote_words(char *const *words, size_t *n);

/* Whether a word of the prefix names a host: {host}. */
bool launcher_uses_host(char *const *prefix);

/* The words of worker `number` (from 1): {host} and {n} are replaced in those of the prefix, {q} by
 * the command quoted; a word {} by its words. With neither its words follow. One piece of memory,
 * to be freed; NULL: none is left. host may be NULL if it isn't named. */
char **launcher_build_argv(char *const *prefix, char *const *command, const char *host, int number);
#endif
