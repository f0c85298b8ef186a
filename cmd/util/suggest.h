/* suggest.h: the word a user meant. */
#ifndef NEAR_H
#define NEAR_H
#include <stdbool.h>

/* Whether two words differ by a slip or two of the finger (a third of their length). */
bool suggest_is_similar(const char *meant, const char *typed);
#endif
