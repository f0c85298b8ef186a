/* suggest.h: the word a user meant. */
#ifndef SUGGEST_H
#define SUGGEST_H
#include <stdbool.h>

/* Whether two words differ by a slip or two of the finger (a third of their length). */
bool suggest_is_similar(const char *meant, const char *typed);
#endif
