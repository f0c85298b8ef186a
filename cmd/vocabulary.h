#ifndef VOCABULARY_H
#define VOCABULARY_H
#include <stddef.h>
struct vocabulary { char *x; };
int vocabulary_open(struct vocabulary *v, const char *words, const char *file);
void vocabulary_hear(struct vocabulary *v, const char *p, size_t n);
char **vocabulary_find(const struct vocabulary *v, const char *text);
void vocabulary_close(struct vocabulary *v);
#endif
