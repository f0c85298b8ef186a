#include "vocabulary.h"
#include "presets.h"
const char *preset_words(const char *preset) { (void)preset; return NULL; }
int vocabulary_open(struct vocabulary *v, const char *words, const char *file) {(void)v; (void)words; (void)file; return 0;}
void vocabulary_hear(struct vocabulary *v, const char *p, size_t n) {(void)v;(void)p;(void)n;}
char **vocabulary_find(const struct vocabulary *v, const char *text) {(void)v;(void)text; return NULL;}
void vocabulary_close(struct vocabulary *v) {(void)v;}
