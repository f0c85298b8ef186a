/* suggest.h: "did you mean": finds out whether a word is likely to be a misspelling of another. */
#ifndef SUGGEST_H
#define SUGGEST_H
#include <stdbool.h>

/* Tells whether the words differ by few letters: one in a short word, else a third of the
 * length. */
bool suggest_is_similar(const char *meant, const char *typed);
#endif
